"""The pages of a part, read one by one: what is written about a page, and what is left for another attempt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from billiard.exceptions import SoftTimeLimitExceeded

from docservice.db.records import UploadState
from docservice.domain.scans import PageVerdict
from docservice.jobs.runner import JobRunner, Outcome
from docservice.scans.job import ReadPart
from docservice.scans.reading import ReadPage
from docservice.scans.tasks import READ_TASK
from docservice.tools.pictures import FileRefused, Picture
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
    parts = replace(office.scans.parts, overrun=SoftTimeLimitExceeded)
    handlers = {**office.handlers, READ_TASK: ReadPart(replace(office.scans, parts=parts))}
    runner = JobRunner(office.jobs, handlers, "worker", overrun=SoftTimeLimitExceeded)
    assert isinstance(office.clock, StatedClock)
    outcomes: list[Outcome] = []
    for _ in range(8):
        for job in office.jobs.due():
            outcome = runner.run(job.id)
            if job.task == READ_TASK:
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
    upload = office.scans.get(upload_id)
    assert upload.state is UploadState.DONE
    assert [page.verdict for page in upload.pages] == [PageVerdict.MATCHED] * 2
    office.database.close()


def test_a_part_that_takes_too_long_every_time_is_asked_about_as_a_whole(tmp_path: Path, clock: StatedClock) -> None:
    office = ScanOffice(tmp_path, reader=Interrupted(100), clock=clock)
    upload_id = office.upload(both_pages(office.printed(office.case()))).upload_id
    assert read_part(office) == [Outcome.RETRY, Outcome.RETRY, Outcome.DEAD]
    assert {page.reason for page in office.scans.get(upload_id).pages} == {"gave_up"}
    assert [review.reason for review in office.scans.reviews(9).reviews] == ["part_failed"]
    office.database.close()


def test_a_file_that_a_busy_machine_does_not_open_in_time_is_tried_again(tmp_path: Path, clock: StatedClock) -> None:
    office = ScanOffice(tmp_path, files=Delayed(1), clock=clock)
    upload_id = office.upload(both_pages(office.printed(office.case()))).upload_id
    assert read_part(office) == [Outcome.RETRY, Outcome.DONE]
    assert [page.verdict for page in office.scans.get(upload_id).pages] == [PageVerdict.MATCHED] * 2
    office.database.close()
