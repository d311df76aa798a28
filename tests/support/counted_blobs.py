"""A store that counts the bytes it hands out, as the folder it is or as if it were on another machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from docservice.storage.local_copies import LocalCopies
from docservice.storage.service import BlobStore


class CountedBlobs:
    """`copied` counts by folder ("scans/originals"). With `copies` its files are fetched into them; else none is."""

    def __init__(self, store: BlobStore, copies: LocalCopies | None = None) -> None:
        self._store, self._copies = store, copies
        self.copied: Counter[str] = Counter()
        self.opened: Counter[str] = Counter()

    def get(self, key: str) -> bytes:
        """See BlobStore."""
        return b"".join(self.stream(key))

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See BlobStore."""
        pieces = self._store.stream(key, start, end)
        return self._counted(key, pieces)

    def local(self, key: str) -> AbstractContextManager[Path]:
        """See BlobStore."""
        self.opened[_folder(key)] += 1
        if self._copies is None:
            return self._store.local(key)
        return self._copies.opened(key, "1", self._store.size(key), lambda: self.stream(key))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _counted(self, key: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.copied[_folder(key)] += len(piece)
            yield piece


def _folder(key: str) -> str:
    return "/".join(key.split("/")[:2])
