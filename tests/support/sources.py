"""Time and ids that a test states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from docservice.domain.page_codes import id_of_bytes


class StatedClock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        self._now += step


class CountedIds:
    """Ids in the order of their making, in the form of the real ones."""

    def __init__(self) -> None:
        self._made = 0

    def new(self) -> str:
        self._made += 1
        return id_of_bytes(self._made.to_bytes(13, "big"))
