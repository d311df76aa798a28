"""Pages as the reader sees them, for tests that need no whole simulated scan: clean pictures of real documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import cv2
import numpy as np
import pypdfium2 as pdfium

from docservice.scans.reading.reference_pages import KnownDocument, ReferencePages
from docservice.tools.codes import CodeReader
from docservice.tools.untrusted.pictures import Picture, Pixels
from tests.support.scan_simulator import GeneratedDocument

READER = CodeReader()


def clean(document: GeneratedDocument, page: int, dpi: int = 200) -> Pixels:
    """A page as if scanned by a perfect machine, in grey."""
    pdf = pdfium.PdfDocument(document.pdf)
    try:
        drawn = pdf[page - 1].render(scale=dpi / 72, grayscale=True).to_numpy()
        return np.array(drawn[..., 0] if drawn.ndim == 3 else drawn, np.uint8)
    finally:
        pdf.close()


def picture(pixels: Pixels, dpi: float = 200) -> Picture:
    """Pixels as a scan; bilevel when they are."""
    return Picture(pixels, dpi, bool(np.isin(pixels, (0, 255)).all()))


def known(document: GeneratedDocument) -> KnownDocument:
    """A document as the reader is told of it."""
    return KnownDocument(document.document_id, document.pdf, document.pages, document.zones)


def reference_pages(documents: Iterable[GeneratedDocument]) -> ReferencePages:
    """The printed pages of these documents."""
    by_id: Mapping[str, KnownDocument] = {document.document_id: known(document) for document in documents}
    return ReferencePages(by_id.get, READER)


def covered(pixels: Pixels, *, upper: bool = False, lower: bool = False) -> Pixels:
    """The page with one or both of its codes covered by white paper."""
    left, right = round(pixels.shape[1] * 0.4), round(pixels.shape[1] * 0.6)
    reach = round(pixels.shape[0] * 0.105)
    page = pixels.copy()
    if upper:
        page[:reach, left:right] = 255
    if lower:
        page[-reach:, left:right] = 255
    return page


def moved_blur(pixels: Pixels, length: int) -> Pixels:
    """The page as a moving hand photographs it: each point is a line of so many pixels, from top to bottom."""
    return np.asarray(cv2.filter2D(pixels, -1, np.full((length, 1), 1 / length, np.float32)), np.uint8)
