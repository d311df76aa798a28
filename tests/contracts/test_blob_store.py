"""What every blob store promises: bytes go in once and come out the same."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from docservice.domain.errors import Conflict, NotFound
from docservice.storage.service import CHUNK, BlobStore
from tests.support.programs import run
from tests.support.services import S3

PAGE = bytes(range(256)) * 5000  # 1.28 MB, several chunks
LARGE = bytes(range(251)) * 80_000  # 20 MB, sent in several parts


def test_bytes_come_back_as_they_went_in(blobs: BlobStore) -> None:
    for key, data in (("bundles/a/print.pdf", PAGE), ("empty", b""), ("bundles/a/1.docx", b"PK")):
        blobs.put(key, data)
        assert blobs.get(key) == data
        assert b"".join(blobs.stream(key)) == data
        assert blobs.exists(key)


def test_the_same_bytes_may_be_put_again_but_other_bytes_are_refused(blobs: BlobStore) -> None:
    blobs.put("documents/x.pdf", PAGE)
    blobs.put("documents/x.pdf", PAGE)
    with pytest.raises(Conflict) as refused:
        blobs.put("documents/x.pdf", PAGE + b"!")
    assert refused.value.code == "blob_exists"
    assert blobs.get("documents/x.pdf") == PAGE


def test_of_many_writers_of_one_key_all_with_the_same_bytes_none_fails(blobs: BlobStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: blobs.put("race", PAGE), range(16)))
    assert blobs.get("race") == PAGE


@pytest.mark.parametrize("data", [b"short", PAGE * 7], ids=["short", "large"])
def test_who_puts_what_others_erase_at_the_same_time_does_not_fail(
    blobs: BlobStore, tmp_path: Path, data: bytes
) -> None:
    source = tmp_path / "source"
    source.write_bytes(data)

    def put_and_erase(turn: int) -> None:
        blobs.put_file("comes-and-goes", source)
        if turn % 2:
            blobs.delete("comes-and-goes")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(put_and_erase, range(300 if data == b"short" else 24)))
    blobs.put_file("comes-and-goes", source)
    assert blobs.get("comes-and-goes") == data


@pytest.mark.parametrize("data", [b"", b"short", LARGE], ids=["empty", "short", "large"])
def test_a_file_comes_back_as_it_was(blobs: BlobStore, tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "source"
    source.write_bytes(data)
    blobs.put_file("scans/a", source)
    for _ in range(2):
        with blobs.local("scans/a") as path:
            assert path.read_bytes() == data
            assert path.stat().st_size == len(data)
    assert blobs.size("scans/a") == len(data)


@pytest.mark.parametrize("data", [b"short", LARGE], ids=["short", "large"])
def test_the_same_file_may_be_put_again_but_another_is_refused(blobs: BlobStore, tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "source"
    source.write_bytes(data)
    blobs.put_file("scans/b", source)
    blobs.put_file("scans/b", source)
    for other in (data + b"!", data[:-1] + b"!"):
        source.write_bytes(other)
        with pytest.raises(Conflict) as refused:
            blobs.put_file("scans/b", source)
        assert refused.value.code == "blob_exists"
    assert blobs.get("scans/b") == data


def test_of_many_writers_of_one_large_file_none_fails_and_one_of_another_does(blobs: BlobStore, tmp_path: Path) -> None:
    sources = [tmp_path / str(number) for number in range(4)]
    for source in sources[:3]:
        source.write_bytes(LARGE)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda source: blobs.put_file("race-of-files", source), sources[:3]))
    sources[3].write_bytes(LARGE[::-1])
    with pytest.raises(Conflict):
        blobs.put_file("race-of-files", sources[3])
    assert blobs.get("race-of-files") == LARGE


def test_a_file_that_was_never_put_is_not_found(blobs: BlobStore) -> None:
    with pytest.raises(NotFound), blobs.local("nothing"):
        pass
    blobs.put("folder/a", b"x")
    with pytest.raises(NotFound), blobs.local("folder"):
        pass
    with pytest.raises(ValueError, match="blob key"), blobs.local("../folder/a"):
        pass


def test_a_file_that_is_erased_can_be_read_to_its_end_but_not_opened_again(blobs: BlobStore) -> None:
    blobs.put("scans/erased", PAGE)
    with blobs.local("scans/erased") as path, path.open("rb") as file:
        start = file.read(1000)
        blobs.delete("scans/erased")
        assert start + file.read() == PAGE
        assert path.read_bytes() == PAGE
    with pytest.raises(NotFound), blobs.local("scans/erased"):
        pass
    blobs.put("scans/erased", PAGE[::-1])
    with blobs.local("scans/erased") as path:
        assert path.read_bytes() == PAGE[::-1]


@pytest.mark.parametrize(("start", "end"), [(0, 1), (5, CHUNK + 7), (CHUNK, 2 * CHUNK), (len(PAGE) - 1, None)])
def test_a_range_is_that_part_of_the_bytes(blobs: BlobStore, start: int, end: int | None) -> None:
    blobs.put("ranges", PAGE)
    assert b"".join(blobs.stream("ranges", start, end)) == PAGE[start:end]


def test_a_range_beyond_the_end_is_what_there_is(blobs: BlobStore) -> None:
    blobs.put("short", b"abc")
    assert b"".join(blobs.stream("short", 1, 100)) == b"bc"
    assert b"".join(blobs.stream("short", 3)) == b""


def test_what_was_never_put_is_not_found(blobs: BlobStore) -> None:
    assert not blobs.exists("nothing")
    with pytest.raises(NotFound):
        blobs.get("nothing")
    with pytest.raises(NotFound):
        blobs.stream("nothing")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "ä", "a b", "a\\b", ".hidden"])
def test_a_key_cannot_leave_the_store(blobs: BlobStore, key: str) -> None:
    with pytest.raises(ValueError, match="blob key"):
        blobs.put(key, b"x")
    with pytest.raises(ValueError, match="blob key"):
        blobs.get(key)


def test_old_keys_are_told_by_folder_and_age(blobs: BlobStore) -> None:
    keys = {f"old/pages/{number}/a.png" for number in range(1200)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: blobs.put(key, b"x"), ["old/pages-of-others", "old/zones/1", *keys]))
    now = datetime.now(UTC)
    assert set(blobs.old_keys("old/pages", now + timedelta(minutes=1))) == keys
    assert list(blobs.old_keys("old/pages", now - timedelta(minutes=1))) == []
    assert list(blobs.old_keys("old/nothing", now + timedelta(minutes=1))) == []


def test_what_was_deleted_is_gone_and_deleting_it_again_is_fine(blobs: BlobStore) -> None:
    blobs.put("deleted/a", b"1")
    blobs.put("deleted/b", b"2")
    for _ in range(2):
        blobs.delete("deleted/a")
    assert (blobs.exists("deleted/a"), blobs.get("deleted/b")) == (False, b"2")
    with pytest.raises(NotFound):
        blobs.stream("deleted/a")
    with pytest.raises(ValueError, match="blob key"):
        blobs.delete("../deleted/b")


FROM_ENVIRONMENT = """
from docservice.storage.service import open_store
store = open_store("s3://docservice/from-environment")
store.put("documents/x.pdf", b"%PDF")
print(store.get("documents/x.pdf").decode())
"""


def test_a_bucket_is_opened_by_the_machine_s_own_settings(s3: S3) -> None:
    """As in the Compose file: endpoint, keys and whether plain HTTP will do, all in `AWS_` variables."""
    environment = {
        "AWS_ENDPOINT": s3.endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": s3.access_key,
        "AWS_SECRET_ACCESS_KEY": s3.secret_key,
    }
    told = run([sys.executable, "-c", FROM_ENVIRONMENT], seconds=60, environment=os.environ | environment)
    assert told.split() == ["%PDF"]
