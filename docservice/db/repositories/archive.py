"""The archive: its objects, the hash chain they are links of, and the passes that compare bytes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import and_, or_, select, update

from docservice.db import tables
from docservice.db.records import ArchiveRecord, ChainRecord, FixityRecord
from docservice.db.repositories.base import Repository, many, one


class Archive(Repository):
    """Archived objects, one for each attachment."""

    def add(self, record: ArchiveRecord) -> bool:
        """False when the attachment (or the place in the chain) has an object already."""
        return self._insert_new(tables.archive_object, record)

    def get(self, archive_id: str) -> ArchiveRecord | None:
        query = select(tables.archive_object).where(tables.archive_object.c.id == archive_id)
        return one(ArchiveRecord, self._connection.execute(query).first())

    def ids_of(self, attachment_ids: Iterable[str]) -> Mapping[str, str]:
        """The ids of the objects, by the ids of the attachments that have one."""
        table = tables.archive_object
        query = select(table.c.attachment_id, table.c.id)
        return {row.attachment_id: row.id for row in self._rows_in(query, table.c.attachment_id, attachment_ids)}

    def to_check(
        self, checked_before: datetime, limit: int, *, result: str, sooner: datetime, erased: str
    ) -> tuple[ArchiveRecord, ...]:
        """Objects whose bytes were not checked since `checked_before`, those that waited longest first; also those
        of which the last check said `result`, when it was before `sooner`. Not those that were erased, once a check
        has said `erased`."""
        table = tables.archive_object
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
        table = tables.archive_object
        change = update(table).where(table.c.id == archive_id).values(checked_at=at, check_result=result)
        self._connection.execute(change)

    def bury(self, archive_id: str, at: datetime, reason: str) -> bool:
        """Make the object a tombstone; it is to be checked then. False when it is one already: it stays as it is."""
        table = tables.archive_object
        alive = (table.c.id == archive_id) & table.c.erased_at.is_(None)
        change = (
            update(table).where(alive).values(erased_at=at, erased_reason=reason, checked_at=None, check_result=None)
        )
        return self._connection.execute(change).rowcount == 1


class Chain(Repository):
    """The hash chain. Entries are added at its end and never changed."""

    def last(self) -> ChainRecord | None:
        """The newest entry."""
        table = tables.chain_entry
        query = select(table).order_by(table.c.seq.desc()).limit(1)
        return one(ChainRecord, self._connection.execute(query).first())

    def add(self, record: ChainRecord) -> bool:
        """False when the number or the object has an entry: somebody else was first, read `last` again.

        Waits for a transaction that is just adding this number.
        """
        return self._insert_new(tables.chain_entry, record)

    def get(self, seq: int) -> ChainRecord | None:
        query = select(tables.chain_entry).where(tables.chain_entry.c.seq == seq)
        return one(ChainRecord, self._connection.execute(query).first())

    def after(self, seq: int = 0, limit: int = 1000) -> tuple[ChainRecord, ...]:
        """Entries with a higher number, in order."""
        table = tables.chain_entry
        query = select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit)
        return many(ChainRecord, self._connection.execute(query))


class Fixity(Repository):
    """Passes over the stored bytes."""

    def add(self, record: FixityRecord) -> None:
        self._insert(tables.fixity_run, record)
