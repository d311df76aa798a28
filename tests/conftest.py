"""What all tests share: what they need is there or they fail, an S3 server, the proof that nothing is left running."""

from __future__ import annotations

import io
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from xdist.scheduler import LoadGroupScheduling

from docservice.tools.logs import configure
from tests.support.needs import demand, needs_of
from tests.support.services import S3, s3_server

_MARK = "PYTEST_RUN_OF"
_TOGETHER = (  # files whose tests share something that takes seconds to make: each runs in one process, in its order
    "tests/docservice/bundles/test_renderings_agree.py",
    "tests/faults/test_embedded.py",
    "tests/journeys/test_request_to_download.py",
    "tests/journeys/test_scan_stack.py",
)
_TRACKER = "multiprocessing.resource_tracker"  # Python's own; it ends with the process that has it


class _FilesTogether(LoadGroupScheduling):  # type: ignore[misc]
    """Every test goes to whichever process is free, but those of the files named above to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in _TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _FilesTogether:
    """The mark `xdist_group` does nothing under pytest 9.2, so the groups are made here."""
    return _FilesTogether(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A program that is missing fails the test before anything of it is set up; nothing is skipped."""
    demand(needs_of(item))


@pytest.fixture(scope="session", autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Every process that the tests start inherits a mark; whoever still carries it at the end is killed and named."""
    mark = uuid.uuid4().hex
    os.environ[_MARK] = mark
    yield
    left = dict(_marked(f"{_MARK}={mark}".encode()))
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not left, f"the tests left running: {sorted(left.values())}"


def _marked(entry: bytes) -> Iterator[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or somebody else's
            if int(process.name) != os.getpid() and entry in (process / "environ").read_bytes().split(b"\0"):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                if command and _TRACKER not in command:  # a zombie has none
                    yield int(process.name), command


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A running S3 server with one bucket, shared by the tests of one process."""
    with s3_server() as store:
        yield store


@pytest.fixture
def process_log() -> Iterator[io.StringIO]:
    """Everything that the parts in this process log, down to the last detail."""
    stream = io.StringIO()
    configure(stream, "debug")
    yield stream
    structlog.reset_defaults()
