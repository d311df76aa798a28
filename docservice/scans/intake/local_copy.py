"""A kept file as a file on this machine, for as long as it is read."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docservice.domain.errors import DocserviceError
from docservice.storage.service import BlobStore


@contextmanager
def local_copy(blobs: BlobStore, key: str, folder: Path) -> Iterator[Path]:
    """The bytes of `key` under a path that can be opened until the block ends.

    The file has no name in the file system: when the process ends, however it ends, it is gone. Raises what the store
    raises, and a retryable DocserviceError "disk_full" when the folder has no room.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            for piece in blobs.stream(key):
                rest = memoryview(piece)
                while rest:
                    rest = rest[file.write(rest) :]
            yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DocserviceError(
                "disk_full",
                "The disk of the data folder is full. Free some space; the scan is then read by itself.",
                detail_de="Der Datenträger des Datenordners ist voll. Bitte Platz schaffen; der Scan wird dann von "
                "selbst gelesen.",
                retryable=True,
            ) from error
        raise
