"""Handwriting as movement: a pen that passes targets with overlapping strokes of lognormal speed.

The kinematic theory of rapid movements (Plamondon 1995): each stroke is a circular arc whose path is covered with a
lognormal speed profile; strokes start before the last one ends, which rounds the corners. Units are millimetres, x to
the right and y down, the writing line at y = 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 2)."""

_STEP = 0.012  # seconds between two points of a path
_TAPER = 6  # points over which the pen is put down and lifted


@dataclass(frozen=True, slots=True)
class Stroke:
    """One movement with the pen down: its path, and how hard the pen is pressed (0 to 1) at each point of it."""

    path: Points
    pressure: NDArray[np.float64]

    def moved(self, matrix: NDArray[np.float64], shift: Points) -> Stroke:
        """The stroke turned, slanted or scaled by a 2 by 2 matrix and then shifted."""
        return Stroke(self.path @ matrix.T + shift, self.pressure)


def lognormal(
    targets: Sequence[tuple[float, float]], bends: Sequence[float], rng: np.random.Generator, overlap: float = 0.55
) -> Stroke:
    """A pen movement past the targets; `bends` (radians, one for each stroke between two targets) curve the strokes.

    `overlap` from 0 (stops at each target) to 0.8 (a scrawl that cuts all corners).
    """
    points = np.asarray(targets, float)
    count = len(points) - 1
    pace = 0.16 * (1 - overlap)
    starts = np.cumsum(pace * rng.uniform(0.85, 1.2, count))
    mu, sigma = -1.9, 0.28
    times = np.arange(0, starts[-1] + 0.42, _STEP)
    elapsed = np.maximum(times[:, None] - starts[None, :], 1e-6)
    covered = _normal_cdf((np.log(elapsed) - mu) / sigma)
    path = points[0] + sum(_arc(points[i + 1] - points[i], bends[i], covered[:, i]) for i in range(count))
    return Stroke(path, _pressure(path, rng))


def polyline(points: Sequence[tuple[float, float]], rng: np.random.Generator, step: float = 0.15) -> Stroke:
    """A slow, careful movement along a line through all points, rounded a little (Catmull-Rom)."""
    knots = np.asarray(points, float)
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t = np.linspace(0, 1, max(3, int(math.dist(b, c) / step)), endpoint=False)[:, None]
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    path = np.vstack([*pieces, knots[-1:]])
    return Stroke(path, _pressure(path, rng))


def matrix(scale: float = 1, slant: float = 0, turn: float = 0) -> NDArray[np.float64]:
    """Scale, then slant to the right, then turn clockwise (both in degrees)."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    slanted = np.array([[1, -math.tan(math.radians(slant))], [0, 1]])
    return np.asarray(scale * np.array([[c, -s], [s, c]]) @ slanted)


def extent(strokes: Sequence[Stroke]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all strokes."""
    points = np.vstack([stroke.path for stroke in strokes])
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def _arc(chord: Points, bend: float, covered: NDArray[np.float64]) -> Points:
    bend = bend if abs(bend) > 1e-3 else 1e-3
    length = np.sin(covered * bend / 2) / math.sin(bend / 2)
    angle = (covered - 1) * bend / 2
    c, s = np.cos(angle) * length, np.sin(angle) * length
    return np.stack([c * chord[0] - s * chord[1], s * chord[0] + c * chord[1]], axis=1)


def _normal_cdf(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-1.702 * x)))  # close enough, and fast


def _pressure(path: Points, rng: np.random.Generator) -> NDArray[np.float64]:
    """Fast movement presses less; the pen is put down and lifted gradually; the hand wavers slowly."""
    speed = np.hypot(*np.gradient(path, axis=0).T) if len(path) > 2 else np.ones(len(path))
    usual = float(np.percentile(speed, 70)) + 1e-6
    waver = 0.08 * np.sin(np.arange(len(path)) * rng.uniform(0.02, 0.09) + rng.uniform(0, 6))
    pressure = 1.02 - 0.32 * np.minimum(speed / usual, 1.6) + waver
    taper = np.minimum(1, (1 + np.minimum(np.arange(len(path)), np.arange(len(path))[::-1])) / _TAPER)
    return np.asarray(np.clip(pressure * (0.55 + 0.45 * taper), 0.15, 1))
