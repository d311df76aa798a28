"""Returned scans while a disk is full or a store does not answer: nothing is given up, and on it goes by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from docservice.domain.errors import DocserviceError
from docservice.domain.returned.scans import ReturnState
from docservice.domain.states import UploadState
from docservice.storage.service import open_store
from tests.support.actors import SOMEBODY
from tests.support.disks import on_full_disk
from tests.support.failing_store import FailingStore
from tests.support.scan_office import ScanOffice, both_pages
from tests.support.sources import StatedClock


@pytest.fixture
def store(tmp_path: Path) -> FailingStore:
    return FailingStore(open_store((tmp_path / "blobs").as_uri()))


@pytest.fixture
def clock() -> StatedClock:
    return StatedClock()


@pytest.fixture
def office(tmp_path: Path, store: FailingStore, clock: StatedClock) -> Iterator[ScanOffice]:
    office = ScanOffice(tmp_path, blobs=store, clock=clock)
    yield office
    office.database.close()


def test_an_upload_that_cannot_be_kept_is_refused_and_leaves_nothing(office: ScanOffice, store: FailingStore) -> None:
    document_id = office.printed(office.case())
    store.code = "disk_full"
    with pytest.raises(DocserviceError, match="disk_full"):
        office.upload(both_pages(document_id))
    assert office.jobs.due() == ()
    store.code = None
    assert office.scan(both_pages(document_id)).documents[0].state is ReturnState.NEEDS_REVIEW


@pytest.mark.parametrize("code", ["disk_full", "storage_unavailable", "storage_read_only"])
def test_pages_wait_until_their_pictures_can_be_kept(
    office: ScanOffice, store: FailingStore, clock: StatedClock, code: str
) -> None:
    document_id = office.printed(office.case())
    upload_id = office.upload(both_pages(document_id)).upload_id
    store.code = code
    for _ in range(20):  # far more often than a job is tried
        office.work()
        clock.advance(timedelta(minutes=7))
    assert store.refused >= 5
    assert office.scans.get(SOMEBODY, upload_id).state is UploadState.READING
    assert "upload.waiting" in {event.name for event in office.scans.events(SOMEBODY, upload_id)}
    assert office.reviews.list(SOMEBODY, 10).reviews == ()
    store.code = None
    office.work()
    upload = office.scans.whole(SOMEBODY, upload_id)
    assert (upload.state, [page.verdict for page in upload.pages]) == (UploadState.DONE, ["matched", "matched"])


def test_a_real_disk_that_runs_full_and_has_room_again(tmp_path: Path) -> None:
    disk, elsewhere = tmp_path / "disk", tmp_path / "elsewhere"
    disk.mkdir()
    elsewhere.mkdir()
    program = [sys.executable, "-m", "tests.support.scan_small_disk", str(disk), str(elsewhere)]
    result = subprocess.run(
        on_full_disk(disk, program, free="6m"), capture_output=True, text=True, timeout=100, check=False, env=os.environ
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout.splitlines()[-1])
    assert (told["receiving"], told["working"]) == ("disk_full", "disk_full")
    assert (told["state"], told["pages"], told["documents"]) == ("done", 14, ["accepted"])
    assert told["verified"] is True
