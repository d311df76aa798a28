"""Logs as JSON lines, one object each, with the time in UTC. Nobody logs a personal value; nothing here adds one."""

from __future__ import annotations

import logging
import time
from typing import Any, TextIO

import structlog

_QUIET_SECONDS = 60.0
_LONGEST_WORDS, _MOST_WORDS = 200, 1000
Logger = structlog.typing.FilteringBoundLogger


def configure(stream: TextIO, level: str = "info") -> None:
    """Have all loggers of this process write to `stream` from now on, those that have written before, too."""
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(stream), **_form(level))


def json_logger(stream: TextIO) -> Logger:
    """A logger of its own that writes to `stream`, whatever the process has configured."""
    logger: Logger = structlog.wrap_logger(structlog.WriteLogger(stream), **_form("info"))
    return logger


def take_over_libraries() -> None:
    """Have what libraries log, and Python's warnings, come as lines of ours: who said it, where, and in which words.

    What a library fills into its words is left out, as are words into which it has filled something before, and the
    text of an error: it may be a value of a case, or an address. The same again within a minute is left out, too.
    """
    root = logging.getLogger()
    root.handlers[:] = [_Libraries()]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)


class _Libraries(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self._log = structlog.get_logger("libraries")
        self._said: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        place = f"{record.module}:{record.lineno}"
        words = str(record.msg).strip().partition("\n")[0][:_LONGEST_WORDS] if record.args else None
        last, now = self._said.get((record.name, place)), time.monotonic()
        if last is not None and now - last < _QUIET_SECONDS:
            return
        if len(self._said) >= _MOST_WORDS:
            self._said.clear()
        self._said[record.name, place] = now
        kind = record.exc_info[0] if record.exc_info else None
        self._log.log(
            record.levelno, "library", library=record.name, place=place, said=words, error=kind and kind.__name__
        )


def _form(level: str) -> dict[str, Any]:
    return {
        "processors": [
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        "wrapper_class": structlog.make_filtering_bound_logger(level),
    }
