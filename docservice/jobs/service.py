"""The durable jobs: what was accepted is done, once, whatever dies on the way.

A job is enqueued in the transaction of the data it belongs to; `due` hands it to the relay; a worker claims it
(transaction 1), computes with no transaction open, and completes it by compare-and-set (transaction 2). The broker
holds nothing but names and ids: its loss costs time only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from docservice.db.jobs import Job
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.states import JobState
from docservice.jobs.tasks import INTERACTIVE, QUEUES, Closing, TaskName
from docservice.tools.own_process import surely_ended

MAX_ATTEMPTS = 3


class JobService:
    """The job table as verbs. Every answer of False or None means: somebody else was first, leave it alone."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        ids: Callable[[], str],
        *,
        has_ended: Callable[[str], bool] = surely_ended,
    ) -> None:
        """`has_ended` says of an owner of leases whether it is known to be gone."""
        self._database = database
        self._clock = clock
        self._ids = ids
        self._has_ended = has_ended

    def enqueue(
        self,
        tx: Transaction,
        task: TaskName,
        subject_id: str,
        queue: str | None = None,
        *,
        delay: timedelta = timedelta(0),
        max_attempts: int = MAX_ATTEMPTS,
    ) -> str:
        """Write the job in the caller's transaction; its id. It is sent once that transaction has committed.

        It waits in the queue of its task unless another is given.
        """
        queue = queue or task.queue
        if queue not in QUEUES:
            raise ValueError(f"no such queue: {queue}")
        now = self._clock()
        job = Job(
            id=self._ids(),
            queue=queue,
            task=task.name,
            subject_id=subject_id,
            state=JobState.QUEUED,
            attempts=0,
            max_attempts=max_attempts,
            run_after=now + delay,
            created_at=now,
        )
        tx.jobs.add(job)
        return job.id

    def enqueue_once(
        self,
        tx: Transaction,
        job_id: str,
        task: TaskName,
        run_after: datetime,
        *,
        subject_id: str | None = None,
    ) -> bool:
        """Write a job under an id that names it for good; False when it is there already.

        It is its own subject unless another is given.
        """
        job = Job(
            id=job_id,
            queue=task.queue,
            task=task.name,
            subject_id=subject_id or job_id,
            state=JobState.QUEUED,
            attempts=0,
            max_attempts=MAX_ATTEMPTS,
            run_after=run_after,
            created_at=self._clock(),
        )
        return tx.jobs.add_new(job)

    def idle(self) -> bool:
        """Whether no job is due, sent or running: one statement."""
        with self._database.reading() as tx:
            return not tx.jobs.any_afoot(self._clock())

    def due(self, limit: int = 100) -> tuple[Job, ...]:
        """Take the jobs that are to be sent now, interactive ones first; each goes to one caller only.

        The caller hands them to the broker, or gives them back with `not_sent`.
        """
        with self._database.reading() as tx:
            if not tx.jobs.any_due(self._clock()):
                return ()
        with self._database.transaction() as tx:
            return tx.jobs.mark_sent(self._clock(), limit, urgent=INTERACTIVE)

    def not_sent(self, *job_ids: str) -> None:
        """The broker did not take these jobs: they are due again."""
        with self._database.transaction() as tx:
            tx.jobs.unsend(job_ids)

    def unclaimed(self, older_than: timedelta) -> Mapping[str, int]:
        """Per queue, how many jobs were sent longer ago and wait still: their messages may be lost."""
        with self._database.reading() as tx:
            return tx.jobs.unclaimed(self._clock() - older_than)

    def resend(self, queue: str, older_than: timedelta) -> int:
        """Make the unclaimed jobs of the queue that were sent longer ago due again; how many."""
        with self._database.transaction() as tx:
            return tx.jobs.forget_sent(queue, self._clock() - older_than)

    def claim(self, job_id: str, owner: str, lease_seconds: float) -> Job | None:
        """Take the job for so long. `owner` names the process for as long as it lives. Counts one attempt."""
        now = self._clock()
        with self._database.transaction() as tx:
            return tx.jobs.claim(job_id, owner, now, now + timedelta(seconds=lease_seconds))

    def renew(self, job: Job, lease_seconds: float) -> bool:
        """Keep a claimed job for so long from now."""
        with self._database.transaction() as tx:
            return tx.jobs.renew(job, self._clock() + timedelta(seconds=lease_seconds))

    def complete(self, job: Job, closing: Closing | None = None) -> bool:
        """The work is done; what is left of it to write is written in the same transaction."""
        with self._database.transaction() as tx:
            if not tx.jobs.complete(job, self._clock()):
                return False
            if closing is not None:
                closing(tx)
            return True

    def retry(self, job: Job, code: str, detail: str, *, after: timedelta) -> bool:
        """The attempt failed; another one may start after so long."""
        with self._database.transaction() as tx:
            return tx.jobs.retry(job, code, detail, self._clock() + after)

    def postpone(
        self, job: Job, code: str, detail: str, *, after: timedelta, tell: Callable[[Transaction, Job], None]
    ) -> bool:
        """The attempt says nothing about the work and does not count; another one may start after so long. `tell` is
        called with the job as it was."""
        with self._database.transaction() as tx:
            if not tx.jobs.retry(job, code, detail, self._clock() + after, attempts=job.attempts - 1):
                return False
            tell(tx, job)
            return True

    def bury(
        self, job: Job, code: str, detail: str, *, tell: Callable[[Transaction, Job, str, str], None] | None = None
    ) -> bool:
        """Give the job up and tell its subject, in one transaction: neither happens without the other."""
        with self._database.transaction() as tx:
            if not tx.jobs.bury(job, code, detail, self._clock()):
                return False
            if tell is not None:
                tell(tx, job, code, detail)
            return True

    def sweep(self) -> tuple[Job, ...]:
        """Jobs whose worker died or hangs wait again; the jobs. Their used-up attempts stay counted.

        Of a process of this machine its end is known at once; any other worker is given up when its lease is over.
        """
        with self._database.reading() as tx:
            ended = [owner for owner in tx.jobs.owners() if self._has_ended(owner)]
            if not ended and not tx.jobs.any_expired(self._clock()):
                return ()
        with self._database.transaction() as tx:
            return tx.jobs.sweep(self._clock(), ended)

    def give_back(self, owner: str) -> int:
        """The owner ends before its work is done: its jobs wait again, without an attempt lost; how many."""
        with self._database.transaction() as tx:
            return tx.jobs.give_back(owner, self._clock())

    def neglected_since(self) -> datetime | None:
        """Since when jobs are due while nobody works on any; None when there are none, or somebody works."""
        with self._database.reading() as tx:
            return None if tx.jobs.owners() else tx.jobs.oldest_due(self._clock())

    def count_by_state(self) -> Mapping[tuple[str, JobState], int]:
        """How many jobs there are of each queue and state."""
        with self._database.reading() as tx:
            return tx.jobs.count_by_state()
