"""How a room asks a person something: the one way in which a review is opened, and withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, Unpack

from docservice.db.reviews import ReviewRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.sources import Clock, IdSource


class About(TypedDict, total=False):
    """What a question is about, by ids; `page` counts from 1 in its document."""

    upload_id: str | None
    file_id: str | None
    part_id: str | None
    page_id: str | None
    document_id: str | None
    page: int | None
    zone_id: str | None


@dataclass(frozen=True, slots=True)
class Questions:
    """Opens and withdraws reviews inside the transaction of whoever asks."""

    clock: Clock
    ids: IdSource

    def open(self, tx: Transaction, kind: str, subject: str, reason: str, **about: Unpack[About]) -> bool:
        """Ask; False when a question with this subject is open already.

        `kind` is one that a room has an `Effect` for; `reason` is a stable code that its words go by.
        """
        return tx.reviews.open(
            ReviewRecord(
                id=self.ids.new(), kind=kind, subject=subject, reason=reason, created_at=self.clock.now(), **about
            )
        )

    def withdraw(self, tx: Transaction, review_id: str) -> bool:
        """The question has settled itself; False when it was not open any more."""
        return tx.reviews.withdraw(review_id, self.clock.now())
