"""Cases are found alike by both databases: through the very steps that make, change and print them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from docservice.cases.record.persons import PersonService
from docservice.cases.record.service import RecordService
from docservice.cases.search.service import SearchService
from docservice.cases.service import CaseService
from docservice.db.unit_of_work import Database
from docservice.domain.actors import Actor, ActorKind
from docservice.domain.errors import InvalidInput
from docservice.domain.kinds import Kind
from docservice.domain.record.periods import Topic
from docservice.domain.record.search import CaseStage
from docservice.domain.record.subjects import EntryState, Subject
from docservice.domain.sources import RandomIds
from docservice.reviews.decisions import Decision
from tests.support.actors import SOMEBODY
from tests.support.fixtures import load_case
from tests.support.scan_office import ScanOffice, both_pages
from tests.support.sources import StatedClock
from tests.support.statements import counted

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Office:
    """The rooms that a case goes through on its way into the search. Names end in a word of this office's own, so
    that what others have put into the database stays out of the way."""

    clock: StatedClock
    cases: CaseService
    records: RecordService
    persons: PersonService
    search: SearchService
    own: str

    def case(self, *persons: Json, actor: Actor = SOMEBODY, number: str = "1") -> str:
        file = load_case("06-sommer")
        file |= {"case_number": f"{self.own}-{number}", "agreement": {**file["agreement"], "parties": ["p1"]}}
        file["persons"] = [{"id": f"p{place}", **person} for place, person in enumerate(persons, start=1)]
        file["help_plan"] = {"version": 1}
        file["annex"] = {"number": 1}
        return self.cases.create(actor, file).case_id

    def found(self, **asked: Any) -> list[str]:
        asked = {"number": self.own, **asked}
        return [each.case_id for each in self.search.find(SOMEBODY, asked, 50).items]

    def faults(self, **asked: Any) -> set[tuple[str, str]]:
        with pytest.raises(InvalidInput) as refused:
            self.search.find(SOMEBODY, asked, 50)
        return {(fault.path, fault.code) for fault in refused.value.faults}


@pytest.fixture
def office(database: Database) -> Office:
    clock, ids = StatedClock(), RandomIds()
    return Office(
        clock,
        CaseService(database, clock, ids),
        RecordService(database, clock, ids),
        PersonService(database, clock, ids),
        SearchService(database, clock, 28),
        f"S{RandomIds().new()[:10]}",
    )


def person(family: str | None, given: str | None, **more: Any) -> Json:
    names = {"legal_family_name": family, "legal_given_names": given, "birth_date": "1984-03-09", **more}
    return {name: value for name, value in names.items() if value is not None}


def arabic(family: str | None, given: str | None) -> Json:
    names = {"family_name": family, "given_names": given}
    return {"script": "Arab", "language": "ar", **{key: value for key, value in names.items() if value}}


def test_a_name_is_found_in_any_spelling_and_order(office: Office) -> None:
    mueller = office.case(person("Müller", "Jürgen Ali"))
    cetin = office.case(person("Çetin-O’Neill", "Zoë"))
    hussein = office.case(
        person("Al-Hussein", "Ahmad", original_script_names=[arabic("الحسين", "أحمد")]), person("Khan", None)
    )
    for name in ("Mueller", "MÜLLER", "jürg mül", "ali mueller", "Juergen"):
        assert office.found(name=name) == [mueller], name
    for name in ("Cetin", "çet", "O'Neill", "Oneill cetin", "Zoe", "neill"):
        assert office.found(name=name) == [cetin], name
    for name in ("Hussein", "Alhussein", "al hussein", "الحسين", "حسين", "احمد حسين", "khan"):
        assert office.found(name=name) == [hussein], name
    for name in ("ller", "Zoë Müller", "Khan Ahmad", "Anna"):
        assert office.found(name=name) == [], name
    assert set(office.found()) == {mueller, cetin, hussein}


def test_a_former_name_and_a_changed_one_lead_to_the_case(office: Office) -> None:
    case_id = office.case(person("Miller", "Anna", birth_name="Kovalenko"))
    before = {"code": "marriage", "family_name": "Schröder", "valid_to": "2020-01-01"}
    period = office.persons.add_period(SOMEBODY, case_id, "p1", Topic.NAME, before)
    for name in ("Schroeder", "kovalenko", "anna schröder"):
        assert office.found(name=name) == [case_id]
    change = {"family_name": "Schrader"}
    office.persons.change_period(SOMEBODY, case_id, "p1", Topic.NAME, period.number, change, period.revision)
    assert (office.found(name="Schröder"), office.found(name="schrader")) == ([], [case_id])
    file = office.cases.get(SOMEBODY, case_id).case
    (anna,) = file["persons"]
    office.cases.change(SOMEBODY, case_id, {"persons": [{**anna, "legal_family_name": "Mahler"}]}, 1)
    assert office.found(name="mahler schrader") == office.found(name="Miller Kovalenko") == [case_id]


def test_who_is_one_person_in_two_cases_is_found_in_both_by_what_either_says(office: Office) -> None:
    first, second = office.case(person("Miller", "Olga")), office.case(person("Sommer", "Olga"), number="2")
    with_name = {"code": "other", "family_name": "Adler", "valid_to": "2001-01-01"}
    office.persons.add_period(SOMEBODY, second, "p1", Topic.NAME, with_name)
    assert office.found(name="Adler") == [second]
    (known,) = office.persons.members(SOMEBODY, first)
    file = office.cases.get(SOMEBODY, second).case
    office.records.change(SOMEBODY, second, Subject.AGREEMENT, 1, {"state": "void"}, 1)
    office.persons.identify(SOMEBODY, second, "p1", known.person_id)
    assert set(office.found(name="Adler Miller")) == {first, second}
    assert file["case_number"] == f"{office.own}-2"


def test_name_and_birth_year_are_those_of_one_person(office: Office) -> None:
    family = office.case(
        person("Miller", "Anna"), person("Miller", "Max", birth_date="2009", guardian="p1", guardian_kind="parents")
    )
    assert office.found(name="Anna", birth_year=1984) == [family]
    assert office.found(name="Max", birth_year=2009) == [family]
    assert office.found(name="Anna", birth_year=2009) == []
    assert office.found(birth_year=1985) == []
    (hit,) = office.search.find(SOMEBODY, {"number": office.own}, 1).items
    assert [(each.name, each.given_names, each.birth_date) for each in hit.persons] == [
        ("p1", "Anna", "1984-03-09"),
        ("p2", "Max", "2009"),
    ]


def test_a_case_is_where_its_newest_agreement_is(office: Office) -> None:
    case_id = office.case(person("Miller", "Anna"))

    def move(*states: EntryState) -> None:
        for state in states:
            present = office.records.get(SOMEBODY, case_id, Subject.AGREEMENT, 1)
            change = {"state": state.value} | ({"reason": "fulfilled"} if state is EntryState.ENDED else {})
            office.records.change(SOMEBODY, case_id, Subject.AGREEMENT, 1, change, present.revision)

    def state() -> list[CaseStage]:
        return [each for each in CaseStage if office.found(state=each.value)]

    assert state() == [CaseStage.IN_PREPARATION]
    move(EntryState.GENERATED, EntryState.PRINTED)
    assert state() == [CaseStage.IN_PREPARATION]
    move(EntryState.SIGNED)
    assert state() == [CaseStage.CONCLUDED]
    move(EntryState.ENDED)
    assert state() == [CaseStage.ENDED]
    second = {"parties": ["p1"], "representatives": [{"family_name": "Sander"}]}
    office.records.add(SOMEBODY, case_id, Subject.AGREEMENT, second)
    assert state() == [CaseStage.IN_PREPARATION]
    present = office.records.get(SOMEBODY, case_id, Subject.AGREEMENT, 2)
    office.records.change(SOMEBODY, case_id, Subject.AGREEMENT, 2, {"state": "void"}, present.revision)
    assert state() == [CaseStage.ENDED]
    refused = office.case(person("Miller", "Anna"), number="2")
    office.records.change(SOMEBODY, refused, Subject.AGREEMENT, 1, {"state": "void"}, 1)
    assert (state(), office.found(state="given_up")) == ([CaseStage.ENDED, CaseStage.GIVEN_UP], [refused])


def test_appointments_count_on_their_days_unless_they_were_cancelled(office: Office) -> None:
    case_id = office.case(person("Miller", "Anna"))
    talk = office.records.add(SOMEBODY, case_id, Subject.APPOINTMENT, {"start": "2026-12-10T14:30+01:00"})
    assert office.found(appointment_from="2026-12-10", appointment_to="2026-12-10") == [case_id]
    assert office.found(appointment_from="2026-12-01") == [case_id]
    assert office.found(appointment_to="2026-12-09") == office.found(appointment_from="2026-12-11") == []
    office.records.change(SOMEBODY, case_id, Subject.APPOINTMENT, talk.number, {"state": "cancelled"}, talk.revision)
    assert office.found(appointment_from="2026-12-01") == []


def test_a_case_is_found_by_who_handed_it_in_or_changed_its_file(office: Office) -> None:
    kim = Actor(f"user:{office.own}", "Kim", ActorKind.PERSON)
    mine, other = office.case(person("Miller", "Anna"), actor=kim), office.case(person("Sommer", "Eva"), number="2")
    assert office.found(caseworker=kim.id) == [mine]
    office.cases.change(kim, other, {"notes": "x"}, 1)
    assert set(office.found(caseworker=kim.id)) == {mine, other}


def test_filters_hold_together_and_a_list_goes_on_where_it_ended(office: Office) -> None:
    made = []
    for number in range(7):
        made.append(office.case(person("Miller" if number % 2 else "Sommer", "Anna"), number=str(number)))
        office.clock.advance(timedelta(seconds=number // 2))
    told: list[str] = []
    cursor = None
    asked = {"number": office.own.lower(), "name": "anna", "state": "in_preparation"}
    while cursor is not None or not told:
        with counted() as statements:
            part = office.search.find(SOMEBODY, asked, 3, cursor)
        assert sum(each.startswith("SELECT") for each in statements) == 2
        told += [each.case_id for each in part.items]
        cursor = part.next_cursor
    assert (sorted(told), len(told)) == (sorted(made), 7)
    assert office.found(name="miller", birth_year=1984, appointment_to="1999-01-01") == []


def test_what_cannot_be_asked_is_told_with_its_field(office: Office) -> None:
    assert office.faults(
        name="?", birth_year=12, state="done", appointment_from="2026-13-01", papers="lost", colour="red"
    ) == {
        ("birth_year", "out_of_range"),
        ("state", "unknown_value"),
        ("appointment_from", "no_such_day"),
        ("papers", "unknown_value"),
        ("colour", "unknown_field"),
    }
    assert office.faults(name="?") == {("name", "no_letter")}
    assert office.faults(name="a b c d e f g h i") == {("name", "too_many_words")}
    assert office.faults(appointment_from="2026-02-02", appointment_to="2026-02-01") == {
        ("appointment_to", "ends_before_it_begins")
    }
    with pytest.raises(InvalidInput) as refused:
        office.search.find(SOMEBODY, ["Zilpzalp"], 50)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("body", "not_an_object")]


def test_papers_are_found_as_the_return_statistics_count_them(database: Database, tmp_path: Path) -> None:
    clock = StatedClock(datetime(2025, 2, 3, 9, 0, tzinfo=UTC))
    paper, search = ScanOffice(tmp_path, database, clock=clock), SearchService(database, clock, 28)
    signed_case, torn_case, replaced_case, waiting_case = (paper.case() for _ in range(4))
    all_cases = {signed_case, torn_case, replaced_case, waiting_case}
    signed, torn = paper.printed(signed_case), paper.printed(torn_case, kind=Kind.HELP_PLAN)
    paper.printed(waiting_case, kind=Kind.ANNEX, number=1)
    unsigned_case = paper.case()
    all_cases.add(unsigned_case)
    paper.printed(unsigned_case, kind=Kind.PLAN_CHANGES, number=2)  # nobody waits for it, nor counts it
    old = paper.printed(replaced_case, kind=Kind.ANNEX, number=2)

    def cases(papers: str) -> set[str]:
        return {each.case_id for each in search.find(SOMEBODY, {"papers": papers}, 200).items} & all_cases

    assert cases("outstanding") == all_cases - {unsigned_case}
    paper.scan(both_pages(signed), both_pages(torn)[:1], both_pages(old)[:1])
    assert cases("printed") == all_cases - {unsigned_case}
    assert cases("in_review") == {signed_case}
    assert cases("incomplete") == {torn_case, replaced_case}
    paper.printed(replaced_case, kind=Kind.ANNEX, number=2, revision=2)
    assert cases("incomplete") == {torn_case}
    assert cases("outstanding") == {replaced_case, waiting_case}
    review = next(each for each in paper.reviews.list(SOMEBODY, 100).reviews if each.document_id == signed)
    paper.reviews.decide(SOMEBODY, review.review_id, Decision("accept"))
    paper.work()
    assert (cases("returned"), cases("in_review")) == ({signed_case}, set())
    assert cases("overdue") == set()
    clock.advance(timedelta(days=28))
    assert cases("overdue") == set()
    clock.advance(timedelta(days=1))
    assert cases("overdue") == {torn_case, replaced_case, waiting_case}
