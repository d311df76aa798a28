"""The entries of a case's record: agreements, annexes, help plans, assessments, appointments, contacts, breaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    UniqueConstraint,
    exists,
    insert,
    or_,
    select,
)

from docservice.db.base import Repository, many, one
from docservice.db.columns.types import EnumText, Id, JsonObject, UtcDateTime, metadata
from docservice.domain.record.subjects import STANDING, EntryState, Subject


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """One entry of the record of a case. What it says is in `data`, in the version `form` of its stored form.

    `number` counts a subject within its case. What was printed is never changed: a correction of it is the same number
    in the next `edition`, and the newest edition is the one that counts. `day` is the day it is of (dated, held,
    found), `until` the day it reaches to (a review); `effective_on` and `ended_on` are the days on which it came to
    hold and ceased to. `agreement_number` is that of the agreement an annex belongs to. `reason` says why it ended.
    """

    id: str
    case_id: str
    subject: Subject
    number: int
    edition: int
    state: EntryState
    form: int
    data: JsonObject
    created_at: datetime
    updated_at: datetime
    revision: int = 1
    agreement_number: int | None = None
    day: date | None = None
    until: date | None = None
    effective_on: date | None = None
    ended_on: date | None = None
    reason: str | None = None


case_entry_table = Table(
    "case_entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False),
    Column("subject", EnumText(Subject), nullable=False),
    Column("number", Integer, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("state", EnumText(EntryState), nullable=False),
    Column("form", Integer, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("agreement_number", Integer),
    Column("day", Date),
    Column("until", Date),
    Column("effective_on", Date),
    Column("ended_on", Date),
    Column("reason", String(40)),
    UniqueConstraint("case_id", "subject", "number", "edition"),
    Index(None, "subject", "day"),
    Index(None, "subject", "state", "day"),
    Index(None, "subject", "effective_on"),
)

agreement_party_table = Table(
    "agreement_party",
    metadata,
    Column("entry_id", Id, ForeignKey("case_entry.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Index(None, "person_id"),
)


class Entries(Repository):
    """Entries of records. Where nothing else is said, the newest edition of each number is meant."""

    def add(self, record: EntryRecord) -> None:
        self._insert(case_entry_table, record)

    def with_id(self, entry_id: str) -> EntryRecord | None:
        return self._with_id(EntryRecord, case_entry_table, entry_id)

    def of_case(
        self, case_id: str, subjects: Sequence[Subject] = tuple(Subject), *, editions: bool = False
    ) -> tuple[EntryRecord, ...]:
        """All entries of a case, by subject and number; with `editions`, the earlier ones too."""
        table = case_entry_table
        query = select(table) if editions else _newest_editions()
        query = query.where(table.c.case_id == case_id, table.c.subject.in_(tuple(subjects)))
        query = query.order_by(table.c.subject, table.c.number, table.c.edition)
        return many(EntryRecord, self._connection.execute(query))

    def some(self, case_id: str, subject: Subject, limit: int, below: int | None = None) -> tuple[EntryRecord, ...]:
        """Entries of one subject with a lower number, the highest number first."""
        table = case_entry_table
        query = _newest_editions().where(table.c.case_id == case_id, table.c.subject == subject)
        if below is not None:
            query = query.where(table.c.number < below)
        return many(EntryRecord, self._connection.execute(query.order_by(table.c.number.desc()).limit(limit)))

    def get(self, case_id: str, subject: Subject, number: int) -> EntryRecord | None:
        """The entry with this number."""
        table = case_entry_table
        query = _newest_editions().where(
            table.c.case_id == case_id, table.c.subject == subject, table.c.number == number
        )
        return one(EntryRecord, self._connection.execute(query).first())

    def editions(self, case_id: str, subject: Subject, number: int) -> tuple[EntryRecord, ...]:
        """All editions of the entry with this number, the first one first."""
        table = case_entry_table
        query = select(table).where(table.c.case_id == case_id, table.c.subject == subject, table.c.number == number)
        return many(EntryRecord, self._connection.execute(query.order_by(table.c.edition)))

    def last(self, case_id: str, subject: Subject) -> EntryRecord | None:
        """The entry of the subject with the highest number."""
        return next(iter(self.some(case_id, subject, 1)), None)

    def replace(self, record: EntryRecord, *, expected_revision: int) -> bool:
        """Put `record` in the place of that revision; False when the entry has moved on (or is unknown)."""
        fixed = {"id", "case_id", "subject", "number", "edition", "created_at"}
        return self._put_in_place(case_entry_table, record, expected_revision, fixed)

    def set_parties(self, entry_id: str, person_ids: Iterable[str]) -> None:
        """Who is party to an agreement, in the order of their signatures."""
        table = agreement_party_table
        self._connection.execute(table.delete().where(table.c.entry_id == entry_id))
        rows = [
            {"entry_id": entry_id, "person_id": person_id, "position": position}
            for position, person_id in enumerate(dict.fromkeys(person_ids), start=1)
        ]
        if rows:
            self._connection.execute(insert(table), rows)

    def bound_elsewhere(self, case_id: str, number: int, person_ids: Iterable[str]) -> frozenset[str]:
        """Those of the persons who are party to another agreement that stands, of this case or of another one."""
        table, parties = case_entry_table, agreement_party_table
        query = (
            _newest_editions(parties.c.person_id)
            .join(parties, parties.c.entry_id == table.c.id)
            .where(parties.c.person_id.in_(tuple(person_ids)), table.c.state.in_(STANDING))
            .where(or_(table.c.case_id != case_id, table.c.number != number))
        )
        return frozenset(self._connection.execute(query).scalars())


@cache
def _newest_editions(*columns: Column[Any]) -> Select[Any]:
    table, later = case_entry_table, case_entry_table.alias("later")
    query = select(*columns).select_from(table) if columns else select(table)
    return query.where(
        ~exists().where(
            later.c.case_id == table.c.case_id,
            later.c.subject == table.c.subject,
            later.c.number == table.c.number,
            later.c.edition > table.c.edition,
        )
    )
