"""Hands that sign shortly or plainly: one letter, a flat line, two words, loose angles. Units as in `hands`."""

from __future__ import annotations

import math

import numpy as np

from tests.support.scan_simulator.strokes import Stroke, lognormal, matrix, polyline


def initial(rng: np.random.Generator) -> list[Stroke]:
    """One or two large letters of two to five swings each, at times with a dot."""
    made, x = [], 0.0
    for _ in range(rng.integers(1, 3)):
        count = int(rng.integers(3, 7))
        targets = [(x + rng.uniform(-0.1, 1.3), -rng.uniform(0, 1)) for _ in range(count)]
        targets[0], targets[-1] = (x, -rng.uniform(0.6, 1.2)), (x + rng.uniform(0.6, 2.2), -rng.uniform(-0.2, 0.4))
        made.append(lognormal(targets, list(rng.uniform(-1.9, 1.9, count - 1)), rng, rng.uniform(0.2, 0.6)))
        x += rng.uniform(0.8, 1.6)
        if rng.random() < 0.3:
            made.append(polyline([(x, 0.0), (x + 0.05, 0.04), (x + 0.08, 0.0)], rng))
    shape = matrix(rng.uniform(5, 12), rng.uniform(-10, 28), rng.uniform(-10, 6))
    return [stroke.moved(shape, np.zeros(2)) for stroke in made]


def flat(rng: np.random.Generator) -> list[Stroke]:
    """A hump or two, and a long line with little left in it."""
    targets, bends = [(0.0, 0.0)], []
    for _ in range(rng.integers(1, 4)):
        x = targets[-1][0]
        targets += [(x + rng.uniform(0.2, 1.5), -rng.uniform(2, 6)), (x + rng.uniform(0.5, 3), rng.uniform(-1, 1))]
        bends += [rng.uniform(-0.8, 1.4), rng.uniform(-1.2, 0.8)]
    for _ in range(rng.integers(2, 7)):
        targets.append((targets[-1][0] + rng.uniform(2, 7), -rng.uniform(-0.6, 1.1)))
        bends.append(rng.uniform(-0.8, 0.8))
    shape = matrix(rng.uniform(0.8, 1.5), rng.uniform(0, 25), rng.uniform(-12, 5))
    return [lognormal(targets, bends, rng, rng.uniform(0.3, 0.65)).moved(shape, np.zeros(2))]


def two_words(rng: np.random.Generator) -> list[Stroke]:
    """Given and family name as two bands of even strokes, beside or above each other; joined or letter by letter."""
    made, start = [], np.zeros(2)
    above = rng.random() < 0.25
    for _ in range(2):
        height, count, joined = rng.uniform(1.6, 4), int(rng.integers(3, 9)), rng.random() < 0.6
        x, points = 0.0, [(0.0, -height * rng.uniform(0.8, 2.2))]
        for number in range(2 * count):
            x += rng.uniform(0.15, 0.6) * height
            top = height * rng.choice([1.0, 1.0, 1.0, 2.0]) * rng.uniform(0.75, 1.2)
            points.append((x, -top if number % 2 else rng.uniform(-0.2, 0.25) * height))
        size = len(points) if joined else int(rng.integers(3, 5))
        for first in range(0, len(points) - 2, size - 1):
            part = points[first : first + size]
            if len(part) > 2:
                bends = list(rng.normal(0, 0.8, len(part) - 1))
                made.append(lognormal(part, bends, rng, rng.uniform(0.2, 0.5)).moved(np.eye(2), start))
        start = np.array([rng.uniform(0, 4), height * 1.4]) if above else start + np.array([x + rng.uniform(1, 4), 0.0])
    shape = matrix(1.0, rng.uniform(-6, 28), rng.uniform(-8, 4))
    return [stroke.moved(shape, np.zeros(2)) for stroke in made]


def angles(rng: np.random.Generator) -> list[Stroke]:
    """Two to five loose strokes of few corners each that cross or miss each other."""
    made, reach = [], rng.uniform(8, 32)
    for _ in range(rng.integers(2, 6)):
        middle, turn = rng.uniform((0, -6), (reach, 0)), rng.normal(0, 0.8)
        corners = int(rng.integers(2, 6))
        along = np.sort(rng.uniform(-0.5, 0.5, corners)) * rng.uniform(4, 18)
        off = rng.normal(0, rng.uniform(0.3, 2.5), corners)
        xs = middle[0] + along * math.cos(turn) - off * math.sin(turn)
        ys = middle[1] + along * math.sin(turn) + off * math.cos(turn)
        made.append(polyline([(float(a), float(b)) for a, b in zip(xs, ys, strict=True)], rng))
    return made
