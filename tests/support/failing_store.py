"""A file store that is away or full whenever a test says so, to be handed in where the real one goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from docservice.domain.errors import Outage
from docservice.storage.service import BlobStore


class FailingStore:
    """A BlobStore that refuses to keep anything for as long as `code` is set."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self.code: str | None = None
        self.refused = 0

    def put(self, key: str, data: bytes) -> None:
        """See BlobStore."""
        self._check()
        self._store.put(key, data)

    def put_file(self, key: str, path: Path) -> None:
        """See BlobStore."""
        self._check()
        self._store.put_file(key, path)

    def get(self, key: str) -> bytes:
        """See BlobStore."""
        return self._store.get(key)

    def local(self, key: str) -> AbstractContextManager[Path]:
        """See BlobStore."""
        return self._store.local(key)

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See BlobStore."""
        return self._store.stream(key, start, end)

    def size(self, key: str) -> int:
        """See BlobStore."""
        return self._store.size(key)

    def exists(self, key: str) -> bool:
        """See BlobStore."""
        return self._store.exists(key)

    def old_keys(self, folder: str, before: datetime) -> Iterator[str]:
        """See BlobStore."""
        return self._store.old_keys(folder, before)

    def delete(self, key: str) -> None:
        """See BlobStore."""
        self._store.delete(key)

    def _check(self) -> None:
        if self.code is not None:
            self.refused += 1
            raise Outage(self.code, "The file store fails.", retryable=self.code != "storage_read_only")
