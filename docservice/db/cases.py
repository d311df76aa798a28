"""Case records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
    Column,
    Index,
    Integer,
    Table,
    Text,
    select,
)

from docservice.db.base import Repository, one
from docservice.db.columns.types import Id, JsonObject, UtcDateTime, metadata


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as it stands; `revision` starts at 1 and grows with every change. `snapshot_version` is the version of
    the form of `data`."""

    id: str
    revision: int
    case_number: str
    snapshot_version: int
    data: JsonObject
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case in a list."""

    id: str
    revision: int
    case_number: str
    created_at: datetime
    updated_at: datetime


case_record_table = Table(
    "case_record",
    metadata,
    Column("id", Id, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("case_number", Text, nullable=False, index=True),
    Column("snapshot_version", Integer, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "created_at", "id"),
)


class Cases(Repository):
    """Case records."""

    def add(self, record: CaseRecord) -> None:
        self._insert(case_record_table, record)

    def get(self, case_id: str) -> CaseRecord | None:
        return self._with_id(CaseRecord, case_record_table, case_id)

    def lock(self, case_id: str) -> CaseRecord | None:
        """The case, which nobody else can change or lock until this transaction ends."""
        query = select(case_record_table).where(case_record_table.c.id == case_id).with_for_update()
        return one(CaseRecord, self._connection.execute(query).first())

    def replace(self, record: CaseRecord, *, expected_revision: int) -> bool:
        """Put `record` in the place of that revision; False when the case has moved on (or is unknown)."""
        return self._put_in_place(case_record_table, record, expected_revision)
