"""Where a PDF begins and ends within its file, and whether its end is there. Runs in the sandbox."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from docservice.tools.child.decoded import Unreadable

HEADER = b"%PDF-"
HEADER_WITHIN = 1024
"""Bytes that may stand before the header: job control of printers, lines of a mail or a web server."""
_TAIL, _PIECE = 1 << 20, 1 << 20
_PADDING = b"\0\t\n\f\r "
_MARK = b"%%EOF"
_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
_TRAILER = re.compile(rb"\btrailer\s*<<.*>>", re.DOTALL)
_INDEX_AT = re.compile(rb"startxref\s+(\d{1,12})")
_INDEX = re.compile(rb"\s*(xref\b|\d+\s+\d+\s+obj\b)")
_SLACK = 8  # bytes behind the end mark that every writer of line ends leaves


class Extent(NamedTuple):
    """`end`: the first byte that does not belong to it; `hints` (see `picture_hints`) tell what was odd."""

    end: int
    hints: tuple[str, ...]


def extent(source: int, size: int) -> Extent:
    """Of the open file. Unreadable when its end is missing: a viewer would mend it, and silently lose pages."""
    hints = []
    header = max(0, os.pread(source, HEADER_WITHIN + len(HEADER), 0).find(HEADER))
    if header > _SLACK:
        hints.append("bytes_before_start")
    filled = _filled(source, size)
    start = max(0, filled - _TAIL)
    tail = os.pread(source, filled - start, start)
    mark = tail.rfind(_MARK)
    behind = tail[mark + len(_MARK) :] if mark >= 0 else tail
    if mark >= 0 and not _OBJECT.search(behind):
        end = start + mark + len(_MARK)
        hints += ["bytes_after_end"] if size - end > _SLACK else []
    elif _ends_with_index(behind):
        end = filled
        hints.append("no_end_mark")
    else:
        raise Unreadable("truncated")
    if not _has_index(source, tail[: end - start], header):
        hints.append("index_mended")
    return Extent(end, tuple(hints))


def _filled(source: int, size: int) -> int:
    """How long the file is without the padding at its end."""
    while size > 0:
        start = max(0, size - _PIECE)
        kept = os.pread(source, size - start, start).rstrip(_PADDING)
        if kept:
            return start + len(kept)
        size = start
    return 0


def _ends_with_index(tail: bytes) -> bool:
    """Whether the last thing is the table that finds all objects: then all of them are there."""
    behind = tail[tail.rfind(b"endobj") + 1 :]
    if _TRAILER.search(behind):
        return True
    last = max((found.end() for found in _OBJECT.finditer(tail)), default=len(tail))
    return b"/XRef" in tail[last : last + 1024] and b"endstream" in tail[last:]


def _has_index(source: int, tail: bytes, header: int) -> bool:
    """Whether that table is where the end of the file says; otherwise it has to be made anew from the objects."""
    told = _INDEX_AT.findall(tail)
    return bool(told) and _INDEX.match(os.pread(source, 64, header + int(told[-1]))) is not None
