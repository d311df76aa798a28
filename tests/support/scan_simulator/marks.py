"""What comes onto paper besides signatures: stamps, crosses, stains, folds, dust, print that shines through."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from docservice.tools.untrusted.pictures import Pixels
from tests.support.content import TEMPLATES
from tests.support.scan_simulator.pens import Pen
from tests.support.scan_simulator.sheet import Colour, Sheet
from tests.support.scan_simulator.strokes import polyline

Stamp = Callable[[Sheet, NDArray[np.float64], np.random.Generator], None]
"""Puts a stamp, its middle at these pixels of the sheet."""
STAMP_INKS: Sequence[Colour] = ((40, 60, 160), (80, 50, 140), (35, 35, 45), (170, 35, 60))
_FONT = TEMPLATES / "fonts" / "NotoSans-Bold.ttf"
_STAMPED_WORDS = (
    "EINGEGANGEN", "03. Dez. 2026", "Zentrales Büro", "Amt für Soziales", "i. V.", "ERLEDIGT", "Kopie", "Beglaubigt",
    "Sachgebiet 12", "Posteingang", "Verein Brücke e. V.", "17. NOV. 2026", "Leitung", "bezahlt", "Beratungsstelle",
)  # fmt: skip


@lru_cache(maxsize=16)
def _round_stamp(text: str, diameter: int) -> Pixels:
    """A round stamp with its text along the rim, black on white turned to ink; `diameter` in pixels."""
    image = Image.new("L", (diameter, diameter), 0)
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, diameter - 3, diameter - 3), outline=255, width=diameter // 55)
    inner = diameter // 4
    draw.ellipse((inner, inner, diameter - inner, diameter - inner), outline=255, width=diameter // 90)
    font = ImageFont.truetype(str(_FONT), diameter // 11)
    for number, letter in enumerate(text):
        angle = 360 * number / len(text) - 90
        glyph = Image.new("L", (diameter // 8, diameter // 6), 0)
        ImageDraw.Draw(glyph).text((glyph.width / 2, glyph.height / 2), letter, 255, font, anchor="mm")
        turned = glyph.rotate(-angle - 90, expand=True, resample=Image.Resampling.BILINEAR)
        reach = diameter * 0.37
        x = diameter / 2 + reach * math.cos(math.radians(angle)) - turned.width / 2
        y = diameter / 2 + reach * math.sin(math.radians(angle)) - turned.height / 2
        image.paste(255, (round(x), round(y)), turned)
    eagle = ImageFont.truetype(str(_FONT), diameter // 4)
    draw.text((diameter / 2, diameter / 2), "§", 255, eagle, anchor="mm")
    return np.array(image, np.uint8)


@lru_cache(maxsize=16)
def _boxed_stamp(lines: tuple[str, ...], width: int, framed: bool) -> Pixels:
    line = width // 7
    image = Image.new("L", (width, line * len(lines) + line), 0)
    draw = ImageDraw.Draw(image)
    if framed:
        draw.rectangle((2, 2, image.width - 3, image.height - 3), outline=255, width=max(3, width // 110))
    for number, text in enumerate(lines):
        size = min(line * (0.75 if number else 0.95), 1.55 * width / len(text))
        font = ImageFont.truetype(str(_FONT), round(size))
        draw.text((image.width / 2, line * (number + 0.95)), text, 255, font, anchor="mm")
    return np.array(image, np.uint8)


@lru_cache(maxsize=8)
def _oval_stamp(text: str, width: int) -> Pixels:
    image = Image.new("L", (width, round(width * 0.55)), 0)
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, image.width - 3, image.height - 3), outline=255, width=width // 60)
    draw.ellipse(
        (width // 16, width // 22, image.width - width // 16, image.height - width // 22), outline=255, width=3
    )
    font = ImageFont.truetype(str(_FONT), width // 11)
    draw.multiline_text((image.width / 2, image.height / 2), text, 255, font, anchor="mm", align="center")
    return np.array(image, np.uint8)


def _stamp_shape(rng: np.random.Generator, *, held_out: bool) -> tuple[Pixels, float]:
    """A stamp as ink, and its width in mm."""
    if held_out:
        lot = rng.random()
        if lot < 0.3:
            return _boxed_stamp(("GEPRÜFT", "4. DEZ. 2026"), 420, True), rng.uniform(26, 34)
        if lot < 0.65:
            return _oval_stamp("Kanzlei\nBerger & Söhne\n44135", 500), rng.uniform(34, 46)
        return _boxed_stamp(("Im Auftrag", "Sozialdienst Mitte e. V."), 560, False), rng.uniform(40, 55)
    if rng.random() < 0.4:
        rim = str(rng.choice(["STADT DORTMUND · INTEGRATIONSBÜRO · ", "AMT FÜR SOZIALES · ABTEILUNG 3 · "]))
        return _round_stamp(rim, 420), rng.uniform(22, 38)
    lines = tuple(str(word) for word in rng.choice(_STAMPED_WORDS, rng.integers(1, 4), replace=False))
    return _boxed_stamp(lines, 520, bool(rng.random() < 0.5)), rng.uniform(24, 56)


def stamp(sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator) -> None:
    """An office stamp, unevenly inked and a little askew, its middle at these pixels."""
    _inked(sheet, middle, rng, *_stamp_shape(rng, held_out=False))


def held_out_stamp(sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator) -> None:
    """The same of other shapes, for scoring alone."""
    _inked(sheet, middle, rng, *_stamp_shape(rng, held_out=True))


def _inked(sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator, shape: Pixels, width: float) -> None:
    scale = width * sheet.millimetre / shape.shape[1]
    angle = rng.normal(0, 7)
    height, wide = shape.shape
    reach = math.hypot(height, wide) * scale
    side = math.ceil(reach) + 2
    matrix = cv2.getRotationMatrix2D((wide / 2, height / 2), angle, scale)
    matrix[:, 2] += side / 2 - np.array([wide / 2, height / 2])
    mask = cv2.warpAffine(shape, matrix, (side, side), flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    wear = cv2.resize(rng.uniform(0.25, 1.1, (7, 7)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0.85, 0.22, (side, side)).astype(np.float32)
    inked = np.clip(mask * wear * grain * rng.uniform(0.7, 1.0), 0, 255).astype(np.uint8)
    left, top = (middle - side / 2).astype(int).tolist()
    sheet.lay(cv2.GaussianBlur(inked, (0, 0), 0.6), left, top, STAMP_INKS[int(rng.integers(len(STAMP_INKS)))])


def cross(sheet: Sheet, middle: NDArray[np.float64], pen: Pen, rng: np.random.Generator) -> None:
    """An "x", as one marks the place where somebody is to sign."""
    size = rng.uniform(1.5, 4.0)
    arms = [((-size, -size), (size, size)), ((size, -size), (-size, size))]
    strokes = []
    for (x0, y0), (x1, y1) in arms:
        bow = rng.normal(0, 0.25, 2)
        middle_of_arm = ((x0 + x1) / 2 + bow[0], (y0 + y1) / 2 + bow[1])
        strokes.append(polyline([_near((x0, y0), rng), middle_of_arm, _near((x1, y1), rng)], rng))
    pen.write(sheet, strokes, middle, rng)


def _near(point: tuple[float, float], rng: np.random.Generator) -> tuple[float, float]:
    return point[0] + rng.normal(0, 0.35), point[1] + rng.normal(0, 0.35)


def stain(sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator, *, radius: float | None = None) -> None:
    """A coffee stain: a ragged ring, darker at its edge, sometimes filled. `radius` in mm."""
    size = (radius or rng.uniform(8, 38)) * sheet.millimetre
    small = 160  # drawn small, as it has no sharp detail
    y, x = np.mgrid[-1.25 : 1.25 : small * 1j, -1.25 : 1.25 : small * 1j].astype(np.float32)
    angle = np.arctan2(y, x)
    waves = sum(rng.normal(0, 0.05 / n) * np.cos(n * angle + rng.uniform(0, 6)) for n in range(1, 8))
    distance = np.hypot(x, y) / (1 + waves)
    rim = np.exp(-(((distance - 0.96) / 0.035) ** 2)) * rng.uniform(0.35, 0.9)
    fill = (distance < 0.96) * rng.uniform(0.02, 0.32)
    gaps = 0.55 + 0.45 * np.cos(angle + rng.uniform(0, 6)) if rng.random() < 0.5 else 1.0
    mask = np.clip(255 * (rim * gaps + fill), 0, 255).astype(np.uint8)
    side = round(2.5 * size)
    big = np.asarray(cv2.resize(mask, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    left, top = (middle - side / 2).astype(int).tolist()
    sheet.lay(big, left, top, (135, 95, 55))


def smudge(sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator) -> None:
    """A grey smear, as of a thumb."""
    side = round(rng.uniform(8, 22) * sheet.millimetre)
    noise = cv2.resize(rng.uniform(0, 1, (9, 5)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    fall = np.exp(-2.5 * (axis[:, None] ** 2 * rng.uniform(1, 4) + axis[None, :] ** 2))
    mask = np.clip(255 * rng.uniform(0.12, 0.4) * noise * fall, 0, 255).astype(np.uint8)
    left, top = (middle - side / 2).astype(int).tolist()
    sheet.lay(mask, left, top, (70, 70, 72))


def dust(sheet: Sheet, rng: np.random.Generator, count: int | None = None) -> None:
    """Specks and short hairs all over."""
    height, width = sheet.pixels.shape[:2]
    pen = Pen((60, 58, 55), 0.16, (0.3, 0.9), grain=0.3)
    for _ in range(rng.integers(5, 40) if count is None else count):
        place = rng.uniform((0, 0), (width, height))
        reach = rng.choice([0.05, 0.1, 0.2, 1.5], p=[0.45, 0.3, 0.2, 0.05])
        points = [(0.0, 0.0), *((float(a), float(b)) for a, b in rng.normal(0, reach, (2, 2)))]
        pen.write(sheet, [polyline(points, rng)], place, rng)


def fold(sheet: Sheet, rng: np.random.Generator, at: float | None = None, *, across: bool = True) -> None:
    """A fold over the whole sheet, by default at a third of it: a bright ridge with a soft shadow, and worn toner.

    `at` is a share of the height (of the width when not `across`).
    """
    height, width = sheet.pixels.shape[:2]
    length, depth = (width, height) if across else (height, width)
    share = at if at is not None else rng.choice([1 / 3, 1 / 2, 2 / 3]) + rng.normal(0, 0.01)
    drift = rng.normal(0, 0.004) * depth
    band = max(3, round(1.6 * sheet.millimetre))
    profile = np.ones(2 * band + 1, np.float32)
    ramp = np.linspace(0, 1, band, dtype=np.float32)
    dark = rng.uniform(0.06, 0.38)
    profile[band + 1 :] = 1 - dark * (1 - ramp) ** 2
    profile[:band] = 1 - dark * 0.3 * ramp**2
    line = max(1, round(rng.uniform(0.08, 0.22) * sheet.millimetre))
    profile[band : band + line] = 1 - dark * rng.uniform(0.8, 1.7)
    whole = cv2.resize(profile[:, None], (1, 2 * band + 1))
    start = round(share * depth - drift / 2) - band
    for piece in range(8):  # a fold is nearly straight
        first, last = piece * length // 8, (piece + 1) * length // 8
        at_row = start + round(drift * piece / 8)
        rows = slice(max(0, at_row), max(0, min(depth, at_row + 2 * band + 1)))
        used = whole[rows.start - at_row : rows.stop - at_row]
        strength = 1 - (1 - used) * rng.uniform(0.7, 1.1)
        region = sheet.pixels[rows, first:last] if across else sheet.pixels[first:last, rows]
        factor = strength if across else strength.T
        factor = factor[..., None] if sheet.colour else factor
        region[...] = np.clip(region * factor, 0, 255).astype(np.uint8)


def bleed_through(sheet: Sheet, back: Pixels, rng: np.random.Generator, strength: float | None = None) -> None:
    """The other side shines through: mirrored, soft and faint. `back` is a grey picture of about the same sheet."""
    height, width = sheet.pixels.shape[:2]
    mirrored = cv2.resize(cv2.flip(back, 1), (width, height), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(255 - mirrored, (0, 0), 0.12 * sheet.millimetre + 0.4)
    share = rng.uniform(0.07, 0.2) if strength is None else strength
    faint = np.asarray(cv2.convertScaleAbs(soft, alpha=share), np.uint8)
    shift = rng.normal(0, 1.2 * sheet.millimetre, 2).astype(int)
    sheet.lay(faint, int(shift[0]), int(shift[1]), (40, 40, 48))


def label(sheet: Sheet, middle: NDArray[np.float64], rng: np.random.Generator) -> None:
    """A label stuck over a place, large enough to cover a page code."""
    across, down = rng.uniform(11, 22) * sheet.millimetre, rng.uniform(10, 13) * sheet.millimetre
    x, y = middle
    shade = int(rng.uniform(215, 252))
    corners = (round(x - across), round(y - down)), (round(x + across), round(y + down))
    cv2.rectangle(sheet.pixels, *corners, (shade,) * 3, -1)
    cv2.rectangle(sheet.pixels, *corners, (shade - 45,) * 3, 1)


def punch(sheet: Sheet, rng: np.random.Generator) -> None:
    """Two holes in the left margin, through which the lid or the next sheet is seen."""
    height = sheet.pixels.shape[0]
    x = rng.uniform(9, 13) * sheet.millimetre
    shade = int(rng.choice([rng.uniform(10, 70), rng.uniform(190, 245)]))
    for side in (-40, 40):
        middle = (round(x), round(height / 2 + side * sheet.millimetre))
        radius = round(2.8 * sheet.millimetre)
        cv2.circle(sheet.pixels, middle, radius, (shade,) * 3, -1, cv2.LINE_AA)
        cv2.ellipse(sheet.pixels, middle, (radius, radius), 0, 90, 260, (shade // 2 + 30,) * 3, 1, cv2.LINE_AA)


def staple(sheet: Sheet, rng: np.random.Generator) -> None:
    """A staple in the upper left corner, or the two holes it has left."""
    x, y = rng.uniform(6, 14, 2) * sheet.millimetre
    angle = rng.uniform(-0.9, 0.9)
    reach = 5.5 * sheet.millimetre
    dx, dy = reach * math.cos(angle), reach * math.sin(angle)
    ends = (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy))
    thick = max(1, round(0.5 * sheet.millimetre))
    if rng.random() < 0.5:
        cv2.line(sheet.pixels, *ends, (95, 95, 98), thick, cv2.LINE_AA)
    for end in ends:
        cv2.circle(sheet.pixels, end, thick, (60, 60, 60), -1, cv2.LINE_AA)


def dog_ear(sheet: Sheet, rng: np.random.Generator) -> None:
    """A corner folded over: its shadow, and what it hides."""
    height, width = sheet.pixels.shape[:2]
    across, down = (rng.uniform(6, 22, 2) * sheet.millimetre).tolist()
    x, y = (0 if rng.random() < 0.5 else width - 1), (0 if rng.random() < 0.5 else height - 1)
    inner = [(x + (across if x == 0 else -across), y), (x, y + (down if y == 0 else -down))]
    corner = np.array([(x, y), *inner], np.float64).round().astype(np.int32)
    shade = int(rng.uniform(195, 245))
    cv2.fillConvexPoly(sheet.pixels, corner, (shade,) * 3, cv2.LINE_AA)
    cv2.line(sheet.pixels, corner[1].tolist(), corner[2].tolist(), (shade - 90,) * 3, 2, cv2.LINE_AA)
