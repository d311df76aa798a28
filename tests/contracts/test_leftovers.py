"""What a writer left behind that died, or had no room, is erased in the end; what a record names is never touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from docservice.db.unit_of_work import Database
from docservice.domain.errors import DocserviceError
from docservice.domain.sources import Clock
from docservice.domain.states import JobState
from docservice.jobs.runner import JobRunner, Outcome
from docservice.scans.intake.leftovers import LEFT_AFTER, SWEEP, Leftovers
from docservice.scans.reading.page_reader import ReadPage
from docservice.storage.service import BlobStore
from docservice.tools.untrusted.pictures import Picture
from tests.support.actors import SOMEBODY
from tests.support.plain_scans import PlainReader
from tests.support.scan_office import CITY, PARTY, ScanOffice, both_pages
from tests.support.sources import StatedClock

LONG_AGO, LATELY = LEFT_AFTER + timedelta(days=1), LEFT_AFTER - timedelta(hours=1)


class RunsFull:
    """A store with room for so many more files."""

    def __init__(self, store: BlobStore, room: int) -> None:
        self._store, self._room = store, room

    def put_file(self, key: str, path: Path) -> None:
        """See BlobStore."""
        if not self._room:
            raise DocserviceError("disk_full", "The disk of the file store is full.", retryable=True)
        self._room -= 1
        self._store.put_file(key, path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Dies(PlainReader):
    """Its process dies at a page that says so."""

    def read(self, picture: Picture) -> ReadPage:
        """See Reader."""
        read = super().read(picture)
        if read.reading.rotation == 180:
            raise KeyboardInterrupt
        return read


@pytest.fixture
def office(database: Database, tmp_path: Path) -> ScanOffice:
    return ScanOffice(tmp_path, database, reader=Dies())


@pytest.fixture
def leftovers(office: ScanOffice) -> Leftovers:
    return Leftovers(office.database, office.blobs, office.jobs, office.clock)


def kept(office: ScanOffice, below: str = "scans") -> set[str]:
    root = office.folder / "blobs"
    return {str(path.relative_to(root)) for path in (root / below).rglob("*") if path.is_file()}


def age(office: ScanOffice, by: timedelta) -> None:
    put = (office.clock.now() - by).timestamp()
    for key in kept(office, "."):
        os.utime(office.folder / "blobs" / key, (put, put))


def leave_an_original(office: ScanOffice) -> None:
    """The disk is full at the second file of an upload."""
    full = ScanOffice(office.folder, office.database, blobs=cast("BlobStore", RunsFull(office.blobs, 1)))
    with pytest.raises(DocserviceError, match="disk_full"):
        full.upload({"letter": office.ids.new()}, {"letter": office.ids.new()})


def leave_pictures(office: ScanOffice) -> str:
    """The worker dies between the second page of a part and the third; the upload."""
    pages = [*both_pages(office.printed(office.case())), {"letter": office.ids.new(), "rotation": 180}]
    upload_id = office.upload(pages).upload_id
    with pytest.raises(KeyboardInterrupt):
        office.work()
    return upload_id


def test_what_no_record_names_is_erased_in_the_end_and_nothing_else(office: ScanOffice, leftovers: Leftovers) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    upload = office.scan(both_pages(document_id, letter=office.ids.new()), {"letter": office.ids.new()})
    named = kept(office)
    assert {key.split("/")[1] for key in named} == {"originals", "pages", "zones"}
    office.blobs.put("bundles/a/print.pdf", b"of another room")

    leave_an_original(office)
    died = leave_pictures(office)
    with office.database.reading() as tx:
        original = {file.blob_key for file in tx.scan_files.of_upload(died)}
    left = kept(office) - named - original
    assert sorted(key.split("/")[1] for key in left) == ["originals", "pages", "pages", "zones", "zones"]

    age(office, LATELY)
    assert leftovers.sweep() == 0
    age(office, LONG_AGO)
    assert leftovers.sweep() == len(left)
    assert kept(office, ".") == named | original | {"bundles/a/print.pdf"}
    assert leftovers.sweep() == 0
    for page in upload.pages:
        assert office.blobs.get(office.scans.picture(SOMEBODY, page.page_id).key)
    assert office.blobs.get(office.scans.crop(SOMEBODY, upload.pages[1].page_id, PARTY).key)
    assert office.blobs.get(office.scans.crop(SOMEBODY, upload.pages[1].page_id, CITY).key)


class Slow:
    """A store in which something happens once the old keys are known, before anything is done about them."""

    def __init__(self, store: BlobStore, meanwhile: Any) -> None:
        self._store, self._meanwhile = store, meanwhile

    def old_keys(self, folder: str, before: datetime) -> Iterator[str]:
        """See BlobStore."""
        found = list(self._store.old_keys(folder, before))
        if found:
            self._meanwhile()
        yield from found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_what_gets_its_record_meanwhile_is_kept(office: ScanOffice, leftovers: Leftovers) -> None:
    pages = both_pages(office.printed(office.case()), letter=office.ids.new())
    full = ScanOffice(office.folder, office.database, blobs=cast("BlobStore", RunsFull(office.blobs, 1)))
    with pytest.raises(DocserviceError, match="disk_full"):
        full.upload(pages, {"letter": office.ids.new()})
    age(office, LONG_AGO)
    slow = cast("BlobStore", Slow(office.blobs, lambda: office.upload(pages)))
    assert Leftovers(office.database, slow, office.jobs, office.clock).sweep() == 0
    assert len(kept(office)) == 1
    office.work()


def test_a_sweep_ends_when_its_time_is_over(office: ScanOffice, leftovers: Leftovers) -> None:
    leave_an_original(office)
    leave_pictures(office)
    with office.database.reading() as tx:
        assert not tx.scan_pages.keys_of(["0" * 20])
    age(office, LONG_AGO)
    assert leftovers.sweep(seconds=0) == 1
    assert leftovers.sweep() == 4


def test_the_nightly_sweep_is_there_once_and_brings_the_next_one_about(database: Database, tmp_path: Path) -> None:
    clock: Clock = StatedClock(datetime.fromisoformat("2027-03-26T09:00:00+00:00"))
    assert isinstance(clock, StatedClock)
    office = ScanOffice(tmp_path, database, clock=clock)
    leftovers = Leftovers(database, office.blobs, office.jobs, clock)
    for _ in range(3):
        leftovers.schedule()
    runner = JobRunner(office.jobs, leftovers.tasks(), "worker")
    assert [job.id for job in office.jobs.due() if job.task == SWEEP.name] == []
    for day in (27, 28, 29):  # on the 28th the clocks go forward
        clock.advance(timedelta(days=1))
        (job_id,) = [job.id for job in office.jobs.due() if job.task == SWEEP.name]
        assert job_id == f"sweep-2027-03-{day}"
        assert runner.run(job_id) is Outcome.DONE
    with database.reading() as tx:
        waiting = tx.jobs.get("sweep-2027-03-30")
    assert waiting is not None
    assert (waiting.state, waiting.run_after.isoformat()) == (JobState.QUEUED, "2027-03-30T01:00:00+00:00")
