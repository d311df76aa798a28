"""A day's load: many bundles ordered one by one through the API of the embedded stack, and what each costs whom."""

from __future__ import annotations

import statistics
import time

from benchmarks.bundle import installation, new_case
from benchmarks.documents import current_cases
from benchmarks.measure import cpu_seconds, crew, own_cpu_seconds
from benchmarks.report import Ratio, Section
from docservice.client import ApiClient
from docservice.embedded import EmbeddedStack

FULL = 430
_FEW = 40
_BEFORE = {"typesetter": 98, "worker": 119, "api": 19, "relay": 12}  # ms of CPU a bundle in the full load, 2026-11-23
_POLL_SECONDS = 0.25
_SECONDS_A_BUNDLE = 2.0  # at most, on average


def run(*, quick: bool, bundles: int | None = None) -> Section:
    """430 bundles take about a minute; 40 when `quick`, or as many as asked for."""
    count = bundles or (_FEW if quick else FULL)
    section = Section(f"Loaded: {count} bundles ordered one by one, two workers, from the first POST to the last ready")
    with installation() as (stack, client):
        cases = [new_case(client, case) for case in current_cases()]
        _await_all(client, [_order(client, case) for case in cases])  # both workers warm
        before, start = _used(stack), time.perf_counter()
        ordered, answers = [], []
        for number in range(count):
            asked = time.perf_counter()
            ordered.append(_order(client, cases[number % len(cases)]))
            answers.append(1000 * (time.perf_counter() - asked))
        _await_all(client, ordered)
        wall, after = time.perf_counter() - start, _used(stack)
    cost = {name: 1000 * (after[name] - before[name]) / count for name in after}
    section.rows += [{"CPU ms a bundle": name, "now": ms, "before": _BEFORE.get(name, "")} for name, ms in cost.items()]
    section.ratios.append(Ratio("CPU a bundle, before 247", sum(cost[name] for name in _BEFORE), "ms", at_most=170))
    section.ratios.append(Ratio(f"wall, before {74 * count / FULL:.0f}", wall, "s", at_most=45 * count / FULL))
    section.ratios.append(Ratio("answer to an order, median, before 62", statistics.median(answers), "ms"))
    return section


def _order(client: ApiClient, case_id: str) -> str:
    return str(client.post(f"/api/v1/cases/{case_id}/bundles", {"languages": ["de", "ru"]}).json["bundle_id"])


def _await_all(client: ApiClient, bundles: list[str]) -> None:
    """Wait until all are ready, asking seldom: each answer costs, too."""
    deadline = time.monotonic() + 30 + _SECONDS_A_BUNDLE * len(bundles)
    for bundle in reversed(bundles):
        while (state := client.get(f"/api/v1/bundles/{bundle}").json["state"]) != "ready":
            if state not in ("queued", "rendering") or time.monotonic() > deadline:
                raise RuntimeError(f"a bundle is {state}")
            time.sleep(_POLL_SECONDS)


def _used(stack: EmbeddedStack) -> dict[str, float]:
    """CPU seconds by program so far; a worker and its processes without the typesetters that they started."""
    programs = stack.processes()
    used = {name: cpu_seconds(pid) for name, pid in programs.items()}
    worker = sum(own_cpu_seconds(pid) for pid in crew(programs["worker"]))
    return {"typesetter": used["worker"] - worker} | used | {"worker": worker}
