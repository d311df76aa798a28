"""What it costs to look at an upload of 400 documents, at the first fifty questions of a day, and at a full case."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.report import Ratio, Section
from docservice.bootstrap import Services, build
from docservice.cases.intake import record_to_json
from docservice.domain.record.entries import Contact, ContactKind
from docservice.domain.record.subjects import Subject, first_state
from docservice.settings import Settings
from tests.support.actors import SOMEBODY
from tests.support.fixtures import load_case
from tests.support.large_upload import large_upload
from tests.support.scan_office import ScanOffice
from tests.support.statements import counted

_DOCUMENTS = 400
_ENTRIES = {Subject.CONTACT: 40, Subject.ANNEX: 12, Subject.HELP_PLAN: 6}
_AT = datetime(2026, 11, 2, 10, tzinfo=UTC)


def run(*, quick: bool) -> Section:
    """The service on SQLite; seconds."""
    section = Section(f"Reads: an upload of {_DOCUMENTS} documents, half of them waiting; a case of {_full_case()}")
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
    section.ratios += _case_reads(5 * rounds)
    return section


def _full_case() -> str:
    return ", ".join(f"{count} {subject.value}" for subject, count in _ENTRIES.items())


def _case_reads(rounds: int) -> Iterator[Ratio]:
    """A case and all that has followed: its file and each of its lists, one after the other."""
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        services = build(Settings.from_environment({"DOCSERVICE_DATA_DIR": folder}))
        services.database.upgrade()
        case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
        _fill(services, case_id)

        lists = {
            f"GET /cases/{{id}}/{subject.value}": partial(services.records.entries, SOMEBODY, case_id, subject, 50)
            for subject in _ENTRIES
        }
        assert [len(each().items) for each in lists.values()] == list(_ENTRIES.values())
        asked: dict[str, Callable[[], object]] = {
            "GET /cases/{id}": partial(services.cases.get, SOMEBODY, case_id),
            **lists,
        }
        for name, ask in asked.items():
            yield Ratio(f"{name}: statements", _statements(ask), "", at_most=12)
            yield Ratio(f"{name}: median of {rounds}", _milliseconds(ask, rounds), "ms", at_most=30)
        services.close()


def _fill(services: Services, case_id: str) -> None:
    """The annex and the plan again and again under further numbers, and contacts."""
    with services.database.transaction() as tx:
        first = {subject: tx.entries.get(case_id, subject, 1) for subject in _ENTRIES}
        like = next(entry for entry in first.values() if entry is not None)
        contact = replace(
            like, subject=Subject.CONTACT, data=record_to_json(Contact(_AT, ContactKind.VISIT, topic="x"))
        )
        first[Subject.CONTACT] = replace(contact, number=0, state=first_state(Subject.CONTACT), agreement_number=None)
        for subject, count in _ENTRIES.items():
            entry = first[subject]
            assert entry is not None
            for number in range(entry.number + 1, count + 1):
                tx.entries.add(replace(entry, id=services.ids.new(), number=number))


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
