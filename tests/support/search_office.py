"""An office whose cases are to be found: by what a case file holds, and a large one to measure with."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, create_engine, insert

from docservice.cases.record.forms import CURRENT
from docservice.cases.snapshots import CURRENT as SNAPSHOT
from docservice.db.base import columns_of
from docservice.db.cases import CaseRecord, case_record_table
from docservice.db.events import EventName, SubjectKind, event_table
from docservice.db.record.entries import EntryRecord, case_entry_table
from docservice.db.record.persons import MemberRecord, PersonRecord, case_person_table, person_table
from docservice.db.record.search import Said, name_key_table
from docservice.domain.record.subjects import EntryState, Subject
from docservice.domain.text.search_words import name_words
from tests.support.sources import CountedIds

FAMILY_NAMES: Final = (
    *("Müller", "Schmidt-Weiß", "Çelik", "Nowak", "Đorđević", "Ivanov", "Petrenko", "Al-Hussein", "Khan", "O’Neill"),
    *("Østergård", "Łukasz", "Groß", "Shevchenko", "Haddad", "Nguyễn", "Öztürk", "Kaya", "Weber", "Klein"),
)
GIVEN_NAMES: Final = (
    *("Anna", "Olena", "Ahmad", "Fatima", "José María", "Sébastien", "Mehmet", "Ivan", "Oksana", "Yusuf"),
    *("Leyla", "Jürgen", "Nikolai", "Svitlana", "Abd al-Rahman", "Thị Hoa", "Zoë", "Björn", "Emine", "Piotr"),
)
ORIGINAL: Final = ("الحسين أحمد", "Шевченко Олена", "عبد الله", "Иванов Николай")
STAFF: Final = tuple(f"user:{number}" for number in range(12))
BEGIN: Final = datetime(2024, 1, 2, 9, tzinfo=UTC)


def a_large_office(url: str, cases: int) -> None:
    """So many cases of three persons each, with an agreement, an appointment and their search keys: rows as the steps
    would leave them."""
    ids, kept = CountedIds(), defaultdict[Table, list[dict[str, Any]]](list)
    states = (EntryState.DRAFT, EntryState.SIGNED, EntryState.ENDED, EntryState.REFUSED)
    for number in range(cases):
        at = BEGIN + timedelta(minutes=40 * number)
        case_id = ids.new()
        kept[case_record_table].append(
            columns_of(CaseRecord(case_id, 1, f"{at.year}-{number:05d}", SNAPSHOT, {}, at, at))
        )
        kept[event_table].append(_opened(case_id, number, at))
        for position in range(3):
            _add_person(kept, ids.new(), case_id, 3 * number + position, position, at)
        day = at.date() + timedelta(days=number % 90)
        for subject, state, its_day in (
            (Subject.AGREEMENT, states[number % 4], at.date()),
            (Subject.APPOINTMENT, EntryState.PLANNED, day),
        ):
            kept[case_entry_table].append(_entry(ids.new(), case_id, subject, state, its_day, at))
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in (
            case_record_table,
            person_table,
            case_person_table,
            case_entry_table,
            name_key_table,
            event_table,
        ):
            connection.execute(insert(table), kept[table])
    engine.dispose()


def _add_person(
    kept: dict[Table, list[dict[str, Any]]], person_id: str, case_id: str, number: int, position: int, at: datetime
) -> None:
    family = FAMILY_NAMES[number // 3 % len(FAMILY_NAMES)]
    given = f"{GIVEN_NAMES[number * 7 % len(GIVEN_NAMES)]} {GIVEN_NAMES[number * 11 // 13 % len(GIVEN_NAMES)]}"
    born = 1940 + number * 17 % 80
    kept[person_table].append(columns_of(PersonRecord(person_id, at, at, family, given, f"{born}-05-06", born)))
    kept[case_person_table].append(columns_of(MemberRecord(case_id, f"p{position}", person_id, position)))
    names = [family, given] + ([ORIGINAL[number % 4]] if number % 2 else [])
    kept[name_key_table] += [
        {"case_id": case_id, "person_id": person_id, "said": Said.FILE, "word": word} for word in name_words(names)
    ]


def _entry(entry_id: str, case_id: str, subject: Subject, state: EntryState, day: date, at: datetime) -> dict[str, Any]:
    record = EntryRecord(entry_id, case_id, subject, 1, 1, state, CURRENT, {}, created_at=at, updated_at=at, day=day)
    return columns_of(record)


def _opened(case_id: str, number: int, at: datetime) -> dict[str, Any]:
    return {
        "at": at,
        "actor_id": STAFF[number % len(STAFF)],
        "actor_name": "",
        "subject_kind": SubjectKind.CASE,
        "subject_id": case_id,
        "case_id": case_id,
        "name": EventName.CASE_CREATED.value,
        "data": {},
    }
