"""What has changed (Was sich geändert hat): a help plan carried forward beside the one before, for the talk about it.

Nobody signs it, and it binds nobody: what counts is the help plan. It says what `domain/record/differences` finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from docservice.bundles.content.frame import Body, Order, Recipe, values
from docservice.domain.cases import BilingualText, GoalArea, HelpPlan, Measure, PlanGoal, Responsible
from docservice.domain.documents import Block, Clauses, Column, Fact, Facts, Heading, Pair, Row, RowKind, Table
from docservice.domain.record.differences import BEFORE, Change, ChangeKind, Thing, plan_changes

_NOTHING = Pair("–")
_DETAILS: Final = ("area", "situation", "indicator", "target_date", "provider", "responsible", "start", "deadline")
"""The fields that are told of something new, as far as it says them."""
_LABELS: Final = {"state": "column.state", "result": "column.result", "responsible_person": "field.responsible"}


def changed_plan(order: Order) -> Body:
    """What is new, what says something else, what is finished and what was dropped; a part without anything is left
    out."""
    words, plan = order.words, order.case.help_plan
    changes = plan_changes(_before(order), plan)
    return Body(
        title=words("title"),
        subtitle=_update(order, plan),
        blocks=(
            Facts(tuple(_facts(order))),
            *_added(order, _of_kind(changes, ChangeKind.ADDED)),
            *_changed(order, _of_kind(changes, ChangeKind.CHANGED)),
            *_closed(order, "heading.finished", _of_kind(changes, ChangeKind.FINISHED)),
            *_closed(order, "heading.dropped", _of_kind(changes, ChangeKind.DROPPED)),
            Clauses(tuple(_sentences(order, changes))),
        ),
        zones=(),
    )


def _before(order: Order) -> HelpPlan:
    if order.case.plan_before is None:
        raise ValueError("changes are told of a case file that has the plan before")
    return order.case.plan_before


def _of_kind(changes: Sequence[Change], kind: ChangeKind) -> Sequence[Change]:
    return [change for change in changes if change.kind is kind]


def _update(order: Order, plan: HelpPlan) -> Pair:
    number = str(plan.version - 1)
    if plan.created_jointly_on is None:
        return order.words("changes.update_undated", number=number)
    return order.words("changes.update", number=number, date=order.words.date(plan.created_jointly_on))


def _facts(order: Order) -> Iterator[Fact]:
    words, client = order.words, order.client
    yield Fact(words("changes.for"), words.client(order.parties, client.accusative))
    day = _before(order).created_jointly_on or order.case.help_plan.predecessor_date
    if day is not None:
        yield Fact(words("changes.before"), words.date(day))


def _added(order: Order, changes: Sequence[Change]) -> Iterator[Block]:
    words = order.words
    if changes:
        yield Heading(words("heading.added"))
        yield Table(
            columns=(Column(words("column.what"), 4), Column(words("column.details"), 6)),
            rows=tuple((_named(order, each.thing), _details(order, each.thing)) for each in changes),
        )


def _details(order: Order, thing: Thing) -> Pair:
    said = {name: getattr(thing, name, None) for name in _DETAILS}
    lines = [_detail(order, _label(name), _value(order, thing, name, each)) for name, each in said.items() if each]
    goal = next((goal for goal in order.case.help_plan.goals if thing in goal.measures), None)
    if goal is not None:
        lines.insert(0, _detail(order, "field.title", order.words.free(goal.title)))
    return values(lines)


def _detail(order: Order, label: str, value: Pair) -> Pair:
    return order.words("detail", label=order.words(label), value=value)


def _changed(order: Order, changes: Sequence[Change]) -> Iterator[Block]:
    words = order.words
    if changes:
        yield Heading(words("heading.changed"))
        yield Table(
            columns=(
                Column(words("column.what"), 4),
                Column(words("column.since"), 2),
                Column(words("column.before"), 3),
                Column(words("column.after"), 3),
            ),
            rows=tuple((_named(order, each.thing), _since(order, each), *_both_sides(order, each)) for each in changes),
        )


def _both_sides(order: Order, change: Change) -> tuple[Pair, Pair]:
    """What the fields said, and what they say, one field a line on both sides."""
    before, after = list[Pair](), list[Pair]()
    for field in change.fields:
        for lines, said in ((before, field.before), (after, field.after)):
            lines.append(_detail(order, _label(field.field), _value(order, change.thing, field.field, said)))
    return values(before), values(after)


def _closed(order: Order, heading: str, changes: Sequence[Change]) -> Iterator[Block]:
    words = order.words
    if changes:
        yield Heading(words(heading))
        yield Table(
            columns=(
                Column(words("column.what"), 4),
                Column(words("column.since"), 2),
                Column(words("column.state"), 2),
                Column(words("column.result"), 3),
            ),
            rows=tuple(
                (_named(order, each.thing), _since(order, each), _state(order, each), _result(order, each))
                for each in changes
            ),
        )


def _since(order: Order, change: Change) -> Pair:
    """The version of the plan something was first agreed in; what is behind it in an origin counts as in no print."""
    number, _, _ = (change.origin or "").partition("-")
    return order.words("thing.since", number=number) if number else _NOTHING


def _state(order: Order, change: Change) -> Pair:
    if change.path.startswith(BEFORE):
        return order.words("state.gone")
    return _value(order, change.thing, "state", getattr(change.thing, "state", None))


def _result(order: Order, change: Change) -> Pair:
    return _value(order, change.thing, "result", getattr(change.thing, "result", None))


def _named(order: Order, thing: Thing) -> Pair:
    words = order.words
    if isinstance(thing, PlanGoal):
        return words("thing.goal", title=words.free(thing.title))
    assert isinstance(thing, Measure)
    return words("thing.measure", title=words.free(thing.description))


def _label(field: str) -> str:
    return _LABELS.get(field, f"field.{field}")


def _value(order: Order, thing: Thing, field: str, value: Any) -> Pair:
    """What a field says, a dash for nothing."""
    words = order.words
    match value:
        case None | date.max:
            return _NOTHING
        case BilingualText():
            return words.free(value)
        case date():
            return words.date(value)
        case GoalArea():
            return words(f"area.{value.value}")
        case Responsible.CLIENT:
            return words("responsible.client", de_definition=order.client.definition)
        case Responsible():
            return words(f"responsible.{value.value}")
    if field == "responsible_person":
        return words.mentioned(order.case.person(value))
    if field == "state":
        return words(f"{'goal' if isinstance(thing, PlanGoal) else 'measure'}.{value.value}")
    return Pair(value)


def _sentences(order: Order, changes: Sequence[Change]) -> Iterator[Row]:
    if not changes:
        yield Row(RowKind.TEXT, order.words("changes.none"))
    yield Row(RowKind.TEXT, order.words("changes.text"))


RECIPES: Final[Mapping[str, Recipe]] = {"current": changed_plan}
