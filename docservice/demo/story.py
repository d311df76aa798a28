"""What follows the first bundle: a second talk with its annex, the help plan carried forward, the office's figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from docservice.client import ApiClient
from docservice.demo.circle import Archived, return_at_once
from docservice.demo.orders import Steps, make
from docservice.domain.kinds import KINDS, Kind
from docservice.domain.record.subjects import Subject
from docservice.domain.sources import OFFICE_ZONE, SystemClock, office_day
from docservice.settings import PROJECT

_STORY = PROJECT / "fixtures" / "demo" / "01-miller.json"
_BEFORE = timedelta(hours=2)  # the talk was this long ago


@dataclass(frozen=True, slots=True)
class Story:
    """What came of the talks: the annex by itself and its package, the plan as printed and as drafted, the figures."""

    annex: Mapping[str, Any]
    packages: Sequence[Archived]
    plan: Mapping[str, Any]
    draft: Mapping[str, Any]
    report: Mapping[str, Any]
    record: Sequence[Mapping[str, Any]]


def go_on(demo: Steps, client: ApiClient, case_id: str) -> Story:
    """The months after the agreement. Raises DocserviceError when it does not turn out as it should."""
    told: dict[str, Any] = json.loads(_STORY.read_text("utf-8"))
    case = f"/api/v1/cases/{case_id}"
    with demo.step("second talk: note it, and draw up annex 2 with the steps that are still open"):
        _second_talk(client, case, told)
    with demo.step("order annex 2 by itself"):
        annex = make(demo, client, case, [{"kind": Subject.ANNEX.value, "number": 2}])
    with demo.step("sign annex 2, scan it, confirm it, wait for the archive"):
        packages = return_at_once(demo, client, annex)
    with demo.step("carry the help plan forward; a new measure names a partner of the directory"):
        draft = _carry_on(client, case, told)
    with demo.step("order the new plan, and a page that says what has changed"):
        page = next(kind for kind in Kind if KINDS[kind].compares)
        numbered = [{"kind": kind, "number": 2} for kind in (Subject.HELP_PLAN.value, page.value)]
        plan = make(demo, client, case, numbered)
    with demo.step("interim report of the office"):
        report = _report(client, demo.out)
    return Story(annex, packages, plan, draft, report, _record(client, case))


def _second_talk(client: ApiClient, case: str, told: Mapping[str, Any]) -> None:
    now = SystemClock().now()
    moment = (now - _BEFORE).astimezone(OFFICE_ZONE).isoformat(timespec="seconds")
    client.post(f"{case}/contacts", {**told["contact"], "at": moment})
    done = [{**report, "done_on": office_day(now).isoformat()} for report in told["next_annex"]["reports"]]
    client.post(f"{case}/annexes/next", {**told["next_annex"], "reports": done})


def _carry_on(client: ApiClient, case: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    partner = client.post("/api/v1/partners", told["partner"]).json["partner_id"]
    known = told["next_plan"]
    goals = [
        {**goal, "measures": [{**measure, "partner": partner} for measure in goal["measures"]]}
        for goal in known["goals"]
    ]
    drafted: Mapping[str, Any] = client.post(f"{case}/help-plans/next", {**known, "goals": goals}).json
    return drafted


def _report(client: ApiClient, out: Path) -> Mapping[str, Any]:
    day = office_day(SystemClock().now())
    address = f"/api/v1/reports/interim?from={day.year}-01-01&to={day.isoformat()}"
    (out / "interim.pdf").write_bytes(client.get(f"{address}&format=pdf").body)
    figures: Mapping[str, Any] = client.get(address).json
    return figures


def _record(client: ApiClient, case: str) -> Sequence[Mapping[str, Any]]:
    """The papers of the case, the first of each kind first."""
    drawers = ("agreements", "annexes", "help-plans")
    return [entry for drawer in drawers for entry in reversed(client.get(f"{case}/{drawer}").json["entries"])]
