"""Builds the tree of one document from case data and clause texts: pure, and the only source of both renderings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Final

from docservice.bundles.content.frame import Order, Recipe, framed
from docservice.bundles.content.namesakes import told_apart
from docservice.bundles.content.words import Words
from docservice.domain.cases import Case
from docservice.domain.confidentiality import printable
from docservice.domain.documents import Document, Letterhead
from docservice.domain.kinds import Kind
from docservice.domain.languages import Language
from docservice.templates.register import TemplateVersion
from docservice.templates.texts import ClauseTexts

_RECIPES: Final[Mapping[Kind, Mapping[str, Recipe]]] = {
    kind: import_module(f"{__name__}.{kind.value}").RECIPES for kind in Kind
}
"""By kind and outline. Each kind has the file of its name in this folder: the kinds are named in their table alone."""


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
    return framed(order, _RECIPES[kind][version.outline](order))
