"""Time and identity, passed in like every other part so that tests can state them."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from docservice.domain.page_codes import id_of_bytes

OFFICE_ZONE = ZoneInfo("Europe/Berlin")


class Clock(Protocol):
    """Tells the time, in UTC with offset."""

    def now(self) -> datetime: ...


class IdSource(Protocol):
    """Gives new opaque ids: 20 letters of the Crockford base 32 alphabet, 100 random bits."""

    def new(self) -> str: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """Ids from the system's random source."""

    def new(self) -> str:
        return id_of_bytes(secrets.token_bytes(13))


def office_day(moment: datetime) -> date:
    """The local date at the office (Europe/Berlin) at a moment."""
    return moment.astimezone(OFFICE_ZONE).date()
