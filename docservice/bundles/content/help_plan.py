"""The help plan (Hilfeplan): goal areas, goals, measures with provider, responsible party and deadline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from docservice.bundles.content.frame import Body, Order, Recipe, zones
from docservice.bundles.content.words import BLANK, Words
from docservice.domain.cases import GoalArea, HelpPlan, Measure, PlanGoal, Responsible
from docservice.domain.documents import Block, Clauses, Column, Fact, Facts, Heading, Pair, Row, RowKind, Table

_EMPTY_ROWS = 2  # room to write under a goal without measures
_NO_PROVIDER = Pair("–")


def help_plan(order: Order) -> Body:
    """The four goal areas with their goals, then the clients' own view; what is to be filled in by hand has room for
    it."""
    plan = order.case.help_plan
    return Body(
        title=order.words("title"),
        subtitle=_update(order.words, plan),
        blocks=(
            Facts(tuple(_facts(order, plan))),
            Clauses(tuple(_intro(order))),
            *_areas(order, plan),
            *_statement(order.words, plan),
        ),
        zones=zones(order),
    )


def _by_hand(plan: HelpPlan) -> bool:
    """Whether the plan is still to be filled in with a pen: it has no goal yet, or its date is left blank."""
    return not plan.goals or plan.created_jointly_on is None


def _statement(words: Words, plan: HelpPlan) -> Iterator[Block]:
    """The clients' own view, when they gave one or may still write it down."""
    view = words.free(plan.client_statement)
    if view != BLANK or _by_hand(plan):
        yield Heading(words("statement.heading"))
        yield Facts((Fact(words("goal.own_words"), view),))


def _update(words: Words, plan: HelpPlan) -> Pair | None:
    """Which update (Fortschreibung) this is and which plan it replaces; nothing for the first plan."""
    number = str(plan.version - 1)
    if plan.predecessor_date is not None:
        return words("plan.update", number=number, date=words.date(plan.predecessor_date))
    return words("plan.update_undated", number=number) if plan.version > 1 else None


def _facts(order: Order, plan: HelpPlan) -> Iterator[Fact]:
    words = order.words
    client = order.client
    parties = words.client(order.parties, client.accusative + client.comma)
    yield Fact(words("plan.for"), words("plan.for_value", parties=parties, de_definition=client.definition))
    yield Fact(words("plan.agreement_date"), words.date(order.case.agreement.date))
    yield Fact(words("plan.basis"), words.date(plan.basis_assessment_date))
    yield Fact(words("plan.created"), words.date(plan.created_jointly_on))
    yield Fact(words("plan.review"), words.date(plan.review_date))


def _intro(order: Order) -> Iterator[Row]:
    yield Row(RowKind.TEXT, order.words("plan.intro"))
    if order.language is not None:
        yield Row(RowKind.NOTE, order.words("language.precedence"))


def _areas(order: Order, plan: HelpPlan) -> Iterator[Block]:
    number = 0
    for area in GoalArea:
        yield Heading(order.words(f"area.{area.value}"))
        goals = [goal for goal in plan.goals if goal.area is area]
        for number, goal in enumerate(goals, start=number + 1):  # noqa: B020 - goals are numbered through all areas
            yield from _goal(order, number, goal)
        if not goals:
            yield _no_goal(order.words, plan)


def _no_goal(words: Words, plan: HelpPlan) -> Facts:
    """A line to write on in an empty form; else the statement that nothing was agreed, so that nothing is added."""
    return Facts((Fact(words("goal.label"), words("goal.none") if plan.goals else BLANK),))


def _goal(order: Order, number: int, goal: PlanGoal) -> Iterator[Block]:
    words = order.words
    yield Heading(words("goal.heading", number=str(number), title=words.free(goal.title)), level=3)
    facts = (
        Fact(words("goal.situation"), words.free(goal.situation)),
        Fact(words("goal.indicator"), words.free(goal.indicator)),
        Fact(words("goal.target_date"), words.date(goal.target_date)),
        Fact(words("goal.own_words"), words.free(goal.own_words)),
    )
    shown = tuple(fact for fact in facts if fact.value != BLANK or _by_hand(order.case.help_plan))
    if shown:
        yield Facts(shown)
    yield Table(
        columns=(
            Column(words("measure.description"), 4),
            Column(words("measure.provider"), 3),
            Column(words("measure.responsible"), 3),
            Column(words("measure.deadline"), 3),
        ),
        rows=tuple(_measure(order, measure) for measure in goal.measures) or ((BLANK,) * 4,) * _EMPTY_ROWS,
    )


def _measure(order: Order, measure: Measure) -> tuple[Pair, ...]:
    provider = Pair(measure.provider) if measure.provider else _NO_PROVIDER
    return order.words.free(measure.description), provider, _responsible(order, measure), _time(order.words, measure)


def _responsible(order: Order, measure: Measure) -> Pair:
    if measure.responsible_person is not None:
        return order.words.mentioned(order.case.person(measure.responsible_person))
    if measure.responsible is Responsible.CLIENT:
        return order.words("responsible.client", de_definition=order.client.definition)
    return order.words(f"responsible.{measure.responsible.value}")


def _time(words: Words, measure: Measure) -> Pair:
    if measure.deadline == date.max:
        return BLANK
    deadline = words.date(measure.deadline)
    if measure.start is None:
        return words("measure.until", deadline=deadline)
    return words("measure.period", start=words.date(measure.start), deadline=deadline)


RECIPES: Final[Mapping[str, Recipe]] = {"current": help_plan}
