"""What the house does by jobs, and in how many files a job stands."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from docservice.bootstrap import build
from docservice.jobs.tasks import BATCH, INTERACTIVE, QUEUES, Task, TaskName, by_name
from docservice.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Task, ...]:
    services = build(Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path_factory.mktemp("data"))}))
    services.close()
    return services.tasks


def texts(file: Path) -> set[object]:
    """Every text of a file of the program, comments left out."""
    return {node.value for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant)}


def test_a_job_stands_in_one_file(tasks: tuple[Task, ...]) -> None:
    """Its name does; only what one room orders and another one does is named where both can see it."""
    files = [file for folder in ("docservice", "workers") for file in (PROJECT / folder).rglob("*.py")]
    named = {file: texts(file) for file in files}
    for task in tasks:
        in_files = [str(file.relative_to(PROJECT)) for file, found in named.items() if task.name.name in found]
        assert len(in_files) == 1, f"{task.name}: {in_files}"
        doing = inspect.getmodule(task.perform)
        assert doing is not None
        assert any(value is task.name for value in vars(doing).values()), f"{doing.__name__} does not name {task.name}"


def test_who_collects_and_carries_jobs_knows_none_of_them(tasks: tuple[Task, ...]) -> None:
    """`bootstrap` and the worker need not be touched for another one."""
    for file in (PROJECT / "docservice" / "bootstrap.py", *(PROJECT / "workers").glob("*.py")):
        assert not texts(file) & {task.name.name for task in tasks}
        assert "TaskName" not in file.read_text("utf-8")


def test_every_job_waits_in_a_queue_that_is_there(tasks: tuple[Task, ...]) -> None:
    assert {task.name.queue for task in tasks} <= set(QUEUES)


def test_two_tasks_cannot_bear_one_name() -> None:
    one, other = (Task(TaskName("tests.same", queue), print) for queue in (INTERACTIVE, BATCH))
    assert list(by_name([one])) == ["tests.same"]
    with pytest.raises(ValueError, match="two tasks of one name"):
        by_name([one, other])
