"""The time a report is about: some days, both ends included, by the calendar of the office."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from docservice.domain.errors import Fault, InvalidInput

LONGEST_YEARS: Final = 50
"""A longer time is a slip of the hand."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of a period, or the part of it that lies in the period; both days are included."""

    begin: date
    end: date

    def __str__(self) -> str:
        return f"{self.begin:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Period:
    """From `begin` to `end`, both included. What is not yet over is counted up to `today`."""

    begin: date
    end: date
    today: date

    @property
    def until(self) -> date:
        """The last day that is counted."""
        return min(self.end, self.today)

    def months(self) -> tuple[Month, ...]:
        """The months that have begun, one after the other, also those in which nothing happened."""
        return tuple(self._months())

    def _months(self) -> Iterator[Month]:
        begin = self.begin
        while True:
            end = min(self.until, begin.replace(day=monthrange(begin.year, begin.month)[1]))
            yield Month(begin, end)
            if end == self.until:
                return
            begin = end + timedelta(days=1)


def read_period(begin: str, end: str, today: date) -> Period:
    """The period between two days as people and programs write them ("2003-01-31").

    InvalidInput with "invalid_date" or "no_such_day" at "from" or "to", "ends_before_it_begins" at "to",
    "in_the_future" at "from" when nothing of it has begun, "period_too_long" at "to" beyond LONGEST_YEARS.
    """
    days = {"from": _day(begin), "to": _day(end)}
    faults = [found for path, day in days.items() if (found := _day_fault(path, day)) is not None]
    first, last = days["from"], days["to"]
    if not faults and isinstance(first, date) and isinstance(last, date):
        faults = list(_faults(first, last, today))
        if not faults:
            return Period(first, last, today)
    raise InvalidInput(faults)


def _day(text: str) -> date | str:
    """The day, or what is wrong with it."""
    if not _DAY.fullmatch(text):
        return "invalid_date"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return "no_such_day"


def _day_fault(path: str, day: date | str) -> Fault | None:
    if day == "invalid_date":
        return Fault.told(path, "reports.invalid_date", example="2003-01-31")
    if day == "no_such_day":
        return Fault.told(path, "reports.no_such_day", example="2003-01-31")
    return None


def _faults(begin: date, end: date, today: date) -> Iterator[Fault]:
    if end < begin:
        yield Fault.told("to", "reports.ends_before_it_begins", example=begin.isoformat())
    elif begin > today:
        yield Fault.told("from", "reports.in_the_future", example=today.isoformat())
    elif end.year - begin.year > LONGEST_YEARS:
        yield Fault.told("to", "reports.period_too_long", years=LONGEST_YEARS)
