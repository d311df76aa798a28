"""`python -m tests.support.scan_worker FOLDER DATABASE BROKER LEASE_SECONDS`: a real worker that reads plain scans.

Certain signatures need no person, and archiving an attachment is counted as an event.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from billiard.exceptions import SoftTimeLimitExceeded

from docservice.db.events import EventName
from docservice.db.unit_of_work import Database
from docservice.domain.returned.return_verdict import SignaturePolicy
from docservice.domain.sources import SystemClock
from docservice.jobs.runner import JobRunner
from docservice.jobs.tasks import PACKAGE, Task, by_name
from docservice.tools.own_process import identity
from tests.support.actors import SOMEBODY
from tests.support.scan_office import ScanOffice
from workers.app import create_app, serve
from workers.log import configure_log
from workers.process import WorkerProcess
from workers.worker import register_tasks


@dataclass(frozen=True, slots=True)
class CountArchived:
    """Archives nothing, but tells that it was asked to."""

    database: Database

    def perform(self, subject_id: str) -> None:
        with self.database.transaction() as tx:
            attachment = tx.attachments.get(subject_id)
            assert attachment is not None
            tx.events.add(SOMEBODY, EventName.ARCHIVE_ENTERED, subject_id, SystemClock().now())


def automatic_office(folder: Path, database_url: str) -> ScanOffice:
    """The office of these tests, on a database that is there."""
    return ScanOffice(folder, Database(database_url), policy=SignaturePolicy.AUTOMATIC)


def tasks(office: ScanOffice) -> tuple[Task, ...]:
    """Those of returned scans, and the counted one."""
    return (*office.scans.tasks(), *office.own_pages.tasks(), Task(PACKAGE, CountArchived(office.database).perform))


def main() -> int:
    configure_log()
    folder, database_url, broker_url, lease = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])

    @contextmanager
    def runner() -> Iterator[JobRunner]:
        office = automatic_office(folder, database_url)
        yield JobRunner(
            office.jobs,
            tasks(office),
            identity(),
            lease_seconds=lease,
            first_pause=timedelta(seconds=0.1),
            overrun=SoftTimeLimitExceeded,
        )
        office.database.close()

    process = WorkerProcess(runner)
    process.connect()
    app = create_app(broker_url)
    register_tasks(app, by_name(tasks(automatic_office(folder, database_url))), process.run)
    return serve(app, processes=2)


if __name__ == "__main__":
    sys.exit(main())
