"""The durable jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    union_all,
    update,
)

from docservice.db.base import Repository, many, one
from docservice.db.columns.types import EnumText, Id, UtcDateTime, metadata
from docservice.domain.states import JobState


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that outlives processes and the broker. `attempts` counts claims, so also those that died."""

    id: str
    queue: str
    task: str
    subject_id: str
    state: JobState
    attempts: int
    max_attempts: int
    run_after: datetime
    created_at: datetime
    sent_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    finished_at: datetime | None = None
    error_code: str | None = None
    error_detail: str | None = None

    @property
    def exhausted(self) -> bool:
        """All attempts were used before this claim: only giving up is left to do."""
        return self.attempts > self.max_attempts


job_table = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("queue", String(40), nullable=False),
    Column("task", Text, nullable=False),
    Column("subject_id", Id, nullable=False, index=True),
    Column("state", EnumText(JobState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("run_after", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("lease_owner", Text),
    Column("lease_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("error_code", Text),
    Column("error_detail", Text),
    Index(None, "state", "sent_at", "run_after"),
    Index(None, "state", "lease_until"),
)


_DUE = and_(
    job_table.c.state == JobState.QUEUED, job_table.c.sent_at.is_(None), job_table.c.run_after <= bindparam("now")
)
_SENT = and_(job_table.c.state == JobState.QUEUED, job_table.c.sent_at.is_not(None))
_ANY_DUE = select(job_table.c.id).where(_DUE).limit(1)
_ANY_AFOOT = union_all(
    *(
        select(select(job_table.c.id).where(each).limit(1).subquery().c.id)
        for each in (_DUE, _SENT, job_table.c.state == JobState.RUNNING)
    )
).limit(1)


class Jobs(Repository):
    """The job table. A row that is claimed belongs to its owner until the lease ends."""

    due_written = False
    """Whether a job was written through this that is due at once."""

    def add(self, record: Job) -> None:
        self._insert(job_table, record)
        self.due_written |= record.run_after <= record.created_at

    def get(self, job_id: str) -> Job | None:
        return self._with_id(Job, job_table, job_id)

    def add_new(self, record: Job) -> bool:
        """False when the job is there already; waits for a transaction that is just adding it."""
        new = self._insert_new(job_table, record)
        self.due_written |= new and record.run_after <= record.created_at
        return new

    def unfinished(self, subject_ids: Sequence[str]) -> tuple[Job, ...]:
        """The jobs of these subjects that wait or run, oldest first."""
        table, found = job_table, list[Job]()
        live = table.c.state.in_((JobState.QUEUED, JobState.RUNNING))
        for start in range(0, len(subject_ids), 500):  # databases limit the parameters of a statement
            some = table.c.subject_id.in_(subject_ids[start : start + 500])
            found += many(Job, self._connection.execute(select(table).where(some, live)))
        return tuple(sorted(found, key=lambda job: (job.created_at, job.id)))

    def claim(self, job_id: str, owner: str, now: datetime, lease_until: datetime) -> Job | None:
        """Take a waiting job and count the attempt; None when it is taken, finished, not due or unknown."""
        table = job_table
        change = (
            update(table)
            .where(table.c.id == job_id, table.c.state == JobState.QUEUED, table.c.run_after <= now)
            .values(state=JobState.RUNNING, attempts=table.c.attempts + 1, lease_owner=owner, lease_until=lease_until)
            .returning(*table.c)
        )
        return one(Job, self._connection.execute(change).first())

    def renew(self, job: Job, lease_until: datetime) -> bool:
        """Lengthen the lease; False when the job is no longer this owner's."""
        return self._of_owner(job, lease_until=lease_until)

    def complete(self, job: Job, at: datetime) -> bool:
        """Done; False when the job is no longer this owner's."""
        return self._of_owner(job, state=JobState.DONE, finished_at=at, lease_owner=None, lease_until=None)

    def retry(self, job: Job, code: str, detail: str, run_after: datetime, *, attempts: int | None = None) -> bool:
        """Back into the queue, due at `run_after`, with so many attempts counted when it is told; False when the job is
        no longer this owner's."""
        return self._of_owner(
            job,
            attempts=job.attempts if attempts is None else attempts,
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

    def erase_finished(self, finished_before: datetime, limit: int) -> int:
        """Erase at most so many of the jobs that are done or dead for longer; how many."""
        table = job_table
        over = table.c.state.in_((JobState.DONE, JobState.DEAD)) & (table.c.finished_at < finished_before)
        return self._erase_some(table, over, limit)

    def any_due(self, now: datetime) -> bool:
        """Whether a job waits to be sent for the first time: a read, so that nobody who writes is held up."""
        return self._connection.execute(_ANY_DUE, {"now": now}).first() is not None

    def any_afoot(self, now: datetime) -> bool:
        """Whether a job is due, sent or running: in one statement, for who asks once a second all night."""
        return self._connection.execute(_ANY_AFOOT, {"now": now}).first() is not None

    def mark_sent(self, now: datetime, limit: int, *, urgent: str) -> tuple[Job, ...]:
        """Take up to `limit` due jobs as sent: the queue `urgent` first, then by age. No two callers get the same."""
        table = job_table
        chosen = (
            select(table.c.id)
            .where(table.c.state == JobState.QUEUED, table.c.sent_at.is_(None), table.c.run_after <= now)
            .order_by(case((table.c.queue == urgent, 0), else_=1), table.c.created_at, table.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        change = update(table).where(table.c.id.in_(chosen)).values(sent_at=now).returning(*table.c)
        taken = many(Job, self._connection.execute(change))
        return tuple(sorted(taken, key=lambda job: (job.queue != urgent, job.created_at, job.id)))

    def forget_sent(self, queue: str, sent_before: datetime) -> int:
        """Jobs of the queue that were sent before and are still unclaimed are due again; how many."""
        table = job_table
        change = (
            update(table)
            .where(table.c.queue == queue, table.c.state == JobState.QUEUED, table.c.sent_at < sent_before)
            .values(sent_at=None)
        )
        return self._connection.execute(change).rowcount

    def unsend(self, job_ids: Iterable[str]) -> int:
        """Jobs whose message could not be handed to the broker are due again; how many."""
        table = job_table
        change = (
            update(table).where(table.c.id.in_(tuple(job_ids)), table.c.state == JobState.QUEUED).values(sent_at=None)
        )
        return self._connection.execute(change).rowcount

    def unclaimed(self, sent_before: datetime) -> Mapping[str, int]:
        """How many jobs of each queue were sent before and are still unclaimed."""
        table = job_table
        query = (
            select(table.c.queue, func.count())
            .where(table.c.state == JobState.QUEUED, table.c.sent_at < sent_before)
            .group_by(table.c.queue)
        )
        return {queue: int(count) for queue, count in self._connection.execute(query)}

    def any_expired(self, now: datetime) -> bool:
        table = job_table
        expired = and_(table.c.state == JobState.RUNNING, table.c.lease_until < now)
        return self._connection.execute(select(table.c.id).where(expired).limit(1)).first() is not None

    def owners(self) -> tuple[str, ...]:
        """Who has a job at hand."""
        table = job_table
        query = select(table.c.lease_owner).where(table.c.state == JobState.RUNNING).distinct()
        return tuple(self._connection.execute(query).scalars())

    def give_back(self, owner: str, now: datetime) -> int:
        """Jobs that the owner has at hand wait again at once, as if they had not been claimed; how many."""
        table = job_table
        change = (
            update(table)
            .where(table.c.state == JobState.RUNNING, table.c.lease_owner == owner)
            .values(
                state=JobState.QUEUED,
                attempts=table.c.attempts - 1,
                run_after=now,
                sent_at=None,
                lease_owner=None,
                lease_until=None,
            )
        )
        return self._connection.execute(change).rowcount

    def oldest_due(self, now: datetime) -> datetime | None:
        """Since when the job waits that is due for the longest time."""
        table = job_table
        waiting = and_(table.c.state == JobState.QUEUED, table.c.run_after <= now)
        query = select(table.c.run_after).where(waiting).order_by(table.c.run_after).limit(1)
        return self._connection.execute(query).scalar_one_or_none()

    def sweep(self, now: datetime, ended: Sequence[str] = ()) -> tuple[Job, ...]:
        """Jobs whose lease is over, or whose owner is among `ended`, wait again at once, their attempts kept."""
        table = job_table
        lost = or_(table.c.lease_until < now, table.c.lease_owner.in_(ended))
        change = (
            update(table)
            .where(table.c.state == JobState.RUNNING, lost)
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
        return many(Job, self._connection.execute(change))

    def count_by_state(self) -> Mapping[tuple[str, JobState], int]:
        """How many jobs there are of each queue and state."""
        table = job_table
        query = select(table.c.queue, table.c.state, func.count()).group_by(table.c.queue, table.c.state)
        return {(queue, state): int(count) for queue, state, count in self._connection.execute(query)}

    def _of_owner(self, job: Job, **values: object) -> bool:
        table = job_table
        mine = and_(
            table.c.id == job.id,
            table.c.state == JobState.RUNNING,
            table.c.lease_owner == job.lease_owner,
            table.c.attempts == job.attempts,
        )
        return self._connection.execute(update(table).where(mine).values(values)).rowcount == 1
