"""Rows that nobody needs any more, erased by their age: without it, what was done grows for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day

import structlog

from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.sources import OFFICE_ZONE, Clock, office_day
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, Task, TaskName

PRUNE = TaskName("jobs.prune", BATCH)
AT_ONCE = 500
"""Rows of one transaction: nobody who writes waits longer than these take."""
_PRUNE_AT = time_of_day(4, 0)  # at night, office time, when what the other tasks of the night write is written

log = structlog.get_logger("docservice.jobs")


@dataclass(frozen=True, slots=True)
class Ages:
    """How long what is over is kept: jobs from their end on, keys and passes from their beginning."""

    jobs: timedelta
    idempotency_keys: timedelta
    fixity_passes: timedelta


@dataclass(frozen=True, slots=True)
class Pruning:
    """Erases finished jobs, idempotency keys and the notes of fixity passes. What waits or runs, and what has happened
    (events), is never touched."""

    database: Database
    jobs: JobService
    clock: Clock
    ages: Ages

    def tasks(self) -> tuple[Task, ...]:
        """What is done by jobs; the subject is its night."""
        return (Task(PRUNE, self._prune_nightly),)

    def schedule(self) -> None:
        """Make sure that the coming night has its job; calling it more often changes nothing."""
        night = office_day(self.clock.now()) + timedelta(days=1)
        run_after = datetime.combine(night, _PRUNE_AT, OFFICE_ZONE)
        with self.database.transaction() as tx:
            self.jobs.enqueue_once(tx, f"prune-{night.isoformat()}", PRUNE, run_after)

    def prune(self, seconds: float = 90) -> int:
        """Erase what is too old; how many rows. Ends after `seconds`: the next night goes on."""
        deadline, now, erased = time.monotonic() + seconds, self.clock.now(), 0
        kinds: tuple[Callable[[Transaction], int], ...] = (
            lambda tx: tx.jobs.erase_finished(now - self.ages.jobs, AT_ONCE),
            lambda tx: tx.idempotency.erase(now - self.ages.idempotency_keys, AT_ONCE),
            lambda tx: tx.fixity.erase(now - self.ages.fixity_passes, AT_ONCE),
        )
        for erase in kinds:
            while rows := self._erased(erase):
                erased += rows
                if time.monotonic() > deadline:
                    log.warning("pruning_unfinished", erased=erased)
                    return erased
        log.info("pruned", erased=erased)
        return erased

    def _erased(self, erase: Callable[[Transaction], int]) -> int:
        with self.database.transaction() as tx:
            return erase(tx)

    def _prune_nightly(self, night: str) -> None:
        """The pruning of a night, which also brings that of the next one about."""
        self.schedule()
        self.prune()
