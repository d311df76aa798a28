"""Logs as JSON lines, one object each, with the time in UTC. Nobody logs a personal value; nothing here adds one."""

from __future__ import annotations

from typing import Any, TextIO

import structlog

Logger = structlog.typing.FilteringBoundLogger


def configure(stream: TextIO, level: str = "info") -> None:
    """Have all loggers of this process write to `stream` from now on, those that have written before, too."""
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(stream), **_form(level))


def json_logger(stream: TextIO) -> Logger:
    """A logger of its own that writes to `stream`, whatever the process has configured."""
    logger: Logger = structlog.wrap_logger(structlog.WriteLogger(stream), **_form("info"))
    return logger


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
