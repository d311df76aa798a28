"""What is over for long is erased, piece by piece, on every database; what is still needed stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from docservice.db.accounts import IdempotencyRecord
from docservice.db.archive import FixityRecord
from docservice.db.jobs import Job
from docservice.db.unit_of_work import Database
from docservice.domain.sources import RandomIds
from docservice.domain.states import JobState
from docservice.jobs.pruning import AT_ONCE, PRUNE, Ages, Pruning
from docservice.jobs.service import JobService
from tests.support.statements import counted

NOW = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
AGES = Ages(jobs=timedelta(days=90), idempotency_keys=timedelta(days=30), fixity_passes=timedelta(days=1095))
new_id: Callable[[], str] = RandomIds().new


@dataclass
class Hands:
    """A clock that stands where it is put."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def pruning(database: Database) -> Pruning:
    clock = Hands(NOW)
    pruning = Pruning(database, JobService(database, clock.now, new_id), clock, AGES)
    pruning.prune()  # what other tests of the module have left
    return pruning


def a_job(state: JobState, days: int) -> Job:
    """A job that came to an end so many days ago, if it is at its end."""
    then = NOW - timedelta(days=days)
    ended = state in (JobState.DONE, JobState.DEAD)
    job = Job(new_id(), "batch", "tests.work", new_id(), state, 1, 3, then, then)
    return replace(job, finished_at=then if ended else None, lease_until=None if ended else then)


def there(database: Database, jobs: list[Job]) -> list[bool]:
    with database.reading() as tx:
        return [tx.jobs.get(job.id) is not None for job in jobs]


def test_jobs_that_ended_long_ago_go_and_all_others_stay(pruning: Pruning) -> None:
    old = [a_job(JobState.DONE, 91), a_job(JobState.DEAD, 91)]
    kept = [a_job(state, days) for state, days in [
        (JobState.DONE, 89), (JobState.DEAD, 89), (JobState.QUEUED, 400), (JobState.RUNNING, 400),
    ]]  # fmt: skip
    retried = replace(a_job(JobState.QUEUED, 400), subject_id=old[1].subject_id)
    with pruning.database.transaction() as tx:
        for job in (*old, *kept, retried):
            tx.jobs.add(job)
    assert pruning.prune() == 2
    assert there(pruning.database, old) == [False, False]
    assert there(pruning.database, [*kept, retried]) == [True] * 5
    assert pruning.prune() == 0


def test_a_key_that_is_forgotten_is_a_new_one(pruning: Pruning) -> None:
    old = IdempotencyRecord("desk/cases", "same", "a" * 64, new_id(), NOW - timedelta(days=31))
    other_scope = replace(old, scope="hall/cases", created_at=NOW - timedelta(days=29))
    with pruning.database.transaction() as tx:
        assert tx.idempotency.add(old)
        assert tx.idempotency.add(other_scope)
        assert not tx.idempotency.add(old)
    assert pruning.prune() == 1
    with pruning.database.transaction() as tx:
        assert tx.idempotency.get(old.scope, old.key) is None
        assert tx.idempotency.get(other_scope.scope, other_scope.key) == other_scope
        assert tx.idempotency.add(old)


def test_notes_of_passes_go_after_years(pruning: Pruning) -> None:
    with pruning.database.transaction() as tx:
        for days in (1094, 1096):
            then = NOW - timedelta(days=days)
            tx.fixity.add(FixityRecord(new_id(), then, then, 1, 0, 0))
    assert pruning.prune() == 1


def test_much_is_erased_in_short_transactions_and_ends_in_time(pruning: Pruning) -> None:
    jobs = [a_job(JobState.DONE, 100) for _ in range(2 * AT_ONCE + 1)]
    with pruning.database.transaction() as tx:
        for job in jobs:
            tx.jobs.add(job)
    assert pruning.prune(seconds=0) == AT_ONCE
    with counted() as statements:
        assert pruning.prune() == AT_ONCE + 1
    erasures = [statement for statement in statements if statement.startswith("DELETE FROM job")]
    assert len(erasures) == 3  # 500, 1, none
    assert not any(there(pruning.database, jobs))


def test_each_night_has_its_job_which_brings_the_next_one_about(database: Database) -> None:
    clock = Hands(NOW)
    jobs = JobService(database, clock.now, new_id)
    pruning = Pruning(database, jobs, clock, AGES)
    pruning.schedule()
    pruning.schedule()
    clock.at = NOW + timedelta(hours=17)  # at six in the morning in the office
    (job,) = [job for job in jobs.due() if job.task == PRUNE.name]
    assert job.subject_id == "prune-2026-12-04"
    (task,) = pruning.tasks()
    task.perform(job.subject_id)
    with database.reading() as tx:
        assert tx.jobs.get("prune-2026-12-05") is not None
