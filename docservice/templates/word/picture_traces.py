"""Pictures of a template without what cameras and programs write beside the pixels: places, people, times."""

from __future__ import annotations

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
_JPEG = b"\xff\xd8\xff"
_JPEG_TEXTS = frozenset({0xE1, 0xED, 0xFE})  # Exif and XMP, Photoshop, comment; colour profiles (0xE2) stay
_SCAN = 0xDA


def without_traces(data: bytes) -> bytes:
    """A PNG or JPEG with the same pixels and no texts about them; anything else, or what is broken, as it is."""
    if data.startswith(_PNG):
        return _png(data)
    return _jpeg(data) if data.startswith(_JPEG) else data


def _png(data: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] not in _PNG_TEXTS:
            kept.append(data[at : at + 12 + size])
        at += 12 + size
    return b"".join(kept)


def _jpeg(data: bytes) -> bytes:
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != _SCAN:
        (size,) = struct.unpack_from(">H", data, at + 2)
        if data[at + 1] not in _JPEG_TEXTS:
            kept.append(data[at : at + 2 + size])
        at += 2 + size
    return b"".join((*kept, data[at:]))
