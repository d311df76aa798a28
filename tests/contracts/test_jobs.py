"""What the job table promises on both databases: nothing is lost, nothing is done by two."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.sources import RandomIds, SystemClock
from docservice.domain.states import JobState
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, INTERACTIVE, QUEUES, TaskName
from tests.support.programs import run

START = datetime(2026, 12, 3, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def pass_seconds(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


WORK = TaskName("tests.work", INTERACTIVE)


@pytest.fixture
def jobs(database: Database, clock: Clock) -> Iterator[JobService]:
    jobs = JobService(database, clock.now, RandomIds().new)
    yield jobs
    clock.pass_seconds(1e9)  # what a test has left is taken out of the way of the next one
    jobs.sweep()
    for queue in QUEUES:
        jobs.resend(queue, timedelta(0))
    for job in jobs.due(10_000):
        claimed = jobs.claim(job.id, "cleaner", 60)
        assert claimed is not None
        jobs.complete(claimed)


def enqueue(database: Database, jobs: JobService, *, queue: str = "interactive", delay: float = 0) -> str:
    with database.transaction() as tx:
        return jobs.enqueue(tx, WORK, "subject", queue, delay=timedelta(seconds=delay))


def state(database: Database, job_id: str) -> JobState:
    with database.reading() as tx:
        job = tx.jobs.get(job_id)
    assert job is not None
    return job.state


def test_a_job_is_sent_once_claimed_once_and_completed_once(database: Database, jobs: JobService) -> None:
    job_id = enqueue(database, jobs)
    assert [job.id for job in jobs.due()] == [job_id]
    assert jobs.due() == ()

    job = jobs.claim(job_id, "me", 10)
    assert job is not None
    assert (job.state, job.attempts, job.lease_owner) == (JobState.RUNNING, 1, "me")
    assert jobs.claim(job_id, "you", 10) is None

    assert jobs.complete(job)
    assert not jobs.complete(job)
    assert jobs.claim(job_id, "you", 10) is None
    assert state(database, job_id) == JobState.DONE


def test_a_job_of_a_transaction_that_failed_does_not_exist(database: Database, jobs: JobService) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tx:
        _enqueue_and_fail(tx, jobs)
    assert jobs.due() == ()


def test_interactive_work_goes_ahead_of_batch_work(database: Database, jobs: JobService, clock: Clock) -> None:
    batch = [enqueue(database, jobs, queue=BATCH) for _ in range(2)]
    clock.pass_seconds(1)
    interactive = [enqueue(database, jobs)]
    clock.pass_seconds(1)
    interactive.append(enqueue(database, jobs))
    assert [job.id for job in jobs.due(2)] == interactive
    assert {job.id for job in jobs.due()} == set(batch)


def test_delayed_work_is_neither_sent_nor_claimed_before_its_time(
    database: Database, jobs: JobService, clock: Clock
) -> None:
    job_id = enqueue(database, jobs, delay=60)
    assert jobs.due() == ()
    assert jobs.claim(job_id, "me", 10) is None
    clock.pass_seconds(60)
    assert [job.id for job in jobs.due()] == [job_id]


def test_what_the_broker_did_not_take_is_due_again(database: Database, jobs: JobService) -> None:
    job_id = enqueue(database, jobs)
    jobs.due()
    jobs.not_sent(job_id)
    assert [job.id for job in jobs.due()] == [job_id]


def test_what_was_sent_long_ago_and_never_claimed_is_sent_again(
    database: Database, jobs: JobService, clock: Clock
) -> None:
    lost, claimed = enqueue(database, jobs), enqueue(database, jobs)
    jobs.due()
    jobs.claim(claimed, "me", 60)
    clock.pass_seconds(5)
    assert jobs.unclaimed(timedelta(seconds=6)) == {}
    assert jobs.unclaimed(timedelta(seconds=3)) == {"interactive": 1}
    assert jobs.resend("batch", timedelta(seconds=3)) == 0
    assert jobs.resend("interactive", timedelta(seconds=3)) == 1
    assert [job.id for job in jobs.due()] == [lost]


def test_a_lease_that_ended_gives_the_job_to_another_and_the_first_can_no_longer_complete_it(
    database: Database, jobs: JobService, clock: Clock
) -> None:
    job_id = enqueue(database, jobs)
    first = jobs.claim(job_id, "first", 10)
    assert first is not None
    clock.pass_seconds(9)
    assert jobs.renew(first, 10)
    clock.pass_seconds(9)
    assert jobs.sweep() == ()
    clock.pass_seconds(2)
    assert [job.id for job in jobs.sweep()] == [job_id]
    assert jobs.sweep() == ()

    assert [job.id for job in jobs.due()] == [job_id]
    second = jobs.claim(job_id, "second", 10)
    assert second is not None
    assert second.attempts == 2
    assert not jobs.renew(first, 10)
    assert not jobs.complete(first)
    assert not jobs.retry(first, "x", "x", after=timedelta(0))
    assert not jobs.bury(first, "x", "x")
    assert jobs.complete(second)


def test_the_same_process_cannot_complete_a_claim_it_has_lost_and_taken_again(
    database: Database, jobs: JobService, clock: Clock
) -> None:
    job_id = enqueue(database, jobs)
    first = jobs.claim(job_id, "me", 10)
    clock.pass_seconds(11)
    jobs.sweep()
    second = jobs.claim(job_id, "me", 10)
    assert first is not None
    assert second is not None
    assert not jobs.complete(first)
    assert jobs.complete(second)


def test_a_retry_waits_for_its_time_and_keeps_what_went_wrong(
    database: Database, jobs: JobService, clock: Clock
) -> None:
    job_id = enqueue(database, jobs)
    job = jobs.claim(job_id, "me", 10)
    assert job is not None
    assert jobs.retry(job, "engine_busy", "The engine is busy.", after=timedelta(seconds=30))
    assert jobs.due() == ()
    clock.pass_seconds(30)
    (again,) = jobs.due()
    assert (again.id, again.attempts, again.error_code) == (job_id, 1, "engine_busy")


def test_a_job_dies_together_with_telling_its_subject_or_not_at_all(database: Database, jobs: JobService) -> None:
    job_id = enqueue(database, jobs)
    job = jobs.claim(job_id, "me", 10)
    assert job is not None
    told: list[tuple[str, str]] = []

    def fail(*_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        jobs.bury(job, "worker_lost", "x", tell=fail)
    assert state(database, job_id) == JobState.RUNNING
    assert jobs.bury(job, "worker_lost", "x", tell=lambda tx, dead, code, detail: told.append((dead.id, code)))
    assert told == [(job_id, "worker_lost")]
    assert state(database, job_id) == JobState.DEAD


def test_four_processes_that_take_and_claim_at_once_never_take_the_same_job(
    database: Database, database_url: str
) -> None:
    """Each of them plays relay and worker over 80 jobs, as fast as it can."""
    clock, ids = SystemClock(), RandomIds()
    jobs = JobService(database, clock.now, ids.new)
    with database.transaction() as tx:
        wanted = {jobs.enqueue(tx, WORK, "subject") for _ in range(80)}
    claimer = [sys.executable, "-m", "tests.support.claimer", database_url, *sorted(wanted)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: json.loads(run(claimer, seconds=60)), range(4)))
    assert Counter(job_id for answer in answers for job_id in answer["sent"]) == Counter(wanted)
    assert Counter(job_id for answer in answers for job_id in answer["done"]) == Counter(wanted)


def _enqueue_and_fail(tx: Transaction, jobs: JobService) -> None:
    jobs.enqueue(tx, WORK, "subject")
    raise RuntimeError
