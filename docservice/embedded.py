"""The embedded stack: broker, relay, worker and API as programs of one supervisor, all data in one folder.

The supervisor restarts what dies, in the order broker, relay, worker, API, and takes all of them with it when it
ends, even when it is killed -9. The database is loaded only where it is needed, after the programs were started:
so their loading and its own go on side by side.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Self

from docservice.domain.errors import DocserviceError
from docservice.domain.sources import RandomIds, SystemClock
from docservice.settings import PREFIX, PROJECT, Settings
from docservice.tools import valkey
from docservice.tools.process import Background

START_SECONDS = 90.0
"""How long the whole stack may take until it is healthy; a machine under load takes several times the usual 3 s."""
STOP_SECONDS = 15.0
"""How long tasks and requests at hand may take to finish when the stack is stopped."""
LOOK_SECONDS = 0.1
LEAST_FREE_BYTES = 16 << 20
_LONGEST_PAUSE = 10.0
_STEADY_SECONDS = 30.0  # who ran so long is no longer counted as failing
_HOPELESS_STARTS = 4
_READY = "/api/v1/health/ready"

Say = Callable[[str], None]


@dataclass
class _Program:
    """One of the programs: how it is started, and how it has been doing."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: Background | None = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = Background(self.command, self.environment, self.log)

    def look(self) -> bool:
        """Start it again when it has died and its pause is over; True at the moment its death is noticed."""
        now = time.monotonic()
        if self.process is not None:
            if not self.process.ended:
                return False
            self.process.end(0)  # what it left of its group
            self.process = None
            self.failures = 1 if now - self.started_at > _STEADY_SECONDS else self.failures + 1
            self.start_at = now + min(0.1 * 2 ** (self.failures - 1), _LONGEST_PAUSE)
            return True
        if now >= self.start_at:
            self.start()
        return False


class EmbeddedStack:
    """The whole service on this machine. A context manager: healthy inside, gone outside.

    `say` is given one line for whatever an operator should know.
    """

    def __init__(self, settings: Settings, *, say: Say | None = None) -> None:
        self._settings = settings
        self._say = say or (lambda line: None)
        self._lock: int | None = None
        self._socket_folder: Path | None = None
        self._temporary: Path | None = None  # of the programs, which are killed when they have nothing at hand
        self._programs: list[_Program] = []
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the API answers, without a slash at the end."""
        host = self._settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._settings.port}"

    @property
    def token_file(self) -> Path:
        """The file with the token that was made at the first start."""
        return self._settings.data_dir / "keys" / "token"

    def start(self) -> None:
        """Return when everything is healthy; otherwise stop all of it and raise what is wrong, in one clear line."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all programs, each with the time to finish what it has at hand; nothing of them is left."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        else:
            self._end_programs()
        for folder in filter(None, (self._socket_folder, self._temporary)):
            shutil.rmtree(folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def processes(self) -> dict[str, int]:
        """The process ids of the programs that run, by name: broker, relay, worker, api."""
        return {program.name: program.process.pid for program in self._programs if program.process is not None}

    def _start(self) -> None:
        os.umask(0o077)  # what this process and its programs write is for this user only
        self._lock = _locked(self._settings.data_dir)
        _check_space(self._settings.data_dir)
        self._settings = _with_free_port(self._settings)
        logs = self._folder("logs")
        broker = None
        if not self._settings.broker_url:
            broker = self._broker(logs)
            broker.start()
        self._temporary = Path(tempfile.mkdtemp(prefix="docservice-"))
        environment = os.environ | _environment(self._settings) | {"TMPDIR": str(self._temporary)}
        for name, module in (("relay", "workers.relay"), ("worker", "workers.worker"), ("api", "docservice")):
            command = [sys.executable, "-m", module, *(["api"] if name == "api" else [])]
            self._programs.append(_Program(name, command, environment, logs / f"{name}.log"))
            self._programs[-1].start()
        # They take a second or two to load, and wait for the tables if they must.
        self._prepare_database()
        self._await_health()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()

    def _broker(self, logs: Path) -> _Program:
        folder = self._folder("broker")
        path = folder / "socket"
        if not valkey.fits_an_address(path):
            self._socket_folder = _plain_folder()
            path = self._socket_folder / "socket"
        self._settings = replace(self._settings, broker_url=valkey.broker_url(path))
        program = _Program("broker", valkey.server_command(folder, path), dict(os.environ), logs / "broker.log")
        self._programs.append(program)
        return program

    def _prepare_database(self) -> None:
        from docservice.accounts.service import AccountService
        from docservice.db.unit_of_work import Database

        database = Database(self._settings.database_url)
        try:
            database.upgrade()
            accounts = AccountService(database, SystemClock(), RandomIds())
            if accounts.ensure_first(self.token_file):
                self._say(f"The first token is in {self.token_file}")
        finally:
            database.close()

    def _await_health(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            self._look()
            hopeless = [program for program in self._programs if program.failures >= _HOPELESS_STARTS]
            if hopeless or time.monotonic() > deadline:
                raise _not_healthy(hopeless[0].log if hopeless else self._settings.data_dir / "logs")
            time.sleep(LOOK_SECONDS / 2)

    def _healthy(self) -> bool:
        return valkey.consumers(self._settings.broker_url) > 0 and _ready(self._settings.host, self._settings.port)

    def _watch(self) -> None:
        try:
            while not self._stopping.wait(LOOK_SECONDS):
                self._look()
        finally:
            # Here and not in stop(): the kernel kills what this thread has started when this thread ends.
            self._end_programs()

    def _look(self) -> None:
        for program in self._programs:
            if program.look():
                self._say(f"The {program.name} ended and is started again; see {program.log}")
                if program.name == "broker" and program.failures >= _HOPELESS_STARTS - 1:
                    # Its files may be what stops it. They hold nothing that the database does not know.
                    shutil.rmtree(self._settings.data_dir / "broker", ignore_errors=True)
                    self._folder("broker")

    def _end_programs(self) -> None:
        """API, relay and worker first, each with the time to finish what it has at hand; then the broker."""
        running = {program.name: program.process for program in self._programs if program.process is not None}
        self._programs = []
        broker = running.pop("broker", None)
        for process in running.values():
            process.ask_to_end()
        deadline = time.monotonic() + STOP_SECONDS
        if "worker" in running:
            self._finish_jobs(deadline)
            running.pop("worker").end(0)  # with no job at hand it has nothing to lose; by itself it takes seconds
        for process in running.values():
            process.end(max(0.0, deadline - time.monotonic()))
        if broker is not None:
            broker.ask_to_end()
            broker.end(STOP_SECONDS)

    def _finish_jobs(self, deadline: float) -> None:
        """Wait until no job runs; an unreachable database is no reason to wait."""
        from docservice.db.unit_of_work import Database
        from docservice.domain.states import JobState
        from docservice.jobs.service import JobService

        database = Database(self._settings.database_url)
        jobs = JobService(database, SystemClock().now, RandomIds().new)
        try:
            with suppress(DocserviceError):
                while time.monotonic() < deadline and any(
                    count for (_, state), count in jobs.count_by_state().items() if state == JobState.RUNNING
                ):
                    time.sleep(LOOK_SECONDS / 2)
        finally:
            database.close()

    def _folder(self, name: str) -> Path:
        folder = self._settings.data_dir / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self._settings.data_dir, error) from error
        return folder


def serve(settings: Settings) -> int:
    """Run the stack until Ctrl-C, SIGTERM or the end of its terminal; the exit status."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: asked.set())

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    with EmbeddedStack(settings, say=say) as stack:
        say(f"docservice answers at {stack.url}, token in {stack.token_file}. Ctrl-C stops it.")
        asked.wait()
        say("Stopping.")
    return 0


def _locked(data_dir: Path) -> int:
    """Take the data folder for this process; the lock ends with the process, however that ends."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unusable(data_dir, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise DocserviceError.told("embedded.already_running", data_dir=data_dir) from error
    return lock


def _plain_folder() -> Path:
    """A new folder for this user only, where a socket has a short name without signs that mean something in a URL."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp", "/var/tmp"):
        # 40: the name of the folder and of the socket in it
        if parent and valkey.fits_an_address(Path(parent) / ("x" * 40)) and os.access(parent, os.W_OK | os.X_OK):
            return Path(tempfile.mkdtemp(prefix="docservice-", dir=parent))
    raise DocserviceError.told("embedded.no_runtime_folder")


def _check_space(data_dir: Path) -> None:
    """A disk that is all but full would stop the parts one by one, each with words of its own."""
    if shutil.disk_usage(data_dir).free < LEAST_FREE_BYTES:
        raise DocserviceError.told("embedded.disk_full", data_dir=data_dir, mebibytes=LEAST_FREE_BYTES >> 20)


def _with_free_port(settings: Settings) -> Settings:
    """The settings with a port that can be listened on: the one asked for, or for 0 any."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise DocserviceError.told(
                "embedded.port_unavailable", host=settings.host, port=settings.port, why=error.strerror
            ) from error
        return replace(settings, port=int(probe.getsockname()[1]))


def _environment(settings: Settings) -> dict[str, str]:
    """The settings as the programs read them, and where their code is."""
    values = {entry.name: getattr(settings, entry.name) for entry in fields(settings)}
    texts = {PREFIX + name.upper(): _as_text(value) for name, value in values.items() if value is not None}
    return {**texts, "PYTHONPATH": os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ready(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(reachable, port, timeout=3)
    try:
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", _READY)
            return connection.getresponse().status == http.client.OK
        return False
    finally:
        connection.close()


def _unusable(data_dir: Path, error: OSError) -> DocserviceError:
    return DocserviceError.told("embedded.data_dir_unusable", data_dir=data_dir, why=error.strerror)


def _not_healthy(log: Path) -> DocserviceError:
    return DocserviceError.told("embedded.start_failed", log=log)
