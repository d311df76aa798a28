"""Outgoing documents: what is ordered of a case, how far it is, and the files that came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from docservice.bundles.orders import BundleOrder, order_faults, order_of, second_language
from docservice.bundles.papers import Papers
from docservice.bundles.rendering import OUTCOMES, RENDER, RENDERING, Rendering
from docservice.bundles.views import FORMATS, BundleEntry, BundleView, Preview
from docservice.bundles.wanted import OrderedDocument, day_of, made_again, ordered_documents
from docservice.cases.intake import case_to_json, example_case, parse_case
from docservice.cases.record.keeping import Keeper
from docservice.cases.record.printing import note_order
from docservice.cases.snapshots import CURRENT, load
from docservice.db.bundles import BundleRecord, DocumentRecord
from docservice.db.cases import CaseRecord
from docservice.db.columns.types import JsonObject
from docservice.db.events import EventName, EventRecord, SubjectKind
from docservice.db.idempotency import Idempotency, subject_of_key
from docservice.db.record.entries import EntryRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor
from docservice.domain.cases import Case
from docservice.domain.cursors import ListPart, next_cursor, position_of
from docservice.domain.errors import Conflict, Fault, InvalidInput, no_such, place_of
from docservice.domain.kinds import KINDS, Kind
from docservice.domain.languages import USUAL, Language
from docservice.domain.page_codes import NO_DOCUMENT
from docservice.domain.record.reissue import Reason, with_supplement
from docservice.domain.record.subjects import PAPERS
from docservice.domain.sources import Clock, IdSource, office_day
from docservice.domain.states import BundleState, DocumentState
from docservice.jobs.service import JobService
from docservice.jobs.tasks import Task
from docservice.storage.files import StoredFile
from docservice.templates.service import TemplateLibrary

log = structlog.get_logger("docservice.bundles")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What an order comes to for a revision of its case."""

    case_revision: int
    file: Case
    snapshot: JsonObject
    snapshot_sha256: str
    template_date: date
    documents: Sequence[tuple[OrderedDocument, str]]  # each with its template, in stapling order


@dataclass(frozen=True, slots=True)
class BundleService:
    """Orders, and what became of them. Every state change is one short transaction; nothing is computed inside one."""

    database: Database
    templates: TemplateLibrary
    papers: Papers
    rendering: Rendering
    jobs: JobService
    clock: Clock
    ids: IdSource

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
            if (earlier := subject_of_key(tx, idempotency, bundle_id, now)) != bundle_id:
                return self._view(tx, earlier)
            case_record = tx.cases.lock(case_id)
            if case_record is None:
                raise no_such("case")
            if prepared is None or prepared.case_revision != case_record.revision:
                prepared = self._prepared(case_record, tx.entries.of_case(case_id, PAPERS), order, now)
            return self._write(tx, actor, case_id, prepared, order, bundle_id, now)

    def reissue(
        self, actor: Actor, document_id: str, reason: Reason, idempotency: Idempotency | None = None
    ) -> BundleView:
        """Issue a document again, in the languages it was made in, as a bundle of its own.

        For a typing error: the same document of the case as it stands now, in its next revision and with the clauses
        of the day it was made for; its pages are outdated from then on. For a changed name: a supplement to the
        agreement. NotFound; Conflict "not_ready", "superseded_already" when a later revision is there,
        "no_name_changed" when the case names nobody otherwise than the document; the key as for `request`.
        """
        now, bundle_id = self.clock.now(), self.ids.new()
        with self.database.transaction() as tx:
            if (earlier := subject_of_key(tx, idempotency, bundle_id, now)) != bundle_id:
                return self._view(tx, earlier)
            document = tx.documents.get(document_id)
            if document is None:
                raise no_such("document")
            record = tx.cases.lock(document.case_id)
            bundle = tx.bundles.get(document.bundle_id)
            assert record is not None
            assert bundle is not None
            if document.state is not DocumentState.READY:
                raise Conflict.told("bundles.not_ready")
            revisions = tx.documents.latest_revisions(document.case_id)
            if revisions[document.kind, document.number] > document.revision:
                raise Conflict.told("bundles.superseded_already")
            order = order_of(bundle.languages, bundle.options)
            if reason is Reason.NAME_CHANGE:
                prepared = self._with_names(record, document, bundle, order, revisions, now)
            else:
                prepared = self._mended(record, tx.entries.of_case(record.id, PAPERS), document, bundle, now)
            return self._write(tx, actor, document.case_id, prepared, order, bundle_id, now)

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs: for a bundle."""
        return (Task(RENDER, self.rendering.make, self.rendering.abandon, self.rendering.wait),)

    def render(self, bundle_id: str) -> None:
        """Make what is still missing of a bundle at once, to its end; see `Rendering.make`."""
        closing = self.rendering.make(bundle_id)
        with self.database.transaction() as tx:
            closing(tx)

    def retry(self, actor: Actor, bundle_id: str) -> BundleView:
        """Try the failed documents of a bundle again; finished ones stay as they are."""
        with self.database.transaction() as tx:
            bundle = tx.bundles.get(bundle_id)
            if bundle is None:
                raise no_such("bundle")
            if bundle.state not in (BundleState.FAILED, BundleState.PARTLY_FAILED):
                raise Conflict.told("bundles.not_failed")
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
            raise no_such("bundle")
        return state in OUTCOMES

    def events(self, actor: Actor, bundle_id: str, after: int = 0) -> Sequence[EventRecord]:
        """What happened to the bundle after event number `after`, in order."""
        with self.database.reading() as tx:
            if tx.bundles.state(bundle_id) is None:
                raise no_such("bundle")
            return tx.events.after(SubjectKind.BUNDLE, bundle_id, after)

    def content(self, actor: Actor, document_id: str, file_format: str) -> StoredFile:
        """Where the stored bytes of a finished document are."""
        with self.database.reading() as tx:
            document = tx.documents.get(document_id)
        if document is None:
            raise no_such("document")
        if file_format == "pdf":
            key, digest = document.pdf_key, document.pdf_sha256
        else:
            key, digest = document.docx_key, document.docx_sha256
        if key is None or digest is None:
            raise Conflict.told("bundles.not_ready")
        return StoredFile(key, digest, FORMATS[file_format], f"{document.kind}-{document.id}.{file_format}")

    def print_set(self, actor: Actor, bundle_id: str) -> StoredFile:
        """Where the print set of a finished bundle is."""
        with self.database.reading() as tx:
            bundle = tx.bundles.get(bundle_id)
        if bundle is None:
            raise no_such("bundle")
        if bundle.print_set_key is None or bundle.print_set_sha256 is None:
            raise Conflict.told("bundles.not_ready")
        return StoredFile(bundle.print_set_key, bundle.print_set_sha256, FORMATS["pdf"], f"bundle-{bundle.id}.pdf")

    def preview(self, actor: Actor, template: str, case: Case, language: Language | None) -> Preview:
        """One document of a case that is not kept, verified like any other; its codes name no document."""
        version = self.templates.version(template)
        paper = self.papers.set(NO_DOCUMENT, version, case, language, office_day(self.clock.now()), 1)
        return Preview(version.kind, self.papers.check(paper), paper.typeset.pdf, paper.typeset.pages)

    def warm_up(self) -> None:
        """Make one bundle that is not kept, so that the first real one finds every engine running.

        Never fails: a template that cannot be set is the trouble of its own documents, which will say so.
        """
        case = parse_case(example_case())
        day = case.agreement.date or office_day(self.clock.now())
        for kind in self.templates.kinds(day):
            try:
                self.preview(RENDERING, self.templates.select(kind, day).name, case, USUAL)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other documents can be made
                log.warning("not_warm", kind=kind.value, error=type(error).__name__, place=place_of(error))

    # -- the steps of `request` ------------------------------------------------------------------------------------

    def _write(
        self,
        tx: Transaction,
        actor: Actor,
        case_id: str,
        prepared: _Prepared,
        order: BundleOrder,
        bundle_id: str,
        now: datetime,
    ) -> BundleView:
        """Bundle, documents, job and what is told of it."""
        bundle = BundleRecord(
            id=bundle_id,
            case_id=case_id,
            case_revision=prepared.case_revision,
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
                kind=wanted.kind,
                number=wanted.number,
                revision=revisions.get((wanted.kind, wanted.number), 0) + 1,
                template=template,
                own=wanted.own(prepared.file, prepared.snapshot),
            )
            for position, (wanted, template) in enumerate(prepared.documents, start=1)
        ]
        tx.bundles.add(bundle)
        tx.documents.add_all(documents)
        keeper = Keeper(tx, self.ids.new, actor, case_id, now)
        note_order(keeper, [(wanted.kind, wanted.case) for wanted, _ in prepared.documents])
        tx.events.add(actor, EventName.BUNDLE_QUEUED, bundle_id, now, case_id=case_id)
        return BundleView.of(bundle, documents)

    def _with_names(
        self,
        record: CaseRecord,
        document: DocumentRecord,
        bundle: BundleRecord,
        order: BundleOrder,
        revisions: Mapping[tuple[Kind, int], int],
        now: datetime,
    ) -> _Prepared:
        """A supplement about the names that have changed since a document was printed."""
        today = office_day(now)
        file = self._file(record, now)
        kind = next(kind for kind in Kind if KINDS[kind].supplements)
        number = max((number for of, number in revisions if of is kind), default=0) + 1
        case = with_supplement(file, load(bundle.snapshot_version, document.snapshot(bundle)), number, today)
        if case is None:
            raise Conflict.told("bundles.no_name_changed")
        template = self.templates.select(kind, today, second_language(order.languages)).name
        return _prepared_of(record, file, today, [(OrderedDocument(kind, number, case), template)])

    def _mended(
        self,
        record: CaseRecord,
        papers: Sequence[EntryRecord],
        document: DocumentRecord,
        bundle: BundleRecord,
        now: datetime,
    ) -> _Prepared:
        """A document of the case as it stands now, in the wording it had."""
        file, printed = self._file(record, now), load(bundle.snapshot_version, document.snapshot(bundle))
        wanted = made_again(document.kind, document.number, printed, file, papers)
        return _prepared_of(record, file, bundle.template_date, [(wanted, document.template)])

    def _prepared_ahead(self, case_id: str, order: BundleOrder, now: datetime) -> _Prepared | None:
        """The order for the case as it is now, prepared while nobody waits for the database; None when that cannot be,
        which is for the transaction to tell: a key may stand for an order that was fine."""
        with self.database.reading() as tx:
            record, papers = tx.cases.get(case_id), tx.entries.of_case(case_id, PAPERS)
        if record is not None:
            with suppress(InvalidInput):
                return self._prepared(record, papers, order, now)
        return None

    def _prepared(
        self, record: CaseRecord, papers: Sequence[EntryRecord], order: BundleOrder, now: datetime
    ) -> _Prepared:
        """What the order comes to."""
        if faults := order_faults(order):
            raise InvalidInput(faults)
        today, file = office_day(now), self._file(record, now)
        wanted = ordered_documents(order, file, papers, lambda case: self.templates.kinds(day_of(case, today)))
        return _prepared_of(record, file, day_of(file, today), self._choose_templates(order, wanted, today))

    def _file(self, record: CaseRecord, now: datetime) -> Case:
        """The case file, which has to pass today's intake to be printed."""
        return parse_case(case_to_json(load(record.snapshot_version, record.data)), today=office_day(now))

    def _choose_templates(
        self, order: BundleOrder, wanted: Sequence[OrderedDocument], today: date
    ) -> Sequence[tuple[OrderedDocument, str]]:
        """The documents with the template of each."""
        faults: list[Fault] = []
        chosen = []
        language = second_language(order.languages)
        for each in wanted:
            try:
                chosen.append((each, self.templates.select(each.kind, day_of(each.case, today), language).name))
            except InvalidInput as error:
                faults.extend(fault for fault in error.faults if fault not in faults)
        if faults:
            raise InvalidInput(faults)
        return chosen

    def _view(self, tx: Transaction, bundle_id: str) -> BundleView:
        bundle = tx.bundles.get(bundle_id)
        if bundle is None:
            raise no_such("bundle")
        return BundleView.of(bundle, tx.documents.of_bundle(bundle_id))


def _prepared_of(
    record: CaseRecord, file: Case, template_date: date, documents: Sequence[tuple[OrderedDocument, str]]
) -> _Prepared:
    snapshot = case_to_json(file)
    text = json.dumps(snapshot, sort_keys=True, ensure_ascii=False)
    return _Prepared(
        case_revision=record.revision,
        file=file,
        snapshot=snapshot,
        snapshot_sha256=hashlib.sha256(text.encode()).hexdigest(),
        template_date=template_date,
        documents=documents,
    )
