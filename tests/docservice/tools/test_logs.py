"""Where the log of a process goes, and how much of it."""

from __future__ import annotations

import io
import json
import sys

import structlog

from docservice.tools.logs import configure
from tests.support.programs import run

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


LIBRARY = """
import logging, sys, warnings
from docservice.tools.logs import configure, take_over_libraries
configure(sys.stdout)
take_over_libraries()
library = logging.getLogger("some.library")
for _ in range(500):
    library.warning("Cannot connect to %s as %s.", "redis://secret@host", "Zilpzalp")
try:
    raise ValueError("Zilpzalp")
except ValueError:
    library.exception("Task %r raised", "Zilpzalp")
library.warning("Zilpzalp has come")
library.info("nothing of interest")
warnings.warn("an old way", DeprecationWarning, stacklevel=1)
"""


def test_what_libraries_say_is_one_line_of_ours_without_what_they_filled_in() -> None:
    lines = [json.loads(line) for line in run([sys.executable, "-W", "always", "-c", LIBRARY], seconds=30).splitlines()]
    assert [(line["library"], line["level"], line["error"]) for line in lines] == [
        ("some.library", "warning", None),
        ("some.library", "error", "ValueError"),
        ("some.library", "warning", None),
        ("py.warnings", "warning", None),
    ]
    assert lines[0]["said"] == "Cannot connect to %s as %s."
    assert "Zilpzalp" not in str(lines)
