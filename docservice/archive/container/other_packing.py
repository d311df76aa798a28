"""A package that another program packed: its files, whether compressed or put into a folder."""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from docservice.archive.container.layout import LARGEST, MOST_MEMBERS

_PIECE = 1 << 20
_MOST_GROWTH = 100  # times the size of the file: pages and pictures are packed already, so a package hardly grows
_ROOM = 64 << 20
_ENCRYPTED = 0x1
_STRANGE = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers put beside the files
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file as it was packed; of one that is broken, size and hash are such as no file has."""

    name: str
    size: int
    sha256: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class OtherPacking:
    """The files in their order. `evident`: no program of ours packs so. `readable` is False when nothing was unpacked:
    the files are `encrypted`, or by a method or of a size that this program leaves alone."""

    files: tuple[Unpacked, ...]
    evident: bool
    encrypted: bool = False
    readable: bool = True


def read_other_packing(
    file: IO[bytes], size: int, *, top: str, keep: Collection[str], most: int
) -> OtherPacking | None:
    """Unpack a ZIP file in memory, piece by piece; None when it is none that can be opened.

    Names are taken from the folder that holds `top`. The content of the files named by `keep` is given, up to `most`
    bytes. No more is unpacked than a package of this size can hold.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            inside = [each for each in packed.infolist() if not each.is_dir() and not _is_strange(each.filename)]
            folder = _folder_of(top, inside)
            evident = bool(folder) or any(each.compress_type != zipfile.ZIP_STORED for each in inside)
            if any(each.flag_bits & _ENCRYPTED for each in inside):
                return OtherPacking((), evident, encrypted=True)
            if len(inside) > MOST_MEMBERS or sum(each.file_size for each in inside) > _most(size):
                return OtherPacking((), evident, readable=False)
            return OtherPacking(
                tuple(_unpacked(packed, each, folder, keep, most) for each in inside), evident or folder != ""
            )
    except NotImplementedError:  # a method of packing
        return OtherPacking((), evident=True, readable=False)
    except _BROKEN:
        return None


def _most(size: int) -> int:
    return min(LARGEST, _MOST_GROWTH * size + _ROOM)


def _is_strange(name: str) -> bool:
    return any(part in _STRANGE for part in PurePosixPath(name).parts)


def _folder_of(top: str, inside: Sequence[zipfile.ZipInfo]) -> str:
    """What stands before the names when a whole folder was packed."""
    names = [each.filename for each in inside]
    found = next((name for name in names if name.endswith(f"/{top}") and name.count("/") == 1), top)
    folder = found.removesuffix(top)
    return folder if top not in names and all(name.startswith(folder) for name in names) else ""


def _unpacked(
    packed: zipfile.ZipFile, each: zipfile.ZipInfo, folder: str, keep: Collection[str], most: int
) -> Unpacked:
    name = each.filename.removeprefix(folder)
    digest, size, content = hashlib.sha256(), 0, bytearray()
    try:
        with packed.open(each) as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                if size > each.file_size:
                    break
                if name in keep and size <= most:
                    content += piece
    except _BROKEN:
        return Unpacked(name, -1, "", None)
    return Unpacked(name, size, digest.hexdigest(), bytes(content) if name in keep and size <= most else None)
