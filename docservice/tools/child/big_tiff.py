"""A TIFF of the kind for large files with big-endian numbers, told in the older way. Runs in the sandbox.

Pillow takes its header for that of a small file. All offsets fit into the older directories, because no file that is
taken is as large as their limit (4 GiB).
"""

from __future__ import annotations

import struct

from docservice.tools.child.decoded import Unreadable

BIG_ENDIAN = b"MM\0+"
_MOST_FRAMES, _MOST_TAGS = 10_000, 4096
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LONG = 4
_EIGHT_BYTES = (16, 17, 18)  # whole numbers that the older kind has in 4 bytes


def as_classic(data: bytes) -> bytes:
    """The same file with directories of the older kind behind it. Unreadable when its directories are broken."""
    out = bytearray(data)
    out[:8] = b"MM\0*" + bytes(4)
    link, seen = 4, set[int]()
    try:
        (directory,) = struct.unpack_from(">Q", data, 8)
        while directory and directory not in seen and len(seen) < _MOST_FRAMES:
            seen.add(directory)
            out += bytes(len(out) % 2)
            struct.pack_into(">I", out, link, len(out))
            link, directory = _told_anew(data, directory, out)
    except (struct.error, OverflowError) as error:
        raise Unreadable("truncated") from error
    return bytes(out)


def _told_anew(data: bytes, directory: int, out: bytearray) -> tuple[int, int]:
    """Write one directory; where its link to the next has to stand, and where the next one is now."""
    (count,) = struct.unpack_from(">Q", data, directory)
    if count > _MOST_TAGS:
        raise Unreadable("broken")
    entries = bytearray(struct.pack(">H", count))
    link = len(out) + 2 + 12 * count
    values = bytearray()
    for position in range(directory + 8, directory + 8 + 20 * count, 20):
        tag, kind, number = struct.unpack_from(">HHQ", data, position)
        kind, value = _value(data, position + 12, kind, number)
        if len(value) > 4:
            place = link + 4 + len(values)
            values += value + bytes(len(value) % 2)
            value = struct.pack(">I", place)
        entries += struct.pack(">HHI4s", tag, kind, number, value)
    out += entries + bytes(4) + values
    return link, struct.unpack_from(">Q", data, directory + 8 + 20 * count)[0]


def _value(data: bytes, position: int, kind: int, number: int) -> tuple[int, bytes]:
    """The kind of a field in an older file, and its bytes."""
    size = _SIZES.get(kind, 1) * number
    if size > 8:
        (position,) = struct.unpack_from(">Q", data, position)
    value = data[position : position + size]
    if len(value) != size:
        raise Unreadable("truncated")
    if kind in _EIGHT_BYTES:
        return _LONG, struct.pack(f">{number}I", *struct.unpack(f">{number}Q", value))
    return kind, value
