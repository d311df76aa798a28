"""The tables. One definition serves SQLite and PostgreSQL; migrations/ brings a database to it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from docservice.db import readings
from docservice.db.records import (
    BundleState,
    DocumentState,
    JobState,
    ScanFileState,
    ScanPartState,
    UploadState,
)
from docservice.domain.documents import Kind
from docservice.domain.returned.scans import (
    PageReading,
    PageVerdict,
    Proposal,
    ReturnState,
    ReviewKind,
    ReviewState,
    ZoneVerdict,
)

HEAD = "0007"
"""The migration this code needs. Stands here so that a database at head is recognised without loading Alembic."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: goes in with any offset, comes out in UTC. A time without offset is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("A time without an offset cannot be stored.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """One of the words of an enumeration, kept as readable text."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class JsonList(TypeDecorator[tuple[object, ...]]):
    """A JSON array that comes out as a tuple."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[object, ...] | None, dialect: Dialect) -> list[object] | None:
        return None if value is None else list(value)

    def process_result_value(self, value: list[object] | None, dialect: Dialect) -> tuple[object, ...] | None:
        return None if value is None else tuple(value)


class ReadingJson(TypeDecorator[PageReading]):
    """What was read from a page, as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: PageReading | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else readings.to_json(value)

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> PageReading | None:
        return None if value is None else readings.reading_from_json(value)


class ProposalJson(TypeDecorator[Proposal]):
    """A proposal, as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Proposal | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else readings.to_json(value)

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> Proposal | None:
        return None if value is None else readings.proposal_from_json(value)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

Id = String(64)

case_record = Table(
    "case_record",
    metadata,
    Column("id", Id, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("case_number", Text, nullable=False, index=True),
    Column("snapshot_version", Integer, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

bundle = Table(
    "bundle",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False, index=True),
    Column("case_revision", Integer, nullable=False),
    Column("state", EnumText(BundleState), nullable=False, index=True),
    Column("languages", JsonList, nullable=False),
    Column("template_date", Date, nullable=False),
    Column("options", JSON, nullable=False),
    Column("snapshot_version", Integer, nullable=False),
    Column("snapshot", JSON, nullable=False),
    Column("snapshot_sha256", String(64), nullable=False),
    Column("print_set_key", Text),
    Column("print_set_sha256", String(64)),
    Column("job_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)

document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bundle_id", Id, ForeignKey("bundle.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", EnumText(Kind), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("template", Text, nullable=False),
    Column("state", EnumText(DocumentState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("pages", Integer),
    Column("docx_key", Text),
    Column("docx_sha256", String(64)),
    Column("docx_size", Integer),
    Column("pdf_key", Text),
    Column("pdf_sha256", String(64)),
    Column("pdf_size", Integer),
    Column("zones", JsonList, nullable=False),
    Column("translation_checked", Boolean),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("bundle_id", "position"),
)

bundle_event = Table(
    "bundle_event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("bundle_id", Id, ForeignKey("bundle.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("name", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "bundle_id", "seq"),
    sqlite_autoincrement=True,  # a number is never given twice, so a follower misses nothing
)

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("queue", String(40), nullable=False),
    Column("task", Text, nullable=False),
    Column("subject_id", Id, nullable=False, index=True),
    Column("state", EnumText(JobState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("run_after", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("lease_owner", Text),
    Column("lease_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("error_code", Text),
    Column("error_detail", Text),
    Index(None, "state", "sent_at", "run_after"),
    Index(None, "state", "lease_until"),
)

access_token = Table(
    "access_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("role", String(40), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    UniqueConstraint("secret_sha256"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

scan_upload = Table(
    "scan_upload",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("operator", Text, nullable=False),
    Column("device", Text),
    Column("files", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", EnumText(UploadState), nullable=False, index=True),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("fingerprint"),
)

scan_file = Table(
    "scan_file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("blob_key", Text, nullable=False),
    Column("state", EnumText(ScanFileState), nullable=False),
    Column("media_type", Text),
    Column("pages", Integer),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("hints", JsonList, nullable=False, server_default="[]"),
    UniqueConstraint("upload_id", "position"),
)

scan_part = Table(
    "scan_part",
    metadata,
    Column("id", Id, primary_key=True),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False, index=True),
    Column("file_id", Id, ForeignKey("scan_file.id"), nullable=False),
    Column("first", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("state", EnumText(ScanPartState), nullable=False),
    UniqueConstraint("file_id", "first"),
)

scan_page = Table(
    "scan_page",
    metadata,
    Column("id", Id, primary_key=True),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False, index=True),
    Column("file_id", Id, ForeignKey("scan_file.id"), nullable=False),
    Column("part_id", Id, ForeignKey("scan_part.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reading", ReadingJson),
    Column("pixel_sha256", String(64)),
    Column("picture_key", Text),
    Column("document_id", Id, ForeignKey("document.id"), index=True),
    Column("page", Integer),
    Column("assigned_by", Text),
    Column("verdict", EnumText(PageVerdict)),
    Column("reason", String(40)),
    Column("proposal", ProposalJson),
    Column("considered", Boolean, nullable=False),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("region", Integer, nullable=False, server_default="0"),
    UniqueConstraint("file_id", "position", "region"),
)

scan_zone = Table(
    "scan_zone",
    metadata,
    Column("page_id", Id, ForeignKey("scan_page.id"), primary_key=True),
    Column("zone_id", String(40), primary_key=True),
    Column("verdict", EnumText(ZoneVerdict), nullable=False),
    Column("score", Float, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("crop_key", Text),
)

scan_document = Table(
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

scan_event = Table(
    "scan_event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("name", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "upload_id", "seq"),
    sqlite_autoincrement=True,  # a number is never given twice, so a follower misses nothing
)

review = Table(
    "review",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", EnumText(ReviewKind), nullable=False),
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
    UniqueConstraint("open_subject"),
    Index(None, "state", "created_at", "id"),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False, index=True),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False),
    Column("scans", JSON, nullable=False),
    Column("zones", JsonList, nullable=False),
    Column("policy", String(40), nullable=False),
    Column("accepted_by", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("superseded_at", UtcDateTime),
    UniqueConstraint("document_id", "version"),
)

archive_object = Table(
    "archive_object",
    metadata,
    Column("id", Id, primary_key=True),
    Column("attachment_id", Id, ForeignKey("attachment.id"), nullable=False),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False, index=True),
    Column("package_key", Text, nullable=False),
    Column("package_sha256", String(64), nullable=False),
    Column("package_size", BigInteger, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime, index=True),
    Column("check_result", String(40)),
    Column("erased_at", UtcDateTime),
    Column("erased_reason", String(40)),
    UniqueConstraint("attachment_id"),
    UniqueConstraint("seq"),
)

chain_entry = Table(
    "chain_entry",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("archive_id", Id, nullable=False),
    Column("manifest_sha256", String(64), nullable=False),
    Column("previous_sha256", String(64), nullable=False),
    Column("entry_sha256", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("archive_id"),
)

fixity_run = Table(
    "fixity_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("checked", Integer, nullable=False),
    Column("altered", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
)
