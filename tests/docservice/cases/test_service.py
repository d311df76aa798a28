"""Case records on a real database: handed in, read, changed by two people at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from docservice.cases.intake import parse_case
from docservice.cases.service import CaseService
from docservice.db.unit_of_work import Database
from docservice.domain.errors import Conflict, InvalidInput, NotFound
from tests.support.actors import SOMEBODY
from tests.support.fixtures import case_names, load_case
from tests.support.sources import CountedIds, StatedClock


@pytest.fixture
def clock() -> StatedClock:
    return StatedClock()


@pytest.fixture
def cases(tmp_path: Path, clock: StatedClock) -> Iterator[CaseService]:
    database = Database(f"sqlite:///{tmp_path / 'docservice.db'}")
    database.upgrade()
    yield CaseService(database, clock, CountedIds())
    database.close()


@pytest.mark.parametrize("name", case_names())
def test_a_family_is_kept_and_read_back(cases: CaseService, clock: StatedClock, name: str) -> None:
    record = cases.create(SOMEBODY, load_case(name))
    assert cases.get(SOMEBODY, record.case_id) == record
    assert (record.revision, record.created_at, record.updated_at) == (1, clock.now(), clock.now())
    assert record.case["case_number"] == load_case(name)["case_number"]
    assert parse_case(record.case) == parse_case(load_case(name))


def test_nothing_is_kept_of_a_faulty_case(cases: CaseService) -> None:
    with pytest.raises(InvalidInput):
        cases.create(SOMEBODY, load_case("invalid/many-faults"))
    with pytest.raises(NotFound):
        cases.get(SOMEBODY, CountedIds().new())


def test_a_change_makes_the_next_revision_and_leaves_the_rest(cases: CaseService, clock: StatedClock) -> None:
    first = cases.create(SOMEBODY, load_case("01-miller"))
    clock.advance(timedelta(hours=1))
    patch = {"agreement": {"date": "2026-12-04"}, "annex": {"date": "2026-12-04"}, "notes": None}
    second = cases.change(SOMEBODY, first.case_id, patch, expected_revision=1).view

    assert cases.get(SOMEBODY, first.case_id) == second
    assert (second.revision, second.created_at, second.updated_at) == (2, first.created_at, clock.now())
    case = parse_case(second.case)
    assert case.agreement.date is not None
    assert case.agreement.date.isoformat() == "2026-12-04"
    assert case.notes is None
    assert case.persons == parse_case(first.case).persons


def test_whoever_comes_second_is_told_and_overwrites_nothing(cases: CaseService) -> None:
    record = cases.create(SOMEBODY, load_case("01-miller"))
    cases.change(SOMEBODY, record.case_id, {"case_number": "2026-0001"}, expected_revision=1)
    with pytest.raises(Conflict) as refused:
        cases.change(SOMEBODY, record.case_id, {"case_number": "2026-0002"}, expected_revision=1)
    assert refused.value.code == "stale_revision"
    assert cases.get(SOMEBODY, record.case_id).case["case_number"] == "2026-0001"


def test_of_many_changes_at_the_same_time_one_wins(cases: CaseService) -> None:
    record = cases.create(SOMEBODY, load_case("06-sommer"))
    outcomes: list[str] = []
    together = threading.Barrier(4)

    def change(number: int) -> None:
        together.wait(timeout=10)
        try:
            changed = cases.change(SOMEBODY, record.case_id, {"case_number": f"2026-{number}"}, 1)
            outcomes.append(str(changed.view.case["case_number"]))
        except Conflict as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert outcomes.count("stale_revision") == 3
    assert cases.get(SOMEBODY, record.case_id).case["case_number"] in outcomes
    assert cases.get(SOMEBODY, record.case_id).revision == 2


def test_a_change_that_breaks_a_rule_is_refused_as_a_whole(cases: CaseService) -> None:
    record = cases.create(SOMEBODY, load_case("01-miller"))
    with pytest.raises(InvalidInput) as refused:
        cases.change(
            SOMEBODY,
            record.case_id,
            {"case_number": "2026-0001", "agreement": {"parties": ["anna", "max", "oma"]}},
            1,
        )
    assert [fault.path for fault in refused.value.faults] == ["agreement.parties[2]"]
    assert cases.get(SOMEBODY, record.case_id) == record


@pytest.mark.parametrize("patch", [None, [], "x", 7])
def test_a_patch_that_is_no_object_is_refused(cases: CaseService, patch: object) -> None:
    record = cases.create(SOMEBODY, load_case("06-sommer"))
    with pytest.raises(InvalidInput):
        cases.change(SOMEBODY, record.case_id, patch, 1)


def test_a_patch_nested_beyond_reason_is_refused(cases: CaseService) -> None:
    record = cases.create(SOMEBODY, load_case("06-sommer"))
    deep: object = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(InvalidInput):
        cases.change(SOMEBODY, record.case_id, deep, 1)


def test_a_case_nobody_knows_is_not_found(cases: CaseService) -> None:
    with pytest.raises(NotFound):
        cases.change(SOMEBODY, CountedIds().new(), {}, 1)


def test_today_decides_about_ages_when_the_agreement_date_is_left_blank(cases: CaseService) -> None:
    lea = load_case("08-lea")
    del lea["persons"][0]["guardian"], lea["agreement"]["date"]
    with pytest.raises(InvalidInput) as refused:
        cases.create(SOMEBODY, lea)
    assert [fault.code for fault in refused.value.faults] == ["guardian_missing"]
