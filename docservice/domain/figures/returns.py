"""What has become of the paper that was made to be signed: how much of it is back, and how much is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from docservice.domain.figures.periods import Period
from docservice.domain.kinds import SIGNED, Kind
from docservice.domain.returned.scans import ReturnState


class Standing(StrEnum):
    """What has become of a document; exactly one of these holds of each."""

    RETURNED = "returned"  # all pages are back, and it was accepted as signed
    IN_REVIEW = "in_review"  # all pages are back; a person has to look
    INCOMPLETE = "incomplete"  # some pages are back
    OUTSTANDING = "outstanding"  # nothing has come back
    REPLACED = "replaced"  # a later revision was made before it came back whole: it is not waited for


_WAITED_FOR: Final = (Standing.INCOMPLETE, Standing.OUTSTANDING)


@dataclass(frozen=True, slots=True)
class Age:
    """Days since a document was made, from `least` to `most`; None is without end."""

    least: int
    most: int | None

    def __str__(self) -> str:
        return f"{self.least}+" if self.most is None else f"{self.least}-{self.most}"


AGES: Final = (Age(0, 7), Age(8, 28), Age(29, 84), Age(85, None))


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """A document that was made to be printed, and what is known of its return. `superseded`: a later revision of it is
    ready."""

    kind: Kind
    made_on: date
    state: ReturnState | None
    superseded: bool

    @property
    def standing(self) -> Standing:
        """What has become of it."""
        if self.state is ReturnState.ACCEPTED:
            return Standing.RETURNED
        if self.superseded:
            return Standing.REPLACED
        if self.state is ReturnState.NEEDS_REVIEW:
            return Standing.IN_REVIEW
        return Standing.OUTSTANDING if self.state is None else Standing.INCOMPLETE


@dataclass(frozen=True, slots=True)
class ReturnCounts:
    """How many documents there are, and how many of them stand how. `overdue` are those of the incomplete and the
    outstanding ones that are waited for too long."""

    printed: int
    standing: Mapping[Standing, int]
    overdue: int


@dataclass(frozen=True, slots=True)
class ReturnFigures:
    """The documents that were made in a period (`printed`: whether the paper ever left a printer nobody tells), and how
    they stand today, by kind and by how many days ago they were made.

    A document is overdue when more than `overdue_after` days have gone since it was made and it is not back whole.
    """

    period: Period
    overdue_after: int
    cells: Mapping[tuple[Kind, Age], ReturnCounts]

    def together(self, kind: Kind | None = None, age: Age | None = None) -> ReturnCounts:
        """All documents, or those of a kind, of an age, of both."""
        chosen = [
            counts for (each, its_age), counts in self.cells.items() if kind in (None, each) and age in (None, its_age)
        ]
        standing = {name: sum(counts.standing[name] for counts in chosen) for name in Standing}
        overdue = sum(counts.overdue for counts in chosen)
        return ReturnCounts(sum(standing.values()), MappingProxyType(standing), overdue)


def return_figures(period: Period, documents: Iterable[PrintedDocument], overdue_after: int) -> ReturnFigures:
    """The figures of the documents of a period that come back signed; every kind of these and every age is there, also
    without any."""
    standing, overdue = Counter[tuple[Kind, Age, Standing]](), Counter[tuple[Kind, Age]]()
    for document in (document for document in documents if document.kind in SIGNED):
        days = (period.today - document.made_on).days
        age = _age(days)
        standing[document.kind, age, document.standing] += 1
        overdue[document.kind, age] += days > overdue_after and document.standing in _WAITED_FOR
    return ReturnFigures(period, overdue_after, MappingProxyType(dict(_cells(standing, overdue))))


def _age(days: int) -> Age:
    return next(age for age in AGES if age.most is None or days <= age.most)


def _cells(
    standing: Mapping[tuple[Kind, Age, Standing], int], overdue: Mapping[tuple[Kind, Age], int]
) -> Iterator[tuple[tuple[Kind, Age], ReturnCounts]]:
    for kind in SIGNED:
        for age in AGES:
            counts = {name: standing[kind, age, name] for name in Standing}
            yield (kind, age), ReturnCounts(sum(counts.values()), MappingProxyType(counts), overdue[kind, age])
