"""The process that opens one file of a stranger: it decodes and hands out pixels, and may do nothing else.

Its order is its first argument, the file is its standard input; it writes frames (see `process`) to its standard
output: one with the number of pages, then one for each page.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import Any, Protocol

from docservice.tools import sandbox
from docservice.tools.decoded import Bounds, Decoded, Unreadable

_FILE, _ANSWERS = 0, 1


class _Pages(Protocol):
    count: int

    def open(self, enough: int) -> None: ...
    def check(self) -> None: ...
    def page(self, number: int) -> Decoded: ...


def main() -> None:
    """Follow the order, then end."""
    sandbox.die_with_parent()
    order = json.loads(sys.argv[1])
    pages = _prepared(order)
    sandbox.lock(order["memory_bytes"], order["cpu_seconds"])
    first, count = order["first"], order["count"]
    try:
        pages.open(first + count if count else order["bounds"]["pages"] + 1)
        if count == 0:
            pages.check()
    except (Unreadable, MemoryError) as error:
        _say(_refused(error))
        return
    _say({"pages": pages.count})
    for number in range(first, min(pages.count, first + count)):
        try:
            _tell(pages.page(number))
        except (Unreadable, MemoryError) as error:
            _say(_refused(error))


def _prepared(order: dict[str, Any]) -> _Pages:
    """What reads this type, loaded alone."""
    bounds = Bounds(**order["bounds"])
    source = os.fdopen(os.dup(_FILE), "rb")  # Pillow takes descriptor 0 for none, and reads the whole file instead
    if order["media_type"] == "application/pdf":
        from docservice.tools.pdfium_pages import PdfPages

        return PdfPages(source, order["bytes"], bounds)
    from docservice.tools.pillow_pages import ImagePages

    return ImagePages(source, order["media_type"], bounds)


def _refused(error: Unreadable | MemoryError) -> dict[str, Any]:
    if isinstance(error, MemoryError):
        return {"refused": "too_much_memory", "found": 0, "limit": 0}
    return {"refused": error.code, "found": error.found, "limit": error.limit}


def _tell(page: Decoded) -> None:
    header = page._asdict()
    body = header.pop("data")
    _say(header, body)


def _say(header: dict[str, Any], body: bytes | memoryview = b"") -> None:
    encoded = json.dumps(header).encode()
    for part in (struct.pack(">II", len(encoded), len(body)) + encoded, body):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(_ANSWERS, rest) :]


if __name__ == "__main__":
    main()
