"""A sheet of paper as pixels, on which ink is laid: ink filters light, so colours multiply."""

from __future__ import annotations

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from docservice.tools.untrusted.pictures import Pixels

Colour = tuple[int, int, int]
"""RGB of the ink at full strength on white paper."""

POINTS_PER_INCH = 72
MM_PER_INCH = 25.4


class Sheet:
    """One side of a sheet: `pixels` (height, width) or (height, width, 3) in RGB at `dpi`, changed in place."""

    def __init__(self, pixels: Pixels, dpi: float) -> None:
        self.pixels = pixels
        self.dpi = dpi

    @classmethod
    def printed(cls, pdf: bytes, page: int, dpi: float, *, colour: bool) -> Sheet:
        """A page (from 1) of a PDF as it is printed."""
        document = pdfium.PdfDocument(pdf)
        try:
            bitmap = document[page - 1].render(scale=dpi / POINTS_PER_INCH, grayscale=not colour, rev_byteorder=True)
            drawn = bitmap.to_numpy()
            pixels = drawn[..., :3] if colour else drawn.reshape(drawn.shape[:2])
            return cls(np.array(pixels, np.uint8, order="C"), dpi)
        finally:
            document.close()

    @classmethod
    def empty(cls, dpi: float, *, colour: bool, width: float = 595.28, height: float = 841.89) -> Sheet:
        """A blank sheet of so many points."""
        size = round(height * dpi / POINTS_PER_INCH), round(width * dpi / POINTS_PER_INCH)
        return cls(np.full((*size, 3) if colour else size, 255, np.uint8), dpi)

    @property
    def colour(self) -> bool:
        return self.pixels.ndim == 3

    @property
    def millimetre(self) -> float:
        """Pixels in a millimetre."""
        return self.dpi / MM_PER_INCH

    def place(self, x: float, y: float) -> NDArray[np.float64]:
        """Pixels of a place in points, origin bottom-left."""
        scale = self.dpi / POINTS_PER_INCH
        return np.array([x * scale, self.pixels.shape[0] - y * scale])

    def lay(self, mask: Pixels, left: int, top: int, ink: Colour) -> None:
        """Lay ink where the mask (0 none, 255 full) says, its corner at these pixels; what lies outside is lost."""
        height, width = self.pixels.shape[:2]
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(width, left + mask.shape[1]), min(height, top + mask.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        part = mask[y0 - top : y1 - top, x0 - left : x1 - left]
        target = self.pixels[y0:y1, x0:x1]
        target[...] = cv2.multiply(target, _passed(part, ink, colour=self.colour), scale=1 / 255)

    def shade(self, gain: NDArray[np.float32]) -> None:
        """Multiply with a small map of gains (about 1), stretched over the sheet."""
        factor = cv2.resize(np.clip(gain * 200, 0, 255).astype(np.uint8), self.pixels.shape[1::-1])
        factor = cv2.cvtColor(factor, cv2.COLOR_GRAY2RGB) if self.colour else factor
        cv2.multiply(self.pixels, factor, self.pixels, scale=1 / 200)


def brightness(ink: Colour) -> int:
    """How bright an ink is to a grey scanner."""
    return round(0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2])


def _passed(mask: Pixels, ink: Colour, *, colour: bool) -> Pixels:
    """The light that passes, 255 being all of it."""
    steps = np.arange(256, dtype=np.float32)[:, None] / 255
    shades = np.array(ink if colour else (brightness(ink),), np.float32)[None, :]
    table = (255 - steps * (255 - shades)).astype(np.uint8)
    return np.ascontiguousarray(table[mask] if colour else table[mask, 0])
