"""The tasks of the room `scans`."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery

from docservice.scans.tasks import OPEN_TASK, READ_TASK, REREAD_TASK, RESCUE_TASK, SETTLE_TASK, SWEEP_TASK


def register(app: Celery, run: Callable[[str], None]) -> None:
    """Make the tasks known to `app`; `run` does the job whose id the message carries."""
    for name in (OPEN_TASK, READ_TASK, SETTLE_TASK, REREAD_TASK, RESCUE_TASK, SWEEP_TASK):
        app.task(name=name)(run)
