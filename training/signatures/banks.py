"""Names, stamps and litter as likenesses, to be laid over zones while learning."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.support.scan_simulator import hands
from tests.support.scan_simulator.sheet import MM_PER_INCH, Sheet
from tests.support.scan_simulator.strokes import extent
from training.signatures.any_hand import any_hand, any_pen
from training.signatures.any_litter import any_litter, any_stamp

SIZE = (256, 88)
_LEFT, _TOP, _RIGHT, _BOTTOM = 28, 20, 228, 66  # of the zone in it
_MILLIMETRE = 2.7  # pixels in it
_FINER = 3
Bank = NDArray[np.uint8]


def names(count: int) -> Bank:
    """Signatures on the line, or near it."""
    return _bank(count, 3, _name)


def stamps(count: int) -> Bank:
    """Stamps, partly outside."""
    return _bank(count, 5, lambda sheet, rng: any_stamp(sheet, rng.uniform(*_corners(30)), rng))


def litter(count: int) -> Bank:
    """What falls onto a line."""
    return _bank(count, 7, lambda sheet, rng: any_litter(sheet, _corners(0), rng))


def _bank(count: int, seed: int, draw: Callable[[Sheet, np.random.Generator], None]) -> Bank:
    rng = np.random.default_rng(seed)
    found: list[NDArray[np.uint8]] = []
    while len(found) < count:
        pixels = np.full((SIZE[1] * _FINER, SIZE[0] * _FINER), 255, np.uint8)
        sheet = Sheet(pixels, _MILLIMETRE * _FINER * MM_PER_INCH)
        draw(sheet, rng)
        ink = np.asarray(cv2.resize(255 - sheet.pixels, SIZE, interpolation=cv2.INTER_AREA), np.uint8)
        if int((ink > 40).sum()) >= 12:
            found.append(ink)
    return np.stack(found)


def _corners(more: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the zone, and so many pixels around it."""
    corners = np.array([[_LEFT - more, _TOP - more], [_RIGHT + more, _BOTTOM + more]], np.float64) * _FINER
    return corners[0], corners[1]


def _name(sheet: Sheet, rng: np.random.Generator) -> None:
    strokes = hands.sign(any_hand, rng)
    right = extent(strokes)[2] * sheet.millimetre
    start = _LEFT * _FINER + rng.uniform(0, 1) * max(0.0, (_RIGHT - _LEFT) * _FINER - right)
    line = _BOTTOM * _FINER - rng.normal(1.6, 1.3) * sheet.millimetre
    any_pen(rng).write(sheet, strokes, np.array([start, line]), rng)
