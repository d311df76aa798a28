"""A signature zone as it was scanned, and what was found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docservice.scans.reading.geometry import Placed, warped
from docservice.scans.reading.reference_pages import ReferencePage
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels

_MARGIN, _BELOW = 40, 60  # pixels of a reference (five and eight millimetres) around a zone, and below it

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class ZoneView:
    """A zone as it was scanned and as it was printed, both with their surroundings; `zone` is where it lies in them."""

    seen: Pixels
    printed: Pixels
    zone: Box
    bilevel: bool


@dataclass(frozen=True, slots=True, eq=False)
class ZoneInk:
    """`crop` is the zone with some of its surroundings, `mask` its ink there, `figures` describe it (millimetres).

    `likeness` (3, 88, 256) is what its shape is judged by: how dark it is, how dark for this page's noise, and where
    there is print; the zone lies alike in each.
    """

    crop: Pixels
    mask: NDArray[np.uint8]
    figures: Mapping[str, float]
    likeness: NDArray[np.uint8]


def zone_view(picture: WorkingPicture, placed: Placed, reference: ReferencePage, zone: Box) -> ZoneView:
    """A zone, given in pixels of the reference, and what is around it."""
    left, top, right, bottom = zone
    height, width = reference.pixels.shape
    x0, y0 = max(0, left - _MARGIN), max(0, top - _MARGIN)
    x1, y1 = min(width, right + _MARGIN), min(height, bottom + _BELOW)
    shift = np.array([[1.0, 0, x0], [0, 1.0, y0], [0, 0, 1.0]])
    seen = warped(picture.pixels, placed.to_scan @ shift, (x1 - x0, y1 - y0))
    return ZoneView(
        seen, reference.pixels[y0:y1, x0:x1], (left - x0, top - y0, right - x0, bottom - y0), picture.bilevel
    )
