"""The only place that starts other programs: one run with a time limit, or a supervised child that answers requests.

Every program gets a process group of its own and is ended with it. A supervised child speaks frames (see `frames`) on
its standard input and output.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO, Any, Self, cast

from docservice.domain.errors import DocserviceError
from docservice.tools.child.frames import FRAME
from docservice.tools.child.sandbox import die_with_parent as die_with_parent

_POLL_SECONDS = 0.02
_FAREWELL_SECONDS = 1.0
_CHUNK = 1 << 16
_PIPE = 1 << 20
_NEARLY_ALL = 0.7
_STDERR_KEPT = 2000
_OUT_OF_MEMORY = (b"memory allocation of", b"MemoryError", b"Cannot allocate memory", b"failed to allocate")


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str],
    *,
    seconds: float,
    stdin: bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a program to its end, at most `seconds` long.

    Raises DocserviceError "program_missing" when it cannot be started, "program_timeout" when its time is over, and
    whatever is raised into the call while it waits: the program's whole process group is dead by then. The program
    also ends when the thread that waits for it does. A status other than 0 is for the caller to judge.
    """
    with _started(command, cwd=cwd, env=env, stderr=subprocess.PIPE, ends_with_us=True) as process:
        try:
            stdout, stderr = process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            raise DocserviceError.told(
                "tools.program_timeout", retryable=True, name=Path(command[0]).name, seconds=seconds
            ) from None
        except BaseException:
            _kill_group(process)
            raise
        return Finished(process.returncode, stdout, stderr)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a supervised child may use."""

    seconds: float = 20.0  # for one request
    memory_bytes: int = 768 << 20  # resident, while it works; above it the child is killed
    recycle_bytes: int = 170 << 20  # resident, after an answer; above it the child is replaced
    recycle_requests: int = 1000


class ChildTimeout(Exception):
    """The child did not answer in time and was killed."""


class ChildMemory(Exception):
    """The child used more memory than allowed and is dead."""


class ChildDied(Exception):
    """The child ended while it worked on a request; `status` as `Popen.returncode` has it, None when it did not end by
    itself."""

    def __init__(self, told: str, status: int | None = None) -> None:
        super().__init__(told)
        self.status = status


class SupervisedChild:
    """A child process that answers one request at a time; started when first needed, replaced after any failure.

    Safe to use from several threads (they wait for each other), and after a fork (the new process starts its own).
    """

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        self._command = tuple(command)
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes] | None = None
        self._owner = 0
        self._answered = 0

    @property
    def pid(self) -> int | None:
        """The child's process id while one is running."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, header: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """The child's answer to a request; ChildTimeout, ChildMemory or ChildDied when there is none.

        A child that died while it was idle is replaced unseen.
        """
        with self._lock:
            process = self._ready()
            try:
                answer = self._exchange(process, _pack(header, body))
            except BaseException:
                self._end()
                raise
            self._answered += 1
            if self._answered >= self._limits.recycle_requests or _resident(process.pid) > self._limits.recycle_bytes:
                self._dismiss()
            return answer

    def close(self) -> None:
        """End the child; a later request starts another."""
        with self._lock:
            self._dismiss()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # forked: the parent's child is not ours to talk to, nor to kill
            self._process, self._stderr, self._owner = None, None, os.getpid()
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the child lives)
            self._process = _started(self._command, stderr=self._stderr)
            self._answered = 0
            with contextlib.suppress(OSError, ValueError):  # a second net below the watching of resident memory
                room = self._limits.memory_bytes * 2 + (1 << 30)
                resource.prlimit(self._process.pid, resource.RLIMIT_AS, (room, room))
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                os.set_blocking(pipe.fileno(), False)
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], message: bytes) -> tuple[dict[str, Any], bytes]:
        assert process.stdin is not None
        assert process.stdout is not None
        source, target = process.stdout.fileno(), process.stdin.fileno()
        deadline = time.monotonic() + self._limits.seconds
        unsent, received = memoryview(message), bytearray()
        while True:
            readable, writable, _ = select.select([source], [target] if unsent else [], [], _POLL_SECONDS)
            if writable:
                unsent = self._written(target, unsent)
            if readable:
                chunk = os.read(source, _CHUNK)
                if not chunk:
                    raise self._death(process)
                received += chunk
                answer = _unpack(received)
                if answer is not None:
                    return answer
            if not readable and not writable:
                self._watch(process, deadline)
            elif time.monotonic() > deadline:
                raise ChildTimeout

    def _written(self, target: int, unsent: memoryview) -> memoryview:
        try:
            return unsent[os.write(target, unsent[:_CHUNK]) :]
        except BrokenPipeError:
            return unsent[:0]  # the read side tells how it died

    def _watch(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        if time.monotonic() > deadline:
            raise ChildTimeout
        if _resident(process.pid) > self._limits.memory_bytes:
            raise ChildMemory

    def _death(self, process: subprocess.Popen[bytes]) -> Exception:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        said = b""
        if self._stderr is not None:
            end = self._stderr.seek(0, os.SEEK_END)
            self._stderr.seek(max(0, end - _STDERR_KEPT))
            said = self._stderr.read()
        if any(sign in said for sign in _OUT_OF_MEMORY):
            return ChildMemory()
        return ChildDied(
            f"status {process.returncode}", process.returncode
        )  # never what it wrote: that may hold values

    def _dismiss(self) -> None:
        """End an idle child by closing its pipe, so that it can tidy up; kill it when it takes too long."""
        process = self._process
        if process is not None and self._owner == os.getpid() and process.stdin is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                process.stdin.close()
                process.wait(_FAREWELL_SECONDS)
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and self._owner == os.getpid():
            _kill_group(process)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        if self._stderr is not None:
            self._stderr.close()
            self._stderr = None


class TellingChild:
    """A child process that answers no requests but tells frame after frame, then ends. A context manager.

    It is used once, and works ahead of its listener by as much as the pipe holds. The thread that starts it has to
    outlive it: a child that wants to die with its parent dies with that thread.
    """

    def __init__(
        self, command: Sequence[str], source: IO[bytes], limits: Limits, *, most_bytes: int, cpu_seconds: float
    ) -> None:
        """Start it with `source` as its standard input and an empty environment but for Python's path.

        `most_bytes` is the largest body it may tell; `cpu_seconds` are for one frame.
        """
        self._limits = limits
        self._most_bytes = most_bytes
        self._cpu_seconds = cpu_seconds
        environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = _started(command, stdin=source, stderr=subprocess.DEVNULL, env=environment)
        assert self._process.stdout is not None
        self._stdout = cast(FileIO, self._process.stdout)
        os.set_blocking(self._stdout.fileno(), False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._stdout, fcntl.F_SETPIPE_SZ, _PIPE)
        self._cpu_before = 0.0
        self._most_resident = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _kill_group(self._process)
        self._process.wait()
        self._stdout.close()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def hear(self) -> tuple[dict[str, Any], bytearray] | None:
        """The next frame, None when the child has ended well; ChildTimeout, ChildMemory or ChildDied otherwise.

        What it tells is not to be trusted: no more is known than that the header is a JSON object.
        """
        deadline = time.monotonic() + self._limits.seconds
        start = self._read(FRAME.size, deadline, may_end=True)
        if start is None:
            death = self._death()
            if self._process.returncode != 0:
                raise death
            return None
        header_size, body_size = FRAME.unpack(start)
        if header_size > _CHUNK or body_size > self._most_bytes:
            raise ChildDied("a frame too large")
        header = self._read(header_size, deadline) or b""
        body = self._read(body_size, deadline) or bytearray()
        self._cpu_before = _cpu_seconds(self._process.pid)
        try:
            told = json.loads(header)
        except ValueError:
            raise ChildDied("an unreadable frame") from None
        if not isinstance(told, dict):
            raise ChildDied("an unreadable frame")
        return told, body

    def _read(self, size: int, deadline: float, *, may_end: bool = False) -> bytearray | None:
        received = bytearray(size)
        rest = memoryview(received)
        while rest:
            count = self._stdout.readinto(rest)
            if count is None:
                self._await(deadline)
            elif count:
                rest = rest[count:]
            elif may_end and len(rest) == size:
                return None
            else:
                raise self._death()
        return received

    def _await(self, deadline: float) -> None:
        while not select.select([self._stdout], [], [], _POLL_SECONDS)[0]:
            if time.monotonic() > deadline:
                raise ChildTimeout
            if _cpu_seconds(self._process.pid) - self._cpu_before > self._cpu_seconds:
                raise ChildTimeout
            self._most_resident = max(self._most_resident, _resident(self._process.pid))
            if self._most_resident > self._limits.memory_bytes:
                raise ChildMemory

    def _death(self) -> Exception:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_FAREWELL_SECONDS)
        if self._most_resident > _NEARLY_ALL * self._limits.memory_bytes:
            return ChildMemory()
        return ChildDied(f"status {self._process.returncode}", self._process.returncode)


class Background:
    """A program that runs beside this one until it is ended; killed when the thread that started it ends or dies."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it; what it says is appended to `log`. DocserviceError "program_missing" when it cannot be started."""
        with log.open("ab") as output:
            self._process = _started(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, ends_with_us=True
            )

    @property
    def pid(self) -> int:
        """The process, which leads its process group."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the program is no longer running."""
        return self._process.poll() is not None

    def ask_to_end(self) -> None:
        """SIGTERM to the program alone: it is to end its own children."""
        if not self.ended:
            self._process.terminate()

    def end(self, seconds: float) -> None:
        """Wait so long for its end, then kill whatever its process group still has."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        _kill_group(self._process)
        self._process.wait()


def serve(answer: Any, source: IO[bytes], target: IO[bytes]) -> None:
    """The child's side: answer each request of `source` on `target` until the parent closes its end.

    `answer(header, body)` returns the answer's header and body.
    """
    while (start := source.read(FRAME.size)) and len(start) == FRAME.size:
        header_size, body_size = FRAME.unpack(start)
        header = json.loads(source.read(header_size))
        answer_header, answer_body = answer(header, source.read(body_size))
        target.write(_pack(answer_header, answer_body))
        target.flush()


def _started(
    command: Sequence[str],
    *,
    stderr: int | IO[bytes],
    stdin: int | IO[bytes] = subprocess.PIPE,
    stdout: int | IO[bytes] = subprocess.PIPE,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    ends_with_us: bool = False,
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            bufsize=0,
            cwd=cwd,
            env=None if env is None else dict(env),
            start_new_session=True,
            preexec_fn=die_with_parent if ends_with_us else None,
        )
    except OSError as error:
        raise DocserviceError.told("tools.program_missing", name=Path(command[0]).name, why=error.strerror) from error


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _cpu_seconds(pid: int) -> float:
    """Processor time used so far, 0 when that cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


def _resident(pid: int) -> int:
    """Bytes of memory in use, 0 when that cannot be told."""
    try:
        statm = Path(f"/proc/{pid}/statm").read_bytes()
        return int(statm.split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _pack(header: Mapping[str, Any], body: bytes) -> bytes:
    encoded = json.dumps(header, ensure_ascii=False).encode()
    return FRAME.pack(len(encoded), len(body)) + encoded + body


def _unpack(received: bytearray) -> tuple[dict[str, Any], bytes] | None:
    if len(received) < FRAME.size:
        return None
    header_size, body_size = FRAME.unpack_from(received)
    start = FRAME.size + header_size
    if len(received) < start + body_size:
        return None
    return json.loads(received[FRAME.size : start]), bytes(received[start : start + body_size])
