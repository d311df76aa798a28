"""The page that says what has changed in a help plan carried forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from docservice.domain.cases import (
    AbortReason,
    BilingualText,
    Case,
    Finding,
    GoalArea,
    GoalState,
    Measure,
    MeasureState,
    PlanGoal,
    Responsible,
)
from docservice.domain.documents import Document, Facts, Heading, Pair, Table
from docservice.domain.kinds import Kind
from docservice.domain.languages import SECOND
from docservice.domain.record.carrying import NextPlan, PlanReport, plan_after
from tests.support.content import CASES, document, fixture_case

MILLER = fixture_case(CASES / "01-miller.json")
CANARY = "KANARIENVOGEL"
REPORTS = (
    PlanReport("1-1-1", measure=MeasureState.COMPLETED, result=BilingualText("Der Schein liegt vor.")),
    PlanReport("1-2", goal=GoalState.IN_PROGRESS),
    PlanReport("1-2-2", measure=MeasureState.ABORTED, abort_reason=AbortReason.HEALTH),
    PlanReport("1-4", goal=GoalState.DROPPED),
)
NEW = PlanGoal(
    GoalArea.PARTICIPATION,
    BilingualText("Im Chor singen"),
    indicator=BilingualText("Der erste Auftritt"),
    measures=(Measure(BilingualText("Probe besuchen"), "Chor", Responsible.CITY, None, None, date(2027, 9, 30)),),
)


def carried(case: Case = MILLER, known: NextPlan | None = None) -> Case:
    """The case with its plan carried forward, and the deadline of the first measure that goes on moved."""
    known = known or NextPlan(created_jointly_on=date(2027, 6, 3), reports=REPORTS, goals=(NEW,))
    plan = plan_after(case.help_plan, 2, known)
    first = plan.goals[0]
    later = replace(first.measures[0], deadline=date(2027, 9, 30), responsible_person="anna")
    plan = replace(plan, goals=(replace(first, measures=(later, *first.measures[1:])), *plan.goals[1:]))
    return replace(case, help_plan=plan, plan_before=case.help_plan)


def plain(pair: Pair | None) -> str:
    """The German text with plain spaces."""
    return pair.de.replace("\xa0", " ") if pair else ""


def parts(tree: Document) -> dict[str, list[tuple[str, ...]]]:
    """The rows of the tables below each heading, in German."""
    found, heading = dict[str, list[tuple[str, ...]]](), ""
    for block in tree.blocks:
        if isinstance(block, Heading):
            heading = block.text.de
        elif isinstance(block, Table):
            found[heading] = [tuple(plain(cell) for cell in row) for row in block.rows]
    return found


def test_each_thing_stands_where_it_belongs_with_its_fields_and_its_origin() -> None:
    tree = document(Kind.PLAN_CHANGES, carried())
    assert (plain(tree.title), plain(tree.subtitle)) == (
        "Was sich geändert hat",
        "1. Fortschreibung vom 3. Juni 2027",
    )
    found = parts(tree)
    assert list(found) == ["Neu vereinbart", "Geändert", "Abgeschlossen", "Entfallen"]
    goal, measure = found["Neu vereinbart"]
    assert goal == (
        "Ziel: Im Chor singen",
        "Bereich: Gesellschaftliche Teilhabe\nDas Ziel ist erreicht, wenn: Der erste Auftritt",
    )
    assert measure[1].splitlines() == [
        "Ziel: Im Chor singen",
        "Träger: Chor",
        "Verantwortlich: Stadt Dortmund",
        "Frist: 30. September 2027",
    ]
    assert [row[1:] for row in found["Geändert"]] == [
        ("Hilfeplan 1", "Stand: offen", "Stand: in Arbeit"),
        (
            "Hilfeplan 1",
            "Verantwortlich: –\nFrist: 30. Juni 2027",
            "Verantwortlich: Anna Miller\nFrist: 30. September 2027",
        ),
    ]
    assert [row[1:] for row in found["Abgeschlossen"]] == [("Hilfeplan 1", "abgeschlossen", "Der Schein liegt vor.")]
    assert [row[1:3] for row in found["Entfallen"]] == [
        ("Hilfeplan 1", "entfallen"),
        ("Hilfeplan 1", "beendet, ohne Abschluss"),
    ]


def test_nobody_signs_it_and_it_binds_nobody() -> None:
    tree = document(Kind.PLAN_CHANGES, carried(), "ru")
    assert tree.zones == ()
    assert not any("verbindlich" in text for text in tree.texts())
    assert tree.footer_line == "IV-2026-0815 · Planvergleich 2 · Fassung 1 · DE/RU"


def test_a_plan_that_says_the_same_says_so_in_one_sentence() -> None:
    case = replace(MILLER, plan_before=MILLER.help_plan, help_plan=plan_after(MILLER.help_plan, 2, NextPlan()))
    tree = document(Kind.PLAN_CHANGES, case)
    assert [type(block) for block in tree.blocks[:1]] == [Facts]
    assert parts(tree) == {}
    assert "Am Hilfeplan hat sich nichts geändert." in tree.texts()


def test_what_is_simply_gone_is_told_as_dropped() -> None:
    plan = plan_after(MILLER.help_plan, 2, NextPlan())
    case = replace(MILLER, plan_before=MILLER.help_plan, help_plan=replace(plan, goals=plan.goals[:-1]))
    found = parts(document(Kind.PLAN_CHANGES, case))
    assert list(found) == ["Entfallen"]
    assert {row[2] for row in found["Entfallen"]} == {"steht nicht mehr im Hilfeplan"}


@pytest.mark.parametrize("code", [None, *SECOND])
def test_why_a_measure_was_broken_off_and_what_is_internal_reach_no_page(code: str | None) -> None:
    hidden = replace(MILLER.persons[0], address=CANARY, health=CANARY, notes=CANARY)
    case = replace(MILLER, persons=(hidden, *MILLER.persons[1:]), notes=CANARY, assessment=(Finding(CANARY, CANARY),))
    said = "\n".join(document(Kind.PLAN_CHANGES, carried(case), code).texts())
    assert CANARY not in said
    assert not any(word in said.lower() for word in ("health", "gesund", "krank", "здоров", "zdrow", "صح"))


@pytest.mark.parametrize("code", SECOND)
def test_every_language_says_everything(code: str) -> None:
    tree = document(Kind.PLAN_CHANGES, carried(), code)
    assert len(parts(tree)) == 4
    for block in tree.blocks:
        if isinstance(block, Table):
            assert all(cell.tr for row in block.rows for cell in row if cell.de not in ("–", "Chor"))
