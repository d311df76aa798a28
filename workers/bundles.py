"""The tasks of the room `bundles`."""

from __future__ import annotations

from collections.abc import Callable

from celery import Celery

from docservice.bundles.service import RENDER_TASK


def register(app: Celery, run: Callable[[str], None]) -> None:
    """Make the tasks known to `app`; `run` does the job whose id the message carries."""
    app.task(name=RENDER_TASK)(run)
