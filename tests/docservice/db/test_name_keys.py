"""Persons of earlier releases get their search keys at the upgrade, the same that a case handed in today gets."""

from __future__ import annotations

from sqlalchemy import create_engine, select, text

from docservice.cases.service import CaseService
from docservice.db.migrations import name_keys, schema
from docservice.db.record.search import name_key_table
from docservice.db.unit_of_work import Database
from docservice.domain.sources import RandomIds
from tests.docservice.db.test_first_records import add, add_case, kept
from tests.support.actors import SOMEBODY
from tests.support.fixtures import case_names, load_case
from tests.support.old_databases import database_at
from tests.support.sources import StatedClock


def keys_of(url: str) -> dict[str, set[tuple[str, str, str]]]:
    """By case: by which words, said where, its members are found."""
    engine, found = create_engine(url), dict[str, set[tuple[str, str, str]]]()
    with engine.connect() as connection:
        query = text(
            "SELECT k.case_id, m.name, k.said, k.word FROM name_key k"
            " JOIN case_person m ON m.case_id = k.case_id AND m.person_id = k.person_id"
        )
        for case_id, name, said, word in connection.execute(query):
            found.setdefault(case_id, set()).add((name, said, word))
    engine.dispose()
    return found


def test_old_cases_are_found_as_new_ones_are(url: str) -> None:
    names = [name for name in case_names() if not name.startswith("invalid")]
    with database_at(url, "0012") as connection:
        for name in names:
            add_case(connection, f"old {name}", kept(name))
    database = Database(url)
    database.upgrade()
    assert database.version() == schema.HEAD
    cases = CaseService(database, StatedClock(), RandomIds())
    new = {name: cases.create(SOMEBODY, load_case(name)).case_id for name in names}
    database.close()
    keys = keys_of(url)
    for name, case_id in new.items():
        assert keys[f"old {name}"] == keys[case_id], name
        assert keys[case_id]


def test_whoever_is_interrupted_goes_on_and_nobody_is_left_out(url: str) -> None:
    with database_at(url, "0013") as connection:
        for number in range(9):
            add_case(connection, f"case-{number}", kept("01-miller"))
        add_case(connection, "nobody knows", {"persons": [{"id": "kim"}]})
    database = Database(url)
    engine = create_engine(url)
    database.upgrade()
    with engine.begin() as connection:
        (person,) = connection.execute(
            text("SELECT person_id FROM case_person WHERE case_id = 'case-3' AND name = 'anna'")
        ).scalars()
        period = {"id": "p", "person_id": person, "case_id": "case-3", "topic": "name", "number": 1, "code": "other"}
        period |= {"filed": False, "form": 1, "data": {"family_name": "Adler"}, "revision": 1}
        moment = "2026-12-01 09:00:00.000000" + ("" if url.startswith("sqlite") else "+00")
        add(connection, "person_period", **period, created_at=moment, updated_at=moment)
        connection.execute(name_key_table.delete())
        connection.execute(text("UPDATE alembic_version SET version_num = '0017'"))
    rounds = 0
    with engine.begin() as connection:
        while name_keys.fill_some(connection, limit=7) and rounds < 2:
            rounds += 1
    database.upgrade()
    with engine.connect() as connection:
        members = connection.execute(text("SELECT count(*) FROM case_person")).scalar()
        had = select(name_key_table.c.case_id, name_key_table.c.person_id).distinct()
        assert len(connection.execute(had).all()) == members
    keys = keys_of(url)
    assert ("anna", "former", "ADLER") in keys["case-3"]
    assert keys["case-2"] | {("anna", "former", "ADLER")} == keys["case-3"]
    assert keys["nobody knows"] == {("kim", "file", "")}
    engine.dispose()
    assert database.version() == schema.HEAD
    database.close()
