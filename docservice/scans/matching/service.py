"""From pages to documents on their cases, or to a question with a picture: settle, propose, ask, assign, correct."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import structlog

from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import PlaceOfPage, ScanPageRecord, ScanZoneRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor, Who, at_task
from docservice.domain.errors import Conflict, DocserviceError
from docservice.domain.returned.loose_pages import Place
from docservice.domain.returned.return_verdict import SignaturePolicy, page_subject
from docservice.domain.returned.scans import (
    PageReading,
    PageVerdict,
    ReviewKind,
)
from docservice.domain.sources import Clock, IdSource
from docservice.domain.states import UploadState
from docservice.jobs.service import JobService
from docservice.jobs.tasks import INTERACTIVE, PACKAGE, Task, TaskName
from docservice.reviews.effects import Effect
from docservice.reviews.questions import Questions
from docservice.scans.asking.assemble_views import review_views
from docservice.scans.asking.decisions import checked_decision
from docservice.scans.intake.part_reader import PartReader
from docservice.scans.intake.upload_workflow import SETTLE, UploadWorkflow
from docservice.scans.matching.documents import ABOUT_DOCUMENTS, settle_document
from docservice.scans.matching.loose_pages import (
    assigned_place,
    loose_page,
    may_be_proposed,
    missing_pages,
    proposals_by_neighbours,
)

REREAD = TaskName("scans.reread", INTERACTIVE)  # its subject: a page
MOST_CANDIDATES = 16
"""Printed pages that one scanned page without a code is compared with."""
PROPOSE_SECONDS = 40.0
"""How long one job looks for proposals; what is left is another job's."""
_SETTLING, _REREADING = at_task(SETTLE.name), at_task(REREAD.name)
_GAVE_UP = "gave_up"  # pages of a part that was given up: its one question is about the part

log = structlog.get_logger("docservice.scans")


@dataclass(frozen=True, slots=True)
class Matching:
    """Settle, ask, attach. Every state change is one short transaction; pages are read outside of it."""

    database: Database
    reader: PartReader
    workflow: UploadWorkflow
    questions: Questions
    jobs: JobService
    clock: Clock
    ids: IdSource
    policy: SignaturePolicy

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs: for an upload, and for a page."""
        return (
            Task(SETTLE, self.settle, self.abandon_upload, self._wait_for_upload),
            Task(REREAD, self.reread, self.abandon_page, self._wait_for_page),
        )

    def settle(self, upload_id: str) -> None:
        """Judge all documents of an upload whose pages are read; safe to repeat at any point."""
        with self.database.reading() as tx:
            upload = tx.uploads.get(upload_id)
            pages = tx.scan_pages.of_upload(upload_id)
        if upload is None or upload.state is not UploadState.SETTLING:
            return
        for document_id in sorted({page.document_id for page in pages if page.document_id is not None}):
            with self.database.transaction() as tx:
                self._settle_document(tx, _SETTLING, document_id)
        if not self._propose(upload_id):
            with self.database.transaction() as tx:
                self.jobs.enqueue(tx, SETTLE, upload_id)
            return
        with self.database.transaction() as tx:
            upload = tx.uploads.lock(upload_id)
            if upload is None or upload.state is not UploadState.SETTLING:
                return  # more is read, and then settled; or another settling has come to the end
            if any(_has_come_since(page) for page in tx.scan_pages.of_upload(upload_id)):
                self.jobs.enqueue(tx, SETTLE, upload_id)
                return
            self._judge_loose_pages(tx, upload_id)
            self.workflow.done(tx, upload_id)

    def reread(self, page_id: str) -> None:
        """Read a page once more as the page that a person said it is, and judge its document."""
        with self.database.reading() as tx:
            page = tx.scan_pages.get(page_id)
            file = None if page is None else tx.scan_files.get(page.file_id)
            target = assigned_place(tx, page_id)
        if page is None or file is None or target is None or page.document_id is not None:
            return
        reading, zones = self.reader.read_as(page, file, *target[0])
        with self.database.transaction() as tx:
            self._assign(tx, page_id, target, reading, zones)

    def abandon_upload(self, tx: Transaction, upload_id: str, code: str, detail: str) -> None:
        """The documents could not be judged: the upload says so, and a person is asked."""
        self.workflow.upload_failed(tx, upload_id, DocserviceError.told("scans.gave_up", code=code))

    def abandon_page(self, tx: Transaction, page_id: str, code: str, detail: str) -> None:
        """A page could not be read again: it counts as what the person said, and its zones are asked about."""
        page, target = tx.scan_pages.get(page_id), assigned_place(tx, page_id)
        if page is None:
            return
        log.warning("page_not_reread", page=page_id, code=code)
        if page.reading is not None and target is not None:
            self._assign(tx, page_id, target, page.reading, ())

    def _wait_for_upload(self, tx: Transaction, upload_id: str, code: str) -> None:
        self.workflow.waits(tx, SETTLE, upload_id, code)

    def _wait_for_page(self, tx: Transaction, page_id: str, code: str) -> None:
        page = tx.scan_pages.get(page_id)
        if page is not None:
            self.workflow.waits(tx, REREAD, page.upload_id, code)

    # -- the steps of `settle` -------------------------------------------------------------------------------------

    def _settle_document(self, tx: Transaction, actor: Actor, document_id: str) -> None:
        settled = settle_document(tx, actor, document_id, self.policy, self.questions, self.clock.now(), self.ids.new)
        if settled is not None and settled.attachment_id is not None:
            log.info("document_attached", document=document_id, attachment=settled.attachment_id)
            self.jobs.enqueue(tx, PACKAGE, settled.attachment_id)

    def _assign(
        self,
        tx: Transaction,
        page_id: str,
        target: tuple[Place, Who],
        reading: PageReading,
        zones: Iterable[ScanZoneRecord],
    ) -> None:
        """Put a page on its document, unless the person has corrected themselves while it was read."""
        (document_id, number), by = target
        document = tx.documents.lock(document_id)
        if document is None or assigned_place(tx, page_id) != target:
            return
        place = PlaceOfPage(document_id, document.case_id, number, by.name, by.id)
        if tx.scan_pages.assign(page_id, place, reading, zones):
            about: JsonObject = {"document_id": document_id, "page": number, "by": by.name}
            self._tell(tx, _REREADING, EventName.PAGE_PLACED, page_id, about, document.case_id)
            self._settle_document(tx, _REREADING, document_id)

    def _propose(self, upload_id: str) -> bool:
        """Look where pages without a place probably belong; whether all of them were looked at in time."""
        with self.database.reading() as tx:
            pages = tx.scan_pages.of_upload(upload_id)
            missing = missing_pages(tx, pages)
        deadline = time.monotonic() + PROPOSE_SECONDS
        neighbours = proposals_by_neighbours(pages, missing)
        places = [(document_id, page) for document_id, gaps in missing.items() for page in gaps][:MOST_CANDIDATES]
        for page in pages:
            if page.picture_key is None or not may_be_proposed(page):
                continue
            if time.monotonic() > deadline:
                return False
            proposal = self.reader.propose(page, places) or neighbours.get(page.id)
            with self.database.transaction() as tx:
                tx.scan_pages.consider(page.id, proposal)
        return True

    def _judge_loose_pages(self, tx: Transaction, upload_id: str) -> None:
        """The verdict on every page of a locked upload that has no place, and the question where it belongs."""
        reviews = {review.subject: review for review in tx.reviews.of_upload(upload_id)}
        for page in tx.scan_pages.of_upload(upload_id):
            if page.document_id is None:
                review = reviews.get(page_subject(page.id))
                verdict, reason = loose_page(tx, page, None if review is None else review.decision)
                tx.scan_pages.judge(page, verdict, reason)
                if review is None and verdict is not PageVerdict.BLANK and page.error_code != _GAVE_UP:
                    self.workflow.ask_about_page(tx, page, reason)

    # -- what follows from an answer -------------------------------------------------------------------------------

    def effects(self) -> tuple[Effect, ...]:
        """What follows from the answers to the questions of this room."""
        about_documents = [Effect(kind, review_views, checked_decision, self._judge_again) for kind in ABOUT_DOCUMENTS]
        return (
            *about_documents,
            Effect(ReviewKind.FILE, review_views, checked_decision, self._try_again),
            Effect(ReviewKind.PAGE, review_views, checked_decision, self._place_page, self._take_page_back),
        )

    def _take_page_back(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        """A person says that the page belongs elsewhere: it leaves the document it was put on."""
        assert review.page_id is not None
        earlier = assigned_place(tx, review.page_id)
        if earlier is not None:
            (document_id, _), _ = earlier
            self._take_back(tx, actor, review.page_id, document_id)

    def _take_back(self, tx: Transaction, actor: Actor, page_id: str, document_id: str) -> None:
        """Take a page off the document it was put on; a Conflict when that was accepted with it."""
        tx.documents.lock(document_id)  # before the page is looked at: it may just be put there
        page = tx.scan_pages.get(page_id)
        if page is None or page.document_id is None:
            return
        if any(page_id in attachment.scans.values() for attachment in tx.attachments.of_documents([document_id])):
            raise Conflict.told("scans.attached_already")
        tx.scan_pages.take_back(page_id, None if page.reading is None else _as_loose(page.reading))
        self._tell(tx, actor, EventName.PAGE_TAKEN_BACK, page_id, {"document_id": document_id}, page.case_id)
        self._settle_document(tx, actor, document_id)

    def _judge_again(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        """What was said about a document, or about a zone or a page of it, counts."""
        assert review.document_id is not None
        self._settle_document(tx, actor, review.document_id)

    def _try_again(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        if decision["choice"] == "retry":
            self.workflow.try_again(tx, actor, review)

    def _place_page(self, tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
        """Read the page as what a person says it is, or let it count as what it is then."""
        assert review.page_id is not None
        if "document_id" in decision:
            self.jobs.enqueue(tx, REREAD, review.page_id)
        else:
            page = tx.scan_pages.get(review.page_id)
            assert page is not None
            tx.scan_pages.judge(page, *loose_page(tx, page, decision))

    def _tell(
        self, tx: Transaction, actor: Actor, name: EventName, page_id: str, data: JsonObject, case_id: str | None
    ) -> None:
        tx.events.add(actor, name, page_id, self.clock.now(), data, case_id=case_id)


def _as_loose(reading: PageReading) -> PageReading:
    """What is left of a reading when the page is not the one that it was read as."""
    return replace(reading, document_id=None, page=None, registration=None, zones=(), amendments=())


def _has_come_since(page: ScanPageRecord) -> bool:
    """Whether a settling that has gone through all it knew has not met this page."""
    unjudged = page.document_id is not None and page.verdict is None
    return unjudged or (page.picture_key is not None and may_be_proposed(page))
