"""Validity in time: periods of whole days, and whether a row of them covers time without gap or overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `valid_from` to `valid_to`, both included; no end when `valid_to` is None."""

    valid_from: date
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"a period ends ({self.valid_to}) before it begins ({self.valid_from})")

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def coverage_faults(periods: Iterable[Period]) -> tuple[str, ...]:
    """Every gap and every overlap between neighbouring periods, one sentence each, in the order of time.

    An empty result means: each day from the first period's begin to the last one's end lies in exactly one of them.
    """
    ordered = sorted(periods, key=lambda period: (period.valid_from, period.valid_to or date.max))
    faults: list[str] = []
    covered_to: date | None = None
    for index, period in enumerate(ordered):
        if index:
            faults.extend(_seam_fault(covered_to, period))
        if index == 0 or covered_to is not None:
            covered_to = period.valid_to if covered_to is None else _later(covered_to, period.valid_to)
    return tuple(faults)


def _later(first: date, second: date | None) -> date | None:
    return None if second is None else max(first, second)


def _seam_fault(covered_to: date | None, following: Period) -> list[str]:
    """What is wrong between the days covered so far (None: without end) and the next period."""
    begin = following.valid_from
    if covered_to is None or begin <= covered_to:
        last = min((day for day in (covered_to, following.valid_to) if day is not None), default=None)
        return [f"overlap from {begin} to {last}" if last else f"overlap from {begin} on"]
    if begin > covered_to + timedelta(days=1):
        return [f"gap from {covered_to + timedelta(days=1)} to {begin - timedelta(days=1)}"]
    return []
