"""One JSON line per request: route, status, time, request id. No address, no query, no header, no body."""

from __future__ import annotations

import traceback
from typing import TextIO

import structlog

Logger = structlog.typing.FilteringBoundLogger


def json_logger(stream: TextIO) -> Logger:
    """A logger that writes one JSON object per line to `stream`, with the time in UTC."""
    logger: Logger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    return logger


def failure_facts(error: BaseException) -> dict[str, object]:
    """What may be logged of an unforeseen failure: its class and where it happened.

    Its message is left out, since drivers and parsers put values into it.
    """
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return {
        "error": type(error).__qualname__,
        "where": [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }
