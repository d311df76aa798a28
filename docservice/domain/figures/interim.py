"""The figures of the interim report (Zwischenbericht), counted from what the record says.

They are those of the Dortmund model (Dortmunder Kontraktmodell, 2001 to 2004): single contacts, agreements concluded
and persons covered by them, agreements in preparation, and persons who no longer live on benefits alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from docservice.domain.figures.benefits import BenefitSpan, off_benefit_spans
from docservice.domain.figures.periods import Month, Period


@dataclass(frozen=True, slots=True)
class Preparation:
    """That an agreement was being prepared from `begun` on; `left` is the day on which it no longer was, because it
    was signed, refused or given up. None: it still is."""

    begun: date
    left: date | None


@dataclass(frozen=True, slots=True)
class Covered:
    """A person who is party to an agreement that was concluded in the period; `since` is the day of the first one."""

    person_id: str
    since: date
    benefits: tuple[BenefitSpan, ...]


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A month of the report. Contacts, agreements and persons are those of the month and add up to those of the period;
    `in_preparation` and `off_benefit` are how things stood on its last day, and on the last day of the period they are
    those of the period."""

    month: Month
    contacts: int
    agreements: int
    persons: int
    in_preparation: int
    off_benefit: int


@dataclass(frozen=True, slots=True)
class InterimFigures:
    """The figures of a period.

    - `contacts` (Einzelkontakte): contacts of these days that are recorded and were not struck out.
    - `agreements` (abgeschlossene Vereinbarungen): agreements all of whose required signatures were there on one of
      these days for the first time. A correction that is signed later does not make a second one of it, and an
      agreement that has ended since was concluded all the same.
    - `persons` (erfasste Personen): whoever is party to one of these agreements; each person once, in the month of the
      first one. Children and others who are not party are not covered.
    - `in_preparation` (in Vorbereitung): agreements that are drafts, printed or signed by some on the last day of the
      period: neither concluded by then, nor refused or given up.
    - `off_benefit` (nicht mehr ausschließlich im Leistungsbezug): of these persons, those who on the last day of the
      period live on no benefit, or not on benefits alone, after having lived on them alone (`benefits`).
    """

    period: Period
    contacts: int
    agreements: int
    persons: int
    in_preparation: int
    off_benefit: int
    by_month: tuple[MonthFigures, ...]

    @property
    def persons_per_agreement(self) -> float | None:
        """To two decimals; None without an agreement."""
        return ratio(self.persons, self.agreements, 2)

    @property
    def contacts_per_agreement(self) -> float | None:
        """To one decimal; None without an agreement."""
        return ratio(self.contacts, self.agreements, 1)

    @property
    def off_benefit_share(self) -> float | None:
        """Of the persons covered, from 0 to 1 and to three decimals; None when nobody is covered."""
        return ratio(self.off_benefit, self.persons, 3)


def ratio(part: int | None, whole: int | None, digits: int) -> float | None:
    """How much of the one comes to one of the other; None when there is nothing to come to, or it is not told."""
    return None if part is None or not whole else round(part / whole, digits)


def interim_figures(
    period: Period,
    contacts: Mapping[date, int],
    agreements: Mapping[date, int],
    preparations: Iterable[Preparation],
    covered: Iterable[Covered],
) -> InterimFigures:
    """The report of a period: contacts and agreements come by their day, the others one by one in any order."""
    months = period.months()
    ends = [month.end for month in months]
    per_month = {name: [0] * len(months) for name in ("contacts", "agreements", "persons")}
    prepared, off = _Standing(ends), _Standing(ends)
    for name, days in (("contacts", contacts), ("agreements", agreements)):
        for day, number in days.items():
            per_month[name][bisect_left(ends, day)] += number
    for each in preparations:
        prepared.add(each.begun, date.max if each.left is None else each.left - timedelta(days=1))
    for person in covered:
        per_month["persons"][bisect_left(ends, person.since)] += 1
        for begin, end in off_benefit_spans(person.benefits):
            off.add(max(begin, person.since), end)
    stocks = zip(prepared.at_ends(), off.at_ends(), strict=True)
    by_month = tuple(
        MonthFigures(
            month,
            contacts=per_month["contacts"][place],
            agreements=per_month["agreements"][place],
            persons=per_month["persons"][place],
            in_preparation=in_preparation,
            off_benefit=off_benefit,
        )
        for place, (month, (in_preparation, off_benefit)) in enumerate(zip(months, stocks, strict=True))
    )
    return InterimFigures(
        period,
        contacts=sum(per_month["contacts"]),
        agreements=sum(per_month["agreements"]),
        persons=sum(per_month["persons"]),
        in_preparation=by_month[-1].in_preparation,
        off_benefit=by_month[-1].off_benefit,
        by_month=by_month,
    )


class _Standing:
    """How many of some times, each with its first and last day, hold on each of the days that are asked for."""

    def __init__(self, days: list[date]) -> None:
        self._days = days
        self._changes = [0] * (len(days) + 1)

    def add(self, begin: date, end: date) -> None:
        if begin <= end:
            self._changes[bisect_left(self._days, begin)] += 1
            self._changes[bisect_right(self._days, end)] -= 1

    def at_ends(self) -> list[int]:
        counts, now = [], 0
        for change in self._changes[:-1]:
            now += change
            counts.append(now)
        return counts
