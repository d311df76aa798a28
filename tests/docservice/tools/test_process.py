"""Programs are started with limits, and nothing of them is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from docservice.domain.errors import DocserviceError
from docservice.tools.process import ChildDied, ChildMemory, ChildTimeout, Limits, SupervisedChild, TellingChild, run
from tests.support import breakers

SHORT = Limits(seconds=1.0)


@contextmanager
def child(command: tuple[str, ...], limits: Limits = SHORT) -> Iterator[SupervisedChild]:
    supervised = SupervisedChild(command, limits)
    try:
        yield supervised
    finally:
        supervised.close()


def eventually(holds: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def everything_running() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, timeout=10, check=True).stdout


def test_a_program_says_what_it_has_to_say() -> None:
    finished = run([sys.executable, "-c", "import sys; print(input()); sys.exit(4)"], seconds=10, stdin=b"hello\n")
    assert (finished.status, finished.stdout) == (4, b"hello\n")


def test_a_program_that_hangs_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(DocserviceError) as raised:
        run(["sh", "-c", f"sleep 600 & echo $! > {note}; sleep 600"], seconds=0.5)
    assert raised.value.code == "program_timeout"
    assert eventually(lambda: not runs(int(note.read_text())))


class Overrun(Exception):
    """What the surroundings raise into work that takes too long."""


def test_a_program_is_ended_with_everything_it_started_when_its_caller_is_stopped(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def stop(*_: object) -> None:
        raise Overrun

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 1)
    begun = time.monotonic()
    try:
        with pytest.raises(Overrun):
            run(["sh", "-c", f"sleep 600 & echo $! > {note}; sleep 30"], seconds=60)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - begun < 20
    assert eventually(lambda: not runs(int(note.read_text())))


def test_a_program_dies_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        f"from docservice.tools.process import run\nrun(['sh', '-c', 'echo $$ > {note}; exec sleep 600'], seconds=60)"
    )
    caller = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    try:
        assert eventually(lambda: note.exists() and note.read_text() != "")
    finally:
        caller.kill()
        caller.wait(5)
    assert eventually(lambda: not runs(int(note.read_text())))


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(DocserviceError, match="engine cannot be started") as raised:
        run(["/nonexistent/engine"], seconds=1)
    assert raised.value.code == "program_missing"


def test_a_child_answers_many_requests_in_one_process() -> None:
    with child(breakers.ECHOES) as echo:
        first, body = echo.ask({"n": 1, "text": "Zgurśkij"}, b"x" * 3_000_000)
        second, _ = echo.ask({"n": 2})
    assert (first["text"], len(body)) == ("Zgurśkij", 3_000_000)
    assert first["pid"] == second["pid"]


def test_a_child_is_replaced_after_its_number_of_requests() -> None:
    with child(breakers.ECHOES, Limits(seconds=5, recycle_requests=2)) as echo:
        pids = [echo.ask({})[0]["pid"] for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_child_grown_too_big_is_replaced() -> None:
    with child(breakers.ECHOES, Limits(seconds=5, recycle_bytes=1)) as echo:
        pids = [echo.ask({})[0]["pid"] for _ in range(2)]
    assert pids[0] != pids[1]


@pytest.mark.parametrize("command", [breakers.HANGS, breakers.SPINS])
def test_a_child_that_hangs_is_killed_in_time(command: tuple[str, ...]) -> None:
    with child(command) as hanging:
        with pytest.raises(ChildTimeout):
            hanging.ask({})
        assert hanging.pid is None


def test_what_a_hanging_child_started_dies_with_it() -> None:
    with child(breakers.HANGS_WITH_CHILD) as hanging, pytest.raises(ChildTimeout):
        hanging.ask({})
    assert eventually(lambda: "sleep 987" not in everything_running())


def test_a_child_that_eats_memory_is_killed_before_the_machine_suffers() -> None:
    with child(breakers.EATS_MEMORY, Limits(seconds=20, memory_bytes=200 << 20)) as greedy, pytest.raises(ChildMemory):
        greedy.ask({})


@pytest.mark.parametrize("command", [breakers.CRASHES, breakers.LEAVES])
def test_a_child_that_dies_at_work_is_reported_and_replaced(command: tuple[str, ...]) -> None:
    with child(command) as dying:
        for _ in range(2):
            with pytest.raises(ChildDied):
                dying.ask({})


def test_neighbours_of_a_hanging_request_are_answered() -> None:
    with child(breakers.HANGS_ONCE) as engine:
        engine.ask({})
        with pytest.raises(ChildTimeout):
            engine.ask({"hang": True})
        assert engine.ask({}, b"fine")[1] == b"fine"


def test_a_child_killed_while_idle_is_replaced_unseen() -> None:
    with child(breakers.ECHOES) as echo:
        pid = echo.ask({})[0]["pid"]
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not runs(pid))
        assert echo.ask({})[0]["pid"] != pid


def test_threads_share_a_child() -> None:
    answers: list[bytes] = []
    with child(breakers.ECHOES, Limits(seconds=10)) as echo:
        echo.ask({})
        threads = [threading.Thread(target=lambda n=n: answers.append(echo.ask({}, b"%d" % n)[1])) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert sorted(answers) == [b"%d" % n for n in range(8)]


def test_a_busy_child_dies_with_its_parent(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        "import sys, threading, time\n"
        "from docservice.tools.process import *\n"
        "from tests.support import breakers\n"
        "child = SupervisedChild(breakers.HANGS_ONCE, Limits(seconds=60))\n"
        "child.ask({})\n"  # it is up
        "threading.Thread(target=child.ask, args=({'hang': True},), daemon=True).start()\n"
        "time.sleep(0.3)\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    try:
        assert eventually(lambda: note.exists() and note.read_text() != "", 30)
    finally:
        parent.kill()
        parent.wait(5)
    assert eventually(lambda: not runs(int(note.read_text())))


TELL = (
    "import json, os, struct, sys, time\n"
    "def tell(header, body=b''):\n"
    "    header = header if isinstance(header, bytes) else json.dumps(header).encode()\n"
    "    sys.stdout.buffer.write(struct.pack('>II', len(header), len(body)) + header + body)\n"
    "    sys.stdout.buffer.flush()\n"
)


@contextmanager
def telling(program: str, limits: Limits = SHORT, cpu_seconds: float = 5) -> Iterator[TellingChild]:
    command = (sys.executable, "-c", TELL + program)
    with (
        Path(__file__).open("rb") as source,
        TellingChild(command, source, limits, most_bytes=4 << 20, cpu_seconds=cpu_seconds) as child,
    ):
        yield child


def test_a_child_tells_frame_after_frame_and_ends() -> None:
    with telling("for n in range(3): tell({'n': n}, bytes([n]) * 3_000_000)", Limits(seconds=10)) as child:
        for n in range(3):
            header, body = child.hear() or ({}, b"")
            assert header == {"n": n}
            assert bytes(body) == bytes([n]) * 3_000_000
        assert child.hear() is None


def test_a_telling_child_reads_what_it_was_given_and_knows_nothing_of_our_environment() -> None:
    with telling("tell({'line': sys.stdin.readline(), 'known': sorted(os.environ)})", Limits(seconds=10)) as child:
        told = child.hear()
    assert told is not None
    assert told[0]["line"] == Path(__file__).read_text().splitlines(keepends=True)[0]
    assert set(told[0]["known"]) <= {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE"}


@pytest.mark.parametrize(
    ("program", "failure"),
    [
        ("time.sleep(600)", ChildTimeout),
        ("tell({}); sys.stdout.buffer.write(b'123'); sys.stdout.flush(); time.sleep(600)", ChildTimeout),
        ("while True: pass", ChildTimeout),
        ("os.abort()", ChildDied),
        ("sys.exit(3)", ChildDied),
        ("tell(b'[1]')", ChildDied),
        ("tell(b'{')", ChildDied),
        ("tell({}, bytes(5 << 20))", ChildDied),
        ("sys.stdout.buffer.write(b'\\xff' * 100)", ChildDied),
        ("sys.stdout.buffer.write(b'123')", ChildDied),
    ],
)
def test_a_telling_child_that_fails_is_told_apart_and_gone(program: str, failure: type[Exception]) -> None:
    def hear_all(child: TellingChild) -> None:
        while child.hear() is not None:
            pass

    with telling(program, SHORT if failure is ChildTimeout else Limits(seconds=20)) as told:
        pid = told.pid
        with pytest.raises(failure):
            hear_all(told)
    assert not runs(pid)


def test_a_telling_child_that_computes_without_end_is_stopped_by_its_processor_time() -> None:
    begun = time.monotonic()
    with telling("while True: pass", Limits(seconds=60), cpu_seconds=0.3) as child, pytest.raises(ChildTimeout):
        child.hear()
    assert time.monotonic() - begun < 30


def test_a_telling_child_that_eats_memory_is_stopped() -> None:
    program = "kept = []\nwhile True: kept.append(bytearray(10 << 20)); time.sleep(0.01)"
    with telling(program, Limits(seconds=30, memory_bytes=200 << 20)) as child, pytest.raises(ChildMemory):
        child.hear()
