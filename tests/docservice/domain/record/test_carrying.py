"""What is open goes on with its origin; what is closed is told once, and what differs is said by field."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from typing import Any

import pytest

from docservice.domain.cases import (
    Annex,
    Appointment,
    BilingualText,
    GoalArea,
    GoalState,
    HelpPlan,
    Measure,
    MeasureState,
    PlanGoal,
    Responsible,
    WorkStep,
)
from docservice.domain.record.carrying import (
    NextAnnex,
    NextPlan,
    PlanReport,
    StepReport,
    annex_after,
    annex_report_faults,
    plan_after,
    plan_report_faults,
)
from docservice.domain.record.differences import ChangeKind, FieldChange, annex_changes, plan_changes

TALK = Appointment(start=datetime(2027, 1, 7, 13, 30, tzinfo=UTC))
TODAY = date(2027, 1, 1)


def text(de: str) -> BilingualText:
    return BilingualText(de)


def step(de: str, **more: Any) -> WorkStep:
    return dataclasses.replace(WorkStep(text(de), by=date(2026, 12, 31)), **more)


def measure(de: str, **more: Any) -> Measure:
    plain = Measure(text(de), responsible=Responsible.CLIENT, deadline=date(2027, 3, 1))
    return dataclasses.replace(plain, **more)


def goal(de: str, *measures: Measure, **more: Any) -> PlanGoal:
    return dataclasses.replace(PlanGoal(GoalArea.WORK, text(de), measures=measures), **more)


FIRST = Annex(number=1, work_steps=(step("a"), step("b"), step("c")))
PLAN = HelpPlan(
    version=1,
    created_jointly_on=date(2026, 12, 3),
    goals=(goal("A", measure("a1"), measure("a2")), goal("B", measure("b1")), goal("C")),
)


def test_open_steps_go_on_and_closed_ones_are_told() -> None:
    reports = (StepReport("1-1", done_on=TODAY, result="fertig"), StepReport("1-3", dropped_on=TODAY))
    second = annex_after(FIRST, 2, NextAnnex(reports=reports, work_steps=(step("d"),)), TALK)
    assert [(each.what.de, each.origin) for each in second.work_steps] == [("b", "1-2"), ("d", None)]
    assert [(each.origin, each.done_on, each.dropped_on) for each in second.finished] == [
        ("1-1", TODAY, None),
        ("1-3", None, TODAY),
    ]
    assert second.next_appointment == TALK

    found = {(change.kind, change.path, change.origin) for change in annex_changes(FIRST, second)}
    assert found == {
        (ChangeKind.ADDED, "work_steps[1]", None),
        (ChangeKind.FINISHED, "finished[0]", "1-1"),
        (ChangeKind.DROPPED, "finished[1]", "1-3"),
    }


def test_an_origin_stays_the_same_however_often_a_step_goes_on() -> None:
    annex = FIRST
    for number in range(2, 9):
        annex = annex_after(annex, number, NextAnnex(work_steps=(step(f"new in {number}"),)), TALK)
    assert [each.origin for each in annex.work_steps[:5]] == ["1-1", "1-2", "1-3", "2-4", "3-5"]
    assert not annex.finished


def test_a_step_that_was_done_while_its_annex_was_a_draft_does_not_go_on() -> None:
    done = dataclasses.replace(FIRST, work_steps=(step("a", done_on=TODAY), step("b")))
    second = annex_after(done, 2, NextAnnex(), TALK)
    assert [each.origin for each in second.work_steps] == ["1-2"]
    assert [each.origin for each in second.finished] == ["1-1"]


def test_a_first_annex_of_an_agreement_carries_nothing() -> None:
    assert annex_after(None, 3, NextAnnex(), TALK) == Annex(number=3, next_appointment=TALK)


def test_the_plan_goes_on_with_what_is_unfinished() -> None:
    reports = (
        PlanReport("1-1-1", measure=MeasureState.COMPLETED, result=text("bestanden")),
        PlanReport("1-2", goal=GoalState.ACHIEVED, result=text("ja")),
        PlanReport("1-3", goal=GoalState.IN_PROGRESS),
    )
    known = NextPlan(created_jointly_on=date(2027, 6, 3), reports=reports, goals=(goal("D"),))
    second = plan_after(PLAN, 2, known)
    assert (second.version, second.predecessor_date) == (2, date(2026, 12, 3))
    assert [(each.title.de, each.origin, each.state) for each in second.goals] == [
        ("A", "1-1", GoalState.OPEN),
        ("C", "1-3", GoalState.IN_PROGRESS),
        ("D", None, GoalState.OPEN),
    ]
    assert [each.origin for each in second.goals[0].measures] == ["1-1-2"]
    assert [each.origin for each in second.goals[0].finished] == ["1-1-1"]
    assert [each.origin for each in second.finished] == ["1-2"]

    changes = {(change.kind, change.path): change for change in plan_changes(PLAN, second)}
    assert set(changes) == {
        (ChangeKind.CHANGED, "goals[1]"),
        (ChangeKind.ADDED, "goals[2]"),
        (ChangeKind.FINISHED, "finished[0]"),
        (ChangeKind.FINISHED, "goals[0].finished[0]"),
    }, "the measure of a goal that is reached is not told apart"
    assert changes[ChangeKind.CHANGED, "goals[1]"].fields == (
        FieldChange("state", GoalState.OPEN, GoalState.IN_PROGRESS),
    )


def test_what_was_simply_taken_out_was_dropped_and_is_found_in_the_paper_before() -> None:
    second = plan_after(PLAN, 2, NextPlan())
    shorter = dataclasses.replace(second, goals=second.goals[1:])
    dropped = [(each.path, each.origin) for each in plan_changes(PLAN, shorter) if each.kind is ChangeKind.DROPPED]
    assert ("previous.goals[0]", "1-1") in dropped
    assert ("previous.goals[0].measures[1]", "1-1-2") in dropped


def test_what_nobody_may_read_on_paper_is_not_compared() -> None:
    second = annex_after(FIRST, 2, NextAnnex(), TALK)
    secret = dataclasses.replace(second.work_steps[0], result="vertraulich")
    assert annex_changes(FIRST, dataclasses.replace(second, work_steps=(secret, *second.work_steps[1:]))) == ()


@pytest.mark.parametrize(
    ("report", "path", "code"),
    [
        (StepReport("7-7", done_on=TODAY), "reports[0].origin", "unknown_origin"),
        (StepReport("1-1"), "reports[0].done_on", "report_empty"),
        (StepReport("1-1", done_on=TODAY, dropped_on=TODAY), "reports[0].done_on", "report_empty"),
        (StepReport("1-1", done_on=date(2027, 1, 2)), "reports[0].done_on", "in_the_future"),
    ],
)
def test_a_report_of_a_step_that_says_nothing_is_a_fault(report: StepReport, path: str, code: str) -> None:
    found = list(annex_report_faults(FIRST, NextAnnex(reports=(report,)), TODAY))
    assert [(fault.path, fault.code) for fault in found] == [(path, code)]


@pytest.mark.parametrize(
    ("report", "path", "code"),
    [
        (PlanReport("7-7", goal=GoalState.ACHIEVED), "reports[0].origin", "unknown_origin"),
        (PlanReport("1-1", measure=MeasureState.COMPLETED), "reports[0].goal", "state_missing"),
        (PlanReport("1-1-1", goal=GoalState.ACHIEVED), "reports[0].measure", "state_missing"),
    ],
)
def test_a_report_of_a_plan_names_a_state_of_its_kind(report: PlanReport, path: str, code: str) -> None:
    found = list(plan_report_faults(PLAN, NextPlan(reports=(report,))))
    assert [(fault.path, fault.code) for fault in found] == [(path, code)]
