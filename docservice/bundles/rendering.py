"""Makes what was ordered: sets, checks and keeps the documents of a bundle, and joins them for the printer."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog

from docservice.bundles.orders import second_language
from docservice.bundles.papers import Paper, Papers
from docservice.bundles.print_set import print_set
from docservice.cases.record.keeping import Keeper
from docservice.cases.record.printing import note_printed
from docservice.cases.snapshots import load
from docservice.db.bundles import BundleRecord, DocumentRecord, RenderedFiles
from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import at_task
from docservice.domain.cases import Case
from docservice.domain.documents import PlacedZone, SignatureZone
from docservice.domain.errors import DocserviceError, Outage, place_of
from docservice.domain.sources import Clock, IdSource, office_day
from docservice.domain.states import BundleState, DocumentState
from docservice.jobs.tasks import INTERACTIVE, Closing, TaskName
from docservice.storage.service import BlobStore

RENDER = TaskName("bundles.render", INTERACTIVE)
RENDERING = at_task(RENDER.name)
"""Who acts in it."""
MAX_ATTEMPTS = 3  # per document, counted before the work starts, so that a killed worker counts too

OUTCOMES: Mapping[BundleState, EventName] = {
    BundleState.READY: EventName.BUNDLE_READY,
    BundleState.FAILED: EventName.BUNDLE_FAILED,
    BundleState.PARTLY_FAILED: EventName.BUNDLE_PARTLY_FAILED,
}
"""How a bundle may end, and what is told of it."""

log = structlog.get_logger("docservice.bundles")


@dataclass(slots=True)
class _Made:
    """What was made of a bundle and its case: the PDFs by their documents' ids, and the documents that are not yet
    written down."""

    case: Case
    pdfs: dict[str, bytes] = field(default_factory=dict)
    unwritten: deque[tuple[DocumentRecord, RenderedFiles]] = field(default_factory=deque)
    interrupted: deque[DocumentRecord] = field(default_factory=deque)  # by an outage: the attempt does not count


@dataclass(frozen=True, slots=True)
class Rendering:
    """The job of a bundle. Every state change is one short transaction; nothing is computed inside one."""

    database: Database
    blobs: BlobStore
    papers: Papers
    clock: Clock
    ids: IdSource
    overrun: type[Exception]  # what the surroundings raise into work that takes too long

    def make(self, bundle_id: str) -> Closing:
        """Make what is still missing of a bundle, but for its end: that is left to be written with the end of a job.

        Safe to repeat at any point. A document that fails is set aside with its reason and its neighbours are
        finished. Raises a retryable DocserviceError when a document may succeed on another attempt, and the Outage of
        what the work stands on, which counts as no attempt.
        """
        begun = self._start(bundle_id)
        if begun is None:
            return _nothing
        bundle, waiting, attempt = begun
        case = load(bundle.snapshot_version, bundle.snapshot)
        made = _Made(case)
        postponed: list[DocserviceError] = []
        with ThreadPoolExecutor(1, "checking") as pool:  # a document is checked while the next one is set
            checks: list[tuple[DocumentRecord, Future[None]]] = []
            for document in waiting:
                if document is not waiting[0]:
                    attempt = None
                    with _postponing(postponed):
                        attempt = self._start_next(bundle, document, made)
                with _postponing(postponed, (document, made)):
                    if attempt is not None and (paper := self._set_one(bundle, case, document, attempt)):
                        check = partial(self._check_one, bundle, document, attempt, paper, made)
                        checks.append((document, pool.submit(copy_context().run, check)))
            for document, finished in checks:
                with _postponing(postponed, (document, made)):
                    finished.result()
        documents = self._write_down(bundle, made)
        if postponed:
            raise next((error for error in postponed if isinstance(error, Outage)), postponed[-1])
        return self._closing(bundle, case, documents, made.pdfs)

    def abandon(self, tx: Transaction, bundle_id: str, code: str, detail: str) -> None:
        """The job was given up: say so on the bundle and on every document that is not ready."""
        now, bundle = self.clock.now(), tx.bundles.get(bundle_id)
        if bundle is None:
            return
        for document in tx.documents.of_bundle(bundle_id):
            if document.state in (DocumentState.QUEUED, DocumentState.RENDERING):
                tx.documents.fail(document.id, code, detail, DocserviceError.told("bundles.gave_up").detail_de, now)
        if tx.bundles.finish(bundle_id, BundleState.FAILED, now):
            _tell(tx, bundle, EventName.BUNDLE_FAILED, now, {"code": code})

    def wait(self, tx: Transaction, bundle_id: str, code: str) -> None:
        """Something that the work stands on is away: say so on the bundle."""
        bundle = tx.bundles.get(bundle_id)
        if bundle is not None:
            _tell(tx, bundle, EventName.BUNDLE_WAITING, self.clock.now(), {"code": code})

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
        with self._noting(bundle, made) as tx:
            return self._count(tx, bundle, document)

    def _write_down(self, bundle: BundleRecord, made: _Made) -> Sequence[DocumentRecord]:
        with self._noting(bundle, made) as tx:
            return tx.documents.of_bundle(bundle.id)

    @contextmanager
    def _noting(self, bundle: BundleRecord, made: _Made) -> Iterator[Transaction]:
        """A transaction that first writes down what is made; what could not be written is written by the next one."""
        noted = len(made.unwritten)
        with self.database.transaction() as tx:
            self._note(tx, bundle, tuple(made.unwritten)[:noted], made)
            yield tx
        for _ in range(noted):
            made.unwritten.popleft()
        made.interrupted.clear()

    def _count(self, tx: Transaction, bundle: BundleRecord, document: DocumentRecord) -> int | None:
        attempt = tx.documents.start(document.id)
        if attempt is not None:
            _tell(tx, bundle, EventName.DOCUMENT_RENDERING, self.clock.now(), _of(document))
        return attempt

    def _note(
        self,
        tx: Transaction,
        bundle: BundleRecord,
        unwritten: Iterable[tuple[DocumentRecord, RenderedFiles]],
        made: _Made,
    ) -> None:
        """Write down what is made and kept, with what is to be written anyway: each commit waits for the disk."""
        for document, files in unwritten:
            now = self.clock.now()
            if tx.documents.complete(document.id, files, now):
                _tell(tx, bundle, EventName.DOCUMENT_READY, now, {**_of(document), "pages": files.pages})
                tx.cases.lock(bundle.case_id)  # nobody changes the paper that is printed now
                keeper = Keeper(tx, self.ids.new, RENDERING, bundle.case_id, now)
                note_printed(keeper, document, _case_of(bundle, document, made.case))
        for document in made.interrupted:
            tx.documents.uncount(document.id)

    def _set_one(self, bundle: BundleRecord, case: Case, document: DocumentRecord, attempt: int) -> Paper | None:
        """Set one document; None when it is set aside. Raises what is worth another attempt."""
        with self._setting_aside(bundle, document, attempt):
            if attempt > MAX_ATTEMPTS:
                raise DocserviceError.told("bundles.gave_up")
            version, generated_on = self.papers.templates.version(document.template), office_day(bundle.created_at)
            language = second_language(bundle.languages)
            own = _case_of(bundle, document, case)
            return self.papers.set(document.id, version, own, language, generated_on, document.revision)
        return None

    def _check_one(
        self, bundle: BundleRecord, document: DocumentRecord, attempt: int, paper: Paper, made: _Made
    ) -> None:
        """Check what was set and keep it, or set the document aside."""
        with self._setting_aside(bundle, document, attempt):
            files = self._kept(paper, self.papers.check(paper))
            made.pdfs[document.id] = paper.typeset.pdf
            made.unwritten.append((document, files))

    @contextmanager
    def _setting_aside(self, bundle: BundleRecord, document: DocumentRecord, attempt: int) -> Iterator[None]:
        """Set the document aside for what goes wrong, but for what is worth another attempt."""
        try:
            yield
        except (Outage, self.overrun):  # says nothing about the document: the job is tried again
            raise
        except DocserviceError as error:
            if error.retryable and attempt < MAX_ATTEMPTS:
                raise
            self._set_aside(bundle, document, error)
        except Exception as error:  # noqa: BLE001 - one document must never stop its neighbours
            # Only the kind and the place of a stranger's error are logged: its text may hold a value of the case.
            log.error("document_crashed", document_id=document.id, error=type(error).__name__, place=place_of(error))
            self._set_aside(bundle, document, DocserviceError.told("bundles.internal_error", name=type(error).__name__))

    def _kept(self, paper: Paper, docx: bytes) -> RenderedFiles:
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
                _tell(tx, bundle, OUTCOMES[state], now)

        return close

    def _covers(self, bundle: BundleRecord, case: Case, documents: Sequence[DocumentRecord]) -> list[bytes | None]:
        copies = [str(copy) for copy in _list(bundle.options["copies"])]
        if not bundle.options["cover"]:
            return [None for _ in copies]
        parts = [(document.kind, document.pages or 0) for document in documents]
        return [self.papers.cover(case.reference, copy, parts, bundle.template_date) for copy in copies]

    def _store(self, owner_id: str, ending: str, data: bytes) -> tuple[str, str]:
        digest = hashlib.sha256(data).hexdigest()
        key = f"bundles/{owner_id}/{digest}.{ending}"
        self.blobs.put(key, data)
        return key, digest


def _case_of(bundle: BundleRecord, document: DocumentRecord, case: Case) -> Case:
    """The case file that a document is of: that of its bundle, unless it has papers of its own."""
    return case if document.own is None else load(bundle.snapshot_version, document.snapshot(bundle))


def _nothing(_: Transaction) -> None:
    """Nothing is left to write."""


@contextmanager
def _postponing(errors: list[DocserviceError], begun: tuple[DocumentRecord, _Made] | None = None) -> Iterator[None]:
    """Keep an error until the other documents are done; the attempt that has begun at a document does not count when it
    met an outage."""
    try:
        yield
    except DocserviceError as error:
        if begun is not None and isinstance(error, Outage):
            begun[1].interrupted.append(begun[0])
        errors.append(error)


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
    tx.events.add(RENDERING, name, bundle.id, at, data, case_id=bundle.case_id)


def _of(document: DocumentRecord) -> dict[str, object]:
    return {"document_id": document.id, "kind": document.kind.value}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
