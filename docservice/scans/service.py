"""Returned paper: from the files of a scanner to documents on their cases, or to a question with a picture."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from docservice.db.events import EventRecord, SubjectKind
from docservice.db.unit_of_work import Database
from docservice.domain.actors import Actor
from docservice.domain.cursors import ListPart, next_cursor, numbers_cursor, numbers_of, position_of
from docservice.domain.errors import Conflict, Fault, InvalidInput, no_such
from docservice.domain.sources import Clock
from docservice.domain.states import UploadState
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, Task, TaskName
from docservice.reviews.effects import Effect
from docservice.reviews.views import ReviewView
from docservice.scans.assemble_views import attachment_views, page_views, upload_entries, upload_view, whole_upload_view
from docservice.scans.intake.reception import ReceivedFile
from docservice.scans.intake.service import Intake
from docservice.scans.intake.upload_workflow import UploadWorkflow, original_key
from docservice.scans.matching.service import Matching
from docservice.scans.views import (
    AttachmentView,
    PageList,
    UploadEntry,
    UploadView,
    WholeUploadView,
)
from docservice.storage.files import StoredFile
from docservice.storage.service import BlobStore

RESCUE = TaskName("scans.rescue", BATCH)  # its subject is no thing but the moment it was ordered for
RESCUE_EVERY = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(minutes=10)
_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png"}

log = structlog.get_logger("docservice.scans")


@dataclass(frozen=True, slots=True)
class ScanService:
    """Receive, look, try again; what happens in between is done by `intake` and `matching`, in jobs."""

    database: Database
    blobs: BlobStore
    workflow: UploadWorkflow
    intake: Intake
    matching: Matching
    jobs: JobService
    clock: Clock
    device: str | None  # the scanner, unless an upload names another one

    # -- what people ask for ---------------------------------------------------------------------------------------

    def receive(self, actor: Actor, files: Sequence[ReceivedFile], device: str | None = None) -> UploadView:
        """Keep the files and start reading them. The same bytes again are the first upload, also at the same moment;
        if that one has failed, it is tried again. Raises InvalidInput when there is no file."""
        if not files:
            raise InvalidInput([Fault.told("files", "scans.missing", example="stack.pdf")])
        fingerprint = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
        with self.database.reading() as tx:
            known = tx.uploads.by_fingerprint(fingerprint)
        if known is None:
            for file in files:
                self.blobs.put_file(original_key(file.sha256), file.path)
        with self.database.transaction() as tx:
            upload_id = self.workflow.take_in(tx, actor, files, fingerprint, device or self.device)
        for file in files:  # bytes that lay there unnamed may have been erased until their record was written
            if not self.blobs.exists(original_key(file.sha256)):
                self.blobs.put_file(original_key(file.sha256), file.path)
        return self.get(actor, upload_id)  # seen when nobody has to wait for it any more

    def get(self, actor: Actor, upload_id: str) -> UploadView:
        """The upload with its documents."""
        with self.database.reading() as tx:
            return upload_view(tx, upload_id)

    def uploads(
        self, actor: Actor, limit: int, cursor: str | None = None, state: UploadState | None = None
    ) -> ListPart[UploadEntry]:
        """Uploads, newest first; those in a state. InvalidInput for a cursor that was not given out here."""
        after = position_of(cursor)
        with self.database.reading() as tx:
            found = tx.uploads.some(limit + 1, after, state=state)
            entries = upload_entries(tx, found[:limit])
        return ListPart(entries, next_cursor(found, limit))

    def whole(self, actor: Actor, upload_id: str) -> WholeUploadView:
        """The upload with its documents and all its pages, of which there may be thousands."""
        with self.database.reading() as tx:
            return whole_upload_view(tx, upload_id)

    def pages(self, actor: Actor, upload_id: str, limit: int, cursor: str | None = None) -> PageList:
        """Pages of the upload in the order of its files. InvalidInput for a cursor that was not given out here."""
        after = numbers_of(cursor, 3)  # the file in its upload, the picture in its file, the page on it
        with self.database.reading() as tx:
            if tx.uploads.get(upload_id) is None:
                raise no_such("upload")
            found = tx.scan_pages.some_of_upload(upload_id, limit + 1, after)
            views = page_views(tx, upload_id, [page for page, _ in found[:limit]])
        return PageList(views, numbers_cursor(found[limit - 1][1]) if len(found) > limit else None)

    def ended(self, actor: Actor, upload_id: str) -> bool:
        """Whether nothing more happens to the upload by itself; quicker than `get`. NotFound."""
        with self.database.reading() as tx:
            upload = tx.uploads.get(upload_id)
        if upload is None:
            raise no_such("upload")
        return upload.state in (UploadState.DONE, UploadState.FAILED)

    def events(self, actor: Actor, upload_id: str, after: int = 0) -> Sequence[EventRecord]:
        """What happened to the upload after event number `after`, in order."""
        with self.database.reading() as tx:
            if tx.uploads.get(upload_id) is None:
                raise no_such("upload")
            return tx.events.after(SubjectKind.UPLOAD, upload_id, after)

    def retry(self, actor: Actor, upload_id: str) -> UploadView:
        """Go on with a failed upload where it stopped."""
        with self.database.transaction() as tx:
            if tx.uploads.lock(upload_id) is None:
                raise no_such("upload")
            if not self.workflow.revive(tx, actor, upload_id):
                raise Conflict.told("scans.not_failed")
        return self.get(actor, upload_id)

    def picture(self, actor: Actor, page_id: str) -> StoredFile:
        """Where the upright picture of a scanned page is."""
        with self.database.reading() as tx:
            page = tx.scan_pages.get(page_id)
        if page is None or page.picture_key is None:
            raise no_such("picture")
        return _picture_file(page.picture_key, f"page-{page_id}")

    def crop(self, actor: Actor, page_id: str, zone_id: str) -> StoredFile:
        """Where the picture of a signature zone on a scanned page is."""
        with self.database.reading() as tx:
            zones = tx.scan_pages.zones([page_id])
        key = next((zone.crop_key for zone in zones if zone.zone_id == zone_id), None)
        if key is None:
            raise no_such("picture")
        return _picture_file(key, f"zone-{page_id}-{zone_id}")

    def attachments(
        self, actor: Actor, case_id: str, limit: int = 200, cursor: str | None = None
    ) -> ListPart[AttachmentView]:
        """The signed documents of a case, all versions, in the order in which they were attached. NotFound;
        InvalidInput for a cursor that was not given out here."""
        after = position_of(cursor)
        with self.database.reading() as tx:
            if tx.cases.get(case_id) is None:
                raise no_such("case")
            found = tx.attachments.some_of_case(case_id, limit + 1, after)
            views = attachment_views(tx, found[:limit])
        return ListPart(views, next_cursor(found, limit))

    def attachment(self, actor: Actor, attachment_id: str) -> AttachmentView:
        """A signed document, also one that another counts instead of; NotFound."""
        with self.database.reading() as tx:
            record = tx.attachments.get(attachment_id)
            if record is None:
                raise no_such("attachment")
            return attachment_views(tx, [record])[0]

    def waiting_jobs(self, actor: Actor, upload_id: str) -> tuple[str, ...]:
        """The jobs that are still to be done for an upload, the archiving of its documents included, oldest first."""
        return self._waiting_jobs(upload_id)

    def uploads_of(self, actor: Actor, review: ReviewView) -> frozenset[str]:
        """The uploads whose work an answer may have set going: reading a page again, archiving what was accepted."""
        documents = [review.document_id] if review.document_id is not None else []
        with self.database.reading() as tx:
            attached = tx.attachments.of_documents(documents)
        return frozenset(filter(None, (review.upload_id, *(attachment.upload_id for attachment in attached))))

    # -- the jobs --------------------------------------------------------------------------------------------------

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs: on the way in, on the way to documents, and now and then."""
        return (*self.intake.tasks(), *self.matching.tasks(), Task(RESCUE, self._rescue_regularly))

    def effects(self) -> tuple[Effect, ...]:
        """What follows from the answers to the questions of this room."""
        return self.matching.effects()

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
        forgotten = [upload.id for upload in unfinished if not self._waiting_jobs(upload.id)]
        for upload_id in forgotten:
            log.error("upload_forgotten", upload=upload_id)
            with self.database.transaction() as tx:
                tx.uploads.lock(upload_id)
                self.workflow.resume(tx, upload_id)
        return len(forgotten)

    def _waiting_jobs(self, upload_id: str) -> tuple[str, ...]:
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

    def _rescue_regularly(self, slot: str) -> None:
        """The look of a moment, which also brings the next one about."""
        self.schedule_rescue()
        self.rescue()


def _picture_file(key: str, name: str) -> StoredFile:
    digest, _, ending = key.rpartition("/")[2].partition(".")
    return StoredFile(key, digest, _MEDIA_TYPES[ending], f"{name}.{ending}")
