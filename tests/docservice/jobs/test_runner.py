"""One job from claim to end, with handlers that work, fail, hang and lose their lease."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from docservice.db.jobs import Job
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.errors import DocserviceError, Outage
from docservice.domain.sources import RandomIds, SystemClock
from docservice.domain.states import JobState
from docservice.jobs.runner import OUTAGE_PAUSE, JobRunner, Outcome
from docservice.jobs.service import JobService
from docservice.jobs.tasks import INTERACTIVE, Closing, Task, TaskName
from tests.support.sources import StatedClock


class TooLong(Exception):
    """What the surroundings raise into long work."""


@dataclass
class Recorder:
    """Does `work`, and keeps what it was asked and told."""

    work: Callable[[], None] = lambda: None
    told: Callable[[], None] = lambda: None
    closing: Closing | None = None
    performed: list[str] = field(default_factory=list)
    abandoned: list[tuple[str, str, str]] = field(default_factory=list)
    waited: list[tuple[str, str]] = field(default_factory=list)

    def perform(self, subject_id: str) -> Closing | None:
        self.performed.append(subject_id)
        self.work()
        return self.closing

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        self.abandoned.append((subject_id, code, detail))
        self.told()

    def wait(self, tx: Transaction, subject_id: str, code: str) -> None:
        self.waited.append((subject_id, code))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    database.upgrade()
    yield database
    database.close()


@dataclass
class Setting:
    database: Database
    jobs: JobService

    def runner(self, recorders: Mapping[str, Recorder], lease_seconds: float = 10) -> JobRunner:
        return JobRunner(
            self.jobs,
            [
                Task(TaskName(name, INTERACTIVE), work.perform, work.abandon, work.wait)
                for name, work in recorders.items()
            ],
            "me",
            lease_seconds=lease_seconds,
            first_pause=timedelta(milliseconds=1),
            overrun=TooLong,
        )

    def enqueue(self, task: str = "work", max_attempts: int = 3) -> str:
        with self.database.transaction() as tx:
            return self.jobs.enqueue(tx, TaskName(task, INTERACTIVE), "bundle-1", max_attempts=max_attempts)

    def job(self, job_id: str) -> Job:
        with self.database.reading() as tx:
            job = tx.jobs.get(job_id)
        assert job is not None
        return job

    def run_until_over(self, runner: JobRunner, job_id: str) -> list[Outcome]:
        """Run the job as often as it comes back, as the relay would have it."""
        outcomes = [runner.run(job_id)]
        while self.job(job_id).state == JobState.QUEUED and len(outcomes) < 10:
            time.sleep(0.02)
            outcomes.append(runner.run(job_id))
        return outcomes


@pytest.fixture
def setting(database: Database) -> Setting:
    return Setting(database, JobService(database, SystemClock().now, RandomIds().new))


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_a_job_is_performed_once_however_many_messages_there_are(setting: Setting) -> None:
    handler = Recorder()
    runner = setting.runner({"work": handler})
    job_id = setting.enqueue()
    assert [runner.run(job_id) for _ in range(3)] == [Outcome.DONE, Outcome.NOT_OURS, Outcome.NOT_OURS]
    assert handler.performed == ["bundle-1"]
    assert runner.run("unknown") == Outcome.NOT_OURS


def test_what_may_pass_is_tried_again_and_what_cannot_ends_at_once(setting: Setting) -> None:
    passing = Recorder(raising(DocserviceError("busy", "Busy.", retryable=True)))
    job_id = setting.enqueue(max_attempts=3)
    runner = setting.runner({"work": passing})
    assert setting.run_until_over(runner, job_id) == [Outcome.RETRY, Outcome.RETRY, Outcome.DEAD]
    assert passing.abandoned == [("bundle-1", "busy", "Busy.")]

    hopeless = Recorder(raising(DocserviceError("bad", "Bad.")))
    job_id = setting.enqueue()
    assert setting.runner({"work": hopeless}).run(job_id) == Outcome.DEAD
    assert hopeless.performed == ["bundle-1"]
    assert setting.job(job_id).error_detail == "Bad."


def test_an_outage_is_waited_for_however_long_and_counts_as_no_attempt(database: Database) -> None:
    clock, troubles = StatedClock(), [Outage("storage_unavailable", "Away.", retryable=True) for _ in range(12)]

    def work() -> None:
        if troubles:
            raise troubles.pop()

    setting = Setting(database, JobService(database, clock.now, RandomIds().new))
    handler = Recorder(work)
    job_id, runner = setting.enqueue(max_attempts=1), setting.runner({"work": handler})
    outcomes = []
    while setting.job(job_id).state is JobState.QUEUED:
        outcomes.append(runner.run(job_id))
        clock.advance(OUTAGE_PAUSE)
    assert outcomes == [*[Outcome.WAITING] * 12, Outcome.DONE]
    assert (handler.abandoned, handler.waited) == ([], [("bundle-1", "storage_unavailable")])
    assert setting.job(job_id).attempts == 1


def test_each_outage_is_told_once(database: Database) -> None:
    clock, codes = StatedClock(), ["disk_full", "disk_full", "storage_unavailable", "storage_unavailable", "disk_full"]
    setting = Setting(database, JobService(database, clock.now, RandomIds().new))
    handler = Recorder(lambda: raising(Outage(codes.pop(0), "Away."))())
    job_id, runner = setting.enqueue(), setting.runner({"work": handler})
    while codes:
        assert runner.run(job_id) is Outcome.WAITING
        clock.advance(OUTAGE_PAUSE)
    assert [code for _, code in handler.waited] == ["disk_full", "storage_unavailable", "disk_full"]


def test_of_an_unforeseen_error_only_the_kind_is_kept(setting: Setting) -> None:
    handler = Recorder(raising(ValueError("Wilhelmine Canary")))
    job_id = setting.enqueue(max_attempts=1)
    assert setting.runner({"work": handler}).run(job_id) == Outcome.DEAD
    assert handler.abandoned == [("bundle-1", "internal_error", "Unexpected ValueError.")]


def test_work_that_takes_too_long_is_tried_again_and_then_given_up(setting: Setting) -> None:
    handler = Recorder(raising(TooLong()))
    job_id = setting.enqueue(max_attempts=2)
    assert setting.run_until_over(setting.runner({"work": handler}), job_id) == [Outcome.RETRY, Outcome.DEAD]
    assert handler.abandoned[0][1] == "time_limit"


def test_a_job_whose_workers_died_is_given_up_without_another_try(setting: Setting) -> None:
    handler = Recorder()
    job_id = setting.enqueue(max_attempts=2)
    for number in range(2):
        assert setting.jobs.claim(job_id, f"worker {number} that dies", -1) is not None
        assert [job.id for job in setting.jobs.sweep()] == [job_id]
    assert setting.runner({"work": handler}).run(job_id) == Outcome.DEAD
    assert handler.performed == []
    assert handler.abandoned[0][1] == "worker_lost"


def test_a_job_lives_until_its_subject_could_be_told(setting: Setting) -> None:
    """A bundle whose failure cannot be written must not wait for ever unseen: its job comes back."""
    troubles = [RuntimeError(), RuntimeError()]

    def told() -> None:
        if troubles:
            raise troubles.pop()

    handler = Recorder(raising(DocserviceError("bad", "Bad.")), told)
    job_id = setting.enqueue(max_attempts=1)
    outcomes = setting.run_until_over(setting.runner({"work": handler}), job_id)
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.DEAD]
    assert handler.performed == ["bundle-1"]
    assert setting.job(job_id).error_code == "bad"


def test_a_task_nobody_knows_is_given_up(setting: Setting) -> None:
    job_id = setting.enqueue("nonsense")
    assert setting.runner({}).run(job_id) == Outcome.DEAD
    assert setting.job(job_id).error_code == "unknown_task"


def test_the_lease_of_long_work_is_renewed_while_it_goes_on(setting: Setting) -> None:
    swept: list[Job] = []

    def long_work() -> None:
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            swept.extend(setting.jobs.sweep())
            time.sleep(0.05)

    handler = Recorder(long_work)
    job_id = setting.enqueue()
    assert setting.runner({"work": handler}, lease_seconds=1.2).run(job_id) == Outcome.DONE
    assert swept == []


def test_who_lost_the_lease_cannot_end_the_job(setting: Setting) -> None:
    job_id = setting.enqueue()
    in_an_hour = JobService(setting.database, lambda: SystemClock().now() + timedelta(hours=1), RandomIds().new)
    stolen: list[Job | None] = []

    def be_overtaken() -> None:
        in_an_hour.sweep()
        stolen.append(in_an_hour.claim(job_id, "another", 60))

    closed: list[Transaction] = []
    overtaken = Recorder(be_overtaken, closing=closed.append)
    assert setting.runner({"work": overtaken}).run(job_id) == Outcome.NOT_OURS
    assert not closed
    assert stolen[0] is not None
    assert setting.jobs.complete(stolen[0])


def test_what_is_left_of_the_work_is_written_with_its_end_or_neither_is(setting: Setting) -> None:
    def written(tx: Transaction) -> None:
        setting.jobs.enqueue(tx, TaskName("next", INTERACTIVE), "bundle-2")

    def torn(tx: Transaction) -> None:
        written(tx)
        raise DocserviceError("disk_full", "No space.", retryable=True)

    job_id = setting.enqueue()
    with pytest.raises(DocserviceError, match="disk_full"):
        setting.runner({"work": Recorder(closing=torn)}).run(job_id)
    assert setting.job(job_id).state == JobState.RUNNING
    assert [job.id for job in setting.jobs.due()] == []

    job_id = setting.enqueue()
    assert setting.runner({"work": Recorder(closing=written)}).run(job_id) == Outcome.DONE
    assert [job.task for job in setting.jobs.due()] == ["next"]


def test_what_an_ended_process_had_at_hand_waits_again_at_once(database: Database) -> None:
    clock = StatedClock()
    jobs = JobService(database, clock.now, RandomIds().new, has_ended=lambda owner: owner == "gone")
    setting = Setting(database, jobs)
    lost, living = setting.enqueue(), setting.enqueue()
    assert jobs.claim(lost, "gone", 10)
    assert jobs.claim(living, "here", 10)
    assert [job.id for job in jobs.sweep()] == [lost]
    assert (setting.job(lost).state, setting.job(lost).attempts) == (JobState.QUEUED, 1)
    assert setting.job(living).state == JobState.RUNNING
    assert jobs.neglected_since() is None
    clock.advance(timedelta(seconds=11))
    assert [job.id for job in jobs.sweep()] == [living]
    assert jobs.neglected_since() == setting.job(lost).run_after


def test_who_ends_before_the_work_is_done_gives_it_back_without_an_attempt_lost(setting: Setting) -> None:
    job_id = setting.enqueue(max_attempts=1)
    for _ in range(3):
        assert setting.jobs.claim(job_id, "me", 10)
        assert setting.jobs.give_back("somebody else") == 0
        assert setting.jobs.give_back("me") == 1
    assert setting.runner({"work": Recorder()}).run(job_id) is Outcome.DONE
