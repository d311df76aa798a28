"""Finds cases: by the words of names, and by what the record says. One statement, whatever is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from docservice.db.base import Repository, by_age, many
from docservice.db.bundles import document_table, same_document
from docservice.db.cases import CaseSummary, case_record_table
from docservice.db.columns.types import EnumText, Id, metadata
from docservice.db.events import EventName, SubjectKind, event_table
from docservice.db.record.entries import case_entry_table
from docservice.db.record.persons import case_person_table, person_table
from docservice.db.returns import scan_document_table
from docservice.domain.cursors import Position
from docservice.domain.kinds import SIGNED
from docservice.domain.record.search import ENTRY_STATES, CaseSearch, CaseStage, PaperState
from docservice.domain.record.subjects import GONE, EntryState, Subject
from docservice.domain.returned.scans import ReturnState
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.states import DocumentState
from docservice.domain.text.search_words import asked_words, in_one

_LAST: Final = "\U0010ffff"
"""Comes after every letter, where text is compared by its code points."""


class Said(StrEnum):
    """Where a name stands: in the file of a case, or among the names that somebody bore before."""

    FILE = "file"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody of a case that was found, by what was said of them last."""

    case_id: str
    name: str
    person_id: str
    family_name: str | None
    given_names: str | None
    birth_date: str | None
    left_on: date | None


name_key_table = Table(
    "name_key",
    metadata,
    Column("case_id", Id, ForeignKey("case_record.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True),
    Column("said", EnumText(Said), primary_key=True),
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Index(None, "word", "person_id"),
    Index(None, "person_id"),
)


class CaseFinder(Repository):
    """Search keys, and the cases that they and other columns lead to."""

    def put_names(self, case_id: str, said: Said, words: Mapping[str, frozenset[str]]) -> None:
        """By these words of their names the persons are found from now on, as far as this part of the case says them;
        others of the case stay as they are."""
        table = name_key_table
        of_these = (table.c.case_id == case_id, table.c.said == said, table.c.person_id.in_(tuple(words)))
        present = {(row.person_id, row.word) for row in self._connection.execute(select(table).where(*of_these))}
        wanted = {(person_id, word) for person_id, found in words.items() for word in found}
        if gone := sorted(present - wanted):
            self._connection.execute(delete(table).where(*of_these, tuple_(table.c.person_id, table.c.word).in_(gone)))
        fresh = [
            {"case_id": case_id, "said": said, "person_id": person_id, "word": word}
            for person_id, word in sorted(wanted - present)
        ]
        if fresh:
            self._connection.execute(insert(table), fresh)

    def identify(self, case_id: str, before: str, person_id: str) -> None:
        """What the case says of the names of one person is said of the other."""
        table = name_key_table
        said = (table.c.case_id == case_id, table.c.person_id == before)
        self._connection.execute(update(table).where(*said).values(person_id=person_id))

    def some(
        self, asked: CaseSearch, late_before: date, limit: int, after: Position | None = None
    ) -> tuple[CaseSummary, ...]:
        """Cases that are all that is asked and come after that moment and id, newest first. Documents made before the
        day `late_before` are late when they are not back."""
        table = case_record_table
        query = select(*(table.c[each.name] for each in fields(CaseSummary))).where(*_conditions(asked, late_before))
        return many(CaseSummary, self._connection.execute(by_age(query, table, limit, after, newest_first=True)))

    def persons(self, case_ids: Iterable[str]) -> tuple[FoundPerson, ...]:
        """Who belongs or belonged to the cases, in the order of their files."""
        members, person = case_person_table, person_table
        columns = (
            *(members.c[name] for name in ("case_id", "name", "person_id")),
            *(person.c[name] for name in ("family_name", "given_names", "birth_date")),
            members.c.left_on,
        )
        query = select(*columns).join(person, person.c.id == members.c.person_id)
        query = query.where(members.c.case_id.in_(tuple(case_ids)))
        return many(FoundPerson, self._connection.execute(query.order_by(members.c.position, members.c.name)))


def _conditions(asked: CaseSearch, late_before: date) -> Iterator[ColumnElement[bool]]:
    table = case_record_table
    if asked.number is not None:
        yield func.lower(func.substr(table.c.case_number, 1, len(asked.number))) == asked.number.lower()
    if asked.name is not None or asked.birth_year is not None:
        yield table.c.id.in_(_with_person(asked.name, asked.birth_year))
    if asked.state is not None:
        yield table.c.id.in_(_in_state(asked.state))
    if asked.caseworker is not None:
        yield table.c.id.in_(_kept_by(asked.caseworker))
    if asked.appointment_from is not None or asked.appointment_to is not None:
        yield table.c.id.in_(_with_appointment(asked.appointment_from, asked.appointment_to))
    if asked.papers is not None:
        yield table.c.id.in_(_with_papers(asked.papers, late_before))


def _with_person(name: str | None, birth_year: int | None) -> Select[Any]:
    """Cases to which somebody belongs who is all this."""
    members = case_person_table
    query = select(members.c.case_id)
    if birth_year is not None:
        born = select(person_table.c.id).where(person_table.c.birth_year == birth_year)
        query = query.where(members.c.person_id.in_(born))
    return query if name is None else query.where(_named(name))


def _named(name: str) -> ColumnElement[bool]:
    each = and_(*(_with_word(word) for word in asked_words(name)))
    return or_(each, _with_word(in_one(name)))


def _with_word(word: str) -> ColumnElement[bool]:
    keys = name_key_table
    found = select(keys.c.person_id).where(keys.c.word >= word, keys.c.word < word + _LAST)
    return case_person_table.c.person_id.in_(found)


def _in_state(stage: CaseStage) -> Select[Any]:
    """Cases whose newest agreement that was not given up is in one of these states, in its newest edition; or of whose
    agreements all were given up."""
    entry, other = case_entry_table, case_entry_table.alias("other")
    agreement = and_(other.c.case_id == entry.c.case_id, other.c.subject == Subject.AGREEMENT)
    outdated = exists().where(agreement, other.c.number == entry.c.number, other.c.edition > entry.c.edition)
    another = exists().where(agreement, other.c.state.not_in(GONE), other.c.number != entry.c.number)
    later = exists().where(agreement, other.c.state.not_in(GONE), other.c.number > entry.c.number)
    return select(entry.c.case_id).where(
        entry.c.subject == Subject.AGREEMENT,
        entry.c.state.in_(ENTRY_STATES[stage]),
        ~outdated,
        ~(another if stage is CaseStage.GIVEN_UP else later),
    )


def _kept_by(actor_id: str) -> Select[Any]:
    table = event_table
    return select(table.c.case_id).where(
        table.c.actor_id == actor_id,
        table.c.subject_kind == SubjectKind.CASE,
        table.c.name.in_((EventName.CASE_CREATED.value, EventName.CASE_CHANGED.value)),
    )


def _with_appointment(begin: date | None, end: date | None) -> Select[Any]:
    table = case_entry_table
    query = select(table.c.case_id).where(
        table.c.subject == Subject.APPOINTMENT, table.c.state != EntryState.CANCELLED, table.c.day.is_not(None)
    )
    if begin is not None:
        query = query.where(table.c.day >= begin)
    return query if end is None else query.where(table.c.day <= end)


def _with_papers(papers: PaperState, late_before: date) -> Select[Any]:
    """Cases with a document that stands so; `figures.returns` says the same of one document after the other."""
    table, returned, later = document_table, scan_document_table, document_table.alias("later")
    query = (
        select(table.c.case_id)
        .outerjoin(returned, returned.c.document_id == table.c.id)
        .where(table.c.state == DocumentState.READY, table.c.kind.in_(SIGNED))
    )
    replaced = exists().where(
        same_document(later, table), later.c.revision > table.c.revision, later.c.state == DocumentState.READY
    )
    nothing, some_pages = returned.c.state.is_(None), returned.c.state == ReturnState.INCOMPLETE
    late = table.c.finished_at < datetime.combine(late_before, time(), OFFICE_ZONE)
    match papers:
        case PaperState.PRINTED:
            return query
        case PaperState.RETURNED:
            return query.where(returned.c.state == ReturnState.ACCEPTED)
        case PaperState.IN_REVIEW:
            return query.where(returned.c.state == ReturnState.NEEDS_REVIEW, ~replaced)
        case PaperState.INCOMPLETE:
            return query.where(some_pages, ~replaced)
        case PaperState.OUTSTANDING:
            return query.where(nothing, ~replaced)
        case PaperState.OVERDUE:
            return query.where(or_(nothing, some_pages), late, ~replaced)
