"""The interim report of an office with years behind it, in a process of its own: seconds, statements, memory."""

from __future__ import annotations

import multiprocessing
import os
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.measure import resident_mebibytes
from benchmarks.report import Figure, Ratio, Section
from docservice.db.unit_of_work import Database
from docservice.reports.service import ReportService
from docservice.settings import PROJECT
from docservice.templates.service import TemplateLibrary
from docservice.tools.typst import SupervisedTypst
from tests.support.actors import SOMEBODY
from tests.support.report_office import a_large_office
from tests.support.sources import CountedIds, StatedClock
from tests.support.statements import counted

_CASES, _CONTACTS = 10_000, 40_000
_PERIOD = ("2001-07-01", "2004-06-30")


def run(*, quick: bool) -> Section:
    """SQLite; 10,000 cases, a tenth of them when `quick`."""
    cases, contacts = (_CASES // 10, _CONTACTS // 10) if quick else (_CASES, _CONTACTS)
    section = Section(f"Reports: three years of {cases:,} cases and {contacts:,} contacts")
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'docservice.sqlite'}"
        database = Database(url)
        database.upgrade()
        database.close()
        a_large_office(url, cases, contacts)
        answers = _in_own_process(url)
    section.ratios.append(Ratio("interim report, median of 5", answers["seconds"], "s", at_most=2))
    section.figures.append(Figure("of it CPU", answers["cpu"], "s"))
    section.ratios.append(Ratio("interim report: statements", answers["statements"], "", at_most=4))
    section.ratios.append(Ratio("memory of the process, most", answers["most"], "MiB", at_most=100))
    section.figures.append(Figure("of it before the first report", answers["before"], "MiB"))
    section.figures.append(Figure("evaluation export", answers["export"], "s"))
    return section


def _in_own_process(url: str) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_report, args=(url, theirs))
    child.start()
    theirs.close()
    try:
        if not ours.poll(300):
            raise TimeoutError("the reporting process did not answer")
        answers: dict[str, float] = ours.recv()
        return answers
    finally:
        child.join(20)
        if child.is_alive():
            child.kill()


def _report(url: str, pipe: Connection) -> None:
    templates = PROJECT / "templates"
    database = Database(url)
    reports = ReportService(
        database,
        TemplateLibrary(templates),
        SupervisedTypst(templates / "pdf", templates / "fonts"),  # starts nothing until it is asked
        StatedClock(datetime(2004, 7, 1, 9, 0, tzinfo=UTC)),
        CountedIds(),
        "dortmund",
        28,
    )
    before, seconds, cpu = resident_mebibytes(os.getpid()), [], []
    with counted() as statements:
        reports.interim(SOMEBODY, *_PERIOD)
    for _ in range(5):
        start, worked = time.perf_counter(), time.process_time()
        reports.interim(SOMEBODY, *_PERIOD)
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - worked)
    most = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))[0]) / 1024
    start = time.perf_counter()
    reports.evaluation(SOMEBODY, *_PERIOD)
    pipe.send(
        {
            "seconds": statistics.median(seconds),
            "cpu": statistics.median(cpu),
            "statements": len([each for each in statements if each.startswith("SELECT")]),
            "before": before,
            "most": most,
            "export": time.perf_counter() - start,
        }
    )
    database.close()
