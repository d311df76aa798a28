"""Pictures of pages as arrays, and the files they come from."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One page as scanned: `pixels` is (height, width) in grey or (height, width, 3) in RGB, 0 is black.

    Pixels are square (a fax is stretched on reading) and upright as its file asks for (EXIF). `dpi` is what the file
    says, None when it does not say. `bilevel`: every pixel is 0 or 255.
    """

    pixels: Pixels
    dpi: float | None
    bilevel: bool

    @property
    def grey(self) -> Pixels:
        """The brightness alone, (height, width)."""
        if self.pixels.ndim == 2:
            return self.pixels
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
