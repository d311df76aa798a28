"""Cases of earlier releases get their record: what was printed in order, what the file says now; nothing is lost."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from docservice.cases.intake import case_to_json, parse_case
from docservice.cases.record.composing import Choice, composed
from docservice.cases.snapshots import load
from docservice.db.migrations import schema
from docservice.db.migrations.first_records import AT_ONCE, fill_some
from docservice.db.unit_of_work import Database
from docservice.domain.record.periods import Topic
from docservice.domain.record.subjects import PAPERS, EntryState, Subject
from tests.support.fixtures import load_case
from tests.support.old_databases import database_at

Json = dict[str, Any]


def kept(name: str) -> Json:
    """A family of the fixtures as it is kept."""
    stored: Json = json.loads(json.dumps(case_to_json(parse_case(load_case(name)))))
    return stored


def add(connection: Connection, table: str, **values: object) -> None:
    columns = ", ".join(values)
    names = ", ".join(f":{name}" for name in values)
    given = {name: json.dumps(each) if isinstance(each, dict | list) else each for name, each in values.items()}
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({names})"), given)


def at(connection: Connection, day: int) -> str:
    return f"2026-12-{day:02d} 09:00:00.000000" + ("" if connection.dialect.name == "sqlite" else "+00")


def add_case(connection: Connection, case_id: str, data: Json) -> None:
    values: Json = {"revision": 3, "case_number": case_id, "snapshot_version": 2, "data": data}
    values |= {"created_at": at(connection, 1), "updated_at": at(connection, 20)}
    add(connection, "case_record", id=case_id, **values)


def add_bundle(connection: Connection, bundle_id: str, day: int, data: Json, *kinds: str) -> None:
    values: Json = {"case_revision": 1, "state": "ready", "languages": ["de"], "template_date": "2026-12-01"}
    values |= {"options": {}, "snapshot_version": 2, "snapshot": data, "snapshot_sha256": "", "job_id": ""}
    add(connection, "bundle", id=bundle_id, case_id="one", created_at=at(connection, day), **values)
    for position, kind in enumerate(kinds, start=1):
        values = {"bundle_id": bundle_id, "case_id": "one", "position": position, "kind": kind, "revision": 1}
        values |= {"template": "x", "state": "ready", "attempts": 1, "zones": []}
        add(connection, "document", id=f"{bundle_id}-{kind}", **values)


def add_signed(connection: Connection, document_id: str, day: int) -> None:
    moment = at(connection, day)
    values: Json = {"fingerprint": "", "operator": "", "files": 1, "size": 1, "state": "done", "created_at": moment}
    add(connection, "scan_upload", id="upload", **values)
    values = {"case_id": "one", "document_id": document_id, "version": 1, "upload_id": "upload", "scans": []}
    values |= {"zones": [], "policy": "", "created_at": moment}
    add(connection, "attachment", id="signed", **values)


def history(connection: Connection) -> tuple[Json, Json, Json]:
    """A case as two bundles printed it and as its file says it now: first annex 1, then annex 2, then a new date."""
    first = kept("01-miller")
    second = {**first, "annex": {"number": 2, "work_steps": []}}
    now = {**second, "agreement": {**second["agreement"], "parties": ["anna"]}}
    add_case(connection, "one", now)
    add_bundle(connection, "a", 2, first, "agreement", "annex", "help_plan")
    add_bundle(connection, "b", 9, second, "annex")
    add_signed(connection, "a-agreement", 5)
    return first, second, now


def test_what_was_printed_and_what_the_file_says_are_both_in_the_record(url: str) -> None:
    with database_at(url, "0012") as connection:
        first, second, now = history(connection)
    database = Database(url)
    database.upgrade()
    with database.reading() as tx:
        entries = tx.entries.of_case("one", editions=True)
        case = tx.cases.get("one")
        members = {member.name: member for member in tx.persons.members("one")}
        parties = tx.entries.bound_elsewhere("another", 1, [member.person_id for member in members.values()])
        periods = tx.persons.periods([members["anna"].person_id])
    found = {(each.subject, each.number, each.edition): each for each in entries}
    assert {key: (each.state, dict(each.data)) for key, each in found.items() if key[0] in PAPERS} == {
        (Subject.AGREEMENT, 1, 1): (EntryState.SIGNED, first["agreement"]),
        (Subject.AGREEMENT, 1, 2): (EntryState.DRAFT, now["agreement"]),
        (Subject.ANNEX, 1, 1): (EntryState.GENERATED, first["annex"]),
        (Subject.ANNEX, 2, 1): (EntryState.GENERATED, second["annex"]),
        (Subject.HELP_PLAN, 1, 1): (EntryState.GENERATED, first["help_plan"]),
    }
    signed = found[Subject.AGREEMENT, 1, 1]
    assert (signed.effective_on, signed.created_at) == (signed.day, datetime(2026, 12, 2, 9, 0, tzinfo=UTC))
    assert signed.day == date.fromisoformat(first["agreement"]["date"])
    assert [each.data["annex"] for each in entries if each.subject is Subject.APPOINTMENT] == [1]
    assert case is not None
    newest = [each for each in entries if each.subject in PAPERS and (each.subject, each.edition) != (PAPERS[0], 1)]
    file = load(case.snapshot_version, case.data)
    assert composed(file, newest, Choice()) == file
    assert set(members) == {person["id"] for person in now["persons"]}
    assert parties == {members["anna"].person_id}
    statuses = now["persons"][0]["legal_status"]
    assert [(each.topic, each.code, each.filed) for each in periods] == [
        (Topic.LEGAL_STATUS, status["code"], True) for status in statuses
    ]
    database.close()


def test_whoever_is_interrupted_goes_on(url: str) -> None:
    """As if a process had ended after one part: the tables are there, some cases have their record, some have none."""
    count = AT_ONCE + 30
    with database_at(url, "0013") as connection:
        for number in range(count):
            add_case(connection, f"case-{number:04d}", kept("06-sommer"))
        assert fill_some(connection)
    database = Database(url)
    assert database.version() == "0013"
    database.upgrade()
    assert database.version() == schema.HEAD
    engine = create_engine(url)
    with engine.connect() as connection:
        one_each = text("SELECT count(*), count(DISTINCT case_id) FROM case_entry WHERE subject = 'agreement'")
        assert connection.execute(one_each).one() == (count, count)
    engine.dispose()
    database.close()


def test_a_part_that_is_broken_off_leaves_nothing(url: str) -> None:
    with database_at(url, "0013") as connection:
        add_case(connection, "one", kept("01-miller"))
        add_case(connection, "two", kept("06-sommer") | {"persons": [{"id": "kim", "birth_date": "none"}]})
    engine = create_engine(url)
    with pytest.raises(ValueError, match="none"), engine.begin() as connection:
        fill_some(connection)
    with engine.connect() as connection:
        for table in ("case_entry", "person", "case_person"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
    engine.dispose()


def test_a_case_of_which_hardly_anything_is_known_has_a_record_too(url: str) -> None:
    with database_at(url, "0012") as connection:
        add_case(connection, "one", {})
    database = Database(url)
    database.upgrade()
    with database.reading() as tx:
        assert [each.subject for each in tx.entries.of_case("one")] == sorted(PAPERS)
    database.close()
