"""The body of a package that lies in the store: whichever program closes it, the package is the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from docservice.archive.container.package import pack, reopened
from docservice.archive.content.model import PackedObject
from docservice.domain.hash_chain import following

OBJECTS = (
    PackedObject("derived/document.pdf", "derived", "application/pdf", bytes(range(256))),
    PackedObject("data/snapshot.json", "data", "application/json", b'{"a": 1}\n'),
    PackedObject("empty.txt", "explanation", "text/plain", b""),
)


@pytest.fixture
def body(tmp_path: Path) -> tuple[Path, str]:
    """A body on disk and the hash of its manifest."""
    path = tmp_path / "body"
    return path, pack(path, {"document_id": "D"}, OBJECTS).manifest_sha256


def test_a_reopened_body_gets_the_end_it_would_have_got_at_once(tmp_path: Path) -> None:
    at_once = pack(tmp_path / "at-once.zip", {"document_id": "D"}, OBJECTS)
    pack(tmp_path / "later.zip", {"document_id": "D"}, OBJECTS)
    entry = following(None, at_once.manifest_sha256, datetime(2026, 12, 3, 9, 30, tzinfo=UTC))
    later = reopened(tmp_path / "later.zip", at_once.manifest_sha256)
    assert later is not None
    assert later.end(entry) == at_once.end(entry)
    at_once.close(at_once.end(entry))
    later.close(later.end(entry))
    assert later.path.read_bytes() == at_once.path.read_bytes()


def test_no_body_is_believed_that_differs_in_a_single_byte(body: tuple[Path, str]) -> None:
    path, manifest_sha256 = body
    whole = path.read_bytes()
    for position, byte in enumerate(whole):
        for flipped in (byte ^ (1 << position % 8), byte ^ 0xFF):
            path.write_bytes(whole[:position] + bytes([flipped]) + whole[position + 1 :])
            assert reopened(path, manifest_sha256) is None, (position, flipped)


def test_no_body_is_believed_that_was_cut_off_or_added_to_or_is_of_another_manifest(body: tuple[Path, str]) -> None:
    path, manifest_sha256 = body
    whole = path.read_bytes()
    assert reopened(path, "ab" * 32) is None
    for changed in (*(whole[:length] for length in range(len(whole))), whole + b"\0", whole + whole):
        path.write_bytes(changed)
        assert reopened(path, manifest_sha256) is None
