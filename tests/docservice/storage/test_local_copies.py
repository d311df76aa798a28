"""Copies of stored files on this machine: fetched once, within their room, and none left that nobody can use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from docservice.domain.errors import DocserviceError
from docservice.storage.local_copies import LocalCopies
from tests.support.disks import on_full_disk
from tests.support.programs import run

DATA = bytes(range(250)) * 400  # 100,000 bytes
FETCHING = """
import sys
from pathlib import Path
from docservice.domain.errors import DocserviceError
from docservice.storage.local_copies import LocalCopies

def fetch():
    yield bytes(int(sys.argv[2]))
    if sys.argv[3] == "wait":
        print("half", flush=True)
        sys.stdin.read()

try:
    with LocalCopies(Path(sys.argv[1]), 1 << 30).opened("a", "1", int(sys.argv[2]), fetch):
        print("whole")
except DocserviceError as error:
    print(error.code)
"""


class Source:
    """Hands out the same bytes and counts how often; slowly if wanted."""

    def __init__(self, data: bytes = DATA, pause: float = 0.0) -> None:
        self.data, self.pause, self.fetched = data, pause, 0
        self._lock = threading.Lock()

    def __call__(self) -> Iterator[bytes]:
        with self._lock:
            self.fetched += 1
        yield self.data[:70_000]
        time.sleep(self.pause)
        yield self.data[70_000:]


def read(copies: LocalCopies, key: str, source: Source, version: str = "1") -> bytes:
    with copies.opened(key, version, len(source.data), source) as path:
        return path.read_bytes()


def files(folder: Path) -> list[int]:
    return sorted(path.stat().st_size for path in folder.iterdir())


def test_what_was_fetched_once_is_not_fetched_again_until_it_has_changed(tmp_path: Path) -> None:
    copies, source = LocalCopies(tmp_path / "copies", 1 << 20), Source()
    assert [read(copies, "a", source) for _ in range(3)] == [DATA] * 3
    assert source.fetched == 1
    source.data = DATA[::-1]
    assert read(copies, "a", source, "2") == DATA[::-1]
    assert source.fetched == 2


def test_of_many_that_want_it_at_once_one_fetches_it(tmp_path: Path) -> None:
    source = Source(pause=0.2)
    with ThreadPoolExecutor(8) as pool:
        wanted = [LocalCopies(tmp_path, 1 << 20) for _ in range(8)]
        found = list(pool.map(lambda copies: read(copies, "a", source), wanted))
    assert found == [DATA] * 8
    assert source.fetched == 1
    assert files(tmp_path) == [len(DATA)]


def test_the_copies_that_were_not_used_for_longest_make_room(tmp_path: Path) -> None:
    copies, sources = LocalCopies(tmp_path, 250_000), {key: Source() for key in "abc"}
    for number, key in enumerate("aba"):
        read(copies, key, sources[key])
        for path in tmp_path.iterdir():  # as if an hour passed
            facts = path.stat()
            os.utime(path, (facts.st_atime, facts.st_mtime - 3600))
        assert len(files(tmp_path)) == min(number + 1, 2)
    with copies.opened("b", "1", len(DATA), sources["b"]) as in_use:
        os.utime(in_use, (0, 0))
        read(copies, "c", sources["c"])
        assert in_use.read_bytes() == DATA  # whoever has it open goes on reading
    assert files(tmp_path) == [len(DATA)] * 2
    for key in "acb":
        read(copies, key, sources[key])
    assert [sources[key].fetched for key in "abc"] == [1, 2, 1]


@pytest.mark.parametrize("room", [0, len(DATA) - 1])
def test_what_is_larger_than_the_room_is_gone_after_its_use(tmp_path: Path, room: int) -> None:
    copies, source = LocalCopies(tmp_path, room), Source()
    assert [read(copies, "a", source) for _ in range(2)] == [DATA] * 2
    assert (source.fetched, files(tmp_path)) == (2, [])


def test_a_copy_that_nobody_used_for_a_day_goes(tmp_path: Path) -> None:
    copies = LocalCopies(tmp_path, 1 << 20)
    read(copies, "a", Source())
    (old,) = tmp_path.iterdir()
    os.utime(old, (time.time() - 90_000, time.time() - 90_000))
    read(copies, "b", Source())
    assert not old.exists()


def test_what_is_erased_goes_from_the_copies(tmp_path: Path) -> None:
    copies = LocalCopies(tmp_path, 1 << 20)
    for key, version in (("a", "1"), ("a", "2"), ("b", "1")):
        read(copies, key, Source(), version)
    copies.forget("a")
    assert files(tmp_path) == [len(DATA)]


def broken_off() -> Iterator[bytes]:
    yield DATA[:500]
    raise DocserviceError("storage_unavailable", "The file store does not answer.", retryable=True)


@pytest.mark.parametrize("fetch", [broken_off, lambda: iter([DATA[:500]]), lambda: iter([DATA, b"!"])])
def test_bytes_that_did_not_come_whole_are_told_and_not_kept(
    tmp_path: Path, fetch: Callable[[], Iterator[bytes]]
) -> None:
    copies = LocalCopies(tmp_path, 1 << 20)
    with pytest.raises(DocserviceError) as told, copies.opened("a", "1", len(DATA), fetch):
        pass
    assert (told.value.code, told.value.retryable) == ("storage_unavailable", True)
    assert files(tmp_path) == []
    assert read(copies, "a", Source()) == DATA


def test_an_altered_length_is_not_handed_out(tmp_path: Path) -> None:
    copies, source = LocalCopies(tmp_path, 1 << 20), Source()
    read(copies, "a", source)
    (copy,) = tmp_path.iterdir()
    copy.write_bytes(DATA[:-1])
    assert read(copies, "a", source) == DATA
    assert source.fetched == 2


@pytest.mark.parametrize("again", ["a", "b"])
def test_what_a_killed_process_left_is_used_anew_or_removed(tmp_path: Path, again: str) -> None:
    command = [sys.executable, "-c", FETCHING, str(tmp_path), "200000", "wait"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "half\n"
        read(LocalCopies(tmp_path, 1 << 20), "other", Source())  # removes nothing that is being fetched
        assert files(tmp_path) == [len(DATA), 200_000]
        killed.send_signal(signal.SIGKILL)
        killed.wait(30)
    assert read(LocalCopies(tmp_path, 1 << 20), again, Source()) == DATA
    assert files(tmp_path) == [len(DATA)] * 2


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    command = [sys.executable, "-c", FETCHING, str(folder), "3000000", "go"]
    show = f"{sys.executable} -c \"import sys, os; print(len(os.listdir('{folder}')))\""
    program = ["sh", "-c", '"$@"; ' + show, "sh", *command]
    assert run(on_full_disk(tmp_path, program), seconds=60).split() == ["disk_full", "0"]
