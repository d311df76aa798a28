"""What the typesetter cannot say about a finished PDF and is added to it: which cells of a table are labels, and in
which order right-to-left text is read.

The typesetter writes the elements of the structure as plain objects, and what is put in for labels has as many bytes as
what it takes the place of: so nothing else in the file moves.
"""

from __future__ import annotations

import re

from docservice.bundles.pdf.reading_order import in_reading_order

_ELEMENT = re.compile(rb"\n(\d+) 0 obj\n<</Type/StructElem/S/(Table|TR|TD)/P \d+ 0 R([^\n]*)>>\nendobj")
_KIDS = re.compile(rb"/K\[((?:\d+ 0 R ?)+)\]$")
_CELL, _HEADER = b"/S/TD/", b"/S/TH/"
_NO_HEADERS, _SCOPE = b"/O/Table/Headers[]", b"/O/Table/Scope/Row"


def finish(pdf: bytes) -> bytes:
    """The PDF with the first cell of each row as the header of its row, in tables that have no head, and with its
    right-to-left text in reading order.

    Takes a file as the typesetter writes it. What is seen stays as it is; the same bytes give the same bytes.
    """
    elements = {int(found[1]): found for found in _ELEMENT.finditer(pdf)}
    finished = bytearray(pdf)
    for table in elements.values():
        if table[2] == b"Table":
            for row in _kids(table):
                if row in elements and elements[row][2] == b"TR":  # the rows of a table with a head are in its body
                    _label(finished, elements[_kids(elements[row])[0]])
    return in_reading_order(bytes(finished))


def _kids(element: re.Match[bytes]) -> list[int]:
    kids = _KIDS.search(element[3])
    return [int(number) for number in kids[1].split()[::3]] if kids else []


def _label(pdf: bytearray, cell: re.Match[bytes]) -> None:
    """Make a header of its row of a cell that is none yet."""
    changed = cell[0].replace(_CELL, _HEADER, 1).replace(_NO_HEADERS, _SCOPE, 1)
    pdf[cell.start() : cell.end()] = changed
