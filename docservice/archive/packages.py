"""Closed packages lie in the vault; those of earlier releases with what may be deleted, until they are moved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog

from docservice.domain.errors import Conflict, DocserviceError, NotFound
from docservice.storage.service import BlobStore

_FOLDER, _SUFFIX = "archive", ".zip"
_ANY_AGE = datetime.max.replace(tzinfo=UTC)
_MARK = "health/blobs"

Read = TypeVar("Read")

log = structlog.get_logger("docservice.archive")


def package_key(archive_id: str, sha256: str) -> str:
    """Where the package with this hash lies."""
    return f"{_FOLDER}/{archive_id}/{sha256}{_SUFFIX}"


def archive_id_of(key: str) -> str:
    """The archived object whose package lies there."""
    return key.split("/")[1]


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of both places as one store: kept in the vault, read from the vault first."""

    vault: BlobStore
    blobs: BlobStore

    def put_file(self, key: str, path: Path) -> None:
        """See BlobStore."""
        self.vault.put_file(key, path)

    def exists(self, key: str) -> bool:
        """See BlobStore."""
        return any(store.exists(key) for store in (self.vault, self.blobs, self.vault))  # it may be moved meanwhile

    def size(self, key: str) -> int:
        """See BlobStore."""
        return self._read(lambda store: store.size(key))

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See BlobStore."""
        return self._read(lambda store: store.stream(key, start, end))

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """See BlobStore."""
        with ExitStack() as held:
            yield self._read(lambda store: held.enter_context(store.local(key)))

    def erase(self, key: str) -> None:
        """Erase a package wherever it lies; nothing happens when it lies nowhere."""
        for store in (self.vault, self.blobs):
            store.delete(key)

    def outside(self) -> tuple[str, ...]:
        """The keys of the packages that do not lie in the vault alone."""
        return tuple(key for key in self.blobs.old_keys(_FOLDER, _ANY_AGE) if key.endswith(_SUFFIX))

    def move(self, key: str) -> bool:
        """Move a package into the vault; it is deleted outside when the vault hands it out as its key says.

        False when either copy is altered: then both stay.
        """
        self.make_sure_that_places_differ()
        sha256 = key.rpartition("/")[2].removesuffix(_SUFFIX)
        with self.blobs.local(key) as path:
            try:
                with path.open("rb") as file:
                    sound = hashlib.file_digest(file, "sha256").hexdigest() == sha256
                if sound:
                    self.vault.put_file(key, path)
                    sound = _sha256(self.vault.stream(key)) == sha256
            except Conflict:
                sound = False
        if sound:
            self.blobs.delete(key)
        else:
            log.error("package_not_moved", key=key)
        return sound

    def _read(self, read: Callable[[BlobStore], Read]) -> Read:
        for store in (self.vault, self.blobs):
            try:
                return read(store)
            except NotFound:
                continue
        return read(self.vault)  # moved just between the two

    def make_sure_that_places_differ(self) -> None:
        """DocserviceError "vault_not_apart" when both addresses lead to one place: what is moved would be lost."""
        self.blobs.put(_MARK, b"this is not the vault\n")
        if self.vault.exists(_MARK):
            raise DocserviceError.told("archive.vault_not_apart")


def _sha256(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
