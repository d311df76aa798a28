"""Measuring a piece of work in processes of its own, with the clock and the CPU time of everything it starts."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

Work = Callable[[int], None]
"""Does the n-th piece of work."""
Setup = Callable[[], tuple[Work, Callable[[], None]]]
"""Makes ready; returns the work and what ends it. A function at the top of a module, as it crosses processes."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """`per_second` over all processes together; `cpu_ms` and `wall_ms` are for one piece of work."""

    pieces: int
    per_second: float
    wall_ms: float
    cpu_ms: float


def measure(setup: Setup, *, pieces: int, processes: int = 1, warm_up: int = 2, seconds: float = 120) -> Measurement:
    """Let each of `processes` do `pieces` pieces at the same time; warmed up before the clock starts.

    A process stops early when `seconds` are over, and what it did until then counts.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    pipes = []
    children = []
    for _ in range(processes):
        ours, theirs = context.Pipe()
        child = context.Process(target=_child, args=(setup, pieces, warm_up, seconds, barrier, theirs))
        child.start()
        theirs.close()
        pipes.append(ours)
        children.append(child)
    try:
        results = [_received(pipe, seconds + 120) for pipe in pipes]
    finally:
        for child in children:
            child.join(10)
            if child.is_alive():
                child.kill()
    done = sum(result[0] for result in results)
    wall = max(result[1] for result in results)
    cpu = sum(result[2] for result in results)
    return Measurement(done, done / wall, 1000 * wall * processes / done, 1000 * cpu / done)


def _received(pipe: Connection, seconds: float) -> tuple[int, float, float]:
    if not pipe.poll(seconds):
        raise TimeoutError("a measured process did not answer")
    try:
        answer = pipe.recv()
    except EOFError as error:
        raise RuntimeError("a measured process ended; its error stands above") from error
    if isinstance(answer, str):
        raise RuntimeError(answer)
    return answer  # type: ignore[no-any-return]


def _child(setup: Setup, pieces: int, warm_up: int, seconds: float, barrier: Barrier, pipe: Connection) -> None:
    try:
        work, close = setup()
        try:
            for number in range(warm_up):
                work(number)
            barrier.wait(180)
            pipe.send(_timed(work, pieces, seconds))
        finally:
            close()
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises it
        barrier.abort()
        pipe.send(f"{type(error).__name__}: {error}")
    os._exit(0)  # LibreOffice as a library does not survive an orderly end of its process


def _timed(work: Work, pieces: int, seconds: float) -> tuple[int, float, float]:
    cpu, start, done = cpu_seconds(os.getpid()), time.perf_counter(), 0
    while done < pieces and time.perf_counter() - start < seconds:
        work(done)
        done += 1
    return done, time.perf_counter() - start, cpu_seconds(os.getpid()) - cpu


def descendants(pid: int) -> list[int]:
    """The process and everything below it."""
    children = _children()
    found, front = [pid], [pid]
    while front:
        front = [child for parent in front for child in children.get(parent, [])]
        found += front
    return found


def crew(pid: int) -> list[int]:
    """The process and its own children."""
    return [pid, *_children().get(pid, [])]


def _children() -> dict[int, list[int]]:
    """The processes of the machine, by those that started them."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    return children


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, of its descendants that live, and of those it has waited for."""
    total = 0
    for each in descendants(pid):
        fields = _stat(each)
        if fields:
            total += sum(int(field) for field in fields[11:15])
    return total / _TICKS


def own_cpu_seconds(pid: int) -> float:
    """CPU time of one process alone; 0 when it has ended."""
    return sum(int(field) for field in _stat(pid)[11:13]) / _TICKS


def resident_mebibytes(pid: int) -> float:
    """Resident memory of one process, in MiB; 0 when it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE / 2**20
    except OSError:
        return 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third one (state) on; empty when the process has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
