"""Returned paper: from the files of a scanner to documents on their cases, or to a question with a picture."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from docservice.db.columns.types import JsonObject
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord, ScanZoneRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.db.uploads import ScanEventRecord, ScanFileState, ScanPartState, UploadState
from docservice.domain.cursors import ListPart, next_cursor, numbers_cursor, numbers_of, position_of
from docservice.domain.errors import DocserviceError, no_such
from docservice.domain.returned.loose_pages import Place
from docservice.domain.returned.return_verdict import SignaturePolicy, page_subject
from docservice.domain.returned.scans import (
    PageFinding,
    PageReading,
    PageVerdict,
    ReviewKind,
)
from docservice.domain.sources import Clock, IdSource
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, INTERACTIVE, PACKAGE, Task, TaskName
from docservice.reviews.effects import Effect
from docservice.reviews.questions import Questions
from docservice.reviews.views import ReviewView
from docservice.scans.decisions import checked_decision
from docservice.scans.intake.chunk_reader import PartReader
from docservice.scans.intake.progress import OPEN, READ, SETTLE, Progress, original_key
from docservice.scans.intake.reception import ReceivedFile
from docservice.scans.matching.documents import ABOUT_DOCUMENTS, settle_document
from docservice.scans.matching.loose_pages import (
    assigned_place,
    loose_page,
    may_be_proposed,
    missing_pages,
    proposals_by_neighbours,
)
from docservice.scans.present import attachment_views, page_views, upload_entries, upload_view, whole_upload_view
from docservice.scans.present_reviews import review_views
from docservice.scans.refusals import (
    attached_already,
    gave_up,
    no_files,
    not_failed,
)
from docservice.scans.views import (
    AttachmentView,
    PageList,
    UploadEntry,
    UploadView,
    WholeUploadView,
)
from docservice.storage.files import StoredFile
from docservice.storage.service import BlobStore
from docservice.tools.untrusted.pictures import FileRefused

REREAD = TaskName("scans.reread", INTERACTIVE)  # a page
RESCUE = TaskName("scans.rescue", BATCH)  # a moment
MOST_CANDIDATES = 16
"""Printed pages that one scanned page without a code is compared with."""
PROPOSE_SECONDS = 40.0
"""How long one job looks for proposals; what is left is another job's."""
RESCUE_EVERY = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(minutes=10)
_GAVE_UP = gave_up().code  # pages of a part that was given up: its one question is about the part
_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png"}

log = structlog.get_logger("docservice.scans")


@dataclass(frozen=True, slots=True)
class ScanService:
    """Receive, read, settle, ask, attach. Every state change is one short transaction; pages are read outside of it."""

    database: Database
    blobs: BlobStore
    parts: PartReader
    progress: Progress
    questions: Questions
    jobs: JobService
    clock: Clock
    ids: IdSource
    policy: SignaturePolicy
    device: str | None  # the scanner, unless an upload names another one

    # -- what people ask for ---------------------------------------------------------------------------------------

    def receive(self, files: Sequence[ReceivedFile], operator: str, device: str | None = None) -> UploadView:
        """Keep the files and start reading them. The same bytes again are the first upload, also at the same moment;
        if that one has failed, it is tried again. Raises InvalidInput when there is no file."""
        if not files:
            raise no_files()
        fingerprint = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
        with self.database.reading() as tx:
            known = tx.uploads.by_fingerprint(fingerprint)
        if known is None:
            for file in files:
                self.blobs.put_file(original_key(file.sha256), file.path)
        with self.database.transaction() as tx:
            upload_id = self.progress.register(tx, files, fingerprint, operator, device or self.device)
        for file in files:  # bytes that lay there unnamed may have been erased until their record was written
            if not self.blobs.exists(original_key(file.sha256)):
                self.blobs.put_file(original_key(file.sha256), file.path)
        return self.get(upload_id)  # seen when nobody has to wait for it any more

    def get(self, upload_id: str) -> UploadView:
        """The upload with its documents."""
        with self.database.reading() as tx:
            return upload_view(tx, upload_id)

    def uploads(self, limit: int, cursor: str | None = None, state: UploadState | None = None) -> ListPart[UploadEntry]:
        """Uploads, newest first; those in a state. InvalidInput for a cursor that was not given out here."""
        after = position_of(cursor)
        with self.database.reading() as tx:
            found = tx.uploads.some(limit + 1, after, state=state)
            entries = upload_entries(tx, found[:limit])
        return ListPart(entries, next_cursor(found, limit))

    def whole(self, upload_id: str) -> WholeUploadView:
        """The upload with its documents and all its pages, of which there may be thousands."""
        with self.database.reading() as tx:
            return whole_upload_view(tx, upload_id)

    def pages(self, upload_id: str, limit: int, cursor: str | None = None) -> PageList:
        """Pages of the upload in the order of its files. InvalidInput for a cursor that was not given out here."""
        after = numbers_of(cursor, 3)  # the file in its upload, the picture in its file, the page on it
        with self.database.reading() as tx:
            if tx.uploads.get(upload_id) is None:
                raise no_such("upload", "Sendung")
            found = tx.scan_pages.some_of_upload(upload_id, limit + 1, after)
            views = page_views(tx, upload_id, [page for page, _ in found[:limit]])
        return PageList(views, numbers_cursor(found[limit - 1][1]) if len(found) > limit else None)

    def ended(self, upload_id: str) -> bool:
        """Whether nothing more happens to the upload by itself; quicker than `get`. NotFound."""
        with self.database.reading() as tx:
            upload = tx.uploads.get(upload_id)
        if upload is None:
            raise no_such("upload", "Sendung")
        return upload.state in (UploadState.DONE, UploadState.FAILED)

    def events(self, upload_id: str, after: int = 0) -> Sequence[ScanEventRecord]:
        """What happened to the upload after event number `after`, in order."""
        with self.database.reading() as tx:
            if tx.uploads.get(upload_id) is None:
                raise no_such("upload", "Sendung")
            return tx.scan_events.after(upload_id, after)

    def retry(self, upload_id: str) -> UploadView:
        """Go on with a failed upload where it stopped."""
        with self.database.transaction() as tx:
            if tx.uploads.lock(upload_id) is None:
                raise no_such("upload", "Sendung")
            if not self.progress.revive(tx, upload_id):
                raise not_failed()
        return self.get(upload_id)

    def picture(self, page_id: str) -> StoredFile:
        """Where the upright picture of a scanned page is."""
        with self.database.reading() as tx:
            page = tx.scan_pages.get(page_id)
        if page is None or page.picture_key is None:
            raise no_such("picture", "Bild")
        return _stored(page.picture_key, f"page-{page_id}")

    def crop(self, page_id: str, zone_id: str) -> StoredFile:
        """Where the picture of a signature zone on a scanned page is."""
        with self.database.reading() as tx:
            zones = tx.scan_pages.zones([page_id])
        key = next((zone.crop_key for zone in zones if zone.zone_id == zone_id), None)
        if key is None:
            raise no_such("picture", "Bild")
        return _stored(key, f"zone-{page_id}-{zone_id}")

    def attachments(self, case_id: str, limit: int = 200, cursor: str | None = None) -> ListPart[AttachmentView]:
        """The signed documents of a case, all versions, in the order in which they were attached. NotFound;
        InvalidInput for a cursor that was not given out here."""
        after = position_of(cursor)
        with self.database.reading() as tx:
            if tx.cases.get(case_id) is None:
                raise no_such("case", "Fall")
            found = tx.attachments.some_of_case(case_id, limit + 1, after)
            views = attachment_views(tx, found[:limit])
        return ListPart(views, next_cursor(found, limit))

    def attachment(self, attachment_id: str) -> AttachmentView:
        """A signed document, also one that another counts instead of; NotFound."""
        with self.database.reading() as tx:
            record = tx.attachments.get(attachment_id)
            if record is None:
                raise no_such("attachment", "Anhang")
            return attachment_views(tx, [record])[0]

    def waiting_jobs(self, upload_id: str) -> tuple[str, ...]:
        """The jobs that are still to be done for an upload, the archiving of its documents included, oldest first."""
        with self.database.reading() as tx:
            pages = tx.scan_pages.of_upload(upload_id)
            documents = {page.document_id for page in pages if page.document_id is not None}
            subjects = [
                upload_id,
                *(file.id for file in tx.scan_files.of_upload(upload_id)),
                *(part.id for part in tx.scan_parts.of_upload(upload_id)),
                *(page.id for page in pages),
                *(attachment.id for attachment in tx.attachments.of_documents(documents)),
            ]
            return tuple(job.id for job in tx.jobs.unfinished(subjects))

    def uploads_of(self, review: ReviewView) -> frozenset[str]:
        """The uploads whose work an answer may have set going: reading a page again, archiving what was accepted."""
        documents = [review.document_id] if review.document_id is not None else []
        with self.database.reading() as tx:
            attached = tx.attachments.of_documents(documents)
        return frozenset(filter(None, (review.upload_id, *(attachment.upload_id for attachment in attached))))

    # -- the jobs --------------------------------------------------------------------------------------------------

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs: for a file, for a part of its pages, for an upload, for a page, and now and then."""
        return (
            Task(OPEN, self.open, self.abandon_file),
            Task(READ, self.read, self.abandon_part),
            Task(SETTLE, self.settle, self.abandon_upload),
            Task(REREAD, self.reread, self.abandon_page),
            Task(RESCUE, self._rescue_regularly),
        )

    def open(self, file_id: str) -> None:
        """See what a file is, by its headers alone, and order its pages to be read; safe to repeat at any point."""
        with self.database.reading() as tx:
            file = tx.scan_files.get(file_id)
        if file is None or file.state is not ScanFileState.WAITING:
            return
        try:
            facts = self.parts.inspect(file)
        except FileRefused as refused:
            with self.database.transaction() as tx:
                tx.uploads.lock(file.upload_id)
                self.progress.rejected(tx, file, refused)
            return
        with self.database.transaction() as tx:
            tx.uploads.lock(file.upload_id)
            self.progress.opened(tx, file, facts)

    def read(self, part_id: str) -> None:
        """Read the pages of a part; safe to repeat at any point. A page that fails never stops its neighbours."""
        with self.database.reading() as tx:
            part = tx.scan_parts.get(part_id)
            file = None if part is None else tx.scan_files.get(part.file_id)
        if part is None or file is None or part.state is not ScanPartState.WAITING:
            return
        read = self.parts.read(part, file)
        zones = [zone for _, found in read for zone in found]
        with self.database.transaction() as tx:
            tx.uploads.lock(part.upload_id)
            self.progress.part_read(tx, part, [_placed(tx, page) for page, _ in read], zones)

    def settle(self, upload_id: str) -> None:
        """Judge all documents of an upload whose pages are read; safe to repeat at any point."""
        with self.database.reading() as tx:
            upload = tx.uploads.get(upload_id)
            pages = tx.scan_pages.of_upload(upload_id)
        if upload is None or upload.state is not UploadState.SETTLING:
            return
        for document_id in sorted({page.document_id for page in pages if page.document_id is not None}):
            with self.database.transaction() as tx:
                self._settle_document(tx, document_id)
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
            self.progress.done(tx, upload_id)

    def reread(self, page_id: str) -> None:
        """Read a page once more as the page that a person said it is, and judge its document."""
        with self.database.reading() as tx:
            page = tx.scan_pages.get(page_id)
            file = None if page is None else tx.scan_files.get(page.file_id)
            target = assigned_place(tx, page_id)
        if page is None or file is None or target is None or page.document_id is not None:
            return
        reading, zones = self.parts.read_as(page, file, *target[0])
        with self.database.transaction() as tx:
            self._assign(tx, page_id, target, reading, zones)

    def schedule_rescue(self) -> None:
        """Make sure that the next look for forgotten uploads is due; calling it more often changes nothing."""
        slot = int(self.clock.now().timestamp() // RESCUE_EVERY.total_seconds()) + 1
        run_after = datetime.fromtimestamp(slot * RESCUE_EVERY.total_seconds(), UTC)
        with self.database.transaction() as tx:
            self.jobs.enqueue_once(tx, f"rescue-{slot}", RESCUE, run_after)

    def rescue(self) -> int:
        """Go on with uploads that nobody works on any more, though none should ever be; how many."""
        with self.database.reading() as tx:
            unfinished = tx.uploads.list_unfinished(self.clock.now() - FORGOTTEN_AFTER)
        forgotten = [upload.id for upload in unfinished if not self.waiting_jobs(upload.id)]
        for upload_id in forgotten:
            log.error("upload_forgotten", upload=upload_id)
            with self.database.transaction() as tx:
                tx.uploads.lock(upload_id)
                self.progress.resume(tx, upload_id)
        return len(forgotten)

    def _rescue_regularly(self, slot: str) -> None:
        """The look of a moment, which also brings the next one about."""
        self.schedule_rescue()
        self.rescue()

    # -- the jobs given up -----------------------------------------------------------------------------------------

    def abandon_file(self, tx: Transaction, file_id: str, code: str, detail: str) -> None:
        """A file could not be opened: it is rejected with the reason, and its neighbours go on."""
        file = tx.scan_files.get(file_id)
        if file is not None and not self.progress.postponed(tx, OPEN, file_id, file.upload_id, code):
            tx.uploads.lock(file.upload_id)
            self.progress.rejected(tx, file, _told(code))

    def abandon_part(self, tx: Transaction, part_id: str, code: str, detail: str) -> None:
        """Some pages could not be read: they are told unreadable, a person is asked, and the others go on."""
        part = tx.scan_parts.get(part_id)
        if part is None or self.progress.postponed(tx, READ, part_id, part.upload_id, code):
            return
        tx.uploads.lock(part.upload_id)
        self.progress.part_failed(tx, part, self.parts.unread_part(part, _told(code)), _told(code))

    def abandon_upload(self, tx: Transaction, upload_id: str, code: str, detail: str) -> None:
        """The documents could not be judged: the upload says so, and a person is asked."""
        if not self.progress.postponed(tx, SETTLE, upload_id, upload_id, code):
            self.progress.upload_failed(tx, upload_id, _told(code))

    def abandon_page(self, tx: Transaction, page_id: str, code: str, detail: str) -> None:
        """A page could not be read again: it counts as what the person said, and its zones are asked about."""
        page, target = tx.scan_pages.get(page_id), assigned_place(tx, page_id)
        if page is None or self.progress.postponed(tx, REREAD, page_id, page.upload_id, code):
            return
        log.warning("page_not_reread", page=page_id, code=code)
        if page.reading is not None and target is not None:
            self._assign(tx, page_id, target, page.reading, ())

    # -- the steps of `settle` -------------------------------------------------------------------------------------

    def _settle_document(self, tx: Transaction, document_id: str) -> None:
        settled = settle_document(tx, document_id, self.policy, self.questions, self.clock.now(), self.ids.new)
        if settled is not None and settled.attachment_id is not None:
            log.info("document_attached", document=document_id, attachment=settled.attachment_id)
            self.jobs.enqueue(tx, PACKAGE, settled.attachment_id)

    def _assign(
        self,
        tx: Transaction,
        page_id: str,
        target: tuple[Place, str],
        reading: PageReading,
        zones: Iterable[ScanZoneRecord],
    ) -> None:
        """Put a page on its document, unless the person has corrected themselves while it was read."""
        (document_id, number), by = target
        tx.documents.lock(document_id)
        if assigned_place(tx, page_id) == target and tx.scan_pages.assign(
            page_id, document_id, number, by, reading, zones
        ):
            self._settle_document(tx, document_id)

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
            proposal = self.parts.propose(page, places) or neighbours.get(page.id)
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
                    self.progress.ask_about_page(tx, page, reason)

    # -- what follows from an answer -------------------------------------------------------------------------------

    def effects(self) -> tuple[Effect, ...]:
        """What follows from the answers to the questions of this room."""
        about_documents = [Effect(kind, review_views, checked_decision, self._judge_again) for kind in ABOUT_DOCUMENTS]
        return (
            *about_documents,
            Effect(ReviewKind.FILE, review_views, checked_decision, self._try_again),
            Effect(ReviewKind.PAGE, review_views, checked_decision, self._place_page, self._take_page_back),
        )

    def _take_page_back(self, tx: Transaction, review: ReviewRecord, decision: JsonObject, by: str) -> None:
        """A person says that the page belongs elsewhere: it leaves the document it was put on."""
        assert review.page_id is not None
        earlier = assigned_place(tx, review.page_id)
        if earlier is not None:
            (document_id, _), _ = earlier
            self._take_back(tx, review.page_id, document_id)
        self.progress.answer_corrected(tx, review, by)

    def _take_back(self, tx: Transaction, page_id: str, document_id: str) -> None:
        """Take a page off the document it was put on; a Conflict when that was accepted with it."""
        tx.documents.lock(document_id)  # before the page is looked at: it may just be put there
        page = tx.scan_pages.get(page_id)
        if page is None or page.document_id is None:
            return
        if any(page_id in attachment.scans.values() for attachment in tx.attachments.of_documents([document_id])):
            raise attached_already()
        tx.scan_pages.take_back(page_id, None if page.reading is None else _as_loose(page.reading))
        self._settle_document(tx, document_id)

    def _judge_again(self, tx: Transaction, review: ReviewRecord, decision: JsonObject) -> None:
        """What was said about a document, or about a zone or a page of it, counts."""
        assert review.document_id is not None
        self._settle_document(tx, review.document_id)

    def _try_again(self, tx: Transaction, review: ReviewRecord, decision: JsonObject) -> None:
        if decision["choice"] == "retry":
            self.progress.try_again(tx, review)

    def _place_page(self, tx: Transaction, review: ReviewRecord, decision: JsonObject) -> None:
        """Read the page as what a person says it is, or let it count as what it is then."""
        assert review.page_id is not None
        if "document_id" in decision:
            self.jobs.enqueue(tx, REREAD, review.page_id)
        else:
            page = tx.scan_pages.get(review.page_id)
            assert page is not None
            tx.scan_pages.judge(page, *loose_page(tx, page, decision))


def _placed(tx: Transaction, page: ScanPageRecord) -> ScanPageRecord:
    """The page with its place, when its codes name a page that was printed."""
    reading = page.reading
    if reading is None or reading.finding is not PageFinding.IDENTIFIED or reading.document_id is None:
        return page
    document = tx.documents.get(reading.document_id)
    if document is None or reading.page is None or not 1 <= reading.page <= (document.pages or 0):
        return page
    return replace(page, document_id=document.id, page=reading.page)


def _as_loose(reading: PageReading) -> PageReading:
    """What is left of a reading when the page is not the one that it was read as."""
    return replace(reading, document_id=None, page=None, registration=None, zones=(), amendments=())


def _has_come_since(page: ScanPageRecord) -> bool:
    """Whether a settling that has gone through all it knew has not met this page."""
    unjudged = page.document_id is not None and page.verdict is None
    return unjudged or (page.picture_key is not None and may_be_proposed(page))


def _told(code: str) -> DocserviceError:
    """That it was given up, and for which reason."""
    told = gave_up()
    return DocserviceError(told.code, f"{told.detail} ({code})", detail_de=f"{told.detail_de} ({code})")


def _stored(key: str, name: str) -> StoredFile:
    digest, _, ending = key.rpartition("/")[2].partition(".")
    return StoredFile(key, digest, _MEDIA_TYPES[ending], f"{name}.{ending}")
