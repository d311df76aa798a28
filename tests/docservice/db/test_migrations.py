"""What migrations do with the rows of earlier releases, where it is more than moving a column."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from docservice.db.events import EventName, SubjectKind
from docservice.db.unit_of_work import Database
from docservice.domain.actors import Actor, ActorKind
from tests.support.old_databases import database_at

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STEPS = [  # table, number, minutes after noon
    ("bundle_event", 1, 0),
    ("bundle_event", 2, 1),
    ("bundle_event", 5, 9),  # PostgreSQL leaves numbers out
    ("bundle_event", 6, 8),  # a clock that was behind
    ("scan_event", 1, 2),
    ("scan_event", 2, 8),
    ("scan_event", 30, 20),
]


SNAPSHOT = '{"annex": {"number": 4}, "help_plan": {}}'
_NO = {"sqlite": "0", "postgr": "false"}


def _steps(connection: Connection) -> None:
    moment = "2026-11-23 12:00:00"
    for row in (
        f"case_record VALUES ('case', 1, 'IV-1', '{{}}', '{moment}', '{moment}', 1)",
        f"bundle (id, case_id, case_revision, state, languages, template_date, options, snapshot, snapshot_sha256,"
        f" job_id, created_at) VALUES ('one', 'case', 1, 'ready', '[]', '2026-11-23', '{{}}', '{SNAPSHOT}', '', '',"
        f" '{moment}')",
        f"scan_upload (id, fingerprint, operator, files, size, state, created_at)"
        f" VALUES ('two', '', '', 1, 1, 'done', '{moment}')",
    ):
        connection.execute(text(f"INSERT INTO {row}"))
    for table, seq, minutes in STEPS:
        subject, subject_id = ("bundle_id", "one") if table == "bundle_event" else ("upload_id", "two")
        at = (NOON + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.000000")
        at += "" if connection.dialect.name == "sqlite" else "+00"
        connection.execute(
            text(f"INSERT INTO {table} (seq, {subject}, at, name, data) VALUES (:seq, :id, :at, :name, :data)"),
            {"seq": seq, "id": subject_id, "at": at, "name": f"{table} {seq}", "data": f'{{"n": {seq}}}'},
        )


def test_what_belongs_to_a_document_gets_its_case_and_names_stay_without_an_id(url: str) -> None:
    with database_at(url, "0009") as connection:
        _steps(connection)
        moment = "2026-11-23 12:00:00"
        for row in (
            "document (id, bundle_id, position, kind, revision, template, state, attempts, zones)"
            " VALUES ('paper', 'one', 1, 'agreement', 1, '', 'ready', 1, '[]')",
            "document (id, bundle_id, position, kind, revision, template, state, attempts, zones)"
            " VALUES ('steps', 'one', 2, 'annex', 2, '', 'ready', 1, '[]')",
            "scan_file (id, upload_id, position, name, sha256, size, blob_key, state, hints)"
            " VALUES ('file', 'two', 0, '', '', 1, '', 'opened', '[]')",
            "scan_part (id, upload_id, file_id, first, pages, state) VALUES ('part', 'two', 'file', 0, 2, 'read')",
            f"scan_page (id, upload_id, file_id, part_id, position, created_at, document_id, page, assigned_by,"
            f" considered) VALUES ('placed', 'two', 'file', 'part', 0, '{moment}', 'paper', 1, 'Kim', {_NO[url[:6]]})",
            f"scan_page (id, upload_id, file_id, part_id, position, created_at, considered)"
            f" VALUES ('loose', 'two', 'file', 'part', 1, '{moment}', {_NO[url[:6]]})",
            f"review (id, kind, subject, reason, created_at, document_id, state, closed_by)"
            f" VALUES ('asked', 'zone', 's', 'r', '{moment}', 'paper', 'decided', 'Kim')",
            f"review (id, kind, subject, reason, created_at, upload_id, state)"
            f" VALUES ('other', 'file', 't', 'r', '{moment}', 'two', 'open')",
        ):
            connection.execute(text(f"INSERT INTO {row}"))
    database = Database(url)
    database.upgrade()
    with database.reading() as tx:
        document, annex = tx.documents.get("paper"), tx.documents.get("steps")
        placed, loose = tx.scan_pages.get("placed"), tx.scan_pages.get("loose")
        asked, other = tx.reviews.get("asked"), tx.reviews.get("other")
    assert document is not None
    assert annex is not None
    assert (document.number, annex.number, annex.revision) == (1, 4, 2)
    assert placed is not None
    assert loose is not None
    assert asked is not None
    assert other is not None
    assert (document.case_id, placed.case_id, asked.case_id) == ("case", "case", "case")
    assert (loose.case_id, other.case_id) == (None, None)
    assert (placed.assigned_by, placed.assigned_by_id) == ("Kim", None)
    assert (asked.closed_by, asked.closed_by_id) == ("Kim", None)
    database.close()


def test_events_get_one_order_and_no_follower_misses_one(url: str) -> None:
    with database_at(url, "0009") as connection:
        _steps(connection)
    database = Database(url)
    database.upgrade()
    with database.reading() as tx:
        bundle = tx.events.after(SubjectKind.BUNDLE, "one")
        upload = tx.events.after(SubjectKind.UPLOAD, "two")
    numbers = {event.name: event.seq for event in (*bundle, *upload)}
    assert sorted(numbers, key=numbers.__getitem__) == [
        "bundle_event 1",
        "bundle_event 2",
        "scan_event 1",
        "scan_event 2",
        "bundle_event 5",
        "bundle_event 6",
        "scan_event 30",
    ]
    assert all(number >= int(name.split()[1]) for name, number in numbers.items())
    assert [event.data for event in bundle] == [{"n": 1}, {"n": 2}, {"n": 5}, {"n": 6}]
    assert {(event.case_id, event.actor_id) for event in bundle} == {("case", None)}
    assert {(event.case_id, event.actor_id) for event in upload} == {(None, None)}
    with database.transaction() as tx:
        now = Actor("x", "X", ActorKind.PROGRAM)
        assert tx.events.add(now, EventName.UPLOAD_DONE, "two", NOON) > max(numbers.values())
    database.close()
