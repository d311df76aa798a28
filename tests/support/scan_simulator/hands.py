"""Hands: how people sign. Each hand makes the strokes of a signature in millimetres, its writing line at y = 0.

The hands of `HANDS` are for building and tuning; those of `VALIDATION` and `HELD_OUT` write by other rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from tests.support.scan_simulator import short_hands
from tests.support.scan_simulator.lettering import written
from tests.support.scan_simulator.strokes import Stroke, extent, lognormal, matrix, polyline

Hand = Callable[[np.random.Generator], list[Stroke]]
_Plan = tuple[list[tuple[float, float]], list[float]]


def sign(hand: Hand, rng: np.random.Generator) -> list[Stroke]:
    """A signature of this hand, its left end at x = 0."""
    strokes = hand(rng)
    left = extent(strokes)[0]
    return [stroke.moved(np.eye(2), np.array([-left, 0.0])) for stroke in strokes]


# -- cursive: targets up and down, letter by letter ---------------------------------------------------------------


class _Letters:
    """Targets and bends of connected letters, in units of the height of a small letter, y up while planning."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.targets: list[tuple[float, float]] = [(0.0, 0.0)]
        self.bends: list[float] = []
        self.fade = 1.0  # how much of the height is left: signatures flatten

    def go(self, dx: float, y: float, bend: float) -> None:
        x = self.targets[-1][0] + dx * self.rng.uniform(0.8, 1.25)
        self.targets.append((x, y * self.fade * self.rng.uniform(0.88, 1.14)))
        self.bends.append(bend + self.rng.normal(0, 0.18))

    def arch(self, *, angular: bool = False) -> None:
        self.go(0.3, 1, 0.1 if angular else 0.9)
        self.go(0.22, 0, 0.1 if angular else -0.6)

    def loop(self, height: float) -> None:
        self.go(0.55, height, 0.7)
        self.go(-0.28, height * 0.92, -1.8)
        self.go(0.12, 0, -0.3)

    def tail(self, depth: float) -> None:
        self.go(0.3, 0.9, 0.6)
        self.go(-0.1, -depth, 0.2)
        self.go(-0.35, -depth * 0.95, 1.9)
        self.go(0.7, 0.1, 0.4)

    def bowl(self) -> None:
        self.go(0.6, 0.9, 0.5)
        self.go(-0.5, 0.5, -1.6)
        self.go(0.35, 0, -1.6)
        self.go(0.25, 0.8, -0.8)
        self.go(0.1, 0, 0.2)

    def wave(self) -> None:
        self.go(0.5, 0.35, 0.5)
        self.go(0.4, 0.02, -0.4)

    def stroke(self, overlap: float) -> Stroke:
        return lognormal([(x, -y) for x, y in self.targets], [-b for b in self.bends], self.rng, overlap)


def _latin(rng: np.random.Generator) -> list[Stroke]:
    height = rng.uniform(2.0, 4.4)
    parts = [_capital(rng)]
    letters = _Letters(rng)
    count = rng.integers(4, 10)
    for number in range(count):
        letters.fade = 1 - 0.55 * number / count * rng.uniform(0.5, 1.2)
        kind = rng.random()
        if kind < 0.40:
            letters.arch()
        elif kind < 0.58:
            letters.loop(rng.uniform(1.8, 2.5))
        elif kind < 0.70:
            letters.tail(rng.uniform(0.9, 1.7))
        elif kind < 0.86:
            letters.bowl()
        else:
            letters.wave()
    body = letters.stroke(rng.uniform(0.3, 0.62))
    start = extent(parts)[2] + rng.uniform(-0.5, 0.3)
    parts.append(body.moved(np.eye(2), np.array([start, 0.0])))
    parts += _dots_and_bars(parts, rng)
    if rng.random() < 0.35:
        parts.append(_underline(parts, rng))
    shape = matrix(height, rng.uniform(-4, 30), rng.uniform(-9, 4))
    return [part.moved(shape, np.zeros(2)) for part in parts]


def _capital(rng: np.random.Generator) -> Stroke:
    """A tall first letter with one or two loops."""
    tall = rng.uniform(2.2, 3.6)
    plans: list[_Plan] = [
        ([(0, 0.4), (0.4, -tall), (0.9, 0), (1.5, -tall * 0.95), (1.9, 0)], [0.4, 0.3, 0.3, -0.5]),
        ([(0.5, -tall), (0.2, 0), (0.4, -tall * 0.9), (1.5, -tall * 0.7), (0.4, -tall * 0.5), (1.7, 0)],
         [0.2, 0.1, 1.6, 1.9, 0.9]),
        ([(1.4, -tall * 0.8), (0.3, -tall), (0, -0.6), (0.8, 0), (1.6, -0.7)], [-1.4, -1.2, -1.3, -0.9]),
        ([(1.5, -tall), (0.2, -tall * 0.75), (1.3, -tall * 0.3), (0.1, 0.1), (-0.3, -0.7), (1.6, -0.2)],
         [-1.5, 1.4, 1.6, 1.7, -0.4]),
    ]  # fmt: skip
    targets, bends = plans[rng.integers(len(plans))]
    jittered = [(x * rng.uniform(0.85, 1.3), y * rng.uniform(0.9, 1.1)) for x, y in targets]
    return lognormal(jittered, [bend * rng.uniform(0.7, 1.2) for bend in bends], rng, rng.uniform(0.25, 0.5))


def _dots_and_bars(parts: list[Stroke], rng: np.random.Generator) -> list[Stroke]:
    left, _, right, _ = extent(parts)
    made = []
    for _ in range(rng.integers(0, 3)):
        x, y = rng.uniform(left + 1, right), -rng.uniform(1.4, 2.3)
        length = rng.choice([0.08, 0.9]) * rng.uniform(0.8, 1.4)
        made.append(polyline([(x, y), (x + length / 2, y - 0.05), (x + length, y + rng.normal(0, 0.1))], rng))
    return made


def _underline(parts: list[Stroke], rng: np.random.Generator) -> Stroke:
    left, _, right, _ = extent(parts)
    low = rng.uniform(0.5, 1.0)
    end = left + (right - left) * rng.uniform(0.0, 0.3)
    return lognormal(
        [(right, 0), (right + 0.8, low * 0.6), (end, low), (right * rng.uniform(0.7, 1.1), low * rng.uniform(0.6, 1))],
        [1.5, 0.2, rng.choice([-0.2, -2.4])], rng, 0.45,
    )  # fmt: skip


def _cyrillic(rng: np.random.Generator) -> list[Stroke]:
    """Many arches and hooks (и, ш, т, м), loops below the line (у, д, з), the end drawn out."""
    height = rng.uniform(2.0, 4.2)
    parts = [_capital(rng)]
    letters = _Letters(rng)
    angular = bool(rng.random() < 0.5)
    for _ in range(rng.integers(3, 7)):
        kind = rng.random()
        if kind < 0.62:
            for _ in range(rng.integers(2, 4)):
                letters.arch(angular=angular)
            letters.go(0.25, 0.12, 0.5)
        elif kind < 0.85:
            letters.tail(rng.uniform(1.0, 2.0))
        else:
            letters.bowl()
    letters.go(rng.uniform(1.5, 5), rng.uniform(-0.3, 0.8), rng.uniform(-0.8, 0.8))
    start = extent(parts)[2] + rng.uniform(-0.4, 0.4)
    parts.append(letters.stroke(rng.uniform(0.3, 0.55)).moved(np.eye(2), np.array([start, 0.0])))
    shape = matrix(height, rng.uniform(0, 35), rng.uniform(-12, 3))
    return [part.moved(shape, np.zeros(2)) for part in parts]


def _arabic(rng: np.random.Generator) -> list[Stroke]:
    """From right to left: teeth, wide bowls beneath the line, tall strokes, dots, a drawn-out end."""
    targets: list[tuple[float, float]] = [(0.0, -rng.uniform(1.5, 3.0)), (-0.3, 0.0)]
    bends = [0.1]
    for _ in range(rng.integers(2, 5)):
        x = targets[-1][0]
        kind = rng.random()
        if kind < 0.45:  # teeth
            for _ in range(rng.integers(1, 4)):
                targets += [(x - 0.35, -rng.uniform(0.5, 0.9)), (x - 0.7, 0.0)]
                bends += [0.2, 0.4]
                x -= 0.7
        elif kind < 0.8:  # a bowl
            wide, deep = rng.uniform(1.5, 3.5), rng.uniform(0.8, 1.7)
            targets += [(x - 0.4, deep * 0.8), (x - wide, -rng.uniform(0.2, 0.8)), (x - wide * 0.8, -0.1)]
            bends += [0.3, 1.9, -1.2]
        else:  # tall and back
            targets += [(x - 0.2, -rng.uniform(2, 3.5)), (x - 0.9, 0.0)]
            bends += [0.15, 0.3]
    targets.append((targets[-1][0] - rng.uniform(2, 5), rng.uniform(-0.8, 0.6)))
    bends.append(rng.uniform(-0.7, 0.7))
    body = lognormal(targets, bends, rng, rng.uniform(0.25, 0.5))
    left, _, right, _ = extent([body])
    dots = []
    for _ in range(rng.integers(1, 5)):
        x, y = rng.uniform(left, right), rng.choice([-1.6, 1.2]) * rng.uniform(0.8, 1.2)
        dots.append(polyline([(x, y), (x + 0.1, y + 0.06), (x + 0.2, y)], rng))
    shape = matrix(rng.uniform(2.4, 5.0), rng.uniform(-15, 10), rng.uniform(-6, 10))
    return [part.moved(shape, np.zeros(2)) for part in [body, *dots]]


def _paraph(rng: np.random.Generator) -> list[Stroke]:
    """Initials run together in one or two fast movements."""
    first = _capital(rng)
    second = _capital(rng).moved(np.eye(2), np.array([rng.uniform(0.8, 1.6), rng.uniform(-0.4, 0.3)]))
    parts = [first, second]
    if rng.random() < 0.5:
        left, top, right, bottom = extent(parts)
        wide, high = (right - left) * 0.75, (bottom - top) * 0.6
        middle = ((left + right) / 2, (top + bottom) / 2)
        ring = [
            (middle[0] + wide * math.cos(a), middle[1] + high * math.sin(a))
            for a in np.linspace(rng.uniform(0, 6), rng.uniform(0, 6) + 6.6, 9)
        ]
        parts.append(lognormal(ring, [0.7] * 8, rng, 0.5))
    shape = matrix(rng.uniform(2.0, 4.2), rng.uniform(0, 30), rng.uniform(-15, 5))
    return [part.moved(shape, np.zeros(2)) for part in parts]


def _scrawl(rng: np.random.Generator) -> list[Stroke]:
    """Large and fast: far over the line, often into the zone above."""
    x, targets, bends = 0.0, [(0.0, 0.0)], []
    for _ in range(rng.integers(4, 9)):
        x += rng.uniform(0.1, 0.7)
        targets.append((x, -rng.uniform(0.7, 2.0)))
        x += rng.uniform(-0.1, 0.5)
        targets.append((x, rng.uniform(-0.1, 0.6)))
        bends += [rng.uniform(-0.6, 1.2), rng.uniform(-0.6, 1.2)]
    targets.append((x + rng.uniform(1, 3), -rng.uniform(-0.3, 0.8)))
    bends.append(rng.uniform(-1, 1))
    shape = matrix(rng.uniform(7.5, 13), rng.uniform(0, 25), rng.uniform(-14, 4))
    return [lognormal(targets, bends, rng, rng.uniform(0.4, 0.65)).moved(shape, np.zeros(2))]


def _tiny(rng: np.random.Generator) -> list[Stroke]:
    """Small and careful: a whole name in two centimetres."""
    letters = _Letters(rng)
    letters.go(0.4, 2.2, 0.5)
    letters.go(0.3, 0, 0.2)
    for _ in range(rng.integers(7, 14)):
        if rng.random() < 0.6:
            letters.arch()
        else:
            letters.bowl()
    shape = matrix(rng.uniform(1.2, 1.8), rng.uniform(-5, 20), rng.uniform(-4, 3))
    return [letters.stroke(0.35).moved(shape, np.zeros(2))]


def _printed(rng: np.random.Generator) -> list[Stroke]:
    """A name in single letters, as somebody writes who seldom writes in this script."""
    capitals, small = "ABDEGIJKLMNOPRSTVW", "abcdeghiklmnorstuvwz"
    rest = capitals if rng.random() < 0.4 else small
    name = _some(capitals, 1, rng) + _some(rest, int(rng.integers(1, 9)), rng)
    lot = rng.random()
    if lot < 0.35:
        name = _some(capitals, 1, rng) + ". " + name
    elif lot < 0.5:
        name = ".".join(_some(capitals, int(rng.integers(2, 4)), rng)) + "."
    strokes = written(name, rng.uniform(2.2, 7.5), rng)
    return [*strokes, _underline(strokes, rng)] if rng.random() < 0.15 else strokes


def _some(letters: str, count: int, rng: np.random.Generator) -> str:
    return "".join(rng.choice(list(letters), count))


def _characters(rng: np.random.Generator) -> list[Stroke]:
    """Two to four characters, each of bars, posts, falling strokes and corners within its square."""
    made, x = [], 0.0
    for _ in range(rng.integers(2, 5)):
        size = rng.uniform(3.5, 8)
        for _ in range(rng.integers(2, 7)):
            near, far = np.sort(rng.uniform(0, 1, 2)) * size
            across = rng.uniform(0, size)
            shapes = {
                "bar": [(near, across), ((near + far) / 2, across + rng.normal(0, 0.2)), (far + 0.8, across)],
                "post": [(across, near), (across + rng.normal(0, 0.2), (near + far) / 2), (across, far + 0.8)],
                "falling": [(far, near), ((near + far) / 2, (near + far) / 2 + 0.8), (near - 0.6, far + 0.6)],
                "corner": [(near, near), (far, near + rng.normal(0, 0.2)), (far - 0.3, far), (far - 0.9, far - 0.4)],
            }
            shape = shapes[str(rng.choice(list(shapes)))]
            made.append(polyline([(float(x + a), float(b - size)) for a, b in shape], rng))
        x += size * rng.uniform(1.05, 1.4)
    shape_ = matrix(1.0, rng.uniform(-4, 12), rng.uniform(-6, 4))
    return [stroke.moved(shape_, np.zeros(2)) for stroke in made]


def _swinging(rng: np.random.Generator) -> list[Stroke]:
    """One line without letters: a few swings of different pace laid over each other."""
    t = np.linspace(0, 1, 160)
    across, down = rng.uniform(9, 34) * t, np.zeros(len(t))
    for pace in rng.uniform(1, 9, rng.integers(3, 6)):
        phase, reach = rng.uniform(0, 6.3, 2), rng.uniform(2, 9, 2) / pace**0.6
        across = across + reach[0] * np.sin(2 * math.pi * pace * t + phase[0])
        down = down + reach[1] * np.sin(2 * math.pi * pace * t + phase[1])
    return [polyline([(float(a), float(b) - 2) for a, b in zip(across[::2], down[::2], strict=True)], rng)]


HANDS: Mapping[str, Hand] = {
    "latin": _latin,
    "cyrillic": _cyrillic,
    "arabic": _arabic,
    "paraph": _paraph,
    "scrawl": _scrawl,
    "tiny": _tiny,
    "printed": _printed,
    "characters": _characters,
    "swinging": _swinging,
    "initial": short_hands.initial,
    "flat": short_hands.flat,
    "two words": short_hands.two_words,
    "angles": short_hands.angles,
}


# -- by other rules: for validation and held out --------------------------------------------------------------------


def _oscillating(rng: np.random.Generator) -> list[Stroke]:
    """Two coupled oscillations, whose amplitude and phase wander (Hollerbach 1981)."""
    t = np.linspace(0, rng.uniform(7, 14) * math.pi, 520)
    wander = np.interp(t, np.linspace(0, t[-1], 9), rng.uniform(0.3, 1.5, 9))
    phase = np.interp(t, np.linspace(0, t[-1], 7), rng.uniform(-1.2, 1.2, 7))
    x = 0.32 * t + 0.75 * wander * np.sin(t + phase + math.pi / 2)
    lift = np.interp(t, np.linspace(0, t[-1], 11), rng.choice([0.5, 1, 1, 1, 2.3], 11))
    y = -lift * (0.5 + 0.5 * np.sin(t)) + 0.3 * np.interp(t, np.linspace(0, t[-1], 5), rng.normal(0, 1, 5))
    turned = np.stack([x, y], 1) @ matrix(rng.uniform(1.6, 3.4), rng.uniform(-8, 30), rng.uniform(-10, 4)).T
    return [polyline([(float(a), float(b)) for a, b in turned[::3]], rng)]


def _zigzag(rng: np.random.Generator) -> list[Stroke]:
    """Sharp angles, uneven heights, an initial apart."""
    x, points = 0.0, [(0.0, 0.0)]
    for number in range(rng.integers(7, 16)):
        x += rng.uniform(0.5, 1.6)
        points.append((x, -rng.uniform(0.8, 3.5) if number % 2 == 0 else rng.uniform(-0.4, 0.8)))
    initial = [(-3.0, -4.0), (-3.4, 0.4), (-3.0, -1.8), (-1.2, -4.2), (-2.9, -1.9), (-1.0, 0.2)]
    shape = matrix(rng.uniform(1.1, 2.0), rng.uniform(0, 20), rng.uniform(-8, 6))
    return [polyline(part, rng).moved(shape, np.zeros(2)) for part in (initial, points)]


def _spiral(rng: np.random.Generator) -> list[Stroke]:
    """A whorl that runs out into a long tail."""
    t = np.linspace(0, rng.uniform(2.5, 4.5) * 2 * math.pi, 220)
    radius = np.linspace(rng.uniform(3.5, 6.5), rng.uniform(0.8, 2), len(t))
    x, y = radius * np.cos(t) + t * rng.uniform(0.1, 0.9), 0.7 * radius * np.sin(t) - 3
    tail = [(float(x[-1] + d), float(y[-1] + rng.normal(0, 0.5))) for d in (5, 12, rng.uniform(16, 28))]
    return [polyline([*((float(a), float(b)) for a, b in zip(x[::4], y[::4], strict=True)), *tail], rng)]


def _nastaliq(rng: np.random.Generator) -> list[Stroke]:
    """Falling words from right to left with long swung ends and clusters of dots."""
    made = []
    x = y = 0.0
    for _ in range(rng.integers(2, 4)):
        wide = rng.uniform(5, 11)
        made.append(
            polyline(
                [
                    (x, y - rng.uniform(3, 6)),
                    (x - 0.6, y - 1),
                    (x - 2, y - 0.2),
                    (x - 2.6, y - 1.6),
                    (x - 3.4, y),
                    (x - wide * 0.7, y + rng.uniform(1, 3)),
                    (x - wide, y - rng.uniform(0, 2)),
                ],
                rng,
            )
        )
        made += [
            polyline([(x - d, y - 3.5), (x - d + 0.3, y - 3.3), (x - d + 0.5, y - 3.5)], rng)
            for d in rng.uniform(1, wide, rng.integers(1, 3))
        ]
        x, y = x - wide * 0.6, y - rng.uniform(0.5, 1.6)
    return made  # fmt: skip


def _squiggle(rng: np.random.Generator) -> list[Stroke]:
    """One short wave with a hook: the busy official."""
    reach = rng.uniform(13, 30)
    xs = np.linspace(0, reach, 10)
    ys = -rng.uniform(1.5, 4.5, 10) * np.array([1, -0.2, 1.2, 0, 0.8, -0.1, 0.5, 0.1, 0.3, 0])
    hook = [(-1.0, 1.0), (0.5, -rng.uniform(5, 9)), (1.5, 1.5)]
    return [polyline([*hook, *((float(a) + 1.5, float(b)) for a, b in zip(xs, ys, strict=True))], rng)]


def _block(rng: np.random.Generator) -> list[Stroke]:
    name = str(rng.choice(["BRANDT", "O. SANDER", "Kim S.", "WAGNER", "Ida", "J. Paul"]))
    return written(name, rng.uniform(2.4, 5.2), rng)


def _wandering(rng: np.random.Generator) -> list[Stroke]:
    """A line without letters: its direction wanders, now tightly, now far."""
    turns = np.cumsum(rng.normal(0, 1.3, 44))
    steps = rng.uniform(1.2, 4.2, 44)
    x = np.cumsum(steps * (0.35 + 0.8 * np.cos(turns)))
    y = np.cumsum(steps * np.sin(turns))
    y = (y - np.linspace(y[0], y[-1], len(y))) * rng.uniform(0.35, 0.6)
    return [polyline([(float(a), float(b) - 2) for a, b in zip(x, y, strict=True)], rng)]


def _blocks(rng: np.random.Generator) -> list[Stroke]:
    """Short straight strokes in groups, as of Hebrew or Chinese letters."""
    made, x = [], 0.0
    for _ in range(rng.integers(2, 5)):
        size = rng.uniform(4, 7)
        for _ in range(rng.integers(3, 6)):
            a, b = rng.uniform(0, size, 2), rng.uniform(0, size, 2)
            knot = (a + b) / 2 + rng.normal(0, 0.5, 2)
            made.append(polyline([(float(x + p[0]), float(-p[1])) for p in (a, knot, b)], rng))
        x += size + rng.uniform(0.8, 2)
    return made


def _loops(rng: np.random.Generator) -> list[Stroke]:
    """A row of even loops that rises, and a stroke thrown back beneath it."""
    t = np.linspace(0, rng.uniform(5, 10) * 2 * math.pi, 240)
    x = t * rng.uniform(0.5, 0.9) + 1.6 * np.cos(t)
    y = -2.6 * (1 + np.sin(t)) * np.linspace(1.3, 0.6, len(t)) - 0.06 * t
    back = [(float(x[-1]) + 2, -1.0), (float(x[-1]) * 0.5, 1.6), (float(x[0]) - 2, 1.0), (float(x[-1]) * 0.6, 2.4)]
    return [polyline([*((float(a), float(b)) for a, b in zip(x[::4], y[::4], strict=True)), *back], rng)]


def _initials(rng: np.random.Generator) -> list[Stroke]:
    """Two large letters with dots, one of them drawn far beneath the line."""
    text = str(rng.choice(["A.B.", "K.M.", "J.S.", "O.W.", "R.K."]))
    strokes = written(text, rng.uniform(6, 9), rng)
    reach = extent(strokes)[2]
    tail = [(reach * 0.2, -1.0), (reach * 0.1, 2.5), (reach * 0.7, 3.2), (reach * 1.5, rng.uniform(0, 2))]
    return [*strokes, polyline(tail, rng)]


VALIDATION: Mapping[str, Hand] = {
    "zigzag": _zigzag,
    "loops": _loops,
    "initials": _initials,
}
"""For choosing limits: neither trained on nor scored."""

HELD_OUT: Mapping[str, Hand] = {
    "oscillating": _oscillating,
    "spiral": _spiral,
    "nastaliq": _nastaliq,
    "squiggle": _squiggle,
    "block": _block,
    "wandering": _wandering,
    "blocks": _blocks,
}

ALL: Mapping[str, Hand] = {**HANDS, **VALIDATION, **HELD_OUT}
