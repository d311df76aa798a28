"""What the record of a case looks like from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from docservice.cases.intake import record_to_json, value_to_json
from docservice.cases.notices import appointment_notices
from docservice.cases.record.forms import read_entry
from docservice.db.record.entries import EntryRecord
from docservice.domain.cases import Annex, HelpPlan
from docservice.domain.notices import Notice
from docservice.domain.record.differences import Change, ChangeKind
from docservice.domain.record.entries import PlannedAppointment
from docservice.domain.record.faults import step_faults
from docservice.domain.record.smart import plan_notices
from docservice.domain.record.subjects import EntryState, Subject
from docservice.domain.sources import office_day


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as it stands; `revision` starts at 1 and grows with every change of it. `entry` is what it says, in the
    form in which it is handed in."""

    subject: Subject
    number: int
    edition: int
    state: EntryState
    revision: int
    agreement: int | None
    day: date | None
    until: date | None
    effective_on: date | None
    ended_on: date | None
    reason: str | None
    created_at: datetime
    updated_at: datetime
    entry: dict[str, Any]
    warnings: tuple[Notice, ...]

    @classmethod
    def of(cls, record: EntryRecord) -> EntryView:
        said = read_entry(record)
        return cls(
            subject=record.subject,
            number=record.number,
            edition=record.edition,
            state=record.state,
            revision=record.revision,
            agreement=record.agreement_number,
            day=record.day,
            until=record.until,
            effective_on=record.effective_on,
            ended_on=record.ended_on,
            reason=record.reason,
            created_at=record.created_at,
            updated_at=record.updated_at,
            entry=record_to_json(said),
            warnings=_notices(record, said),
        )


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One thing that has changed: where it is, where it comes from, and each field that says something else."""

    path: str
    origin: str | None
    fields: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What differs from the paper before."""

    added: tuple[ChangeView, ...]
    changed: tuple[ChangeView, ...]
    finished: tuple[ChangeView, ...]
    dropped: tuple[ChangeView, ...]

    @classmethod
    def of(cls, changes: Sequence[Change]) -> ChangesView:
        return cls(**{kind.value: _of_kind(changes, kind) for kind in ChangeKind})


@dataclass(frozen=True, slots=True)
class DraftView:
    """A paper that was drawn up from the one before, and what differs."""

    entry: EntryView
    changes: ChangesView


def _of_kind(changes: Sequence[Change], kind: ChangeKind) -> tuple[ChangeView, ...]:
    return tuple(
        ChangeView(
            change.path,
            change.origin,
            tuple(
                {"field": each.field, "before": value_to_json(each.before), "after": value_to_json(each.after)}
                for each in change.fields
            ),
        )
        for change in changes
        if change.kind is kind
    )


def _notices(record: EntryRecord, said: object) -> tuple[Notice, ...]:
    """What of an entry the office should look at while it may still be changed."""
    if record.state not in (EntryState.DRAFT, EntryState.PLANNED):
        return ()
    match said:
        case PlannedAppointment():
            return appointment_notices(said.start, "start", said.confirmed_warnings)
        case Annex():
            missing = tuple(Notice(each.path, each.code, each.en, each.de) for each in step_faults(said.work_steps))
            talk = said.next_appointment
            return missing + (() if talk is None else appointment_notices(talk.start, "next_appointment.start"))
        case HelpPlan():
            return tuple(plan_notices(said, office_day(record.updated_at)))
    return ()
