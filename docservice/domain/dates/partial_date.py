"""Birth dates as registers hold them: full, month and year, or the year alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_ISO = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2}|XX)(?:-(?P<day>\d{2}|XX))?)?", re.ASCII | re.IGNORECASE)
_REGISTER = re.compile(r"(?P<day>00|XX)([./])(?P<month>\d{2}|XX)\2(?P<year>\d{4})", re.ASCII | re.IGNORECASE)
_UNKNOWN = ("", "00", "XX")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which the day, or the day and the month, may be unknown. Written as ISO 8601 reduced precision.

    ValueError for a day that does not exist; a part that is not known is None, never 0.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day without its month is no date")
        known = (1 if part is None else part for part in (self.month, self.day))
        date(self.year, *known)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read "1984-03-09", "1984-03" or "1984", or what registers and passports write: zeros or XX for what is not
        known ("00.00.1984", "00.03.1984", "1984-00-00", "XX.XX.1984", "1984-XX-XX"). ValueError for anything else and
        for days that do not exist.
        """
        match = _ISO.fullmatch(text) or _REGISTER.fullmatch(text)
        if match is None:
            raise ValueError("expected YYYY-MM-DD, YYYY-MM or YYYY")
        month, day = (_known(match[part]) for part in ("month", "day"))
        return cls(int(match["year"]), month, day)

    @property
    def earliest(self) -> date:
        """The first day it can stand for."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it can stand for."""
        if self.day is not None:
            return self.earliest
        month = self.month or 12
        following = date(self.year + month // 12, month % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1)

    def age_on(self, day: date) -> int:
        """Completed years on `day` in the most cautious reading: the latest possible day of birth."""
        return _completed_years(self.latest, day)

    def greatest_age_on(self, day: date) -> int:
        """Completed years on `day` when the earliest possible day of birth is the true one."""
        return _completed_years(self.earliest, day)

    def __str__(self) -> str:
        if self.month is None:
            return f"{self.year:04d}"
        if self.day is None:
            return f"{self.year:04d}-{self.month:02d}"
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"


def _known(part: str | None) -> int | None:
    return None if (part or "").upper() in _UNKNOWN else int(part or "")


def _completed_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
