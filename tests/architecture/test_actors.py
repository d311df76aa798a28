"""Whoever asks a room for something says who asks; a new method that does not is found here."""

from __future__ import annotations

import inspect

from docservice.accounts.service import AccountService
from docservice.archive.service import ArchiveService
from docservice.bundles.service import BundleService
from docservice.cases.search.service import SearchService
from docservice.cases.service import CaseService
from docservice.reports.service import ReportService
from docservice.reviews.service import ReviewService
from docservice.scans.service import ScanService

ROOMS = (
    AccountService,
    ArchiveService,
    BundleService,
    CaseService,
    ReportService,
    ReviewService,
    ScanService,
    SearchService,
)

OF_ITSELF = {
    AccountService: {"authenticate", "ensure_first"},  # who acts is found by the one; the other is at the start
    ArchiveService: {
        *("tasks", "postpone", "watch_nightly", "schedule_fixity", "continue_fixity", "fixity_is_due"),
        *("check_fixity", "sweep_bodies", "move_packages"),
    },
    BundleService: {"tasks", "render", "warm_up"},
    CaseService: set[str](),
    ReportService: set[str](),
    ReviewService: set[str](),
    SearchService: set[str](),
    ScanService: {"tasks", "effects", "rescue", "schedule_rescue"},
}
"""What nobody asks for: jobs and what brings them about act in the name of their task, which they know themselves."""


def _asked(room: type) -> dict[str, list[str]]:
    methods = inspect.getmembers(room, inspect.isfunction)
    return {
        name: list(inspect.signature(method).parameters)[1:] for name, method in methods if not name.startswith("_")
    }


def test_every_method_that_somebody_asks_for_is_told_first_who_asks() -> None:
    for room in ROOMS:
        silent = {name for name, parameters in _asked(room).items() if parameters[:1] != ["actor"]}
        assert silent == OF_ITSELF[room], room.__name__
