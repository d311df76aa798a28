"""The ZIP container of a Word file, written so that the same members always give the same bytes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from docservice.domain.errors import DocserviceError

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_UTF8_NAMES = 0x800
_DAY_ONE = 0x21  # 1 January 1980, the first day ZIP knows: no clock in the bytes
_STORED, _DEFLATED = 0, 8
_MAX_MEMBERS = 500
_MAX_BYTES = 50_000_000  # a template is a form, not a picture book


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the container, ready to be copied into it."""

    name: bytes
    method: int
    crc: int
    size: int
    packed: bytes


def deflated(name: str, data: bytes, level: int = 9) -> Member:
    """A member compressed at the given zlib level."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15, 9)
    packed = compressor.compress(data) + compressor.flush()
    return Member(name.encode(), _DEFLATED, zlib.crc32(data), len(data), packed)


def stored(name: str, data: bytes) -> Member:
    """A member kept as it is: for pictures, which are compressed already."""
    return Member(name.encode(), _STORED, zlib.crc32(data), len(data), data)


def write(members: Iterable[Member]) -> bytes:
    """The container, members in the given order, without times or places of origin."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for member in members:
        name, packed = member.name, member.packed
        shared = (20, _UTF8_NAMES, member.method, 0, _DAY_ONE, member.crc, len(packed), member.size, len(name), 0)
        pieces += (_LOCAL.pack(b"PK\x03\x04", *shared), name, packed)
        directory += (_CENTRAL.pack(b"PK\x01\x02", 20, *shared, 0, 0, 0, 0, offset), name)
        offset += _LOCAL.size + len(name) + len(packed)
    count, index = len(directory) // 2, b"".join(directory)
    return b"".join((*pieces, index, _END.pack(b"PK\x05\x06", 0, 0, count, count, len(index), offset, 0)))


def read(data: bytes) -> dict[str, bytes]:
    """The members of a Word file by name, in their order; refuses what is no ZIP or unreasonably big."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            entries = [entry for entry in container.infolist() if not entry.is_dir()]
            if len(entries) > _MAX_MEMBERS or sum(entry.file_size for entry in entries) > _MAX_BYTES:
                raise DocserviceError.told("templates.template_too_big")
            return {entry.filename: container.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise DocserviceError.told("templates.not_a_word_file.read") from error


def repack(members: Mapping[str, bytes]) -> bytes:
    """The members compressed and written anew, in their order."""
    return write(deflated(name, data) for name, data in members.items())
