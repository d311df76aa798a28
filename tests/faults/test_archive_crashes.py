"""Archiving while disks are full, workers die and others do the same: one package, one entry, no gap, nothing lost."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from docservice.archive.service import ArchiveService
from docservice.archive.verify import State, verify_package
from docservice.domain.errors import DocserviceError
from docservice.domain.hash_chain import chain_faults
from docservice.domain.kinds import Kind
from docservice.domain.sources import SystemClock
from docservice.jobs.runner import JobRunner, Outcome
from docservice.jobs.tasks import PACKAGE
from docservice.storage.service import BlobStore, open_store
from docservice.tools.typst import Typesetter
from tests.support.actors import SOMEBODY
from tests.support.archive_office import ArchiveOffice, new_typesetter
from tests.support.disks import on_full_disk
from tests.support.services import postgres_server
from tests.support.sources import StatedClock


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
    """A store that fails, or kills its process, just before or just after a step: "kill after keep body"."""

    def __init__(self, store: BlobStore, fault: str) -> None:
        self._blobs, self._fault = store, fault

    def put_file(self, key: str, path: Path) -> None:
        step = "keep body" if key.startswith("archive/open/") else "keep package"
        self._strike(f"before {step}")
        self._blobs.put_file(key, path)
        self._strike(f"after {step}")

    def local(self, key: str) -> AbstractContextManager[Path]:
        if key.startswith("archive/open/"):
            self._strike("before take body")
        return self._blobs.local(key)

    def delete(self, key: str) -> None:
        step = "erase body" if key.startswith("archive/open/") else "erase package"
        self._strike(f"before {step}")
        self._blobs.delete(key)
        self._strike(f"after {step}")

    def _strike(self, here: str) -> None:
        if self._fault == f"fail {here}":
            raise DocserviceError("disk_full", "The disk of the file store is full.", retryable=True)
        if self._fault == f"kill {here}":
            os.kill(os.getpid(), signal.SIGKILL)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)


def broken(office: ArchiveOffice, fault: str, tesseract: str | None = None) -> ArchiveService:
    return office.with_stores(lambda store: FaultyBlobs(store, fault), tesseract)


STEPS = {  # how many bodies and packages a process leaves that ends here, and whether the chain has the entry
    "before keep body": (0, 0, False),
    "after keep body": (1, 0, False),
    "before take body": (1, 0, True),
    "before keep package": (1, 0, True),
    "after keep package": (1, 1, True),
    "before erase body": (1, 1, True),
    "after erase body": (0, 1, True),
}


def proved(office: ArchiveOffice, *attachments: str) -> None:
    """Each attachment has one package, intact, with its own entry in a chain without a gap; nothing else is kept."""
    entries = list(office.archive.chain_entries(SOMEBODY))
    assert list(chain_faults(entries)) == []
    assert sorted(office.archive.get(SOMEBODY, each).entry.seq for each in attachments) == list(
        range(1, len(entries) + 1)
    )
    for attachment_id in attachments:
        path = office.folder / "proved.zip"
        path.write_bytes(office.bytes_of(attachment_id))
        verdict = verify_package(path, entries)
        assert (verdict.state, verdict.in_register) == (State.INTACT, True)
    assert (len(bodies(office)), len(packages(office))) == (0, len(attachments))


def bodies(office: ArchiveOffice) -> list[Path]:
    return [path for path in (office.folder / "blobs" / "archive" / "open").rglob("*") if path.is_file()]


def packages(office: ArchiveOffice) -> list[Path]:
    return [path for place in ("blobs", "vault") for path in (office.folder / place / "archive").rglob("*.zip")]


def other_release(office: ArchiveOffice, fault: str = "") -> ArchiveService:
    """The archive of a release whose packages come out different: another OCR program stands in their notes."""
    program = office.folder / "tesseract"
    program.write_text("#!/bin/sh\necho tesseract 99.0\n")
    program.chmod(0o700)
    return broken(office, fault, str(program))


@pytest.mark.parametrize("step", STEPS)
def test_a_full_store_is_told_and_the_next_attempt_takes_the_same_entry(office: ArchiveOffice, step: str) -> None:
    attachment_id = office.returned(dpi=72)
    failing = broken(office, f"fail {step}")
    with pytest.raises(DocserviceError) as caught:
        failing.package(SOMEBODY, attachment_id)
    assert (caught.value.code, caught.value.retryable) == ("disk_full", True)
    entries = list(office.archive.chain_entries(SOMEBODY))
    assert (len(bodies(office)), len(packages(office)), bool(entries)) == STEPS[step]
    office.archive.package(SOMEBODY, attachment_id)
    assert list(office.archive.chain_entries(SOMEBODY))[: len(entries)] == entries
    proved(office, attachment_id)


@pytest.mark.parametrize("step", STEPS)
def test_what_a_killed_release_began_another_one_finishes_to_the_byte(office: ArchiveOffice, step: str) -> None:
    """Killed at each step by one release; done by another, which would have made another package."""
    attachment_id = office.returned(dpi=72)
    dead = _elsewhere(office, attachment_id, f"kill {step}")
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    entries = list(office.archive.chain_entries(SOMEBODY))
    assert (len(bodies(office)), len(packages(office)), bool(entries)) == STEPS[step]
    view = other_release(office).package(SOMEBODY, attachment_id)
    assert (view.package is not None, hashlib.sha256(office.bytes_of(attachment_id)).hexdigest()) == (True, view.sha256)
    with zipfile.ZipFile(packages(office)[0]) as package:
        software = json.loads(package.read("transfer-note/transfer-note.json"))["software"]
    assert ("tesseract" in software) == (not entries)
    assert list(office.archive.chain_entries(SOMEBODY)) == (entries or [view.entry])
    proved(office, attachment_id)


def test_two_releases_at_once_make_one_package(office: ArchiveOffice) -> None:
    attachment_id = office.returned(dpi=72)
    releases = [office.archive, other_release(office)] * 2
    with ThreadPoolExecutor(4) as pool:
        views = list(pool.map(lambda release: release.package(SOMEBODY, attachment_id), releases))
    assert len({view.sha256 for view in views}) == 1
    proved(office, attachment_id)


def test_after_an_outage_the_nightly_pass_wants_the_package_and_another_release_finishes_it(
    tmp_path: Path, typesetter: Typesetter
) -> None:
    """The body waits for as long as it is needed."""
    clock = StatedClock()
    office = ArchiveOffice(tmp_path, clock=clock, typesetter=typesetter)
    attachment_id = office.returned(dpi=72)
    with pytest.raises(DocserviceError):
        broken(office, "fail before keep package").package(SOMEBODY, attachment_id)
    clock.advance(timedelta(days=30))
    release = other_release(office)
    release.watch_nightly("2027-01-02")
    assert release.get(SOMEBODY, attachment_id).check_result == "package_missing"
    runner = JobRunner(office.jobs, release.tasks(), "w")
    assert [runner.run(job.id) for job in office.jobs.due() if job.task == PACKAGE.name] == [Outcome.DONE]
    proved(office, attachment_id)
    office.close()


def test_bodies_that_were_superseded_are_swept_and_no_other(tmp_path: Path, typesetter: Typesetter) -> None:
    """Older than a day, of no entry, and of no attachment whose archiving is still to be done."""
    clock = StatedClock(SystemClock().now())  # the store's own clock, too
    office = ArchiveOffice(tmp_path, clock=clock, typesetter=typesetter)
    document = office.printed()[Kind.ANNEX]
    left, waiting, entered = (
        office.attached(document, office.received(office.sheets(document, dpi=60, tilt=tilt))) for tilt in (0, 1, 2)
    )
    for attachment_id, step in ((left, "after keep body"), (waiting, "after keep body"), (entered, "before take body")):
        with pytest.raises(DocserviceError):
            broken(office, f"fail {step}").package(SOMEBODY, attachment_id)
    (office.folder / "blobs" / "archive" / "open" / entered / ("ab" * 32)).write_bytes(b"of another release")
    with office.database.transaction() as tx:
        office.jobs.enqueue(tx, PACKAGE, waiting)
    office.archive.sweep_bodies()
    assert len(bodies(office)) == 4
    clock.advance(timedelta(days=1, minutes=1))
    office.archive.sweep_bodies()
    assert sorted(path.parent.name for path in bodies(office)) == sorted((waiting, entered))
    for attachment_id in (entered, waiting, left):
        other_release(office).package(SOMEBODY, attachment_id)
    proved(office, left, waiting, entered)
    office.close()


def test_an_altered_body_without_an_entry_gives_way(office: ArchiveOffice) -> None:
    attachment_id = office.returned(dpi=72)
    with pytest.raises(DocserviceError):
        broken(office, "fail after keep body").package(SOMEBODY, attachment_id)
    flip(bodies(office)[0])
    office.archive.package(SOMEBODY, attachment_id)
    proved(office, attachment_id)


def test_an_altered_body_is_never_closed_but_made_anew_by_the_release_that_can(office: ArchiveOffice) -> None:
    attachment_id = office.returned(dpi=72)
    with pytest.raises(DocserviceError):
        broken(office, "fail before keep package").package(SOMEBODY, attachment_id)
    flip(bodies(office)[0])
    with pytest.raises(DocserviceError, match="not as it was when its entry was written") as caught:
        other_release(office).package(SOMEBODY, attachment_id)
    assert (caught.value.code, caught.value.retryable) == ("archive_body_altered", False)
    assert (len(bodies(office)), packages(office)) == (1, [])
    office.archive.package(SOMEBODY, attachment_id)
    proved(office, attachment_id)


def test_an_entry_whose_body_was_never_kept_is_finished_by_the_same_release_alone(office: ArchiveOffice) -> None:
    """As an earlier release left it, which kept no bodies."""
    attachment_id = office.returned(dpi=72)
    with pytest.raises(DocserviceError):
        broken(office, "fail before keep package").package(SOMEBODY, attachment_id)
    bodies(office)[0].unlink()
    with pytest.raises(DocserviceError, match="neither it nor its body is in the store") as caught:
        other_release(office).package(SOMEBODY, attachment_id)
    assert caught.value.code == "archive_not_repeatable"
    office.archive.package(SOMEBODY, attachment_id)
    proved(office, attachment_id)


def flip(path: Path, position: int = 5000) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 4
    path.write_bytes(data)


def as_kept_by_an_earlier_release(office: ArchiveOffice, attachment_id: str) -> Path:
    """The package where it was kept before there was a vault."""
    key = office.archive.package_file(SOMEBODY, attachment_id).key
    path = office.folder / "blobs" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    (office.folder / "vault" / key).rename(path)
    return path


@pytest.mark.parametrize(
    "step", ["before keep package", "after keep package", "before erase package", "after erase package"]
)
def test_a_package_that_is_being_moved_into_the_vault_is_never_lost(office: ArchiveOffice, step: str) -> None:
    """Killed at each step; readable, intact and checked all the while, and moved by the next pass."""
    attachment_id = office.returned(dpi=72)
    whole = office.archive.package(SOMEBODY, attachment_id)
    old = as_kept_by_an_earlier_release(office, attachment_id)
    assert hashlib.sha256(office.bytes_of(attachment_id)).hexdigest() == whole.sha256
    dead = _elsewhere(office, attachment_id, f"kill {step}", "move")
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert len(packages(office)) == (2 if step in ("after keep package", "before erase package") else 1)
    assert office.archive.package(SOMEBODY, attachment_id) == whole
    assert office.archive.check_fixity().altered == 0
    assert office.archive.get(SOMEBODY, attachment_id).check_result == "intact"
    office.archive.move_packages()
    assert not old.exists()
    assert packages(office) == [office.folder / "vault" / office.archive.package_file(SOMEBODY, attachment_id).key]
    proved(office, attachment_id)


def test_an_altered_package_is_not_moved_and_is_found_by_the_nightly_pass(office: ArchiveOffice) -> None:
    attachment_id = office.returned(dpi=72)
    office.archive.package(SOMEBODY, attachment_id)
    old = as_kept_by_an_earlier_release(office, attachment_id)
    flip(old)
    assert office.archive.move_packages() == 0
    assert packages(office) == [old]
    assert office.archive.check_fixity().altered == 1


def test_nothing_is_moved_where_both_addresses_lead_to_one_place(office: ArchiveOffice) -> None:
    """Deleted in one place it would be gone in the other."""
    attachment_id = office.returned(dpi=72)
    office.archive.package(SOMEBODY, attachment_id)
    old = as_kept_by_an_earlier_release(office, attachment_id)
    with pytest.raises(DocserviceError, match="same place"):
        office.with_stores(lambda _: open_store((office.folder / "blobs").as_uri())).move_packages()
    assert packages(office) == [old]


@pytest.mark.parametrize("step", ["before keep package", "after keep package"])
def test_a_worker_killed_around_the_store_loses_and_doubles_nothing(office: ArchiveOffice, step: str) -> None:
    """Between the entry in the chain and the bytes, and between the bytes and the end of the job."""
    attachment_id = office.returned(dpi=72)
    dead = _elsewhere(office, attachment_id, f"kill {step}")
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    stored = step == "after keep package"
    assert (office.archive.get(SOMEBODY, attachment_id).package is not None) == stored
    assert len(list((office.folder / "scratch").iterdir())) == 1
    office.archive.package(SOMEBODY, attachment_id)
    assert len(list((office.folder / "scratch").iterdir())) == (1 if stored else 0)
    proved(office, attachment_id)


def _elsewhere(office: ArchiveOffice, attachment_id: str, fault: str, *how: str) -> subprocess.CompletedProcess[str]:
    """The attachment archived ("move": packages moved) by a process of its own, which meets the fault."""
    program = [
        sys.executable,
        "-m",
        "tests.faults.test_archive_crashes",
        str(office.folder),
        attachment_id,
        fault,
        *how,
    ]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    with postgres_server() if request.param == "postgresql" else nullcontext(None) as url:
        yield url


def test_many_workers_at_once_make_one_entry_each(
    tmp_path: Path, database_url: str | None, typesetter: Typesetter
) -> None:
    """Three documents, each archived by four workers at the same time."""
    office = ArchiveOffice(tmp_path, database_url, typesetter=typesetter)
    document = office.printed()[Kind.ANNEX]
    attachments = [
        office.attached(document, office.received(office.sheets(document, dpi=60, tilt=number))) for number in range(3)
    ]
    with ThreadPoolExecutor(6) as pool:
        views = list(pool.map(partial(office.archive.package, SOMEBODY), attachments * 4))
    assert len({view.sha256 for view in views}) == 3
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
            office.archive.package(SOMEBODY, attachment_id)
        except DocserviceError as error:
            told.add(error.code)
        ballast.unlink()
    left = [path.name for path in (folder / "scratch").iterdir()]
    view = office.archive.package(SOMEBODY, attachment_id)
    proved(office, attachment_id)
    office.close()
    return {"told": sorted(told), "left": left, "stored": view.package is not None}


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
        service = broken(here, what)
        if "move" in sys.argv:
            service.move_packages()
        else:
            service.package(SOMEBODY, subject)
