"""Which documents an order comes to: those it names, or the usual ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docservice.bundles.orders import BundleOrder
from docservice.domain.cases import Case
from docservice.domain.errors import Fault
from docservice.domain.kinds import KINDS, Kind


def wanted_kinds(order: BundleOrder, usual: Sequence[Kind]) -> Sequence[Kind]:
    """The kinds of the documents, in stapling order; `usual` are those of an order that names none."""
    if order.documents is None:
        return usual
    named = {wanted.kind for wanted in order.documents}
    return [kind for kind in Kind if kind in named]


def absent(order: BundleOrder, case: Case) -> Iterator[Fault]:
    """The documents of the order that the case does not have."""
    for position, wanted in enumerate(order.documents or ()):
        number = KINDS[wanted.kind].number(case)
        if wanted.number not in (None, number):
            yield Fault.told(f"documents[{position}].number", "bundles.no_such_document", example=str(number))
