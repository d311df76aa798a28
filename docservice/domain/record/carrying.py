"""The next annex, and a help plan carried forward (Fortschreibung): what is open is taken over, with its origin.

An origin says where something was first agreed: "1-2" is the second step of annex 1, or the second goal of version 1;
"1-2-1" the first measure of that goal. It stays the same however often the thing is carried on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from docservice.domain.cases import (
    K0,
    K1,
    K2,
    K3,
    AbortReason,
    Annex,
    Appointment,
    BilingualText,
    GoalState,
    HelpPlan,
    Measure,
    MeasureState,
    PlanGoal,
    WorkStep,
    classed,
)
from docservice.domain.errors import Fault
from docservice.domain.forms import Between, Entries, FreeText, Origin

CLOSED_GOALS: Final = (GoalState.ACHIEVED, GoalState.PARTLY, GoalState.NOT_ACHIEVED, GoalState.DROPPED)
CLOSED_MEASURES: Final = (MeasureState.COMPLETED, MeasureState.ABORTED)


@dataclass(frozen=True, slots=True)
class StepReport:
    """What became of a step: on that day it was done, or not needed any more."""

    origin: Origin = classed(K0)
    done_on: date | None = classed(K0, None)
    dropped_on: date | None = classed(K0, None)
    result: FreeText | None = classed(K2, None)


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What became of a goal (`goal`) or of a measure (`measure`)."""

    origin: Origin = classed(K1)
    goal: GoalState | None = classed(K1, None)
    measure: MeasureState | None = classed(K1, None)
    abort_reason: AbortReason | None = classed(K3, None)
    result: BilingualText | None = classed(K1, None)


@dataclass(frozen=True, slots=True)
class NextAnnex:
    """What is known of the next annex before it is drawn up; nothing has to be."""

    agreement: Annotated[int, Between(1, 999)] | None = classed(K0, None)  # the newest one that stands
    date: date | None = classed(K0, None)
    reports: Annotated[tuple[StepReport, ...], Entries(50)] = classed(K0, ())
    work_steps: Annotated[tuple[WorkStep, ...], Entries(50)] = classed(K0, ())  # besides those that are carried over
    next_appointment: Appointment | None = classed(K0, None)  # proposed when left out


@dataclass(frozen=True, slots=True)
class NextPlan:
    """What is known of the next version of the help plan before it is drawn up; nothing has to be."""

    created_jointly_on: date | None = classed(K1, None)
    review_date: date | None = classed(K1, None)
    reports: Annotated[tuple[PlanReport, ...], Entries(200)] = classed(K1, ())
    goals: Annotated[tuple[PlanGoal, ...], Entries(50)] = classed(K1, ())  # besides those that are carried over
    client_statement: BilingualText | None = classed(K1, None)


def annex_after(previous: Annex | None, number: int, known: NextAnnex, proposed: Appointment) -> Annex:
    """The annex that follows, as a draft; steps that were done or dropped are told in it as `finished`."""
    reports = {report.origin: report for report in known.reports}
    steps = [_reported_step(step, reports) for step in steps_of(previous)]
    return Annex(
        number=number,
        date=known.date,
        work_steps=(*(step for step in steps if not is_closed(step)), *known.work_steps),
        finished=tuple(step for step in steps if is_closed(step)),
        next_appointment=known.next_appointment or proposed,
    )


def plan_after(previous: HelpPlan, version: int, known: NextPlan) -> HelpPlan:
    """The plan carried forward, as a draft; goals and measures that are closed are told in it as `finished`."""
    reports = {report.origin: report for report in known.reports}
    goals = [_reported_goal(goal, reports) for goal in goals_of(previous)]
    return HelpPlan(
        version=version,
        created_jointly_on=known.created_jointly_on,
        review_date=known.review_date,
        basis_assessment_date=previous.basis_assessment_date,
        goals=(*(goal for goal in goals if goal.state not in CLOSED_GOALS), *known.goals),
        client_statement=known.client_statement,
        predecessor_date=previous.created_jointly_on,
        finished=tuple(goal for goal in goals if goal.state in CLOSED_GOALS),
    )


def annex_report_faults(previous: Annex | None, known: NextAnnex, today: date) -> Iterator[Fault]:
    """A fault for every report of something that is not there, or that says nothing."""
    there = {step.origin for step in steps_of(previous)}
    for index, report in enumerate(known.reports):
        path = f"reports[{index}]"
        if report.origin not in there:
            yield Fault.told(f"{path}.origin", "record.unknown_origin")
        if (report.done_on is None) is (report.dropped_on is None):
            yield Fault.told(f"{path}.done_on", "record.report_empty", example=today.isoformat())
        for name in ("done_on", "dropped_on"):
            day = getattr(report, name)
            if day is not None and day > today:
                yield Fault.told(f"{path}.{name}", "record.in_the_future", example=today.isoformat())


def plan_report_faults(previous: HelpPlan, known: NextPlan) -> Iterator[Fault]:
    """A fault for every report of something that is not there, or that says nothing of it."""
    goals = goals_of(previous)
    measures = {measure.origin for goal in goals for measure in goal.measures}
    for index, report in enumerate(known.reports):
        path = f"reports[{index}]"
        if report.origin not in measures | {goal.origin for goal in goals}:
            yield Fault.told(f"{path}.origin", "record.unknown_origin")
        elif report.origin in measures and report.measure is None:
            yield Fault.told(f"{path}.measure", "record.state_missing", example=MeasureState.COMPLETED.value)
        elif report.origin not in measures and report.goal is None:
            yield Fault.told(f"{path}.goal", "record.state_missing", example=GoalState.ACHIEVED.value)


def steps_of(annex: Annex | None) -> tuple[WorkStep, ...]:
    """The steps of an annex, each with its origin."""
    if annex is None:
        return ()
    return tuple(
        dataclasses.replace(step, origin=step.origin or f"{annex.number}-{place}")
        for place, step in enumerate(annex.work_steps, start=1)
    )


def goals_of(plan: HelpPlan) -> tuple[PlanGoal, ...]:
    """The goals of a plan and their measures, each with its origin."""
    return tuple(
        dataclasses.replace(
            goal,
            origin=goal.origin or f"{plan.version}-{place}",
            measures=_measures_of(goal.measures, f"{plan.version}-{place}"),
        )
        for place, goal in enumerate(plan.goals, start=1)
    )


def is_closed(step: WorkStep) -> bool:
    """Whether nobody has to do the step any more."""
    return step.done_on is not None or step.dropped_on is not None


def _measures_of(measures: Sequence[Measure], goal: str) -> tuple[Measure, ...]:
    return tuple(
        dataclasses.replace(measure, origin=measure.origin or f"{goal}-{place}")
        for place, measure in enumerate(measures, start=1)
    )


def _reported_step(step: WorkStep, reports: Mapping[str, StepReport]) -> WorkStep:
    report = reports.get(step.origin or "")
    if report is None:
        return step
    return dataclasses.replace(step, done_on=report.done_on, dropped_on=report.dropped_on, result=report.result)


def _reported_goal(goal: PlanGoal, reports: Mapping[str, PlanReport]) -> PlanGoal:
    report = reports.get(goal.origin or "")
    measures = [_reported_measure(measure, reports) for measure in goal.measures]
    goal = dataclasses.replace(
        goal,
        measures=tuple(measure for measure in measures if measure.state not in CLOSED_MEASURES),
        finished=tuple(measure for measure in measures if measure.state in CLOSED_MEASURES),
    )
    if report is None:
        return goal
    return dataclasses.replace(goal, state=report.goal or goal.state, result=report.result or goal.result)


def _reported_measure(measure: Measure, reports: Mapping[str, PlanReport]) -> Measure:
    report = reports.get(measure.origin or "")
    if report is None:
        return measure
    return dataclasses.replace(
        measure,
        state=report.measure or measure.state,
        abort_reason=report.abort_reason or measure.abort_reason,
        result=report.result or measure.result,
    )
