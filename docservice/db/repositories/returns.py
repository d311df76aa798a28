"""What follows from returned scans: how far a document has come back, questions to people, attachments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from docservice.db import tables
from docservice.db.records import AttachmentRecord, JsonObject, ReviewRecord, ScanDocumentRecord
from docservice.db.repositories.base import Repository, columns_of, many, one
from docservice.domain.returned.scans import ReturnState, ReviewKind, ReviewState


class ScanDocuments(Repository):
    """How far the documents have come back. Written only under the lock of the document (`tx.documents.lock`)."""

    def get(self, document_id: str) -> ScanDocumentRecord | None:
        table = tables.scan_document
        query = select(table).where(table.c.document_id == document_id)
        return one(ScanDocumentRecord, self._connection.execute(query).first())

    def known(self, document_ids: Iterable[str]) -> tuple[ScanDocumentRecord, ...]:
        """Those of the documents of which something has come back, in any order."""
        table = tables.scan_document
        return many(ScanDocumentRecord, self._rows_in(select(table), table.c.document_id, document_ids))

    def put(self, record: ScanDocumentRecord) -> None:
        """The document as it stands now."""
        table, row = tables.scan_document, columns_of(record)
        change = update(table).where(table.c.document_id == record.document_id).values(row)
        if self._connection.execute(change).rowcount == 0:
            self._connection.execute(insert(table).values(row))

    def list_incomplete(self, limit: int) -> tuple[ScanDocumentRecord, ...]:
        """Documents that wait for pages, the latest first."""
        table = tables.scan_document
        query = select(table).where(table.c.state == ReturnState.INCOMPLETE).order_by(table.c.updated_at.desc())
        return many(ScanDocumentRecord, self._connection.execute(query.limit(limit)))


class Reviews(Repository):
    """Questions to people: open -> decided | withdrawn. Of one subject at most one is open."""

    def open(self, record: ReviewRecord) -> bool:
        """False when this subject has an open review; waits for a transaction that is just opening one."""
        values = {**columns_of(record), "open_subject": record.subject}
        return self._insert_new_values(tables.review, values)

    def get(self, review_id: str) -> ReviewRecord | None:
        return self._first(tables.review.c.id == review_id)

    def lock(self, review_id: str) -> ReviewRecord | None:
        """The review, which nobody else can close until this transaction ends."""
        query = select(*_REVIEW).where(tables.review.c.id == review_id).with_for_update()
        return one(ReviewRecord, self._connection.execute(query).first())

    def decide(self, review_id: str, decision: JsonObject, by: str, at: datetime) -> bool:
        """False when it is not open."""
        return self._close(review_id, state=ReviewState.DECIDED, decision=decision, closed_by=by, closed_at=at)

    def correct(self, review_id: str, decision: JsonObject, by: str, at: datetime) -> bool:
        """Another answer in place of the earlier one; False when it is not decided."""
        return self._change(review_id, ReviewState.DECIDED, decision=decision, closed_by=by, closed_at=at)

    def withdraw(self, review_id: str, at: datetime) -> bool:
        """The question settled itself; False when it is not open."""
        return self._close(review_id, state=ReviewState.WITHDRAWN, closed_at=at)

    def of_document(self, document_id: str) -> tuple[ReviewRecord, ...]:
        """All reviews of the document in the order in which they were opened, closed ones too."""
        return self._all(tables.review.c.document_id == document_id)

    def of_documents(self, document_ids: Iterable[str]) -> tuple[ReviewRecord, ...]:
        """All reviews of these documents in the order in which they were opened, closed ones too."""
        found = many(ReviewRecord, self._rows_in(select(*_REVIEW), tables.review.c.document_id, document_ids))
        return tuple(sorted(found, key=lambda review: (review.created_at, review.id)))

    def of_upload(self, upload_id: str) -> tuple[ReviewRecord, ...]:
        """All reviews about files and pages of the upload in the order in which they were opened, closed ones too."""
        return self._all(tables.review.c.upload_id == upload_id)

    def of_subject(self, subject: str) -> tuple[ReviewRecord, ...]:
        """All reviews with this subject in the order in which they were opened."""
        return self._all(tables.review.c.subject == subject)

    def list_open(
        self,
        limit: int,
        after: tuple[datetime, str] | None = None,
        *,
        kind: ReviewKind | None = None,
    ) -> tuple[ReviewRecord, ...]:
        """Open reviews, oldest first, that come after that moment and id."""
        table = tables.review
        query = select(*_REVIEW).where(table.c.state == ReviewState.OPEN)
        if after is not None:
            moment, review_id = after
            later = or_(table.c.created_at > moment, (table.c.created_at == moment) & (table.c.id > review_id))
            query = query.where(later)
        if kind is not None:
            query = query.where(table.c.kind == kind)
        return many(ReviewRecord, self._connection.execute(query.order_by(table.c.created_at, table.c.id).limit(limit)))

    def _first(self, condition: Any) -> ReviewRecord | None:
        return one(ReviewRecord, self._connection.execute(select(*_REVIEW).where(condition)).first())

    def _all(self, condition: Any) -> tuple[ReviewRecord, ...]:
        query = select(*_REVIEW).where(condition).order_by(tables.review.c.created_at, tables.review.c.id)
        return many(ReviewRecord, self._connection.execute(query))

    def _close(self, review_id: str, **values: object) -> bool:
        return self._change(review_id, ReviewState.OPEN, open_subject=None, **values)

    def _change(self, review_id: str, before: ReviewState, **values: object) -> bool:
        table = tables.review
        change = update(table).where(table.c.id == review_id, table.c.state == before).values(values)
        return self._connection.execute(change).rowcount == 1


class Attachments(Repository):
    """Signed documents on their cases; versions are added under the lock of the document and never removed."""

    def add(self, record: AttachmentRecord) -> None:
        self._insert(tables.attachment, record)

    def get(self, attachment_id: str) -> AttachmentRecord | None:
        query = select(tables.attachment).where(tables.attachment.c.id == attachment_id)
        return one(AttachmentRecord, self._connection.execute(query).first())

    def latest(self, document_id: str) -> AttachmentRecord | None:
        """The version that stands."""
        table = tables.attachment
        query = select(table).where(table.c.document_id == document_id).order_by(table.c.version.desc()).limit(1)
        return one(AttachmentRecord, self._connection.execute(query).first())

    def of_case(self, case_id: str) -> tuple[AttachmentRecord, ...]:
        """All versions of all documents, in the order in which they were attached."""
        table = tables.attachment
        query = select(table).where(table.c.case_id == case_id).order_by(table.c.created_at, table.c.id)
        return many(AttachmentRecord, self._connection.execute(query))

    def of_documents(self, document_ids: Iterable[str]) -> tuple[AttachmentRecord, ...]:
        """All versions of these documents, in the order in which they were attached."""
        table = tables.attachment
        found = many(AttachmentRecord, self._rows_in(select(table), table.c.document_id, document_ids))
        return tuple(sorted(found, key=lambda each: (each.created_at, each.version)))

    def of_revisions(self, document_ids: Iterable[str]) -> Mapping[str, Mapping[int, AttachmentRecord]]:
        """For each document what stands for those of its revisions (Fassungen), itself among them, that were accepted:
        by their number, in its order."""
        table, bundles, own_bundle = tables.attachment, tables.bundle, tables.bundle.alias("own_bundle")
        documents, own = tables.document, tables.document.alias("own")
        query = (
            select(own.c.id.label("own_id"), documents.c.revision, table)
            .select_from(own)
            .join(own_bundle, own_bundle.c.id == own.c.bundle_id)
            .join(bundles, bundles.c.case_id == own_bundle.c.case_id)
            .join(documents, documents.c.bundle_id == bundles.c.id)
            .join(table, table.c.document_id == documents.c.id)
            .where(documents.c.kind == own.c.kind)
            .order_by(documents.c.revision, table.c.version)
        )
        found: dict[str, dict[int, AttachmentRecord]] = {document_id: {} for document_id in document_ids}
        for row in self._rows_in(query, own.c.id, found):
            columns = dict(row._mapping)
            own_id, revision = columns.pop("own_id"), columns.pop("revision")
            found[own_id][revision] = AttachmentRecord(**columns)
        return found

    def supersede(self, attachment_id: str, at: datetime) -> bool:
        """A later version stands; False when that was so before."""
        table = tables.attachment
        change = (
            update(table).where(table.c.id == attachment_id, table.c.superseded_at.is_(None)).values(superseded_at=at)
        )
        return self._connection.execute(change).rowcount == 1


_REVIEW = tuple(column for column in tables.review.c if column.name != "open_subject")
