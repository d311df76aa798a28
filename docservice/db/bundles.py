"""Bundles and their documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    exists,
    func,
    select,
    update,
)

from docservice.db.base import Repository, by_age, columns_of, many, one
from docservice.db.columns.types import EnumText, Id, JsonList, JsonObject, UtcDateTime, metadata
from docservice.domain.cursors import Position
from docservice.domain.kinds import Kind
from docservice.domain.states import BundleState, DocumentState


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """One request for documents. `snapshot` is the case as of the request: later changes do not reach it;
    `snapshot_version` is the version of its form."""

    id: str
    case_id: str
    case_revision: int
    state: BundleState
    languages: tuple[str, ...]
    template_date: date
    options: JsonObject
    snapshot_version: int
    snapshot: JsonObject
    snapshot_sha256: str
    job_id: str
    created_at: datetime
    print_set_key: str | None = None
    print_set_sha256: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BundleSummary:
    """A bundle in a list."""

    id: str
    case_id: str
    state: BundleState
    languages: tuple[str, ...]
    template_date: date
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One document of a bundle; the file columns are filled exactly when it is ready, the error columns when failed."""

    id: str
    bundle_id: str
    case_id: str
    position: int
    kind: Kind
    number: int  # of its kind in the case: the number of the annex, the version of the help plan
    revision: int  # Fassung, of this kind and number
    template: str
    state: DocumentState = DocumentState.QUEUED
    attempts: int = 0
    pages: int | None = None
    docx_key: str | None = None
    docx_sha256: str | None = None
    docx_size: int | None = None
    pdf_key: str | None = None
    pdf_sha256: str | None = None
    pdf_size: int | None = None
    zones: tuple[JsonObject, ...] = ()
    translation_checked: bool | None = None
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    finished_at: datetime | None = None
    own: JsonObject | None = None  # the papers in which its case file differs from the bundle's snapshot

    def snapshot(self, bundle: BundleRecord) -> JsonObject:
        """The case as this document of the bundle sees it."""
        return {**bundle.snapshot, **(self.own or {})}


@dataclass(frozen=True, slots=True)
class RenderedFiles:
    """What a document has once it is ready. Sizes are in bytes; `zones` are the signature zones as JSON objects."""

    pages: int
    docx_key: str
    docx_sha256: str
    docx_size: int
    pdf_key: str
    pdf_sha256: str
    pdf_size: int
    zones: tuple[JsonObject, ...]
    translation_checked: bool


bundle_table = Table(
    "bundle",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_record.id"), nullable=False),
    Column("case_revision", Integer, nullable=False),
    Column("state", EnumText(BundleState), nullable=False),
    Column("languages", JsonList, nullable=False),
    Column("template_date", Date, nullable=False),
    Column("options", JSON, nullable=False),
    Column("snapshot_version", Integer, nullable=False),
    Column("snapshot", JSON, nullable=False),
    Column("snapshot_sha256", String(64), nullable=False),
    Column("print_set_key", Text),
    Column("print_set_sha256", String(64)),
    Column("job_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index(None, "created_at", "id"),
    Index(None, "case_id", "created_at", "id"),
    Index(None, "state", "created_at", "id"),
)


document_table = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bundle_id", Id, ForeignKey("bundle.id"), nullable=False),
    Column("case_id", Id, ForeignKey("case_record.id")),  # always there; SQLite adds no column that has to be
    Column("position", Integer, nullable=False),
    Column("kind", EnumText(Kind), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("template", Text, nullable=False),
    Column("state", EnumText(DocumentState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("pages", Integer),
    Column("docx_key", Text),
    Column("docx_sha256", String(64)),
    Column("docx_size", Integer),
    Column("pdf_key", Text),
    Column("pdf_sha256", String(64)),
    Column("pdf_size", Integer),
    Column("zones", JsonList, nullable=False),
    Column("translation_checked", Boolean),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("finished_at", UtcDateTime),
    Column("number", Integer, nullable=False, server_default="1"),
    Column("own", JSON(none_as_null=True)),
    UniqueConstraint("bundle_id", "position"),
    Index(None, "case_id", "kind", "number", "revision"),
)


def same_document(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Rows of documents that are revisions (Fassungen) of the same one: of one case, one kind and one number."""
    return and_(*(one.c[name] == other.c[name] for name in ("case_id", "kind", "number")))


class Bundles(Repository):
    """Requests for documents: queued -> rendering -> ready | failed | partly_failed. What failed may wait again."""

    _UNFINISHED = (BundleState.QUEUED, BundleState.RENDERING)

    def add(self, record: BundleRecord) -> None:
        self._insert(bundle_table, record)

    def get(self, bundle_id: str) -> BundleRecord | None:
        return self._with_id(BundleRecord, bundle_table, bundle_id)

    def some(
        self,
        limit: int,
        after: Position | None = None,
        *,
        case_id: str | None = None,
        state: BundleState | None = None,
    ) -> tuple[BundleSummary, ...]:
        """Bundles that come after that moment and id, newest first; those of a case, those in a state."""
        table = bundle_table
        query = select(*(table.c[each.name] for each in fields(BundleSummary)))
        if case_id is not None:
            query = query.where(table.c.case_id == case_id)
        if state is not None:
            query = query.where(table.c.state == state)
        return many(BundleSummary, self._connection.execute(by_age(query, table, limit, after, newest_first=True)))

    def state(self, bundle_id: str) -> BundleState | None:
        """How far it is; None when it is unknown."""
        query = select(bundle_table.c.state).where(bundle_table.c.id == bundle_id)
        return self._connection.execute(query).scalar_one_or_none()

    def start(self, bundle_id: str) -> bool:
        """Rendering begins, or begins again after a process died; False when the bundle is finished or unknown."""
        return self._move(bundle_id, self._UNFINISHED, state=BundleState.RENDERING)

    def finish(
        self,
        bundle_id: str,
        state: BundleState,
        at: datetime,
        *,
        print_set_key: str | None = None,
        print_set_sha256: str | None = None,
    ) -> bool:
        """The one change to an end state; False when somebody else finished it before."""
        return self._move(
            bundle_id,
            self._UNFINISHED,
            state=state,
            finished_at=at,
            print_set_key=print_set_key,
            print_set_sha256=print_set_sha256,
        )

    def requeue(self, bundle_id: str, job_id: str) -> bool:
        """A bundle with failures waits again, now for `job_id`; False when there is nothing to retry."""
        retryable = (BundleState.FAILED, BundleState.PARTLY_FAILED)
        return self._move(bundle_id, retryable, state=BundleState.QUEUED, job_id=job_id, finished_at=None)

    def list_unfinished(self, limit: int = 1000) -> tuple[BundleRecord, ...]:
        """Bundles that are still to come, oldest first."""
        table = bundle_table
        query = select(table).where(table.c.state.in_(self._UNFINISHED)).order_by(table.c.created_at).limit(limit)
        return many(BundleRecord, self._connection.execute(query))

    def _move(self, bundle_id: str, from_states: Iterable[BundleState], **values: object) -> bool:
        return self._change_in_state(bundle_table, bundle_id, from_states, values)


class Documents(Repository):
    """The documents of the bundles. A ready document never changes again."""

    def add_all(self, records: Iterable[DocumentRecord]) -> None:
        self._insert_all(document_table, records)

    def get(self, document_id: str) -> DocumentRecord | None:
        return self._with_id(DocumentRecord, document_table, document_id)

    def lock(self, document_id: str) -> DocumentRecord | None:
        """The document; until this transaction ends nobody else can lock it, so its scans are judged by one."""
        query = select(document_table).where(document_table.c.id == document_id)
        return one(DocumentRecord, self._connection.execute(query.with_for_update(key_share=True)).first())

    def known(self, document_ids: Iterable[str]) -> tuple[DocumentRecord, ...]:
        """Those of the documents that exist."""
        table = document_table
        return many(DocumentRecord, self._rows_in(select(table), table.c.id, document_ids))

    def superseded(self, document_id: str) -> bool:
        """Whether the case has a later revision (Fassung) of this document that is ready."""
        table, own = document_table, document_table.alias("own")
        query = (
            select(table.c.id)
            .join(own, same_document(own, table))
            .where(own.c.id == document_id, table.c.revision > own.c.revision, table.c.state == DocumentState.READY)
            .limit(1)
        )
        return self._connection.execute(query).first() is not None

    def of_bundle(self, bundle_id: str) -> tuple[DocumentRecord, ...]:
        """In stapling order."""
        table = document_table
        query = select(table).where(table.c.bundle_id == bundle_id).order_by(table.c.position)
        return many(DocumentRecord, self._connection.execute(query))

    def newest_printed(self, case_id: str) -> tuple[DocumentRecord, ...]:
        """Of each document of the case the latest revision that is ready, in stapling order."""
        table, later = document_table, document_table.alias("later")
        query = select(table).where(
            table.c.case_id == case_id,
            table.c.state == DocumentState.READY,
            ~exists().where(
                same_document(later, table), later.c.revision > table.c.revision, later.c.state == DocumentState.READY
            ),
        )
        found = many(DocumentRecord, self._connection.execute(query))
        return tuple(sorted(found, key=lambda each: (list(Kind).index(each.kind), each.number)))

    def latest_revisions(self, case_id: str) -> Mapping[tuple[Kind, int], int]:
        """The highest revision (Fassung) of each document there is of the case, by kind and number."""
        table = document_table
        query = select(table.c.kind, table.c.number, func.max(table.c.revision)).where(table.c.case_id == case_id)
        query = query.group_by(table.c.kind, table.c.number)
        return {(kind, number): int(revision) for kind, number, revision in self._connection.execute(query)}

    def counts(self, bundle_ids: Iterable[str]) -> Mapping[str, Mapping[DocumentState, int]]:
        """How many documents of each of these bundles are in which state."""
        table, found = document_table, dict[str, dict[DocumentState, int]]()
        query = select(table.c.bundle_id, table.c.state, func.count().label("documents"))
        query = query.group_by(table.c.bundle_id, table.c.state)
        for row in self._rows_in(query, table.c.bundle_id, bundle_ids):
            found.setdefault(row.bundle_id, {})[row.state] = int(row.documents)
        return found

    def start(self, document_id: str) -> int | None:
        """Rendering begins; the number of this attempt (from 1), or None when it is ready, failed or unknown."""
        table = document_table
        change = (
            update(table)
            .where(table.c.id == document_id, table.c.state.in_((DocumentState.QUEUED, DocumentState.RENDERING)))
            .values(state=DocumentState.RENDERING, attempts=table.c.attempts + 1)
            .returning(table.c.attempts)
        )
        return self._connection.execute(change).scalar_one_or_none()

    def uncount(self, document_id: str) -> None:
        """The attempt that has begun at a document does not count."""
        table = document_table
        rendering = (table.c.id == document_id) & (table.c.state == DocumentState.RENDERING) & (table.c.attempts > 0)
        self._connection.execute(update(table).where(rendering).values(attempts=table.c.attempts - 1))

    def complete(self, document_id: str, files: RenderedFiles, at: datetime) -> bool:
        """From rendering to ready; False when it was not being rendered, so also when it was ready before."""
        values = {**columns_of(files), "state": DocumentState.READY, "finished_at": at}
        return self._finish(document_id, (DocumentState.RENDERING,), values)

    def fail(self, document_id: str, code: str, detail: str, detail_de: str, at: datetime) -> bool:
        """Quarantine: failed, with what the engine said. False when it was ready or failed before."""
        values = {
            "state": DocumentState.FAILED,
            "error_code": code,
            "error_detail": detail,
            "error_detail_de": detail_de,
            "finished_at": at,
        }
        return self._finish(document_id, (DocumentState.QUEUED, DocumentState.RENDERING), values)

    def requeue_failed(self, bundle_id: str) -> int:
        """Every failed document of the bundle waits again; how many."""
        table = document_table
        change = (
            update(table)
            .where(table.c.bundle_id == bundle_id, table.c.state == DocumentState.FAILED)
            .values(
                state=DocumentState.QUEUED,
                attempts=0,
                error_code=None,
                error_detail=None,
                error_detail_de=None,
                finished_at=None,
            )
        )
        return self._connection.execute(change).rowcount

    def _finish(self, document_id: str, from_states: Iterable[DocumentState], values: Mapping[str, object]) -> bool:
        return self._change_in_state(document_table, document_id, from_states, values)
