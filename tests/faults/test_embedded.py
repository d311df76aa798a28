"""The embedded stack as people start it: `docservice serve`, killed in parts and as a whole, and badly placed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from docservice.client import ApiClient
from docservice.domain.errors import DocserviceError
from tests.support.disks import on_full_disk, on_read_only_disk
from tests.support.parts import Part
from tests.support.programs import short_folder
from tests.support.wait import wait_until

SERVE = [sys.executable, "-m", "docservice", "serve"]
START_SECONDS = 100
PROGRAMS = {"broker": "valkey-server", "relay": "workers.relay", "worker": "workers.worker", "api": "docservice api"}


class Service(Part):
    """`docservice serve` on a data folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "Fälle ?neu #50 100%25 a=b;c"  # each of these signs means something in some address
        super().__init__("serve", SERVE, folder, settings(self.data))

    @property
    def url(self) -> str:
        found = re.search(r"answers at (\S+),", self.log.read_text())
        return found.group(1) if found else ""

    def healthy(self) -> bool:
        with suppress(OSError, DocserviceError):
            return ApiClient(self.url, None, timeout_seconds=5).get("/api/v1/health/ready").status == 200
        return False

    def says(self, words: str) -> bool:
        return words in self.log.read_text()

    def runs_all(self, names: Iterable[str]) -> bool:
        return set(names) <= set(self.processes())

    def processes(self) -> dict[str, int]:
        """Its programs by the words of their command lines; of the worker the process that was there first."""
        found: dict[str, int] = {}
        for pid, command in sorted(living(self.data)):
            for name, words in PROGRAMS.items():
                if words in command:
                    found.setdefault(name, pid)
        return found


def settings(data: Path, port: int = 0) -> dict[str, str]:
    return {"DOCSERVICE_DATA_DIR": str(data), "DOCSERVICE_PORT": str(port), "DOCSERVICE_WARM_UP": "no"}


def living(data: Path) -> Iterator[tuple[int, str]]:
    """The processes that work on a data folder, as environment, folder or command line tell, and the latter."""
    setting = f"DOCSERVICE_DATA_DIR={data}\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            environment = (process / "environ").read_bytes() + b"\0"
            at_home = data in (process / "cwd").readlink().parents  # the broker writes its title over the rest
            if command and (at_home or setting in environment or f"{data}/" in command):
                yield int(process.name), command


@contextmanager
def serving() -> Iterator[Service]:
    with short_folder() as folder:
        service = Service(folder)
        service.start()
        try:
            wait_until(lambda: service.url or not service.runs, START_SECONDS, "the service starting")
            assert service.runs, service.log.read_text()
            yield service
        finally:
            service.kill()
            wait_until(lambda: not list(living(service.data)), 10, "everything being gone")


def refused(command: list[str], environment: dict[str, str]) -> str:
    """What a start that must fail with status 2 says: one line."""
    ended = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, timeout=60, check=False, text=True
    )
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.strip().splitlines()
    assert "Traceback" not in line
    return line


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


def test_whatever_part_is_killed_is_started_again(service: Service) -> None:
    for name in PROGRAMS:
        os.kill(service.processes()[name], signal.SIGKILL)
        wait_until(partial(service.says, f"The {name} ended and is started again"), 20, f"the {name} being missed")
        wait_until(partial(service.runs_all, PROGRAMS), 20, f"the {name} being started again")
        wait_until(service.healthy, START_SECONDS, f"health after the {name} was killed")


def test_a_second_service_on_the_same_folder_is_refused(service: Service) -> None:
    line = refused(SERVE, settings(service.data))
    assert str(service.data) in line
    assert "DOCSERVICE_DATA_DIR" in line
    assert service.healthy()


def test_files_of_the_service_are_for_its_user_only(service: Service) -> None:
    open_to_others = [path for path in service.data.rglob("*") if not path.is_socket() and path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_sigterm_ends_all_of_it_with_status_0(service: Service) -> None:
    assert service.terminate(seconds=30) == 0
    assert list(living(service.data)) == []


@pytest.mark.timeout(240)
def test_kill_9_of_the_supervisor_takes_everything_with_it_and_the_next_start_works() -> None:
    with serving() as service:
        assert set(service.processes()) == {"broker", "relay", "worker", "api"}
        os.kill(service.pid, signal.SIGKILL)
        wait_until(lambda: not list(living(service.data)), 10, "everything being gone")
        service.kill()
        service.log.unlink()
        service.start()
        wait_until(lambda: service.url or not service.runs, START_SECONDS, "the service starting again")
        assert service.healthy()


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused(SERVE, settings(tmp_path / "data", port))
    assert str(port) in line
    assert "DOCSERVICE_PORT" in line


def test_a_read_only_data_folder_is_told_in_one_line(tmp_path: Path) -> None:
    line = refused(on_read_only_disk(tmp_path, SERVE), settings(tmp_path / "data"))
    assert str(tmp_path / "data") in line


@pytest.mark.parametrize("free", ["4k", "256k"])
def test_a_full_disk_is_told_in_one_line(tmp_path: Path, free: str) -> None:
    """No room for the data folder; room for a start, but not for work."""
    line = refused(on_full_disk(tmp_path, SERVE, free=free), settings(tmp_path / "data"))
    assert "full" in line or "space" in line
