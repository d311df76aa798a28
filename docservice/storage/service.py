"""Where bytes live: written once, never changed. A folder when embedded, an S3 bucket in production."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import unquote_to_bytes, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PermissionDeniedError
from obstore.store import LocalStore, ObjectStore, S3Store

from docservice.domain.errors import Conflict, DocserviceError, NotFound, Outage
from docservice.storage.local_copies import LocalCopies, path_of

if TYPE_CHECKING:
    from obstore import BytesStream, ObjectMeta
    from obstore.store import RetryConfig, S3Config

CHUNK = 256 * 1024
"""Bytes read at a time when streaming."""
_PIECE = 8 << 20
# That a bucket is away is reported within seconds: what waits for it is a worker that others need, or a person.
_TRIES: RetryConfig = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=5),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
}
_STAGING = "uploading"
_STAGED_AT_MOST = timedelta(days=1)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class BlobStore(Protocol):
    """Blobs by key ("bundles/<id>/<sha256>.pdf"). A key names the same bytes for ever."""

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` whole or not at all. The same bytes again are fine; other bytes raise Conflict."""

    def get(self, key: str) -> bytes:
        """All bytes; NotFound when there are none."""

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to but without `end`, in pieces; NotFound is raised before the first piece.

        All bytes come by one request, for a reader that keeps up. With an `end` every piece is a request of its own,
        so the reader may be as slow as it likes.
        """

    def size(self, key: str) -> int:
        """How many bytes the key has; NotFound when there are none."""

    def exists(self, key: str) -> bool:
        """Whether the key has bytes."""

    def put_file(self, key: str, path: Path) -> None:
        """As `put`, with the bytes of a file of any size; holds a few pieces of it in memory at a time."""

    def local(self, key: str) -> AbstractContextManager[Path]:
        """All bytes as a file of this machine, to be read until the block ends, even when they are erased meanwhile.

        A store of files gives its own file, any other a copy (see `local_copies`). Nobody writes to it, or keeps the
        path. NotFound when there are none, "disk_full" when there is no room for the copy.
        """

    def old_keys(self, folder: str, before: datetime) -> Iterator[str]:
        """The keys in a folder ("scans/pages") whose bytes were put before that moment, in any order."""

    def delete(self, key: str) -> None:
        """Erase the bytes of a key; nothing happens when it has none."""


def open_store(url: str, copies: LocalCopies | None = None, options: Mapping[str, str] | None = None) -> BlobStore:
    """The store of "file:///folder" (made if missing, for this user only) or "s3://bucket/prefix".

    `copies` keeps the files of S3 that are read here (see `BlobStore.local`). `options` are the endpoint, region and
    keys of S3 by obstore's names; what is missing is taken from the machine's own AWS configuration.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        root = Path(os.fsdecode(unquote_to_bytes(parts.path)))
        return ObjectBlobs(_folder(root), root=root)
    if parts.scheme == "s3" and parts.netloc:
        prefix = parts.path.strip("/") or None
        return ObjectBlobs(_bucket(parts.netloc, prefix, options or {}), copies=copies)
    raise DocserviceError.told("storage.invalid_setting")


class ObjectBlobs:
    """A BlobStore on any object store that can refuse to overwrite. `root` is the folder of a store of files,
    `copies` what any other store needs for `local`."""

    def __init__(self, store: ObjectStore, *, root: Path | None = None, copies: LocalCopies | None = None) -> None:
        self._store = store
        self._root = root
        self._copies = copies

    def put(self, key: str, data: bytes) -> None:
        """See BlobStore."""
        try:
            obstore.put(self._store, _checked(key), data, mode="create", use_multipart=False)
            self._sync_with_folders(key)
        except AlreadyExistsError:
            self._compare_or_put(key, data)
        except (BaseError, OSError) as error:
            raise _plain(error) from error

    def get(self, key: str) -> bytes:
        """See BlobStore."""
        try:
            return bytes(obstore.get(self._store, _checked(key)).bytes())
        except (NotFoundError, FileNotFoundError):
            raise _missing(key) from None
        except (BaseError, OSError) as error:
            raise _plain(error) from error

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See BlobStore."""
        if start == 0 and end is None:
            return self._whole(key, CHUNK)
        size = self.size(key)
        return self._pieces(key, start, size if end is None else min(end, size))

    def exists(self, key: str) -> bool:
        """See BlobStore."""
        try:
            self.size(key)
        except NotFound:
            return False
        return True

    def size(self, key: str) -> int:
        """See BlobStore."""
        return int(self._facts(key)["size"])

    def put_file(self, key: str, path: Path) -> None:
        """See BlobStore."""
        if path.stat().st_size <= _PIECE:
            self.put(key, path.read_bytes())
        elif not self._has_bytes_of(_checked(key), path):
            self._put_large(key, path)

    def local(self, key: str) -> AbstractContextManager[Path]:
        """See BlobStore."""
        return self._copied(key) if self._root is None else self._own_file(self._root / _checked(key), key)

    def old_keys(self, folder: str, before: datetime) -> Iterator[str]:
        """See BlobStore."""
        try:
            for some in obstore.list(self._store, _checked(folder), chunk_size=1000):
                yield from (found["path"] for found in some if found["last_modified"] < before)
        except (BaseError, OSError) as error:
            raise _plain(error) from error

    def delete(self, key: str) -> None:
        """See BlobStore."""
        try:
            with suppress(NotFoundError, FileNotFoundError):
                obstore.delete(self._store, _checked(key))
        except (BaseError, OSError) as error:
            raise _plain(error) from error
        if self._copies is not None:
            self._copies.forget(key)

    @contextmanager
    def _own_file(self, path: Path, key: str) -> Iterator[Path]:
        try:
            file = path.open("rb", buffering=0)
        except (FileNotFoundError, IsADirectoryError):
            raise _missing(key) from None
        except OSError as error:
            raise _plain(error) from error
        with file:
            yield path_of(file)

    @contextmanager
    def _copied(self, key: str) -> Iterator[Path]:
        if self._copies is None:
            raise ValueError("A store that is not a folder needs a place for local copies.")
        facts = self._facts(key)
        version = f"{facts['size']} {facts['e_tag']} {facts['last_modified'].isoformat()}"
        with self._copies.opened(key, version, facts["size"], lambda: self._whole(key)) as path:
            yield path

    def _facts(self, key: str) -> ObjectMeta:
        try:
            return obstore.head(self._store, _checked(key))
        except (NotFoundError, FileNotFoundError):
            raise _missing(key) from None
        except (BaseError, OSError) as error:
            raise _plain(error) from error

    def _put_large(self, key: str, path: Path) -> None:
        """Sent in parts under a key of its own, then given its key in one step, if that is free."""
        staged = f"{_STAGING}/{uuid4()}"
        try:
            self._sweep()
            obstore.put(self._store, staged, path, use_multipart=True, chunk_size=_PIECE, max_concurrency=2)
            try:
                obstore.copy(self._store, staged, key, overwrite=False)
                self._sync_with_folders(key)
            finally:
                obstore.delete(self._store, staged)
        except AlreadyExistsError:
            self.put_file(key, path)
        except (BaseError, OSError) as error:
            raise _plain(error) from error

    def _compare_or_put(self, key: str, data: bytes) -> None:
        """The key was taken a moment ago; it may have been erased since, and then it is free again."""
        try:
            if self.get(key) != data:
                raise _other_bytes(key)
        except NotFound:
            self.put(key, data)

    def _sync_with_folders(self, key: str) -> None:
        """Bytes that were told to be kept outlive a power cut: a folder has to be made to write them out."""
        if self._root is None:
            return
        place = self._root / key
        while place != self._root:
            with suppress(FileNotFoundError):  # erased by somebody else since it was put
                _sync_to_disk(place)
            place = place.parent

    def _has_bytes_of(self, key: str, path: Path) -> bool:
        """Whether the key has the bytes of the file; Conflict when it has others."""
        try:
            if self.size(key) != path.stat().st_size:
                raise _other_bytes(key)
            with path.open("rb") as file:
                same = all(file.read(len(piece)) == piece for piece in self._whole(key))
        except NotFound:
            return False
        if not same:
            raise _other_bytes(key)
        return True

    def _whole(self, key: str, piece: int = _PIECE) -> Iterator[bytes]:
        """All bytes by one request, in pieces of about that size; NotFound is raised before the first one."""
        try:
            found = obstore.get(self._store, _checked(key))
        except (NotFoundError, FileNotFoundError):
            raise _missing(key) from None
        except (BaseError, OSError) as error:
            raise _plain(error) from error
        return _pieces_of(found.stream(min_chunk_size=piece))

    def _sweep(self) -> None:
        """Delete what writers left behind that died before they were done."""
        for left in self.old_keys(_STAGING, datetime.now(UTC) - _STAGED_AT_MOST):
            self.delete(left)

    def _pieces(self, key: str, start: int, end: int) -> Iterator[bytes]:
        for position in range(start, end, CHUNK):
            try:
                yield bytes(obstore.get_range(self._store, key, start=position, end=min(position + CHUNK, end)))
            except (BaseError, OSError) as error:
                raise _plain(error) from error


def _sync_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pieces_of(told: BytesStream) -> Iterator[bytes]:
    try:
        for piece in told:
            yield bytes(piece)
    except (BaseError, OSError) as error:
        raise _plain(error) from error


def _folder(path: Path) -> LocalStore:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(path)
    except (BaseError, OSError) as error:
        raise _plain(error) from error


def _bucket(name: str, prefix: str | None, options: Mapping[str, str]) -> S3Store:
    config = cast("S3Config", {"copy_if_not_exists": "multipart", **options})
    if options.get("endpoint", "").startswith("http://"):
        return S3Store(name, prefix=prefix, config=config, client_options={"allow_http": True}, retry_config=_TRIES)
    # Any option of the client given here would take away those that the machine's own configuration gives.
    return S3Store(name, prefix=prefix, config=config, retry_config=_TRIES)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("A blob key is made of letters, digits, '.', '_' and '-', with '/' between its parts.")
    return key


def _other_bytes(key: str) -> Conflict:
    return Conflict.told("storage.blob_exists", key=key)


def _missing(key: str) -> NotFound:
    return NotFound.told("storage.blob_missing", key=key)


def _plain(error: Exception) -> DocserviceError:
    said = str(error).lower()
    if "no space left" in said or "os error 28" in said or "disk quota" in said:
        return Outage.told("storage.disk_full.plain", retryable=True)
    denied = isinstance(error, (PermissionDeniedError, PermissionError))
    if denied or "permission denied" in said or "read-only file system" in said:
        return Outage.told("storage.storage_read_only")
    return Outage.told("storage.storage_unavailable.plain", retryable=True)
