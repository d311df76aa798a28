"""What a job is: a room that has work to be done later names it here, and says how it is done and how given up.

A task has its name in one file of its room; the room's `tasks()` says what does it (`docs/tasks.md` lists them all).
`bootstrap` collects the tasks of the rooms, the worker makes every one of them known to the broker, and the runner does
them; none of these knows a task by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from docservice.db.unit_of_work import Transaction

INTERACTIVE = "interactive"
"""The queue of work somebody waits for; it goes ahead of all others."""
RETURNED = "returned"
"""The queue of scans: somebody waits half a minute for a stack, while a client waits for a bundle at the desk."""
BATCH = "batch"
QUEUES = (INTERACTIVE, RETURNED, BATCH)

Closing = Callable[[Transaction], None]
"""What is left to write of finished work: in the transaction that ends its job, as each waits for the disk."""


@dataclass(frozen=True, slots=True)
class TaskName:
    """What stands in the rows of jobs and at the broker, and the queue it waits in unless a job names another one.

    The name of a task may never change: rows of an earlier release bear it.
    """

    name: str
    queue: str

    def __str__(self) -> str:
        return self.name


PACKAGE = TaskName("archive.package", BATCH)
"""Archive an attachment. It is ordered by the room that accepts a document, and done by another one beside it."""


def nothing_to_tell(tx: Transaction, subject_id: str, code: str, detail: str) -> None:
    """Giving up means nothing where the next job of this kind is there already and takes what was left."""


def nobody_waits(tx: Transaction, subject_id: str, code: str) -> None:
    """That the work waits is told to nobody: no person waits for it."""


@dataclass(frozen=True, slots=True)
class Task:
    """The work behind a name.

    `perform` does it for a subject. It may be called again for the same subject, even while a hanging first call still
    goes on. An `Outage` is waited for; any other `DocserviceError` that is not retryable ends the job at once; all else
    is tried again. What it leaves to be written is not written when the job is no longer that worker's.

    `abandon` is called when the job is given up, with its subject and the code and detail of the last error: it writes
    into that transaction what the people who wait have to know.

    `wait` is called, with the subject and the code of the outage, when the job begins to wait for its end.
    """

    name: TaskName
    perform: Callable[[str], Closing | None]
    abandon: Callable[[Transaction, str, str, str], None] = nothing_to_tell
    wait: Callable[[Transaction, str, str], None] = nobody_waits


def by_name(tasks: Iterable[Task]) -> Mapping[str, Task]:
    """The tasks by what stands in a job's row. A name that two of them bear is a ValueError."""
    named: dict[str, Task] = {}
    for task in tasks:
        if named.setdefault(task.name.name, task) is not task:
            raise ValueError(f"two tasks of one name: {task.name}")
    return named
