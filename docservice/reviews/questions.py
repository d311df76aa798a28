"""How a room asks a person something: the one way in which a review is opened, and withdrawn.

`tests/contracts/test_reviews.py` is a whole room that asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack

from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName
from docservice.db.reviews import ReviewRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.actors import Actor
from docservice.domain.sources import Clock, IdSource


class About(TypedDict, total=False):
    """What a question is about, by ids; `page` counts from 1 in its document. What has no field here, such as an object
    of the archive, is named by the `subject` of its question."""

    upload_id: str | None
    file_id: str | None
    part_id: str | None
    page_id: str | None
    document_id: str | None
    page: int | None
    zone_id: str | None
    case_id: str | None


@dataclass(frozen=True, slots=True)
class Questions:
    """Opens and withdraws reviews inside the transaction of whoever asks."""

    clock: Clock
    ids: IdSource

    def open(self, tx: Transaction, actor: Actor, kind: str, subject: str, reason: str, **about: Unpack[About]) -> bool:
        """Ask, in the name of whoever brings it about; False when a question with this subject is open already.

        `kind` is one that a room has an `Effect` for; `reason` is a stable code that its words go by.
        """
        now = self.clock.now()
        review = ReviewRecord(id=self.ids.new(), kind=kind, subject=subject, reason=reason, created_at=now, **about)
        if not tx.reviews.open(review):
            return False
        data: JsonObject = {"kind": kind, "reason": reason}
        tx.events.add(actor, EventName.REVIEW_OPENED, review.id, now, data, case_id=review.case_id)
        return True

    def withdraw(self, tx: Transaction, actor: Actor, review: ReviewRecord) -> bool:
        """The question has settled itself; False when it was not open any more."""
        now = self.clock.now()
        if not tx.reviews.withdraw(review.id, now):
            return False
        tx.events.add(actor, EventName.REVIEW_WITHDRAWN, review.id, now, case_id=review.case_id)
        return True
