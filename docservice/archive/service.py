"""The archive: from an attached document to a package that proves itself, and the watch over what is kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as time_of_day
from functools import cache, partial
from pathlib import Path

import structlog

from docservice.archive.container.layout import as_json
from docservice.archive.container.package import Package, PackageEnd, pack, reopened
from docservice.archive.container.package_readme import EVIDENCE, README
from docservice.archive.content.checks import as_data, derivative_checks, generated_checked, original_named
from docservice.archive.content.derivative import derive
from docservice.archive.content.dossier import read_dossier
from docservice.archive.content.model import Check, Dossier, PackedObject, SourcePage
from docservice.archive.content.package_pages import PackagePages
from docservice.archive.content.provenance import data_snapshot, template_state
from docservice.archive.content.transfer_note import transfer_note, transfer_page
from docservice.archive.fixity import Result, Watch
from docservice.archive.open_bodies import OpenBodies, body_key
from docservice.archive.packages import Packages, archive_id_of, package_key
from docservice.archive.scratch import working_folder
from docservice.archive.views import ArchiveEntry, ArchiveView, Erasure, entry_of, software
from docservice.db.archive import ArchiveRecord, ChainRecord, FixityRecord
from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName
from docservice.db.unit_of_work import Database, Transaction
from docservice.db.uploads import ScanFileRecord
from docservice.domain.actors import Actor, at_task
from docservice.domain.cursors import ListPart, next_cursor, position_of
from docservice.domain.errors import DocserviceError, NotFound
from docservice.domain.hash_chain import ChainEntry, following
from docservice.domain.sources import OFFICE_ZONE, Clock, IdSource, office_day
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, PACKAGE, Task, TaskName
from docservice.own_pages.service import OwnPages, PageFiles, check_original
from docservice.storage.files import StoredFile
from docservice.storage.service import BlobStore
from docservice.templates.service import TemplateLibrary
from docservice.tools.tesseract import Tesseract
from docservice.tools.typst import Typesetter

FIXITY = TaskName("archive.fixity", BATCH)
_PACKAGING = at_task(PACKAGE.name)
_BODY_RESTS = timedelta(days=1)  # so that no attempt is disturbed that is just using it
_AGAIN = timedelta(hours=1)  # after a package could not be made: it is never given up
_CHECK_AT = time_of_day(2, 0)  # at night, office time
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PDF, _ZIP = "application/pdf", "application/zip"

log = structlog.get_logger("docservice.archive")


@dataclass(frozen=True, slots=True)
class ArchiveService:
    """Package, hand out, check. The archived object of an attachment has the attachment's id.

    First the package's body lies complete in the store, then its chain entry is written together with the object's
    row, then the package is kept. Whatever dies in between, the next attempt, by whichever release of the program,
    closes the very body the entry is of.
    """

    database: Database
    blobs: BlobStore  # what may be deleted: the documents and scans, open bodies
    vault: BlobStore  # what must last: closed packages
    templates: TemplateLibrary
    typesetter: Typesetter
    files: PageFiles
    own_pages: OwnPages
    recogniser: Tesseract
    jobs: JobService
    clock: Clock
    ids: IdSource
    scratch: Path  # for files that live as long as one call

    @property
    def packages(self) -> Packages:
        """The closed packages, wherever they lie."""
        return Packages(self.vault, self.blobs)

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs: for an attachment, and every night."""
        return (Task(PACKAGE, self._work, self.postpone), Task(FIXITY, self.watch_nightly))

    def package(self, actor: Actor, attachment_id: str) -> ArchiveView:
        """Archive an attachment; the object there is when that was done before. Safe to repeat at any point.

        Raises NotFound, and DocserviceError when stored bytes are altered, a page cannot be read any more, a disk is
        full, or "archive_erased": what was erased on purpose is not made again.
        """
        with self.database.reading() as tx:
            known = tx.archive.get(attachment_id)
        record = _not_erased(known or self._begun(actor, attachment_id))
        if not self.packages.exists(record.package_key):
            self._close(record)
            log.info("archived", archive_id=attachment_id, seq=record.seq, bytes=record.package_size)
            self._erase_again(attachment_id)
        self._bodies.erase(attachment_id)
        return self.get(actor, attachment_id)

    def _work(self, attachment_id: str) -> None:
        self.package(_PACKAGING, attachment_id)

    def get(self, actor: Actor, archive_id: str) -> ArchiveView:
        """The archived object; NotFound, DocserviceError "archive_erased"."""
        with self.database.reading() as tx:
            record, link = _known(tx, archive_id)
            view = ArchiveView.of(tx, _not_erased(record), link)
        return view if self.packages.exists(record.package_key) else replace(view, package=None)

    def objects(
        self, actor: Actor, limit: int, cursor: str | None = None, case_id: str | None = None
    ) -> ListPart[ArchiveEntry]:
        """Archived objects, newest first, those that were erased among them; those of a case. InvalidInput for a
        cursor that was not given out here."""
        after = position_of(cursor)
        with self.database.reading() as tx:
            found = tx.archive.some(limit + 1, after, case_id=case_id)
        return ListPart(tuple(map(ArchiveEntry.of, found[:limit])), next_cursor(found, limit))

    def package_file(self, actor: Actor, archive_id: str) -> StoredFile:
        """What `packages` has of an archived object; NotFound, also while it is not kept yet, "archive_erased"."""
        with self.database.reading() as tx:
            record, _ = _known(tx, archive_id)
        _not_erased(record)
        return StoredFile(record.package_key, record.package_sha256, _ZIP, f"archive-{record.id}.zip")

    def erase(self, actor: Actor, archive_id: str, reason: Erasure) -> None:
        """Erase a package for good. Its place in the chain stays, and a tombstone that says when and why; NotFound.

        The tombstone comes first: whatever dies then, the nightly pass erases the bytes, and nobody makes them again.
        Originals and generated documents are not the archive's: they stay where they are.
        """
        with self.database.transaction() as tx:
            record, _ = _known(tx, archive_id)
            now = self.clock.now()
            if tx.archive.bury(archive_id, now, reason.value):
                data: JsonObject = {"reason": reason.value}
                tx.events.add(actor, EventName.ARCHIVE_ERASED, archive_id, now, data, case_id=record.case_id)
                log.warning("archive_erased", archive_id=archive_id, seq=record.seq, reason=reason.value)
        self.packages.erase(record.package_key)
        self._bodies.erase(archive_id)
        with self.database.transaction() as tx:
            tx.archive.checked(archive_id, self.clock.now(), Result.ERASED.value)

    def chain_entries(self, actor: Actor) -> Iterator[ChainEntry]:
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
        result, missing = self._watch().look(self.ids.new(), limit, seconds)
        for archive_id in missing:
            with self.database.transaction() as tx:
                self._want_package(tx, archive_id)
        return result

    def sweep_bodies(self) -> None:
        """Erase the bodies, older than a day, that no package will be made of: attempts that others superseded."""
        for archive_id, key in self._bodies.older_than(self.clock.now() - _BODY_RESTS):
            with self.database.reading() as tx:
                known = tx.archive.get(archive_id)
                awaited = self._is_wanted(tx, archive_id)
            if known is not None:
                of_entry = key == body_key(archive_id, known.manifest_sha256)
                awaited = of_entry and known.erased_at is None and not self.packages.exists(known.package_key)
            if not awaited:
                self.blobs.delete(key)
                log.warning("open_body_erased", archive_id=archive_id)

    def move_packages(self, seconds: float = 60) -> int:
        """Move packages that an earlier release kept with what may be deleted into the vault; how many were moved.

        Ends after `seconds`; the next call goes on. Killed at any point, no package is lost.
        """
        deadline, moved = time.monotonic() + seconds, 0
        for key in self.packages.outside():
            if time.monotonic() > deadline:
                break
            moved += self.packages.move(key)
            self._erase_again(archive_id_of(key))
        if moved:
            log.info("packages_moved", moved=moved)
        return moved

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

    def watch_nightly(self, subject_id: str, most_objects: int = 1000) -> None:
        """The pass of a night, which also brings that of the next one about: compare stored bytes with the chain.

        While there is more to check than one pass can do, it also brings the next pass about. Then bodies that nobody
        needs are erased, and packages of earlier releases moved into the vault.
        """
        self.schedule_fixity()
        # A pass that could read nothing says that the store is down: the next night is soon enough then.
        if self.check_fixity(most_objects).checked and self.fixity_is_due():
            self.continue_fixity(subject_id)
        self.sweep_bodies()
        self.move_packages()

    def postpone(self, tx: Transaction, attachment_id: str, code: str, detail: str) -> None:
        """A package could not be made in all attempts: tell it, and try again later."""
        log.error("not_archived", attachment_id=attachment_id, code=code)
        self._want_package(tx, attachment_id, _AGAIN)

    # -- the steps of `package` ------------------------------------------------------------------------------------

    def _begun(self, actor: Actor, attachment_id: str) -> ArchiveRecord:
        """The object's row with its chain entry, made here or found; the body it is of lies in the store by then."""
        dossier = self._dossier(attachment_id)
        with working_folder(self.scratch) as folder:
            body = self._made(dossier, folder)
            self._bodies.keep(attachment_id, body.manifest_sha256, body.path)
            return self._recorded(actor, dossier, body)

    def _close(self, record: ArchiveRecord) -> None:
        """Give the body its end, as the entry says, and keep the package."""
        with self.database.reading() as tx:
            entry = entry_of(_linked(tx, record))
        with working_folder(self.scratch) as folder:
            body = self._body(record, folder)
            end = body.end(entry)
            if end.sha256 != record.package_sha256:
                raise _not_repeatable(record)
            body.close(end)
            self.packages.put_file(record.package_key, body.path)

    def _body(self, record: ArchiveRecord, folder: Path) -> Package:
        """The body that was kept for the entry. Where it is lost or altered, one made anew if it is the same."""
        path = folder / "body"
        kept = self._bodies.fetch(record.id, record.manifest_sha256, path)
        body = reopened(path, record.manifest_sha256) if kept else None
        if body is not None:
            return body
        if kept:
            log.error("open_body_altered", archive_id=record.id)
        anew = self._made(self._dossier(record.id), folder)
        if anew.manifest_sha256 == record.manifest_sha256:
            return anew
        raise _body_altered(record) if kept else _not_repeatable(record)

    def _erase_again(self, archive_id: str) -> None:
        """An erasure that came while bytes were being kept reached too little."""
        with self.database.reading() as tx:
            record = tx.archive.get(archive_id)
        if record is not None and record.erased_at is not None:
            self.packages.erase(record.package_key)

    def _dossier(self, attachment_id: str) -> Dossier:
        with self.database.reading() as tx:
            return read_dossier(tx, attachment_id)

    def _made(self, dossier: Dossier, folder: Path) -> Package:
        """Everything of the package that does not depend on its place in the chain."""
        with ExitStack() as held:
            return self._packed(dossier, folder, held)

    def _packed(self, dossier: Dossier, folder: Path, held: ExitStack) -> Package:
        """The package's body; `held` keeps the files open that it is packed from."""
        recogniser = self.recogniser.of(dossier.bundle.languages)
        pdf, docx = self.blobs.get(str(dossier.document.pdf_key)), self.blobs.get(str(dossier.document.docx_key))
        checks = [generated_checked(dossier, pdf, docx)]
        pages = PackagePages(self.files, self.own_pages, folder, held)
        sources = self._sources(dossier, pages, held, checks)
        derivative = derive(sources, pdf, dossier.document.id, dossier.attachment.created_at, recogniser)
        checks += derivative_checks(dossier, derivative)
        note = transfer_note(dossier, derivative.pages, checks, software(recogniser))
        page = transfer_page(note, dossier, derivative.pages, self._note_layout, self.typesetter)
        templates = template_state(self.templates.register, dossier.bundle, dossier.document)
        objects = [
            PackedObject("README.txt", "explanation", _TEXT, README.encode()),
            PackedObject("derived/document.pdf", "derived", _PDF, derivative.pdf),
            *sorted(pages.objects, key=lambda each: each.path),
            PackedObject("generated/document.pdf", "generated", _PDF, pdf),
            PackedObject("generated/document.docx", "generated", _DOCX, docx),
            PackedObject("transfer-note/transfer-note.json", "transfer_note", _JSON, as_json(note)),
            PackedObject("transfer-note/transfer-note.pdf", "transfer_note", _PDF, page),
            PackedObject("data/snapshot.json", "data", _JSON, as_json(data_snapshot(dossier.bundle, dossier.document))),
            PackedObject("data/template.json", "data", _JSON, as_json(templates)),
            PackedObject("checks.json", "checks", _JSON, as_json(as_data(checks))),
            PackedObject("evidence/README.txt", "explanation", _TEXT, EVIDENCE.encode()),
        ]
        return pack(folder / "package.zip", _about(dossier, pages), objects)

    def _sources(
        self, dossier: Dossier, pages: PackagePages, held: ExitStack, checks: list[Check]
    ) -> Iterator[SourcePage]:
        """The scanned pages one by one, file by file, each file checked before it is opened."""
        for number, file in enumerate(dossier.files, start=1):
            original = cache(partial(self._original, file.record, held))
            for page, picture in pages.of_file(number, file, original):
                assert page.reading is not None
                assert page.page is not None
                yield SourcePage(page.page, picture, page.reading.rotation, page.reading.registration)
            checks.append(original_named(file))

    def _original(self, file: ScanFileRecord, held: ExitStack) -> Path:
        path = held.enter_context(self.blobs.local(file.blob_key))
        check_original(file, path)
        return path

    def _recorded(self, actor: Actor, dossier: Dossier, package: Package) -> ArchiveRecord:
        """The object's row, made here with its chain entry, or found: then it may be of another body."""
        archive_id = dossier.attachment.id
        with self.database.transaction() as tx:
            while (known := tx.archive.get(archive_id)) is None:
                entry = self._next(tx, package.manifest_sha256)
                if not tx.chain.add(_link(archive_id, entry)):
                    continue  # somebody else was first: with another object, or with this one
                added = tx.archive.add(_record(dossier, package, entry, package.end(entry)))
                assert added
                case_id, data = dossier.attachment.case_id, {"seq": entry.seq}
                tx.events.add(actor, EventName.ARCHIVE_ENTERED, archive_id, entry.at, data, case_id=case_id)
        return known

    def _next(self, tx: Transaction, manifest_sha256: str) -> ChainEntry:
        last = tx.chain.last()
        return following(None if last is None else entry_of(last), manifest_sha256, self.clock.now())

    @property
    def _note_layout(self) -> Path:
        return self.templates.root / "pdf" / "transfer_note" / "2026-01.typ"

    # -- what comes back by itself ---------------------------------------------------------------------------------

    def _want_package(self, tx: Transaction, archive_id: str, delay: timedelta = timedelta(0)) -> None:
        """Have a package made, unless that is to be done anyway or it was erased."""
        known = tx.archive.get(archive_id)
        if known is not None and known.erased_at is not None:
            return
        if not self._is_wanted(tx, archive_id):
            self.jobs.enqueue(tx, PACKAGE, archive_id, delay=delay)

    def _is_wanted(self, tx: Transaction, archive_id: str) -> bool:
        return any(job.task == PACKAGE.name for job in tx.jobs.unfinished([archive_id]))

    def _enqueue_pass(self, tx: Transaction, subject_id: str, at: datetime) -> None:
        """Each pass has an id of its own, so it is there once whoever asks for it."""
        self.jobs.enqueue_once(tx, f"fixity-{subject_id}", FIXITY, at, subject_id=subject_id)

    def _watch(self) -> Watch:
        return Watch(self.database, self.blobs, self.packages, self.clock)

    @property
    def _bodies(self) -> OpenBodies:
        return OpenBodies(self.blobs)


def _about(dossier: Dossier, pages: PackagePages) -> dict[str, object]:
    attachment = dossier.attachment
    return {
        "archive_id": attachment.id,
        "attachment_id": attachment.id,
        "attachment_version": attachment.version,
        "document_id": attachment.document_id,
        "case_id": attachment.case_id,
        "kind": dossier.document.kind.value,
        "revision": dossier.document.revision,
        "originals": list(pages.described),
    }


def _record(dossier: Dossier, package: Package, entry: ChainEntry, end: PackageEnd) -> ArchiveRecord:
    attachment = dossier.attachment
    return ArchiveRecord(
        id=attachment.id,
        attachment_id=attachment.id,
        document_id=attachment.document_id,
        case_id=attachment.case_id,
        package_key=package_key(attachment.id, end.sha256),
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
        raise NotFound.told("archive.archive_unknown")
    return record, _linked(tx, record)


def _not_erased(record: ArchiveRecord) -> ArchiveRecord:
    """The object, if it is no tombstone; DocserviceError "archive_erased" otherwise."""
    if record.erased_at is None:
        return record
    day = office_day(record.erased_at)
    raise DocserviceError.told("archive.archive_erased", day=day, reason=record.erased_reason, seq=record.seq)


def _linked(tx: Transaction, record: ArchiveRecord) -> ChainRecord:
    link = tx.chain.get(record.seq)
    if link is None:
        raise DocserviceError.told("archive.chain_broken", seq=record.seq)
    return link


def _not_repeatable(record: ArchiveRecord) -> DocserviceError:
    return DocserviceError.told("archive.archive_not_repeatable", id=record.id, key=record.package_key)


def _body_altered(record: ArchiveRecord) -> DocserviceError:
    key = body_key(record.id, record.manifest_sha256)
    return DocserviceError.told("archive.archive_body_altered", id=record.id, key=key)
