"""Where a JPEG ends, and whether all of its picture is there. Runs in the sandbox; imports next to nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

_TAIL = 256
_SCAN, _END = 0xDA, 0xD9
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive
_COEFFICIENTS = 64
_NAMELESS = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_BETWEEN_SCANS = frozenset({0xC4, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})
_NEXT = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")  # what ends a scan: neither a stuffed byte nor a restart
_TWIST = 4096


def ends(data: bytes) -> bool:
    """Whether the picture has its end marker, whatever follows that."""
    return _ends_at_once(data) or any(marker == _END for marker, _, _ in _segments(data))


def is_followed(data: bytes) -> bool:
    """Whether much follows the end marker, or anything but padding."""
    return not _ends_at_once(data)


def endings(data: bytes) -> tuple[bytes, bytes] | None:
    """A picture without its end, ended in two ways; None when it could not be told what that means.

    Both are decoded alike exactly when all of the picture is there: what is missing would be made up of the bytes that
    follow, and these differ.
    """
    missing: set[tuple[int, int]] = set()
    last = 0
    for marker, start, end in _segments(data):
        if marker in _FRAMES:
            components = data[start + 8 : start + 8 + 3 * data[start + 7] : 3]
            missing = {(component, place) for component in components for place in range(_COEFFICIENTS)}
        if marker == _SCAN:
            missing -= _completed(data, start)
            last = end
    if missing or not last:  # whole scans are missing
        return None
    twist = random.Random(0).randbytes(_TWIST).replace(b"\xff", b"\x5a")
    return data[:last] + b"\xff\xd9", data[:last] + twist + b"\xff\xd9"


def _completed(data: bytes, start: int) -> set[tuple[int, int]]:
    """The coefficients, by component, whose last bit a scan tells."""
    count = data[start + 2]
    parameters = data[start + 3 + 2 * count : start + 6 + 2 * count]
    if len(parameters) < 3 or parameters[2] & 0x0F:
        return set()
    components = data[start + 3 : start + 3 + 2 * count : 2]
    return {(component, place) for component in components for place in range(parameters[0], parameters[1] + 1)}


def _ends_at_once(data: bytes) -> bool:
    return data[-_TAIL:].rstrip(b"\0\r\n\t ").endswith(b"\xff\xd9")


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Each marker with where its segment starts and ends, the coded data of a scan included, up to the end marker.

    Thumbnails lie within segments. Stops at what cannot be in a JPEG.
    """
    position, scanned = 2, False
    while (found := _marker(data, position)) is not None:
        marker, start = found
        if marker == _END:
            yield marker, start, start
            return
        if scanned and marker not in _BETWEEN_SCANS:
            return
        position = start if marker in _NAMELESS else start + int.from_bytes(data[start : start + 2], "big")
        if marker == _SCAN:
            scanned = True
            following = _NEXT.search(data, position)
            position = following.start() if following else len(data)
        if position > len(data) or (position < start + 8 and marker in (*_FRAMES, _SCAN)):
            return
        yield marker, start, position


def _marker(data: bytes, position: int) -> tuple[int, int] | None:
    """The next marker, and where it ends."""
    place = data.find(b"\xff", position)
    while 0 <= place < len(data) - 1 and data[place + 1] in (0x00, 0xFF):
        place = data.find(b"\xff", place + 1)
    return (data[place + 1], place + 2) if 0 <= place < len(data) - 1 else None
