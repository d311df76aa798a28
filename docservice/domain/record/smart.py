"""Whether the goals of a help plan are specific, measurable and dated: told to the office, never in the way of a plan.

That a measure has a deadline and somebody who answers for it is no matter of taste: the intake asks for both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from docservice.domain.cases import HelpPlan, Measure, PlanGoal
from docservice.domain.notices import Notice
from docservice.domain.record.carrying import CLOSED_GOALS, CLOSED_MEASURES

MOST_MONTHS: Final = 24
"""A goal further away than this is for a later plan."""

_MEASURABLE: Final = re.compile(
    r"\d|\b[ABC][12]\b|zertifikat|zeugnis|prüfung|abschluss|vertrag|bescheid|anerkennung|führerschein|bewerbung"
    r"|\b(besteh|bestand|abschließ|abgeschlossen|abgeleg|erreich|erhalt|erhält|anmeld|angemeldet|einreich|eingereicht)"
    r"|\b(beantrag|unterschr|unterzeichn|beginn|besuch|bezieh|bezogen|bewerb|umzieh|umzug|find|teilnehm|teilgenommen)",
    re.IGNORECASE,
)
"""Words by which both sides see whether something has happened."""


def plan_notices(plan: HelpPlan, today: date) -> Iterator[Notice]:
    """What of a plan the office should look at, goal by goal."""
    day = plan.created_jointly_on or today
    for index, goal in enumerate(plan.goals):
        yield from _goal_notices(goal, f"goals[{index}]", day)
        for place, measure in enumerate(goal.finished):
            yield from _result_notices(measure, f"goals[{index}].finished[{place}]")
        for place, measure in enumerate(goal.measures):
            if measure.deadline < today and measure.result is None:
                yield Notice.told(f"goals[{index}].measures[{place}].result", "record.deadline_passed")
    for index, goal in enumerate(plan.finished):
        if goal.state in CLOSED_GOALS and goal.result is None:
            yield Notice.told(f"finished[{index}].result", "record.result_missing")


def _goal_notices(goal: PlanGoal, path: str, day: date) -> Iterator[Notice]:
    if goal.target_date is None:
        yield Notice.told(f"{path}.target_date", "record.target_date_missing")
    elif _months_between(day, goal.target_date) > MOST_MONTHS:
        yield Notice.told(f"{path}.target_date", "record.target_date_far", months=MOST_MONTHS)
    if goal.indicator is None:
        yield Notice.told(f"{path}.indicator", "record.indicator_missing")
    said = " ".join(text.de for text in (goal.title, goal.indicator) if text is not None)
    if not _MEASURABLE.search(said):
        yield Notice.told(f"{path}.title", "record.not_measurable")
    if not goal.measures:
        yield Notice.told(f"{path}.measures", "record.measures_missing")


def _result_notices(measure: Measure, path: str) -> Iterator[Notice]:
    if measure.state in CLOSED_MEASURES and measure.result is None:
        yield Notice.told(f"{path}.result", "record.result_missing")


def _months_between(first: date, second: date) -> int:
    """Begun months from one day to another."""
    months = (second.year - first.year) * 12 + second.month - first.month
    return months + (second.day > first.day)
