"""Bodies of packages that are not closed yet: complete in the store before the chain knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from docservice.archive.scratch import copy
from docservice.domain.errors import Conflict, NotFound
from docservice.storage.service import BlobStore

_FOLDER = "archive/open"
_ANY_AGE = datetime.max.replace(tzinfo=UTC)

log = structlog.get_logger("docservice.archive")


def body_key(archive_id: str, manifest_sha256: str) -> str:
    """Where the body of a package with this manifest lies."""
    return f"{_FOLDER}/{archive_id}/{manifest_sha256}"


@dataclass(frozen=True, slots=True)
class OpenBodies:
    """The bodies by archived object and manifest. Attempts by other releases of the program may lie side by side."""

    blobs: BlobStore

    def keep(self, archive_id: str, manifest_sha256: str, path: Path) -> None:
        """Keep a body whose entry is about to be written. One that was altered since an earlier attempt gives way:
        the manifest determines every byte."""
        key = body_key(archive_id, manifest_sha256)
        try:
            self.blobs.put_file(key, path)
        except Conflict:
            log.error("open_body_altered", archive_id=archive_id)
            self.blobs.delete(key)
            self.blobs.put_file(key, path)

    def fetch(self, archive_id: str, manifest_sha256: str, path: Path) -> bool:
        """Write the body to `path`, as it lies there; False when there is none. DocserviceError "disk_full"."""
        try:
            with self.blobs.local(body_key(archive_id, manifest_sha256)) as kept:
                copy(kept, path)
        except NotFound:
            return False
        return True

    def erase(self, archive_id: str) -> None:
        """Erase all bodies of an object, whose package is kept."""
        for key in list(self.blobs.old_keys(f"{_FOLDER}/{archive_id}", _ANY_AGE)):
            self.blobs.delete(key)

    def older_than(self, moment: datetime) -> Iterator[tuple[str, str]]:
        """Archived object and key of each body that was kept before that moment."""
        for key in list(self.blobs.old_keys(_FOLDER, moment)):
            yield key.split("/")[2], key
