"""The watch over what is kept: altered and missing bytes and a broken chain are found and told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from docservice.archive.service import FIXITY
from docservice.archive.views import Erasure
from docservice.db.archive import FixityRecord
from docservice.domain.errors import DocserviceError
from docservice.domain.kinds import Kind
from docservice.jobs.runner import JobRunner, Outcome
from docservice.jobs.tasks import PACKAGE, Task, TaskName
from docservice.storage.service import BlobStore
from docservice.tools.typst import Typesetter
from tests.support.actors import SOMEBODY
from tests.support.archive_office import ArchiveOffice, Sheet, new_typesetter
from tests.support.sources import StatedClock


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    """One engine for all tests of this file: starting it is what takes the time."""
    engine = new_typesetter()
    yield engine
    engine.close()


@pytest.fixture
def clock() -> StatedClock:
    return StatedClock()


@pytest.fixture
def office(tmp_path: Path, clock: StatedClock, typesetter: Typesetter) -> Iterator[ArchiveOffice]:
    office = ArchiveOffice(tmp_path, clock=clock, typesetter=typesetter)
    yield office
    office.close()


def archived(office: ArchiveOffice, count: int) -> list[str]:
    """Documents that were archived, all of one case, each from a file of its own."""
    document = office.printed()[Kind.ANNEX]
    made = []
    for number in range(count):
        upload_id = office.received(office.sheets(document, dpi=60, tilt=number / 10))
        made.append(office.archive.package(SOMEBODY, office.attached(document, upload_id)).archive_id)
    return made


def counts(run: FixityRecord) -> tuple[int, int, int]:
    return run.checked, run.altered, run.missing


def recorded(office: ArchiveOffice) -> list[tuple[object, ...]]:
    """The passes as they stand in the database."""
    engine = create_engine(f"sqlite:///{office.folder / 'docservice.sqlite'}")
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT id, checked, altered, missing FROM fixity_run ORDER BY started_at"))
        found = [tuple(row) for row in rows]
    engine.dispose()
    return found


def results(office: ArchiveOffice, archive_ids: Sequence[str]) -> list[str | None]:
    return [office.archive.get(SOMEBODY, archive_id).check_result for archive_id in archive_ids]


def blob(office: ArchiveOffice, key: str) -> Path:
    return office.folder / "blobs" / key


def original_of(office: ArchiveOffice, archive_id: str) -> Path:
    with office.database.reading() as tx:
        attachment = tx.attachments.get(archive_id)
        assert attachment is not None
        page = tx.scan_pages.get(next(iter(attachment.scans.values())))
        assert page is not None
        file = tx.scan_files.get(page.file_id)
    assert file is not None
    return blob(office, file.blob_key)


def package_of(office: ArchiveOffice, archive_id: str) -> Path:
    return office.folder / "vault" / office.archive.package_file(SOMEBODY, archive_id).key


def flip(path: Path, position: int = 5000) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 4
    path.write_bytes(data)


def test_what_is_as_it_was_is_intact_and_is_left_alone_for_a_week(office: ArchiveOffice, clock: StatedClock) -> None:
    (archive_id,) = archived(office, 1)
    assert counts(office.archive.check_fixity()) == (1, 0, 0)
    view = office.archive.get(SOMEBODY, archive_id)
    assert (view.check_result, view.checked_at) == ("intact", clock.now())
    clock.advance(timedelta(days=6))
    assert counts(office.archive.check_fixity()) == (0, 0, 0)
    clock.advance(timedelta(days=2))
    assert counts(office.archive.check_fixity()) == (1, 0, 0)


def test_every_kind_of_damage_is_found_and_stands_on_its_object(office: ArchiveOffice, clock: StatedClock) -> None:
    altered, missing, original, gone, sound = archived(office, 5)
    flip(package_of(office, altered))
    package_of(office, missing).unlink()
    flip(original_of(office, original))
    original_of(office, gone).unlink()
    run = office.archive.check_fixity()
    assert counts(run) == (5, 2, 2)
    assert results(office, (altered, missing, original, gone, sound)) == [
        "package_altered",
        "package_missing",
        "original_altered",
        "original_missing",
        "intact",
    ]
    assert recorded(office) == [(run.id, *counts(run))]


def test_a_package_that_was_never_kept_is_made_again(office: ArchiveOffice) -> None:
    (archive_id,) = archived(office, 1)
    before, entry = office.bytes_of(archive_id), office.archive.get(SOMEBODY, archive_id).entry
    package_of(office, archive_id).unlink()
    assert not office.archive.get(SOMEBODY, archive_id).package
    office.archive.check_fixity()
    assert [job.subject_id for job in office.jobs.due() if job.task == PACKAGE.name] == [archive_id]
    office.archive.package(SOMEBODY, archive_id)
    assert (office.bytes_of(archive_id), office.archive.get(SOMEBODY, archive_id).entry) == (before, entry)


def test_a_package_exchanged_for_a_sound_one_is_found(office: ArchiveOffice) -> None:
    """Intact in itself, and even with the recorded name: but not the one whose entry is in the chain."""
    first, second = archived(office, 2)
    package_of(office, first).write_bytes(office.bytes_of(second))
    assert counts(office.archive.check_fixity()) == (2, 1, 0)
    assert office.archive.get(SOMEBODY, first).check_result == "package_altered"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chain_entry SET manifest_sha256 = '{other}' WHERE seq = 2",
        "UPDATE chain_entry SET previous_sha256 = '{other}' WHERE seq = 2",
        "UPDATE chain_entry SET at = '2020-01-01 00:00:00.000000' WHERE seq = 2",
    ],
)
def test_a_changed_register_is_found_from_the_change_on(office: ArchiveOffice, change: str) -> None:
    first, second, third = archived(office, 3)
    engine = create_engine(f"sqlite:///{office.folder / 'docservice.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text(change.format(other="ab" * 32)))
    engine.dispose()
    assert counts(office.archive.check_fixity()) == (3, 2, 0)
    assert results(office, (first, second, third)) == ["intact", "chain_broken", "chain_broken"]


def test_a_pass_takes_what_waited_longest_and_ends_in_time(office: ArchiveOffice, clock: StatedClock) -> None:
    made = archived(office, 3)
    assert counts(office.archive.check_fixity(limit=2)) == (2, 0, 0)
    clock.advance(timedelta(seconds=1))
    assert counts(office.archive.check_fixity(limit=2)) == (1, 0, 0)
    assert office.archive.get(SOMEBODY, made[2]).checked_at == clock.now()
    clock.advance(timedelta(days=8))
    assert counts(office.archive.check_fixity(seconds=0)) == (0, 0, 0)


def test_an_original_of_many_documents_is_read_once(office: ArchiveOffice) -> None:
    documents = office.printed()
    sheets: list[Sheet] = [sheet for document in documents.values() for sheet in office.sheets(document, dpi=60)]
    upload_id = office.received(sheets)
    for document in documents.values():
        office.archive.package(SOMEBODY, office.attached(document, upload_id))
    flip(
        original_of(
            office, office.archive.package(SOMEBODY, office.attached(documents[Kind.ANNEX], upload_id)).archive_id
        )
    )
    assert counts(office.archive.check_fixity()) == (4, 4, 0)


# -- what was erased on purpose --------------------------------------------------------------------------------------


def vault_of(office: ArchiveOffice) -> list[Path]:
    return [path for path in (office.folder / "vault" / "archive").rglob("*") if path.is_file()]


def test_what_was_erased_leaves_a_tombstone_and_is_never_made_again(office: ArchiveOffice, clock: StatedClock) -> None:
    erased, other = archived(office, 2)
    chain = list(office.archive.chain_entries(SOMEBODY))
    for _ in range(2):  # again: nothing more, and the tombstone stays as it is
        office.archive.erase(SOMEBODY, erased, Erasure.RETENTION_OVER)
        clock.advance(timedelta(days=8))
        for ask in (office.archive.get, office.archive.package_file, office.archive.package):
            with pytest.raises(DocserviceError, match=r"erased on 2026-12-03 on purpose \(retention_over\)") as caught:
                ask(SOMEBODY, erased)
            assert (caught.value.code, caught.value.retryable) == ("archive_erased", False)
        assert counts(office.archive.check_fixity()) == (1, 0, 0)
        with office.database.transaction() as tx:
            office.archive.postpone(tx, erased, "archive_erased", "Erased.")
        assert due_of(office, PACKAGE) == []
        assert vault_of(office) == [package_of(office, other)]
    assert list(office.archive.chain_entries(SOMEBODY)) == chain


def test_an_erasure_that_was_killed_before_the_bytes_is_ended_by_the_nightly_pass(office: ArchiveOffice) -> None:
    (archive_id,) = archived(office, 1)
    assert counts(office.archive.check_fixity()) == (1, 0, 0)
    with office.database.transaction() as tx:  # all that was done when it was killed
        assert tx.archive.bury(archive_id, office.clock.now(), Erasure.ORDERED.value)
    assert len(vault_of(office)) == 1
    with capture_logs() as logs:
        assert counts(office.archive.check_fixity()) == (1, 0, 0)
    assert [line for line in logs if line["event"] == "fixity_finding"] == []
    assert vault_of(office) == []
    assert counts(office.archive.check_fixity()) == (0, 0, 0)


def test_an_erasure_also_reaches_a_package_that_is_not_closed_yet_or_was_not_moved_yet(office: ArchiveOffice) -> None:
    moving, closing = archived(office, 2)
    old, body = (
        blob(office, office.archive.package_file(SOMEBODY, moving).key),
        blob(office, f"archive/open/{closing}/{'ab' * 32}"),
    )
    old.parent.mkdir(parents=True)
    package_of(office, moving).rename(old)
    body.parent.mkdir(parents=True, exist_ok=True)
    package_of(office, closing).rename(body)
    for archive_id in (moving, closing):
        office.archive.erase(SOMEBODY, archive_id, Erasure.ARCHIVED_BY_MISTAKE)
    assert (old.exists(), body.exists(), vault_of(office)) == (False, False, [])


# -- what cannot be read ---------------------------------------------------------------------------------------------


class FailingBlobs:
    """A store that has these keys and does not hand them out."""

    def __init__(self, store: BlobStore, *keys: str, code: str = "storage_unavailable") -> None:
        self._blobs, self._keys, self._code = store, keys, code

    def local(self, key: str) -> AbstractContextManager[Path]:
        self._fail(key)
        return self._blobs.local(key)

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        self._fail(key)
        return self._blobs.stream(key, start, end)

    def _fail(self, key: str) -> None:
        if key in self._keys:
            raise DocserviceError(self._code, "The file store says: input/output error.", retryable=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)


def test_what_cannot_be_read_is_told_and_keeps_nothing_else_from_being_checked(
    office: ArchiveOffice, clock: StatedClock
) -> None:
    first, second, third = made = archived(office, 3)
    package = office.archive.package_file(SOMEBODY, first).key
    original = str(original_of(office, second).relative_to(office.folder / "blobs"))
    broken = office.with_stores(lambda store: FailingBlobs(store, package, original))
    with capture_logs() as logs:
        assert counts(broken.check_fixity()) == (1, 0, 0)
    assert results(office, made) == ["unreadable", "unreadable", "intact"]
    told = [(line["archive_id"], line["result"]) for line in logs if line["event"] == "fixity_finding"]
    assert told == [(first, "unreadable"), (second, "unreadable")]
    assert [line["unreadable"] for line in logs if line["event"] == "fixity_checked"] == [2]
    assert counts(office.archive.check_fixity()) == (0, 0, 0)
    clock.advance(timedelta(days=1))  # the next night it is tried again, and only it
    assert counts(office.archive.check_fixity()) == (2, 0, 0)
    assert results(office, made) == ["intact"] * 3
    assert office.archive.get(SOMEBODY, third).checked_at != clock.now()


def test_a_full_disk_of_our_own_is_no_finding(office: ArchiveOffice) -> None:
    made = archived(office, 1)
    key = office.archive.package_file(SOMEBODY, made[0]).key
    broken = office.with_stores(lambda store: FailingBlobs(store, key, code="disk_full"))
    with pytest.raises(DocserviceError, match="input/output"):
        broken.check_fixity()
    assert results(office, made) == [None]


# -- jobs ------------------------------------------------------------------------------------------------------------


def due_of(office: ArchiveOffice, task: TaskName) -> list[str]:
    return [job.id for job in office.jobs.due() if job.task == task.name]


def test_pass_follows_pass_until_all_are_checked(office: ArchiveOffice, clock: StatedClock) -> None:
    made = archived(office, 3)
    office.archive.schedule_fixity()
    runner = JobRunner(office.jobs, [Task(FIXITY, partial(office.archive.watch_nightly, most_objects=1))], "w")
    clock.advance(timedelta(days=1))
    done = []
    while jobs := due_of(office, FIXITY):
        assert [runner.run(job_id) for job_id in jobs] == [Outcome.DONE]
        done += jobs
    assert done == ["fixity-2026-12-04", "fixity-2026-12-04_2", "fixity-2026-12-04_3"]
    assert results(office, made) == ["intact"] * 3


def test_passes_do_not_follow_each_other_while_the_store_is_down(office: ArchiveOffice, clock: StatedClock) -> None:
    made = archived(office, 2)
    keys = [office.archive.package_file(SOMEBODY, each).key for each in made]
    down = office.with_stores(lambda store: FailingBlobs(store, *keys))
    down.watch_nightly("2026-12-03", most_objects=1)
    assert due_of(office, FIXITY) == []
    clock.advance(timedelta(days=1))
    assert due_of(office, FIXITY) == ["fixity-2026-12-04"]


def test_a_lost_package_that_is_being_made_again_is_not_asked_for_twice(
    office: ArchiveOffice, clock: StatedClock
) -> None:
    (archive_id,) = archived(office, 1)
    package_of(office, archive_id).unlink()
    with office.database.transaction() as tx:
        office.archive.postpone(tx, archive_id, "archive_not_repeatable", "Another release.")
    for _ in range(3):
        assert counts(office.archive.check_fixity()) == (1, 0, 1)
        clock.advance(timedelta(days=8))
    assert len(due_of(office, PACKAGE)) == 1
