"""What follows from returned scans: how far a document has come back, and the signed documents on their cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

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
    insert,
    select,
    update,
)

from docservice.db.base import Repository, by_age, columns_of, many, one
from docservice.db.bundles import document_table, same_document
from docservice.db.columns.types import EnumText, Id, JsonList, JsonObject, UtcDateTime, metadata
from docservice.domain.cursors import Position
from docservice.domain.returned.scans import ReturnState, Superseder


@dataclass(frozen=True, slots=True)
class ScanDocumentRecord:
    """How far a document has come back, over all uploads. `scans` maps a page number (as text) to the id of the scan
    that stands for it; `zones` is the outcome of each signature zone: {zone_id, verdict, score, decision}."""

    document_id: str
    case_id: str
    state: ReturnState
    pages: int
    present: tuple[int, ...]
    missing: tuple[int, ...]
    duplicates: tuple[int, ...]
    scans: Mapping[str, str]
    zones: tuple[JsonObject, ...]
    reasons: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """A signed document on its case record. Versions count from 1; a later one supersedes, both are kept.

    `scans` maps a page number (as text) to the id of its scanned page; `zones` are as in `ScanDocumentRecord`.
    `upload_id` is the upload that completed it; `accepted_by` the person who decided, None when the policy did, with
    their id where it was kept.
    """

    id: str
    case_id: str
    document_id: str
    version: int
    upload_id: str
    scans: Mapping[str, str]
    zones: tuple[JsonObject, ...]
    policy: str
    accepted_by: str | None
    created_at: datetime
    superseded_at: datetime | None = None
    accepted_by_id: str | None = None


def superseder(record: AttachmentRecord, revision: int, accepted: Mapping[int, AttachmentRecord]) -> Superseder | None:
    """What counts instead of a version: a better scan of the same revision of the document, or else the latest other
    revision that was accepted; None while it counts itself. `accepted` is one document's part of `of_revisions`."""
    if record.superseded_at is None:
        return None
    latest = accepted[revision]
    if latest.id == record.id:
        revision, latest = [found for found in accepted.items() if found[0] != revision][-1]
    return Superseder(latest.id, revision, latest.accepted_by)


scan_document_table = Table(
    "scan_document",
    metadata,
    Column("document_id", Id, ForeignKey("document.id"), primary_key=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False, index=True),
    Column("state", EnumText(ReturnState), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("present", JsonList, nullable=False),
    Column("missing", JsonList, nullable=False),
    Column("duplicates", JsonList, nullable=False),
    Column("scans", JSON, nullable=False),
    Column("zones", JsonList, nullable=False),
    Column("reasons", JsonList, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "state", "updated_at"),
)


attachment_table = Table(
    "attachment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False),
    Column("scans", JSON, nullable=False),
    Column("zones", JsonList, nullable=False),
    Column("policy", String(40), nullable=False),
    Column("accepted_by", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("superseded_at", UtcDateTime),
    Column("accepted_by_id", Text),
    UniqueConstraint("document_id", "version"),
    Index(None, "case_id", "created_at", "id"),
)


class ScanDocuments(Repository):
    """How far the documents have come back. Written only under the lock of the document (`tx.documents.lock`)."""

    def get(self, document_id: str) -> ScanDocumentRecord | None:
        table = scan_document_table
        query = select(table).where(table.c.document_id == document_id)
        return one(ScanDocumentRecord, self._connection.execute(query).first())

    def known(self, document_ids: Iterable[str]) -> tuple[ScanDocumentRecord, ...]:
        """Those of the documents of which something has come back, in any order."""
        table = scan_document_table
        return many(ScanDocumentRecord, self._rows_in(select(table), table.c.document_id, document_ids))

    def put(self, record: ScanDocumentRecord) -> None:
        """The document as it stands now."""
        table, row = scan_document_table, columns_of(record)
        change = update(table).where(table.c.document_id == record.document_id).values(row)
        if self._connection.execute(change).rowcount == 0:
            self._connection.execute(insert(table).values(row))

    def list_incomplete(self, limit: int) -> tuple[ScanDocumentRecord, ...]:
        """Documents that wait for pages, the latest first."""
        table = scan_document_table
        query = select(table).where(table.c.state == ReturnState.INCOMPLETE).order_by(table.c.updated_at.desc())
        return many(ScanDocumentRecord, self._connection.execute(query.limit(limit)))


class Attachments(Repository):
    """Signed documents on their cases; versions are added under the lock of the document and never removed."""

    def add(self, record: AttachmentRecord) -> None:
        self._insert(attachment_table, record)

    def get(self, attachment_id: str) -> AttachmentRecord | None:
        return self._with_id(AttachmentRecord, attachment_table, attachment_id)

    def latest(self, document_id: str) -> AttachmentRecord | None:
        """The version that stands."""
        table = attachment_table
        query = select(table).where(table.c.document_id == document_id).order_by(table.c.version.desc()).limit(1)
        return one(AttachmentRecord, self._connection.execute(query).first())

    def some_of_case(self, case_id: str, limit: int, after: Position | None = None) -> tuple[AttachmentRecord, ...]:
        """Versions of its documents that come after that moment and id, in the order in which they were attached."""
        table = attachment_table
        query = by_age(select(table).where(table.c.case_id == case_id), table, limit, after)
        return many(AttachmentRecord, self._connection.execute(query))

    def of_documents(self, document_ids: Iterable[str]) -> tuple[AttachmentRecord, ...]:
        """All versions of these documents, in the order in which they were attached."""
        table = attachment_table
        found = many(AttachmentRecord, self._rows_in(select(table), table.c.document_id, document_ids))
        return tuple(sorted(found, key=lambda each: (each.created_at, each.version)))

    def of_revisions(self, document_ids: Iterable[str]) -> Mapping[str, Mapping[int, AttachmentRecord]]:
        """For each document what stands for those of its revisions (Fassungen), itself among them, that were accepted:
        by their number, in its order."""
        table, documents, own = attachment_table, document_table, document_table.alias("own")
        query = (
            select(own.c.id.label("own_id"), documents.c.revision, table)
            .select_from(own)
            .join(documents, same_document(documents, own))
            .join(table, table.c.document_id == documents.c.id)
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
        table = attachment_table
        change = (
            update(table).where(table.c.id == attachment_id, table.c.superseded_at.is_(None)).values(superseded_at=at)
        )
        return self._connection.execute(change).rowcount == 1
