"""The pages of a part, read one by one: what is written about a page, and what is left for another attempt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from structlog.testing import capture_logs

from docservice.domain.returned.scans import PageVerdict
from docservice.domain.states import UploadState
from docservice.jobs.runner import JobRunner, Outcome
from docservice.scans.intake.upload_workflow import READ
from docservice.scans.reading.page_reader import ReadPage
from docservice.tools.untrusted.pictures import FileFacts, FileRefused, Picture
from tests.support.actors import SOMEBODY
from tests.support.plain_scans import PlainFiles, PlainReader
from tests.support.scan_office import ScanOffice, both_pages
from tests.support.sources import StatedClock


class Interrupted(PlainReader):
    """As many times as are `left`, the time of the task is over while it reads."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, picture: Picture) -> ReadPage:
        """See Reader."""
        if self.left:
            self.left -= 1
            raise SoftTimeLimitExceeded
        return super().read(picture)


class Delayed(PlainFiles):
    """As many times as are `left`, a file cannot be opened in time to read its pages."""

    def __init__(self, left: int) -> None:
        self.left = left

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """See Opener."""
        if self.left:
            self.left -= 1
            raise FileRefused("too_slow")
        return super().pages(path, first, count)


def read_part(office: ScanOffice) -> list[Outcome]:
    """What becomes of each attempt to read the one part that waits; all other jobs are done on the way."""
    reader = replace(office.scans.intake.reader, overrun=SoftTimeLimitExceeded)
    scans = replace(office.scans, intake=replace(office.scans.intake, reader=reader))
    runner = JobRunner(office.jobs, scans.tasks(), "worker", overrun=SoftTimeLimitExceeded)
    assert isinstance(office.clock, StatedClock)
    outcomes: list[Outcome] = []
    for _ in range(8):
        for job in office.jobs.due():
            outcome = runner.run(job.id)
            if job.task == READ.name:
                outcomes.append(outcome)
        office.clock.advance(timedelta(minutes=1))
    return outcomes


@pytest.fixture
def clock() -> StatedClock:
    return StatedClock()


@pytest.mark.parametrize("left", [1, 2])
def test_a_part_that_takes_too_long_is_read_again_and_no_page_is_given_up(
    tmp_path: Path, clock: StatedClock, left: int
) -> None:
    office = ScanOffice(tmp_path, reader=Interrupted(left), clock=clock)
    upload_id = office.upload(both_pages(office.printed(office.case()))).upload_id
    assert read_part(office) == [Outcome.RETRY] * left + [Outcome.DONE]
    upload = office.scans.whole(SOMEBODY, upload_id)
    assert upload.state is UploadState.DONE
    assert [page.verdict for page in upload.pages] == [PageVerdict.MATCHED] * 2
    office.database.close()


def test_a_part_that_takes_too_long_every_time_is_asked_about_as_a_whole(tmp_path: Path, clock: StatedClock) -> None:
    office = ScanOffice(tmp_path, reader=Interrupted(100), clock=clock)
    upload_id = office.upload(both_pages(office.printed(office.case()))).upload_id
    assert read_part(office) == [Outcome.RETRY, Outcome.RETRY, Outcome.DEAD]
    assert {page.reason for page in office.scans.whole(SOMEBODY, upload_id).pages} == {"gave_up"}
    assert [review.reason for review in office.reviews.list(SOMEBODY, 9).reviews] == ["part_failed"]
    office.database.close()


def test_a_file_that_a_busy_machine_does_not_open_in_time_is_tried_again(tmp_path: Path, clock: StatedClock) -> None:
    office = ScanOffice(tmp_path, files=Delayed(1), clock=clock)
    upload_id = office.upload(both_pages(office.printed(office.case()))).upload_id
    assert read_part(office) == [Outcome.RETRY, Outcome.DONE]
    assert [page.verdict for page in office.scans.whole(SOMEBODY, upload_id).pages] == [PageVerdict.MATCHED] * 2
    office.database.close()


class Odd(PlainFiles):
    """Something is attached to the file, and its first page goes on after its end."""

    def inspect(self, path: Path) -> FileFacts:
        """See Opener."""
        return replace(super().inspect(path), hints=("attached_files",))

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """See Opener."""
        for position, page in enumerate(super().pages(path, first, count), start=first):
            yield replace(page, hints=("bytes_after_end",)) if isinstance(page, Picture) and position == 0 else page


class Faulty(PlainFiles):
    """The program that opens files stumbles over a page, or over the whole file."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole

    def inspect(self, path: Path) -> FileFacts:
        """See Opener."""
        if self.whole:
            raise FileRefused("reader_fault", fault="TypeError at docservice.tools.somewhere:7")
        return super().inspect(path)

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """See Opener."""
        yield FileRefused("reader_fault", page=0, fault="LateImport at docservice.tools.somewhere:7")


def test_what_was_odd_about_a_file_is_told_with_the_upload(tmp_path: Path) -> None:
    office = ScanOffice(tmp_path, files=Odd())
    upload = office.scan(both_pages(office.printed(office.case())))
    assert [page.verdict for page in upload.pages] == [PageVerdict.MATCHED] * 2
    assert [(hint.file, hint.index, hint.code) for hint in upload.hints] == [
        ("stack-0.pdf", None, "attached_files"),
        ("stack-0.pdf", 0, "bytes_after_end"),
    ]
    assert upload.hints[0].detail_de.startswith("Die Datei hat angehängte Dateien")
    assert upload.hints[1].detail.startswith("Page 1 goes on after its end")
    office.database.close()


def test_who_is_asked_about_a_page_is_told_what_was_odd_about_it_and_its_file(tmp_path: Path) -> None:
    office = ScanOffice(tmp_path, files=Odd())
    office.scan([{"letter": "one"}, {"letter": "two"}])
    told = [(review.detail, review.detail_de) for review in office.reviews.list(SOMEBODY, 9).reviews]
    assert len(told) == 2
    assert all("has other files attached" in english and "angehängte Dateien" in german for english, german in told)
    assert [("Page 1 goes on" in english, "Seite 1 geht" in german) for english, german in told] == [
        (True, True),
        (False, False),
    ]
    office.database.close()


@pytest.mark.parametrize("whole", [True, False], ids=["file", "page"])
def test_a_fault_of_ours_is_logged_and_the_question_says_that_it_is_ours(tmp_path: Path, *, whole: bool) -> None:
    office = ScanOffice(tmp_path, files=Faulty(whole=whole))
    with capture_logs() as logs:
        upload = office.scan([{"letter": "Wilhelmine Canary"}])
    (fault,) = [entry for entry in logs if entry["event"] == "reader_fault"]
    assert fault["fault"].endswith(" at docservice.tools.somewhere:7")
    assert "Canary" not in str(logs)
    (review,) = office.reviews.list(SOMEBODY, 9).reviews
    assert review.upload_id == upload.upload_id
    assert "because of a fault of this program, not of the file" in review.detail
    assert "wegen eines Fehlers dieses Programms" in review.detail_de
    office.database.close()
