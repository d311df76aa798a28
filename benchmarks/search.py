"""What it costs to find cases among many, on SQLite: the time that 95 of 100 keep, and the statements."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.report import Ratio, Section
from docservice.cases.search.service import SearchService
from docservice.db.unit_of_work import Database
from tests.support.actors import SOMEBODY
from tests.support.search_office import BEGIN, FAMILY_NAMES, GIVEN_NAMES, STAFF, a_large_office
from tests.support.sources import StatedClock
from tests.support.statements import counted

_CASES = 10_000
_YEAR = BEGIN.year


def run(*, quick: bool) -> Section:
    """The service; 10,000 cases of three persons each, a tenth of them when `quick`."""
    cases = _CASES // 10 if quick else _CASES
    section = Section(f"Search: {cases:,} cases, {3 * cases:,} persons")
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'docservice.sqlite'}"
        database = Database(url)
        database.upgrade()
        a_large_office(url, cases)
        search = SearchService(database, StatedClock(), 28)
        for name, asked in _asked().items():
            taken, statements = _measured(search, asked, 1 if quick else 5)
            section.ratios.append(Ratio(f"{name}: p95 of {len(taken)}", _p95(taken), "ms", at_most=100))
            section.ratios.append(Ratio(f"{name}: statements, most", statements, "", at_most=2))
        database.close()
    return section


def _asked() -> dict[str, list[dict[str, Any]]]:
    """By what is searched: searches of that kind, each for something else."""
    names = [f"{given.split()[0]} {family}" for family, given in zip(FAMILY_NAMES, GIVEN_NAMES, strict=True)]
    return {
        "all cases": [{}],
        "case number": [{"number": f"{_YEAR}-0{number:02d}"} for number in range(20)],
        "family name": [{"name": name} for name in FAMILY_NAMES],
        "first letter of a name": [{"name": letter} for letter in "ABCDEFGHIKLMNOPSTUVWYZ"],
        "given and family name": [{"name": name} for name in names],
        "Arabic and Cyrillic": [{"name": name} for name in ("حسين", "الحسين احمد", "шевч", "عبدالله", "николай ив")],
        "nobody": [{"name": f"Zilpzalp {name}"} for name in FAMILY_NAMES],
        "name and birth year": [{"name": name, "birth_year": 1950 + 3 * n} for n, name in enumerate(FAMILY_NAMES)],
        "birth year": [{"birth_year": 1940 + 4 * number} for number in range(20)],
        "state": [{"state": state} for state in ("in_preparation", "concluded", "ended", "given_up")],
        "caseworker": [{"caseworker": staff} for staff in (*STAFF, "nobody")],
        "appointments of a week": [
            {"appointment_from": f"{_YEAR}-{month:02d}-01", "appointment_to": f"{_YEAR}-{month:02d}-07"}
            for month in range(1, 13)
        ],
        "paper": [{"papers": papers} for papers in ("printed", "returned", "incomplete", "overdue")],
        "all together": [
            {
                "name": name,
                "state": "in_preparation",
                "caseworker": STAFF[number % len(STAFF)],
                "appointment_from": f"{_YEAR}-01-01",
            }
            for number, name in enumerate(FAMILY_NAMES)
        ],
    }


def _measured(search: SearchService, asked: list[dict[str, Any]], rounds: int) -> tuple[list[float], int]:
    """Milliseconds of each search, and the most statements that one has sent."""
    taken, most = [], 0
    for each in asked:
        with counted() as statements:
            search.find(SOMEBODY, each, 50)
        most = max(most, sum(statement.startswith("SELECT") for statement in statements))
    for _ in range(rounds):
        for each in asked:
            start = time.perf_counter()
            search.find(SOMEBODY, each, 50)
            taken.append(1000 * (time.perf_counter() - start))
    return taken, most


def _p95(taken: list[float]) -> float:
    return sorted(taken)[min(len(taken) - 1, int(0.95 * len(taken)))]
