"""The process that opens one file of a stranger: it decodes and hands out pixels, and may do nothing else.

Its order is its first argument, the file is its standard input; it writes frames (see `frames`) to its standard
output: one with the number of pages, then one for each page.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Protocol

from docservice.tools.child import sandbox
from docservice.tools.child.decoded import Bounds, Decoded, Unreadable
from docservice.tools.child.frames import tell

_FILE = 0


class _Pages(Protocol):
    count: int
    hints: tuple[str, ...]

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
    except Exception as error:  # noqa: BLE001 - whatever it is, the file is not to be called damaged for it
        tell(_refused(error))
        return
    tell({"pages": pages.count, "hints": pages.hints})
    for number in range(first, min(pages.count, first + count)):
        try:
            page = pages.page(number)
            bounds.check_enough(page.width, page.height)
        except Exception as error:  # noqa: BLE001 - the same
            tell(_refused(error))
        else:
            _tell_page(page)


def _prepared(order: dict[str, Any], bounds: Bounds) -> _Pages:
    """What reads this type, loaded alone."""
    source = os.fdopen(os.dup(_FILE), "rb")  # Pillow takes descriptor 0 for none, and reads the whole file instead
    if order["media_type"] == "application/pdf":
        from docservice.tools.child.pdfium_pages import PdfPages

        return PdfPages(source, order["bytes"], bounds)
    from docservice.tools.child.pillow_pages import ImagePages

    return ImagePages(source, order["media_type"], bounds)


def _refused(error: Exception) -> dict[str, Any]:
    """What the parent process is told of a file or page that is not read; of an unforeseen error also its place."""
    if isinstance(error, Unreadable):
        return {"refused": error.code, "found": error.found, "limit": error.limit}
    if isinstance(error, MemoryError):
        return {"refused": "too_much_memory", "found": 0, "limit": 0}
    fault = f"{type(error).__name__} at {_place(error)}"
    return {"refused": "reader_fault", "found": 0, "limit": 0, "fault": fault}


def _place(error: Exception) -> str:
    """Module and line where the error arose; its text may hold something of the page."""
    trace, place = error.__traceback__, "unknown:0"
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _tell_page(page: Decoded) -> None:
    header = page._asdict()
    body = header.pop("data")
    tell(header, body)


if __name__ == "__main__":
    main()
