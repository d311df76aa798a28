"""Measures that name a partner of the directory."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder
from docservice.cases.intake import parse_case
from docservice.cases.record.forms import read_entry
from docservice.cases.snapshots import load
from docservice.domain.cases import HelpPlan
from docservice.domain.errors import InvalidInput
from docservice.domain.record.subjects import Subject
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.fixtures import load_case
from tests.support.live_api import settings_in
from tests.support.sources import CountedIds, StatedClock

JOBCENTER = {"kind": "employment_office", "name": "Jobcenter Dortmund", "valid_from": "2005-01-01"}
ARBEITSAMT = {"kind": "employment_office", "name": "Arbeitsamt Dortmund", "valid_to": "2003-12-31"}
NOBODY = "0" * 20


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(settings_in(tmp_path), templates=library(), clock=StatedClock(), ids=CountedIds())
    services.database.upgrade()
    yield services
    services.close()


def family(*partners: str) -> dict[str, Any]:
    """The Miller family, whose first measures name these partners."""
    case: dict[str, Any] = copy.deepcopy(load_case("01-miller"))
    measures = case["help_plan"]["goals"][0]["measures"]
    for measure, partner in zip(measures, partners, strict=False):
        measure["partner"] = partner
    return case


def providers(services: Services, case_id: str) -> list[str | None]:
    """Who provides the measures of the first goal of the plan that the case file shows."""
    plan = parse_case(services.cases.get(SOMEBODY, case_id).case).help_plan
    return [each.provider for each in plan.goals[0].measures]


def faults(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    """Where, and what."""
    return [(fault.path, fault.code) for fault in refused.value.faults]


def test_the_directory_says_what_a_partner_is_called_and_free_text_stays(services: Services) -> None:
    partner = services.partners.add(SOMEBODY, JOBCENTER).partner_id
    case_id = services.cases.create(SOMEBODY, family(partner)).case_id
    assert providers(services, case_id) == ["Jobcenter Dortmund", "Zentrales Integrationsbüro"]
    bundle = services.bundles.request(SOMEBODY, case_id, BundleOrder(("de",)))
    services.bundles.render(bundle.bundle_id)
    assert services.bundles.get(SOMEBODY, bundle.bundle_id).state.value == "ready"


def test_a_partner_that_nobody_knows_or_that_was_none_on_the_day_is_told_in_one_sentence(services: Services) -> None:
    old = services.partners.add(SOMEBODY, ARBEITSAMT).partner_id
    with pytest.raises(InvalidInput) as refused:
        services.cases.create(SOMEBODY, family(NOBODY, old))
    place = "help_plan.goals[0].measures[{}].partner"
    assert faults(refused) == [
        (place.format(0), "unknown_partner"),
        (place.format(1), "partner_not_valid"),
    ]
    assert "Agentur für Arbeit / Jobcenter" in refused.value.faults[1].de
    assert "job centre" in refused.value.faults[1].en
    assert "Arbeitsamt Dortmund" not in refused.value.faults[1].de
    with pytest.raises(InvalidInput) as refused:
        services.cases.create(SOMEBODY, family("jobcenter"))
    assert faults(refused) == [(place.format(0), "partner_form")]


def test_the_day_of_the_plan_decides(services: Services) -> None:
    old = services.partners.add(SOMEBODY, ARBEITSAMT).partner_id
    case = family(old)
    case["persons"] = case["persons"][:2]  # the children were not yet born
    case["help_plan"] |= {"created_jointly_on": "2003-11-28", "review_date": "2004-05-28"}
    for part in ("agreement", "annex"):
        case[part]["date"] = "2003-11-28"
    case_id = services.cases.create(SOMEBODY, case).case_id
    assert providers(services, case_id)[0] == "Arbeitsamt Dortmund"


def test_what_named_a_partner_keeps_the_name_of_its_day(services: Services) -> None:
    partner = services.partners.add(SOMEBODY, JOBCENTER).partner_id
    case_id = services.cases.create(SOMEBODY, family(partner)).case_id
    ended = {"name": "Jobcenter Dortmund-Mitte", "valid_to": "2026-12-10"}
    services.partners.change(SOMEBODY, partner, ended, 1)
    services.cases.change(SOMEBODY, case_id, {"notes": "gelesen"}, 1)
    services.records.draft_plan(SOMEBODY, case_id, {"created_jointly_on": "2027-06-03"})
    assert providers(services, case_id)[0] == "Jobcenter Dortmund"
    added = {"area": "arbeit", "title": {"de": "Arbeit"}, "measures": [_measure(partner)]}
    office = services.records.get(SOMEBODY, case_id, Subject.HELP_PLAN, 2)
    goals = [*office.entry["goals"], added]
    services.records.change(SOMEBODY, case_id, Subject.HELP_PLAN, 2, {"entry": {"goals": goals}}, office.revision)
    other = services.partners.add(SOMEBODY, {**JOBCENTER, "valid_to": "2026-12-10"}).partner_id
    goals[-1] = {**added, "measures": [_measure(other)]}
    with pytest.raises(InvalidInput) as refused:
        services.records.change(SOMEBODY, case_id, Subject.HELP_PLAN, 2, {"entry": {"goals": goals}}, 2)
    assert faults(refused) == [(f"goals[{len(goals) - 1}].measures[0].partner", "partner_not_valid")]


def test_a_plan_of_before_there_were_partners_is_read(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    with services.database.reading() as tx:
        record, entry = tx.cases.get(case_id), tx.entries.get(case_id, Subject.HELP_PLAN, 1)
    assert record is not None
    assert entry is not None
    for version in range(1, record.snapshot_version):
        assert load(version, record.data).help_plan.goals[0].measures[0].partner is None
    older = read_entry(entry)
    assert isinstance(older, HelpPlan)


def _measure(partner: str) -> dict[str, Any]:
    deadline = date(2027, 6, 3) + timedelta(days=90)
    return {
        "description": {"de": "Gespräch"},
        "partner": partner,
        "responsible": "client",
        "deadline": deadline.isoformat(),
    }
