"""Where the log of a process goes, and how much of it."""

from __future__ import annotations

import io
import json

import structlog

from docservice.tools.logs import configure

log = structlog.get_logger("docservice.test")


def test_what_is_configured_later_holds_for_loggers_that_have_written_before(process_log: io.StringIO) -> None:
    log.info("first")
    later = io.StringIO()
    configure(later, "debug")
    log.debug("second", pages=3)
    assert [json.loads(line)["event"] for line in process_log.getvalue().splitlines()] == ["first"]
    assert [json.loads(line)["event"] for line in later.getvalue().splitlines()] == ["second"]


def test_what_is_below_the_level_is_not_written() -> None:
    stream = io.StringIO()
    configure(stream, "error")
    log.info("not told")
    log.error("told")
    structlog.reset_defaults()
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["told"]
