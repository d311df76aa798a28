"""Page codes that the reader does not find: blurred, faded by a streak, seen at an angle.

The three squares in a code's corners are looked for by their looks, the modules between them are sampled one by one,
and the reader is given the symbol drawn anew. What it says still has to pass its error correction and check value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.tools.codes import MODULES, CodeReader, FoundCode
from docservice.tools.untrusted.pictures import Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_HALF = 0.5  # of the working picture: the size at which squares are looked for
_MODULE_SIZES = (1.7, 2.1, 2.6)  # pixels of half a working picture: of codes scanned a little smaller or larger
_TURNS = (0.0, 22.0, 45.0)  # degrees: a square looks the same a quarter turn on, and much the same eleven degrees off
_ALIKE = 0.5  # correlation with a square, from which a place is looked at
_SQUARES = 40  # places that are looked at, at most: the likest
_TRIPLES = 24  # threes of them that are looked at, at most
_SQUARE = 0.85  # sine of the angle at the upper left square, at least
_UNEVEN = 1.35  # times that the longer of its two ways is the other one, at most
_OTHER_SIZES = (0.8, 1.25)  # times the smallest and the largest of the sizes above that a module may have
_BETWEEN = MODULES - 7  # modules from the middle of one square to the next: of the symbol
_SAMPLES = 8  # pixels a module, in which a square is drawn
_MIDDLES = np.array([(3.5, 3.5), (21.5, 3.5), (3.5, 21.5), (21.5, 21.5)], np.float32)
"""Of the corner squares, and where a fourth one would be, in modules: of the symbol."""
_MOVES = tuple((step, which) for step in (1.0, 0.5, 0.5, 0.25) for which in (3, 0, 1, 2))
"""By how many modules which corner is moved in search of a better fit."""
_NARROWEST = 2 * MODULES  # pixels of a picture: in less there is no room for a code
_APART = 20.0  # pixels between the middles of two codes, at least
_LEAST_FIT = 0.65  # correlation with what every code has in the same place, from which it is read
_HOPELESS_FIT = 0.3  # the same before corners are moved: of real codes the worst of 123 began at 0.40; nineteen in
# twenty other things begin below
_RING = 2  # modules around a code that are sampled, too: they are white
_ALL = MODULES + 2 * _RING
_REACH = 4  # samples (two modules) around a module that its blur is learnt from
_STIFF = 0.1  # weight by which the learnt blur is kept small: of the squares of its 101 parts
_MIDWAY = 0.6  # of the light around: between a dark module and a light one
Points = NDArray[np.float32]
Matrix = NDArray[np.float64]


def damaged_codes(grey: Pixels, reader: CodeReader) -> tuple[FoundCode, ...]:
    """The symbols that can be put together from what is left of them, with their corners in pixels of the picture.

    Both codes of a page say the same: when neither can be read alone, both are read as one.
    """
    fitted = _apart(_fitted(grey, triple) for triple in _triples(_squares(grey)))
    told = [_told(_seen(grey, matrix)) for matrix in fitted]
    texts = [_decoded(level, reader) for level in told]
    if len(told) > 1 and not any(texts):
        texts = [_decoded(sum(told, np.zeros_like(told[0])), reader)] * len(told)
    return tuple(
        FoundCode(text, _corners(matrix), False) for text, matrix in zip(texts, fitted, strict=True) if text is not None
    )


def _apart(fitted: Iterable[Matrix | None]) -> list[Matrix]:
    """Without those that lie where another one lies."""
    kept: list[Matrix] = []
    for matrix in fitted:
        if matrix is None:
            continue
        centre = _corners(matrix).mean(axis=0)
        if all(float(np.linalg.norm(centre - _corners(other).mean(axis=0))) > _APART for other in kept):
            kept.append(matrix)
    return kept


def _decoded(level: NDArray[np.float64], reader: CodeReader) -> str | None:
    return reader.decode(np.where(_KNOWN, _DARK, level < 0)[_RING:-_RING, _RING:-_RING])


def _corners(matrix: Matrix) -> Points:
    edges = np.array([[(0, 0), (MODULES, 0), (MODULES, MODULES), (0, MODULES)]], np.float32)
    return np.asarray(cv2.perspectiveTransform(edges, matrix)[0], np.float32)


def _squares(grey: Pixels) -> list[tuple[float, Points]]:
    """How alike and where: places that look like the corner square of a code, the likest first."""
    if min(grey.shape) < _NARROWEST:
        return []
    half = cv2.resize(cv2.GaussianBlur(grey, (0, 0), 1.0), None, fx=_HALF, fy=_HALF, interpolation=cv2.INTER_AREA)
    best = np.zeros(half.shape, np.float32)
    for size in _MODULE_SIZES:
        for turn in _TURNS:
            pattern = _pattern(size, turn)
            alike = cv2.matchTemplate(half, pattern, cv2.TM_CCOEFF_NORMED)
            top, left = pattern.shape[0] // 2, pattern.shape[1] // 2
            area = best[top : top + alike.shape[0], left : left + alike.shape[1]]
            np.maximum(area, np.asarray(alike, np.float32), out=area)
    peaks = (best > _ALIKE) & (best >= cv2.dilate(best, np.ones((9, 9), np.uint8)))
    ys, xs = np.nonzero(peaks)
    order = np.argsort(-best[ys, xs])[:_SQUARES]
    return [(float(best[ys[n], xs[n]]), np.array([xs[n] + 0.5, ys[n] + 0.5], np.float32) / _HALF) for n in order]


def _pattern(module: float, turn: float) -> Pixels:
    """The corner square of a code with the white around it, at a size and turned by so many degrees."""
    drawn = np.full((9, 9), 255, np.uint8)
    drawn[1:8, 1:8] = 0
    drawn[2:7, 2:7] = 255
    drawn[3:6, 3:6] = 0
    large = np.pad(np.kron(drawn, np.ones((_SAMPLES, _SAMPLES), np.uint8)), 4 * _SAMPLES, constant_values=255)
    middle = large.shape[0] / 2 - 0.5
    turned = cv2.warpAffine(
        large, cv2.getRotationMatrix2D((middle, middle), turn, 1.0), large.shape, borderValue=255, flags=cv2.INTER_AREA
    )
    inner = turned[4 * _SAMPLES : -4 * _SAMPLES, 4 * _SAMPLES : -4 * _SAMPLES]
    side = max(9, round(9 * module))
    return np.asarray(cv2.resize(cv2.GaussianBlur(inner, (0, 0), 4), (side, side), interpolation=cv2.INTER_AREA))


def _triples(squares: list[tuple[float, Points]]) -> Iterator[Points]:
    """Upper left, upper right and lower left square of what may be one code, the likeliest first."""
    found: list[tuple[float, Points]] = []
    places = [place for _, place in squares]
    for first in range(len(squares)):
        near = [n for n in range(len(squares)) if n != first and _is_leg(places[n] - places[first])]
        for second, third in permutations(near, 2):
            across, down = places[second] - places[first], places[third] - places[first]
            lengths = float(np.hypot(*across)), float(np.hypot(*down))
            sine = float(across[0] * down[1] - across[1] * down[0]) / (lengths[0] * lengths[1])
            if sine > _SQUARE and max(lengths) < _UNEVEN * min(lengths):
                alike = squares[first][0] + squares[second][0] + squares[third][0]
                uneven = abs(lengths[0] - lengths[1]) / max(lengths) + (1 - sine)
                found.append((uneven - alike, np.stack([places[first], places[second], places[third]])))
    found.sort(key=lambda entry: entry[0])
    yield from (triple for _, triple in found[:_TRIPLES])


def _is_leg(way: Points) -> bool:
    module = float(np.hypot(*way)) / _BETWEEN * _HALF
    return _MODULE_SIZES[0] * _OTHER_SIZES[0] < module < _MODULE_SIZES[-1] * _OTHER_SIZES[1]


def _fitted(grey: Pixels, triple: Points) -> Matrix | None:
    """Takes modules to pixels such that what every code has in the same place is seen there; None for other things."""
    start, right, down = triple
    across, below = (right - start) / _BETWEEN, (down - start) / _BETWEEN
    corners = np.stack([start, right, down, right + down - start]).astype(np.float32)
    best = _fit(grey, corners)
    if best < _HOPELESS_FIT:
        return None
    for step, which in _MOVES:
        for sideways, along in ((step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)):
            moved = corners.copy()
            moved[which] += sideways * across + along * below
            fit = _fit(grey, moved)
            if fit > best:
                best, corners = fit, moved
    return _matrix(corners) if best > _LEAST_FIT else None


def _matrix(corners: Points) -> Matrix:
    return np.asarray(cv2.getPerspectiveTransform(_MIDDLES, corners), np.float64)


def _fit(grey: Pixels, corners: Points) -> float:
    """How alike what is seen is to what every code has in the same place (-1 to 1)."""
    level = _seen(grey, _matrix(corners)).reshape(_ALL, 2, _ALL, 2).mean(axis=(1, 3))
    return float(np.corrcoef(level[_KNOWN], ~_DARK[_KNOWN])[0, 1])


def _seen(grey: Pixels, matrix: Matrix) -> NDArray[np.float32]:
    """Four samples of each module, of `_RING` modules around the code as well."""
    shift = np.array([[0.5, 0, -_RING], [0, 0.5, -_RING], [0, 0, 1.0]]) @ np.array(
        [[0.25, 0, -0.375], [0, 0.25, -0.375], [0, 0, 1.0]]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    fine = cv2.warpPerspective(grey, matrix @ shift, (_ALL * 8, _ALL * 8), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(fine, (_ALL * 2, _ALL * 2), interpolation=cv2.INTER_AREA), np.float32)


def _told(seen: NDArray[np.float32]) -> NDArray[np.float64]:
    """How light each module is, below 0 for a dark one. What blur and light do to a module, its neighbours within two
    modules included, is learnt by least squares from the modules that every code has."""
    light = cv2.GaussianBlur(cv2.dilate(seen, np.ones((13, 13), np.uint8)), (0, 0), 6)
    even = np.pad(seen / np.maximum(light, 1) - _MIDWAY, _REACH, mode="edge")
    side = _ALL * 2
    reach = range(2 * _REACH + 2)
    parts = [even[y : y + side : 2, x : x + side : 2] for y in reach for x in reach]
    looks = np.stack([*parts, np.full((_ALL, _ALL), 0.5, np.float32)], axis=-1).astype(np.float64)
    sample, truth = looks[_KNOWN], np.where(_DARK[_KNOWN], -1.0, 1.0)
    weights = np.linalg.solve(sample.T @ sample + _STIFF * np.eye(sample.shape[1]), sample.T @ truth)
    return np.asarray(looks @ weights, np.float64)


def _layout() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which modules are the same in all our codes, and which of these are dark; with the ring around the code."""
    known, dark = np.ones((_ALL, _ALL), np.bool_), np.zeros((_ALL, _ALL), np.bool_)
    known[_RING:-_RING, _RING:-_RING] = False
    square = np.ones((7, 7), np.bool_)
    square[1:6, 1:6] = False
    square[2:5, 2:5] = True
    for top, left in ((0, 0), (0, _BETWEEN), (_BETWEEN, 0)):
        area = np.s_[_RING + top : _RING + top + 7, _RING + left : _RING + left + 7]
        known[_RING + max(0, top - 1) : _RING + top + 8, _RING + max(0, left - 1) : _RING + left + 8] = True
        dark[area] = square
    for place in range(8, _BETWEEN - 1):
        for row, column in ((6, place), (place, 6)):
            known[_RING + row, _RING + column], dark[_RING + row, _RING + column] = True, place % 2 == 0
    for distance in (2, 1, 0):
        reach = slice(_RING + 18 - distance, _RING + 19 + distance)
        known[reach, reach], dark[reach, reach] = True, distance != 1
    return known, dark


_KNOWN, _DARK = _layout()
