"""Hands drawn anew for each signature: how its letters are shaped and joined, how large it is, how it ends.

Nobody signs by one rule; a judge that has seen a few hands a thousand times knows those hands. Units as in the
simulator's `hands`: millimetres, the writing line at y = 0, y down.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.support.scan_simulator.lettering import written
from tests.support.scan_simulator.pens import Pen
from tests.support.scan_simulator.strokes import Stroke, extent, lognormal, matrix, polyline

_Target = tuple[float, float]
_LEAST, _LEAST_PATH, _LEAST_STROKE = 8.0, 16.0, 4.0  # millimetres: less is a slip of the pen, or dots
_NARROW, _WIDE = 9.0, 75.0
_CAPITALS, _SMALL = "ABDIJKLMNOPSWGERTV", "adeiklmnortuvgswhzbc"


def any_hand(rng: np.random.Generator) -> list[Stroke]:
    """A signature by a hand that writes this one only."""
    while True:
        strokes = _adorned(_turned(_body(rng), rng), rng)
        path = sum(float(np.hypot(*np.diff(stroke.path, axis=0).T).sum()) for stroke in strokes)
        longest = max(_reach([stroke]) for stroke in strokes)
        if _reach(strokes) >= _LEAST and path >= _LEAST_PATH and longest >= _LEAST_STROKE:
            return strokes


def any_pen(rng: np.random.Generator) -> Pen:
    """A pen of any ink, width and wear, that can be seen."""
    hue, strong = rng.uniform(0, 1, 3), rng.uniform(0, 1)
    shade = rng.uniform(8, 110) + strong * rng.uniform(-60, 110, 3) * hue
    red, green, blue = (int(each) for each in np.clip(shade, 5, 215))
    light = rng.uniform(0.38, 0.92)
    return Pen(
        (red, green, blue),
        width=between(0.24, 1.05, rng),
        density=(light, light + 0.08),
        thinning=rng.uniform(0.05, 0.6),
        grain=rng.uniform(0, 0.75),
        skips=rng.choice([0.0, 0.0, rng.uniform(0, 0.15)]),
        nib=rng.choice([0.0, 0.0, 0.0, rng.uniform(0, 0.45)]),
    )


def _reach(strokes: list[Stroke]) -> float:
    left, top, right, bottom = extent(strokes)
    return math.hypot(right - left, bottom - top)


def _body(rng: np.random.Generator) -> list[Stroke]:
    kinds: tuple[Callable[[np.random.Generator], list[Stroke]], ...] = (
        _running, _script, _lettered, _free, _gesture, _swings,
    )  # fmt: skip
    kind = kinds[int(rng.choice(len(kinds), p=(0.28, 0.26, 0.12, 0.12, 0.12, 0.1)))]
    if rng.random() < 0.85:
        return kind(rng)
    first, second = _script(rng) if rng.random() < 0.4 else _gesture(rng), kind(rng)
    gap = extent(first)[2] - extent(second)[0] + rng.uniform(-4, 4)
    return [*first, *(stroke.moved(np.eye(2), np.array([gap, rng.normal(0, 1.5)])) for stroke in second)]


def _turned(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """Slanted, turned, at times from right to left, and now and then of quite another size."""
    shape = matrix(1.0, rng.normal(10, 14), rng.normal(-3, 6))
    if rng.random() < 0.25:
        shape = shape @ np.diag([-1.0, 1.0])
    left, _, right, _ = extent(strokes)
    wide = max(1.0, right - left)
    if rng.random() < 0.3 or wide > _WIDE:
        shape = shape * float(np.clip(between(_NARROW, _WIDE, rng) / wide, 0.45, 2.2))
    return [stroke.moved(shape, np.zeros(2)) for stroke in strokes]


# -- bodies ---------------------------------------------------------------------------------------------------------


def _running(rng: np.random.Generator) -> list[Stroke]:
    """Up and down in one line: letters, or what is left of them."""
    step, uneven = rng.uniform(0.12, 1.0), rng.uniform(0.05, 0.5)
    tall, deep, looped, back = rng.dirichlet((1.2, 0.8, 1.0, 2.5))[:4] * rng.uniform(0.3, 1.4)
    joined, fading = rng.choice([1.0, 1.0, 0.93, 0.7]), rng.uniform(-0.1, 0.9)
    bow, bows, overlap = rng.normal(0, 0.6), rng.uniform(0.05, 0.9), rng.uniform(0.1, 0.72)
    count = int(rng.integers(3, 20))
    parts: list[list[_Target]] = [[(0.0, -rng.uniform(0, 2.6))]]
    x = 0.0
    for number in range(count):
        size = (1 - fading * number / count) * math.exp(rng.normal(0, uneven))
        top = -size * (rng.uniform(1.5, 3.2) if rng.random() < tall or number == 0 else 1.0)
        foot = size * (rng.uniform(0.6, 2.2) if rng.random() < deep else rng.normal(0, 0.12))
        x += step * rng.uniform(0.4, 1.6)
        parts[-1].append((x, top))
        if rng.random() < looped:
            x -= step * rng.uniform(0.2, 1.2)
            parts[-1].append((x, top * rng.uniform(0.6, 1.0)))
        x += step * rng.uniform(-0.9 if rng.random() < back else 0.2, 1.2)
        parts[-1].append((x, foot))
        if rng.random() > joined and number < count - 1:
            x += step * rng.uniform(-0.2, 1.0)
            parts.append([(x, -size * rng.uniform(0, 1.2))])
    height = rng.uniform(1.2, 5.0) if count > 6 else rng.uniform(2.0, 9.0)
    made = [
        lognormal(part, [bow * (-1) ** n + rng.normal(0, bows) for n in range(len(part) - 1)], rng, overlap)
        for part in parts
        if len(part) > 1
    ]
    return [stroke.moved(matrix(height), np.zeros(2)) for stroke in made]


def _script(rng: np.random.Generator) -> list[Stroke]:
    """A script that nobody else writes: a few signs, each of strokes between the points of a grid."""
    across, down = rng.integers(2, 4, 2)
    busy, bent, rough = rng.uniform(0.5, 3.2), rng.choice([0.1, 0.5, 1.1]), rng.uniform(0.02, 0.16)
    alphabet = [_sign(int(across), int(down), busy, bent, rng) for _ in range(rng.integers(2, 9))]
    wide, gap, hop = rng.uniform(0.4, 1.1), rng.uniform(0.05, 0.5), rng.uniform(0, 0.12)
    x, made = 0.0, []
    for _ in range(rng.integers(2, 11)):
        size = rng.choice([1.0, 1.0, 1.0, rng.uniform(1.2, 1.9)])
        place = np.array([x, rng.normal(0, hop)])
        for targets, bends in alphabet[int(rng.integers(len(alphabet)))]:
            points = targets * (wide * size, size) + rng.normal(0, rough, targets.shape) + place
            overlap = rng.uniform(0, 0.3)
            made.append(lognormal([(float(a), float(b)) for a, b in points], bends, rng, overlap))
        x += wide * size + gap * rng.uniform(0.3, 1.7) + (rng.uniform(0.4, 1.2) if rng.random() < 0.12 else 0)
    height = min(rng.uniform(2.2, 9.0), 80 / max(1.0, x))
    return [stroke.moved(matrix(height), np.zeros(2)) for stroke in made]


def _sign(
    across: int, down: int, busy: float, bent: float, rng: np.random.Generator
) -> list[tuple[NDArray[np.float64], list[float]]]:
    """Strokes of one sign in a square of 1 by 1 on the line, between points of a grid or anywhere."""
    made, free = [], rng.random() < 0.4
    for _ in range(1 + rng.poisson(busy)):
        corners = int(rng.choice([2, 2, 3, 4, 5]))
        grid = np.stack([rng.integers(0, across + 1, corners) / across, -rng.integers(0, down + 1, corners) / down], 1)
        if free:
            grid = rng.uniform((0, -1), (1, 0), (corners, 2))
        apart = np.hypot(*np.diff(grid, axis=0).T) > 0
        grid = grid[np.concatenate([[True], apart])]
        if len(grid) > 1:
            made.append((grid.astype(np.float64), list(rng.normal(0, bent, len(grid) - 1))))
    return made or [(np.array([[0.2, 0.0], [0.2, -1.0]]), [0.0])]


def _lettered(rng: np.random.Generator) -> list[Stroke]:
    """Letters that stand apart: a first name, a surname, what is short for them, as wide and as lean as may be."""
    words = []
    for _ in range(rng.choice([1, 1, 2, 2, 3])):
        capital, rest = str(rng.choice(list(_CAPITALS))), int(rng.integers(0, 9))
        letters = "".join(rng.choice(list(_CAPITALS if rng.random() < 0.4 else _SMALL), rest))
        words.append(capital + (letters or "."))
    text = " ".join(words)[: int(rng.integers(4, 17))]
    shape = matrix(1.0, rng.normal(0, 10), 0.0) @ np.diag([math.exp(rng.normal(0, 0.25)), 1.0])
    return [stroke.moved(shape, np.zeros(2)) for stroke in written(text, between(2.6, 9.0, rng), rng)]


def between(low: float, high: float, rng: np.random.Generator) -> float:
    """Small ones as often as large ones."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _free(rng: np.random.Generator) -> list[Stroke]:
    """A line through points that hang together more or less: no letters at all."""
    made = []
    reach, high = rng.uniform(8, 55), rng.uniform(2, 12)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        count, kept = int(rng.integers(5, 30)), rng.uniform(-0.6, 0.6)
        along = np.linspace(0, 1, count) + rng.normal(0, rng.uniform(0.02, 0.25), count)
        off, y = [], 0.0
        for step in rng.normal(0, 1, count):
            y = kept * y + step
            off.append(y)
        shrink = np.linspace(1, rng.uniform(0.1, 1.2), count)
        ys = np.array(off) * shrink * high / 3.2 - high * 0.35
        knots = [(float(a), float(b)) for a, b in zip(along * reach, ys, strict=True)]
        made.append(polyline(knots, rng))
    return made


def _gesture(rng: np.random.Generator) -> list[Stroke]:
    """One or two movements: a hook, a bow, a large letter, a line thrown out."""
    made, x = [], 0.0
    high, wide = rng.uniform(3, 13), rng.uniform(2, 12)
    for _ in range(rng.choice([1, 1, 2, 2, 3])):
        count = int(rng.integers(3, 8))
        targets = [(x + float(a), float(b)) for a, b in rng.uniform((-0.1, -1), (1, 0.15), (count, 2)) * (wide, high)]
        if rng.random() < 0.55:
            out = targets[-1][0] + rng.uniform(0.5, 4) * wide
            targets.append((min(out, x + 60), rng.normal(-0.2, 0.25) * high))
        bends = list(rng.uniform(-2.1, 2.1, len(targets) - 1))
        made.append(lognormal(targets, bends, rng, rng.uniform(0.1, 0.65)))
        x += rng.uniform(0.2, 1.1) * wide
    return made


def _swings(rng: np.random.Generator) -> list[Stroke]:
    """Ovals run along a line, growing, shrinking, flattening, at times into a plain line."""
    turns, way = rng.uniform(1.2, 9), rng.choice([-1, 1])
    t = np.linspace(0, 1, max(24, int(turns * 14)))
    knots = np.linspace(0, 1, 6)
    wide = np.interp(t, knots, rng.uniform(0.3, 3.5, 6)) * rng.choice([0.6, 1.0, 1.6])
    high = np.interp(t, knots, rng.uniform(0.2, 3.8, 6)) * rng.choice([0.6, 1.0, 1.6])
    flat = np.clip((1 - t) / rng.uniform(0.02, 0.6), 0, 1)
    x = rng.uniform(4, 50) * t ** rng.uniform(0.7, 1.8) + wide * flat * np.cos(way * 2 * math.pi * turns * t)
    y = high * flat * np.sin(way * 2 * math.pi * turns * t + rng.uniform(-1, 1)) - high.mean()
    return [polyline([(float(a), float(b)) for a, b in zip(x, y, strict=True)], rng)]


# -- adornments -----------------------------------------------------------------------------------------------------


def _adorned(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    for share, adornment in ((0.13, _underline), (0.2, _dots), (0.12, _bar), (0.06, _ring), (0.1, _thrown)):
        if rng.random() < share:
            strokes = [*strokes, *adornment(strokes, rng)]
    return strokes


def _underline(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    left, _, right, bottom = extent(strokes)
    wide, count = right - left, int(rng.integers(2, 6))
    xs = left + wide * rng.uniform(-0.15, 1.2, count)
    ys = min(bottom, 2.0) + np.sort(rng.uniform(-1, 2.5, count))
    bends = list(rng.normal(0, 0.9, count - 1))
    return [lognormal([(float(a), float(b)) for a, b in zip(xs, ys, strict=True)], bends, rng, rng.uniform(0.2, 0.6))]


def _dots(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    left, top, right, bottom = extent(strokes)
    made = []
    for x, y in rng.uniform((left, top), (right, min(bottom, 2.0) + 0.5), (int(rng.integers(1, 6)), 2)):
        reach = rng.uniform(0.1, 0.7)
        made.append(polyline([(x, y), (x + reach / 2, y + rng.normal(0, 0.15)), (x + reach, y)], rng))
    return made


def _bar(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    left, top, right, bottom = extent(strokes)
    start, reach = rng.uniform(left - 1, right), rng.uniform(2, 0.8 * (right - left) + 3)
    y, drop = rng.uniform(top, min(bottom, 1.0)), rng.normal(0, 0.12) * reach
    return [lognormal([(start, y), (start + reach, y + drop)], [rng.normal(0, 0.3)], rng, 0.2)]


def _ring(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    left, top, right, bottom = extent(strokes)
    start, turn = rng.uniform(0, 6.3), rng.choice([-1, 1]) * rng.uniform(4.5, 8)
    angles = np.linspace(start, start + turn, 10)
    wide, high = (right - left) * rng.uniform(0.3, 0.7), (bottom - top) * rng.uniform(0.4, 0.8)
    xs = (left + right) / 2 + wide * np.cos(angles) * rng.uniform(0.9, 1.1, 10)
    ys = (top + bottom) / 2 + high * np.sin(angles) * rng.uniform(0.9, 1.1, 10)
    return [polyline([(float(a), float(b)) for a, b in zip(xs, ys, strict=True)], rng)]


def _thrown(strokes: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    """A last stroke far to one side."""
    x, y = strokes[-1].path[-1]
    reach = rng.choice([-1, 1]) * rng.uniform(6, 25)
    targets = [(float(x), float(y)), (float(x + reach), float(y + rng.normal(0, 3)))]
    if rng.random() < 0.4:
        targets.append((float(x + reach * rng.uniform(-0.2, 0.7)), float(y + rng.normal(0, 3))))
    return [lognormal(targets, list(rng.normal(0, 0.7, len(targets) - 1)), rng, rng.uniform(0.1, 0.5))]
