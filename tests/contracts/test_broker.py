"""What both brokers do for the workers: the embedded Valkey and a Redis server are one and the same to them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from docservice.db.records import DocumentState, JobState
from docservice.db.unit_of_work import Database
from docservice.jobs.service import BATCH, INTERACTIVE
from tests.support.documents_to_do import DocumentsToDo
from tests.support.parts import small_stack
from tests.support.wait import wait_until


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
        order = todo.order("completed")
        assert len(interactive & set(order[:21])) >= 19, "two processes may overtake each other by one"
        assert set(todo.count("completed")) == batch | interactive

        hopeless, hopeless_job = todo.ask("tests.hopeless")
        unlucky, unlucky_job = todo.ask("tests.unlucky", max_attempts=2)
        buggy, buggy_job = todo.ask("tests.buggy", max_attempts=1)
        for job_id in (hopeless_job, unlucky_job, buggy_job):
            wait_until(
                lambda job_id=job_id: todo.job(job_id).state == JobState.DEAD, 20, "a failing job being given up"
            )

        assert todo.document(hopeless).error_detail == "Line 3: unknown variable."
        assert todo.count("begun")[hopeless] == 1
        assert todo.document(unlucky).error_code == "engine_busy"
        assert todo.count("begun")[unlucky] == 2
        assert todo.document(buggy).error_detail == "Unexpected KeyError."
        assert "Canary" not in stack.logs()
        assert stack.worker.terminate() == 0
        assert stack.relay.terminate() == 0
    database.close()


def _sent(todo: DocumentsToDo) -> int:
    return sum(todo.jobs.unclaimed(timedelta(0)).values())
