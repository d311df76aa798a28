"""When the next talk may be: some weeks on, at the usual hour, on a working day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

from docservice.domain.sources import OFFICE_ZONE

INTERVAL: Final = timedelta(weeks=4)
"""From one talk to the next, when nobody says otherwise."""

_USUAL: Final = time(10)
_SATURDAY = 5


def proposed_start(last: datetime | None, day: date, is_holiday: Callable[[date], bool]) -> datetime:
    """The first working day four weeks after `day` or later, at the hour of the last talk (10:00 without one).

    An hour that the clocks skip or show twice on that day, or one at which the office is closed, is not proposed.
    """
    hour = _USUAL if last is None else last.astimezone(OFFICE_ZONE).time().replace(second=0, microsecond=0)
    if not time(7) <= hour < time(20):
        hour = _USUAL
    found = day + INTERVAL
    while found.weekday() >= _SATURDAY or is_holiday(found):
        found += timedelta(days=1)
    return datetime.combine(found, hour, OFFICE_ZONE)
