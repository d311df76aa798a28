"""What lies on an empty line, drawn anew each time: heaps, rounds, splashes, hairs, lines, print, stamps, smears.

No kind is drawn as the simulator draws it: each has a wide range of sizes, darkness and edges, within which what falls
onto paper is thought to lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from docservice.tools.untrusted.pictures import Pixels
from tests.support.content import TEMPLATES
from tests.support.scan_simulator.litter import Place
from tests.support.scan_simulator.pens import Pen
from tests.support.scan_simulator.sheet import Colour, Sheet
from tests.support.scan_simulator.strokes import Stroke, polyline
from training.signatures.any_hand import between

_LETTERS = "abcdefghiklmnoprstuvwzäöüABCDEFGHIKLMNOPRSTUVWZ0123456789.,-/&()§"
_SHEET = 12.0  # pixels in a millimetre of what is drawn as a picture


def any_litter(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """One sort of it, seldom two."""
    kinds: tuple[Callable[[Sheet, Place, np.random.Generator], None], ...] = (
        _heap, _rounds, _splash, _hairs, _lines, _marks, _print, _stamped, _smear,
    )  # fmt: skip
    shares = np.array([0.27, 0.15, 0.1, 0.09, 0.07, 0.08, 0.07, 0.12, 0.05])
    for kind in rng.choice(len(kinds), 1 if rng.random() < 0.85 else 2, p=shares):
        kinds[kind](sheet, place, rng)


def _colour(rng: np.random.Generator) -> Colour:
    """Grey mostly, from black to what is just seen."""
    shade, tint = rng.uniform(5, 190), rng.uniform(-30, 30, 3) * (rng.random() < 0.5)
    red, green, blue = (int(np.clip(shade + each, 0, 215)) for each in tint)
    return red, green, blue


def _tool(width: float, rng: np.random.Generator) -> Pen:
    """What draws a piece: with a hard or a soft, an even or a grainy edge."""
    return Pen(
        _colour(rng), width, (rng.uniform(0.4, 0.9), 1.0), thinning=rng.uniform(0, 0.5), grain=rng.uniform(0, 0.7)
    )


def _draw(
    sheet: Sheet, path: NDArray[np.float64], middle: NDArray[np.float64], pen: Pen, rng: np.random.Generator
) -> None:
    pen.write(sheet, [polyline([(float(x), float(y)) for x, y in path], rng)], middle, rng)


def _filled(sheet: Sheet, shapes: Sequence[NDArray[np.float64]], soft: float, rng: np.random.Generator) -> None:
    """Outlines in pixels of the sheet, of one ink, their edges `soft` pixels wide."""
    points = np.vstack(shapes)
    margin = 3 + math.ceil(3 * soft)
    (left, top), (right, bottom) = (
        np.floor(points.min(0)).astype(int) - margin,
        np.ceil(points.max(0)).astype(int) + margin,
    )
    mask: Pixels = np.zeros((int(bottom - top), int(right - left)), np.uint8)
    density = int(255 * rng.uniform(0.4, 1.0))
    for shape in shapes:
        cv2.fillPoly(mask, [np.round((shape - (left, top)) * 16).astype(np.int32)], density, cv2.LINE_AA, 4)
    if soft > 0.2:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.uint8)
    sheet.lay(mask, int(left), int(top), _colour(rng))


def _round(
    middle: NDArray[np.float64], radius: float, rng: np.random.Generator, rough: float, long: float
) -> NDArray[np.float64]:
    """An outline about a place: `rough` from a disc to a splinter, `long` times longer than wide."""
    corners = int(rng.integers(3, 8)) if rough > 0.15 else 24
    angles = np.sort(rng.uniform(0, 2 * math.pi, corners)) if rough > 0.15 else np.linspace(0, 2 * math.pi, 25)[:-1]
    reach = radius * np.clip(1 + rng.normal(0, rough, len(angles)), 0.3, 2)
    return np.asarray(_turn(np.stack([reach * np.cos(angles) * long, reach * np.sin(angles)], 1), rng) + middle)


def _turn(points: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    angle = rng.uniform(0, 2 * math.pi)
    c, s = math.cos(angle), math.sin(angle)
    return np.asarray(points @ np.array([[c, s], [-s, c]]))


# -- kinds ----------------------------------------------------------------------------------------------------------


def _heap(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Short pieces, thrown anyhow: rolls, shavings, splinters, grit, flakes, threads."""
    count = int(between(3, 45, rng))
    middles = _scattered(count, place, sheet.millimetre, rng)
    size, uneven = between(0.4, 4.0, rng), rng.uniform(0.05, 0.7)
    long, bent, rough = between(1.0, 12, rng), rng.uniform(0, 0.9), rng.uniform(0, 0.5)
    stick = rng.random() < 0.65
    along = rng.random() < 0.05  # combed: all lie alike
    pen = _tool(float(np.clip(size / long, 0.1, 1.3)), rng)
    shapes = []
    for middle in middles:
        reach = size * math.exp(rng.normal(0, uneven))
        if stick:
            turns = np.cumsum(rng.normal(0, bent, 6))
            path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1), 0) * reach / 6
            path = path - path.mean(0)
            _draw(sheet, path if along else _turn(path, rng), middle, pen, rng)
        else:
            across = min(reach / 2, 1.6) * sheet.millimetre / math.sqrt(long)
            shapes.append(_round(middle, across, rng, rough, min(long, 4)))
    if shapes:
        _filled(sheet, shapes, between(0.02, 0.2, rng) * sheet.millimetre, rng)


def _scattered(count: int, place: Place, millimetre: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """In a heap, all over, in a row, or from one side."""
    lot, middle = rng.random(), rng.uniform(*place)
    if lot < 0.55:
        reach = between(0.7, 10, rng) * millimetre
        return np.asarray(middle + rng.normal(0, reach, (count, 2)) * (1, rng.uniform(0.2, 1)))
    if lot < 0.8:
        return np.asarray(rng.uniform(*place, (count, 2)))
    way = _turn(np.array([[1.0, 0.0]]), rng)[0] * (1, 0.5)
    along = np.sort(rng.uniform(0, between(5, 40, rng), count)) * millimetre
    off = rng.normal(0, rng.uniform(0.05, 2) * millimetre, (count, 2))
    return np.asarray(middle + along[:, None] * way + off)


def _rounds(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Discs, rings, arcs and ovals of any size: holes, their rims and dents, the feet of cups, eyelets, drops."""
    size, oval = between(0.5, 11, rng), 1.0 if rng.random() < 0.7 else rng.uniform(0.5, 1.0)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        middle, kind = rng.uniform(*place), rng.random()
        radius = size * rng.uniform(0.9, 1.1)
        if kind < 0.35 and radius < 5:
            outline = _round(middle, radius * sheet.millimetre * math.sqrt(oval), rng, rng.uniform(0, 0.04), 1 / oval)
            _filled(sheet, [outline], between(0.02, 0.3, rng) * sheet.millimetre, rng)
            continue
        around = 2 * math.pi if kind < 0.65 else rng.uniform(1.0, 6.0)
        angles = np.linspace(0, around, max(8, int(radius * 8)))
        pen = _tool(min(between(0.1, 1.2, rng), radius / 2), rng)
        for shrunk in (1.0,) if rng.random() < 0.75 else (1.0, rng.uniform(0.6, 0.93)):
            wobble = 1 + 0.02 * rng.normal(0, 1) * np.sin(3 * angles + rng.uniform(0, 6))
            path = np.stack([np.cos(angles), oval * np.sin(angles)], 1) * (radius * shrunk * wobble)[:, None]
            _draw(sheet, _turn(path, rng), middle, pen, rng)


def _splash(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """A drop that burst: a large one or none, and small ones around or to one side of it, drawn out as they flew."""
    middle, open_ = rng.uniform(*place), rng.uniform(0.2, 3.2)
    towards, reach = rng.uniform(0, 6.3), between(3, 30, rng)
    shapes = []
    if rng.random() < 0.6:
        shapes.append(_round(middle, between(0.4, 3.5, rng) * sheet.millimetre, rng, rng.uniform(0, 0.14), 1.0))
    usual = between(0.12, 0.9, rng)
    for _ in range(int(between(3, 40, rng))):
        angle, far = towards + rng.uniform(-open_, open_), reach * rng.beta(1.2, 1.8)
        way = np.array([math.cos(angle), math.sin(angle) * 0.7])
        radius = float(np.clip(rng.exponential(usual), 0.08, 2.2)) * sheet.millimetre
        tail = np.linspace(0, 1, 14)[:-1] * 2 * math.pi
        long = 1 + rng.uniform(0, 2.5) * far / reach
        drop = np.stack([np.cos(tail) * long, np.sin(tail)], 1) * radius
        c, s = way / np.hypot(*way)
        shapes.append(drop @ np.array([[c, s], [-s, c]]) + middle + way * far * sheet.millimetre)
    _filled(sheet, shapes, between(0.02, 0.15, rng) * sheet.millimetre, rng)


def _hairs(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Hairs and threads: thin, without haste, in wide or tight curves."""
    width, bent = between(0.05, 0.2, rng), between(0.03, 0.6, rng)
    pen = _tool(width, rng)
    for _ in range(int(between(1, 7, rng))):
        count = int(rng.integers(8, 40))
        turns = np.cumsum(rng.normal(0, bent, count)) + rng.normal(0, bent / 2) * np.arange(count)
        path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], 1), 0) * between(0.1, 1.4, rng)
        _draw(sheet, _turn(path - path.mean(0), rng), rng.uniform(*place), pen, rng)


def _lines(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Straight ones: ruled, broken or whole, boxes, scratches."""
    (left, top), (right, bottom) = place
    pen, millimetre = _tool(between(0.08, 0.6, rng), rng), sheet.millimetre
    dash, gap = (0.0, 0.0) if rng.random() < 0.5 else (between(0.2, 6, rng), between(0.4, 5, rng))
    strokes: list[Stroke] = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        start, end = rng.uniform(*place) / millimetre, rng.uniform(*place) / millimetre
        if rng.random() < 0.7:
            end = np.array([end[0], start[1]]) if rng.random() < 0.75 else np.array([start[0], end[1]])
        reach = float(np.hypot(*(end - start)))
        if reach < 2:
            continue
        steps = [0.0] if dash == 0 else list(np.arange(0, reach, dash + gap))
        for step in steps:
            a, b = step / reach, min(1.0, (step + dash) / reach) if dash else 1.0
            strokes.append(
                polyline([tuple((start + (end - start) * share).tolist()) for share in (a, (a + b) / 2, b)], rng)
            )
    if rng.random() < 0.25:
        x0, y0 = rng.uniform((left, top), (right, bottom)) / millimetre
        w, h = between(2, 30, rng), between(2, 10, rng)
        corners = [(x0, y0), (x0 + w, y0), (x0 + w, y0 + h), (x0, y0 + h), (x0, y0)]
        strokes += [polyline([a, b], rng) for a, b in pairwise(corners)]
    if strokes:
        pen.write(sheet, strokes, np.zeros(2), rng)


def _marks(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """What a pen leaves that nobody would call a name: crosses, ticks, arrows, slips, a row of dots."""
    pen, size = _tool(between(0.25, 0.9, rng), rng), between(1.2, 6, rng)
    shapes: tuple[list[list[tuple[float, float]]], ...] = (
        [[(-1, -1), (1, 1)], [(1, -1), (-1, 1)]],
        [[(0, -1), (0, 1)], [(-1, 0), (1, 0)]],
        [[(-0.6, 0), (0, 0.7), (1.1, -1)]],
        [[(-1.6, 0), (1.2, 0)], [(0.5, -0.5), (1.2, 0), (0.5, 0.5)]],
        [[(-0.3, -0.3), (0.1, 0.1), (0.2, 0.5)]],
        [[(-1, 0), (0, 0.1), (1, 0)]],
        [[(x, 0), (x + 0.08, 0.03)] for x in (-1.0, -0.5, 0.0, 0.5, 1.0)],
    )
    for _ in range(rng.choice([1, 1, 1, 2])):
        shape = shapes[int(rng.integers(len(shapes)))]
        lean = np.eye(2) + rng.normal(0, 0.2, (2, 2))
        strokes = [
            polyline(
                [tuple((lean @ point * size + rng.normal(0, 0.08 * size, 2)).tolist()) for point in np.array(line)], rng
            )
            for line in shape
        ]
        pen.write(sheet, strokes, rng.uniform(*place), rng)


def _smear(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Soft: shadows, fingers, toner that was wiped."""
    wide, high = (between(2, 30, rng) * sheet.millimetre for _ in range(2))
    size = max(4, round(wide)), max(4, round(high))
    grain = rng.uniform(0, 1, (int(rng.integers(2, 14)), int(rng.integers(2, 14)))).astype(np.float32)
    cloud = np.asarray(cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC), np.float32)
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    fall = np.exp(-rng.uniform(1.5, 4) * (x**2 + y**2))
    mask = np.clip(255 * rng.uniform(0.1, 0.7) * cloud * fall, 0, 255).astype(np.uint8)
    left, top = (rng.uniform(*place) - np.array(size) / 2).astype(int).tolist()
    sheet.lay(mask, left, top, _colour(rng))


# -- print and stamps -----------------------------------------------------------------------------------------------


@cache
def _font(number: int, size: int) -> ImageFont.FreeTypeFont:
    fonts = sorted((TEMPLATES / "fonts").glob("NotoSans-*.ttf"))
    return ImageFont.truetype(str(fonts[number % len(fonts)]), size)


def _word(rng: np.random.Generator) -> str:
    letters = _LETTERS if rng.random() < 0.5 else _LETTERS[26:58] if rng.random() < 0.5 else _LETTERS[58:]
    return "".join(rng.choice(list(letters), int(rng.integers(1, 13))))


def _text(rows: int, height: float, rng: np.random.Generator) -> Image.Image:
    """Rows of letters so many millimetres high, as ink."""
    size = max(8, round(height * _SHEET * 1.35))
    font, air = _font(int(rng.integers(40)), size), rng.uniform(1.0, 1.6)
    lines = [" ".join(_word(rng) for _ in range(rng.integers(1, 4)))[:30] for _ in range(rows)]
    wide = max(font.getlength(line) for line in lines)
    picture = Image.new("L", (int(wide) + 8, int(size * air * rows + size * 0.4)), 0)
    pen, centred = ImageDraw.Draw(picture), rng.random() < 0.6
    for row, line in enumerate(lines):
        x = 4 + (wide - font.getlength(line)) / 2 * centred
        pen.text((x, row * size * air), line, 255, font)
    return picture


def _laid(
    sheet: Sheet, picture: Image.Image, middle: NDArray[np.float64], turn: float, rng: np.random.Generator
) -> None:
    """The picture as ink on the sheet, worn, at about this turn (degrees)."""
    turned = picture.rotate(rng.normal(0, turn), expand=True, resample=Image.Resampling.BILINEAR)
    scale = sheet.millimetre / _SHEET
    size = max(2, round(turned.width * scale)), max(2, round(turned.height * scale))
    ink = np.asarray(cv2.resize(np.asarray(turned), size, interpolation=cv2.INTER_AREA), np.float32)
    wear = rng.uniform(rng.uniform(-0.3, 0.9), 1.2, (int(rng.integers(2, 12)), int(rng.integers(2, 12))))
    ink *= np.clip(cv2.resize(wear.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), 0, 1)
    ink *= rng.normal(0.9, rng.uniform(0, 0.3), ink.shape).astype(np.float32)
    mask = cv2.GaussianBlur(np.clip(ink, 0, 255).astype(np.uint8), (0, 0), between(0.3, 1.2, rng))
    left, top = (middle - np.array(size) / 2).astype(int).tolist()
    sheet.lay(np.asarray(mask, np.uint8), left, top, _colour(rng))


def _print(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    """Print that is not of this page: rubbed off, stuck on, typed over the line."""
    picture = _text(int(rng.integers(1, 5)), between(1.2, 5, rng), rng)
    if rng.random() < 0.4:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    _laid(sheet, picture, rng.uniform(*place), rng.choice([0.4, 3.0]), rng)


def _stamped(sheet: Sheet, place: Place, rng: np.random.Generator) -> None:
    any_stamp(sheet, rng.uniform(*place), rng)


def any_stamp(sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator) -> None:
    """A stamp in a frame, two, an oval, a ring, or none; with rows of letters, a rim of letters, bars, an emblem."""
    text = _text(int(rng.integers(1, 5)), between(1.6, 5, rng), rng)
    frame = rng.choice(["none", "box", "rounded", "oval", "ring"])
    pad, line = round(between(0.3, 4, rng) * _SHEET), round(between(0.15, 0.9, rng) * _SHEET)
    wide, high = text.width + 2 * pad, text.height + 2 * pad
    if frame == "ring":
        wide = high = min(max(round(rng.uniform(15, 42) * _SHEET), high), 560)
        text = text.resize((min(text.width, round(wide * 0.6)), min(text.height, round(high * 0.6))))
    picture = Image.new("L", (wide + 2 * line + 4, high + 2 * line + 4), 0)
    pen = ImageDraw.Draw(picture)
    draw = {"box": pen.rectangle, "oval": pen.ellipse, "ring": pen.ellipse, "rounded": pen.rounded_rectangle}
    box = (line, line, picture.width - line, picture.height - line)
    picture.paste(text, ((picture.width - text.width) // 2, (picture.height - text.height) // 2))
    if frame in draw:
        more = {"radius": 20} if frame == "rounded" else {}
        draw[frame](box, outline=255, width=line, **more)  # type: ignore[operator]
        if rng.random() < 0.4:
            apart = round(between(0.4, 3.5, rng) * _SHEET)
            inner = (box[0] + apart, box[1] + apart, box[2] - apart, box[3] - apart)
            if inner[2] - inner[0] > 60 and inner[3] - inner[1] > 60:
                draw[frame](inner, outline=255, width=max(1, line // 2), **more)  # type: ignore[operator]
    if frame == "ring":
        _rim(picture, rng)
    if rng.random() < 0.2:
        y = int(rng.integers(line, picture.height - line))
        pen.line((line, y, picture.width - line, y), fill=255, width=max(1, line // 2))
    _laid(sheet, picture, middle, rng.choice([1.0, 8.0, 40.0], p=[0.3, 0.6, 0.1]), rng)


def _rim(picture: Image.Image, rng: np.random.Generator) -> None:
    """Letters along the inside of a ring."""
    size, number = round(between(1.6, 3.2, rng) * _SHEET), int(rng.integers(40))
    reach, count = picture.width / 2 - size, int(rng.integers(10, 40))
    for step, letter in enumerate(rng.choice(list(_LETTERS[26:]), count)):
        angle = 2 * math.pi * step / count
        glyph = Image.new("L", (size, round(size * 1.3)), 0)
        ImageDraw.Draw(glyph).text((size / 2, size * 0.65), str(letter), 255, _font(number, size), anchor="mm")
        turned = glyph.rotate(-math.degrees(angle) - 90, expand=True, resample=Image.Resampling.BILINEAR)
        x = picture.width / 2 + reach * math.cos(angle) - turned.width / 2
        y = picture.height / 2 + reach * math.sin(angle) - turned.height / 2
        picture.paste(255, (round(x), round(y)), turned)
