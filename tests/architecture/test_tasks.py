"""The table of tasks for people names those there are, and where each is done."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from docservice import bootstrap
from docservice.jobs.tasks import Task, by_name
from docservice.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(\w+\.\w+)` \|[^|]*\| `([\w/]+\.py)` \| `(\w+)\.(\w+)` \|", re.MULTILINE)


def does(task: Task, file: str, room: str, method: str) -> bool:
    """Whether the task is done by this class of this file, and the class can do what is named."""
    owner = type(task.perform.__self__) if inspect.ismethod(task.perform) else None
    return owner is not None and (
        owner.__name__ == room
        and Path(inspect.getfile(owner)) == PROJECT / "docservice" / file
        and callable(getattr(owner, method, None))
    )


def test_every_task_is_in_the_table_with_what_does_it(tmp_path: Path) -> None:
    services = bootstrap.build(Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path)}))
    tasks = by_name(services.tasks)
    services.close()
    rows = ROW.findall((PROJECT / "docs" / "tasks.md").read_text(encoding="utf-8"))
    assert sorted(name for name, *_ in rows) == sorted(tasks)
    assert [name for name, *where in rows if not does(tasks[name], *where)] == []
