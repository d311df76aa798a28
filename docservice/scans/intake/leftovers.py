"""Stored bytes of scans that no record names: a writer died, or a disk was full, between the bytes and their record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from itertools import islice

import structlog

from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.sources import OFFICE_ZONE, Clock, office_day
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, Task, TaskName
from docservice.storage.service import BlobStore

SWEEP = TaskName("scans.sweep", BATCH)
LEFT_AFTER = timedelta(days=30)
"""Younger bytes are left alone: their record may be on its way, or come back with a database that was restored."""
_SWEEP_AT = time_of_day(3, 0)  # at night, office time
_ORIGINALS, _PICTURES = "scans/originals", ("scans/pages", "scans/zones", "scans/streams")
_AT_ONCE = 500  # databases limit the parameters of a statement

log = structlog.get_logger("docservice.scans")


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Erases them: a scan that nobody knows of is personal data that nobody would ever erase."""

    database: Database
    blobs: BlobStore
    jobs: JobService
    clock: Clock

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs; the subject of a sweep is its night."""
        return (Task(SWEEP, self._sweep_nightly),)

    def schedule(self) -> None:
        """Make sure that a sweep is due for the coming night; calling it more often changes nothing."""
        night = office_day(self.clock.now()) + timedelta(days=1)
        run_after = datetime.combine(night, _SWEEP_AT, OFFICE_ZONE)
        with self.database.transaction() as tx:
            self.jobs.enqueue_once(tx, f"sweep-{night.isoformat()}", SWEEP, run_after)

    def sweep(self, seconds: float = 90) -> int:
        """Erase originals, pages, pictures and crops that are older than `LEFT_AFTER` and named by no record; how many.

        Ends after `seconds`, and tells when it did not come to its end.
        """
        deadline, erased = time.monotonic() + seconds, 0
        for folder in (_ORIGINALS, *_PICTURES):
            old = self.blobs.old_keys(folder, self.clock.now() - LEFT_AFTER)
            while keys := tuple(islice(old, _AT_ONCE)):
                erased += sum(self._erase(key) for key in self._unnamed(keys))
                if time.monotonic() > deadline:
                    log.warning("sweep_unfinished", folder=folder, erased=erased)
                    return erased
        return erased

    def _sweep_nightly(self, night: str) -> None:
        """The sweep of a night, which also brings that of the next one about."""
        self.schedule()
        self.sweep()

    def _erase(self, key: str) -> bool:
        """Whether it was still named by nobody a moment before it was erased."""
        for left in self._unnamed((key,)):
            self.blobs.delete(left)
            log.warning("leftover_erased", key=left)
            return True
        return False

    def _unnamed(self, keys: Sequence[str]) -> Iterator[str]:
        """Those of the keys that no record names, now that their age is known: who got a record since, is safe."""
        with self.database.reading() as tx:
            named = _named(tx, keys)
        return (key for key in keys if key not in named)


def _named(tx: Transaction, keys: Sequence[str]) -> frozenset[str]:
    """At least those of the keys, all of one folder, that a record names. Records are found by the name in the key."""
    names = sorted({key.split("/")[2] for key in keys})
    return tx.scan_files.keys_of(names) if keys[0].startswith(_ORIGINALS) else tx.scan_pages.keys_of(names)
