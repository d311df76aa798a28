"""From a kept file to rows of its pages: opened, then read part by part."""

from __future__ import annotations

from dataclasses import dataclass, replace

from docservice.db.scan_pages import ScanPageRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.errors import DocserviceError
from docservice.domain.returned.scans import (
    PageFinding,
)
from docservice.domain.states import ScanFileState, ScanPartState
from docservice.jobs.tasks import Task
from docservice.scans.intake.part_reader import PartReader
from docservice.scans.intake.upload_workflow import OPEN, READ, UploadWorkflow
from docservice.tools.untrusted.pictures import FileRefused


@dataclass(frozen=True, slots=True)
class Intake:
    """Open, read. Every state change is one short transaction; pages are read outside of it."""

    database: Database
    reader: PartReader
    workflow: UploadWorkflow

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs: for a file, and for a part of its pages."""
        return (
            Task(OPEN, self.open, self.abandon_file, self._wait_for_file),
            Task(READ, self.read, self.abandon_part, self._wait_for_part),
        )

    def open(self, file_id: str) -> None:
        """See what a file is, by its headers alone, and order its pages to be read; safe to repeat at any point."""
        with self.database.reading() as tx:
            file = tx.scan_files.get(file_id)
        if file is None or file.state is not ScanFileState.WAITING:
            return
        try:
            facts = self.reader.inspect(file)
        except FileRefused as refused:
            with self.database.transaction() as tx:
                tx.uploads.lock(file.upload_id)
                self.workflow.rejected(tx, file, refused)
            return
        with self.database.transaction() as tx:
            tx.uploads.lock(file.upload_id)
            self.workflow.opened(tx, file, facts)

    def read(self, part_id: str) -> None:
        """Read the pages of a part; safe to repeat at any point. A page that fails never stops its neighbours."""
        with self.database.reading() as tx:
            part = tx.scan_parts.get(part_id)
            file = None if part is None else tx.scan_files.get(part.file_id)
        if part is None or file is None or part.state is not ScanPartState.WAITING:
            return
        read = self.reader.read(part, file)
        zones = [zone for _, found in read for zone in found]
        with self.database.transaction() as tx:
            tx.uploads.lock(part.upload_id)
            self.workflow.part_read(tx, part, [_locate_page(tx, page) for page, _ in read], zones)

    def abandon_file(self, tx: Transaction, file_id: str, code: str, detail: str) -> None:
        """A file could not be opened: it is rejected with the reason, and its neighbours go on."""
        file = tx.scan_files.get(file_id)
        if file is not None:
            tx.uploads.lock(file.upload_id)
            self.workflow.rejected(tx, file, DocserviceError.told("scans.gave_up", code=code))

    def abandon_part(self, tx: Transaction, part_id: str, code: str, detail: str) -> None:
        """Some pages could not be read: they are told unreadable, a person is asked, and the others go on."""
        part = tx.scan_parts.get(part_id)
        if part is None:
            return
        tx.uploads.lock(part.upload_id)
        error = DocserviceError.told("scans.gave_up", code=code)
        self.workflow.part_failed(tx, part, self.reader.unread_part(part, error), error)

    def _wait_for_file(self, tx: Transaction, file_id: str, code: str) -> None:
        file = tx.scan_files.get(file_id)
        if file is not None:
            self.workflow.waits(tx, OPEN, file.upload_id, code)

    def _wait_for_part(self, tx: Transaction, part_id: str, code: str) -> None:
        part = tx.scan_parts.get(part_id)
        if part is not None:
            self.workflow.waits(tx, READ, part.upload_id, code)


def _locate_page(tx: Transaction, page: ScanPageRecord) -> ScanPageRecord:
    """The page with its place, when its codes name a page that was printed."""
    reading = page.reading
    if reading is None or reading.finding is not PageFinding.IDENTIFIED or reading.document_id is None:
        return page
    document = tx.documents.get(reading.document_id)
    if document is None or reading.page is None or not 1 <= reading.page <= (document.pages or 0):
        return page
    return replace(page, document_id=document.id, case_id=document.case_id, page=reading.page)
