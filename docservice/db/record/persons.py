"""Persons over time: who they are, the cases they belong to, and what holds of them for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    func,
    select,
    update,
)

from docservice.db.base import Repository, columns_of, many
from docservice.db.columns.types import EnumText, Id, JsonObject, UtcDateTime, metadata
from docservice.db.record.entries import agreement_party_table, case_entry_table
from docservice.domain.record.periods import Topic


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody whom the office knows, in one case or in several. Names and birth date are what was said last; all
    else that is known stands in the case files. `birth_date` may be partial ("1984-03", "1984")."""

    id: str
    created_at: datetime
    updated_at: datetime
    family_name: str | None = None
    given_names: str | None = None
    birth_date: str | None = None
    birth_year: int | None = None


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """That a person belongs to a case, under the id by which the case file refers to them ("anna"); `left_on` is the
    day on which the file no longer named them."""

    case_id: str
    name: str
    person_id: str
    position: int
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """What holds of a person from one day to another, both included; None is open. `number` counts a topic of a person.
    `filed` periods repeat what the case file says; the others were recorded by themselves."""

    id: str
    person_id: str
    case_id: str
    topic: Topic
    number: int
    code: str
    valid_from: date | None
    valid_to: date | None
    filed: bool
    form: int
    data: JsonObject
    created_at: datetime
    updated_at: datetime
    revision: int = 1


person_table = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("family_name", Text),
    Column("given_names", Text),
    Column("birth_date", String(10)),
    Column("birth_year", Integer, index=True),
)

case_person_table = Table(
    "case_person",
    metadata,
    Column("case_id", Id, ForeignKey("case_record.id"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("left_on", Date),
)

person_period_table = Table(
    "person_period",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False, index=True),
    Column("topic", EnumText(Topic), nullable=False),
    Column("number", Integer, nullable=False),
    Column("code", String(40), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("filed", Boolean, nullable=False),
    Column("form", Integer, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Index(None, "person_id", "topic", "number", unique=True),
    Index(None, "topic", "code", "valid_from"),
)


class Persons(Repository):
    """Persons, the cases they belong to, and their periods."""

    def add(self, record: PersonRecord) -> None:
        self._insert(person_table, record)

    def get(self, person_id: str) -> PersonRecord | None:
        return self._with_id(PersonRecord, person_table, person_id)

    def put(self, record: PersonRecord) -> None:
        """What is known of the person now."""
        table = person_table
        self._connection.execute(update(table).where(table.c.id == record.id).values(columns_of(record)))

    def members(self, case_id: str) -> tuple[MemberRecord, ...]:
        """Who belongs or belonged to the case, in the order of the case file."""
        table = case_person_table
        query = select(table).where(table.c.case_id == case_id).order_by(table.c.position, table.c.name)
        return many(MemberRecord, self._connection.execute(query))

    def of_case(self, case_id: str) -> tuple[PersonRecord, ...]:
        """The persons who belong or belonged to the case."""
        members = select(case_person_table.c.person_id).where(case_person_table.c.case_id == case_id)
        query = select(person_table).where(person_table.c.id.in_(members))
        return many(PersonRecord, self._connection.execute(query))

    def cases_of(self, person_ids: Iterable[str]) -> tuple[MemberRecord, ...]:
        """The cases the persons belong or belonged to."""
        table = case_person_table
        query = select(table).where(table.c.person_id.in_(tuple(person_ids))).order_by(table.c.case_id)
        return many(MemberRecord, self._connection.execute(query))

    def lock(self, person_id: str) -> None:
        """Nobody else can add or change something that holds of the person until this transaction ends."""
        table = person_table
        self._connection.execute(select(table.c.id).where(table.c.id == person_id).with_for_update())

    def identify(self, member: MemberRecord, person_id: str) -> None:
        """The member of a case is this person: what was said of them in the case is said of that person."""
        table, periods, parties = case_person_table, person_period_table, agreement_party_table
        named = (table.c.case_id == member.case_id) & (table.c.name == member.name)
        self._connection.execute(update(table).where(named).values(person_id=person_id))
        in_case = select(case_entry_table.c.id).where(case_entry_table.c.case_id == member.case_id)
        of_member = (parties.c.person_id == member.person_id) & parties.c.entry_id.in_(in_case)
        self._connection.execute(update(parties).where(of_member).values(person_id=person_id))
        said = (periods.c.person_id == member.person_id) & (periods.c.case_id == member.case_id)
        last = select(func.coalesce(func.max(periods.c.number), 0)).where(periods.c.person_id == person_id)
        after = int(self._connection.execute(last).scalar_one())
        change = update(periods).where(said).values(person_id=person_id, number=periods.c.number + after)
        self._connection.execute(change)

    def join(self, record: MemberRecord) -> None:
        """The person belongs to the case from now on."""
        self._insert(case_person_table, record)

    def put_member(self, record: MemberRecord) -> None:
        """What is known of the membership now."""
        table = case_person_table
        change = update(table).where(table.c.case_id == record.case_id, table.c.name == record.name)
        self._connection.execute(change.values(columns_of(record)))

    def add_period(self, record: PeriodRecord) -> None:
        self._insert(person_period_table, record)

    def periods(self, person_ids: Iterable[str], topic: Topic | None = None) -> tuple[PeriodRecord, ...]:
        """What holds or held of the persons, by person, topic and number."""
        table = person_period_table
        query = select(table).where(table.c.person_id.in_(tuple(person_ids)))
        if topic is not None:
            query = query.where(table.c.topic == topic)
        query = query.order_by(table.c.person_id, table.c.topic, table.c.number)
        return many(PeriodRecord, self._connection.execute(query))

    def replace_period(self, record: PeriodRecord, *, expected_revision: int) -> bool:
        """Put `record` in the place of that revision; False when the period has moved on (or is unknown)."""
        return self._put_in_place(person_period_table, record, expected_revision)

    def forget_filed(self, case_id: str) -> None:
        """Drop the periods that repeat what the file of the case said."""
        table = person_period_table
        self._connection.execute(table.delete().where(table.c.case_id == case_id, table.c.filed))
