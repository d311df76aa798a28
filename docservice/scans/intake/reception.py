"""Files on their way in: written piece by piece to nameless temporary files while they are hashed and counted."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import unicodedata
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from docservice.domain.errors import DocserviceError, Outage

LONGEST_NAME = 255
_LEAST_FREE_BYTES = 16 << 20
_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")  # categories of characters that no file name shows


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one upload may bring."""

    total_bytes: int
    file_bytes: int
    files: int = 200


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file as it was handed in. `path` can be opened, as often as needed, until the reception is closed.

    `name` is for people only: cleaned, told apart from the other names of the upload, and perhaps personal.
    """

    name: str
    path: Path
    sha256: str
    size: int


class Reception:
    """Takes the files of one upload, in order: `begin`, `write`, `end`, for each. A context manager.

    The files have no name in the file system: when the reception or its process ends, however it ends, they are gone.
    Raises DocserviceError with the code body_too_large, too_many_files or disk_full.
    """

    def __init__(self, folder: Path, limits: UploadLimits) -> None:
        """`folder` is made if missing, for this user only."""
        self._folder = folder
        self._limits = limits
        self._files: list[ReceivedFile] = []
        self._opened = ExitStack()
        self._current: IO[bytes] | None = None
        self._name = ""
        self._digest = hashlib.sha256()
        self._size = self._total = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def files(self) -> tuple[ReceivedFile, ...]:
        """Those that have ended, in order."""
        return tuple(self._files)

    def expect(self, size: int) -> None:
        """Refuse at once what is announced to be too large, for the limits or for the disk."""
        if size > self._limits.total_bytes:
            raise _too_large(self._limits.total_bytes)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            raise _unwritten(error) from error
        if free < size + _LEAST_FREE_BYTES:
            raise _disk_full()

    def begin(self, name: str) -> None:
        """A file begins; `name` is what its sender calls it."""
        if len(self._files) == self._limits.files:
            raise _too_many(self._limits.files)
        self._name = _unlike(display_name(name), {file.name for file in self._files})
        self._digest, self._size = hashlib.sha256(), 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # without a name from the start (O_TMPFILE) wherever the file system can; mode 0600
            file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 (open until the reception ends)
            self._current = self._opened.enter_context(file)
        except OSError as error:
            raise _unwritten(error) from error

    def write(self, data: bytes | memoryview) -> None:
        """The next bytes of the present file."""
        assert self._current is not None
        self._size += len(data)
        self._total += len(data)
        if self._size > self._limits.file_bytes:
            raise _too_large(self._limits.file_bytes)
        if self._total > self._limits.total_bytes:
            raise _too_large(self._limits.total_bytes)
        self._digest.update(data)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._current.write(rest) :]
        except OSError as error:
            raise _unwritten(error) from error

    def end(self) -> None:
        """The present file is complete."""
        assert self._current is not None
        path = Path(f"/proc/{os.getpid()}/fd/{self._current.fileno()}")
        self._files.append(ReceivedFile(self._name, path, self._digest.hexdigest(), self._size))
        self._current = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where uploads come in: one reception for each."""

    folder: Path
    limits: UploadLimits

    def reception(self) -> Reception:
        """Takes the files of one upload."""
        return Reception(self.folder, self.limits)


def display_name(given: str) -> str:
    """A file name as people may be shown it: no path, nothing unseen, NFC, at most 255 characters; never empty."""
    name = shown_text(given.replace("\\", "/").rpartition("/")[2])
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        kept = dot + ending if stem and len(ending) <= 10 else ""
        name = name[: LONGEST_NAME - len(kept)] + kept
    return name if name.strip(". ") else "unnamed"


def shown_text(given: str) -> str:
    """What people see of a text: NFC, one space for any white space, nothing unseen."""
    text = unicodedata.normalize("NFC", given)
    return " ".join("".join(" " if letter.isspace() else letter for letter in text if _is_seen(letter)).split())


def _is_seen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) not in _UNSEEN


def _unlike(name: str, taken: set[str]) -> str:
    """The name, with a number in it when another file of the upload has it already."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem and len(ending) <= 10 else (name, "")
    number, unlike = 1, name
    while unlike in taken:
        number += 1
        mark = f" ({number})"
        unlike = stem[: LONGEST_NAME - len(mark) - len(ending)] + mark + ending
    return unlike


def _too_large(limit: int) -> DocserviceError:
    return DocserviceError.told("scans.body_too_large", limit=limit >> 20)


def _too_many(limit: int) -> DocserviceError:
    return DocserviceError.told("scans.too_many_files", limit=limit)


def _disk_full() -> DocserviceError:
    return Outage.told("scans.disk_full", retryable=True)


def _unwritten(error: OSError) -> DocserviceError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full()
    return Outage.told("scans.storage_read_only")
