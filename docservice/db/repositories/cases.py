"""Case records."""

from __future__ import annotations

from sqlalchemy import select, update

from docservice.db import tables
from docservice.db.records import CaseRecord
from docservice.db.repositories.base import Repository, one


class Cases(Repository):
    """Case records."""

    def add(self, record: CaseRecord) -> None:
        self._insert(tables.case_record, record)

    def get(self, case_id: str) -> CaseRecord | None:
        query = select(tables.case_record).where(tables.case_record.c.id == case_id)
        return one(CaseRecord, self._connection.execute(query).first())

    def lock(self, case_id: str) -> CaseRecord | None:
        """The case, which nobody else can change or lock until this transaction ends."""
        query = select(tables.case_record).where(tables.case_record.c.id == case_id).with_for_update()
        return one(CaseRecord, self._connection.execute(query).first())

    def replace(self, record: CaseRecord, *, expected_revision: int) -> bool:
        """Put `record` in the place of that revision; False when the case has moved on (or is unknown)."""
        table = tables.case_record
        change = (
            update(table)
            .where(table.c.id == record.id, table.c.revision == expected_revision)
            .values(
                revision=record.revision,
                case_number=record.case_number,
                snapshot_version=record.snapshot_version,
                data=record.data,
                updated_at=record.updated_at,
            )
        )
        return self._connection.execute(change).rowcount == 1
