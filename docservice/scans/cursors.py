"""Where a list of reviews goes on: a moment and an id, in letters that fit into an address."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from docservice.db.records import ReviewRecord
from docservice.domain.errors import Fault, InvalidInput


def cursor_of(review: ReviewRecord) -> str:
    """The cursor of what follows this review."""
    text = f"{review.created_at.isoformat()} {review.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_of(cursor: str) -> tuple[datetime, str]:
    """The moment and the id; InvalidInput when the cursor was not given out here."""
    try:
        moment, _, review_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        position = datetime.fromisoformat(moment), review_id
    except (ValueError, binascii.Error):
        raise _unknown() from None
    if position[0].utcoffset() is None:
        raise _unknown()
    return position


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
