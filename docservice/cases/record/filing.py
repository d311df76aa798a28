"""Files what a case file says: the short way into the record.

The file shows the newest agreement, one annex and one version of the plan. What it says of them is put into the record
under their numbers: a new number makes a new entry, a draft is changed, and what was printed stays as it was, with the
correction as its next edition. The file's persons, their status and the talks its annexes announce follow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from docservice.cases.intake import record_to_json
from docservice.cases.record.forms import CURRENT, Entry, read_entry, read_period
from docservice.cases.record.keeping import Keeper
from docservice.cases.record.naming import file_former_names, words_of_person
from docservice.db.events import EventName
from docservice.db.record.entries import EntryRecord
from docservice.db.record.persons import MemberRecord, PeriodRecord, PersonRecord
from docservice.db.record.search import Said
from docservice.domain.cases import Annex, Case, LegalStatus, Person
from docservice.domain.errors import InvalidInput
from docservice.domain.record.entries import Assessment, AssessmentFinding, PlannedAppointment
from docservice.domain.record.faults import second_agreement_faults
from docservice.domain.record.periods import FormerName, NameReason, Topic, overlapping
from docservice.domain.record.subjects import EntryState, Subject, may_change
from docservice.domain.sources import office_day

_FILED = (Subject.AGREEMENT, Subject.ANNEX, Subject.HELP_PLAN, Subject.APPOINTMENT, Subject.ASSESSMENT)


def file_case(keeper: Keeper, case: Case, why: NameReason | None = None, *, before: Case | None = None) -> None:
    """Bring the record to what the case file says, all in the keeper's transaction; nothing is written where both say
    the same, nor of a person what the file has said `before`: another case may know better since. A legal name that is
    another one now is kept as a former name, for the reason `why`. InvalidInput when somebody would be party to two
    agreements at once."""
    members = _file_persons(keeper, case, {} if before is None else {each.id: each for each in before.persons}, why)
    words = {members[person.id]: words_of_person(person) for person in case.persons}
    keeper.tx.finder.put_names(keeper.case_id, Said.FILE, words)
    _file_legal_status(keeper, case, members)
    there = _Entries(keeper.tx.entries.of_case(keeper.case_id, _FILED))
    agreement = case.agreement.number
    _file_paper(keeper, there, Subject.AGREEMENT, agreement, case.agreement)
    _set_parties(keeper, case, members, agreement)
    _file_paper(keeper, there, Subject.ANNEX, case.annex.number, case.annex, belongs_to=agreement)
    _file_paper(keeper, there, Subject.HELP_PLAN, case.help_plan.version, case.help_plan)
    file_appointment(keeper, case.annex, tuple(there.of(Subject.APPOINTMENT)))
    _file_assessment(keeper, case, there)


def file_appointment(keeper: Keeper, annex: Annex, appointments: tuple[EntryRecord, ...]) -> None:
    """The talk an annex announces is an appointment of the case: planned, moved or cancelled with it."""
    said = annex.next_appointment
    planned = [
        record
        for record in appointments
        if record.state is EntryState.PLANNED and record.data.get("annex") == annex.number
    ]
    if said is None:
        for record in planned:
            keeper.move(record, EntryState.CANCELLED)
        return
    given = {field.name: getattr(said, field.name) for field in dataclasses.fields(said)}
    if planned:
        present = read_entry(planned[-1])
        assert isinstance(present, PlannedAppointment)
        talk = dataclasses.replace(present, **given)
        if talk != present:
            keeper.change(planned[-1], talk)
    elif not any(_announces(record, annex.number, said.start.isoformat()) for record in appointments):
        number = max((record.number for record in appointments), default=0) + 1
        keeper.add(Subject.APPOINTMENT, number, PlannedAppointment(**given, annex=annex.number))


def _announces(record: EntryRecord, annex: int, start: str) -> bool:
    return record.data.get("annex") == annex and record.data.get("start") == start


@dataclass(frozen=True, slots=True)
class _Entries:
    """The newest editions of a case's entries."""

    records: tuple[EntryRecord, ...]

    def of(self, subject: Subject) -> Iterator[EntryRecord]:
        """Those of a subject, by number."""
        return (record for record in self.records if record.subject is subject)

    def last(self, subject: Subject) -> int:
        """The highest number of a subject; 1 when there is none yet."""
        return max((record.number for record in self.of(subject)), default=1)

    def get(self, subject: Subject, number: int) -> EntryRecord | None:
        """The entry with the number."""
        return next((record for record in self.of(subject) if record.number == number), None)


def _file_paper(
    keeper: Keeper, there: _Entries, subject: Subject, number: int, said: Entry, *, belongs_to: int | None = None
) -> None:
    present = there.get(subject, number)
    if present is None:
        keeper.add(subject, number, said, agreement=belongs_to)
    elif read_entry(present) == said:
        return
    elif may_change(subject, present.state):
        keeper.change(present, said)
    else:
        keeper.add(subject, number, said, corrects=present, agreement=present.agreement_number)


def _set_parties(keeper: Keeper, case: Case, members: Mapping[str, str], agreement: int) -> None:
    entry = keeper.tx.entries.get(keeper.case_id, Subject.AGREEMENT, agreement)
    if entry is None or not may_change(Subject.AGREEMENT, entry.state):
        return
    persons = [members[party] for party in case.agreement.parties]
    bound = keeper.tx.entries.bound_elsewhere(keeper.case_id, agreement, persons)
    names = {name for name, person_id in members.items() if person_id in bound}
    if faults := tuple(second_agreement_faults(case.agreement.parties, names, "agreement.")):
        raise InvalidInput(faults)
    keeper.tx.entries.set_parties(entry.id, persons)


def _file_assessment(keeper: Keeper, case: Case, there: _Entries) -> None:
    """The findings of the file are the newest assessment as long as nothing else was put into it."""
    said = Assessment(
        findings=tuple(
            AssessmentFinding(text=found.text, heading=found.block, confidentiality=found.confidentiality)
            for found in case.assessment
        )
    )
    present = there.get(Subject.ASSESSMENT, there.last(Subject.ASSESSMENT))
    if present is None:
        if said.findings:
            keeper.add(Subject.ASSESSMENT, 1, said)
    elif present.data.get("day") is None and read_entry(present) != said:
        keeper.change(present, said)


def _file_persons(
    keeper: Keeper, case: Case, before: Mapping[str, Person], why: NameReason | None
) -> Mapping[str, str]:
    """The ids of the persons by the names by which the file refers to them."""
    tx, day = keeper.tx, office_day(keeper.at)
    members = {member.name: member for member in tx.persons.members(keeper.case_id)}
    known = {person.id: person for person in tx.persons.of_case(keeper.case_id)} if members else {}
    for position, person in enumerate(case.persons, start=1):
        member = members.get(person.id)
        if member is None:
            members[person.id] = _join(keeper, person, position)
            continue
        _update(keeper, known[member.person_id], before.get(person.id), person, why or NameReason.OTHER)
        present = dataclasses.replace(member, position=position, left_on=None)
        if present != member:
            tx.persons.put_member(present)
            if member.left_on is not None:
                keeper.tx.events.add(
                    keeper.actor, EventName.PERSON_JOINED, member.person_id, keeper.at, case_id=keeper.case_id
                )
    named = {person.id for person in case.persons}
    for member in members.values():
        if member.name not in named and member.left_on is None:
            tx.persons.put_member(dataclasses.replace(member, left_on=day))
            tx.events.add(keeper.actor, EventName.PERSON_LEFT, member.person_id, keeper.at, case_id=keeper.case_id)
    return {member.name: member.person_id for member in members.values()}


def _join(keeper: Keeper, person: Person, position: int) -> MemberRecord:
    record = _said_of(PersonRecord(keeper.new_id(), keeper.at, keeper.at), person)
    member = MemberRecord(keeper.case_id, person.id, record.id, position)
    keeper.tx.persons.add(record)
    keeper.tx.persons.join(member)
    keeper.tx.events.add(keeper.actor, EventName.PERSON_JOINED, record.id, keeper.at, case_id=keeper.case_id)
    return member


def _update(keeper: Keeper, known: PersonRecord, before: Person | None, person: Person, why: NameReason) -> None:
    said = _said_of(known, person)
    if before is not None:
        said_before = _said_of(known, before)
        names = (field.name for field in dataclasses.fields(said))
        new = {name: getattr(said, name) for name in names if getattr(said, name) != getattr(said_before, name)}
        said = dataclasses.replace(known, **new)
    if (said.family_name, said.given_names) != (known.family_name, known.given_names):
        keeper.tx.persons.lock(known.id)
        _keep_former_name(keeper, known, why)
    fields = [
        field.name for field in dataclasses.fields(said) if getattr(said, field.name) != getattr(known, field.name)
    ]
    if fields:
        keeper.tx.persons.put(dataclasses.replace(said, updated_at=keeper.at))
        about = {"fields": fields}
        keeper.tx.events.add(keeper.actor, EventName.PERSON_CHANGED, known.id, keeper.at, about, case_id=keeper.case_id)


def _keep_former_name(keeper: Keeper, known: PersonRecord, why: NameReason) -> None:
    """The name that somebody bore until yesterday; a name of less than a day, or of days that the office has told of
    already, is none."""
    tx, until = keeper.tx, office_day(keeper.at) - timedelta(days=1)
    periods = tx.persons.periods([known.id], Topic.NAME)
    ends = [each.valid_to for each in periods if each.valid_to is not None]
    begin = max(ends) + timedelta(days=1) if ends else None
    former = FormerName(why, known.family_name, known.given_names, begin, until)
    if (begin is not None and begin > until) or overlapping(former, map(read_period, periods)):
        return
    number = max((each.number for each in periods), default=0) + 1
    record = PeriodRecord(
        id=keeper.new_id(),
        person_id=known.id,
        case_id=keeper.case_id,
        topic=Topic.NAME,
        number=number,
        code=why,
        valid_from=begin,
        valid_to=until,
        filed=False,
        form=CURRENT,
        data=record_to_json(former),
        created_at=keeper.at,
        updated_at=keeper.at,
    )
    tx.persons.add_period(record)
    file_former_names(tx, keeper.case_id, known.id)
    about = {"topic": Topic.NAME.value, "number": number}
    tx.events.add(keeper.actor, EventName.PERIOD_ADDED, known.id, keeper.at, about, case_id=keeper.case_id)


def _said_of(record: PersonRecord, person: Person) -> PersonRecord:
    born = person.birth_date
    return dataclasses.replace(
        record,
        family_name=person.legal_family_name,
        given_names=person.legal_given_names,
        birth_date=None if born is None else str(born),
        birth_year=None if born is None else born.year,
    )


def _file_legal_status(keeper: Keeper, case: Case, members: Mapping[str, str]) -> None:
    """What the file says of legal statuses is repeated as periods, where they can be searched and counted."""
    tx = keeper.tx
    present = tx.persons.periods(members.values(), Topic.LEGAL_STATUS)
    filed = [(each.person_id, dict(each.data)) for each in present if each.filed and each.case_id == keeper.case_id]
    said = [
        (members[person.id], record_to_json(status), status)
        for person in case.persons
        for status in person.legal_status
    ]
    if sorted(map(repr, filed)) == sorted(repr((person_id, data)) for person_id, data, _ in said):
        return
    tx.persons.forget_filed(keeper.case_id)
    numbers = dict[str, int]()
    for each in present:
        numbers[each.person_id] = max(numbers.get(each.person_id, 0), each.number)
    for person_id, data, status in said:
        numbers[person_id] = numbers.get(person_id, 0) + 1
        tx.persons.add_period(_filed(keeper, person_id, numbers[person_id], status, data))


def _filed(
    keeper: Keeper, person_id: str, number: int, status: LegalStatus, data: Mapping[str, object]
) -> PeriodRecord:
    return PeriodRecord(
        id=keeper.new_id(),
        person_id=person_id,
        case_id=keeper.case_id,
        topic=Topic.LEGAL_STATUS,
        number=number,
        code=status.code,
        valid_from=status.valid_from,
        valid_to=status.valid_to,
        filed=True,
        form=CURRENT,
        data=data,
        created_at=keeper.at,
        updated_at=keeper.at,
    )
