"""Where a list goes on, in letters that fit into an address: of reviews a moment and an id, of pages their place."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime

from docservice.db.reviews import ReviewRecord
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.page_codes import is_id

_PAGE_CURSOR = re.compile(r"[0-9]{1,9}-[0-9]{1,9}-[0-9]{1,9}", re.ASCII)


def cursor_of(review: ReviewRecord) -> str:
    """The cursor of what follows this review."""
    text = f"{review.created_at.isoformat()} {review.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor: str) -> tuple[datetime, str]:
    """The moment in UTC and the id; InvalidInput when the cursor was not given out here."""
    try:
        text, _, review_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is None or not is_id(review_id):
            raise _unknown()
        return moment.astimezone(UTC), review_id
    except (ValueError, OverflowError, binascii.Error):  # in UTC it may lie before the first year, or after the last
        raise _unknown() from None


def page_cursor_of(place: tuple[int, int, int]) -> str:
    """The cursor of what follows this page: the file in its upload, the picture in its file, the page on it."""
    return "-".join(map(str, place))


def page_place_of(cursor: str) -> tuple[int, int, int]:
    """The place of a page; InvalidInput when the cursor was not given out here."""
    if not _PAGE_CURSOR.fullmatch(cursor):
        raise _unknown()
    file, picture, region = map(int, cursor.split("-"))
    return file, picture, region


def _unknown() -> InvalidInput:
    return InvalidInput(
        [
            Fault(
                "cursor",
                "unknown_cursor",
                "Diese Stelle der Liste gibt es nicht; bitte die Liste von vorn laden.",
                "There is no such place in the list; load it from its start.",
            )
        ]
    )
