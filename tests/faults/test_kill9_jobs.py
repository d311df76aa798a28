"""Whatever is killed, whenever: every job takes effect, and takes effect once."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from docservice.db.events import EventName
from docservice.db.unit_of_work import Database
from docservice.domain.states import DocumentState, JobState
from tests.support.documents_to_do import DocumentsToDo
from tests.support.parts import SmallStack, small_stack
from tests.support.services import postgres_server
from tests.support.wait import wait_until

Setting = tuple[SmallStack, DocumentsToDo]


@pytest.fixture(
    params=["sqlite+valkey", pytest.param("postgresql+redis", marks=pytest.mark.needs("postgresql", "redis"))]
)
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    """A running stack and an empty database: once as embedded, once as in production."""
    program: str | None = None
    server: AbstractContextManager[str] = nullcontext(f"sqlite:///{tmp_path / 'jobs.sqlite'}")
    if request.param == "postgresql+redis":
        program = shutil.which("redis-server")
        server = postgres_server()
    with server as url:
        database = Database(url)
        database.upgrade()
        with small_stack(url, broker_program=program) as stack:
            yield stack, DocumentsToDo(database)
        database.close()


def test_sixty_jobs_survive_kill_9_of_worker_relay_and_broker(setting: Setting) -> None:
    stack, todo = setting
    chance = random.Random(20261203)
    faults: list[Callable[[], None]] = [
        lambda: _restart(stack.worker.kill, stack.worker.start),
        lambda: _restart(stack.relay.kill, stack.relay.start),
        lambda: _restart(stack.broker.kill, stack.broker.start),
        lambda: _restart(stack.broker.kill, stack.broker.delete_data, stack.broker.start),
        lambda: _restart(stack.worker.kill, stack.relay.kill, stack.relay.start, stack.worker.start),
    ]
    documents = []
    wait_until(lambda: _answers(todo), 30, "the first job being done")
    for fault in chance.sample(faults, len(faults)):
        documents += [todo.ask()[0] for _ in range(12)]
        time.sleep(chance.uniform(0.0, 0.25))
        fault()

    wait_until(lambda: todo.states()[DocumentState.READY] == 61, 45, "60 jobs being done")

    completed = todo.count(EventName.DOCUMENT_READY)
    assert {completed[document] for document in documents} == {1}
    assert stack.worker.runs
    assert stack.relay.runs
    wait_until(lambda: _all_done(todo), 10, "the job rows being done")


def test_a_poison_job_dies_and_its_neighbours_finish(setting: Setting) -> None:
    _, todo = setting
    poisoned, poison_job = todo.ask("tests.poison", max_attempts=2)
    neighbours = [todo.ask()[0] for _ in range(10)]

    wait_until(lambda: todo.job(poison_job).state == JobState.DEAD, 40, "the poison job being given up")
    wait_until(lambda: todo.states()[DocumentState.READY] == 10, 20, "the neighbours being done")

    document = todo.document(poisoned)
    assert (document.state, document.error_code) == (DocumentState.FAILED, "worker_lost")
    assert "each of 2 attempts" in (document.error_detail or "")
    assert todo.count(EventName.DOCUMENT_RENDERING)[poisoned] == 2
    assert set(neighbours) == set(todo.count(EventName.DOCUMENT_READY))


def test_a_worker_goes_on_after_the_broker_was_away_while_its_processes_finished(setting: Setting) -> None:
    stack, todo = setting
    slow = [todo.ask("tests.slow")[0] for _ in range(2)]  # one for each process, so the worker holds all it may
    wait_until(lambda: todo.states()[DocumentState.RENDERING] == 2, 20, "both processes being at work")

    stack.broker.kill()
    wait_until(lambda: todo.states()[DocumentState.READY] == 2, 20, "both being done without a broker")
    time.sleep(0.5)  # the worker has tried to acknowledge them
    stack.broker.start()
    after, _ = todo.ask()

    wait_until(lambda: todo.document(after).state == DocumentState.READY, 30, "work after the loss")
    assert stack.worker.runs
    assert {todo.count(EventName.DOCUMENT_READY)[document] for document in (*slow, after)} == {1}


def test_losing_the_broker_during_a_long_task_neither_ends_the_worker_nor_doubles_the_task(setting: Setting) -> None:
    stack, todo = setting
    slow, slow_job = todo.ask("tests.slow")
    wait_until(lambda: todo.document(slow).state == DocumentState.RENDERING, 20, "the long task being at work")

    stack.broker.kill()
    stack.broker.delete_data()
    after, _ = todo.ask()
    time.sleep(0.5)
    stack.broker.start()

    wait_until(lambda: todo.document(after).state == DocumentState.READY, 30, "work after the loss")
    wait_until(lambda: todo.job(slow_job).state == JobState.DONE, 20, "the long task being done")
    assert stack.worker.runs
    assert stack.relay.runs
    # The lease of 2 s was renewed all the while, so nobody began the task of 4.5 s again.
    assert todo.count(EventName.DOCUMENT_RENDERING)[slow] == 1
    assert todo.count(EventName.DOCUMENT_READY)[slow] == 1


def _restart(*steps: Callable[[], None]) -> None:
    for step in steps:
        step()


def _answers(todo: DocumentsToDo) -> bool:
    if not todo.states():
        todo.ask()
    return todo.states()[DocumentState.READY] == 1


def _all_done(todo: DocumentsToDo) -> bool:
    states = {state for (_, state), count in todo.jobs.count_by_state().items() if count}
    return states <= {JobState.DONE, JobState.DEAD}
