"""Lists in parts: where a list goes on, in letters that fit into an address.

A place is that of the last row that was told, so rows that come meanwhile neither repeat nor hide another.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.page_codes import is_id

T = TypeVar("T", covariant=True)
Position = tuple[datetime, str]
"""Of a list by age: when its row was made, in UTC, and its id."""

CURSOR_PATTERN = "^[A-Za-z0-9_-]{1,120}$"
_NUMBER = re.compile("[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ListPart(Generic[T]):
    """Some things of a list in its order, and the cursor of those that follow; None at the end."""

    items: tuple[T, ...]
    next_cursor: str | None


class Dated(Protocol):
    """What a list by age is made of."""

    @property
    def id(self) -> str: ...

    @property
    def created_at(self) -> datetime: ...


def next_cursor(found: Sequence[Dated], limit: int) -> str | None:
    """The cursor of what follows the first `limit` of a list by age; None when no more than these were found."""
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return _written(f"{last.created_at.isoformat()} {last.id}")


def position_of(cursor: str | None) -> Position | None:
    """Where a list by age goes on; None at its start. InvalidInput when the cursor was not given out here."""
    if cursor is None:
        return None
    text, _, record_id = _read(cursor).partition(" ")
    try:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is None or not is_id(record_id):
            raise _unknown()
        return moment.astimezone(UTC), record_id
    except (ValueError, OverflowError):  # in UTC it may lie before the first year, or after the last
        raise _unknown() from None


def numbers_cursor(numbers: Sequence[int]) -> str:
    """The cursor of what follows a thing that has its place by numbers."""
    return _written(" ".join(map(str, numbers)))


def numbers_of(cursor: str | None, count: int) -> tuple[int, ...] | None:
    """So many numbers after which a list goes on; None at its start. InvalidInput when it was not given out here."""
    if cursor is None:
        return None
    found = _read(cursor).split(" ")
    if len(found) != count or not all(map(_NUMBER.fullmatch, found)):
        raise _unknown()
    return tuple(map(int, found))


def _written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        raise _unknown() from None


def _unknown() -> InvalidInput:
    return InvalidInput([Fault.told("cursor", "domain.unknown_cursor")])
