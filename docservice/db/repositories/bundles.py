"""Bundles, their documents, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, insert, select, update

from docservice.db import tables
from docservice.db.records import (
    BundleRecord,
    BundleState,
    DocumentRecord,
    DocumentState,
    EventRecord,
    JsonObject,
    RenderedFiles,
)
from docservice.db.repositories.base import Repository, columns_of, many, one
from docservice.domain.documents import Kind


class Bundles(Repository):
    """Requests for documents: queued -> rendering -> ready | failed | partly_failed. What failed may wait again."""

    _UNFINISHED = (BundleState.QUEUED, BundleState.RENDERING)

    def add(self, record: BundleRecord) -> None:
        self._insert(tables.bundle, record)

    def get(self, bundle_id: str) -> BundleRecord | None:
        query = select(tables.bundle).where(tables.bundle.c.id == bundle_id)
        return one(BundleRecord, self._connection.execute(query).first())

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
        table = tables.bundle
        query = select(table).where(table.c.state.in_(self._UNFINISHED)).order_by(table.c.created_at).limit(limit)
        return many(BundleRecord, self._connection.execute(query))

    def _move(self, bundle_id: str, from_states: Iterable[BundleState], **values: object) -> bool:
        table = tables.bundle
        change = update(table).where(table.c.id == bundle_id, table.c.state.in_(tuple(from_states))).values(values)
        return self._connection.execute(change).rowcount == 1


class Documents(Repository):
    """The documents of the bundles. A ready document never changes again."""

    def add_all(self, records: Iterable[DocumentRecord]) -> None:
        self._insert_all(tables.document, records)

    def get(self, document_id: str) -> DocumentRecord | None:
        query = select(tables.document).where(tables.document.c.id == document_id)
        return one(DocumentRecord, self._connection.execute(query).first())

    def lock(self, document_id: str) -> DocumentRecord | None:
        """The document; until this transaction ends nobody else can lock it, so its scans are judged by one."""
        query = select(tables.document).where(tables.document.c.id == document_id)
        return one(DocumentRecord, self._connection.execute(query.with_for_update(key_share=True)).first())

    def known(self, document_ids: Iterable[str]) -> tuple[DocumentRecord, ...]:
        """Those of the documents that exist."""
        table = tables.document
        return many(DocumentRecord, self._rows_in(select(table), table.c.id, document_ids))

    def cases_of(self, document_ids: Iterable[str]) -> Mapping[str, str]:
        """The ids of their cases, by the ids of the documents that exist."""
        documents, bundles = tables.document, tables.bundle
        query = select(documents.c.id, bundles.c.case_id).join(bundles, bundles.c.id == documents.c.bundle_id)
        return {row.id: row.case_id for row in self._rows_in(query, documents.c.id, document_ids)}

    def superseded(self, document_id: str) -> bool:
        """Whether the case has a later revision (Fassung) of this kind that is ready."""
        table, own = tables.document, tables.document.alias("own")
        bundles, own_bundle = tables.bundle, tables.bundle.alias("own_bundle")
        query = (
            select(table.c.id)
            .join(bundles, bundles.c.id == table.c.bundle_id)
            .join(own, own.c.id == document_id)
            .join(own_bundle, own_bundle.c.id == own.c.bundle_id)
            .where(
                bundles.c.case_id == own_bundle.c.case_id,
                table.c.kind == own.c.kind,
                table.c.revision > own.c.revision,
                table.c.state == DocumentState.READY,
            )
            .limit(1)
        )
        return self._connection.execute(query).first() is not None

    def of_bundle(self, bundle_id: str) -> tuple[DocumentRecord, ...]:
        """In stapling order."""
        table = tables.document
        query = select(table).where(table.c.bundle_id == bundle_id).order_by(table.c.position)
        return many(DocumentRecord, self._connection.execute(query))

    def latest_revision(self, case_id: str, kind: Kind) -> int:
        """The highest revision (Fassung) of this kind in the case; 0 when there is none."""
        table = tables.document
        query = (
            select(func.coalesce(func.max(table.c.revision), 0))
            .join(tables.bundle, tables.bundle.c.id == table.c.bundle_id)
            .where(tables.bundle.c.case_id == case_id, table.c.kind == kind)
        )
        return int(self._connection.execute(query).scalar_one())

    def start(self, document_id: str) -> int | None:
        """Rendering begins; the number of this attempt (from 1), or None when it is ready, failed or unknown."""
        table = tables.document
        change = (
            update(table)
            .where(table.c.id == document_id, table.c.state.in_((DocumentState.QUEUED, DocumentState.RENDERING)))
            .values(state=DocumentState.RENDERING, attempts=table.c.attempts + 1)
            .returning(table.c.attempts)
        )
        return self._connection.execute(change).scalar_one_or_none()

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
        table = tables.document
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
        table = tables.document
        change = update(table).where(table.c.id == document_id, table.c.state.in_(tuple(from_states))).values(values)
        return self._connection.execute(change).rowcount == 1


class Events(Repository):
    """The steps of the bundles, in the order in which they were written."""

    def add(self, bundle_id: str, name: str, data: JsonObject, at: datetime) -> int:
        """The number of the event."""
        table = tables.bundle_event
        new = insert(table).values(bundle_id=bundle_id, name=name, data=data, at=at).returning(table.c.seq)
        return int(self._connection.execute(new).scalar_one())

    def after(self, bundle_id: str, seq: int = 0, limit: int = 1000) -> tuple[EventRecord, ...]:
        """Events of the bundle with a higher number, oldest first."""
        table = tables.bundle_event
        query = select(table).where(table.c.bundle_id == bundle_id, table.c.seq > seq).order_by(table.c.seq)
        return many(EventRecord, self._connection.execute(query.limit(limit)))
