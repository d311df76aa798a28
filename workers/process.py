"""What one worker process owns: its parts, built after the fork and closed at its end."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

import structlog
from celery import signals

from docservice.domain.errors import Outage
from docservice.jobs.runner import JobRunner
from docservice.tools.process import die_with_parent

_log = structlog.get_logger(__name__)

Build = Callable[[], AbstractContextManager[JobRunner]]


class WorkerProcess:
    """Holds the parts of the process it finds itself in. Before the fork it is empty, so nothing is shared by it."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._stack = ExitStack()
        self._runner: JobRunner | None = None

    def connect(self) -> None:
        """Let Celery start and close it in each worker process."""
        signals.worker_process_init.connect(self._start, weak=False)
        signals.worker_process_shutdown.connect(self._close, weak=False)

    def run(self, job_id: str) -> None:
        """Run the job in this process. With the database away it is left to whoever comes when its lease is over."""
        try:
            (self._runner or self._ready()).run(job_id)
        except Outage as error:
            _log.warning("job_left", job=job_id, code=error.code)

    def _start(self, **_: object) -> None:
        # A worker process whose master was killed would finish its task and then wait for ever.
        die_with_parent()
        self._ready()

    def _ready(self) -> JobRunner:
        self._runner = self._stack.enter_context(self._build())
        # What is there now stays: to look through it for garbage again and again took a sixth of the time of a job.
        gc.collect()
        gc.freeze()
        return self._runner

    def _close(self, **_: object) -> None:
        self._runner = None
        self._stack.close()
