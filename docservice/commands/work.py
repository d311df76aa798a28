"""Work on returned scans that a command does in its own process, unless a running office is quicker to take it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from docservice.commands.installation import operator
from docservice.domain.errors import DocserviceError

if TYPE_CHECKING:
    from docservice.bootstrap import Services
    from docservice.jobs.runner import JobRunner, Outcome

    Progress = Callable[[int, int | None], None]  # pages read, and how many there are once that is known

THREADS = max(2, min(8, os.cpu_count() or 2))
"""Jobs done at a time: pages are decoded by processes of their own, and reading leaves Python's lock for most of it."""
_LOOK_SECONDS = 0.05
_AGAIN_SECONDS = 0.5  # a job that was not to be had is somebody else's, or not due yet
_SWEEP_SECONDS = 1.0
_LONGEST_STANDSTILL = 120.0
_LONGEST_AFTERWARDS = 60.0


def finish(services: Services, upload_id: str, tell: Progress) -> None:
    """Do the jobs of an upload until it is read and judged, and what follows from that archived.

    Raises DocserviceError when nothing goes on for two minutes; whatever is left is done by a running office, or by
    the next command with this upload.
    """
    stalled = _Standstill()
    running: dict[Future[Outcome], str] = {}
    tried: dict[str, float] = {}
    swept = time.monotonic()
    with runner_and_pool(services, THREADS) as (runner, pool):
        while True:
            if time.monotonic() - swept > _SWEEP_SECONDS:
                services.jobs.sweep()
                swept = time.monotonic()
            waiting = services.scans.waiting_jobs(operator(), upload_id)
            ended = services.scans.ended(operator(), upload_id)
            if ended and not running and (not waiting or stalled.seconds > _LONGEST_AFTERWARDS):
                return
            if not running and stalled.seconds > _LONGEST_STANDSTILL:
                raise _standstill()
            now = time.monotonic()
            due = [job for job in waiting if job not in running.values() and now - tried.get(job, 0) > _AGAIN_SECONDS]
            for job in due[: THREADS - len(running)]:
                tried[job] = now
                running[pool.submit(runner.run, job)] = job
            _await(services, running)
            stalled.look((ended, len(waiting), *_pages(services, upload_id, tell)))


@contextmanager
def runner_and_pool(services: Services, threads: int) -> Iterator[tuple[JobRunner, ThreadPoolExecutor]]:
    """What does jobs in the name of this process.

    When the command is ended from outside, the jobs at hand are given back at once: whoever comes next goes on.
    """
    from docservice.jobs.runner import JobRunner
    from docservice.tools.own_process import identity

    pool, owner = ThreadPoolExecutor(max_workers=threads), identity()
    try:
        yield JobRunner(services.jobs, services.tasks, owner), pool
    except Exception:
        pool.shutdown(cancel_futures=True)
        raise
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        with suppress(DocserviceError):  # the next command sees that this process is gone
            services.jobs.give_back(owner)
        raise
    pool.shutdown()


def stop_at_outage(services: Services, job_id: str, outcome: Outcome) -> None:
    """Who sits at the terminal is told at once what is away or full; the job is kept, and goes on when it is back."""
    from docservice.jobs.runner import Outcome

    if outcome is Outcome.WAITING:
        with services.database.reading() as tx:
            job = tx.jobs.get(job_id)
        if job is not None and job.error_code is not None:
            raise DocserviceError(job.error_code, job.error_detail or job.error_code)


class _Standstill:
    """Since when nothing has changed."""

    def __init__(self) -> None:
        self._seen: object = None
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._since

    def look(self, seen: object) -> None:
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()


def _await(services: Services, running: dict[Future[Outcome], str]) -> None:
    """Wait until there is room for another job, or for a moment when there is none to wait for."""
    if not running:
        time.sleep(_LOOK_SECONDS)
        return
    ended, _ = wait(running, timeout=None if len(running) == THREADS else _LOOK_SECONDS, return_when=FIRST_COMPLETED)
    for future in ended:
        stop_at_outage(services, running.pop(future), future.result())


def _pages(services: Services, upload_id: str, tell: Progress) -> tuple[int, int]:
    """Tell how many pages are read, of how many; both, as far as known."""
    files = read = total = opened = 0
    for event in services.scans.events(operator(), upload_id):
        files = int(str(event.data.get("files", files)))
        read = int(str(event.data.get("pages_read", read)))
        total += int(str(event.data["pages"])) if event.name == "file.opened" else 0
        opened += event.name in ("file.opened", "file.rejected")
    tell(read, total if opened >= files else None)
    return read, total


@contextmanager
def progress_bar(name: str) -> Iterator[Progress]:
    """A bar on a terminal, on standard error; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _standstill() -> DocserviceError:
    return DocserviceError.told("commands.standstill", seconds=_LONGEST_STANDSTILL)
