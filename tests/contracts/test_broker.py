"""What both brokers do for the workers: the embedded Valkey and a Redis server are one and the same to them."""

from __future__ import annotations

import base64
import json
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from redis import Redis

from docservice.db.events import EventName
from docservice.db.jobs import Job
from docservice.db.unit_of_work import Database
from docservice.domain.sources import SystemClock
from docservice.domain.states import DocumentState, JobState
from docservice.jobs.tasks import BATCH, INTERACTIVE
from docservice.tools.broker import Bell
from tests.support.documents_to_do import DocumentsToDo
from tests.support.parts import Broker, small_stack
from tests.support.programs import short_folder
from tests.support.wait import wait_until
from workers.app import create_app
from workers.relay import BrokerFailed, CeleryPublisher


def test_jobs_of_every_end_go_through_and_interactive_ones_go_first(broker_program: str | None, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    database = Database(url)
    database.upgrade()
    todo = DocumentsToDo(database)
    with small_stack(url, broker_program=broker_program) as stack:
        stack.worker.kill()  # both queues fill before anybody works
        batch = {todo.ask(queue=BATCH)[0] for _ in range(20)}
        interactive = {todo.ask(queue=INTERACTIVE)[0] for _ in range(20)}
        wait_until(lambda: _sent(todo) == 40, 20, "all jobs being sent")
        stack.worker.start()
        wait_until(lambda: todo.states()[DocumentState.READY] == 40, 30, "all jobs being done")
        order = todo.order(EventName.DOCUMENT_READY)
        assert len(interactive & set(order[:21])) >= 19, "two processes may overtake each other by one"
        assert set(todo.count(EventName.DOCUMENT_READY)) == batch | interactive

        hopeless, hopeless_job = todo.ask("tests.hopeless")
        unlucky, unlucky_job = todo.ask("tests.unlucky", max_attempts=2)
        buggy, buggy_job = todo.ask("tests.buggy", max_attempts=1)
        failing = (hopeless_job, unlucky_job, buggy_job)
        wait_until(
            lambda: all(todo.job(job_id).state == JobState.DEAD for job_id in failing),
            20,
            "failing jobs being given up",
        )

        assert todo.document(hopeless).error_detail == "Line 3: unknown variable."
        assert todo.count(EventName.DOCUMENT_RENDERING)[hopeless] == 1
        assert todo.document(unlucky).error_code == "engine_busy"
        assert todo.count(EventName.DOCUMENT_RENDERING)[unlucky] == 2
        assert todo.document(buggy).error_detail == "Unexpected KeyError."
        assert "Canary" not in stack.logs()
        assert stack.worker.terminate() == 0
        assert stack.relay.terminate() == 0
    database.close()


def _sent(todo: DocumentsToDo) -> int:
    return sum(todo.jobs.unclaimed(timedelta(0)).values())


def test_a_message_carries_a_name_and_an_id_and_needs_nothing_kept_at_the_broker(
    broker_program: str | None, tmp_path: Path
) -> None:
    with short_folder() as folder:
        broker = Broker(folder, broker_program)
        publisher = CeleryPublisher(create_app(broker.url))
        try:
            broker.start()
            publisher.send(a_job(BATCH))
            with Redis(unix_socket_path=str(broker.socket)) as client:
                client.flushall()
                publisher.send(a_job(BATCH))
                assert (publisher.waiting(BATCH), publisher.waiting(INTERACTIVE)) == (1, 0)
                (message,) = cast("list[bytes]", client.lrange(BATCH, 0, -1))
            body = json.loads(base64.b64decode(json.loads(message)["body"]))
            assert body[:2] == [["job-1"], {}]
            assert b"subject-1" not in message
        finally:
            publisher.close()
            broker.kill()


def a_job(queue: str) -> Job:
    now = SystemClock().now()
    return Job("job-1", queue, "tests.work", "subject-1", JobState.QUEUED, 0, 3, run_after=now, created_at=now)


def test_a_ring_wakes_a_relay_at_once_and_many_rings_are_one(broker_program: str | None, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    Database(url).upgrade()
    with small_stack(url, broker_program=broker_program) as stack:
        stack.relay.kill()
        office, relay = Bell(stack.broker.url), Bell(stack.broker.url)
        for _ in range(50):
            office.ring()
        relay.wait(60)  # longer than the test may take
        start = time.monotonic()
        relay.wait(0.3)
        assert time.monotonic() - start >= 0.3
        ringing = threading.Timer(0.2, office.ring)
        ringing.start()
        relay.wait(60)
        ringing.join()
        office.close()
        relay.close()


def test_nobody_waits_for_a_bell_that_is_away(tmp_path: Path) -> None:
    bell = Bell(f"redis+socket://{tmp_path / 'nothing'}")
    for _ in range(1000):
        bell.ring()
    with pytest.raises(BrokerFailed):
        bell.wait(1)
