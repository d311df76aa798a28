"""Folders for temporary files that hold data of families: used by one call, and removed even when that call dies."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from docservice.domain.errors import DocserviceError, Outage

_PREFIX = "archive-"
_LOCK = "in-use"


@contextmanager
def working_folder(scratch: Path) -> Iterator[Path]:
    """A folder of `scratch` for this call alone; it is gone afterwards.

    What killed calls left behind is removed first, and no folder that is in use anywhere: the kernel holds a lock on
    each of those for as long as its user lives, in whichever container that is.
    """
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in scratch.glob(f"{_PREFIX}*"):
        _remove_unused(left)
    folder, lock = _new(scratch)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def copy(source: Path, target: Path) -> None:
    """Copy a file into such a folder; DocserviceError "disk_full"."""
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise no_room(error) from error


def no_room(error: OSError) -> DocserviceError:
    """What is told when a file cannot be written there."""
    return Outage.told("archive.disk_full", retryable=True, why=error.strerror)


def _remove_unused(folder: Path) -> None:
    with suppress(OSError):  # another call removes it too, or this file system cannot say whether it is in use
        lock = _locked(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _new(scratch: Path) -> tuple[Path, int]:
    """A folder and its lock. Until the lock is held others may take the folder for a leftover; then it is another."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))
        with suppress(FileNotFoundError):
            lock = _locked(folder)
            if lock is not None:
                return folder, lock


def _locked(folder: Path) -> int | None:
    """The open lock of a folder, which is this call's now; None when another has it or has just removed it."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), (folder / _LOCK).stat()):
            return lock
    except BlockingIOError:
        pass
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None
