"""Written letters and figures: skeletons of single letters, drawn as an unsteady hand draws them."""

from __future__ import annotations

import numpy as np

from tests.support.scan_simulator.strokes import Stroke, matrix, polyline

_Skeleton = str
"""Strokes between blanks, each a row of points; a point is two digits: x (0 to 6) and y (0 is the foot, 8 the top)."""

_LETTERS: dict[str, _Skeleton] = {
    "0": "38 05 02 20 30 52 56 38", "1": "16 38 30", "2": "06 28 46 44 00 50", "3": "07 28 46 24 42 20 01",
    "4": "38 03 53 40", "5": "48 08 05 34 42 20 01", "6": "48 15 02 20 42 24 03", "7": "08 48 10",
    "8": "24 06 28 46 24 02 20 42 24", "9": "43 25 07 28 46 30", ".": "00 10 11", ",": "10 0-", "-": "04 34",
    "A": "00 28 50", "B": "00 08 37 35 04 43 41 00", "D": "00 08 38 54 30 00", "I": "10 18", "J": "38 31 10 02",
    "K": "00 08", "L": "08 00 40", "M": "00 08 34 68 60", "N": "00 08 50 58", "O": "38 05 02 20 42 46 38",
    "P": "00 08 37 35 04", "S": "47 28 06 24 42 20 01", "W": "08 20 35 40 68", "G": "47 28 04 20 42 44 24",
    "E": "48 08 00 40", "R": "00 08 37 35 04 40", "T": "08 58", "V": "08 20 48",
    "a": "44 25 02 10 30 44 40", "d": "44 25 02 10 30 48 40", "e": "03 43 35 14 02 20 41", "i": "15 10 20",
    "k": "08 00", "l": "18 10 20", "m": "05 00 04 25 20 24 45 40", "n": "05 00 04 25 44 40",
    "o": "25 03 10 30 43 25", "r": "05 00 03 25", "t": "28 20 30", "u": "05 01 20 44 45 40", "v": "05 20 45",
    "g": "44 25 02 20 44 4- 1-", "s": "34 15 03 32 20 00", "w": "05 10 24 30 45", "h": "08 00 03 25 44 40",
    "z": "05 45 00 40", "b": "08 00 20 42 34 03", "c": "44 25 02 20 41",
}  # fmt: skip
_SECOND: dict[str, _Skeleton] = {
    "A": "13 43", "E": "04 34", "T": "28 20", "K": "48 03 40", "k": "45 02 40", "t": "05 45", "i": "16 17",
    "I": "00 20",
}  # fmt: skip


def written(text: str, height: float, rng: np.random.Generator) -> list[Stroke]:
    """A line of writing, its figures `height` mm tall, from x = 0 on the line y = 0. Unknown letters leave a gap."""
    scale, x, made = height / 8, 0.0, []
    shape = matrix(scale, rng.uniform(-3, 16), rng.uniform(-3, 2))
    for letter in text:
        skeletons = [_LETTERS[letter]] if letter in _LETTERS else []
        skeletons += [_SECOND[letter]] if letter in _SECOND else []
        for skeleton in skeletons:
            made.append(polyline(_points(skeleton, x, rng), rng, step=1.0).moved(shape, np.zeros(2)))
        widest = max((int(point[0]) for skeleton in skeletons for point in skeleton.split()), default=2)
        x += widest + rng.uniform(1.0, 2.2)
    return made


def _points(skeleton: _Skeleton, x: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    heights = {"-": -2.0}
    return [
        (x + int(point[0]) + rng.normal(0, 0.25), -heights.get(point[1], 0.0 if point[1] == "-" else _digit(point[1])) +
         rng.normal(0, 0.25))
        for point in skeleton.split()
    ]  # fmt: skip


def _digit(sign: str) -> float:
    return float(sign) if sign.isdigit() else 0.0
