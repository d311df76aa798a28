"""Folders for temporary files: one for each call, gone afterwards, and never taken from a call that lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from docservice.archive.scratch import working_folder

_HOLDS = """
import sys, time
from pathlib import Path
from docservice.archive.scratch import working_folder
with working_folder(Path(sys.argv[1])) as folder:
    (folder / "original-1").write_bytes(b"of a family")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_a_folder_is_for_one_call_and_gone_afterwards(tmp_path: Path) -> None:
    with working_folder(tmp_path) as first, working_folder(tmp_path) as second:
        assert first != second
        assert first.is_dir()
        assert first.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_a_living_process_stays_and_one_of_a_dead_process_goes(tmp_path: Path) -> None:
    """Whether it lives is asked of its lock: a process of another container cannot be seen from here."""
    with subprocess.Popen([sys.executable, "-c", _HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            folder = Path(holder.stdout.readline().strip())
            unseen = folder.rename(tmp_path / "archive-999999999-abc")
            with working_folder(tmp_path):
                assert (unseen / "original-1").exists()
        finally:
            os.kill(holder.pid, signal.SIGKILL)
    with working_folder(tmp_path) as mine:
        assert list(tmp_path.iterdir()) == [mine]


def test_many_calls_at_once_keep_their_folders(tmp_path: Path) -> None:
    def use(number: int) -> bool:
        with working_folder(tmp_path) as folder:
            (folder / "own").write_text(str(number))
            return [path.read_text() for path in folder.glob("own")] == [str(number)] and folder.exists()

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(use, range(400)))
    with working_folder(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
