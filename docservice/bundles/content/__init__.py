"""Builds the tree of one document from case data and clause texts: pure, and the only source of both renderings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from docservice.bundles.content.agreement import agreement
from docservice.bundles.content.annex import annex
from docservice.bundles.content.frame import Body, Order, framed
from docservice.bundles.content.help_plan import help_plan
from docservice.bundles.content.historic import historic_agreement, historic_annex
from docservice.bundles.content.namesakes import told_apart
from docservice.bundles.content.words import Words
from docservice.domain.cases import Case
from docservice.domain.confidentiality import printable
from docservice.domain.documents import Document, Kind, Letterhead
from docservice.domain.languages import Language
from docservice.templates.register import TemplateVersion
from docservice.templates.texts import ClauseTexts

_RECIPES: dict[tuple[Kind, str], Callable[[Order], Body]] = {
    (Kind.AGREEMENT, "current"): agreement,
    (Kind.ANNEX, "current"): annex,
    (Kind.HELP_PLAN, "current"): help_plan,
    (Kind.AGREEMENT, "historic"): historic_agreement,
    (Kind.ANNEX, "historic"): historic_annex,
}


def build(
    kind: Kind,
    case: Case,
    version: TemplateVersion,
    texts: ClauseTexts,
    letterhead: Letterhead,
    language: Language | None,
    generated_on: date,
    revision: int,
) -> Document:
    """The document with every name, date and translation in place; `language` None gives German alone.

    Only what the kind may show of the case is looked at (classes K2 and K3 never are). `generated_on` dates the
    document when its own date is left blank for handwriting. The same arguments give an equal tree.
    """
    words = Words(texts, language)
    order = Order(
        kind=kind,
        case=told_apart(printable(case, kind), words),
        template=version.name,
        letterhead=letterhead,
        language=language,
        generated_on=generated_on,
        revision=revision,
        words=words,
    )
    return framed(order, _RECIPES[kind, version.outline](order))
