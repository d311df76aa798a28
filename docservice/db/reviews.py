"""Questions to people."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
    update,
)

from docservice.db.base import Repository, by_age, columns_of, many, one
from docservice.db.columns.types import EnumText, Id, JsonObject, UtcDateTime, metadata
from docservice.domain.actors import Actor
from docservice.domain.cursors import Position
from docservice.domain.returned.scans import ReviewState


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A question to a person. `kind` is a word of the room that asks; `subject` names what it is about: of one subject
    at most one review is open. `closed_by` is who answered, with their id where it was kept; `case_id` where it is
    known."""

    id: str
    kind: str
    subject: str
    reason: str
    created_at: datetime
    upload_id: str | None = None
    file_id: str | None = None
    part_id: str | None = None
    page_id: str | None = None
    document_id: str | None = None
    page: int | None = None
    zone_id: str | None = None
    state: ReviewState = ReviewState.OPEN
    decision: JsonObject | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    closed_by_id: str | None = None
    case_id: str | None = None

    @property
    def last_change(self) -> datetime:
        """When it was closed; while it is open, when it was asked."""
        return self.closed_at or self.created_at


review_table = Table(
    "review",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject", String(120), nullable=False, index=True),
    Column("open_subject", String(120)),  # the subject while open, so that the database keeps a second one out
    Column("reason", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), index=True),
    Column("file_id", Id, ForeignKey("scan_file.id")),
    Column("part_id", Id, ForeignKey("scan_part.id")),
    Column("page_id", Id, ForeignKey("scan_page.id")),
    Column("document_id", Id, ForeignKey("document.id"), index=True),
    Column("page", Integer),
    Column("zone_id", String(40)),
    Column("state", EnumText(ReviewState), nullable=False),
    Column("decision", JSON(none_as_null=True)),
    Column("closed_by", Text),
    Column("closed_at", UtcDateTime),
    Column("closed_by_id", Text),
    Column("case_id", Id, ForeignKey("case_record.id"), index=True),
    UniqueConstraint("open_subject"),
    Index(None, "state", "created_at", "id"),
)


class Reviews(Repository):
    """Questions to people: open -> decided | withdrawn. Of one subject at most one is open."""

    def open(self, record: ReviewRecord) -> bool:
        """False when this subject has an open review; waits for a transaction that is just opening one."""
        values = {**columns_of(record), "open_subject": record.subject}
        return self._insert_new_values(review_table, values)

    def get(self, review_id: str) -> ReviewRecord | None:
        return self._first(review_table.c.id == review_id)

    def lock(self, review_id: str) -> ReviewRecord | None:
        """The review, which nobody else can close until this transaction ends."""
        query = select(*_REVIEW).where(review_table.c.id == review_id).with_for_update()
        return one(ReviewRecord, self._connection.execute(query).first())

    def decide(self, review_id: str, decision: JsonObject, by: Actor, at: datetime) -> bool:
        """False when it is not open."""
        return self._close(review_id, state=ReviewState.DECIDED, **_answer(decision, by, at))

    def correct(self, review_id: str, decision: JsonObject, by: Actor, at: datetime) -> bool:
        """Another answer in place of the earlier one; False when it is not decided."""
        return self._change(review_id, ReviewState.DECIDED, **_answer(decision, by, at))

    def withdraw(self, review_id: str, at: datetime) -> bool:
        """The question settled itself; False when it is not open."""
        return self._close(review_id, state=ReviewState.WITHDRAWN, closed_at=at)

    def of_document(self, document_id: str) -> tuple[ReviewRecord, ...]:
        """All reviews of the document in the order in which they were opened, closed ones too."""
        return self._all(review_table.c.document_id == document_id)

    def of_documents(self, document_ids: Iterable[str]) -> tuple[ReviewRecord, ...]:
        """All reviews of these documents in the order in which they were opened, closed ones too."""
        found = many(ReviewRecord, self._rows_in(select(*_REVIEW), review_table.c.document_id, document_ids))
        return tuple(sorted(found, key=lambda review: (review.created_at, review.id)))

    def of_upload(self, upload_id: str) -> tuple[ReviewRecord, ...]:
        """All reviews about files and pages of the upload in the order in which they were opened, closed ones too."""
        return self._all(review_table.c.upload_id == upload_id)

    def of_subject(self, subject: str) -> tuple[ReviewRecord, ...]:
        """All reviews with this subject in the order in which they were opened."""
        return self._all(review_table.c.subject == subject)

    def list_open(
        self,
        limit: int,
        after: Position | None = None,
        *,
        kinds: Collection[str] | None = None,
    ) -> tuple[ReviewRecord, ...]:
        """Open reviews, of these kinds or of all, oldest first, that come after that moment and id."""
        table = review_table
        query = select(*_REVIEW).where(table.c.state == ReviewState.OPEN)
        if kinds is not None:
            query = query.where(table.c.kind.in_(kinds))
        return many(ReviewRecord, self._connection.execute(by_age(query, table, limit, after)))

    def _first(self, condition: Any) -> ReviewRecord | None:
        return one(ReviewRecord, self._connection.execute(select(*_REVIEW).where(condition)).first())

    def _all(self, condition: Any) -> tuple[ReviewRecord, ...]:
        query = select(*_REVIEW).where(condition).order_by(review_table.c.created_at, review_table.c.id)
        return many(ReviewRecord, self._connection.execute(query))

    def _close(self, review_id: str, **values: object) -> bool:
        return self._change(review_id, ReviewState.OPEN, open_subject=None, **values)

    def _change(self, review_id: str, before: ReviewState, **values: object) -> bool:
        table = review_table
        change = update(table).where(table.c.id == review_id, table.c.state == before).values(values)
        return self._connection.execute(change).rowcount == 1


def _answer(decision: JsonObject, by: Actor, at: datetime) -> dict[str, object]:
    return {"decision": decision, "closed_by": by.name, "closed_by_id": by.id, "closed_at": at}


_REVIEW = tuple(column for column in review_table.c if column.name != "open_subject")
