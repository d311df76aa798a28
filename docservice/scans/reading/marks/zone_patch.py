"""A signature zone as it was scanned, and what was found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docservice.tools.untrusted.pictures import Pixels

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
