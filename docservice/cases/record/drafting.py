"""Draws up the paper that follows: the next annex, and the help plan carried forward."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from docservice.cases.intake import parse_record, record_to_json
from docservice.cases.notices import is_holiday
from docservice.cases.record.composing import following_number, paper_before
from docservice.cases.record.forms import read_entry
from docservice.cases.record.reading import Surroundings, read_entry_as
from docservice.db.record.entries import EntryRecord
from docservice.domain.cases import Annex, Appointment, HelpPlan
from docservice.domain.record.carrying import (
    NextAnnex,
    NextPlan,
    annex_after,
    annex_report_faults,
    plan_after,
    plan_report_faults,
)
from docservice.domain.record.differences import Change, annex_changes, plan_changes
from docservice.domain.record.faults import agreement_faults, step_faults
from docservice.domain.record.subjects import Subject
from docservice.domain.record.working_days import proposed_start
from docservice.domain.sources import office_day


def next_annex(payload: object, around: Surroundings) -> tuple[Annex, int | None]:
    """The annex that follows, and the number of its agreement. InvalidInput with every fault of what was handed in."""
    known = parse_record(NextAnnex, payload)
    number = known.agreement or around.standing_agreement()
    previous = _annex(around.newest(Subject.ANNEX, number))
    today = office_day(around.now)
    faults = [
        *agreement_faults(around.state_of_agreement(number)),
        *annex_report_faults(previous, known, today),
        *step_faults(known.work_steps),
    ]
    following = following_number(around.entries, Subject.ANNEX)
    made = annex_after(previous, following, known, _proposed(previous, known, around.now))
    without = Annex(number=following, date=made.date, next_appointment=known.next_appointment)
    read_entry_as(Subject.ANNEX, record_to_json(without), around, number, faults)
    return made, number


def next_plan(payload: object, around: Surroundings) -> HelpPlan:
    """The help plan carried forward. InvalidInput with every fault of what was handed in."""
    known = parse_record(NextPlan, payload)
    newest = around.newest(Subject.HELP_PLAN)
    previous = around.file.help_plan if newest is None else read_entry(newest)
    assert isinstance(previous, HelpPlan)
    made = plan_after(previous, following_number(around.entries, Subject.HELP_PLAN), known)
    if made.predecessor_date is None and newest is not None:  # left blank for handwriting: the day it was drawn up
        made = dataclasses.replace(made, predecessor_date=office_day(newest.created_at))
    checked = HelpPlan(
        version=made.version,
        created_jointly_on=known.created_jointly_on,
        review_date=known.review_date,
        goals=known.goals,
        predecessor_date=made.predecessor_date,
    )
    faults = list(plan_report_faults(previous, known))
    read_entry_as(Subject.HELP_PLAN, record_to_json(checked), around, None, faults)
    return made


def changes_of(record: EntryRecord, papers: Sequence[EntryRecord]) -> tuple[Change, ...]:
    """What differs between an annex or a help plan and the one before it; `papers` are the newest editions."""
    before = paper_before(record, papers)
    said, said_before = read_entry(record), None if before is None else read_entry(before)
    if isinstance(said, Annex) and isinstance(said_before, Annex | None):
        return annex_changes(said_before, said)
    if isinstance(said, HelpPlan) and isinstance(said_before, HelpPlan):
        return plan_changes(said_before, said)
    return ()


def _annex(record: EntryRecord | None) -> Annex | None:
    if record is None:
        return None
    annex = read_entry(record)
    assert isinstance(annex, Annex)
    return annex


def _proposed(previous: Annex | None, known: NextAnnex, now: datetime) -> Appointment:
    """The next talk where the last one was, four weeks after it or after the annex, on a working day."""
    last = None if previous is None else previous.next_appointment
    day = known.date or office_day(now)
    if last is not None:
        day = max(day, office_day(last.start))
    start = proposed_start(None if last is None else last.start, day, is_holiday)
    if last is None:
        return Appointment(start=start)
    return Appointment(start=start, place=last.place, phone=last.phone)
