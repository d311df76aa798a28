"""Archiving while disks are full, workers die and others do the same: one package, one entry, no gap, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from docservice.archive.verify import State, verify
from docservice.domain.documents import Kind
from docservice.domain.errors import DocserviceError
from docservice.domain.hash_chain import chain_faults
from docservice.tools.typst import Typesetter
from tests.support.archive_office import ArchiveOffice, new_typesetter
from tests.support.disks import on_full_disk


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    """One engine for all tests of this file: starting it is what takes the time."""
    engine = new_typesetter()
    yield engine
    engine.close()


@pytest.fixture
def office(tmp_path: Path, typesetter: Typesetter) -> Iterator[ArchiveOffice]:
    office = ArchiveOffice(tmp_path, typesetter=typesetter)
    yield office
    office.close()


class FaultyBlobs:
    """A store that fails, or kills its process, just before or just after a package is kept."""

    def __init__(self, office: ArchiveOffice, fault: str) -> None:
        self._blobs, self._fault = office.blobs, fault

    def put_file(self, key: str, path: Path) -> None:
        self._strike("full before", "kill before")
        self._blobs.put_file(key, path)
        self._strike("full after", "kill after")

    def _strike(self, full: str, kill: str) -> None:
        if self._fault == full:
            raise DocserviceError("disk_full", "The disk of the file store is full.", retryable=True)
        if self._fault == kill:
            os.kill(os.getpid(), signal.SIGKILL)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)


def proved(office: ArchiveOffice, *attachments: str) -> None:
    """Each attachment has one package, intact, with its own entry in a chain without a gap; nothing else is kept."""
    entries = list(office.archive.register())
    assert list(chain_faults(entries)) == []
    assert sorted(office.archive.get(each).entry.seq for each in attachments) == list(range(1, len(entries) + 1))
    for attachment_id in attachments:
        path = office.folder / "proved.zip"
        path.write_bytes(office.bytes_of(attachment_id))
        verdict = verify(path, entries)
        assert (verdict.state, verdict.in_register) == (State.INTACT, True)
    kept = list((office.folder / "blobs" / "archive").rglob("*.zip"))
    assert len(kept) == len(attachments)


@pytest.mark.parametrize("fault", ["full before", "full after"])
def test_a_full_store_is_told_and_the_next_attempt_takes_the_same_entry(office: ArchiveOffice, fault: str) -> None:
    attachment_id = office.returned(dpi=72)
    broken = office.with_blobs(FaultyBlobs(office, fault))
    for _ in range(2 if fault == "full before" else 1):
        with pytest.raises(DocserviceError) as caught:
            broken.package(attachment_id)
        assert (caught.value.code, caught.value.retryable) == ("disk_full", True)
    office.archive.package(attachment_id)
    proved(office, attachment_id)


@pytest.mark.parametrize("fault", ["kill before", "kill after"])
def test_a_worker_killed_around_the_store_loses_and_doubles_nothing(office: ArchiveOffice, fault: str) -> None:
    """Between the entry in the chain and the bytes, and between the bytes and the end of the job."""
    attachment_id = office.returned(dpi=72)
    dead = _elsewhere(office, attachment_id, fault)
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert office.archive.get(attachment_id).stored == (fault == "kill after")
    assert len(list((office.folder / "scratch").iterdir())) == 1
    office.archive.package(attachment_id)
    assert len(list((office.folder / "scratch").iterdir())) == (1 if fault == "kill after" else 0)
    proved(office, attachment_id)


def _elsewhere(office: ArchiveOffice, attachment_id: str, fault: str) -> subprocess.CompletedProcess[str]:
    """The attachment archived by a process of its own, which meets the fault."""
    program = [sys.executable, "-m", "tests.faults.test_archive_crashes", str(office.folder), attachment_id, fault]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_many_workers_at_once_make_one_entry_each(
    tmp_path: Path, kind: str, typesetter: Typesetter, request: pytest.FixtureRequest
) -> None:
    """Three documents, each archived by four workers at the same time."""
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else None
    office = ArchiveOffice(tmp_path, url, typesetter=typesetter)
    document = office.printed()[Kind.ANNEX]
    attachments = [
        office.attached(document, office.received(office.sheets(document, dpi=60, tilt=number))) for number in range(3)
    ]
    with ThreadPoolExecutor(6) as pool:
        views = list(pool.map(office.archive.package, attachments * 4))
    assert len({view.package_sha256 for view in views}) == 3
    proved(office, *attachments)
    office.close()


def test_a_disk_that_fills_up_is_told_and_archiving_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """A real disk: the store, the database and the folder for temporary files lie on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    program = [sys.executable, "-m", "tests.faults.test_archive_crashes", str(disk), "-", "full disk"]
    result = subprocess.run(
        on_full_disk(disk, program, free="14m"), capture_output=True, text=True, timeout=90, check=False
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == {"told": ["disk_full"], "left": [], "stored": True}


def _on_small_disk(folder: Path) -> dict[str, object]:
    """What is told while there is room for less and less of it, and what is there once there is room again."""
    office = ArchiveOffice(folder)
    attachment_id = office.returned(dpi=60)
    told = set()
    for free in (0, 30_000, 100_000, 200_000, 300_000):
        ballast = _fill(folder / "ballast", leave=free)
        try:
            office.archive.package(attachment_id)
        except DocserviceError as error:
            told.add(error.code)
        ballast.unlink()
    left = [path.name for path in (folder / "scratch").iterdir()]
    view = office.archive.package(attachment_id)
    proved(office, attachment_id)
    office.close()
    return {"told": sorted(told), "left": left, "stored": view.stored}


def _fill(path: Path, leave: int) -> Path:
    """Write until no more fits than `leave` bytes."""
    room = os.statvfs(path.parent)
    path.write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - leave)))
    return path


if __name__ == "__main__":
    place, subject, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if what == "full disk":
        print(json.dumps(_on_small_disk(place)))
    else:
        here = ArchiveOffice(place)
        service = here.with_blobs(FaultyBlobs(here, what))
        service.package(subject)
