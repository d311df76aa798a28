"""What is wrong with an entry in view of the others of its case. Each fault tells where, and never a value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from docservice.domain.cases import WorkStep
from docservice.domain.errors import Fault
from docservice.domain.record.periods import PersonPeriod, overlapping
from docservice.domain.record.subjects import STANDING, EndReason, EntryState, Subject, may_follow
from docservice.domain.sources import office_day


def number_faults(path: str, given: int | None, following: int) -> Iterator[Fault]:
    """Numbers are given here: one that is handed in has to be the next."""
    if given is not None and given != following:
        yield Fault.told(path, "record.number_not_next", example=str(following), next=following)


def step_faults(steps: Sequence[WorkStep], path: str = "work_steps") -> Iterator[Fault]:
    """A step without a deadline is none (Zeitvorgabe)."""
    for index, step in enumerate(steps):
        if step.by is None:
            yield Fault.told(f"{path}[{index}].by", "record.deadline_missing", example="2026-12-17")


def agreement_faults(state: EntryState | None) -> Iterator[Fault]:
    """An annex belongs to an agreement that stands; `state` is None when there is none of the number."""
    if state is None:
        yield Fault.told("agreement", "record.unknown_agreement")
    elif state not in STANDING:
        yield Fault.told("agreement", "record.agreement_ended")


def second_agreement_faults(parties: Sequence[str], bound: Collection[str], within: str = "") -> Iterator[Fault]:
    """Nobody is party to two main agreements at once; `bound` are those who are party to another one that stands."""
    for index, party in enumerate(parties):
        if party in bound:
            yield Fault.told(f"{within}parties[{index}]", "record.second_agreement")


def person_faults(persons: Sequence[str], known: Collection[str], path: str = "persons") -> Iterator[Fault]:
    """Who is named belongs to the case."""
    for index, person in enumerate(persons):
        if person not in known:
            yield Fault.told(f"{path}[{index}]", "record.unknown_person")


def past_faults(path: str, moment: datetime | date | None, now: datetime) -> Iterator[Fault]:
    """What is said to have happened has happened."""
    if moment is not None and moment > (now if isinstance(moment, datetime) else office_day(now)):
        yield Fault.told(path, "record.in_the_future")


def period_faults(period: PersonPeriod, others: Sequence[PersonPeriod]) -> Iterator[Fault]:
    """A period ends after it begins, and no other of its topic holds on one of its days."""
    begin, end = period.valid_from, period.valid_to
    if begin is not None and end is not None and end < begin:
        yield Fault.told("valid_to", "record.ends_before_it_begins")
    elif overlapping(period, others):
        yield Fault.told("valid_from", "record.periods_overlap")


def state_faults(
    subject: Subject, state: EntryState, following: EntryState, reason: EndReason | None
) -> Iterator[Fault]:
    """One state follows another only as the office works; what ends, ends for a reason."""
    if not may_follow(subject, state, following):
        yield Fault.told("state", "record.state_cannot_follow", now=state.value, next=following.value)
    elif following is EntryState.ENDED and reason is None:
        yield Fault.told("reason", "record.reason_missing", example=EndReason.FULFILLED.value)
