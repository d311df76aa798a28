"""What one worker process owns: its parts, built after the fork and closed at its end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from celery import signals

from docservice.jobs.runner import JobRunner
from docservice.tools.process import die_with_parent

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
        """Run the job in this process."""
        if self._runner is None:
            self._runner = self._stack.enter_context(self._build())
        self._runner.run(job_id)

    def _start(self, **_: object) -> None:
        # A worker process whose master was killed would finish its task and then wait for ever.
        die_with_parent()
        self._runner = self._stack.enter_context(self._build())

    def _close(self, **_: object) -> None:
        self._runner = None
        self._stack.close()
