"""Parts of a running stack that a test may kill and start again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from docservice.tools import valkey
from tests.support.programs import kill_group, short_folder
from tests.support.wait import wait_until


class Part:
    """A program that is started, killed -9 with its whole process group, and started again."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = ["setpriv", "--pdeathsig=KILL", "--", *command]
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has been started and has not ended since."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment,
                start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill -9; harmless when it has ended or never started."""
        if self._process is not None:
            kill_group(self._process)
            self._process = None

    def terminate(self, seconds: float = 10) -> int:
        """SIGTERM, and the exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=seconds)


class Broker(Part):
    """A Valkey or Redis server whose data can be deleted while it is down."""

    def __init__(self, folder: Path, program: str | None = None) -> None:
        self.data = folder / "broker"
        self.socket = folder / "s"
        self.url = valkey.broker_url(self.socket)
        command = valkey.server_command(self.data, self.socket)
        super().__init__("broker", [program or command[0], *command[1:]], folder, {})

    def start(self) -> None:
        self.data.mkdir(exist_ok=True)
        super().start()
        wait_until(lambda: valkey.answers(self.socket), 10, "the broker getting ready")

    def delete_data(self) -> None:
        shutil.rmtree(self.data)


class SmallStack:
    """A broker, a relay and a worker for the small tasks of `tiny_worker`, on a database."""

    def __init__(self, folder: Path, database_url: str, broker_program: str | None, lease_seconds: float) -> None:
        self.broker = Broker(folder, broker_program)
        environment = {
            "DOCSERVICE_DATA_DIR": str(folder),
            "DOCSERVICE_DATABASE_URL": database_url,
            "DOCSERVICE_BROKER_URL": self.broker.url,
        }
        tiny_worker = ["-m", "tests.support.tiny_worker", database_url, self.broker.url, str(lease_seconds)]
        self.relay = Part("relay", [sys.executable, "-m", "workers.relay"], folder, environment)
        self.worker = Part("worker", [sys.executable, *tiny_worker], folder, environment)

    def logs(self) -> str:
        """What the relay and the worker have said."""
        return "".join(part.log.read_text() for part in (self.relay, self.worker) if part.log.exists())


@contextmanager
def small_stack(
    database_url: str | Callable[[Path], str], *, broker_program: str | None = None, lease_seconds: float = 2
) -> Iterator[SmallStack]:
    """A running small stack in a folder of its own, all of it killed at the end."""
    with short_folder() as folder:
        url = database_url if isinstance(database_url, str) else database_url(folder)
        stack = SmallStack(folder, url, broker_program, lease_seconds)
        parts = (stack.broker, stack.relay, stack.worker)
        try:
            for part in parts:
                part.start()
            yield stack
        finally:
            for part in reversed(parts):
                part.kill()
