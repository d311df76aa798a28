"""What stands in a signature zone besides the print: its ink as a mask, and figures that describe it.

The zone is brought to the reference's resolution, the paper's brightness evened out, the print taken away, and what
is darker than the page's own noise is ink. Straight strokes over the whole zone are folds, streaks or rulers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.scans.reading.ink import components, spread
from docservice.scans.reading.marks.zone_patch import Box, ZoneInk, ZoneView
from docservice.scans.reading.reference_pages import WORKING_DPI
from docservice.tools.untrusted.pictures import Pixels

_SHIFT = 10
_MM = WORKING_DPI / 25.4
_PRINT = 210
_LEAST_DARK = 12.0
_NOISE_FACTOR = 5.5
_RUN_ACROSS, _RUN_DOWN = 61, 45
_LONG_ACROSS, _LONG_DOWN = 0.35, 0.7  # of the zone: a signature has flat strokes and tall ones, too
_LARGEST_SPECK = 6.0  # millimetres
_SPECK = 2.2  # times longer than it is thick: no stroke
_LINE, _STRAIGHT = 40, 1.6  # pixels of length, and of deviation across
_ROW, _STRAIGHT_ROW = 100, 2.4
_ROUND = 1.9, 3.8  # millimetres of the radius of a hole that a punch left, or was to leave
_OUT_OF_ROUND = 0.4  # millimetres
_APART = 7  # pixels between pieces of one stroke that a dry pen or a coarse scan has broken
_LIKENESS_SIZE = (256, 88)
_LIKENESS_ZONE = (28, 20, 200, 46)  # left, top, width and height of the zone in it
Mask = NDArray[np.uint8]
Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Region:
    seen: Pixels  # as scanned, in colour where there is colour
    darkness: Grey  # 0 paper to 255 black
    printed: Mask
    zone: Box
    threshold: float
    noise: float
    toner: float  # how dark the print is here


def zone_ink(view: ZoneView) -> ZoneInk:
    """The ink of a zone."""
    region = _region(view)
    near = np.zeros(region.darkness.shape, np.uint8)
    left, top, right, bottom = region.zone
    near[max(0, top - 10) : bottom + 40, max(0, left - 30) : right + 30] = 1
    dark = ((region.darkness > region.threshold) & (region.printed == 0) & (near > 0)).astype(np.uint8)
    straight = _straight(dark, (right - left, bottom - top))
    mask, strokes = _strokes(dark, straight, region.zone)
    lines = int((dark & straight)[top:bottom, left:right].sum())
    return ZoneInk(region.seen, mask, _figures(region, mask, strokes, lines, bilevel=view.bilevel), _likeness(region))


def _region(view: ZoneView) -> _Region:
    reference = view.printed
    # Ink of any colour is dark in at least one channel.
    grey = view.seen if view.seen.ndim == 2 else _darkest(view.seen)
    grey, seen = _moved(grey, view, reference)
    paper = _paper(grey)
    even = np.clip(grey.astype(np.float32) * (255 / np.maximum(paper, 20).astype(np.float32)), 0, 255)
    darkness = np.asarray(cv2.GaussianBlur(255 - even, (0, 0), 0.9), np.float32)
    printed = cv2.dilate((reference < _PRINT).astype(np.uint8), np.ones((7, 7), np.uint8))
    free = darkness[printed == 0]
    free = free[:: max(1, free.size // 20000)]
    middle = float(np.median(free)) if free.size else 0.0
    noise = 1.4826 * float(np.median(np.abs(free - middle))) + 0.4 if free.size else 1.0
    print_ = darkness[reference < 100]
    return _Region(
        seen=seen,
        darkness=darkness,
        printed=np.asarray(printed, np.uint8),
        zone=view.zone,
        threshold=max(_LEAST_DARK, _NOISE_FACTOR * noise + middle),
        noise=noise,
        toner=float(np.percentile(print_, 60)) if print_.size else 255.0,
    )


def _darkest(seen: Pixels) -> Pixels:
    red, green, blue = cv2.split(seen)  # a tenth of the time that numpy takes along the last axis
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


def _likeness(region: _Region) -> NDArray[np.uint8]:
    left, top, right, bottom = region.zone
    across, down = (right - left) / _LIKENESS_ZONE[2], (bottom - top) / _LIKENESS_ZONE[3]
    matrix = np.array(
        [[1 / across, 0, _LIKENESS_ZONE[0] - left / across], [0, 1 / down, _LIKENESS_ZONE[1] - top / down]], np.float32
    )
    dark = cv2.warpAffine(cv2.GaussianBlur(region.darkness, (0, 0), 1.0), matrix, _LIKENESS_SIZE)
    printed = cv2.GaussianBlur(region.printed * np.float32(255), (0, 0), 1.0)
    printed = cv2.warpAffine(np.asarray(printed, np.float32), matrix, _LIKENESS_SIZE)
    dark = np.where(printed > 128, 0, dark)
    return np.stack([dark, np.clip(dark / region.threshold * 64, 0, 255), printed]).astype(np.uint8)


def _paper(grey: Pixels) -> Pixels:
    """The brightness of the paper beneath the ink; worked out at a quarter of the size."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    closed = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), (0, 0), 3)
    return np.asarray(cv2.resize(closed, (grey.shape[1], grey.shape[0])), np.uint8)


def _moved(grey: Pixels, view: ZoneView, reference: Pixels) -> tuple[Pixels, Pixels]:
    """The last few pixels of shift, by the line of the zone and what is printed beneath it."""
    seen, line = view.seen, np.s_[max(0, view.zone[3] - 2 * _SHIFT) :]
    inner = reference[line][_SHIFT:-_SHIFT, _SHIFT:-_SHIFT]
    if int((inner < 200).sum()) < 150:
        return grey, seen
    match, (dx, dy) = _best_match(255 - grey[line], 255 - inner)
    if match < 0.3 or (dx, dy) == (_SHIFT, _SHIFT):
        return grey, seen
    way = (_SHIFT - dy, _SHIFT - dx)
    return np.roll(grey, way, (0, 1)), np.roll(seen, way, (0, 1))


def _best_match(around: Pixels, part: Pixels) -> tuple[float, tuple[int, int]]:
    """How alike and where; looked for at half the size, and then closely around the likest place."""
    half_around, half_part = (
        np.asarray(cv2.resize(each, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        for each in (around, part)
    )
    _, _, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(half_around, half_part, cv2.TM_CCOEFF_NORMED))
    left, top = max(0, 2 * dx - 1), max(0, 2 * dy - 1)
    close = around[top : top + part.shape[0] + 2, left : left + part.shape[1] + 2]
    _, match, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(close, part, cv2.TM_CCOEFF_NORMED))
    return match, (left + dx, top + dy)


def _straight(dark: Mask, zone: tuple[int, int]) -> Mask:
    """Where even runs reach over a good part of the zone: folds and streaks, a little askew, are rows of them."""
    across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, _RUN_ACROSS), np.uint8))
    down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((_RUN_DOWN, 1), np.uint8))
    across = _reaching(np.asarray(across, np.uint8), round(_LONG_ACROSS * zone[0]), 2)
    down = _reaching(np.asarray(down, np.uint8), round(_LONG_DOWN * zone[1]), 3)
    around = cv2.dilate(across, np.ones((5, 9), np.uint8)), cv2.dilate(down, np.ones((9, 5), np.uint8))
    return np.asarray(np.maximum(*around), np.uint8)


def _reaching(runs: Mask, length: int, side: int) -> Mask:
    """The runs that reach as far together; `side` is the place of their length in the statistics."""
    if not cv2.countNonZero(runs):
        return runs
    labels, stats = components(runs)
    kept = stats[:, side] >= length
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


@dataclass(frozen=True, slots=True)
class _Stroke:
    width: int
    height: int
    area: int
    round: bool

    @property
    def reach(self) -> float:
        return math.hypot(self.width, self.height)


@dataclass(slots=True)
class _Left:
    """What was left out, in pixels."""

    thin: int = 0  # straight strokes
    specks: int = 0  # compact ink: dots, crumbs, blots
    hanging: int = 0  # ink that comes in from above or beside


@dataclass(frozen=True, slots=True)
class _Strokes:
    kept: tuple[_Stroke, ...]
    left: _Left


def _strokes(dark: Mask, straight: Mask, zone: Box) -> tuple[Mask, _Strokes]:
    joined = cv2.morphologyEx(np.where(straight > 0, 0, dark).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3)))
    labels, stats = components(np.asarray(joined, np.uint8))
    mask, left, round_ = np.zeros(dark.shape, np.uint8), _Left(), _rounds(dark)
    kept: list[_Stroke] = []
    for number, (x, y, width, height, area) in enumerate(stats.tolist()):
        if number == 0 or max(width, height) < 9 or area < 14:
            continue
        shape = labels[y : y + height, x : x + width] == number
        if _belongs(shape, (x, y, width, height, area), zone, left):
            mask[y : y + height, x : x + width][shape] = 1
            # What is shorter is no stroke of a signature, be it round or not.
            long = math.hypot(width, height) > 1.8 * _ROUND[0] * _MM
            within = long and bool(round_[y : y + height, x : x + width][shape].mean() > 0.5)
            kept.append(_Stroke(width, height, area, within or (long and _is_round(shape))))
    return mask, _Strokes(tuple(kept), left)


def _belongs(shape: NDArray[np.bool_], box: tuple[int, int, int, int, int], zone: Box, left: _Left) -> bool:
    x, y, width, height, area = box
    x0, y0, x1, y1 = zone
    inside = int(shape[max(0, y0 - y) : max(0, y1 - y), max(0, x0 - x) : max(0, x1 - x)].sum())
    if inside == 0:
        return False
    if _is_speck(shape):
        left.specks += area
        return False
    if (y <= y0 and y + height < y0 + 0.33 * (y1 - y0)) or (inside < 0.25 * area and inside < 150):
        left.hanging += area
        return False
    # Dots in a row run together where the scan is coarse: wider than a line, and longer than any even stroke.
    reach = max(width, height)
    if reach > _LINE and spread(shape) < (_STRAIGHT if reach < _ROW else _STRAIGHT_ROW):
        left.thin += area
        return False
    return True


def _is_speck(shape: NDArray[np.bool_]) -> bool:
    """Whether ink is about as long as it is thick: what a pen does not draw, but for dots."""
    reach = math.hypot(*shape.shape)
    if reach > _LARGEST_SPECK * _MM:
        return False
    framed = cv2.copyMakeBorder(shape.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return reach < _SPECK * 2 * float(cv2.distanceTransform(framed, cv2.DIST_L2, 3).max())


def _rounds(dark: Mask) -> Mask:
    """What is round before straight strokes are taken away: a filled hole is large enough to lose some."""
    found = np.zeros(dark.shape, np.uint8)
    labels, stats = components(np.asarray(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((3, 3))), np.uint8))
    for number, (x, y, width, height, _) in enumerate(stats.tolist()):
        if number == 0 or max(width, height) < 2 * _ROUND[0] * _MM:
            continue
        shape = labels[y : y + height, x : x + width] == number
        if _is_round(shape):
            found[y : y + height, x : x + width][shape] = 1
    return found


def _is_round(shape: NDArray[np.bool_]) -> bool:
    """Whether ink is a disc, a ring or an arc of one circle, as large as the hole of a punch."""
    if max(shape.shape) > (2 * _ROUND[1] + _OUT_OF_ROUND) * _MM:
        return False
    outlines, _ = cv2.findContours(np.ascontiguousarray(shape, np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    radius, off = _off_circle(max(outlines, key=len)[:, 0])
    return _ROUND[0] <= radius <= _ROUND[1] and off <= _OUT_OF_ROUND


def _off_circle(outline: NDArray[Any]) -> tuple[float, float]:
    """The radius of the circle that is nearest to an outline (Kåsa 1976), and how far nearly all of it is off that
    circle; millimetres."""
    x, y = (outline.T - outline.mean(axis=0)[:, None]) / _MM
    xx, xy, yy = float(x @ x), float(x @ y), float(y @ y)
    square = x * x + y * y
    down, along = float(square @ x) / 2, float(square @ y) / 2
    flat = xx * yy - xy * xy
    if flat < 1e-6:
        return math.inf, 0.0
    middle = (down * yy - along * xy) / flat, (along * xx - down * xy) / flat
    radius = math.sqrt(middle[0] ** 2 + middle[1] ** 2 + float(square.mean()))
    off = np.abs(np.hypot(x - middle[0], y - middle[1]) - radius)
    return radius, float(np.partition(off, int(0.9 * (len(off) - 1)))[int(0.9 * (len(off) - 1))])


def _reach(mask: Mask) -> float:
    """How far the largest stroke extends, its pieces joined, in pixels."""
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((_APART, _APART), np.uint8))
    _, stats = components(np.asarray(joined, np.uint8))
    return max((math.hypot(width, height) for _, _, width, height, _ in stats[1:].tolist()), default=0.0)


def _figures(region: _Region, mask: Mask, strokes: _Strokes, lines: int, *, bilevel: bool) -> dict[str, float]:
    x0, y0, x1, y1 = region.zone
    found = {
        "threshold": region.threshold,
        "noise": region.noise,
        "toner": region.toner,
        "bilevel": float(bilevel),
        "ink": float(mask.sum()) / _MM**2,
        "lines": lines / _MM**2,
        "thin": strokes.left.thin / _MM**2,
        "specks": strokes.left.specks / _MM**2,
        "hanging": strokes.left.hanging / _MM**2,
        "parts": float(len(strokes.kept)),
        "reach": _reach(mask) / _MM,
        "unbroken": max((stroke.reach for stroke in strokes.kept if not stroke.round), default=0.0) / _MM,
    }
    found |= dict.fromkeys(_SHAPE, 0.0)
    if strokes.kept:
        found |= dict(zip(_SHAPE, _shape(region, mask, strokes), strict=True))
    found["inside"] = float(mask[y0:y1, x0:x1].sum()) / max(1.0, float(mask.sum()))
    return found


_SHAPE = (
    "wide", "high", "spread", "largest", "largest_area", "dark", "edge", "stroke", "stroke_varies", "length",
    "letters", "same_height", "fill", "turning", "two_ways", "ring", "colour", "colour_varies", "low", "darkest",
    "width_varies", "path", "longest_path", "longest_share", "three_share", "solid", "longest_solid", "closed",
    "holes", "held", "slender", "level", "off_circle",
)  # fmt: skip


def _shape(region: _Region, mask: Mask, strokes: _Strokes) -> Iterator[float]:
    """See `_SHAPE`; lengths in millimetres."""
    ys, xs = np.nonzero(mask)
    wide, high = float(np.ptp(xs)) + 1, float(np.ptp(ys)) + 1
    dark = region.darkness[mask > 0]
    across, down = (
        np.asarray(cv2.Sobel(region.darkness, cv2.CV_32F, *way), np.float32) / 8 for way in ((1, 0), (0, 1))
    )
    slope = np.hypot(across, down)[mask > 0]
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    ridge = depth[(mask > 0) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 0.01)]
    heights = np.array([stroke.height for stroke in strokes.kept], np.float32)
    small = [stroke for stroke in strokes.kept if 8 <= stroke.height <= 30 and stroke.width <= 34]
    darkest = float(np.percentile(dark, 80))
    yield wide / _MM
    yield high / _MM
    yield spread(mask) / _MM
    yield max(max(stroke.width, stroke.height) for stroke in strokes.kept) / _MM
    yield max(stroke.area for stroke in strokes.kept) / _MM**2
    yield darkest
    yield float(np.percentile(slope, 80)) / max(1.0, darkest)
    yield 2 * float(np.median(ridge)) / _MM
    yield float(ridge.std()) / max(0.1, float(ridge.mean()))
    yield float(len(ridge)) / _MM
    yield float(len(small))
    yield float(heights.std() / max(1.0, float(heights.mean())))
    yield float(len(xs)) / (wide * high)
    yield from _directions(across[mask > 0], down[mask > 0], slope)
    yield _ring(mask)
    yield from _colours(region.seen, mask)
    yield float(ys.mean() - region.zone[1]) / max(1, region.zone[3] - region.zone[1])
    yield float(np.percentile(dark, 97))
    thin, thick = np.percentile(ridge, (10, 90)).tolist()
    yield thick / max(0.5, thin)
    yield from _hanging_together(mask)


def _hanging_together(mask: Mask) -> Iterator[float]:
    """What tells writing from a heap: how long its strokes are in one piece, how much room these enclose for their
    ink, and how they stand on a line. Of convex, short and scattered pieces no name is written."""
    outlines, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    pieces = [_Piece.of(number, outlines, tree[0]) for number in range(len(outlines)) if tree[0][number][3] < 0]
    paths = np.array([piece.path for piece in pieces])
    share = paths / max(1.0, float(paths.sum()))
    order = np.argsort(paths)[::-1]
    longest = pieces[int(order[0])]
    solid, closed, slender, middle, high = np.array(
        [(piece.solid, piece.closed, piece.slender, piece.middle, piece.high) for piece in pieces]
    ).T
    yield float(paths.sum()) / _MM
    yield longest.path / _MM
    yield float(share[order[0]])
    yield float(share[order[:3]].sum())
    yield float(solid @ share)
    yield longest.solid
    yield float(closed @ share)
    yield float(sum(piece.holes for piece in pieces))
    yield sum(piece.held for piece in pieces) / _MM**2
    yield float(slender @ share)
    yield float(math.sqrt(share @ (middle - share @ middle) ** 2) / max(1.0, share @ high))
    yield _off_circle(longest.outline)[1]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Ink in one piece, in pixels."""

    outline: NDArray[np.int32]
    path: float  # how long its strokes are together: half of its edge, outer and inner
    solid: float  # share of ink in the least convex shape around it
    closed: float  # the same when its holes are filled
    holes: int
    held: float  # area of its holes
    slender: float  # how many times longer than wide
    middle: float  # of its height, from above
    high: float

    @classmethod
    def of(cls, number: int, outlines: Sequence[Any], tree: Any) -> _Piece:
        outline = outlines[number]
        edge, filled, holes, held = cv2.arcLength(outline, True), cv2.contourArea(outline), 0, 0.0
        inner = int(tree[number][2])
        while inner >= 0:
            edge += cv2.arcLength(outlines[inner], True)
            held += cv2.contourArea(outlines[inner])
            holes += 1
            inner = int(tree[inner][0])
        hull = max(1.0, cv2.contourArea(cv2.convexHull(outline)))
        _, sides, _ = cv2.minAreaRect(outline)
        _, y, _, high = cv2.boundingRect(outline)
        return cls(
            outline[:, 0], edge / 2, (filled - held) / hull, filled / hull, holes, held,
            (max(sides) + 1) / (min(sides) + 1), y + high / 2, high,
        )  # fmt: skip


def _directions(across: NDArray[Any], down: NDArray[Any], slope: NDArray[Any]) -> Iterator[float]:
    """How many ways the strokes go (0 one, 1 all), and the share of the two commonest of twelve."""
    angle = np.mod(np.arctan2(down, across), np.pi)
    share, _ = np.histogram(angle, 12, (0, np.pi), weights=slope)
    share = share / max(1e-6, float(share.sum()))
    yield float(-(share * np.log(share + 1e-9)).sum() / np.log(12))
    around = share + np.roll(share, 1)
    yield float(np.sort(around)[-2:].sum())


def _ring(mask: Mask) -> float:
    """The share of the ink that lies on one circle, such as the edge of a round stamp has."""
    points = np.column_stack(np.nonzero(mask)).astype(np.float32)
    if len(points) < 60:
        return 0.0
    rng = np.random.default_rng(len(points))  # the same ink gives the same answer
    a, b, c = np.moveaxis(points[rng.integers(0, len(points), (160, 3))].astype(np.float64), 1, 0)
    twice = 2 * (a[:, 0] * (b - c)[:, 1] + b[:, 0] * (c - a)[:, 1] + c[:, 0] * (a - b)[:, 1])
    aa, bb, cc = ((each * each).sum(axis=1) for each in (a, b, c))
    with np.errstate(divide="ignore", invalid="ignore"):  # three points on a line
        down = (aa * (b - c)[:, 1] + bb * (c - a)[:, 1] + cc * (a - b)[:, 1]) / twice
        along = (aa * (c - b)[:, 0] + bb * (a - c)[:, 0] + cc * (b - a)[:, 0]) / twice
        radius = np.hypot(a[:, 0] - down, a[:, 1] - along)
    round_ = (np.abs(twice) >= 1) & (radius > 6 * _MM) & (radius < 25 * _MM)
    if not round_.any():
        return 0.0
    sample = points[:: max(1, len(points) // 600)]
    centre = np.column_stack([down[round_], along[round_]]).astype(np.float32)
    apart = np.hypot(sample[:, 0] - centre[:, :1], sample[:, 1] - centre[:, 1:])
    return float((np.abs(apart - radius[round_, None].astype(np.float32)) < 3).mean(axis=1).max())


def _colours(seen: Pixels, mask: Mask) -> Iterator[float]:
    """How coloured the ink is (0 to 255), and how much its hue varies; both 0 in a grey picture."""
    if seen.ndim == 2:
        yield 0.0
        yield 0.0
        return
    ink = seen[mask > 0].astype(np.float32)
    spread = ink.max(axis=1) - ink.min(axis=1)
    yield float(np.median(spread))
    yield float((ink[:, 0] - ink[:, 2]).std())
