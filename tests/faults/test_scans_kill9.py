"""A stack of two thousand pages, and smaller ones, while worker, relay and broker are killed -9: everything once."""

from __future__ import annotations

import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from docservice.db.events import EventRecord, SubjectKind
from docservice.db.unit_of_work import Database
from docservice.domain.returned.scans import PageVerdict, ReturnState, ReviewKind
from docservice.domain.states import UploadState
from docservice.reviews.decisions import Decision
from tests.support.actors import SOMEBODY, person
from tests.support.parts import Broker, Part
from tests.support.plain_scans import Page
from tests.support.programs import short_folder
from tests.support.scan_office import ScanOffice, both_pages
from tests.support.scan_worker import automatic_office
from tests.support.wait import wait_until

LEASE_SECONDS = "1.5"
DOCUMENTS = 120
SHEETS = 2000


@dataclass(frozen=True, slots=True)
class Stack:
    """An office whose jobs are done by programs that can be killed."""

    office: ScanOffice
    broker: Broker
    relay: Part
    worker: Part

    def again(self, *parts: Part) -> None:
        for part in parts:
            part.kill()
        for part in parts:
            part.start()

    def lose_the_broker(self) -> None:
        self.broker.kill()
        self.broker.delete_data()
        self.broker.start()

    def state(self, upload_id: str) -> UploadState:
        with self.office.database.reading() as tx:
            upload = tx.uploads.get(upload_id)
        assert upload is not None
        return upload.state

    def has_read(self, upload_id: str, pages: int) -> bool:
        with self.office.database.reading() as tx:
            return tx.scan_pages.count(upload_id) >= pages

    def heard(self, upload_id: str) -> Counter[str]:
        """How often each step of the upload took effect."""
        return Counter(event.name for event in self._events(upload_id))

    def archived(self, upload_id: str) -> set[str]:
        """Which attachments were to be archived: each at least once, since who was killed afterwards is asked again."""
        with self.office.database.reading() as tx:
            documents = {
                page.document_id for page in tx.scan_pages.of_upload(upload_id) if page.document_id is not None
            }
            attached = [attachment.id for attachment in tx.attachments.of_documents(documents)]
            return {each for each in attached if tx.events.after(SubjectKind.ARCHIVE, each)}

    def _events(self, upload_id: str) -> Iterator[EventRecord]:
        seq = 0
        with self.office.database.reading() as tx:
            while events := tx.events.after(SubjectKind.UPLOAD, upload_id, seq):
                yield from events
                seq = events[-1].seq


@pytest.fixture
def stack() -> Iterator[Stack]:
    with short_folder() as folder:
        url = f"sqlite:///{folder / 'docservice.sqlite'}"
        database = Database(url)
        database.upgrade()
        database.close()
        office = automatic_office(folder, url)
        broker = Broker(folder)
        environment = {"DOCSERVICE_DATA_DIR": str(folder), "DOCSERVICE_BROKER_URL": broker.url}
        relay = Part("relay", [sys.executable, "-m", "workers.relay"], folder, environment)
        program = ["-m", "tests.support.scan_worker", str(folder), url, broker.url, LEASE_SECONDS]
        worker = Part("worker", [sys.executable, *program], folder, environment)
        try:
            for part in (broker, relay, worker):
                part.start()
            yield Stack(office, broker, relay, worker)
        finally:
            for part in (worker, relay, broker):
                part.kill()
            office.database.close()


@pytest.mark.extra
@pytest.mark.timeout(240)
def test_two_thousand_pages_survive_kill_9_of_everything(stack: Stack) -> None:
    office, chance = stack.office, random.Random(20261203)
    case_id = office.case()
    ids = [office.printed(case_id) for _ in range(DOCUMENTS)]
    sheets: list[Page] = [{**page, "seconds": 0.004} for document_id in ids for page in both_pages(document_id)]
    sheets += [{"blank": True, "number": number} for number in range(SHEETS - len(sheets))]
    chance.shuffle(sheets)
    upload_id = office.upload(sheets[:1500], sheets[1500:]).upload_id
    faults: list[Callable[[], None]] = [
        lambda: stack.again(stack.worker),
        stack.lose_the_broker,
        lambda: stack.again(stack.relay),
        lambda: stack.again(stack.worker, stack.relay),
    ]
    for number, fault in enumerate(faults):
        wait_until(partial(stack.has_read, upload_id, 300 + 450 * number), 60, "pages being read")
        fault()
    wait_until(lambda: stack.state(upload_id) is UploadState.SETTLING, 60, "all pages being read", pause=0.005)
    time.sleep(chance.uniform(0.1, 0.5))
    stack.again(stack.worker)
    wait_until(lambda: stack.state(upload_id) is UploadState.DONE, 90, "the documents being judged")
    wait_until(lambda: len(stack.archived(upload_id)) == DOCUMENTS, 60, "all attachments being archived")

    upload = office.scans.whole(SOMEBODY, upload_id)
    assert [page.verdict for page in upload.pages] == [
        PageVerdict.BLANK if "blank" in sheet else PageVerdict.MATCHED for sheet in sheets
    ]
    assert [document.state for document in upload.documents] == [ReturnState.ACCEPTED] * DOCUMENTS
    attached = Counter(attachment.document_id for attachment in office.scans.attachments(SOMEBODY, case_id).items)
    assert attached == dict.fromkeys(ids, 1)
    heard = stack.heard(upload_id)
    assert (heard["file.opened"], heard["upload.done"]) == (2, 1)
    assert heard["part.read"] == len(sheets) / 8 + 1
    assert office.reviews.list(SOMEBODY, 10).reviews == ()
    _bytes_verify(office, upload_id)


@pytest.mark.timeout(120)
def test_a_page_that_kills_every_reader_is_told_and_its_neighbours_are_read(stack: Stack, tmp_path: Path) -> None:
    office = stack.office
    document_id = office.printed(office.case())
    upload_id = office.upload([{"kill": True}, {"blank": True}], both_pages(document_id)).upload_id
    wait_until(lambda: stack.state(upload_id) is UploadState.DONE, 60, "the upload being finished")
    upload = office.scans.whole(SOMEBODY, upload_id)
    assert [page.verdict for page in upload.pages] == ["unreadable", "unreadable", "matched", "matched"]
    assert {page.reason for page in upload.pages[:2]} == {"gave_up"}
    assert upload.documents[0].state is ReturnState.ACCEPTED
    (review,) = office.reviews.list(SOMEBODY, 10).reviews
    assert (review.kind, review.reason, review.file) == (ReviewKind.FILE, "part_failed", "stack-0.pdf")

    office.reviews.decide(person("Kim"), review.review_id, Decision("retry"))  # it fails again, and is told again
    assert stack.state(upload_id) is UploadState.READING
    wait_until(lambda: stack.state(upload_id) is UploadState.DONE, 60, "the upload being finished again")
    (again,) = office.reviews.list(SOMEBODY, 10).reviews
    assert (again.reason, again.review_id != review.review_id) == ("part_failed", True)
    assert len(office.scans.whole(SOMEBODY, upload_id).pages) == 4


def _bytes_verify(office: ScanOffice, upload_id: str) -> None:
    """Originals, pictures and crops have the bytes their keys tell."""
    with office.database.reading() as tx:
        keys = [file.blob_key for file in tx.scan_files.of_upload(upload_id)]
        pages = tx.scan_pages.of_upload(upload_id)
        keys += [str(page.picture_key) for page in pages]
        keys += [str(zone.crop_key) for zone in tx.scan_pages.zones([page.id for page in pages])]
    assert len(keys) == 2 + SHEETS + 2 * DOCUMENTS
    for key in keys:
        digest = key.rpartition("/")[2].partition(".")[0]
        assert hashlib.sha256(office.blobs.get(key)).hexdigest() == digest
