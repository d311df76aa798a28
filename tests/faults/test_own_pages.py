"""Keeping pages by themselves while its process is killed or the disk is full: nothing is wrong, and on it goes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from docservice.db.scan_pages import ScanPageRecord
from docservice.domain.errors import DocserviceError
from docservice.domain.kinds import Kind
from docservice.jobs.runner import JobRunner, Outcome
from docservice.own_pages.service import KEEP
from docservice.scans.intake.leftovers import LEFT_AFTER, Leftovers
from tests.support.actors import SOMEBODY
from tests.support.archive_office import ArchiveOffice, Sheet
from tests.support.failing_store import FailingStore
from tests.support.sources import StatedClock

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.support.archive_office import ArchiveOffice

class Kills:
    def __init__(self, store, after):
        self.store, self.left = store, after

    def put(self, key, data):
        self.store.put(key, data)
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

    def __getattr__(self, name):
        return getattr(self.store, name)

office = ArchiveOffice(Path(sys.argv[1]))
office.own_pages(Kills(office.blobs, int(sys.argv[3]))).keep_all(sys.argv[2])
"""


@pytest.fixture
def clock() -> StatedClock:
    return StatedClock()


@pytest.fixture
def office(tmp_path: Path, clock: StatedClock) -> Iterator[ArchiveOffice]:
    office = ArchiveOffice(tmp_path, clock=clock)
    yield office
    office.close()


def stack(office: ArchiveOffice) -> tuple[str, str, str]:
    """A stack with a document and a letter: upload, file and attachment."""
    document = office.printed()[Kind.ANNEX]
    sheets = office.sheets(document, dpi=80)
    upload_id = office.received([*sheets, Sheet(dpi=80, letter="FREMDER BRIEF")], seen=True)
    with office.database.reading() as tx:
        (file,) = tx.scan_files.of_upload(upload_id)
    return upload_id, file.id, office.attached(document, upload_id)


def pages(office: ArchiveOffice, upload_id: str) -> tuple[ScanPageRecord, ...]:
    with office.database.reading() as tx:
        return tx.scan_pages.of_upload(upload_id)


def kept(office: ArchiveOffice) -> set[str]:
    root = office.folder / "blobs"
    return {str(path.relative_to(root)) for path in (root / "scans/streams").rglob("*") if path.is_file()}


@pytest.mark.parametrize("then", ["keep", "archive", "nothing"])
def test_killed_between_the_bytes_of_a_page_and_its_row(office: ArchiveOffice, clock: StatedClock, then: str) -> None:
    upload_id, file_id, attachment_id = stack(office)
    command = [sys.executable, "-c", KILLED, str(office.folder), file_id, "2"]
    killed = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(kept(office)) == 2
    assert not any(page.stream_key for page in pages(office, upload_id))
    if then == "keep":
        assert office.own_pages().keep_all(file_id)
        assert kept(office) == {page.stream_key for page in pages(office, upload_id)}
    elif then == "archive":
        assert office.archive.package(SOMEBODY, attachment_id).package
        assert kept(office) == {page.stream_key for page in pages(office, upload_id) if page.stream_key}
    else:
        clock.advance(LEFT_AFTER + timedelta(days=1000))
        assert Leftovers(office.database, office.blobs, office.jobs, clock).sweep() == 2
        assert kept(office) == set()


def test_a_full_disk_keeps_no_page_and_loses_none(office: ArchiveOffice, clock: StatedClock) -> None:
    upload_id, file_id, attachment_id = stack(office)
    full = FailingStore(office.blobs)
    full.code = "disk_full"
    own_pages = office.own_pages(full)
    with office.database.transaction() as tx:
        office.jobs.enqueue(tx, KEEP, file_id)
    runner = JobRunner(office.jobs, own_pages.tasks(), "w")
    outcomes = []
    for _ in range(5):  # more often than a job is tried
        outcomes += [runner.run(job.id) for job in office.jobs.due() if job.task == KEEP.name]
        clock.advance(timedelta(minutes=10))
    assert outcomes == [Outcome.WAITING] * 5
    assert not any(page.stream_key for page in pages(office, upload_id))
    archive = office.with_stores(lambda blobs: full if blobs is office.blobs else blobs)
    with pytest.raises(DocserviceError) as told:
        archive.package(SOMEBODY, attachment_id)
    assert (told.value.code, told.value.retryable) == ("disk_full", True)
    full.code = None
    assert archive.package(SOMEBODY, attachment_id).package
