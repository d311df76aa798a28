"""Measures that name a partner: their provider is what the directory calls it on the day of the plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date

from docservice.cases.partners.views import partner_of
from docservice.db.record.partners import PartnerRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.cases import AgreementTerms, HelpPlan, Measure
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.record.partners import kind_name
from docservice.domain.text.messages import Sentence

_PLACE = "goals[{goal}].measures[{measure}].partner"


def names_partners(plan: HelpPlan) -> bool:
    """Whether any of its measures names a partner."""
    return any(measure.partner for measure in _measures(plan))


def plan_day(plan: HelpPlan, agreement: AgreementTerms, today: date) -> date:
    """The day whose directory counts for a plan: that on which it was drawn up, else that of the agreement."""
    return plan.created_jointly_on or agreement.date or today


def with_partners(
    tx: Transaction, plan: HelpPlan, day: date, before: HelpPlan | None = None, within: str = ""
) -> HelpPlan:
    """The plan in which the provider of each measure that names a partner is called as in the directory.

    Whom the plan `before` names already keeps the name it has there, whatever has become of it since. InvalidInput for
    every other one that the directory does not have, or that was no partner on `day`; paths begin with `within`.
    """
    names = {measure.partner: measure.provider for measure in _measures(before)} if before else {}
    named = {measure.partner for measure in _measures(plan) if measure.partner and measure.partner not in names}
    known = {partner_id: tx.partners.get(partner_id) for partner_id in named}
    faults = [
        fault
        for index, goal in enumerate(plan.goals)
        for place, measure in enumerate(goal.measures)
        if measure.partner in known
        for fault in _faults(known[measure.partner], day, within + _PLACE.format(goal=index, measure=place))
    ]
    if faults:
        raise InvalidInput(faults)
    names.update({each.id: partner_of(each).name for each in known.values() if each is not None})
    goals = (dataclasses.replace(goal, measures=_called(goal.measures, names)) for goal in plan.goals)
    return dataclasses.replace(plan, goals=tuple(goals))


def _measures(plan: HelpPlan) -> Iterator[Measure]:
    for goal in (*plan.goals, *plan.finished):
        yield from (*goal.measures, *goal.finished)


def _called(measures: tuple[Measure, ...], names: Mapping[str | None, str | None]) -> tuple[Measure, ...]:
    return tuple(
        dataclasses.replace(each, provider=names[each.partner]) if each.partner in names and each.partner else each
        for each in measures
    )


def _faults(partner: PartnerRecord | None, day: date, path: str) -> Iterator[Fault]:
    if partner is None:
        yield Fault.told(path, "record.unknown_partner")
    elif (partner.valid_from or date.min) > day or (partner.valid_to or date.max) < day:
        then = kind_name(partner.kind, day)
        called = Sentence("kind_of_partner", then.de, then.en)
        yield Fault.told(path, "record.partner_not_valid", day=day.isoformat(), called=called)
