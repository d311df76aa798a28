"""The archive: from an attached document to a package that proves itself, and the watch over what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import structlog

from docservice.archive.checks import as_data, derivative_checks, generated_checked, original_checked
from docservice.archive.derivative import derive
from docservice.archive.dossier import dossier
from docservice.archive.explanation import EVIDENCE, README
from docservice.archive.fixity import Watch
from docservice.archive.layout import as_json
from docservice.archive.originals import Originals, PageFiles
from docservice.archive.package import Package, PackageEnd, pack
from docservice.archive.parts import Check, Dossier, PackedObject, SourcePage
from docservice.archive.provenance import data_snapshot, template_state
from docservice.archive.scratch import working_folder
from docservice.archive.transfer_note import transfer_note, transfer_page
from docservice.archive.views import ArchiveView, entry_of, software
from docservice.db.records import ArchiveRecord, ChainRecord, FixityRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.errors import DocserviceError, NotFound
from docservice.domain.hash_chain import ChainEntry, following
from docservice.domain.scans import ARCHIVE_TASK
from docservice.domain.sources import OFFICE_ZONE, Clock, IdSource, office_day
from docservice.jobs.service import BATCH, JobService
from docservice.storage.files import StoredFile
from docservice.storage.service import BlobStore
from docservice.templates.service import TemplateLibrary
from docservice.tools.page_streams import PageStreams
from docservice.tools.tesseract import Tesseract
from docservice.tools.typst import Typesetter

FIXITY_TASK = "archive.fixity"
_AGAIN = timedelta(hours=1)  # after a package could not be made: it is never given up
_CHECK_AT = time(2, 0)  # at night, office time
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PDF, _ZIP = "application/pdf", "application/zip"

log = structlog.get_logger("docservice.archive")


@dataclass(frozen=True, slots=True)
class ArchiveService:
    """Package, hand out, check. The archived object of an attachment has the attachment's id.

    The chain entry is written together with the object's row, before the bytes are kept: whatever dies in between,
    the next attempt makes the same bytes again, with the same entry.
    """

    database: Database
    blobs: BlobStore
    templates: TemplateLibrary
    typesetter: Typesetter
    files: PageFiles
    streams: PageStreams
    recogniser: Tesseract
    jobs: JobService
    clock: Clock
    ids: IdSource
    scratch: Path  # for files that live as long as one call

    def package(self, attachment_id: str) -> ArchiveView:
        """Archive an attachment; the object there is when that was done before. Safe to repeat at any point.

        Raises NotFound, and DocserviceError when stored bytes are altered, a page cannot be read any more or a disk
        is full.
        """
        with self.database.reading() as tx:
            case = dossier(tx, attachment_id)
            known = tx.archive.get(attachment_id)
        if known is None or not self.blobs.exists(known.package_key):
            with working_folder(self.scratch) as folder:
                package = self._made(case, folder)
                record, end = self._recorded(case, package)
                package.close(end)
                self.blobs.put_file(record.package_key, package.path)
            log.info("archived", archive_id=attachment_id, seq=record.seq, bytes=record.package_size)
        return self.get(attachment_id)

    def get(self, archive_id: str) -> ArchiveView:
        """The archived object; NotFound."""
        with self.database.reading() as tx:
            record, link = _known(tx, archive_id)
        return ArchiveView.of(record, link, stored=self.blobs.exists(record.package_key))

    def package_file(self, archive_id: str) -> StoredFile:
        """Where the package of an archived object is; NotFound, also while it is not kept yet."""
        with self.database.reading() as tx:
            record, _ = _known(tx, archive_id)
        return StoredFile(record.package_key, record.package_sha256, _ZIP, f"archive-{record.id}.zip")

    def register(self) -> Iterator[ChainEntry]:
        """All entries of the chain in order: the export that `verify --chain` compares with."""
        seq = 0
        while True:
            with self.database.reading() as tx:
                links = tx.chain.after(seq)
            if not links:
                return
            yield from map(entry_of, links)
            seq = links[-1].seq

    def check_fixity(self, limit: int = 1000, seconds: float = 60) -> FixityRecord:
        """Compare stored packages and originals with the chain and the recorded hashes, the longest unchecked first.

        Ends after `limit` objects or `seconds`. What is wrong stands on the object, in the record of the pass and,
        as an error, in the log. A package that was never kept is made again.
        """
        watch = self._watch()
        with working_folder(self.scratch) as folder:
            result, missing = watch.look(self.ids.new(), folder, limit, seconds)
        for archive_id in missing:
            with self.database.transaction() as tx:
                self._want_package(tx, archive_id)
        return result

    def fixity_is_due(self) -> bool:
        """Whether there are objects that a pass has to check now."""
        return bool(self._watch().due(1))

    def schedule_fixity(self) -> None:
        """Make sure that a pass is due for the coming night; calling it more often changes nothing."""
        with self.database.transaction() as tx:
            day = office_day(self.clock.now()) + timedelta(days=1)
            self._enqueue_pass(tx, day.isoformat(), datetime.combine(day, _CHECK_AT, OFFICE_ZONE))

    def continue_fixity(self, subject_id: str) -> None:
        """Go on where the pass with this subject has ended; calling it more often changes nothing."""
        day, _, number = subject_id.partition("_")
        with self.database.transaction() as tx:
            self._enqueue_pass(tx, f"{day}_{int(number or 1) + 1}", self.clock.now())

    def postpone(self, tx: Transaction, attachment_id: str, code: str) -> None:
        """A package could not be made in all attempts: tell it, and try again later."""
        log.error("not_archived", attachment_id=attachment_id, code=code)
        self._want_package(tx, attachment_id, _AGAIN)

    # -- the steps of `package` ------------------------------------------------------------------------------------

    def _made(self, case: Dossier, folder: Path) -> Package:
        """Everything of the package that does not depend on its place in the chain."""
        recogniser = self.recogniser.of(case.bundle.languages)
        pdf, docx = self.blobs.get(str(case.document.pdf_key)), self.blobs.get(str(case.document.docx_key))
        checks = [generated_checked(case, pdf, docx)]
        originals = Originals(self.files, self.streams, folder)
        sources = self._sources(case, originals, folder, checks)
        derivative = derive(sources, pdf, case.document.id, case.attachment.created_at, recogniser)
        checks += derivative_checks(case, derivative)
        note = transfer_note(case, derivative.pages, checks, software(recogniser))
        page = transfer_page(note, case, derivative.pages, self._note_layout, self.typesetter)
        templates = template_state(self.templates.register, case.bundle, case.document)
        objects = [
            PackedObject("README.txt", "explanation", _TEXT, README.encode()),
            PackedObject("derived/document.pdf", "derived", _PDF, derivative.pdf),
            *sorted(originals.objects, key=lambda each: each.path),
            PackedObject("generated/document.pdf", "generated", _PDF, pdf),
            PackedObject("generated/document.docx", "generated", _DOCX, docx),
            PackedObject("transfer-note/transfer-note.json", "transfer_note", _JSON, as_json(note)),
            PackedObject("transfer-note/transfer-note.pdf", "transfer_note", _PDF, page),
            PackedObject("data/snapshot.json", "data", _JSON, as_json(data_snapshot(case.bundle, case.document))),
            PackedObject("data/template.json", "data", _JSON, as_json(templates)),
            PackedObject("checks.json", "checks", _JSON, as_json(as_data(checks))),
            PackedObject("evidence/README.txt", "explanation", _TEXT, EVIDENCE.encode()),
        ]
        return pack(folder / "package.zip", _about(case, originals), objects)

    def _sources(self, case: Dossier, originals: Originals, folder: Path, checks: list[Check]) -> Iterator[SourcePage]:
        """The scanned pages one by one, file by file, each file checked before it is opened."""
        for number, file in enumerate(case.files, start=1):
            path = folder / f"original-{number}"
            self.blobs.get_file(file.record.blob_key, path)
            checks.append(original_checked(file, path))
            for page, picture in originals.pages(number, file, path):
                assert page.reading is not None
                assert page.page is not None
                yield SourcePage(page.page, picture, page.reading.rotation, page.reading.registration)

    def _recorded(self, case: Dossier, package: Package) -> tuple[ArchiveRecord, PackageEnd]:
        """The object's row and its chain entry, made here or found; and the end of the package that follows."""
        archive_id = case.attachment.id
        with self.database.transaction() as tx:
            while (known := tx.archive.get(archive_id)) is None:
                entry = self._next(tx, package.manifest_sha256)
                if not tx.chain.add(_link(archive_id, entry)):
                    continue  # somebody else was first: with another object, or with this one
                end = package.end(entry)
                added = tx.archive.add(_record(case, package, entry, end))
                assert added
            entry = entry_of(_linked(tx, known))
            end = package.end(entry)
        if end.sha256 != known.package_sha256:
            raise _not_repeatable()
        return known, end

    def _next(self, tx: Transaction, manifest_sha256: str) -> ChainEntry:
        last = tx.chain.last()
        return following(None if last is None else entry_of(last), manifest_sha256, self.clock.now())

    @property
    def _note_layout(self) -> Path:
        return self.templates.root / "pdf" / "transfer_note" / "2026-01.typ"

    # -- what comes back by itself ---------------------------------------------------------------------------------

    def _want_package(self, tx: Transaction, archive_id: str, delay: timedelta = timedelta(0)) -> None:
        """Have a package made, unless that is to be done anyway."""
        if not any(job.task == ARCHIVE_TASK for job in tx.jobs.unfinished([archive_id])):
            self.jobs.enqueue(tx, ARCHIVE_TASK, archive_id, BATCH, delay=delay)

    def _enqueue_pass(self, tx: Transaction, subject_id: str, at: datetime) -> None:
        """Each pass has an id of its own, so it is there once whoever asks for it."""
        self.jobs.enqueue_once(tx, f"fixity-{subject_id}", FIXITY_TASK, BATCH, at, subject_id=subject_id)

    def _watch(self) -> Watch:
        return Watch(self.database, self.blobs, self.clock)


def _about(case: Dossier, originals: Originals) -> dict[str, object]:
    attachment = case.attachment
    return {
        "archive_id": attachment.id,
        "attachment_id": attachment.id,
        "attachment_version": attachment.version,
        "document_id": attachment.document_id,
        "case_id": attachment.case_id,
        "kind": case.document.kind.value,
        "revision": case.document.revision,
        "originals": list(originals.described),
    }


def _record(case: Dossier, package: Package, entry: ChainEntry, end: PackageEnd) -> ArchiveRecord:
    attachment = case.attachment
    return ArchiveRecord(
        id=attachment.id,
        attachment_id=attachment.id,
        document_id=attachment.document_id,
        case_id=attachment.case_id,
        package_key=f"archive/{attachment.id}/{end.sha256}.zip",
        package_sha256=end.sha256,
        package_size=end.size,
        manifest_sha256=package.manifest_sha256,
        seq=entry.seq,
        created_at=entry.at,
    )


def _link(archive_id: str, entry: ChainEntry) -> ChainRecord:
    return ChainRecord(entry.seq, archive_id, entry.manifest_sha256, entry.previous, entry.sha256, entry.at)


def _known(tx: Transaction, archive_id: str) -> tuple[ArchiveRecord, ChainRecord]:
    record = tx.archive.get(archive_id)
    if record is None:
        raise NotFound(
            "archive_unknown", "There is no such archived object.", detail_de="Dieses Archivobjekt gibt es nicht."
        )
    return record, _linked(tx, record)


def _linked(tx: Transaction, record: ArchiveRecord) -> ChainRecord:
    link = tx.chain.get(record.seq)
    if link is None:
        raise DocserviceError(
            "chain_broken",
            f"Entry {record.seq} of the chain is missing. Restore the database from the backup.",
            detail_de=f"Eintrag {record.seq} der Kette fehlt. Bitte die Datenbank aus der Sicherung wiederherstellen.",
        )
    return link


def _not_repeatable() -> DocserviceError:
    return DocserviceError(
        "archive_not_repeatable",
        "The package has an entry in the chain, was never kept, and now comes out different: the program or the "
        "records have changed in between. Restore the earlier version of the program and try again.",
        detail_de="Das Paket hat einen Eintrag in der Kette, wurde nie gespeichert und wird jetzt anders: Programm "
        "oder Aufzeichnungen haben sich inzwischen geändert. Bitte mit der früheren Programmversion wiederholen.",
    )
