"""How far an upload is: its rows and jobs, from the files that come in to the pages that are all read.

Every method works inside the caller's transaction, on an upload that this transaction has locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord, ScanZoneRecord
from docservice.db.unit_of_work import Transaction
from docservice.db.uploads import ScanFileRecord, ScanPartRecord, UploadRecord
from docservice.domain.actors import Actor, at_task
from docservice.domain.errors import DocserviceError
from docservice.domain.returned.return_verdict import file_subject, page_subject
from docservice.domain.returned.scans import ReviewKind
from docservice.domain.sources import Clock, IdSource
from docservice.domain.states import ScanFileState, ScanPartState, UploadState
from docservice.jobs.service import JobService
from docservice.jobs.tasks import RETURNED, TaskName
from docservice.own_pages.service import KEEP
from docservice.reviews.questions import Questions
from docservice.scans.intake.reception import ReceivedFile
from docservice.tools.untrusted.pictures import PDF, FileFacts

OPEN = TaskName("scans.open", RETURNED)  # its subject: a file
READ = TaskName("scans.read", RETURNED)  # its subject: a part of a file
SETTLE = TaskName("scans.settle", RETURNED)  # its subject: an upload
"""Ordered here; done by `Intake` and `Matching`, which stand above."""
_OPENING, _READING, _SETTLING = at_task(OPEN.name), at_task(READ.name), at_task(SETTLE.name)
PART_PAGES = 8
"""Pages read by one job: what a killed worker costs at most, and how long a bundle waits behind a stack."""

log = structlog.get_logger("docservice.scans")


def original_key(sha256: str) -> str:
    """Where the bytes of a file are kept, by their hash."""
    return f"scans/originals/{sha256}"


@dataclass(frozen=True, slots=True)
class UploadWorkflow:
    """Moves uploads on."""

    jobs: JobService
    clock: Clock
    ids: IdSource
    questions: Questions

    def take_in(
        self, tx: Transaction, actor: Actor, files: Sequence[ReceivedFile], fingerprint: str, device: str | None
    ) -> str:
        """The rows and jobs of a new upload; its id, or that of the upload with this fingerprint that is there."""
        now, upload_id = self.clock.now(), self.ids.new()
        size = sum(file.size for file in files)
        record = UploadRecord(upload_id, fingerprint, actor.name, device, len(files), size, now, operator_id=actor.id)
        if not tx.uploads.add(record):
            earlier = tx.uploads.by_fingerprint(fingerprint)
            assert earlier is not None
            tx.uploads.lock(earlier.id)
            self.revive(tx, actor, earlier.id)
            return earlier.id
        kept = [
            ScanFileRecord(
                id=self.ids.new(),
                upload_id=upload_id,
                position=position,
                name=file.name,
                sha256=file.sha256,
                size=file.size,
                blob_key=original_key(file.sha256),
            )
            for position, file in enumerate(files)
        ]
        tx.scan_files.add_all(kept)
        for file in kept:
            self.jobs.enqueue(tx, OPEN, file.id)
        self._tell(tx, actor, upload_id, EventName.UPLOAD_RECEIVED, {"files": len(files)})
        return upload_id

    def revive(self, tx: Transaction, actor: Actor, upload_id: str) -> bool:
        """Whether the upload had failed and is worked on again."""
        now = self.clock.now()
        if not tx.uploads.move(upload_id, (UploadState.FAILED,), UploadState.READING, now):
            return False
        for review in tx.reviews.of_subject(file_subject(upload_id)):
            self.questions.withdraw(tx, actor, review)
        self.resume(tx, upload_id)
        return True

    def resume(self, tx: Transaction, upload_id: str) -> None:
        """Order everything that is still to be done."""
        for file in tx.scan_files.of_upload(upload_id):
            if file.state is ScanFileState.WAITING:
                self.jobs.enqueue(tx, OPEN, file.id)
        for part in tx.scan_parts.of_upload(upload_id):
            if part.state is ScanPartState.WAITING:
                self.jobs.enqueue(tx, READ, part.id)
        tx.uploads.move(upload_id, (UploadState.SETTLING,), UploadState.READING, self.clock.now())
        self.advance(tx, upload_id)

    def advance(self, tx: Transaction, upload_id: str) -> None:
        """When nothing is left to read: from reading to settling, once."""
        waiting = any(file.state is ScanFileState.WAITING for file in tx.scan_files.of_upload(upload_id)) or any(
            part.state is ScanPartState.WAITING for part in tx.scan_parts.of_upload(upload_id)
        )
        now = self.clock.now()
        if not waiting and tx.uploads.move(upload_id, (UploadState.READING,), UploadState.SETTLING, now):
            self.jobs.enqueue(tx, SETTLE, upload_id)
            for file in tx.scan_files.of_upload(upload_id):
                if file.media_type == PDF and (file.pages or 0) > 1:
                    self.jobs.enqueue(tx, KEEP, file.id)

    def opened(self, tx: Transaction, file: ScanFileRecord, facts: FileFacts) -> None:
        """A file has so many pages: order them to be read."""
        if not tx.scan_files.opened(file.id, facts.media_type, facts.pages, facts.hints):
            return
        pages = facts.pages
        parts = [
            ScanPartRecord(self.ids.new(), file.upload_id, file.id, first, min(PART_PAGES, pages - first))
            for first in range(0, pages, PART_PAGES)
        ]
        tx.scan_parts.add_all(parts)
        for part in parts:
            self.jobs.enqueue(tx, READ, part.id)
        self._tell(tx, _OPENING, file.upload_id, EventName.FILE_OPENED, {"file": file.position, "pages": pages})
        self.advance(tx, file.upload_id)

    def rejected(self, tx: Transaction, file: ScanFileRecord, error: DocserviceError) -> None:
        """A file cannot be read: say so, and ask a person."""
        if tx.scan_files.rejected(file.id, error):
            log.warning("file_rejected", file=file.id, code=error.code)
            self._ask_about_file(tx, _OPENING, "rejected", file.id, file.upload_id, file.id)
            self._tell(
                tx, _OPENING, file.upload_id, EventName.FILE_REJECTED, {"file": file.position, "code": error.code}
            )
            self.advance(tx, file.upload_id)

    def part_read(
        self, tx: Transaction, part: ScanPartRecord, pages: Sequence[ScanPageRecord], zones: Iterable[ScanZoneRecord]
    ) -> None:
        """The pages of a part were read."""
        if tx.scan_parts.move(part.id, ScanPartState.WAITING, ScanPartState.READ):
            tx.scan_pages.add_all(pages, zones)
            self._tell(
                tx, _READING, part.upload_id, EventName.PART_READ, {"pages_read": tx.scan_pages.count(part.upload_id)}
            )
            self.advance(tx, part.upload_id)

    def part_failed(
        self, tx: Transaction, part: ScanPartRecord, pages: Sequence[ScanPageRecord], error: DocserviceError
    ) -> None:
        """The pages of a part could not be read: say so on each, and ask a person once."""
        if tx.scan_parts.move(part.id, ScanPartState.WAITING, ScanPartState.FAILED):
            tx.scan_pages.add_all(pages, ())
            self._ask_about_file(tx, _READING, "part_failed", part.id, part.upload_id, part.file_id, part.id)
            self._tell(tx, _READING, part.upload_id, EventName.PART_FAILED, {"code": error.code})
            self.advance(tx, part.upload_id)

    def upload_failed(self, tx: Transaction, upload_id: str, error: DocserviceError) -> None:
        """The documents of an upload could not be judged: say so, and ask a person."""
        if tx.uploads.fail(upload_id, error, self.clock.now()):
            self._ask_about_file(tx, _SETTLING, "upload_failed", upload_id, upload_id)
            self._tell(tx, _SETTLING, upload_id, EventName.UPLOAD_FAILED, {"code": error.code})

    def done(self, tx: Transaction, upload_id: str) -> None:
        """All documents are judged."""
        if tx.uploads.move(upload_id, (UploadState.SETTLING,), UploadState.DONE, self.clock.now()):
            self._tell(tx, _SETTLING, upload_id, EventName.UPLOAD_DONE, {"pages": tx.scan_pages.count(upload_id)})

    def waits(self, tx: Transaction, task: TaskName, upload_id: str, code: str) -> None:
        """Something that the work stands on is away: say so on the upload."""
        self._tell(tx, at_task(task.name), upload_id, EventName.UPLOAD_WAITING, {"code": code})

    def ask_about_page(self, tx: Transaction, page: ScanPageRecord, reason: str) -> None:
        """Ask a person where a page belongs."""
        about = page_subject(page.id)
        self.questions.open(tx, _SETTLING, ReviewKind.PAGE, about, reason, upload_id=page.upload_id, page_id=page.id)

    def try_again(self, tx: Transaction, actor: Actor, review: ReviewRecord) -> None:
        """A person wants the upload, the file or the part of the review to be read once more."""
        upload_id = str(review.upload_id)
        if review.part_id is not None:
            if tx.scan_parts.move(review.part_id, ScanPartState.FAILED, ScanPartState.WAITING):
                tx.scan_pages.drop_unopened(review.part_id)
                self.jobs.enqueue(tx, READ, review.part_id)
        elif review.file_id is not None:
            if tx.scan_files.retry(review.file_id):
                self.jobs.enqueue(tx, OPEN, review.file_id)
        else:
            self.revive(tx, actor, upload_id)
            return
        finished = (UploadState.SETTLING, UploadState.DONE, UploadState.FAILED)
        tx.uploads.move(upload_id, finished, UploadState.READING, self.clock.now())

    def _ask_about_file(
        self,
        tx: Transaction,
        actor: Actor,
        reason: str,
        subject_id: str,
        upload_id: str,
        file_id: str | None = None,
        part_id: str | None = None,
    ) -> None:
        about = file_subject(subject_id)
        self.questions.open(
            tx, actor, ReviewKind.FILE, about, reason, upload_id=upload_id, file_id=file_id, part_id=part_id
        )

    def _tell(self, tx: Transaction, actor: Actor, upload_id: str, name: EventName, data: JsonObject) -> None:
        tx.events.add(actor, name, upload_id, self.clock.now(), data)
