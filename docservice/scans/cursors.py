"""Where a list of reviews goes on: a moment and an id, in letters that fit into an address."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from docservice.db.records import ReviewRecord
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.page_codes import is_id


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
