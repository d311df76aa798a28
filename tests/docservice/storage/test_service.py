"""What goes wrong with a file store, in plain words; and which stores there are."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from docservice.domain.errors import DocserviceError
from docservice.storage.service import open_store
from tests.support.disks import on_full_disk, on_read_only_disk
from tests.support.programs import run


def putting(folder: Path) -> list[str]:
    """A program that puts 2 MB into a store at `folder` and prints the code of the error, and what is left there."""
    program = (
        "import os; from docservice.storage.service import open_store\\n"
        "from docservice.domain.errors import DocserviceError\\n"
        f"try: open_store('{folder.as_uri()}').put('a/b', bytes(2_000_000))\\n"
        "except DocserviceError as error: print(error.code, os.path.exists(os.path.join("
        f"'{folder}', 'a', 'b')))"
    ).replace("\\n", "\n")
    return [sys.executable, "-c", program]


def test_a_full_disk_is_told_and_leaves_no_half_blob(tmp_path: Path) -> None:
    assert run(on_full_disk(tmp_path, putting(tmp_path)), seconds=30).split() == ["disk_full", "False"]


def test_a_read_only_disk_is_told(tmp_path: Path) -> None:
    assert run(on_read_only_disk(tmp_path, putting(tmp_path)), seconds=30).split() == ["storage_read_only", "False"]


def test_a_server_that_is_not_there_is_told() -> None:
    options = {"endpoint": "http://127.0.0.1:9", "region": "x", "access_key_id": "x", "secret_access_key": "x"}
    store = open_store("s3://bucket/prefix", options)
    with pytest.raises(DocserviceError) as told:
        store.exists("key")
    assert told.value.code == "storage_unavailable"
    assert told.value.retryable


def test_the_folder_of_the_blobs_is_for_its_owner_only(tmp_path: Path) -> None:
    open_store((tmp_path / "blobs").as_uri()).put("a", b"1")
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700


@pytest.mark.parametrize("url", ["", "blobs", "file://elsewhere/x", "s3:///x", "http://x/y"])
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(DocserviceError) as told:
        open_store(url)
    assert told.value.code == "invalid_setting"


def test_what_a_dead_writer_left_of_a_large_file_is_removed_a_day_later(tmp_path: Path) -> None:
    store, left, large = tmp_path / "store", tmp_path / "store" / "uploading" / "left", tmp_path / "large"
    blobs = open_store(store.as_uri())
    left.parent.mkdir()
    left.write_bytes(b"half of it")
    large.write_bytes(bytes(9_000_000))
    blobs.put_file("scans/today", large)
    assert left.exists()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(left, (two_days_ago, two_days_ago))
    large.write_bytes(bytes(9_000_001))
    blobs.put_file("scans/tomorrow", large)
    assert [path.name for path in sorted(store.rglob("*")) if path.is_file()] == ["today", "tomorrow"]
