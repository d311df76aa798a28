"""The relay against a broker that fails as told."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError

from docservice.db.jobs import Job
from docservice.db.unit_of_work import Database
from docservice.domain.sources import RandomIds
from docservice.jobs.service import JobService
from docservice.jobs.tasks import INTERACTIVE, TaskName
from tests.support.statements import counted
from tests.support.wait import wait_until
from workers.relay import LOST_AFTER, Relay, run


@dataclass
class Broker:
    """Keeps what it is sent. Once `room` is used up it refuses."""

    room: int = 1000
    messages: list[str] = field(default_factory=list)
    closed: int = 0

    def send(self, job: Job) -> None:
        if len(self.messages) >= self.room:
            raise OperationalError("no room")
        self.messages.append(job.id)

    def waiting(self, queue: str) -> int:
        return len(self.messages) if queue == INTERACTIVE else 0

    def close(self) -> None:
        self.closed += 1


@dataclass
class Time:
    """Both clocks of a relay, moved together."""

    passed: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 12, 3, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed


@dataclass
class Setting:
    database: Database
    jobs: JobService
    broker: Broker
    time: Time
    relay: Relay

    def enqueue(self, count: int = 1) -> list[str]:
        with self.database.transaction() as tx:
            return [self.jobs.enqueue(tx, TaskName("tests.work", INTERACTIVE), "subject") for _ in range(count)]


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    database = Database(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    database.upgrade()
    broker, clock = Broker(), Time()
    jobs = JobService(database, clock.now, RandomIds().new)
    yield Setting(database, jobs, broker, clock, Relay(jobs, broker, monotonic=clock.monotonic))
    database.close()


def test_each_due_job_is_sent_once(setting: Setting) -> None:
    sent = setting.enqueue(3)
    assert [setting.relay.step(), setting.relay.step()] == [3, 0]
    assert sorted(setting.broker.messages) == sorted(sent)


def test_a_relay_at_rest_asks_one_question(setting: Setting) -> None:
    with setting.database.transaction() as tx:
        setting.jobs.enqueue(tx, TaskName("tests.nightly", INTERACTIVE), "subject", delay=timedelta(hours=9))
    with counted() as statements:
        assert setting.relay.step() == 0
    assert len([each for each in statements if each.startswith(("SELECT", "UPDATE"))]) == 1


def test_jobs_the_broker_refused_are_sent_when_it_takes_them_again(setting: Setting) -> None:
    wanted = setting.enqueue(5)
    setting.broker.room = 2
    with pytest.raises(OperationalError):
        setting.relay.step()
    setting.broker.room = 100
    assert setting.relay.step() == 3
    assert sorted(setting.broker.messages) == sorted(wanted)


def test_a_message_is_taken_for_lost_only_when_nothing_waits_at_the_broker(setting: Setting) -> None:
    (job_id,) = setting.enqueue()
    setting.relay.step()
    setting.time.passed += LOST_AFTER.total_seconds() + 1
    assert setting.relay.step() == 0  # it is merely waiting
    setting.broker.messages.clear()
    setting.time.passed += 2
    assert setting.relay.step() == 1
    assert setting.broker.messages == [job_id]


def test_a_message_that_was_lost_among_many_is_sent_again_in_the_end(setting: Setting) -> None:
    setting.enqueue()
    setting.relay.step()
    setting.time.passed += 700
    assert setting.relay.step() == 1


def test_the_job_of_a_dead_worker_is_sent_again_when_its_lease_ends(setting: Setting) -> None:
    (job_id,) = setting.enqueue()
    setting.relay.step()
    setting.broker.messages.clear()
    assert setting.jobs.claim(job_id, "dead worker", 10) is not None
    setting.time.passed += 9
    assert setting.relay.step() == 0
    setting.time.passed += 2
    assert setting.relay.step() == 1


def test_the_relay_outlives_the_failures_of_the_broker(setting: Setting) -> None:
    setting.enqueue()
    setting.broker.room = 0
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(setting.relay, setting.broker, stop.wait, stop))
    thread.start()
    try:
        wait_until(lambda: setting.broker.closed, 30, "the failed connection being dropped")
        setting.broker.room = 1
        wait_until(lambda: setting.broker.messages, 30, "the job being sent")
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def test_a_broker_that_is_away_while_nothing_is_to_be_done_is_told_once(
    setting: Setting, process_log: io.StringIO
) -> None:
    rounds: list[float] = []
    stop = threading.Event()

    def wait(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 4:
            stop.set()
        raise OperationalError("away")

    went_on: list[int] = []
    run(setting.relay, setting.broker, wait, stop, lambda: went_on.append(1))
    told = [json.loads(line)["event"] for line in process_log.getvalue().splitlines()]
    assert (told, went_on) == (["relay_waits"], [])
