"""The tables. One definition serves SQLite and PostgreSQL; migrations/ brings a database to it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
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

from docservice.db.records import BundleState, DocumentState, JobState
from docservice.domain.documents import Kind

HEAD = "0001"
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
