"""The directory of partners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import JSON, Column, Date, Index, Integer, Table, or_, select

from docservice.db.base import Repository, by_age, many
from docservice.db.columns.types import EnumText, Id, JsonObject, UtcDateTime, metadata
from docservice.domain.cursors import Position
from docservice.domain.record.partners import PartnerKind


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """A partner as it stands; what is said of it is in `data`, in the version `form` of its stored form."""

    id: str
    kind: PartnerKind
    valid_from: date | None
    valid_to: date | None
    form: int
    data: JsonObject
    created_at: datetime
    updated_at: datetime
    revision: int = 1


partner_table = Table(
    "partner",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", EnumText(PartnerKind), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("form", Integer, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Index(None, "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
)


class Partners(Repository):
    """The directory of partners. None is ever removed: what named it goes on naming it."""

    def add(self, record: PartnerRecord) -> None:
        self._insert(partner_table, record)

    def get(self, partner_id: str) -> PartnerRecord | None:
        return self._with_id(PartnerRecord, partner_table, partner_id)

    def some(
        self, limit: int, after: Position | None = None, *, kind: PartnerKind | None = None, on: date | None = None
    ) -> tuple[PartnerRecord, ...]:
        """Partners that come after that moment and id, in the order in which they were added; those of a kind, those
        that are valid on a day."""
        table = partner_table
        query = select(table)
        if kind is not None:
            query = query.where(table.c.kind == kind)
        if on is not None:
            query = query.where(
                or_(table.c.valid_from.is_(None), table.c.valid_from <= on),
                or_(table.c.valid_to.is_(None), table.c.valid_to >= on),
            )
        return many(PartnerRecord, self._connection.execute(by_age(query, table, limit, after)))

    def replace(self, record: PartnerRecord, *, expected_revision: int) -> bool:
        """Put `record` in the place of that revision; False when the partner has moved on (or is unknown)."""
        return self._put_in_place(partner_table, record, expected_revision)
