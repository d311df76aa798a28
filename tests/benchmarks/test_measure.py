"""The benchmarks measure what they say: whole processes with all they start, and bounds that can be missed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from benchmarks.measure import cpu_seconds, crew, measure, own_cpu_seconds
from benchmarks.report import Figure, Ratio, Section
from tests.support.wait import wait_until

_BURN = "import time\nwhile time.process_time() < 0.2: pass"


def sleeping() -> tuple[Callable[[int], None], Callable[[], None]]:
    """Work that takes 20 ms of the clock and hardly any of the processor."""
    return lambda _: time.sleep(0.02), lambda: None


def starting_a_program() -> tuple[Callable[[int], None], Callable[[], None]]:
    """Work whose processor time is spent in a program it starts."""

    def work(_: int) -> None:
        subprocess.run([sys.executable, "-c", _BURN], check=True, timeout=20)

    return work, lambda: None


def meeting(folder: Path) -> tuple[Callable[[int], None], Callable[[], None]]:
    """Work that ends only when another process is at the same piece."""

    def work(number: int) -> None:
        (folder / f"{number}-{os.getpid()}").touch()
        wait_until(lambda: len(list(folder.glob(f"{number}-*"))) == 2, 60, "the other process")

    return work, lambda: None


def failing() -> tuple[Callable[[int], None], Callable[[], None]]:
    """Work that cannot be done."""
    raise ValueError("no such engine")


def test_processes_work_at_the_same_time(tmp_path: Path) -> None:
    measured = measure(partial(meeting, tmp_path), pieces=3, processes=2, warm_up=0)
    assert measured.pieces == 6
    assert measured.wall_ms == pytest.approx(2000 / measured.per_second)


def test_the_time_of_started_programs_counts() -> None:
    assert measure(starting_a_program, pieces=2, warm_up=0).cpu_ms >= 190


def test_what_a_process_takes_itself_is_told_from_what_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", f"{_BURN}\ninput()"], stdin=subprocess.PIPE) as started:
        wait_until(lambda: own_cpu_seconds(started.pid) > 0.15, 60, "the burning")
        assert crew(os.getpid())[0] == os.getpid()
        assert started.pid in crew(os.getpid())
        running = cpu_seconds(os.getpid()) - own_cpu_seconds(os.getpid())
        started.communicate(timeout=20)
    assert cpu_seconds(os.getpid()) - own_cpu_seconds(os.getpid()) >= running > 0.15


def test_work_that_takes_too_long_is_counted_as_far_as_it_got() -> None:
    assert measure(sleeping, pieces=10_000, warm_up=0, seconds=0.3).pieces < 100


def test_a_failure_is_told_and_not_measured() -> None:
    with pytest.raises(RuntimeError, match="no such engine"):
        measure(failing, pieces=1)


def test_a_missed_bound_is_shown_in_print_and_in_json() -> None:
    section = Section("PDF", [Figure("ours", 51.2, "documents/s")])
    section.ratios = [Ratio("against a peer", 39.0, at_least=40), Ratio("p50", 120.0, "ms", at_most=400)]
    section.skipped = ["Carbone needs node"]
    text = "\n".join(section.lines())
    assert "39.0 x   MISSED (>= 40.0)" in text
    assert "120 ms   reached (<= 400)" in text
    assert "not measured: Carbone needs node" in text
    ratios = section.as_json()["ratios"]
    assert isinstance(ratios, list)
    assert [ratio["reached"] for ratio in ratios] == [False, True]
