"""Printed pages as references for their scans: rendered once from the stored PDF, and kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from docservice.domain.documents import PlacedZone
from docservice.domain.page_codes import PageCode
from docservice.domain.returned.scans import Rect
from docservice.scans.reading.ink import components
from docservice.tools.codes import CodeReader
from docservice.tools.untrusted.pictures import Pixels

WORKING_DPI = 200
SCALE = WORKING_DPI / 72
"""Pixels of a reference for one point."""
PATCH = (96, 64)
"""Width and height of the patches that scans are compared by, in pixels of a reference."""
Matrix = NDArray[np.float64]

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_KEPT_BYTES = 120 << 20  # of rendered pages, five million each with its half: about 25 pages
_KEPT_DOCUMENTS = 24  # PDFs
_CELL = (75, 60)  # from here on in pixels of half a reference: width and height in which one patch is chosen
_EDGE = 20  # that no patch is chosen in: it may be cut off
_LEAST_TEXTURE = 6.0  # grey levels by which neighbours in a patch differ, across and down
_PRINT = 238  # grey levels: darker than this is print; hairlines are narrower than a pixel
_WRITING_HEIGHT = int(8.5 * WORKING_DPI / 50.8)  # of handwriting over a line
_DATE = int(4.5 * WORKING_DPI / 50.8), int(70 * WORKING_DPI / 50.8)
"""Of a gap in a row of text, as that of a date: how high it is at least, and how long at most."""
_ROW_HEIGHT = int(14 * WORKING_DPI / 50.8)  # over a line that may be written in, at most
_SENTENCE = int(95 * WORKING_DPI / 50.8)  # of a place that is long enough for a sentence
_FOOT = 0.12  # of the page: the line over the footer is not written on
_SHORTEST_LINE = int(20 * WORKING_DPI / 50.8)  # that may be written on


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A printed document: its PDF and where its signature zones are."""

    document_id: str
    pdf: bytes
    pages: int
    zones: tuple[PlacedZone, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePage:
    """A page as printed, at `WORKING_DPI` in grey, and at half of it.

    `size` is its width and height in points; `codes` are the corners of its page codes, the upper one first; `patches`
    the upper left corners of well-textured patches; `writing` the places (pixels) that are printed to be filled in.
    """

    document_id: str
    page: int
    pixels: Pixels
    small: Pixels
    size: tuple[float, float]
    zones: tuple[PlacedZone, ...]
    codes: tuple[NDArray[np.float32], ...]
    patches: tuple[tuple[int, int], ...]
    writing: tuple[tuple[int, int, int, int], ...]

    @property
    def from_points(self) -> Matrix:
        """Takes page points (origin bottom-left) to pixels of the reference."""
        return np.array([[SCALE, 0, 0], [0, -SCALE, self.size[1] * SCALE], [0, 0, 1]], np.float64)

    def pixel_rect(self, rect: Rect) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels of the reference."""
        x0, y0, x1, y1 = rect
        height = self.size[1]
        return int(x0 * SCALE), int((height - y1) * SCALE), round(x1 * SCALE), round((height - y0) * SCALE)

    def point_rect(self, left: int, top: int, right: int, bottom: int) -> Rect:
        """Pixels of the reference as page points."""
        height = self.size[1]
        return left / SCALE, height - bottom / SCALE, right / SCALE, height - top / SCALE


class ReferencePages:
    """The printed pages by document and number. May be asked by several threads; keeps at most about 150 MiB."""

    def __init__(self, load: Callable[[str], KnownDocument | None], codes: CodeReader) -> None:
        self._load = load
        self._codes = codes
        self._pages: OrderedDict[tuple[str, int], ReferencePage] = OrderedDict()
        self._documents: OrderedDict[str, KnownDocument | None] = OrderedDict()
        self._lock = threading.Lock()  # pdfium does one thing at a time

    def get(self, document_id: str, page: int) -> ReferencePage | None:
        """The page, or None when there is no such document or it has no such page."""
        key = document_id, page
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
            document = self._document(document_id)
            if document is None or not 1 <= page <= document.pages:
                return None
            self._pages[key] = reference = _rendered(document, page, self._codes)
            while sum(kept.pixels.nbytes + kept.small.nbytes for kept in self._pages.values()) > _KEPT_BYTES:
                self._pages.popitem(last=False)
            return reference

    def _document(self, document_id: str) -> KnownDocument | None:
        document = self._documents.pop(document_id, None) or self._load(document_id)
        if document is not None:  # one that is not there yet may come
            self._documents[document_id] = document
            if len(self._documents) > _KEPT_DOCUMENTS:
                self._documents.popitem(last=False)
        return document


def _rendered(document: KnownDocument, page: int, codes: CodeReader) -> ReferencePage:
    pdf = pdfium.PdfDocument(document.pdf)
    try:
        shown = pdf[page - 1]
        size = shown.get_size()
        drawn = shown.render(scale=SCALE, grayscale=True).to_numpy()
        grey = np.array(drawn[..., 0] if drawn.ndim == 3 else drawn, np.uint8)
    finally:
        pdf.close()
    own = PageCode(document.document_id, page)
    corners = [code.corners for code in codes.find(grey) if PageCode.parse(code.text) == own]
    small = np.asarray(cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return ReferencePage(
        document_id=document.document_id,
        page=page,
        pixels=grey,
        small=small,
        size=size,
        zones=tuple(zone for zone in document.zones if zone.page == page),
        codes=tuple(sorted(corners, key=lambda quad: float(quad[:, 1].mean()))),
        patches=tuple(_patches(small)),
        writing=tuple(_writing(small)),
    )


def _patches(small: Pixels) -> Iterator[tuple[int, int]]:
    """In each cell of a grid the place with most texture in both directions, if it has enough."""
    across, down = (np.abs(cv2.Sobel(small, cv2.CV_16S, *way)) for way in ((1, 0), (0, 1)))
    both = np.minimum(across, down * 3) + np.minimum(down, across * 3)
    texture = cv2.boxFilter(both, cv2.CV_32F, (PATCH[0] // 2, PATCH[1] // 2))
    height, width = small.shape
    for top in range(_EDGE, height - PATCH[1] // 2 - _EDGE, _CELL[1]):
        for left in range(_EDGE, width - PATCH[0] // 2 - _EDGE, _CELL[0]):
            cell = texture[top + 16 : top + 46 : 5, left + 24 : left + 49 : 5]
            best = int(cell.argmax())
            if cell.flat[best] > _LEAST_TEXTURE:
                row, column = divmod(best, cell.shape[1])
                yield min(2 * left + 10 * column, 2 * width - PATCH[0]), min(2 * top + 10 * row, 2 * height - PATCH[1])


def _writing(small: Pixels) -> Iterator[tuple[int, int, int, int]]:
    """The empty places above lines: lines to be filled in, and empty rows of tables."""
    printed = (small < _PRINT).astype(np.uint8)
    lines = cv2.morphologyEx(printed, cv2.MORPH_OPEN, np.ones((1, _SHORTEST_LINE), np.uint8))
    _, boxes = components(np.asarray(cv2.dilate(lines, np.ones((2, 5), np.uint8)), np.uint8))
    found = sorted(boxes[1:].tolist(), key=lambda box: int(box[1]))
    for left, top, width, _height, _area in found:
        if top > (1 - _FOOT) * small.shape[0]:
            continue
        above = [box[1] for box in found if box[1] < top - 6 and box[0] < left + width and left < box[0] + box[2]]
        highest = top - _ROW_HEIGHT if not above else max(above[-1] + 3, top - _ROW_HEIGHT)
        if top - highest < _WRITING_HEIGHT // 2:
            continue
        lowest = max(0, min(highest, top - _WRITING_HEIGHT) if above else top - _WRITING_HEIGHT)
        places = list(_empty(printed[lowest + 1 : top - 2, left : left + width]))
        if not places and width <= _DATE[1]:
            highest = max(highest, top - _DATE[0])
            places = list(_empty(printed[max(0, highest + 1) : top - 2, left : left + width]))
        for start, end in places:
            yield 2 * (left + start), 2 * max(0, highest), 2 * (left + end), 2 * top + _WRITING_HEIGHT


def _empty(row: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Where nothing is printed from top to bottom, as long as the line itself or long enough for a sentence."""
    edges = np.flatnonzero(np.diff(np.concatenate(([1], row.any(axis=0).astype(np.int8), [1]))))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start >= min(row.shape[1] - 4, _SENTENCE):
            yield start, end
