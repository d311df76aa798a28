"""What the worker program offers."""

from __future__ import annotations

import sys
from pathlib import Path

from docservice.jobs.tasks import INTERACTIVE, Task, TaskName, by_name
from docservice.settings import Settings
from tests.support.content import library
from tests.support.programs import run
from workers.app import create_app
from workers.worker import register_tasks, task_names

NAMES = {
    "archive.fixity",
    "archive.package",
    "bundles.render",
    "scans.open",
    "scans.read",
    "scans.reread",
    "scans.rescue",
    "scans.settle",
    "scans.sweep",
    "jobs.prune",
}
"""What stands in the job rows of earlier releases: none of them may ever be missing."""


THREADS = """
import os, sys
from pathlib import Path
from docservice.settings import Settings
from tests.support.content import library
from tests.support.programs import run
from workers.worker import task_names

def threads():
    return len(os.listdir("/proc/self/task"))

before = threads()
task_names(Settings.from_environment({"DOCSERVICE_DATA_DIR": sys.argv[1]}), library())
print(before, threads())
"""


def nobody(job_id: str) -> None:
    raise AssertionError("nothing is sent")


def test_every_task_of_the_service_has_a_name_at_the_broker(tmp_path: Path) -> None:
    """A job whose name no worker knows would wait for ever."""
    names = task_names(Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path)}), library())
    app = create_app("memory://")
    register_tasks(app, names, nobody)
    assert set(names) >= NAMES
    assert set(names) <= set(app.tasks)


def test_the_names_are_told_without_starting_a_thread(tmp_path: Path) -> None:
    """They are needed before the fork, and no thread survives one."""
    told = run([sys.executable, "-c", THREADS, str(tmp_path)], seconds=60)
    before, after = told.split()
    assert before == after


def test_a_task_of_a_new_room_is_at_the_broker_once_the_room_tells_of_it() -> None:
    app = create_app("memory://")
    register_tasks(app, by_name([Task(TaskName("tests.new", INTERACTIVE), nobody)]), nobody)
    assert "tests.new" in app.tasks
