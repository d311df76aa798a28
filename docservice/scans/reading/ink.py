"""Ink on paper: how dark it is for the paper beneath, and whether it looks written by a hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.tools.untrusted.pictures import Pixels

DPI = 100
"""The resolution at which ink is looked at here."""
MM = DPI / 25.4
Levels = NDArray[np.uint8]

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_LEAST_DARK = 45  # levels of 255 darker than the paper, from which something is ink on any paper
_NOISE = 9  # times the noise of the paper (standard deviation) that ink is darker than it
_DARKEST_PAPER = 30  # levels: where the paper is darker it is not seen
_LEAST_INK = 2.5  # square millimetres of writing
_LEAST_SIZE = 3.5  # millimetres of its longer side
_GRAIN = 12  # pixels (0.8 square millimetres): what is smaller is dust or a dot of a shade
_WIDEST_STROKE = 2.2  # millimetres: beyond it is a stain, a hole or a shadow
_WIDEST_WORD = 3.8  # millimetres: letters run together; a punch hole is wider
_SOFT = 0.16  # slope of an edge for its darkness, a pixel: what is softer is a shadow or shines through
_STRAIGHT = 0.6  # millimetres of spread (narrower standard deviation): less is a scratch, a fold, a streak
_LONG = 14.0  # millimetres of a line across or down that no hand draws
_RIM = 10.0  # millimetres: shadows of the lid, edges of the sheet
_OUTER = 1.5  # millimetres of the picture in which nothing is looked for
_EDGE_LENGTH = 25.0  # millimetres from which a thing in the rim is the edge of the sheet
_STROKE = 8.0  # millimetres of a straight stroke: hairs are shorter
_PEN_DARK = 90  # levels of 255 darker than the paper that a straight stroke is
_OVER_THE_SHEET = 0.5  # of its width or height, from which a line is a fold or a streak


def darkness(seen: Pixels, *, bilevel: bool) -> Levels:
    """0 for the paper beneath, 255 for black; the dots that a bilevel picture makes of shades are smoothed away."""
    small = cv2.resize(seen, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    closed = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), (0, 0), 1.5)
    paper = cv2.max(cv2.resize(closed, seen.shape[::-1]), np.full(seen.shape, _DARKEST_PAPER, np.uint8))
    return np.asarray(
        255 - cv2.GaussianBlur(cv2.divide(seen, paper, scale=255), (0, 0), 1.1 if bilevel else 0.6), np.uint8
    )


def threshold(dark: Levels, paper: NDArray[np.bool_]) -> float:
    """From where on something is ink: well above the noise of the paper, which is where `paper` says."""
    free = dark[::2, ::2][paper[::2, ::2]]
    if not free.size:
        return 255.0
    middle = level_at(free, 0.5)
    spread = 1.4826 * level_at(cv2.absdiff(free, np.full_like(free, round(middle))), 0.5)
    return max(_LEAST_DARK, middle + _NOISE * spread)


def level_at(levels: NDArray[Any], share: float) -> float:
    """The level that this share does not exceed."""
    counts = np.bincount(np.asarray(levels, np.uint8).ravel(), minlength=256)
    return float(np.searchsorted(np.cumsum(counts), share * counts.sum()))


def without_grains(fresh: Levels) -> Levels:
    """Ink without what is smaller than any stroke: dust, and the dots that shades are made of."""
    if not cv2.countNonZero(fresh):
        return fresh
    _, labels, stats, _ = cv2.connectedComponentsWithStats(fresh, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _GRAIN
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def components(ink: Levels) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """The connected parts of a picture in which there can be 65,535 at most: the label of each pixel (0 is none), and
    for each label left, top, width, height and area. Small labels take a third of the time of large ones."""
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_16U, cv2.CCL_DEFAULT)
    return np.asarray(labels), np.asarray(stats, np.int32)


def straight(fresh: Levels) -> Levels:
    """Long lines across or down: folds, streaks, edges."""
    length = int(_LONG * MM)
    across = cv2.morphologyEx(fresh, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(fresh, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(cv2.dilate(np.maximum(across, down), np.ones((5, 5), np.uint8)), np.uint8)


def spread(shape: Levels | NDArray[np.bool_]) -> float:
    """The narrower standard deviation of a shape in pixels: small for a straight stroke."""
    moments = cv2.moments(np.asarray(shape, np.uint8), binaryImage=True)
    if moments["m00"] < 3:
        return 0.0
    across, both, down = (moments[name] / moments["m00"] for name in ("mu20", "mu11", "mu02"))
    return math.sqrt(max(0.0, (across + down) / 2 - math.hypot((across - down) / 2, both)))


def is_writing(ink: Levels, dark: Levels, widest: float = _WIDEST_STROKE) -> bool:
    """Whether a patch of ink is what a pen leaves: no dust, scratch, stain or shadow, and nothing shining through.
    `widest`: how wide (millimetres) the widest place of it may be."""
    area = float(ink.sum()) / MM**2
    ys, xs = np.nonzero(ink)
    if area < _LEAST_INK or max(np.ptp(xs), np.ptp(ys)) < _LEAST_SIZE * MM:
        return False
    if spread(ink) < _STRAIGHT * MM:
        return False
    if 2 * float(cv2.distanceTransform(ink, cv2.DIST_L2, 3).max()) > widest * MM:
        return False
    mask = ink > 0
    slope = np.hypot(cv2.Sobel(dark, cv2.CV_32F, 1, 0), cv2.Sobel(dark, cv2.CV_32F, 0, 1))[mask] / 8
    return float(np.percentile(slope, 80)) / max(1.0, float(np.percentile(dark[mask], 80))) > _SOFT


def has_writing(grey: Pixels, *, bilevel: bool) -> bool:
    """Whether a hand, or a press, has left anything on a page of which nothing is known, up to its very edges. `grey`
    is at about `DPI`. What comes in from outside the picture is the edge of the sheet, and so are long lines there."""
    dark = darkness(grey, bilevel=bilevel)
    fresh = (dark > threshold(dark, np.ones(dark.shape, np.bool_))).astype(np.uint8)
    fresh = _within_the_sheet(fresh)
    if _has_stroke(fresh, dark):
        return True
    fresh[straight(fresh) > 0] = 0
    return any(is_writing(ink, dark[part], _WIDEST_WORD) for part, ink in patches(without_grains(fresh)))


def _within_the_sheet(fresh: Levels) -> Levels:
    """Without what touches the edge of the picture, and without the long lines beside it: edges of the sheet."""
    outer, rim = int(_OUTER * MM), int(_RIM * MM)
    height, width = fresh.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(fresh, connectivity=8)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    wide, high = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    right, bottom = width - left - wide, height - top - high
    touches = np.minimum.reduce([left, top, right, bottom]) < outer
    beside = np.minimum.reduce([left, top, right, bottom]) < rim
    kept = ~touches & ~(beside & (np.maximum(wide, high) > _EDGE_LENGTH * MM))
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def _has_stroke(fresh: Levels, dark: Levels) -> bool:
    """Whether a straight stroke of a pen is there: dark, sharp, and no fold or streak, which go over the sheet."""
    height, width = fresh.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(fresh, connectivity=8)
    for number in np.flatnonzero(np.maximum(stats[:, 2], stats[:, 3]) > _STROKE * MM).tolist():
        x, y, wide, high, area = stats[number].tolist()
        if number == 0 or max(wide, high) > _OVER_THE_SHEET * (width if wide > high else height):
            continue
        part = np.s_[y : y + high, x : x + wide]
        shape = labels[part] == number
        thick = area / max(wide, high) / MM
        if thick > _WIDEST_STROKE or level_at(dark[part][shape], 0.8) < _PEN_DARK:
            continue
        across, reach = wide > high, int(2 * MM)
        band = fresh[max(0, y - reach) : y + high + reach] if across else fresh[:, max(0, x - reach) : x + wide + reach]
        if float(band.any(axis=0 if across else 1).mean()) < _OVER_THE_SHEET:
            return True
    return False


def patches(ink: Levels) -> Iterator[tuple[tuple[slice, slice], Levels]]:
    """The ink by what lies close together: its place, and the ink there."""
    if not cv2.countNonZero(ink):
        return
    joined = cv2.dilate(ink, np.ones((int(3 * MM), int(4 * MM)), np.uint8))
    labels, boxes = components(np.asarray(joined, np.uint8))
    for number, (x, y, width, height, _) in enumerate(boxes[1:].tolist(), start=1):
        part = slice(y, y + height), slice(x, x + width)
        yield part, np.where(labels[part] == number, ink[part], 0).astype(np.uint8)
