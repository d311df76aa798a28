"""The file that shows that a worker or a relay goes on."""

from __future__ import annotations

import os
from pathlib import Path

from workers.alive import EVERY_SECONDS, AliveFile


def test_the_file_is_made_and_gets_younger_now_and_then(tmp_path: Path) -> None:
    now = [100.0]
    path = tmp_path / "alive"
    alive = AliveFile(path, lambda: now[0])
    alive.touch()
    os.utime(path, (1, 1))
    alive.touch()
    assert path.stat().st_mtime == 1
    now[0] += EVERY_SECONDS
    alive.touch()
    assert path.stat().st_mtime > 1


def test_no_file_is_wanted_or_it_cannot_be_made(tmp_path: Path) -> None:
    AliveFile(None).touch()
    AliveFile(tmp_path / "missing" / "alive").touch()
    assert not list(tmp_path.iterdir())
