"""What goes wrong with a file store, in plain words; and which stores there are."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
    store = open_store("s3://bucket/prefix", options=options)
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


class Bucket(BaseHTTPRequestHandler):
    """A server with one object; it notes what it is asked for."""

    data = bytes(range(251)) * 80_000
    asked: list[str]

    def do_GET(self) -> None:
        """The bytes, or those of the range."""
        wanted = self.headers.get("Range")
        type(self).asked.append(f"GET {wanted or 'all'}")
        first, last = (0, len(self.data) - 1) if wanted is None else map(int, wanted.removeprefix("bytes=").split("-"))
        self.send_response(200 if wanted is None else 206)
        if wanted is not None:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(self.data)}")
        self._send_facts(last + 1 - first)
        self.wfile.write(self.data[first : last + 1])

    def do_HEAD(self) -> None:
        """Its size."""
        type(self).asked.append("HEAD")
        self.send_response(200)
        self._send_facts(len(self.data))

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _send_facts(self, size: int) -> None:
        self.send_header("Content-Length", str(size))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Thu, 03 Dec 2026 09:00:00 GMT")
        self.end_headers()


@contextmanager
def serving() -> Iterator[tuple[str, list[str]]]:
    """The address of such a server, and what it is asked for."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("AskedBucket", (Bucket,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_all_bytes_come_by_one_request_and_a_range_by_small_ones() -> None:
    with serving() as (endpoint, asked):
        options = {"endpoint": endpoint, "region": "x", "access_key_id": "x", "secret_access_key": "x"}
        store = open_store("s3://bucket/prefix", options=options)
        pieces = list(store.stream("scans/originals/a"))
        assert b"".join(pieces) == Bucket.data
        assert max(map(len, pieces)) < 8 << 20
        assert asked == ["GET all"]
        asked.clear()
        assert b"".join(store.stream("scans/originals/a", 0, 600_000)) == Bucket.data[:600_000]
        assert asked == ["HEAD", "GET bytes=0-262143", "GET bytes=262144-524287", "GET bytes=524288-599999"]


INSTALLED = """
import sys
from docservice.bootstrap import build
from docservice.settings import Settings

services = build(Settings.from_environment({"DOCSERVICE_DATA_DIR": sys.argv[1], "DOCSERVICE_BLOB_URL": "s3://bucket"}))
for store in (services.blobs, services.blobs, services.vault, services.vault):
    with store.local("scans/originals/a") as path:
        print(path.stat().st_size)
services.close()
"""


def test_an_installation_fetches_a_scan_once_and_a_package_whenever_it_is_read(tmp_path: Path) -> None:
    with serving() as (endpoint, asked):
        access = {"AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "x"}
        secret = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        command = [sys.executable, "-c", INSTALLED, str(tmp_path)]
        told = run(command, seconds=60, environment={**os.environ, **access, **secret})
    assert told.split() == [str(len(Bucket.data))] * 4
    assert asked == ["HEAD", "GET all", "HEAD", "HEAD", "GET all", "HEAD", "GET all"]
    assert list((tmp_path / "copies" / "vault").iterdir()) == []
