"""A whole bundle through a warm, idle installation: from the POST until GET says ready, as a client sees it."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from benchmarks.documents import current_cases
from benchmarks.report import Figure, Ratio, Section
from docservice.client import ApiClient
from docservice.embedded import EmbeddedStack
from docservice.settings import Settings

_POLL_SECONDS = 0.005
_LONGEST_SECONDS = 30.0
_PAUSE_SECONDS = 0.1  # idle between two bundles


def run(*, quick: bool) -> Section:
    """At least 40 bundles one after the other, then annexes alone; under a minute, or 12 of each when `quick`."""
    section = Section("Bundle: three documents as DOCX and PDF, verified, and the print set; POST to ready")
    rounds = 12 if quick else 60
    with installation() as (_, client):
        cases = [new_case(client, case) for case in current_cases()]
        for number in range(4):  # both workers warm
            _seconds(client, cases[number % len(cases)])
        times = sorted(1000 * _seconds(client, cases[number % len(cases)]) for number in range(rounds))
        annex = [1000 * _seconds(client, cases[number % len(cases)], [{"kind": "annex"}]) for number in range(rounds)]
    section.figures.append(Figure("fastest of " + str(len(times)), times[0], "ms"))
    section.figures.append(Figure("slowest", times[-1], "ms"))
    section.ratios.append(Ratio("p50", statistics.median(times), "ms", at_most=400))
    section.ratios.append(Ratio("p95", _percentile(times, 0.95), "ms", at_most=800))
    section.ratios.append(Ratio("an annex alone, p50", statistics.median(annex), "ms", at_most=130))
    return section


def _seconds(client: ApiClient, case_id: str, documents: Sequence[Mapping[str, str]] = ()) -> float:
    time.sleep(_PAUSE_SECONDS)
    order = {"languages": ["de", "ru"], **({"documents": list(documents)} if documents else {})}
    start = time.perf_counter()
    bundle = client.post(f"/api/v1/cases/{case_id}/bundles", order).json
    while time.perf_counter() - start < _LONGEST_SECONDS:
        state = client.get(f"/api/v1/bundles/{bundle['bundle_id']}").json["state"]
        if state == "ready":
            return time.perf_counter() - start
        if state not in ("queued", "rendering"):
            raise RuntimeError(f"the bundle is {state}")
        time.sleep(_POLL_SECONDS)
    raise TimeoutError("the bundle was not ready in time")


def new_case(client: ApiClient, case: dict[str, Any]) -> str:
    """The id of a case posted to the service."""
    return str(client.post("/api/v1/cases", case).json["case_id"])


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(share * len(ordered)))]


@contextmanager
def installation() -> Iterator[tuple[EmbeddedStack, ApiClient]]:
    """The embedded stack with two workers in a private folder, healthy when entered, ended with all it started."""
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        settings = replace(Settings.from_environment({"DOCSERVICE_DATA_DIR": folder}), port=0, workers=2)
        with EmbeddedStack(settings) as stack:
            yield stack, ApiClient(stack.url, stack.token_file.read_text(encoding="ascii").strip())
