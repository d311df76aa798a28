"""`python -m tests.support.ended_work scan FILE STEP...` (or `bundle CASE`, `decide REVIEW,...`): commands cut short.

Their work is done by their own parts on their data folder: once for each step, killed -9 there, and once more to its
end, with another file, bundle or review each time. The exit statuses are printed as JSON. A step is "before TASK" or
"after TASK" (its effect is there, its job not completed), or "keep PATTERN": the moment before bytes are kept under a
key like that.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder
from docservice.commands.installation import operator
from docservice.commands.work import finish, runner_and_pool
from docservice.jobs.tasks import Closing, Task
from docservice.reviews.decisions import Decision
from docservice.settings import Settings
from docservice.storage.service import BlobStore, open_store
from docservice.tools.logs import configure
from tests.support.actors import SOMEBODY


@dataclass(frozen=True)
class EndingBlobs:
    """A store that kills its process before it keeps something."""

    store: BlobStore
    step: str

    def put(self, key: str, data: bytes) -> None:
        end_at(f"keep {key}", self.step)
        self.store.put(key, data)

    def put_file(self, key: str, path: Path) -> None:
        end_at(f"keep {key}", self.step)
        self.store.put_file(key, path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def ending(task: Task, step: str) -> Task:
    """The task, killing its process before or after its work if that is the step."""

    def perform(subject_id: str) -> Closing | None:
        end_at(f"before {task.name}", step)
        closing = task.perform(subject_id)
        end_at(f"after {task.name}", step)
        return closing

    return replace(task, perform=perform)


@dataclass(frozen=True, slots=True)
class EndingServices(Services):
    """The parts of an installation whose work ends at a step."""

    step: str = ""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """As they are, but for the step."""
        whole = Services.tasks.fget(self)  # type: ignore[attr-defined]
        return tuple(ending(task, self.step) for task in whole)


def end_at(here: str, step: str) -> None:
    """Kill this process if that is the step. An empty step is none."""
    if fnmatchcase(here, step):
        os.kill(os.getpid(), signal.SIGKILL)


def parts(step: str) -> EndingServices:
    """All parts, after what every command does first."""
    settings = Settings.from_environment(os.environ)

    def keeping(url: str) -> BlobStore:
        return cast("BlobStore", EndingBlobs(open_store(url), step))

    services = build(settings, blobs=keeping(settings.blob_url), vault=keeping(settings.vault_url))
    services.jobs.sweep()
    return EndingServices(**{each.name: getattr(services, each.name) for each in fields(services)}, step=step)


def scan(file: str, step: str, number: int) -> None:
    """As `docservice scan FILE`, the file with a comment of its own at its end."""
    services = parts(step)
    with services.incoming.reception() as reception:
        reception.begin(f"{number}.pdf")
        reception.write(Path(file).read_bytes() + b"%%%d\n" % number)
        reception.end()
        upload_id = services.scans.receive(operator(), reception.files).upload_id
    finish(services, upload_id, lambda done, total: None)
    services.close()


def decide(reviews: str, step: str, number: int) -> None:
    """As `docservice decide REVIEW accept`."""
    services = parts(step)
    view = services.reviews.decide(operator(), reviews.split(",")[number], Decision("accept"))
    for upload_id in services.scans.uploads_of(SOMEBODY, view):
        finish(services, upload_id, lambda done, total: None)
    services.close()


def bundle(case: str, step: str, _: int) -> None:
    """Order a bundle as `docservice bundle CASE` does, and do what is to be done of all bundles."""
    services = parts(step)
    if step:
        kept = services.cases.create(SOMEBODY, json.loads(Path(case).read_text("utf-8")))
        services.bundles.request(SOMEBODY, kept.case_id, BundleOrder(("de",)))
    with runner_and_pool(services, 1) as (runner, _pool):
        for job in services.jobs.due():
            runner.run(job.id)
    services.close()


def status(work: Callable[[str, str, int], None], subject: str, step: str, number: int) -> int:
    """The exit status of a process that works until the step."""
    process = os.fork()
    if not process:
        work(subject, step, number)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def main() -> None:
    configure(sys.stderr, "error")
    work = {"scan": scan, "decide": decide, "bundle": bundle}[sys.argv[1]]
    attempts = [(step, number) for number, ending in enumerate(sys.argv[3:]) for step in (ending, "")]
    print(json.dumps([status(work, sys.argv[2], step, number) for step, number in attempts]))


if __name__ == "__main__":
    main()
