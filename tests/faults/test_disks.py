"""Disks that are full or cannot be written: a sentence that says so, nothing half done, and on it goes afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.disks import on_full_disk, on_read_only_disk
from tests.support.fixtures import CASES

DOCSERVICE = (sys.executable, "-m", "docservice")
FULL = [503, "disk_full", "The disk of the database is full or failing. Free some space; nothing was changed."]
READ_ONLY = [
    500,
    "database_read_only",
    "The database cannot be written. Give this user write permission on the data folder.",
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return _made(tmp_path / "disk")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return _made(tmp_path / "out")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def bundling(out: Path) -> list[str]:
    return [*DOCSERVICE, "bundle", str(CASES / "01-miller.json"), "--out", str(out)]


def refused(command: Sequence[str], data: Path) -> str:
    """The one line of a command that could not do its work."""
    result = _ended(command, data)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("docservice: ")
    return line


def _ended(command: Sequence[str], data: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DOCSERVICE_DATA_DIR": str(data / "data"), "LANG": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False, env=environment)


# -- the command line --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("free", ["64k", "400k"])
def test_the_command_says_that_the_disk_of_its_data_is_full(data: Path, out: Path, free: str) -> None:
    """No room for a database, or room for a database and nothing else."""
    assert "disk" in (line := refused(on_full_disk(data, bundling(out), free=free), data))
    assert "full" in line
    assert list(out.iterdir()) == []


def test_the_command_says_that_its_data_folder_cannot_be_written(data: Path, out: Path) -> None:
    assert str(data / "data") in refused(on_read_only_disk(data, bundling(out)), data)


def test_the_command_says_that_there_is_no_room_for_its_files(data: Path, out: Path) -> None:
    line = refused(on_full_disk(out, bundling(out)), data)
    assert str(out) in line
    assert "No space left" in line


def test_the_command_says_that_its_files_cannot_be_written(data: Path, out: Path) -> None:
    assert str(out) in refused(on_read_only_disk(out, bundling(out)), data)


# -- the API -----------------------------------------------------------------------------------------------------------


def told_by_the_api(disk: Path, story: str, room: str) -> dict[str, Any]:
    """What the API answered on a disk of its own in a story of `small_disk`."""
    program = [sys.executable, "-m", "tests.support.small_disk", story, str(disk)]
    result = _ended(on_full_disk(disk, program, free=room), disk)
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def test_the_api_refuses_while_the_disk_is_full_and_goes_on_when_there_is_room(data: Path) -> None:
    told = told_by_the_api(data, "full", "4m")
    assert told["full"] == {"case": FULL, "bundle": FULL, "look": [200]}
    assert told["freed"] == {"case": [201], "bundle": [202], "look": [200]}
    assert told["bundle"] == "ready"


def test_the_api_refuses_what_would_change_a_read_only_disk_and_still_shows_what_is_there(data: Path) -> None:
    told = told_by_the_api(data, "read-only", "40m")
    assert told["before"] == {"case": [201], "bundle": [202], "look": [200]}
    assert told["read-only"] == {"case": READ_ONLY, "bundle": READ_ONLY, "look": [200]}
