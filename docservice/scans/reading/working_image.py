"""The picture of a page at the size at which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from docservice.scans.reading.shades import has_shades
from docservice.tools.untrusted.pictures import Picture, Pixels

LONG_SIDE = 2400
"""Pixels: A4 at about 200 dpi, where a module of a page code has nearly five. More is not read, only slower."""


@dataclass(frozen=True, eq=False)
class WorkingPicture:
    """`pixels` in grey or RGB, at most `LONG_SIDE` long; `scale` is its size for the size of the `source`."""

    source: Picture
    pixels: Pixels
    scale: float

    @classmethod
    def of(cls, picture: Picture) -> WorkingPicture:
        """The picture made smaller where it is larger."""
        scale = LONG_SIDE / max(picture.pixels.shape)
        if scale > 0.95:
            return cls(picture, picture.pixels, 1.0)
        return cls(picture, resized(picture.pixels, scale), scale)

    @property
    def negative(self) -> WorkingPicture:
        """The same with light and dark changed for each other."""
        source = self.source
        return WorkingPicture.of(
            Picture(np.asarray(cv2.bitwise_not(source.pixels), np.uint8), source.dpi, source.bilevel)
        )

    @cached_property
    def is_dark(self) -> bool:
        """Whether more of it is dark than light."""
        return float(np.median(self.small)) < 128

    @cached_property
    def bilevel(self) -> bool:
        """Black and white alone, whatever the file stores: faint ink is not seen."""
        return not has_shades(self.source)

    @cached_property
    def grey(self) -> Pixels:
        """The brightness alone."""
        return Picture(self.pixels, None, self.source.bilevel).grey

    @cached_property
    def coarse(self) -> Pixels:
        """In grey at about 100 dpi if the page fills it, whatever it was scanned at."""
        return resized(self.grey, min(1.0, LONG_SIDE / 2.05 / max(self.grey.shape)))

    @cached_property
    def small(self) -> Pixels:
        """A quarter of it in each direction, in grey."""
        return resized(self.grey, 0.25)


def resized(pixels: Pixels, scale: float) -> Pixels:
    """Smaller by averaging, so that thin strokes grow fainter and do not vanish.

    Halved while it can be, and the rest between neighbours: a fifth of the time that averaging over areas takes.
    """
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    while pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        even = pixels[: 2 * half[1], : 2 * half[0]]  # an odd row or column would cost thirty times as much
        pixels = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)
