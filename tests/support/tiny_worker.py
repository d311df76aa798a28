"""`python -m tests.support.tiny_worker DATABASE BROKER LEASE_SECONDS`: a real worker with small tasks of known effect.

The subject of every task is a document; finishing it also writes the event "document.ready" in the same transaction, so
the events count how often the work took effect. The event "document.rendering" counts how often it was tried.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from billiard.exceptions import SoftTimeLimitExceeded

from docservice.db.bundles import DocumentRecord, RenderedFiles
from docservice.db.events import EventName
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.errors import DocserviceError
from docservice.domain.sources import RandomIds, SystemClock
from docservice.jobs.runner import JobRunner
from docservice.jobs.service import JobService
from docservice.jobs.tasks import INTERACTIVE, Task, TaskName, by_name
from docservice.tools.own_process import identity
from tests.support.actors import SOMEBODY
from workers.app import create_app, serve
from workers.log import configure_log
from workers.process import WorkerProcess
from workers.worker import register_tasks

FILES = RenderedFiles(
    pages=1,
    docx_key="a.docx",
    docx_sha256="0" * 64,
    docx_size=1,
    pdf_key="a.pdf",
    pdf_sha256="0" * 64,
    pdf_size=1,
    zones=(),
    translation_checked=True,
)


@dataclass(frozen=True, slots=True)
class Work:
    """Takes `seconds`, then completes the document."""

    database: Database
    seconds: float = 0.02

    def perform(self, subject_id: str) -> None:
        clock = SystemClock()
        with self.database.transaction() as tx:
            document = tx.documents.get(subject_id)
            assert document is not None
            _tell(tx, EventName.DOCUMENT_RENDERING, document)
            if tx.documents.start(subject_id) is None:
                return
        self.burden()
        with self.database.transaction() as tx:
            if tx.documents.complete(subject_id, FILES, clock.now()):
                _tell(tx, EventName.DOCUMENT_READY, document)

    def burden(self) -> None:
        time.sleep(self.seconds)

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        tx.documents.fail(subject_id, code, detail, detail, SystemClock().now())


def _tell(tx: Transaction, name: EventName, document: DocumentRecord) -> None:
    tx.events.add(SOMEBODY, name, document.bundle_id, SystemClock().now(), {"document_id": document.id})


class Poison(Work):
    """Kills the process that takes it."""

    def burden(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Unlucky(Work):
    """Fails in a way that could pass, but never does."""

    def burden(self) -> None:
        raise DocserviceError("engine_busy", "The engine is busy.", retryable=True)


class Hopeless(Work):
    """Fails in a way that trying again cannot mend."""

    def burden(self) -> None:
        raise DocserviceError("typeset_failed", "Line 3: unknown variable.")


class Buggy(Work):
    """Raises what nobody foresaw, with a person's name in it."""

    def burden(self) -> None:
        raise KeyError("Wilhelmine Canary")


def tasks(database: Database) -> list[Task]:
    """All of them."""
    works = {
        "tests.work": Work(database),
        "tests.slow": Work(database, seconds=4.5),
        "tests.poison": Poison(database),
        "tests.unlucky": Unlucky(database),
        "tests.hopeless": Hopeless(database),
        "tests.buggy": Buggy(database),
    }
    return [Task(TaskName(name, INTERACTIVE), work.perform, work.abandon) for name, work in works.items()]


def main() -> int:
    configure_log()
    database_url, broker_url, lease_seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])

    @contextmanager
    def runner() -> Iterator[JobRunner]:
        database = Database(database_url)
        jobs = JobService(database, SystemClock().now, RandomIds().new)
        yield JobRunner(
            jobs,
            tasks(database),
            identity(),
            lease_seconds=lease_seconds,
            first_pause=timedelta(seconds=0.1),
            overrun=SoftTimeLimitExceeded,
        )
        database.close()

    process = WorkerProcess(runner)
    process.connect()
    app = create_app(broker_url)
    register_tasks(app, by_name(tasks(Database(database_url))), process.run)
    return serve(app, processes=2)


if __name__ == "__main__":
    sys.exit(main())
