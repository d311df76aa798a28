"""The supplement (Nachtrag): names that have changed since the agreement was concluded, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from docservice.bundles.content.frame import Body, Order, Recipe, zones
from docservice.domain.cases import NameChange, Supplement
from docservice.domain.documents import Clauses, Fact, Facts, Heading, Row, RowKind


def supplement(order: Order) -> Body:
    """To which agreement it belongs, each name as it was and as it is, and that all else stays as it is."""
    words, said = order.words, _said(order)
    return Body(
        title=words("title", number=str(said.number)),
        blocks=(
            Facts(
                (
                    Fact(words("supplement.agreement_date"), words.date(order.case.agreement.date)),
                    Fact(words("supplement.parties"), words.client(order.parties, order.client.accusative)),
                )
            ),
            Heading(words("names.heading")),
            *(_change(order, change) for change in said.name_changes),
            Clauses(tuple(_sentences(order))),
        ),
        zones=zones(order),
    )


def _said(order: Order) -> Supplement:
    if order.case.supplement is None:
        raise ValueError("a supplement is made of a case file that has one")
    return order.case.supplement


def _change(order: Order, change: NameChange) -> Facts:
    """Legal names in Latin letters alone, in both languages: it is these that have changed."""
    words, now = order.words, replace(order.case.person(change.person), original_script_names=())
    before = replace(now, legal_family_name=change.family_name, legal_given_names=change.given_names)
    return Facts(
        (
            Fact(words("names.before"), words.mentioned(before)),
            Fact(words("names.now"), words.mentioned(now)),
        )
    )


def _sentences(order: Order) -> Iterator[Row]:
    yield Row(RowKind.TEXT, order.words("supplement.text"))
    if order.language is not None:
        yield Row(RowKind.NOTE, order.words("language.precedence"))


RECIPES: Final[Mapping[str, Recipe]] = {"current": supplement}
