"""The archive: its objects, the hash chain they are links of, and the passes that compare bytes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
    select,
    update,
)

from docservice.db.base import Repository, by_age, many, one
from docservice.db.columns.types import Id, UtcDateTime, metadata
from docservice.domain.cursors import Position


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """An archived object: the package of one attachment, and what the last check of its bytes said.

    With `erased_at` it is a tombstone: its bytes were erased on purpose, and are not made again.
    """

    id: str
    attachment_id: str
    document_id: str
    case_id: str
    package_key: str
    package_sha256: str
    package_size: int
    manifest_sha256: str
    seq: int  # its entry in the chain
    created_at: datetime
    checked_at: datetime | None = None
    check_result: str | None = None
    erased_at: datetime | None = None
    erased_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """An entry of the hash chain; numbers count from 1 without a gap and entries never change."""

    seq: int
    archive_id: str
    manifest_sha256: str
    previous_sha256: str
    entry_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FixityRecord:
    """One pass over the stored bytes: how many objects were checked, and how many were not as they should be."""

    id: str
    started_at: datetime
    finished_at: datetime
    checked: int
    altered: int
    missing: int


archive_object_table = Table(
    "archive_object",
    metadata,
    Column("id", Id, primary_key=True),
    Column("attachment_id", Id, ForeignKey("attachment.id"), nullable=False),
    Column("document_id", Id, ForeignKey("document.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False),
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
    Index(None, "created_at", "id"),
    Index(None, "case_id", "created_at", "id"),
)


chain_entry_table = Table(
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


fixity_run_table = Table(
    "fixity_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("checked", Integer, nullable=False),
    Column("altered", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
)


class Archive(Repository):
    """Archived objects, one for each attachment."""

    def add(self, record: ArchiveRecord) -> bool:
        """False when the attachment (or the place in the chain) has an object already."""
        return self._insert_new(archive_object_table, record)

    def get(self, archive_id: str) -> ArchiveRecord | None:
        return self._with_id(ArchiveRecord, archive_object_table, archive_id)

    def some(
        self, limit: int, after: Position | None = None, *, case_id: str | None = None
    ) -> tuple[ArchiveRecord, ...]:
        """Objects that come after that moment and id, newest first, tombstones among them; those of a case."""
        table = archive_object_table
        query = select(table)
        if case_id is not None:
            query = query.where(table.c.case_id == case_id)
        return many(ArchiveRecord, self._connection.execute(by_age(query, table, limit, after, newest_first=True)))

    def ids_of(self, attachment_ids: Iterable[str]) -> Mapping[str, str]:
        """The ids of the objects, by the ids of the attachments that have one."""
        table = archive_object_table
        query = select(table.c.attachment_id, table.c.id)
        return {row.attachment_id: row.id for row in self._rows_in(query, table.c.attachment_id, attachment_ids)}

    def to_check(
        self, checked_before: datetime, limit: int, *, result: str, sooner: datetime, erased: str
    ) -> tuple[ArchiveRecord, ...]:
        """Objects whose bytes were not checked since `checked_before`, those that waited longest first; also those
        of which the last check said `result`, when it was before `sooner`. Not those that were erased, once a check
        has said `erased`."""
        table = archive_object_table
        again = and_(table.c.check_result == result, table.c.checked_at < sooner)
        query = (
            select(table)
            .where(or_(table.c.erased_at.is_(None), table.c.check_result.is_distinct_from(erased)))
            .where(or_(table.c.checked_at.is_(None), table.c.checked_at < checked_before, again))
            .order_by(table.c.checked_at.is_not(None), table.c.checked_at, table.c.seq)
            .limit(limit)
        )
        return many(ArchiveRecord, self._connection.execute(query))

    def checked(self, archive_id: str, at: datetime, result: str) -> None:
        """What a check of the bytes said."""
        table = archive_object_table
        change = update(table).where(table.c.id == archive_id).values(checked_at=at, check_result=result)
        self._connection.execute(change)

    def bury(self, archive_id: str, at: datetime, reason: str) -> bool:
        """Make the object a tombstone; it is to be checked then. False when it is one already: it stays as it is."""
        table = archive_object_table
        alive = (table.c.id == archive_id) & table.c.erased_at.is_(None)
        change = (
            update(table).where(alive).values(erased_at=at, erased_reason=reason, checked_at=None, check_result=None)
        )
        return self._connection.execute(change).rowcount == 1


class Chain(Repository):
    """The hash chain. Entries are added at its end and never changed."""

    def last(self) -> ChainRecord | None:
        """The newest entry."""
        table = chain_entry_table
        query = select(table).order_by(table.c.seq.desc()).limit(1)
        return one(ChainRecord, self._connection.execute(query).first())

    def add(self, record: ChainRecord) -> bool:
        """False when the number or the object has an entry: somebody else was first, read `last` again.

        Waits for a transaction that is just adding this number.
        """
        return self._insert_new(chain_entry_table, record)

    def get(self, seq: int) -> ChainRecord | None:
        query = select(chain_entry_table).where(chain_entry_table.c.seq == seq)
        return one(ChainRecord, self._connection.execute(query).first())

    def after(self, seq: int = 0, limit: int = 1000) -> tuple[ChainRecord, ...]:
        """Entries with a higher number, in order."""
        table = chain_entry_table
        query = select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit)
        return many(ChainRecord, self._connection.execute(query))


class Fixity(Repository):
    """Passes over the stored bytes."""

    def add(self, record: FixityRecord) -> None:
        self._insert(fixity_run_table, record)

    def erase(self, started_before: datetime, limit: int) -> int:
        """Erase at most so many of the notes of passes that began before; how many."""
        return self._erase_some(fixity_run_table, fixity_run_table.c.started_at < started_before, limit)
