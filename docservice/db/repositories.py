"""What can be asked of and done to the tables, one class per table. All work inside the caller's transaction.

Every change of a state is a compare-and-set: the answer says whether this caller made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, and_, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from docservice.db import tables
from docservice.db.records import (
    BundleRecord,
    BundleState,
    CaseRecord,
    DocumentRecord,
    DocumentState,
    EventRecord,
    IdempotencyRecord,
    Job,
    JobState,
    JsonObject,
    RenderedFiles,
    TokenRecord,
)
from docservice.domain.documents import Kind

R = TypeVar("R")


class _Repository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Table, record: object) -> None:
        self._connection.execute(insert(table), [_values(record)])


class Cases(_Repository):
    """Case records."""

    def add(self, record: CaseRecord) -> None:
        self._insert(tables.case_record, record)

    def get(self, case_id: str) -> CaseRecord | None:
        query = select(tables.case_record).where(tables.case_record.c.id == case_id)
        return _one(CaseRecord, self._connection.execute(query).first())

    def lock(self, case_id: str) -> CaseRecord | None:
        """The case, which nobody else can change or lock until this transaction ends."""
        query = select(tables.case_record).where(tables.case_record.c.id == case_id).with_for_update()
        return _one(CaseRecord, self._connection.execute(query).first())

    def replace(self, record: CaseRecord, *, expected_revision: int) -> bool:
        """Put `record` in the place of that revision; False when the case has moved on (or is unknown)."""
        table = tables.case_record
        change = (
            update(table)
            .where(table.c.id == record.id, table.c.revision == expected_revision)
            .values(
                revision=record.revision,
                case_number=record.case_number,
                data=record.data,
                updated_at=record.updated_at,
            )
        )
        return self._connection.execute(change).rowcount == 1


class Bundles(_Repository):
    """Requests for documents: queued -> rendering -> ready | failed | partly_failed. What failed may wait again."""

    _UNFINISHED = (BundleState.QUEUED, BundleState.RENDERING)

    def add(self, record: BundleRecord) -> None:
        self._insert(tables.bundle, record)

    def get(self, bundle_id: str) -> BundleRecord | None:
        query = select(tables.bundle).where(tables.bundle.c.id == bundle_id)
        return _one(BundleRecord, self._connection.execute(query).first())

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
        return _all(BundleRecord, self._connection.execute(query))

    def _move(self, bundle_id: str, from_states: Iterable[BundleState], **values: object) -> bool:
        table = tables.bundle
        change = update(table).where(table.c.id == bundle_id, table.c.state.in_(tuple(from_states))).values(values)
        return self._connection.execute(change).rowcount == 1


class Documents(_Repository):
    """The documents of the bundles. A ready document never changes again."""

    def add_all(self, records: Iterable[DocumentRecord]) -> None:
        rows = [_values(record) for record in records]
        if rows:
            self._connection.execute(insert(tables.document), rows)

    def get(self, document_id: str) -> DocumentRecord | None:
        query = select(tables.document).where(tables.document.c.id == document_id)
        return _one(DocumentRecord, self._connection.execute(query).first())

    def of_bundle(self, bundle_id: str) -> tuple[DocumentRecord, ...]:
        """In stapling order."""
        table = tables.document
        query = select(table).where(table.c.bundle_id == bundle_id).order_by(table.c.position)
        return _all(DocumentRecord, self._connection.execute(query))

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
        values = {**_values(files), "state": DocumentState.READY, "finished_at": at}
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


class Events(_Repository):
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
        return _all(EventRecord, self._connection.execute(query.limit(limit)))


class Jobs(_Repository):
    """The job table. A row that is claimed belongs to its owner until the lease ends."""

    def add(self, record: Job) -> None:
        self._insert(tables.job, record)

    def get(self, job_id: str) -> Job | None:
        query = select(tables.job).where(tables.job.c.id == job_id)
        return _one(Job, self._connection.execute(query).first())

    def claim(self, job_id: str, owner: str, now: datetime, lease_until: datetime) -> Job | None:
        """Take a waiting job and count the attempt; None when it is taken, finished, not due or unknown."""
        table = tables.job
        change = (
            update(table)
            .where(table.c.id == job_id, table.c.state == JobState.QUEUED, table.c.run_after <= now)
            .values(state=JobState.RUNNING, attempts=table.c.attempts + 1, lease_owner=owner, lease_until=lease_until)
            .returning(*table.c)
        )
        return _one(Job, self._connection.execute(change).first())

    def renew(self, job: Job, lease_until: datetime) -> bool:
        """Lengthen the lease; False when the job is no longer this owner's."""
        return self._of_owner(job, lease_until=lease_until)

    def complete(self, job: Job, at: datetime) -> bool:
        """Done; False when the job is no longer this owner's."""
        return self._of_owner(job, state=JobState.DONE, finished_at=at, lease_owner=None, lease_until=None)

    def retry(self, job: Job, code: str, detail: str, run_after: datetime) -> bool:
        """Back into the queue, due at `run_after`; False when the job is no longer this owner's."""
        return self._of_owner(
            job,
            state=JobState.QUEUED,
            run_after=run_after,
            sent_at=None,
            lease_owner=None,
            lease_until=None,
            error_code=code,
            error_detail=detail,
        )

    def bury(self, job: Job, code: str, detail: str, at: datetime) -> bool:
        """Dead; False when the job is no longer this owner's."""
        return self._of_owner(
            job,
            state=JobState.DEAD,
            finished_at=at,
            lease_owner=None,
            lease_until=None,
            error_code=code,
            error_detail=detail,
        )

    def any_due(self, now: datetime) -> bool:
        """Whether a job waits to be sent for the first time: a read, cheap enough to ask many times a second."""
        table = tables.job
        unsent = and_(table.c.state == JobState.QUEUED, table.c.sent_at.is_(None), table.c.run_after <= now)
        return self._connection.execute(select(table.c.id).where(unsent).limit(1)).first() is not None

    def mark_sent(self, now: datetime, limit: int, *, urgent: str) -> tuple[Job, ...]:
        """Take up to `limit` due jobs as sent: the queue `urgent` first, then by age. No two callers get the same."""
        table = tables.job
        chosen = (
            select(table.c.id)
            .where(table.c.state == JobState.QUEUED, table.c.sent_at.is_(None), table.c.run_after <= now)
            .order_by(case((table.c.queue == urgent, 0), else_=1), table.c.created_at, table.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        change = update(table).where(table.c.id.in_(chosen)).values(sent_at=now).returning(*table.c)
        taken = _all(Job, self._connection.execute(change))
        return tuple(sorted(taken, key=lambda job: (job.queue != urgent, job.created_at, job.id)))

    def forget_sent(self, queue: str, sent_before: datetime) -> int:
        """Jobs of the queue that were sent before and are still unclaimed are due again; how many."""
        table = tables.job
        change = (
            update(table)
            .where(table.c.queue == queue, table.c.state == JobState.QUEUED, table.c.sent_at < sent_before)
            .values(sent_at=None)
        )
        return self._connection.execute(change).rowcount

    def unsend(self, job_ids: Iterable[str]) -> int:
        """Jobs whose message could not be handed to the broker are due again; how many."""
        table = tables.job
        change = (
            update(table).where(table.c.id.in_(tuple(job_ids)), table.c.state == JobState.QUEUED).values(sent_at=None)
        )
        return self._connection.execute(change).rowcount

    def unclaimed(self, sent_before: datetime) -> Mapping[str, int]:
        """How many jobs of each queue were sent before and are still unclaimed."""
        table = tables.job
        query = (
            select(table.c.queue, func.count())
            .where(table.c.state == JobState.QUEUED, table.c.sent_at < sent_before)
            .group_by(table.c.queue)
        )
        return {queue: int(count) for queue, count in self._connection.execute(query)}

    def any_expired(self, now: datetime) -> bool:
        table = tables.job
        expired = and_(table.c.state == JobState.RUNNING, table.c.lease_until < now)
        return self._connection.execute(select(table.c.id).where(expired).limit(1)).first() is not None

    def sweep(self, now: datetime) -> tuple[Job, ...]:
        """Jobs whose lease has ended wait again at once, their attempts kept; the jobs."""
        table = tables.job
        change = (
            update(table)
            .where(table.c.state == JobState.RUNNING, table.c.lease_until < now)
            .values(
                state=JobState.QUEUED,
                run_after=now,
                sent_at=None,
                lease_owner=None,
                lease_until=None,
                error_code="lease_expired",
                error_detail="The worker process ended or stopped answering before the work was done.",
            )
            .returning(*table.c)
        )
        return _all(Job, self._connection.execute(change))

    def count_by_state(self) -> Mapping[tuple[str, JobState], int]:
        """How many jobs there are of each queue and state."""
        table = tables.job
        query = select(table.c.queue, table.c.state, func.count()).group_by(table.c.queue, table.c.state)
        return {(queue, state): int(count) for queue, state, count in self._connection.execute(query)}

    def _of_owner(self, job: Job, **values: object) -> bool:
        table = tables.job
        mine = and_(
            table.c.id == job.id,
            table.c.state == JobState.RUNNING,
            table.c.lease_owner == job.lease_owner,
            table.c.attempts == job.attempts,
        )
        return self._connection.execute(update(table).where(mine).values(values)).rowcount == 1


class Tokens(_Repository):
    """Bearer tokens."""

    def add(self, record: TokenRecord) -> None:
        self._insert(tables.access_token, record)

    def by_secret(self, secret_sha256: str) -> TokenRecord | None:
        """The token with this secret, revoked ones too."""
        table = tables.access_token
        query = select(table).where(table.c.secret_sha256 == secret_sha256)
        return _one(TokenRecord, self._connection.execute(query).first())

    def list_all(self) -> tuple[TokenRecord, ...]:
        """Oldest first."""
        table = tables.access_token
        return _all(TokenRecord, self._connection.execute(select(table).order_by(table.c.created_at, table.c.id)))

    def revoke(self, token_id: str, at: datetime) -> bool:
        """False when it was revoked before or is unknown."""
        table = tables.access_token
        change = update(table).where(table.c.id == token_id, table.c.revoked_at.is_(None)).values(revoked_at=at)
        return self._connection.execute(change).rowcount == 1


class Idempotency(_Repository):
    """Which requests were accepted under which key."""

    def get(self, scope: str, key: str) -> IdempotencyRecord | None:
        table = tables.idempotency
        query = select(table).where(table.c.scope == scope, table.c.key == key)
        return _one(IdempotencyRecord, self._connection.execute(query).first())

    def add(self, record: IdempotencyRecord) -> bool:
        """False when the key is taken; waits for a transaction that is just taking it, so `get` then finds it."""
        insert = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        table = tables.idempotency
        new = insert(table).values(_values(record)).on_conflict_do_nothing().returning(table.c.key)
        return self._connection.execute(new).first() is not None


def _values(record: object) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}  # type: ignore[arg-type]


def _one(record: type[R], row: Row[Any] | None) -> R | None:
    return None if row is None else record(**row._mapping)


def _all(record: type[R], rows: Iterable[Row[Any]]) -> tuple[R, ...]:
    return tuple(record(**row._mapping) for row in rows)
