"""What every blob store promises: bytes go in once and come out the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from docservice.domain.errors import Conflict, NotFound
from docservice.storage.service import CHUNK, BlobStore

PAGE = bytes(range(256)) * 5000  # 1.28 MB, several chunks


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
