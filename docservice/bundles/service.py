"""Outgoing documents: from a case to a printable bundle."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

import structlog

from docservice.bundles.content import build
from docservice.bundles.cover import cover_page
from docservice.bundles.orders import BundleOrder, order_faults
from docservice.bundles.print_set import print_set
from docservice.bundles.refusals import gave_up, not_failed, not_ready, unexpected
from docservice.bundles.typeset import typeset
from docservice.bundles.verify import verify
from docservice.bundles.views import FORMATS, BundleEntry, BundleView, Preview
from docservice.bundles.wanted import absent, wanted_kinds
from docservice.bundles.word import fill
from docservice.cases.intake import case_to_json, example_case, parse_case
from docservice.cases.snapshots import CURRENT, load
from docservice.db.bundles import BundleRecord, DocumentRecord, RenderedFiles
from docservice.db.cases import CaseRecord
from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName, EventRecord, SubjectKind
from docservice.db.idempotency import Idempotency, subject_of_key
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor, at_task
from docservice.domain.cases import Case
from docservice.domain.cursors import ListPart, next_cursor, position_of
from docservice.domain.documents import Document, PlacedZone, SignatureZone, Typeset
from docservice.domain.errors import DocserviceError, InvalidInput, no_such, place_of
from docservice.domain.kinds import KINDS, Kind
from docservice.domain.languages import GERMAN, LANGUAGES, USUAL, Language
from docservice.domain.page_codes import NO_DOCUMENT
from docservice.domain.sources import Clock, IdSource, office_day
from docservice.domain.states import BundleState, DocumentState
from docservice.jobs.service import JobService
from docservice.jobs.tasks import INTERACTIVE, Closing, Task, TaskName
from docservice.storage.files import StoredFile
from docservice.storage.service import BlobStore
from docservice.templates.register import TemplateVersion
from docservice.templates.service import TemplateLibrary
from docservice.tools.codes import CodeDrawer, CodeReader
from docservice.tools.typst import Typesetter

RENDER = TaskName("bundles.render", INTERACTIVE)
_RENDERING = at_task(RENDER.name)
MAX_ATTEMPTS = 3  # per document, counted before the work starts, so that a killed worker counts too

_OUTCOMES = {
    BundleState.READY: EventName.BUNDLE_READY,
    BundleState.FAILED: EventName.BUNDLE_FAILED,
    BundleState.PARTLY_FAILED: EventName.BUNDLE_PARTLY_FAILED,
}

log = structlog.get_logger("docservice.bundles")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What an order comes to for a revision of its case."""

    case_revision: int
    snapshot: JsonObject
    snapshot_sha256: str
    template_date: date
    documents: Sequence[tuple[Kind, int, str]]  # kind, number and template, in stapling order


@dataclass(frozen=True, slots=True)
class _Paper:
    """A document that is set, and what is needed to check it."""

    document_id: str
    version: TemplateVersion
    language: Language | None
    tree: Document
    typeset: Typeset


@dataclass(slots=True)
class _Made:
    """What was made of a bundle: the PDFs by their documents' ids, and the documents that are not yet written down."""

    pdfs: dict[str, bytes] = field(default_factory=dict)
    unwritten: deque[tuple[DocumentRecord, RenderedFiles]] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class BundleService:
    """Request, render, hand out. Every state change is one short transaction; nothing is computed inside one."""

    database: Database
    blobs: BlobStore
    templates: TemplateLibrary
    typesetter: Typesetter
    code_drawer: CodeDrawer
    code_reader: CodeReader
    jobs: JobService
    clock: Clock
    ids: IdSource
    authority: str
    overrun: type[Exception] = TimeoutError  # what the surroundings raise into work that takes too long

    def request(
        self, actor: Actor, case_id: str, order: BundleOrder, idempotency: Idempotency | None = None
    ) -> BundleView:
        """Accept an order: bundle, documents and job are written in one transaction.

        Raises InvalidInput with every fault of the order, NotFound for an unknown case, and Conflict when the
        idempotency key was used for another body. The same key and body again give the first bundle.
        """
        now, bundle_id = self.clock.now(), self.ids.new()
        prepared = self._prepared_ahead(case_id, order, now)
        with self.database.transaction() as tx:
            if idempotency is not None:
                earlier = subject_of_key(tx, idempotency, bundle_id, now)
                if earlier != bundle_id:
                    return self._view(tx, earlier)
            case_record = tx.cases.lock(case_id)
            if case_record is None:
                raise no_such("case", "Fall")
            if prepared is None or prepared.case_revision != case_record.revision:
                prepared = self._prepared(case_record, order, now)
            bundle = BundleRecord(
                id=bundle_id,
                case_id=case_id,
                case_revision=case_record.revision,
                state=BundleState.QUEUED,
                languages=order.languages,
                template_date=prepared.template_date,
                options=order.options(),
                snapshot_version=CURRENT,
                snapshot=prepared.snapshot,
                snapshot_sha256=prepared.snapshot_sha256,
                job_id=self.jobs.enqueue(tx, RENDER, bundle_id),
                created_at=now,
            )
            revisions = tx.documents.latest_revisions(case_id)
            documents = [
                DocumentRecord(
                    id=self.ids.new(),
                    bundle_id=bundle_id,
                    case_id=case_id,
                    position=position,
                    kind=kind,
                    number=number,
                    revision=revisions.get((kind, number), 0) + 1,
                    template=template,
                )
                for position, (kind, number, template) in enumerate(prepared.documents, start=1)
            ]
            tx.bundles.add(bundle)
            tx.documents.add_all(documents)
            tx.events.add(actor, EventName.BUNDLE_QUEUED, bundle_id, now, case_id=case_id)
        return BundleView.of(bundle, documents)

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs: for a bundle."""
        return (Task(RENDER, self.make, self.abandon),)

    def render(self, bundle_id: str) -> None:
        """Make what is still missing of a bundle; safe to repeat at any point.

        A document that fails is set aside with its reason and its neighbours are finished. Raises a retryable
        DocserviceError when a document may succeed on another attempt.
        """
        closing = self.make(bundle_id)
        with self.database.transaction() as tx:
            closing(tx)

    def make(self, bundle_id: str) -> Closing:
        """As `render`, but for the end of the bundle: that is left to be written with the end of a job."""
        begun = self._start(bundle_id)
        if begun is None:
            return _nothing
        bundle, waiting, attempt = begun
        case = load(bundle.snapshot_version, bundle.snapshot)
        made = _Made()
        postponed: list[DocserviceError] = []
        with ThreadPoolExecutor(1, "checking") as pool:  # a document is checked while the next one is set
            checks: list[Future[None]] = []
            for document in waiting:
                with _postponing(postponed):
                    if document is not waiting[0]:
                        attempt = self._start_next(bundle, document, made)
                    if attempt is not None and (paper := self._set_one(bundle, case, document, attempt)):
                        check = partial(self._check_one, bundle, document, attempt, paper, made)
                        checks.append(pool.submit(copy_context().run, check))
            for finished in checks:
                with _postponing(postponed):
                    finished.result()
        documents = self._write_down(bundle, made)
        if postponed:
            raise postponed[-1]
        return self._closing(bundle, case, documents, made.pdfs)

    def abandon(self, tx: Transaction, bundle_id: str, code: str, detail: str) -> None:
        """The job was given up: say so on the bundle and on every document that is not ready."""
        now, bundle = self.clock.now(), tx.bundles.get(bundle_id)
        if bundle is None:
            return
        for document in tx.documents.of_bundle(bundle_id):
            if document.state in (DocumentState.QUEUED, DocumentState.RENDERING):
                tx.documents.fail(document.id, code, detail, gave_up().detail_de, now)
        if tx.bundles.finish(bundle_id, BundleState.FAILED, now):
            _tell(tx, bundle, EventName.BUNDLE_FAILED, now, {"code": code})

    def retry(self, actor: Actor, bundle_id: str) -> BundleView:
        """Try the failed documents of a bundle again; finished ones stay as they are."""
        with self.database.transaction() as tx:
            bundle = tx.bundles.get(bundle_id)
            if bundle is None:
                raise no_such("bundle", "Bündel")
            if bundle.state not in (BundleState.FAILED, BundleState.PARTLY_FAILED):
                raise not_failed()
            tx.documents.requeue_failed(bundle_id)
            tx.bundles.requeue(bundle_id, self.jobs.enqueue(tx, RENDER, bundle_id, str(bundle.options["queue"])))
            tx.events.add(actor, EventName.BUNDLE_QUEUED, bundle_id, self.clock.now(), case_id=bundle.case_id)
            return self._view(tx, bundle_id)

    def get(self, actor: Actor, bundle_id: str) -> BundleView:
        """The bundle with the state of each document."""
        with self.database.reading() as tx:
            return self._view(tx, bundle_id)

    def bundles(
        self,
        actor: Actor,
        limit: int,
        cursor: str | None = None,
        *,
        case_id: str | None = None,
        state: BundleState | None = None,
    ) -> ListPart[BundleEntry]:
        """Bundles, newest first; those of a case, those in a state. InvalidInput for a cursor that was not given out
        here."""
        after = position_of(cursor)
        with self.database.reading() as tx:
            found = tx.bundles.some(limit + 1, after, case_id=case_id, state=state)
            documents = tx.documents.counts(bundle.id for bundle in found[:limit])
        entries = tuple(BundleEntry.of(bundle, documents.get(bundle.id, {})) for bundle in found[:limit])
        return ListPart(entries, next_cursor(found, limit))

    def ended(self, actor: Actor, bundle_id: str) -> bool:
        """Whether nothing more happens to the bundle by itself; quicker than `get`. NotFound."""
        with self.database.reading() as tx:
            state = tx.bundles.state(bundle_id)
        if state is None:
            raise no_such("bundle", "Bündel")
        return state in _OUTCOMES

    def events(self, actor: Actor, bundle_id: str, after: int = 0) -> Sequence[EventRecord]:
        """What happened to the bundle after event number `after`, in order."""
        with self.database.reading() as tx:
            if tx.bundles.state(bundle_id) is None:
                raise no_such("bundle", "Bündel")
            return tx.events.after(SubjectKind.BUNDLE, bundle_id, after)

    def content(self, actor: Actor, document_id: str, file_format: str) -> StoredFile:
        """Where the stored bytes of a finished document are."""
        with self.database.reading() as tx:
            document = tx.documents.get(document_id)
        if document is None:
            raise no_such("document", "Dokument")
        if file_format == "pdf":
            key, digest = document.pdf_key, document.pdf_sha256
        else:
            key, digest = document.docx_key, document.docx_sha256
        if key is None or digest is None:
            raise not_ready()
        return StoredFile(key, digest, FORMATS[file_format], f"{document.kind}-{document.id}.{file_format}")

    def print_set(self, actor: Actor, bundle_id: str) -> StoredFile:
        """Where the print set of a finished bundle is."""
        with self.database.reading() as tx:
            bundle = tx.bundles.get(bundle_id)
        if bundle is None:
            raise no_such("bundle", "Bündel")
        if bundle.print_set_key is None or bundle.print_set_sha256 is None:
            raise not_ready()
        return StoredFile(bundle.print_set_key, bundle.print_set_sha256, FORMATS["pdf"], f"bundle-{bundle.id}.pdf")

    def preview(self, actor: Actor, template: str, case: Case, language: Language | None) -> Preview:
        """One document of a case that is not kept, verified like any other; its codes name no document."""
        version = self.templates.version(template)
        paper = self._set(NO_DOCUMENT, version, case, language, office_day(self.clock.now()), 1)
        return Preview(version.kind, self._checked(paper), paper.typeset.pdf, paper.typeset.pages)

    def warm_up(self) -> None:
        """Make one bundle that is not kept, so that the first real one finds every engine running.

        Never fails: a template that cannot be set is the trouble of its own documents, which will say so.
        """
        case = parse_case(example_case())
        day = case.agreement.date or office_day(self.clock.now())
        for kind in self.templates.kinds(day):
            try:
                self.preview(_RENDERING, self.templates.select(kind, day).name, case, USUAL)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other documents can be made
                log.warning("not_warm", kind=kind.value, error=type(error).__name__, place=place_of(error))

    # -- the steps of `request` ------------------------------------------------------------------------------------

    def _prepared_ahead(self, case_id: str, order: BundleOrder, now: datetime) -> _Prepared | None:
        """The order for the case as it is now, prepared while nobody waits for the database; None when that cannot be,
        which is for the transaction to tell: a key may stand for an order that was fine."""
        with self.database.reading() as tx:
            record = tx.cases.get(case_id)
        if record is not None:
            with suppress(InvalidInput):
                return self._prepared(record, order, now)
        return None

    def _prepared(self, record: CaseRecord, order: BundleOrder, now: datetime) -> _Prepared:
        case = parse_case(case_to_json(load(record.snapshot_version, record.data)), today=office_day(now))
        template_date = case.agreement.date or office_day(now)
        snapshot = case_to_json(case)
        text = json.dumps(snapshot, sort_keys=True, ensure_ascii=False)
        return _Prepared(
            case_revision=record.revision,
            snapshot=snapshot,
            snapshot_sha256=hashlib.sha256(text.encode()).hexdigest(),
            template_date=template_date,
            documents=self._choose_templates(order, case, template_date),
        )

    def _choose_templates(self, order: BundleOrder, case: Case, day: date) -> Sequence[tuple[Kind, int, str]]:
        """The documents of the order with the template of each, in stapling order."""
        faults = list(order_faults(order)) or list(absent(order, case))
        chosen = []
        for kind in () if faults else wanted_kinds(order, self.templates.kinds(day)):
            try:
                version = self.templates.select(kind, day, _second_language(order.languages))
                chosen.append((kind, KINDS[kind].number(case), version.name))
            except InvalidInput as error:
                faults.extend(fault for fault in error.faults if fault not in faults)
        if faults:
            raise InvalidInput(faults)
        return chosen

    # -- the steps of `render` -------------------------------------------------------------------------------------

    def _start(self, bundle_id: str) -> tuple[BundleRecord, Sequence[DocumentRecord], int | None] | None:
        """The bundle, its documents that are neither ready nor failed, and the number of the attempt at the first one,
        which has begun; None when there is nothing to do."""
        with self.database.transaction() as tx:
            bundle = tx.bundles.get(bundle_id)
            if bundle is None or bundle.finished_at is not None:
                return None
            if tx.bundles.start(bundle_id):
                _tell(tx, bundle, EventName.BUNDLE_RENDERING, self.clock.now())
            documents = tx.documents.of_bundle(bundle_id)
            waiting = [each for each in documents if each.state in (DocumentState.QUEUED, DocumentState.RENDERING)]
            return bundle, waiting, self._count(tx, bundle, waiting[0]) if waiting else None

    def _start_next(self, bundle: BundleRecord, document: DocumentRecord, made: _Made) -> int | None:
        """The number of the attempt that begins; None when somebody else is done with the document."""
        with self.database.transaction() as tx:
            self._note(tx, bundle, made)
            return self._count(tx, bundle, document)

    def _write_down(self, bundle: BundleRecord, made: _Made) -> Sequence[DocumentRecord]:
        with self.database.transaction() as tx:
            self._note(tx, bundle, made)
            return tx.documents.of_bundle(bundle.id)

    def _count(self, tx: Transaction, bundle: BundleRecord, document: DocumentRecord) -> int | None:
        attempt = tx.documents.start(document.id)
        if attempt is not None:
            _tell(tx, bundle, EventName.DOCUMENT_RENDERING, self.clock.now(), _of(document))
        return attempt

    def _note(self, tx: Transaction, bundle: BundleRecord, made: _Made) -> None:
        """Write down what is made and kept, with what is to be written anyway: each commit waits for the disk."""
        while made.unwritten:
            document, files = made.unwritten.popleft()
            now = self.clock.now()
            if tx.documents.complete(document.id, files, now):
                _tell(tx, bundle, EventName.DOCUMENT_READY, now, {**_of(document), "pages": files.pages})

    def _set_one(self, bundle: BundleRecord, case: Case, document: DocumentRecord, attempt: int) -> _Paper | None:
        """Set one document; None when it is set aside. Raises what is worth another attempt."""
        with self._setting_aside(bundle, document, attempt):
            if attempt > MAX_ATTEMPTS:
                raise gave_up()
            version, generated_on = self.templates.version(document.template), office_day(bundle.created_at)
            language = _second_language(bundle.languages)
            return self._set(document.id, version, case, language, generated_on, document.revision)
        return None

    def _check_one(
        self, bundle: BundleRecord, document: DocumentRecord, attempt: int, paper: _Paper, made: _Made
    ) -> None:
        """Check what was set and keep it, or set the document aside."""
        with self._setting_aside(bundle, document, attempt):
            files = self._kept(paper, self._checked(paper))
            made.pdfs[document.id] = paper.typeset.pdf
            made.unwritten.append((document, files))

    @contextmanager
    def _setting_aside(self, bundle: BundleRecord, document: DocumentRecord, attempt: int) -> Iterator[None]:
        """Set the document aside for what goes wrong, but for what is worth another attempt."""
        try:
            yield
        except DocserviceError as error:
            if error.retryable and attempt < MAX_ATTEMPTS:
                raise
            self._set_aside(bundle, document, error)
        except self.overrun:  # says nothing about the document: the job is tried again
            raise
        except Exception as error:  # noqa: BLE001 - one document must never stop its neighbours
            # Only the kind and the place of a stranger's error are logged: its text may hold a value of the case.
            log.error("document_crashed", document_id=document.id, error=type(error).__name__, place=place_of(error))
            self._set_aside(bundle, document, unexpected(error))

    def _kept(self, paper: _Paper, docx: bytes) -> RenderedFiles:
        docx_key, docx_sha256 = self._store(paper.document_id, "docx", docx)
        pdf_key, pdf_sha256 = self._store(paper.document_id, "pdf", paper.typeset.pdf)
        return RenderedFiles(
            pages=paper.typeset.pages,
            docx_key=docx_key,
            docx_sha256=docx_sha256,
            docx_size=len(docx),
            pdf_key=pdf_key,
            pdf_sha256=pdf_sha256,
            pdf_size=len(paper.typeset.pdf),
            zones=tuple(_zone_json(zone, paper.typeset.zones) for zone in paper.tree.zones),
            translation_checked=paper.tree.translation_note is None,
        )

    def _set(
        self,
        document_id: str,
        version: TemplateVersion,
        case: Case,
        language: Language | None,
        generated_on: date,
        revision: int,
    ) -> _Paper:
        texts = self.templates.texts(version, language)
        letterhead = self.templates.letterhead(self.authority)
        tree = build(version.kind, case, version, texts, letterhead, language, generated_on, revision)
        paper = typeset(tree, document_id, version.pdf, self.typesetter, self.code_drawer)
        return _Paper(document_id, version, language, tree, paper)

    def _checked(self, paper: _Paper) -> bytes:
        """The Word file of what was set; both are verified."""
        word = self.templates.word(paper.version, paper.language.layout if paper.language else GERMAN.code)
        docx = fill(paper.tree, paper.document_id, word, self.code_drawer)
        verify(paper.tree, paper.document_id, paper.typeset, docx, self.code_reader)
        return docx

    def _set_aside(self, bundle: BundleRecord, document: DocumentRecord, error: DocserviceError) -> None:
        log.warning("document_set_aside", document_id=document.id, code=error.code)
        with self.database.transaction() as tx:
            now = self.clock.now()
            tx.documents.fail(document.id, error.code, error.detail, error.detail_de, now)
            _tell(tx, bundle, EventName.DOCUMENT_FAILED, now, {**_of(document), "code": error.code})

    def _closing(
        self, bundle: BundleRecord, case: Case, documents: Sequence[DocumentRecord], pdfs: Mapping[str, bytes]
    ) -> Closing:
        """The end of the bundle, whose print set is kept already."""
        ready = [document for document in documents if document.state is DocumentState.READY]
        state = _outcome(len(ready), len(documents))
        key = digest = None
        if state is BundleState.READY:
            files = [pdfs.get(document.id) or self.blobs.get(str(document.pdf_key)) for document in ready]
            joined = print_set(files, covers=self._covers(bundle, case, ready), duplex=bool(bundle.options["duplex"]))
            key, digest = self._store(bundle.id, "print.pdf", joined)

        def close(tx: Transaction) -> None:
            now = self.clock.now()
            if tx.bundles.finish(bundle.id, state, now, print_set_key=key, print_set_sha256=digest):
                _tell(tx, bundle, _OUTCOMES[state], now)

        return close

    def _covers(self, bundle: BundleRecord, case: Case, documents: Sequence[DocumentRecord]) -> list[bytes | None]:
        copies = [str(copy) for copy in _list(bundle.options["copies"])]
        if not bundle.options["cover"]:
            return [None for _ in copies]
        letterhead = self.templates.letterhead(self.authority)
        parts = [(document.kind, document.pages or 0) for document in documents]
        day, layout = bundle.template_date, self.templates.cover
        return [cover_page(letterhead, case.reference, copy, parts, day, layout, self.typesetter) for copy in copies]

    def _store(self, owner_id: str, ending: str, data: bytes) -> tuple[str, str]:
        digest = hashlib.sha256(data).hexdigest()
        key = f"bundles/{owner_id}/{digest}.{ending}"
        self.blobs.put(key, data)
        return key, digest

    def _view(self, tx: Transaction, bundle_id: str) -> BundleView:
        bundle = tx.bundles.get(bundle_id)
        if bundle is None:
            raise no_such("bundle", "Bündel")
        return BundleView.of(bundle, tx.documents.of_bundle(bundle_id))


def _nothing(_: Transaction) -> None:
    """Nothing is left to write."""


@contextmanager
def _postponing(errors: list[DocserviceError]) -> Iterator[None]:
    """Keep an error until the other documents are done."""
    try:
        yield
    except DocserviceError as error:
        errors.append(error)


def _second_language(codes: Sequence[str]) -> Language | None:
    return LANGUAGES[codes[1]] if len(codes) > 1 else None


def _outcome(ready: int, total: int) -> BundleState:
    if ready == total:
        return BundleState.READY
    return BundleState.PARTLY_FAILED if ready else BundleState.FAILED


def _zone_json(zone: SignatureZone, placed: Sequence[PlacedZone]) -> JsonObject:
    place = next(place for place in placed if place.zone_id == zone.zone_id)
    return {
        "zone_id": zone.zone_id,
        "role": zone.role.value,
        "signer": zone.signer,
        "required": zone.required,
        "page": place.page,
        "rect": list(place.rect),
    }


def _tell(tx: Transaction, bundle: BundleRecord, name: EventName, at: datetime, data: JsonObject | None = None) -> None:
    """A step of rendering, which nobody but docservice itself takes."""
    tx.events.add(_RENDERING, name, bundle.id, at, data, case_id=bundle.case_id)


def _of(document: DocumentRecord) -> dict[str, object]:
    return {"document_id": document.id, "kind": document.kind.value}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
