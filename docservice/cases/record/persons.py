"""Persons over time: which cases they belong to, and what holds of them for a while."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from docservice.cases.intake import parse_body, record_to_json, refuse_oversize
from docservice.cases.patch import merge_patch
from docservice.cases.record.forms import CURRENT, PERIODS, read_period
from docservice.cases.record.naming import file_former_names
from docservice.db.events import EventName
from docservice.db.record.persons import MemberRecord, PeriodRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor
from docservice.domain.errors import Conflict, Fault, InvalidInput, NotFound, no_such
from docservice.domain.record.faults import period_faults
from docservice.domain.record.periods import PersonPeriod, Topic
from docservice.domain.sources import Clock, IdSource


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody who belongs, or belonged, to a case. `name` is how the case file refers to them, `person_id` stays the
    same in every case; `cases` are the ids of all of them."""

    name: str
    person_id: str
    left_on: date | None
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodView:
    """What holds of a person from one day to another, both included. `filed` periods repeat the case file."""

    topic: Topic
    number: int
    code: str
    valid_from: date | None
    valid_to: date | None
    filed: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    period: dict[str, Any]

    @classmethod
    def of(cls, record: PeriodRecord) -> PeriodView:
        return cls(
            topic=record.topic,
            number=record.number,
            code=record.code,
            valid_from=record.valid_from,
            valid_to=record.valid_to,
            filed=record.filed,
            revision=record.revision,
            created_at=record.created_at,
            updated_at=record.updated_at,
            period=record_to_json(read_period(record)),
        )


class PersonService:
    """Keeps who somebody is through all cases, and their benefits, legal statuses and former names."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def members(self, actor: Actor, case_id: str) -> tuple[MemberView, ...]:
        """Who belongs or belonged to a case, in the order of its file; NotFound."""
        with self._database.reading() as tx:
            if tx.cases.get(case_id) is None:
                raise no_such("case")
            members = tx.persons.members(case_id)
            cases = tx.persons.cases_of([member.person_id for member in members])
        return tuple(
            MemberView(
                member.name,
                member.person_id,
                member.left_on,
                tuple(each.case_id for each in cases if each.person_id == member.person_id),
            )
            for member in members
        )

    def identify(self, actor: Actor, case_id: str, name: str, person_id: str) -> None:
        """Somebody of the case is a person who is known from another one (a child that has grown up, say).

        NotFound for an unknown case or name; InvalidInput when there is no such person, or they are in the case under
        another name.
        """
        with self._member(case_id, name) as (tx, member):
            person = tx.persons.get(person_id)
            there = {each.person_id for each in tx.persons.members(case_id) if each.name != name}
            if person is None or person_id in there:
                raise InvalidInput([Fault.told("person_id", "record.not_this_person")])
            if person_id == member.person_id:
                return
            here = tx.entries.bound_elsewhere("", 0, [member.person_id])
            if here and tx.entries.bound_elsewhere("", 0, [person_id]):
                raise InvalidInput([Fault.told("person_id", "record.second_agreement")])
            tx.persons.identify(member, person_id)
            tx.finder.identify(case_id, member.person_id, person_id)
            tx.events.add(actor, EventName.PERSON_JOINED, person_id, self._clock.now(), case_id=case_id)

    def periods(self, actor: Actor, case_id: str, name: str, topic: Topic) -> tuple[PeriodView, ...]:
        """What holds or held of somebody of the case; NotFound."""
        with self._database.reading() as tx:
            member = _found(tx, case_id, name)
            return tuple(map(PeriodView.of, tx.persons.periods([member.person_id], topic)))

    def add_period(self, actor: Actor, case_id: str, name: str, topic: Topic, payload: object) -> PeriodView:
        """Something holds of somebody for a time. NotFound; InvalidInput with every fault: no two periods of a topic
        hold on one day."""
        refuse_oversize(payload)
        now = self._clock.now()
        with self._member(case_id, name) as (tx, member):
            period = _read(topic, payload)
            others = tx.persons.periods([member.person_id], topic)
            _refuse(period, others)
            record = PeriodRecord(
                id=self._ids.new(),
                person_id=member.person_id,
                case_id=case_id,
                topic=topic,
                number=max((other.number for other in others), default=0) + 1,
                code=period.code,
                valid_from=period.valid_from,
                valid_to=period.valid_to,
                filed=False,
                form=CURRENT,
                data=record_to_json(period),
                created_at=now,
                updated_at=now,
            )
            tx.persons.add_period(record)
            if topic is Topic.NAME:
                file_former_names(tx, case_id, member.person_id)
            about = {"topic": topic.value, "number": record.number}
            tx.events.add(actor, EventName.PERIOD_ADDED, member.person_id, now, about, case_id=case_id)
        return PeriodView.of(record)

    def change_period(
        self,
        actor: Actor,
        case_id: str,
        name: str,
        topic: Topic,
        number: int,
        patch: object,
        expected_revision: int,
    ) -> PeriodView:
        """Change a period by a JSON merge patch, for instance its end.

        NotFound; Conflict "stale_revision" when it is not at `expected_revision` (any more), "period_filed" when it
        repeats the case file; InvalidInput with every fault.
        """
        refuse_oversize(patch)
        now = self._clock.now()
        with self._member(case_id, name) as (tx, member):
            periods = tx.persons.periods([member.person_id], topic)
            record = _open_to_change(periods, number)
            period = _read(topic, merge_patch(record.data, patch))
            _refuse(period, [each for each in periods if each.number != number])
            changed = dataclasses.replace(_said(record, period), revision=record.revision + 1, updated_at=now)
            if record.revision != expected_revision or not tx.persons.replace_period(
                changed, expected_revision=expected_revision
            ):
                raise Conflict.told("cases.stale_revision.case")
            if topic is Topic.NAME:
                file_former_names(tx, case_id, member.person_id)
            about = {"topic": topic.value, "number": number, "revision": changed.revision}
            tx.events.add(actor, EventName.PERIOD_CHANGED, member.person_id, now, about, case_id=case_id)
        return PeriodView.of(changed)

    @contextmanager
    def _member(self, case_id: str, name: str) -> Iterator[tuple[Transaction, MemberRecord]]:
        """Somebody of a case that nobody else changes until the transaction ends."""
        with self._database.transaction() as tx:
            if tx.cases.lock(case_id) is None:
                raise no_such("case")
            member = _found(tx, case_id, name)
            tx.persons.lock(member.person_id)
            yield tx, member


def _found(tx: Transaction, case_id: str, name: str) -> MemberRecord:
    for member in tx.persons.members(case_id):
        if member.name == name:
            return member
    raise NotFound.told("record.no_such_person")


def _open_to_change(periods: Sequence[PeriodRecord], number: int) -> PeriodRecord:
    record = next((each for each in periods if each.number == number), None)
    if record is None:
        raise NotFound.told("record.not_found")
    if record.filed:
        raise Conflict.told("record.period_filed")
    return record


def _said(record: PeriodRecord, period: PersonPeriod) -> PeriodRecord:
    """The row of a period that says this."""
    return dataclasses.replace(
        record,
        code=period.code,
        valid_from=period.valid_from,
        valid_to=period.valid_to,
        form=CURRENT,
        data=record_to_json(period),
    )


def _read(topic: Topic, payload: object) -> PersonPeriod:
    return parse_body(PERIODS[topic], payload)


def _refuse(period: PersonPeriod, others: Sequence[PeriodRecord]) -> None:
    faults = list(period_faults(period, [read_period(other) for other in others]))
    if faults:
        raise InvalidInput(faults)
