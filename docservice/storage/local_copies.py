"""Stored bytes as files of this machine: fetched once, kept for as long as there is room, shared by all processes."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from docservice.domain.errors import DocserviceError, Outage

_UNFINISHED = ".part"
_RESTS_SECONDS = 24 * 3600.0  # a copy that nobody has used for so long goes: its original may be erased by now


@dataclass(frozen=True, slots=True)
class LocalCopies:
    """A folder of copies, at most `most_bytes` together. With 0 each is fetched anew and gone after its use.

    Several processes may use one folder: of those that want the same bytes one fetches them while the others wait.
    Who uses a copy holds it open, so removing it harms nobody. What a killed process leaves is removed or used anew.
    """

    folder: Path
    most_bytes: int

    @contextmanager
    def opened(self, key: str, version: str, size: int, fetch: Callable[[], Iterable[bytes]]) -> Iterator[Path]:
        """A path to read the bytes of `key` from until the block ends; `version` changes whenever they do.

        `fetch` gives them when no copy is there. Raises what it raises, "storage_unavailable" when they are not `size`
        bytes, and a retryable "disk_full" when the folder has no room.
        """
        place = self.folder / f"{_name(key)}-{_name(version)}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._copy(place, size, fetch)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _no_room() from error
            raise
        with file:
            yield path_of(file)

    def forget(self, key: str) -> None:
        """Remove the copies of a key that is erased."""
        for copy in self.folder.glob(f"{_name(key)}-*"):
            if copy.suffix != _UNFINISHED:
                copy.unlink(missing_ok=True)

    def _copy(self, place: Path, size: int, fetch: Callable[[], Iterable[bytes]]) -> IO[bytes]:
        """The copy as an open file, made here or by whoever was at it first."""
        while (found := _kept(place, size) or self._fetched(place, size, fetch)) is None:
            pass
        return found

    def _fetched(self, place: Path, size: int, fetch: Callable[[], Iterable[bytes]]) -> IO[bytes] | None:
        """The copy as fetched here; None when another process was at it meanwhile."""
        unfinished = place.with_name(place.name + _UNFINISHED)
        file = unfinished.open("ab", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_still(file, unfinished):
                file.close()
                return None
            try:
                self._fill(file, size, fetch)
                unfinished.rename(place) if size <= self.most_bytes else unfinished.unlink()
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
            fcntl.flock(file, fcntl.LOCK_UN)
        except BaseException:
            file.close()
            raise
        return file

    def _fill(self, file: IO[bytes], size: int, fetch: Callable[[], Iterable[bytes]]) -> None:
        self._make_room(size)
        file.truncate(0)
        for piece in fetch():
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) :]
        os.fsync(file)
        if os.fstat(file.fileno()).st_size != size:
            raise _incomplete()

    def _make_room(self, size: int) -> None:
        """Remove what was not used for longest, until so many bytes fit; and what killed processes left."""
        copies = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # removed by somebody else
                if path.suffix == _UNFINISHED:
                    _remove_abandoned(path)
                else:
                    copies.append((path.stat(), path))
        room, now = self.most_bytes - size, time.time()
        for facts, path in sorted(copies, key=lambda each: each[0].st_mtime, reverse=True):
            room -= facts.st_size
            if room < 0 or now - facts.st_mtime > _RESTS_SECONDS:
                path.unlink(missing_ok=True)


def path_of(file: IO[bytes]) -> Path:
    """A path to an open file, whatever becomes of its name; for as long as it is open."""
    return Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _kept(place: Path, size: int) -> IO[bytes] | None:
    """The copy, which was just used."""
    try:
        file = place.open("rb", buffering=0)
    except FileNotFoundError:
        return None
    if os.fstat(file.fileno()).st_size != size:
        file.close()
        return None
    os.utime(file.fileno())
    return file


def _is_still(file: IO[bytes], path: Path) -> bool:
    """Whether the file has this name still; it may have been finished or removed while its lock was waited for."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def _remove_abandoned(path: Path) -> None:
    """Remove an unfinished copy unless somebody is at it: the kernel holds a lock for as long as who fetches lives."""
    with path.open("ab", buffering=0) as file, suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still(file, path):
            path.unlink()


def _no_room() -> DocserviceError:
    return Outage.told("storage.disk_full.no_room", retryable=True)


def _incomplete() -> DocserviceError:
    return DocserviceError.told("storage.storage_unavailable.incomplete", retryable=True)
