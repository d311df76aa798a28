"""Starting real programs for a test, so that each of them ends with it.

Every program gets its own process group, its output goes to a file, and the kernel ends it when the process that
started it dies, however that happens.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.wait import wait_until


@contextmanager
def short_folder() -> Iterator[Path]:
    """A private folder with a path short enough for unix sockets, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="ds-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    command: Sequence[str],
    *,
    log: Path,
    ready: Callable[[], bool],
    seconds: float = 20,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """The program `command` while it runs; entered when `ready()` says so, killed with its process group at the end.

    `user` is whom to run it as (only root can). A program that does not get ready is an error that shows its output.
    """
    end_with_parent = [_program("setpriv"), "--pdeathsig=KILL"]
    as_user = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*end_with_parent, *as_user, "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )
    try:
        wait_until(lambda: process.poll() is not None or ready(), seconds, f"{command[0]} getting ready")
        if process.poll() is not None:
            raise RuntimeError(f"{command[0]} ended with status {process.returncode}: {log.read_text()[-2000:]}")
        yield process
    finally:
        kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 the process group that `process` leads, and collect it; harmless when it has ended."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def run(
    command: Sequence[str], *, seconds: float, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> str:
    """Run `command` to its end and return what it printed; a failure or a time-out is an error that shows it."""
    process = subprocess.Popen(
        [_program("setpriv"), "--pdeathsig=KILL", "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        cwd=folder,
        start_new_session=True,
    )
    try:
        output = process.communicate(timeout=seconds)[0].decode("utf-8", "replace")
    finally:
        kill_group(process)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with status {process.returncode}: {output[-2000:]}")
    return output


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed; Debian has it in util-linux")
    return path
