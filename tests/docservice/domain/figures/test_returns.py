"""What has become of printed documents: each in one standing, by kind and age."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from docservice.domain.figures.periods import Period
from docservice.domain.figures.returns import AGES, PrintedDocument, Standing, return_figures
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import ReturnState

TODAY = date(2026, 12, 3)
WHOLE = Period(date(2026, 1, 1), date(2026, 12, 31), TODAY)


def made(days_ago: int, state: ReturnState | None = None, *, superseded: bool = False) -> PrintedDocument:
    return PrintedDocument(Kind.ANNEX, TODAY - timedelta(days=days_ago), state, superseded)


@pytest.mark.parametrize(
    ("state", "superseded", "standing"),
    [
        (ReturnState.ACCEPTED, False, Standing.RETURNED),
        (ReturnState.ACCEPTED, True, Standing.RETURNED),  # it came back before it was replaced
        (ReturnState.NEEDS_REVIEW, False, Standing.IN_REVIEW),
        (ReturnState.INCOMPLETE, False, Standing.INCOMPLETE),
        (None, False, Standing.OUTSTANDING),
        (None, True, Standing.REPLACED),
        (ReturnState.INCOMPLETE, True, Standing.REPLACED),
    ],
)
def test_each_document_stands_in_one_way(state: ReturnState | None, superseded: bool, standing: Standing) -> None:
    counts = return_figures(WHOLE, [made(3, state, superseded=superseded)], 28).together()
    assert {name for name, number in counts.standing.items() if number} == {standing}
    assert counts.printed == 1


def test_what_nobody_signs_is_not_waited_for() -> None:
    changes = PrintedDocument(Kind.PLAN_CHANGES, TODAY - timedelta(days=90), None, superseded=False)
    figures = return_figures(WHOLE, [changes, made(90)], 28)
    assert (figures.together().printed, figures.together().overdue) == (1, 1)


@pytest.mark.parametrize(("days", "overdue"), [(28, 0), (29, 1)])
def test_what_is_waited_for_is_overdue_after_the_days_of_the_office(days: int, overdue: int) -> None:
    waited_for = [made(days), made(days, ReturnState.INCOMPLETE)]
    others = [made(days, ReturnState.ACCEPTED), made(days, ReturnState.NEEDS_REVIEW), made(days, superseded=True)]
    figures = return_figures(WHOLE, [*waited_for, *others], 28)
    assert figures.together().overdue == 2 * overdue
    assert return_figures(WHOLE, waited_for, 7).together().overdue == 2


def test_every_kind_and_every_age_is_there_and_they_add_up() -> None:
    figures = return_figures(WHOLE, [made(days) for days in (0, 7, 8, 28, 29, 84, 85, 300)], 28)
    assert [figures.together(age=age).printed for age in AGES] == [2, 2, 2, 2]
    assert [str(age) for age in AGES] == ["0-7", "8-28", "29-84", "85+"]
    assert figures.together(Kind.ANNEX, AGES[3]).printed == 2
    assert figures.together(Kind.AGREEMENT).printed == 0
    assert figures.together().printed == 8
