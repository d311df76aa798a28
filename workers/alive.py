"""A file that gets older as soon as a program no longer goes on: what a container's health check looks at."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from celery import signals

EVERY_SECONDS = 5.0


class AliveFile:
    """The file, if one is wanted (DOCSERVICE_ALIVE_FILE)."""

    def __init__(self, path: Path | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._monotonic = monotonic
        self._next = 0.0

    def touch(self) -> None:
        """The program has gone on; a full disk or a missing folder says nothing about it and is passed over."""
        now = self._monotonic()
        if self._path is None or now < self._next:
            return
        self._next = now + EVERY_SECONDS
        try:
            self._path.touch()
        except OSError:
            return

    def follow_worker(self) -> None:
        """Touch the file for as long as the loop of the Celery worker goes round."""
        signals.worker_ready.connect(self._follow, weak=False)

    def _follow(self, sender: object, **_: object) -> None:
        timer = sender.timer  # type: ignore[attr-defined]
        timer.call_repeatedly(EVERY_SECONDS, self.touch)
