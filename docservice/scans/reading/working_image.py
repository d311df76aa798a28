"""The picture of a page at the size at which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from docservice.scans.reading.shades import has_shades
from docservice.tools.untrusted.pictures import Picture, Pixels
from docservice.tools.untrusted.reading_size import LONG_SIDE, at_reading_size, negative, resized


@dataclass(frozen=True, eq=False)
class WorkingPicture:
    """`pixels` in grey or RGB, at most `LONG_SIDE` long; `scale` is its size for the size of the `source`."""

    source: Picture
    pixels: Pixels
    scale: float

    @classmethod
    def of(cls, picture: Picture) -> WorkingPicture:
        """The picture made smaller where it is larger."""
        return cls(picture, *at_reading_size(picture))

    @property
    def negative(self) -> WorkingPicture:
        """The same with light and dark changed for each other."""
        return WorkingPicture.of(negative(self.source))

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
