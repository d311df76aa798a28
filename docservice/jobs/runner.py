"""Runs one job from claim to end: what a worker does with the id it is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum

import structlog

from docservice.db.jobs import Job
from docservice.db.unit_of_work import Transaction
from docservice.domain.errors import DocserviceError, Outage, place_of
from docservice.jobs.service import JobService
from docservice.jobs.tasks import Task, by_name

LEASE_SECONDS = 10.0
"""How long a dead worker's job waits for another one. A living worker renews its lease three times in this span."""
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
OUTAGE_PAUSE = timedelta(seconds=15)
"""When work that stands on what is away is tried again."""

_log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """What became of a message. `NOT_OURS`: the job is done, taken or not due, and the message was a spare one.
    `WAITING`: for the end of an outage."""

    DONE = "done"
    RETRY = "retry"
    WAITING = "waiting"
    DEAD = "dead"
    NOT_OURS = "not_ours"


class JobRunner:
    """Claims, performs and ends jobs in the name of one process."""

    def __init__(
        self,
        jobs: JobService,
        tasks: Iterable[Task],
        owner: str,
        *,
        lease_seconds: float = LEASE_SECONDS,
        first_pause: timedelta = FIRST_PAUSE,
        overrun: type[Exception] = TimeoutError,
    ) -> None:
        """`overrun` is what the surroundings raise into work that takes too long."""
        self._jobs = jobs
        self._tasks = by_name(tasks)
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._first_pause = first_pause
        self._overrun = overrun

    def run(self, job_id: str) -> Outcome:
        """Run the job if it is to be had. Raises only when the database fails; once the lease ends, others try."""
        job = self._jobs.claim(job_id, self._owner, self._lease_seconds)
        if job is None:
            return Outcome.NOT_OURS
        with _bound(job):
            task = self._tasks.get(job.task)
            if task is None:
                return self._give_up(job, None, "unknown_task", "This worker does not know the task of the job.")
            if job.exhausted:
                return self._give_up(job, task, *_last_error(job))
            return self._perform(job, task)

    def _perform(self, job: Job, task: Task) -> Outcome:
        try:
            with _renewing(self._jobs, job, self._lease_seconds):
                closing = task.perform(job.subject_id)
        except Outage as error:
            return self._wait(job, task, error)
        except DocserviceError as error:
            return self._failed(job, task, error.code, error.detail, may_help=error.retryable)
        except self._overrun:
            return self._failed(job, task, "time_limit", "The work took longer than a task may take.", may_help=True)
        except Exception as error:  # noqa: BLE001 - whatever a task does, the job must come to an end
            # Only the kind of a stranger's error is kept: its text may hold a value of the case.
            _log.error("job_crashed", error=type(error).__name__, place=place_of(error))
            return self._failed(job, task, "internal_error", f"Unexpected {type(error).__name__}.", may_help=True)
        return Outcome.DONE if self._jobs.complete(job, closing) else Outcome.NOT_OURS

    def _wait(self, job: Job, task: Task, outage: Outage) -> Outcome:
        """The attempt does not count. People are told when the waiting begins, not at every try."""

        def tell(tx: Transaction, waiting: Job) -> None:
            if waiting.error_code != outage.code:
                task.wait(tx, waiting.subject_id, outage.code)

        _log.warning("job_waits", code=outage.code)
        waits = self._jobs.postpone(job, outage.code, outage.detail, after=OUTAGE_PAUSE, tell=tell)
        return Outcome.WAITING if waits else Outcome.NOT_OURS

    def _failed(self, job: Job, task: Task, code: str, detail: str, *, may_help: bool) -> Outcome:
        if may_help and job.attempts < job.max_attempts:
            _log.warning("job_retry", code=code, attempt=job.attempts)
            retried = self._jobs.retry(job, code, detail, after=self._pause(job.attempts))
            return Outcome.RETRY if retried else Outcome.NOT_OURS
        return self._give_up(job, task, code, detail)

    def _give_up(self, job: Job, task: Task | None, code: str, detail: str) -> Outcome:
        def tell(tx: Transaction, dead: Job, code: str, detail: str) -> None:
            if task is not None:
                task.abandon(tx, dead.subject_id, code, detail)

        try:
            buried = self._jobs.bury(job, code, detail, tell=tell)
        except Exception as error:  # noqa: BLE001
            # The subject could not be told, so the job may not die: it comes back until it can be.
            _log.error("job_abandon_failed", error=type(error).__name__, place=place_of(error))
            self._jobs.retry(job, code, detail, after=self._pause(job.attempts))
            return Outcome.RETRY
        if not buried:
            return Outcome.NOT_OURS
        _log.error("job_dead", code=code, attempts=job.attempts)
        return Outcome.DEAD

    def _pause(self, attempts: int) -> timedelta:
        growth: int = 4 ** min(attempts - 1, 10)
        return min(self._first_pause * growth, LONGEST_PAUSE)


@contextmanager
def _bound(job: Job) -> Iterator[None]:
    with structlog.contextvars.bound_contextvars(job=job.id, task=job.task, subject=job.subject_id):
        yield


@contextmanager
def _renewing(jobs: JobService, job: Job, lease_seconds: float) -> Iterator[None]:
    """Keep the lease alive from a thread for as long as the block runs; a hang is ended by the task's time limit."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(lease_seconds / 3):
            try:
                if not jobs.renew(job, lease_seconds):
                    return
            except DocserviceError as error:
                _log.warning("lease_not_renewed", job=job.id, code=error.code)

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _last_error(job: Job) -> tuple[str, str]:
    if job.error_code is None or job.error_code == "lease_expired":
        return "worker_lost", f"The worker process died or hung in each of {job.max_attempts} attempts."
    return job.error_code, job.error_detail or job.error_code
