"""The process that opens one file of a stranger: it decodes and hands out pixels, and may do nothing else.

Its order is its first argument, the file is its standard input; it writes frames (see `frames`) to its standard
output: one with the number of pages, then one for each page.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Protocol

from docservice.tools import sandbox
from docservice.tools.decoded import Bounds, Decoded, Unreadable
from docservice.tools.frames import tell

_FILE = 0


class _Pages(Protocol):
    count: int

    def open(self, enough: int) -> None: ...
    def check(self) -> None: ...
    def page(self, number: int) -> Decoded: ...


def main() -> None:
    """Follow the order, then end."""
    sandbox.die_with_parent()
    order = json.loads(sys.argv[1])
    bounds = Bounds(**order["bounds"])
    pages = _prepared(order, bounds)
    sandbox.lock(order["memory_bytes"], order["cpu_seconds"])
    first, count = order["first"], order["count"]
    try:
        pages.open(first + count if count else order["bounds"]["pages"] + 1)
        if count == 0:
            pages.check()
    except (Unreadable, MemoryError) as error:
        tell(_refused(error))
        return
    tell({"pages": pages.count})
    for number in range(first, min(pages.count, first + count)):
        try:
            page = pages.page(number)
            bounds.check_enough(page.width, page.height)
            _tell_page(page)
        except (Unreadable, MemoryError) as error:
            tell(_refused(error))


def _prepared(order: dict[str, Any], bounds: Bounds) -> _Pages:
    """What reads this type, loaded alone."""
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


def _tell_page(page: Decoded) -> None:
    header = page._asdict()
    body = header.pop("data")
    tell(header, body)


if __name__ == "__main__":
    main()
