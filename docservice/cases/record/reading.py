"""Reads what is handed in for an entry of the record: all that is wrong with it at once, in view of its case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from docservice.cases.intake import case_to_json, parse_case, parse_record
from docservice.cases.record.composing import CaseState, following_number
from docservice.cases.record.forms import ENTRIES, Entry
from docservice.db.record.entries import EntryRecord
from docservice.domain.cases import AgreementTerms, Annex, Case
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.record.entries import Assessment, Breach, Contact, PlannedAppointment
from docservice.domain.record.faults import (
    agreement_faults,
    number_faults,
    past_faults,
    person_faults,
    second_agreement_faults,
    step_faults,
)
from docservice.domain.record.subjects import GONE, PAPERS, STANDING, EntryState, Subject
from docservice.domain.sources import office_day

_BODY: Final = "body"
"""The path of a fault that concerns the whole of what was handed in."""
_NUMBERS: Final = {Subject.AGREEMENT: "number", Subject.ANNEX: "number", Subject.HELP_PLAN: "version"}
"""What papers of a subject call their number."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an entry is judged by: the file of its case, its other entries (newest editions), who is bound by another
    agreement, and the moment."""

    file: Case
    entries: Sequence[EntryRecord]
    bound: frozenset[str]
    now: datetime

    @property
    def state(self) -> CaseState:
        """The case as it is before anything is changed."""
        return CaseState(self.file, [each for each in self.entries if each.subject in PAPERS])

    def of(self, subject: Subject) -> list[EntryRecord]:
        """The entries of a subject, by number."""
        return [each for each in self.entries if each.subject is subject]

    def state_of_agreement(self, number: int | None) -> EntryState | None:
        """The state of an agreement; None without one of the number."""
        return next((each.state for each in self.of(Subject.AGREEMENT) if each.number == number), None)

    def standing_agreement(self) -> int | None:
        """The newest agreement that stands, else the newest one."""
        agreements = self.of(Subject.AGREEMENT)
        standing = [each.number for each in agreements if each.state in STANDING]
        return max(standing or [each.number for each in agreements], default=None)

    def newest(self, subject: Subject, agreement: int | None = None) -> EntryRecord | None:
        """The newest entry of a subject (of an agreement) that is neither refused nor a misprint."""
        found = [
            each for each in self.of(subject) if each.state not in GONE and agreement in (None, each.agreement_number)
        ]
        return max(found, key=lambda each: each.number, default=None)


def read_new(subject: Subject, payload: object, around: Surroundings) -> tuple[Entry, int | None]:
    """A new entry from a JSON document, and the number of the agreement it belongs to; InvalidInput with every
    fault."""
    body = dict(payload) if isinstance(payload, Mapping) else payload
    agreement = None
    faults: list[Fault] = []
    if isinstance(body, dict) and subject is Subject.ANNEX:
        agreement = body.pop("agreement", around.standing_agreement())
        state = around.state_of_agreement(agreement) if isinstance(agreement, int) else None
        faults += agreement_faults(state)
    if isinstance(body, dict) and subject in _NUMBERS:
        faults += _numbered(subject, body, around)
    entry = read_entry_as(subject, body, around, agreement, faults)
    return entry, agreement


def read_entry_as(
    subject: Subject, body: object, around: Surroundings, agreement: int | None, faults: Sequence[Fault] = ()
) -> Entry:
    """The entry of a JSON document; InvalidInput with those faults, and with every fault of its own."""
    found = list(faults)
    try:
        if subject in (Subject.AGREEMENT, Subject.ANNEX, Subject.HELP_PLAN):
            found += _paper_faults(subject, body, around, agreement)
        entry = parse_record(ENTRIES[subject], body)
    except InvalidInput as refused:
        raise InvalidInput(found or _of_body(refused.faults)) from None
    found += (fault for fault in _faults(entry, around) if fault not in found)
    if found:
        raise InvalidInput(found)
    return entry


def _numbered(subject: Subject, body: dict[str, Any], around: Surroundings) -> Iterator[Fault]:
    """Gives the paper its number: one that was handed in has to be the next. A plan names the day of the last."""
    name, following = _NUMBERS[subject], following_number(around.entries, subject)
    given = body.get(name)
    if type(given) is int:
        yield from number_faults(name, given, following)
    if given is None:
        body[name] = following
    if subject is Subject.HELP_PLAN and body.get("predecessor_date") is None:
        before = around.newest(subject)
        if before is not None and before.day is not None:
            body["predecessor_date"] = before.day.isoformat()


def _paper_faults(subject: Subject, body: object, around: Surroundings, agreement: int | None) -> list[Fault]:
    """What the intake says of the paper as a part of its case file, told from the top of the paper."""
    file = case_to_json(around.file)
    terms = next((each for each in around.of(Subject.AGREEMENT) if each.number == agreement), None)
    if subject is Subject.ANNEX and terms is not None:
        file["agreement"] = dict(terms.data)
    file[subject.value] = body
    try:
        parse_case(file, today=office_day(around.now))
    except InvalidInput as refused:
        return [_within(fault, subject.value) for fault in refused.faults if fault.path.startswith(subject.value)]
    return []


def _faults(entry: Entry, around: Surroundings) -> Iterator[Fault]:
    """What is wrong with an entry of which each field is right."""
    known = {person.id for person in around.file.persons}
    match entry:
        case AgreementTerms():
            yield from second_agreement_faults(entry.parties, around.bound)
        case Annex():
            yield from step_faults(entry.work_steps)
        case PlannedAppointment():
            yield from person_faults(entry.persons, known)
        case Contact():
            yield from past_faults("at", entry.at, around.now)
            yield from person_faults(entry.persons, known)
        case Assessment():
            yield from past_faults("day", entry.day, around.now)
            for index, finding in enumerate(entry.findings):
                yield from past_faults(f"findings[{index}].found_on", finding.found_on, around.now)
        case Breach():
            yield from past_faults("day", entry.day, around.now)
            yield from past_faults("heard_on", entry.heard_on, around.now)
            yield from past_faults("referred_on", entry.referred_on, around.now)
            if entry.agreement is not None and around.state_of_agreement(entry.agreement) is None:
                yield from agreement_faults(None)


def _within(fault: Fault, part: str) -> Fault:
    path = fault.path.removeprefix(part).removeprefix(".") or _BODY
    return Fault(path, fault.code, fault.de, fault.en, fault.example)


def _of_body(faults: Sequence[Fault]) -> list[Fault]:
    return [
        Fault(_BODY if fault.path == "case" else fault.path, fault.code, fault.de, fault.en, fault.example)
        for fault in faults
    ]
