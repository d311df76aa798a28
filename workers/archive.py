"""The tasks of the room `archive`."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery

from docservice.archive.service import FIXITY_TASK
from docservice.domain.returned.scans import ARCHIVE_TASK


def register(app: Celery, run: Callable[[str], None]) -> None:
    """Make the tasks known to `app`; `run` does the job whose id the message carries."""
    for name in (ARCHIVE_TASK, FIXITY_TASK):
        app.task(name=name)(run)
