"""Checks where the things on a finished page stand: text inside the text area and in its column, nothing on another."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from docservice.domain.text.messages import Sentence, say

_SIDE = 22 / 25.4 * 72  # the margins of every layout, in points
_EDGE = 31 / 25.4 * 72  # above and below the text area; head and foot stand there
_SLACK = 2.5  # points by which a letter or the width of a line may reach over an edge
_THIN = 3.0  # a line between columns is no wider
_OVERPRINT = 6.0  # points of width by which two texts may meet (a letter and its marks)


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something drawn on a page; `text` when it is letters, `body` when it is part of the tagged content."""

    text: bool
    body: bool
    left: float
    bottom: float
    right: float
    top: float

    @property
    def parts_columns(self) -> bool:
        return not self.text and self.right - self.left < _THIN < self.top - self.bottom


def area_faults(page: pypdfium2.PdfPage, number: int) -> Iterator[Sentence]:
    """What stands outside of the text area of page `number`, over the line between two columns or on other text.

    Head, foot and page codes belong into the margins above and below. Each sentence says how many things it is about;
    none quotes a text.
    """
    things = list(_things(page))
    outside = sum(not _in_place(thing, *page.get_size()) for thing in things)
    if outside:
        yield say("pieces.proof_outside", count=outside, page=number)
    texts = [thing for thing in things if thing.text and thing.body]
    lines = [thing for thing in things if thing.parts_columns]
    across = sum(any(_crosses(text, line) for line in lines) for text in texts)
    if across:
        yield say("pieces.proof_across", count=across, page=number)
    printed_over = _printed_over(texts)
    if printed_over:
        yield say("pieces.proof_over", count=printed_over, page=number)


def _things(page: pypdfium2.PdfPage) -> Iterator[_Thing]:
    edges = [ctypes.c_float() for _ in range(4)]
    for index in range(pdfium.FPDFPage_CountObjects(page)):
        drawn = pdfium.FPDFPage_GetObject(page, index)
        if pdfium.FPDFPageObj_GetBounds(drawn, *edges):
            left, bottom, right, top = (edge.value for edge in edges)
            text = pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_TEXT
            if right > left or not text:  # blanks have no extent
                yield _Thing(text, pdfium.FPDFPageObj_GetMarkedContentID(drawn) >= 0, left, bottom, right, top)


def _in_place(thing: _Thing, width: float, height: float) -> bool:
    if thing.left < _SIDE - _SLACK or thing.right > width - _SIDE + _SLACK:
        return False
    if thing.bottom >= _EDGE - _SLACK and thing.top <= height - _EDGE + _SLACK:
        return True
    in_head = thing.bottom >= height - _EDGE - _SLACK and thing.top <= height
    in_foot = thing.bottom >= 0 and thing.top <= _EDGE + _SLACK
    return not thing.body and (in_head or in_foot)


def _crosses(text: _Thing, line: _Thing) -> bool:
    middle = (line.left + line.right) / 2
    beside = text.bottom < line.top and line.bottom < text.top
    return beside and text.left < middle - _SLACK and text.right > middle + _SLACK


def _printed_over(texts: Sequence[_Thing]) -> int:
    """How many texts lie on one that stands higher or before them."""
    ordered = sorted(texts, key=lambda text: -text.top)
    found: set[int] = set()
    for place, text in enumerate(ordered):
        for below in range(place + 1, len(ordered)):
            other = ordered[below]
            if other.top <= text.bottom:
                break
            if _on(text, other):
                found.add(below)
    return len(found)


def _on(one: _Thing, other: _Thing) -> bool:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.top, other.top) - max(one.bottom, other.bottom)
    return width > _OVERPRINT and height > 0.5 * min(one.top - one.bottom, other.top - other.bottom)
