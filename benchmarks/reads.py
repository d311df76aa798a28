"""What it costs to look at an upload of 400 documents, and at the first fifty questions of such a day."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.report import Ratio, Section
from tests.support.actors import SOMEBODY
from tests.support.large_upload import large_upload
from tests.support.scan_office import ScanOffice
from tests.support.statements import counted

_DOCUMENTS = 400


def run(*, quick: bool) -> Section:
    """The service on SQLite; seconds."""
    section = Section(f"Reads: an upload of {_DOCUMENTS} documents, half of them waiting for a person")
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        office = ScanOffice(Path(folder))
        upload_id = large_upload(office.database, _DOCUMENTS)
        rounds = 5 if quick else 20
        asked: dict[str, Callable[[], object]] = {
            "GET /scans/{id}": lambda: asdict(office.scans.get(SOMEBODY, upload_id)),
            "GET /scans/{id}/pages": lambda: office.scans.pages(SOMEBODY, upload_id, 200),
            "GET /reviews": lambda: office.reviews.list(SOMEBODY, 50),
        }
        for name, ask in asked.items():
            section.ratios.append(Ratio(f"{name}: statements", _statements(ask), "", at_most=12))
            most = 60 if name == "GET /scans/{id}" else None
            section.ratios.append(Ratio(f"{name}: median of {rounds}", _milliseconds(ask, rounds), "ms", at_most=most))
        office.database.close()
    return section


def _statements(ask: Callable[[], object]) -> int:
    with counted() as statements:
        ask()
    return len(statements)


def _milliseconds(ask: Callable[[], object], rounds: int) -> float:
    ask()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)
