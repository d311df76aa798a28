"""Small things that lie on an empty line and are no writing: specks, crumbs, holes, hairs, dotted lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator.pens import Pen
from tests.support.scan_simulator.sheet import Colour, Sheet
from tests.support.scan_simulator.strokes import polyline

Place = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Upper left and lower right corner of where it lies, in pixels of the sheet."""
Litter = Callable[[Sheet, Place, np.random.Generator], None]

_FINENESS = 4  # times finer than the sheet
_DARK: Colour = (40, 38, 36)


def _blobs(sheet: Sheet, shapes: list[NDArray[np.float64]], ink: Colour, density: float, soft: float = 0.05) -> None:
    """Filled outlines (pixels of the sheet) of one ink; edges `soft` millimetres wide."""
    points = np.vstack(shapes)
    (left, top), (right, bottom) = np.floor(points.min(0)).astype(int) - 3, np.ceil(points.max(0)).astype(int) + 3
    mask = np.zeros(((bottom - top) * _FINENESS, (right - left) * _FINENESS), np.uint8)
    for shape in shapes:
        fine = np.round((shape - (left, top)) * _FINENESS).astype(np.int32)
        cv2.fillPoly(mask, [fine], 255 * density, cv2.LINE_AA)
    small = cv2.resize(mask, (int(right - left), int(bottom - top)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.3, soft * sheet.millimetre))
    sheet.lay(np.asarray(blurred, np.uint8), int(left), int(top), ink)


def _outline(
    middle: NDArray[np.float64], radius: float, rng: np.random.Generator, *, ragged: float = 0.1, long: float = 1.0
) -> NDArray[np.float64]:
    """A round shape of this radius (pixels), `ragged` at its edge, `long` times longer than wide, turned anyhow."""
    angles = np.linspace(0, 2 * math.pi, 22, endpoint=False)
    reach = radius * np.clip(1 + rng.normal(0, ragged, len(angles)), 0.4, 1.8)
    turn = rng.uniform(0, math.pi)
    x, y = reach * np.cos(angles) * long, reach * np.sin(angles)
    turned = np.stack([x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)], 1)
    return np.asarray(turned + middle)


def _ink(rng: np.random.Generator) -> tuple[Colour, float]:
    shade = int(rng.uniform(5, 110))
    return (shade, int(shade * rng.uniform(0.85, 1.0)), int(shade * rng.uniform(0.7, 1.0))), rng.uniform(0.6, 1.0)


def specks(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """A few round dots of dirt, toner or ink, 0.2 to 2 mm large."""
    most = rng.uniform(0.2, 1.0)
    shapes = [
        _outline(rng.uniform(*place), rng.uniform(0.5, 1) * most * sheet.millimetre, rng, ragged=rng.uniform(0, 0.2))
        for _ in range(rng.integers(1, 16))
    ]
    _blobs(sheet, shapes, *_ink(rng))


def crumbs(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Crumbs and grit: angular, in a heap or spread."""
    heap, reach = rng.uniform(*place), rng.uniform(1, 12) * sheet.millimetre
    shapes = [
        _outline(
            heap + rng.normal(0, reach, 2) * (1, 0.4), rng.uniform(0.1, 0.8) * sheet.millimetre, rng, ragged=0.3,
            long=rng.uniform(1, 1.9),
        )
        for _ in range(rng.integers(3, 24))
    ]  # fmt: skip
    _blobs(sheet, shapes, *_ink(rng))


def dotted_line(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Dots in a row, as of a form that was printed or drawn for filling in."""
    (left, top), (right, bottom) = place
    start, end = np.sort(rng.uniform(left, right, 2))
    y, slope = rng.uniform(top, bottom), rng.normal(0, 0.01)
    apart, radius = rng.uniform(0.7, 3) * sheet.millimetre, rng.uniform(0.1, 0.35) * sheet.millimetre
    xs = np.arange(start, max(end, start + 8 * apart), apart)
    shapes = [_outline(np.array([x, y + slope * (x - start)]), radius, rng, ragged=0.05) for x in xs]
    _blobs(sheet, shapes, *_ink(rng))


def comma(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """A comma, an apostrophe or a slip of the pen: one to three short marks."""
    pen = Pen(_DARK, rng.uniform(0.25, 0.6), (0.6, 1.0))
    for _ in range(rng.integers(1, 4)):
        reach = rng.uniform(0.4, 2.2)
        turn, bow = rng.uniform(0, math.pi), rng.normal(0, 0.25)
        ends = [(0.0, 0.0), (0.5 - bow, 0.5 + bow), (1.0, 1.0)]
        points = [(reach * a * math.cos(turn), reach * b * math.sin(turn)) for a, b in ends]
        pen.write(sheet, [polyline(points, rng)], rng.uniform(*place), rng)


def hair(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """A hair or two: thin, in one wide curve."""
    for _ in range(rng.integers(1, 3)):
        turns = np.cumsum(rng.normal(0, 0.12, 24)) + rng.uniform(0, 6.3)
        step = rng.uniform(0.3, 1.4)
        path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1) * step, 0)
        shade = int(rng.uniform(25, 140))
        pen = Pen((shade, shade, shade), rng.uniform(0.05, 0.11), (0.5, 0.95), thinning=0.05)
        middle = rng.uniform(*place) - path.mean(0) * sheet.millimetre
        pen.write(sheet, [polyline([(float(a), float(b)) for a, b in path], rng)], middle, rng)


def copier_line(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """A line of dirty glass or a scratched drum, over the whole sheet or a part of it."""
    (left, top), (right, bottom) = place
    height, width = sheet.pixels.shape[:2]
    pen = Pen(_DARK, rng.uniform(0.08, 0.4), (0.25, 0.9), thinning=0, grain=rng.uniform(0, 0.6), skips=0.1)
    if rng.random() < 0.6:
        x, start, reach = rng.uniform(left, right), 0.0 if rng.random() < 0.7 else float(top), float(height)
        points, origin = [(0.0, 0.0), (0.0, (reach - start) / sheet.millimetre)], np.array([x, start])
    else:
        points, origin = [(0.0, 0.0), (width / sheet.millimetre, 0.0)], np.array([0.0, rng.uniform(top, bottom)])
    pen.write(sheet, [polyline(points, rng, step=4)], origin, rng)


def print_offset(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Print of another sheet that has rubbed off: rows of its letters, mirrored or not, faint and broken."""
    (left, top), (right, bottom) = np.round(place).astype(int)
    height, width = int(bottom - top), int(right - left)
    y = int(rng.integers(0, max(1, sheet.pixels.shape[0] - height)))
    part = sheet.pixels[y : y + height, left : left + width]
    grey = part if part.ndim == 2 else cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    worn = cv2.resize(rng.uniform(0.1, 1.0, (4, 9)).astype(np.float32), grey.shape[::-1], interpolation=cv2.INTER_CUBIC)
    faint = np.clip((255 - grey) * worn * rng.uniform(0.12, 0.45), 0, 255).astype(np.uint8)
    sheet.lay(np.ascontiguousarray(np.fliplr(faint)) if rng.random() < 0.6 else faint, int(left), int(top), _DARK)


def staple_holes(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """The two holes of a staple, at times with its dent or rust between."""
    middle, turn = rng.uniform(*place), rng.uniform(0, math.pi)
    for _ in range(rng.integers(1, 3)):
        way = np.array([math.cos(turn), math.sin(turn)]) * 5.5 * sheet.millimetre
        ends = [middle - way, middle + way]
        shapes = [_outline(end, rng.uniform(0.25, 0.6) * sheet.millimetre, rng, long=1.4) for end in ends]
        _blobs(sheet, shapes, *_ink(rng))
        if rng.random() < 0.5:
            pen = Pen((120, 100, 85), rng.uniform(0.2, 0.5), (0.2, 0.7), grain=0.5)
            path = [(0.0, 0.0), *([tuple((way * 2 / sheet.millimetre).tolist())])]
            pen.write(sheet, [polyline(path, rng)], ends[0], rng)
        middle = middle + rng.normal(0, 3 * sheet.millimetre, 2)


def punch_mark(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """A hole of a punch that went wrong: filled, a ring, or a crescent where it did not go through."""
    middle, radius = rng.uniform(*place), rng.uniform(2.4, 3.2) * sheet.millimetre
    kind, shade = rng.integers(3), int(rng.uniform(10, 150))
    whole = math.ceil(radius) + 4
    mask: Pixels = np.zeros((2 * whole, 2 * whole), np.uint8)
    reach, thick = (round(radius), round(radius)), max(1, round(rng.uniform(0.15, 0.4) * sheet.millimetre))
    start = rng.uniform(0, 360)
    end = start + (360 if kind < 2 else rng.uniform(100, 260))
    cv2.ellipse(mask, (whole, whole), reach, 0, start, end, 255, -1 if kind == 0 else thick, cv2.LINE_AA)
    left, top = (middle - whole).astype(int).tolist()
    sheet.lay(np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.7), np.uint8), left, top, (shade, shade, shade))


def fibres(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Fibres of cloth or of the paper itself: short, curled, coloured, several of them."""
    for _ in range(rng.integers(1, 9)):
        turns = np.cumsum(rng.normal(0, 0.5, 12)) + rng.uniform(0, 6.3)
        path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1) * rng.uniform(0.08, 0.32), 0)
        colour = tuple(int(value) for value in rng.uniform(30, 190, 3))
        pen = Pen((colour[0], colour[1], colour[2]), rng.uniform(0.07, 0.16), (0.5, 1.0), grain=0.2)
        pen.write(sheet, [polyline([(float(a), float(b)) for a, b in path], rng)], rng.uniform(*place), rng)


def eraser_crumbs(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """What a rubber leaves: short soft rolls of different length, in a heap."""
    heap, shade = rng.uniform(*place), int(rng.uniform(60, 150))
    for _ in range(rng.integers(3, 16)):
        reach, turn = rng.uniform(0.5, 2.6), rng.uniform(0, 6.3)
        path = [(0.0, 0.0), (reach / 2, rng.normal(0, 0.15)), (reach, rng.normal(0, 0.25))]
        way = [(a * math.cos(turn) - b * math.sin(turn), a * math.sin(turn) + b * math.cos(turn)) for a, b in path]
        pen = Pen((shade, shade, shade + 4), rng.uniform(0.25, 0.6), (0.5, 0.95), grain=0.4)
        middle = heap + rng.normal(0, 5 * sheet.millimetre, 2) * (1, 0.4)
        pen.write(sheet, [polyline(way, rng)], middle, rng)


def splashes(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Drops of coffee or ink thrown in a row, from a stain to the finest spray, longer the farther they flew."""
    start, turn = rng.uniform(*place), rng.uniform(0, 6.3)
    shapes = []
    for far in np.sort(rng.uniform(0, 22, rng.integers(6, 30))):
        way = np.array([math.cos(turn + rng.normal(0, 0.3)), 0.5 * math.sin(turn + rng.normal(0, 0.3))])
        radius = max(0.1, rng.exponential(0.45) * (1 - far / 40))
        middle = start + way * far * sheet.millimetre
        shapes.append(_outline(middle, min(radius, 1.6) * sheet.millimetre, rng, long=1 + far / 20))
    ink = (30, 35, 70) if rng.random() < 0.4 else (120, 85, 55)
    _blobs(sheet, shapes, ink, rng.uniform(0.5, 1.0))


def dashed_line(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Dashes in a row: a cutting line, a perforation, a box of another form."""
    (left, top), (right, bottom) = place
    y, slope = rng.uniform(top, bottom), rng.normal(0, 0.01)
    dash, gap = rng.uniform(1, 4) * sheet.millimetre, rng.uniform(0.6, 3) * sheet.millimetre
    thick, ink = rng.uniform(0.1, 0.3) * sheet.millimetre, _ink(rng)
    shapes = []
    for x in np.arange(left, right, dash + gap):
        at = y + slope * (x - left)
        shapes.append(np.array([[x, at], [x + dash, at], [x + dash, at + thick], [x, at + thick]]))
    _blobs(sheet, shapes, *ink)


LITTER: Mapping[str, Litter] = {
    "specks": specks,
    "crumbs": crumbs,
    "dotted_line": dotted_line,
    "comma": comma,
    "hair": hair,
    "copier_line": copier_line,
    "print_offset": print_offset,
}
"""The kinds for building and tuning."""

VALIDATION: Mapping[str, Litter] = {
    "staple_holes": staple_holes,
    "dashed_line": dashed_line,
}
"""For choosing limits: neither trained on nor scored."""

HELD_OUT: Mapping[str, Litter] = {
    "punch_mark": punch_mark,
    "fibres": fibres,
    "eraser_crumbs": eraser_crumbs,
    "splashes": splashes,
}
"""For scoring alone."""

ALL: Mapping[str, Litter] = {**LITTER, **VALIDATION, **HELD_OUT}
