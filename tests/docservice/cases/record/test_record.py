"""The record of a case on a real database: the short way into it, what follows from what, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from docservice.cases.record.composing import Choice
from docservice.cases.record.keeping import Keeper
from docservice.cases.record.printing import note_order
from docservice.cases.record.service import RecordService
from docservice.cases.record.views import EntryView
from docservice.cases.service import CaseService
from docservice.cases.snapshots import CURRENT, load
from docservice.db.idempotency import Idempotency
from docservice.db.unit_of_work import Database
from docservice.domain.cases import Case
from docservice.domain.confidentiality import printable
from docservice.domain.errors import Conflict, InvalidInput, NotFound
from docservice.domain.kinds import Kind
from docservice.domain.record.subjects import EntryState, Subject
from tests.support.actors import SOMEBODY
from tests.support.fixtures import case_names, load_case
from tests.support.sources import CountedIds, StatedClock
from tests.support.statements import counted

REPRESENTATIVES = [{"family_name": "Sander", "given_names": "Petra", "salutation": "frau"}]


@dataclass(frozen=True, slots=True)
class Office:
    """The services of cases and their records on one database."""

    database: Database
    clock: StatedClock
    ids: CountedIds
    cases: CaseService
    records: RecordService

    def case(self, name: str = "01-miller") -> str:
        """A family that is handed in; the id of its case."""
        return self.cases.create(SOMEBODY, load_case(name)).case_id

    def file(self, case_id: str) -> Case:
        """The case file as it stands."""
        return load(CURRENT, self.cases.get(SOMEBODY, case_id).case)

    def patch(self, case_id: str, patch: object) -> Case:
        """The case after a change of its file."""
        revision = self.cases.get(SOMEBODY, case_id).revision
        return load(CURRENT, self.cases.change(SOMEBODY, case_id, patch, revision).view.case)

    def all(self, case_id: str, subject: Subject) -> list[EntryView]:
        """The entries of a subject, by number."""
        return list(reversed(self.records.entries(SOMEBODY, case_id, subject, 200).items))

    def numbers(self, case_id: str, subject: Subject) -> list[tuple[int, int, str]]:
        """Number, edition and state of each."""
        return [(each.number, each.edition, each.state.value) for each in self.all(case_id, subject)]

    def add(self, case_id: str, subject: Subject, **payload: object) -> EntryView:
        """One more entry."""
        return self.records.add(SOMEBODY, case_id, subject, payload)

    def move(self, case_id: str, subject: Subject, number: int, state: str, **more: object) -> EntryView:
        """The entry in its next state."""
        revision = self.records.get(SOMEBODY, case_id, subject, number).revision
        return self.records.change(SOMEBODY, case_id, subject, number, {"state": state, **more}, revision).view

    def print(self, case_id: str) -> None:
        """All that the case file shows is ordered as documents."""
        case = self.file(case_id)
        with self.database.transaction() as tx:
            note_order(Keeper(tx, self.ids.new, SOMEBODY, case_id, self.clock.now()), [(kind, case) for kind in Kind])

    def names(self, case_id: str) -> list[str]:
        """What has happened in the case, by the names of the events."""
        with self.database.reading() as tx:
            return [event.name for event in tx.events.of_case(case_id)]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "x.sqlite"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def office(tmp_path: Path, empty: Path) -> Iterator[Office]:
    shutil.copy(empty, tmp_path / "x.sqlite")
    database, clock, ids = Database(f"sqlite:///{tmp_path / 'x.sqlite'}"), StatedClock(), CountedIds()
    cases, records = CaseService(database, clock, ids), RecordService(database, clock, ids)
    yield Office(database, clock, ids, cases, records)
    database.close()


def refused(do: Callable[[], object]) -> set[tuple[str, str]]:
    """Path and code of each fault."""
    with pytest.raises(InvalidInput) as found:
        do()
    assert all(fault.de and fault.en and fault.de != fault.en for fault in found.value.faults)
    return {(fault.path, fault.code) for fault in found.value.faults}


@pytest.mark.parametrize("name", case_names())
def test_the_short_way_makes_the_first_of_each(office: Office, name: str) -> None:
    case_id = office.case(name)
    case = office.file(case_id)
    assert office.numbers(case_id, Subject.AGREEMENT) == [(1, 1, "draft")]
    assert office.numbers(case_id, Subject.ANNEX) == [(case.annex.number, 1, "draft")]
    assert office.numbers(case_id, Subject.HELP_PLAN) == [(case.help_plan.version, 1, "draft")]
    assert office.records.compose(SOMEBODY, case_id, Choice()) == case
    assert len(office.all(case_id, Subject.APPOINTMENT)) == (case.annex.next_appointment is not None)
    assert len(office.all(case_id, Subject.ASSESSMENT)) == bool(case.assessment)
    with office.database.reading() as tx:
        members = {member.name: member.person_id for member in tx.persons.members(case_id)}
        assert list(members) == [person.id for person in case.persons]
        kept = {person.id: person.family_name for person in tx.persons.of_case(case_id)}
        assert [kept[members[person.id]] for person in case.persons] == [p.legal_family_name for p in case.persons]


def test_a_draft_is_changed_with_its_file_and_what_was_printed_is_corrected_beside_it(office: Office) -> None:
    case_id = office.case()
    office.patch(case_id, {"help_plan": {"review_date": "2027-07-01"}})
    assert office.numbers(case_id, Subject.HELP_PLAN) == [(1, 1, "draft")]
    assert office.all(case_id, Subject.HELP_PLAN)[0].until == date(2027, 7, 1)

    office.print(case_id)
    printed = office.all(case_id, Subject.HELP_PLAN)[0]
    assert printed.state is EntryState.GENERATED
    office.patch(case_id, {"notes": "nichts Gedrucktes"})
    assert office.all(case_id, Subject.HELP_PLAN)[0] == printed

    office.patch(case_id, {"help_plan": {"review_date": "2027-08-01"}})
    assert office.numbers(case_id, Subject.HELP_PLAN) == [(1, 2, "draft")]
    with office.database.reading() as tx:
        first, second = tx.entries.editions(case_id, Subject.HELP_PLAN, 1)
    assert (dict(first.data), first.state) == (printed.entry, EntryState.GENERATED)
    assert second.data["review_date"] == "2027-08-01"
    assert office.numbers(case_id, Subject.AGREEMENT) == [(1, 1, "generated")], "nobody corrected it"

    office.print(case_id)
    office.move(case_id, Subject.HELP_PLAN, 1, "signed")
    with office.database.reading() as tx:
        states = [each.state for each in tx.entries.editions(case_id, Subject.HELP_PLAN, 1)]
    assert states == [EntryState.VOID, EntryState.SIGNED]


def test_another_number_in_the_file_is_another_annex(office: Office) -> None:
    case_id = office.case()
    office.patch(case_id, {"annex": {"number": 2, "work_steps": []}})
    assert office.numbers(case_id, Subject.ANNEX) == [(1, 1, "draft"), (2, 1, "draft")]
    assert office.all(case_id, Subject.ANNEX)[0].entry["work_steps"]


def test_the_next_annex_is_what_the_file_shows_and_announces_its_talk(office: Office) -> None:
    case_id = office.case()
    draft = office.records.draft_annex(SOMEBODY, case_id, {"reports": [{"origin": "1-1", "done_on": "2026-12-01"}]})
    assert (draft.entry.number, draft.entry.agreement, draft.entry.state) == (2, 1, EntryState.DRAFT)
    assert [change.origin for change in draft.changes.finished] == ["1-1"]
    assert (office.cases.get(SOMEBODY, case_id).revision, office.file(case_id).annex.number) == (2, 2)
    assert [step.origin for step in office.file(case_id).annex.work_steps] == ["1-2", "1-3", "1-4", "1-5"]
    talks = office.all(case_id, Subject.APPOINTMENT)
    assert [talk.entry["annex"] for talk in talks] == [1, 2]
    assert talks[1].day == date(2027, 1, 7)

    office.patch(case_id, {"annex": {"next_appointment": {"start": "2027-01-08T09:00+01:00"}}})
    assert [talk.day for talk in office.all(case_id, Subject.APPOINTMENT)] == [date(2026, 12, 10), date(2027, 1, 8)]
    office.patch(case_id, {"annex": {"next_appointment": None}})
    assert office.numbers(case_id, Subject.APPOINTMENT)[1] == (2, 1, "cancelled")


def test_a_plan_is_carried_forward_and_names_the_one_before(office: Office) -> None:
    case_id = office.case()
    before = office.file(case_id).help_plan
    reports = [{"origin": "1-1", "goal": "achieved", "result": {"de": "Mietvertrag unterschrieben"}}]
    draft = office.records.draft_plan(SOMEBODY, case_id, {"created_jointly_on": "2027-06-03", "reports": reports})
    assert draft.entry.number == 2
    assert draft.entry.entry["predecessor_date"] == str(before.created_jointly_on)
    assert [change.origin for change in draft.changes.finished] == ["1-1"]
    assert len(draft.entry.entry["goals"]) == len(before.goals) - 1
    assert office.records.compose(SOMEBODY, case_id, Choice(help_plan=1)).help_plan == before
    assert office.file(case_id).help_plan.version == 2


def test_papers_are_chosen_by_their_numbers(office: Office) -> None:
    case_id = office.case()
    first = office.file(case_id)
    office.records.draft_annex(SOMEBODY, case_id, {})
    for state, more in (("generated", {}), ("signed", {}), ("ended", {"reason": "superseded"})):
        office.move(case_id, Subject.AGREEMENT, 1, state, **more)
    office.add(case_id, Subject.AGREEMENT, parties=["anna"], representatives=REPRESENTATIVES)
    assert office.records.compose(SOMEBODY, case_id, Choice(annex=1)) == first
    newest = office.records.compose(SOMEBODY, case_id, Choice())
    assert (newest.agreement.parties, newest.annex.number, newest.annex.work_steps) == (("anna",), 3, ())
    assert newest == office.file(case_id)
    for choice in (Choice(annex=9), Choice(agreement=9), Choice(help_plan=9)):
        with pytest.raises(NotFound):
            office.records.compose(SOMEBODY, case_id, choice)


def test_nobody_is_party_to_two_agreements_at_once(office: Office) -> None:
    case_id = office.case()
    twice = {"parties": ["lena", "igor"], "representatives": REPRESENTATIVES}
    found = refused(lambda: office.records.add(SOMEBODY, case_id, Subject.AGREEMENT, twice))
    assert ("parties[1]", "second_agreement") in found
    assert ("parties[0]", "second_agreement") not in found

    office.patch(case_id, {"agreement": {"parties": ["igor"]}})
    office.add(case_id, Subject.AGREEMENT, parties=["anna"], representatives=REPRESENTATIVES)
    both = {"agreement": {"parties": ["anna", "igor"]}}
    assert refused(lambda: office.patch(case_id, both)) == {("agreement.parties[1]", "second_agreement")}
    assert office.file(case_id).agreement.parties == ("anna",)


REFUSED: list[tuple[Subject, dict[str, Any], set[tuple[str, str]]]] = [
    (Subject.ANNEX, {"work_steps": [{"what": {"de": "x"}}]}, {("work_steps[0].by", "deadline_missing")}),
    (Subject.ANNEX, {"agreement": 7}, {("agreement", "unknown_agreement")}),
    (Subject.ANNEX, {"agreement": "one"}, {("agreement", "unknown_agreement")}),
    (Subject.ANNEX, {"number": 9}, {("number", "number_not_next")}),
    (
        Subject.ANNEX,
        {"date": "2020-01-01", "nonsense": 1, "next_appointment": {"start": "2027-03-28T02:30+01:00"}},
        {
            ("date", "annex_before_agreement"),
            ("nonsense", "unknown_field"),
            ("next_appointment.start", "no_such_time"),
        },
    ),
    (Subject.HELP_PLAN, {"version": 3}, {("version", "number_not_next")}),
    (
        Subject.HELP_PLAN,
        {"goals": [{"area": "arbeit", "title": {"de": "x"}, "measures": [{"description": {"de": "y"}}]}]},
        {("goals[0].measures[0].responsible", "missing"), ("goals[0].measures[0].deadline", "missing")},
    ),
    (
        Subject.AGREEMENT,
        {"parties": ["stranger"], "representatives": REPRESENTATIVES},
        {("parties[0]", "unknown_person")},
    ),
    (
        Subject.CONTACT,
        {"at": "2027-01-04T10:00+01:00", "kind": "visit", "persons": ["anna", "stranger"]},
        {("at", "in_the_future"), ("persons[1]", "unknown_person")},
    ),
    (Subject.CONTACT, {"kind": "dream"}, {("at", "missing"), ("kind", "unknown_value")}),
    (Subject.APPOINTMENT, {"start": "2027-03-28T02:30+01:00"}, {("start", "no_such_time")}),
    (Subject.ASSESSMENT, {"day": "2027-01-01"}, {("day", "in_the_future")}),
    (
        Subject.BREACH,
        {"day": "2027-01-01", "clause": "2", "facts": "x", "agreement": 4},
        {("day", "in_the_future"), ("agreement", "unknown_agreement")},
    ),
]


@pytest.mark.parametrize(("subject", "payload", "faults"), REFUSED)
def test_all_that_is_wrong_is_told_at_once(
    office: Office, subject: Subject, payload: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    case_id = office.case()
    before = office.numbers(case_id, subject)
    assert refused(lambda: office.records.add(SOMEBODY, case_id, subject, payload)) == faults
    assert office.numbers(case_id, subject) == before


@pytest.mark.parametrize("payload", [[], None, "x", 7])
@pytest.mark.parametrize("subject", Subject)
def test_what_is_no_object_is_no_entry(office: Office, subject: Subject, payload: object) -> None:
    case_id = office.case("06-sommer")
    assert refused(lambda: office.records.add(SOMEBODY, case_id, subject, payload)) == {("body", "not_an_object")}


def test_nothing_follows_from_an_agreement_that_has_ended(office: Office) -> None:
    case_id = office.case()
    for state, more in (("generated", {}), ("signed", {"on": "2026-12-03"}), ("ended", {"reason": "moved_away"})):
        ended = office.move(case_id, Subject.AGREEMENT, 1, state, **more)
    assert (ended.effective_on, ended.ended_on, ended.reason) == (date(2026, 12, 3), date(2026, 12, 3), "moved_away")
    assert refused(lambda: office.records.draft_annex(SOMEBODY, case_id, {})) == {("agreement", "agreement_ended")}
    annex = {"agreement": 1}
    assert refused(lambda: office.records.add(SOMEBODY, case_id, Subject.ANNEX, annex)) == {
        ("agreement", "agreement_ended")
    }


def test_states_follow_each_other_as_the_office_works(office: Office) -> None:
    case_id = office.case()
    jump = {"state": "signed"}
    assert refused(lambda: office.records.change(SOMEBODY, case_id, Subject.AGREEMENT, 1, jump, 1)) == {
        ("state", "state_cannot_follow")
    }
    office.move(case_id, Subject.AGREEMENT, 1, "generated")
    later = {"state": "signed", "on": "2026-12-04"}
    assert refused(lambda: office.records.change(SOMEBODY, case_id, Subject.AGREEMENT, 1, later, 2)) == {
        ("on", "in_the_future")
    }
    with pytest.raises(Conflict, match="stale_revision"):
        office.records.change(SOMEBODY, case_id, Subject.AGREEMENT, 1, jump, 1)
    frozen = {"entry": {"place": "Lünen"}}
    with pytest.raises(Conflict, match="entry_frozen"):
        office.records.change(SOMEBODY, case_id, Subject.AGREEMENT, 1, frozen, 2)
    assert refused(lambda: office.records.change(SOMEBODY, case_id, Subject.AGREEMENT, 1, {}, 2)) == {
        ("state", "change_empty")
    }
    assert office.names(case_id)[-1] == "entry.moved"


def test_a_draft_says_something_else_and_so_does_the_file(office: Office) -> None:
    case_id = office.case()
    patch = {"entry": {"date": "2026-12-09", "work_steps": [{"what": {"de": "neu"}, "by": "2026-12-20"}]}}
    changed = office.records.change(SOMEBODY, case_id, Subject.ANNEX, 1, patch, 1).view
    assert (changed.revision, changed.day) == (2, date(2026, 12, 9))
    case = office.file(case_id)
    assert [step.what.de for step in case.annex.work_steps] == ["neu"]


def test_the_same_key_is_the_same_entry(office: Office) -> None:
    case_id, key = office.case(), Idempotency("somebody/annexes", "key", "body")
    first = office.records.draft_annex(SOMEBODY, case_id, {}, key)
    assert office.records.draft_annex(SOMEBODY, case_id, {}, key) == first
    with pytest.raises(Conflict, match="idempotency_key_reused"):
        office.records.draft_annex(SOMEBODY, case_id, {}, Idempotency("somebody/annexes", "key", "other"))
    assert len(office.all(case_id, Subject.ANNEX)) == 2


def test_nothing_internal_of_the_record_is_part_of_a_case_file(office: Office) -> None:
    case_id = office.case()
    secret = "Kanarienvogel"
    office.add(case_id, Subject.CONTACT, at="2026-12-01T10:00+01:00", kind="phone", topic=secret, note=secret)
    office.add(case_id, Subject.BREACH, day="2026-12-01", clause=secret, facts=secret, reason=secret)
    office.add(case_id, Subject.ASSESSMENT, findings=[{"text": secret, "heading": secret}])
    office.add(case_id, Subject.APPOINTMENT, start="2027-01-11T10:00+01:00", staff=secret, note=secret)
    reports = [{"origin": "1-1", "done_on": "2026-12-01", "result": secret}]
    office.records.draft_annex(SOMEBODY, case_id, {"reports": reports})
    aborted = [{"origin": "1-1-1", "measure": "aborted", "abort_reason": "health"}]
    office.records.draft_plan(SOMEBODY, case_id, {"reports": aborted})
    case = office.records.compose(SOMEBODY, case_id, Choice())
    for kind in Kind:
        shown = str(printable(case, kind))
        assert secret not in shown
        assert "HEALTH" not in shown
    with office.database.reading() as tx:
        assert secret not in str([event.data for event in tx.events.of_case(case_id)])


def test_persons_leave_and_come_back_under_their_names(office: Office) -> None:
    case_id = office.case()
    file = load_case("01-miller")
    office.patch(case_id, {"persons": [each for each in file["persons"] if each["id"] != "max"]})
    with office.database.reading() as tx:
        before = {member.name: member for member in tx.persons.members(case_id)}
    assert before["max"].left_on == date(2026, 12, 3)
    renamed = [each | ({"legal_family_name": "Müller"} if each["id"] == "max" else {}) for each in file["persons"]]
    office.patch(case_id, {"persons": renamed})
    with office.database.reading() as tx:
        after = {member.name: member for member in tx.persons.members(case_id)}
        person = tx.persons.get(after["max"].person_id)
    assert (after["max"].person_id, after["max"].left_on) == (before["max"].person_id, None)
    assert person is not None
    assert person.family_name == "Müller"
    assert [name for name in office.names(case_id) if name.startswith("person.")][-3:] == [
        "person.left",
        "person.changed",
        "person.joined",
    ]


def test_legal_status_is_repeated_where_it_can_be_counted(office: Office) -> None:
    case_id = office.case()
    with office.database.reading() as tx:
        anna = next(member.person_id for member in tx.persons.members(case_id) if member.name == "anna")
        periods = tx.persons.periods([anna])
    said = load_case("01-miller")["persons"][0]["legal_status"]
    assert [(each.code, each.filed) for each in periods] == [(status["code"], True) for status in said]
    office.patch(case_id, {"notes": "x"})
    with office.database.reading() as tx:
        assert tx.persons.periods([anna]) == periods, "nothing is written where both say the same"


def test_a_list_is_read_with_one_statement_however_long_it_is(office: Office) -> None:
    case_id = office.case()
    for day in range(1, 4):
        office.add(case_id, Subject.CONTACT, at=f"2026-12-0{day}T08:00+01:00", kind="visit")
    with counted() as few:
        first = office.records.entries(SOMEBODY, case_id, Subject.CONTACT, 2)
    assert [each.number for each in first.items] == [3, 2]
    rest = office.records.entries(SOMEBODY, case_id, Subject.CONTACT, 2, first.next_cursor)
    assert [each.number for each in rest.items] == [1]
    assert rest.next_cursor is None
    assert len([each for each in few if each.lstrip().upper().startswith("SELECT")]) == 2
    with pytest.raises(NotFound):
        office.records.entries(SOMEBODY, "0" * 20, Subject.CONTACT, 2)
