"""What has changed from one annex, or one version of a help plan, to the next: by thing, and by field.

Only fields that a help plan may show are compared (classes K0 and K1).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from docservice.domain.cases import K0, K1, Annex, GoalState, HelpPlan, Measure, MeasureState, PlanGoal, WorkStep
from docservice.domain.record.carrying import CLOSED_GOALS, goals_of, steps_of

Thing = WorkStep | PlanGoal | Measure
_NOT_COMPARED: Final = frozenset({"origin", "measures", "finished", "partner"})  # a partner is told by its name


class ChangeKind(StrEnum):
    """How something differs from what was agreed before."""

    ADDED = "added"
    CHANGED = "changed"
    FINISHED = "finished"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that says something else now."""

    field: str
    before: Any
    after: Any


BEFORE: Final = "previous."
"""Paths in the paper before begin so."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that has changed. `path` leads to it in the new paper, or, behind "previous.", in the one before;
    `origin` is where it was first agreed, None for what is new. `thing` is what stands there."""

    kind: ChangeKind
    path: str
    origin: str | None
    thing: Thing
    fields: tuple[FieldChange, ...] = ()


def annex_changes(previous: Annex | None, following: Annex) -> tuple[Change, ...]:
    """What differs between two annexes that follow each other, in the order of the new one."""
    before = {str(step.origin): (f"work_steps[{index}]", step) for index, step in enumerate(steps_of(previous))}
    after = [(f"work_steps[{index}]", step) for index, step in enumerate(following.work_steps)]
    closed = [
        (f"finished[{index}]", step, step.dropped_on is not None) for index, step in enumerate(following.finished)
    ]
    return tuple(_compared(before, after, closed))


def plan_changes(previous: HelpPlan, following: HelpPlan) -> tuple[Change, ...]:
    """What differs between two versions of a help plan: goals first, then measures. The measures of a closed goal are
    closed with it and not told apart."""
    earlier = goals_of(previous)
    goals = {str(goal.origin): (f"goals[{index}]", goal) for index, goal in enumerate(earlier)}
    closed = [
        (f"finished[{index}]", goal, goal.state is GoalState.DROPPED) for index, goal in enumerate(following.finished)
    ]
    after = [(f"goals[{index}]", goal) for index, goal in enumerate(following.goals)]
    return (*_compared(goals, after, closed), *_measure_changes(earlier, following))


def _measure_changes(earlier: Iterable[PlanGoal], following: HelpPlan) -> Iterator[Change]:
    gone = {goal.origin for goal in following.finished if goal.state in CLOSED_GOALS}
    before = {
        str(measure.origin): (f"goals[{index}].measures[{place}]", measure)
        for index, goal in enumerate(earlier)
        if goal.origin not in gone
        for place, measure in enumerate(goal.measures)
    }
    after, closed = list[tuple[str, Thing]](), list[tuple[str, Thing, bool]]()
    for index, goal in enumerate(following.goals):
        after += [(f"goals[{index}].measures[{place}]", each) for place, each in enumerate(goal.measures)]
        closed += [
            (f"goals[{index}].finished[{place}]", each, each.state is MeasureState.ABORTED)
            for place, each in enumerate(goal.finished)
        ]
    yield from _compared(before, after, closed)


def _compared(
    before: Mapping[str, tuple[str, Thing]],
    after: Iterable[tuple[str, Thing]],
    closed: Iterable[tuple[str, Thing, bool]],
) -> Iterator[Change]:
    """The changes; `closed` says of each thing whether it was dropped. What is simply gone was dropped too."""
    seen: set[str] = set()
    for path, thing in after:
        origin = thing.origin
        if origin is None or origin not in before:
            yield Change(ChangeKind.ADDED, path, origin, thing)
            continue
        seen.add(origin)
        fields = _field_changes(before[origin][1], thing)
        if fields:
            yield Change(ChangeKind.CHANGED, path, origin, thing, fields)
    for path, thing, dropped in closed:
        origin = thing.origin or ""
        if origin in before:
            seen.add(origin)
            kind = ChangeKind.DROPPED if dropped else ChangeKind.FINISHED
            yield Change(kind, path, origin, thing, _field_changes(before[origin][1], thing))
    for origin, (path, thing) in before.items():
        if origin not in seen:
            yield Change(ChangeKind.DROPPED, f"{BEFORE}{path}", origin, thing)


def _field_changes(before: Thing, after: Thing) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field.name, getattr(before, field.name), getattr(after, field.name))
        for field in dataclasses.fields(after)
        if field.name not in _NOT_COMPARED
        and field.metadata["confidentiality"] in (K0, K1)
        and getattr(before, field.name) != getattr(after, field.name)
    )
