"""Printers, scanners and phones: what becomes of a sheet on its way to pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray
from PIL import Image

from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator.profiles import Mode, Profile
from tests.support.scan_simulator.sheet import Sheet

Matrix = NDArray[np.float64]
"""3 by 3, from pixels of the sheet to pixels of the scan."""

_TURNS = {0: None, 90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True, eq=False)
class Capture:
    """A sheet as a machine has seen it: stored pixels (a fax not yet stretched) and the way from sheet to `square`
    pixels, the stretched ones."""

    pixels: Pixels
    matrix: Matrix


def toner(sheet: Sheet, rng: np.random.Generator, rough: float) -> None:
    """Print is never quite black, and weak in bands when the drum is worn. Done before anything is written on it."""
    black = rng.uniform(12, 45)
    steps = np.arange(256)
    levels = (black + steps * (255 - black) / 255).astype(np.uint8)
    sheet.pixels = np.asarray(cv2.LUT(sheet.pixels, levels), np.uint8)
    if rng.random() < 0.5 * rough:
        x, wide = rng.uniform(0, sheet.pixels.shape[1]), rng.uniform(1, 12) * sheet.millimetre
        band = np.s_[:, max(0, round(x)) : round(x + wide)]
        if sheet.pixels[band].size:
            lighter = 255 - (255 - sheet.pixels[band].astype(np.float32)) * rng.uniform(0.35, 0.8)
            sheet.pixels[band] = lighter.astype(np.uint8)


def print_geometry(sheet: Sheet, rng: np.random.Generator) -> Matrix:
    """Printers scale by a few per cent and feed a little askew."""
    height, width = sheet.pixels.shape[:2]
    scale = rng.uniform(0.97, 1.0) if rng.random() < 0.6 else rng.uniform(1.0, 1.02)
    shift = rng.normal(0, 0.8 * sheet.millimetre, 2)
    return _about((width / 2, height / 2), scale, rng.normal(0, 0.12), shift)


def scan(sheet: Sheet, printed: Matrix, profile: Profile, rotation: int, rng: np.random.Generator) -> Capture:
    """Through a scanner; `rotation` is how far (clockwise) the sheet lies turned."""
    matrix = _feed(sheet, profile, rng) @ printed
    pixels = _laid(sheet, matrix, profile, rng)
    pixels = _exposed(pixels, sheet.millimetre, profile, rng)
    pixels, matrix = _turned(pixels, matrix, rotation)
    if profile.dpi_down != profile.dpi:
        size = pixels.shape[1], round(pixels.shape[0] * profile.dpi_down / profile.dpi)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Capture(_toned(pixels, profile, rng), matrix)


def photograph(sheet: Sheet, printed: Matrix, profile: Profile, rotation: int, rng: np.random.Generator) -> Capture:
    """With a phone over a table: perspective, a shadow, blur, noise."""
    height, width = sheet.pixels.shape[:2]
    share = rng.uniform(0.62, 0.85) if profile.bad else rng.uniform(0.82, 0.95)
    frame_height = round(height / share)
    frame_width = round(max(width / share, frame_height * 0.75))
    wander = (0.07 if profile.bad else 0.025) * width
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    left, top = (frame_width - width) / 2, (frame_height - height) / 2
    seen = corners + np.array([left, top]) + rng.uniform(-wander, wander, (4, 2))
    turn = _about((frame_width / 2, frame_height / 2), 1, rng.normal(0, 4 if profile.bad else 1.5), np.zeros(2))
    seen = cv2.perspectiveTransform(seen[None].astype(np.float32), turn)[0]
    lens = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    frame = _table(frame_width, frame_height, rng)
    paper = cv2.warpPerspective(
        sheet.pixels, lens @ printed, (frame_width, frame_height), flags=cv2.INTER_AREA, borderValue=(255,) * 3
    )
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), lens, (frame_width, frame_height))
    cv2.copyTo(paper, inside, frame)
    pixels = _lit(frame, profile, rng)
    pixels, matrix = _turned(pixels, lens @ printed, rotation)
    return Capture(pixels, matrix)


def visibility(path: NDArray[np.float64], capture: Capture, profile: Profile) -> float:
    """The share of a path (pixels of the sheet) along which the scan is clearly darker than the paper around it."""
    if len(path) == 0:
        return 0.0
    seen = cv2.perspectiveTransform(path[None].astype(np.float64), capture.matrix)[0]
    seen[:, 1] *= profile.dpi_down / profile.dpi
    height, width = capture.pixels.shape[:2]
    (x0, y0), (x1, y1) = np.floor(seen.min(0)).astype(int) - 12, np.ceil(seen.max(0)).astype(int) + 12
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    if x1 - x0 < 3 or y1 - y0 < 3:
        return 0.0
    part = capture.pixels[y0:y1, x0:x1]
    grey = part if part.ndim == 2 else cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    paper = float(np.percentile(grey, 75))
    near = cv2.erode(grey if profile.bilevel else cv2.blur(grey, (2, 2)), np.ones((3, 3), np.uint8))
    columns = np.clip(np.round(seen[:, 0] - x0).astype(int), 0, near.shape[1] - 1)
    rows = np.clip(np.round(seen[:, 1] - y0).astype(int), 0, near.shape[0] - 1)
    return float(np.mean(near[rows, columns] < 0.86 * paper))


# -- scanners -----------------------------------------------------------------------------------------------------


def _about(middle: tuple[float, float], scale: float, degrees: float, shift: NDArray[np.float64]) -> Matrix:
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    x, y = middle
    dx, dy = x - c * x + s * y + shift[0], y - s * x - c * y + shift[1]
    return np.array([[c, -s, dx], [s, c, dy], [0, 0, 1]])


def _feed(sheet: Sheet, profile: Profile, rng: np.random.Generator) -> Matrix:
    height, width = sheet.pixels.shape[:2]
    skew = rng.uniform(-5, 5) if rng.random() < 0.08 + 0.15 * profile.rough else rng.normal(0, 0.5 + profile.rough)
    shift = rng.normal(0, (0.6 + 1.2 * profile.rough) * sheet.millimetre, 2)
    stretch = np.diag([1, 1 + rng.normal(0, 0.002), 1])  # the transport runs a little fast or slow
    return stretch @ _about((width / 2, height / 2), 1, float(np.clip(skew, -5, 5)), shift)


def _laid(sheet: Sheet, matrix: Matrix, profile: Profile, rng: np.random.Generator) -> Pixels:
    """The sheet under the lid: white, or black where the paper ends when the lid is open."""
    height, width = sheet.pixels.shape[:2]
    edge = round(max(1, 0.15 * sheet.millimetre))
    if rng.random() < 0.5:
        cv2.rectangle(sheet.pixels, (0, 0), (width - 1, height - 1), (int(rng.uniform(140, 225)),) * 3, edge)
    dark = rng.random() < 0.1 + 0.3 * profile.rough
    lid = int(rng.uniform(5, 60)) if dark else int(rng.uniform(235, 255))
    return np.asarray(
        cv2.warpAffine(
            sheet.pixels, matrix[:2], (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
            borderValue=(lid,) * 3,
        ),
        np.uint8,
    )  # fmt: skip


def _exposed(pixels: Pixels, millimetre: float, profile: Profile, rng: np.random.Generator) -> Pixels:
    blur = rng.uniform(0.03, 0.075 + 0.03 * profile.rough) * millimetre
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(blur, 0.3)), np.uint8)
    seen = Sheet(pixels, millimetre * 25.4)
    if rng.random() < 0.25 + 0.7 * profile.rough:
        seen.shade(_uneven(rng, 0.04 + 0.10 * profile.rough))
    _streaks(pixels, profile, rng)
    pixels = np.asarray(cv2.LUT(pixels, _curve(profile, rng)), np.uint8)
    return _noisy(pixels, rng.uniform(0.8, 3.0 + 4 * profile.rough), rng)


def _uneven(rng: np.random.Generator, depth: float) -> NDArray[np.float32]:
    across = np.linspace(-1, 1, 12)[None, :] * rng.normal(0, depth)
    down = np.linspace(-1, 1, 12)[:, None] * rng.normal(0, depth * 0.6)
    return (1 - abs(rng.normal(0, depth / 2)) + across + down).astype(np.float32)


def _streaks(pixels: Pixels, profile: Profile, rng: np.random.Generator) -> None:
    """Dirt on the glass of a feeder: thin lines over the whole length."""
    if rng.random() > 0.04 + 0.45 * profile.rough:
        return
    for _ in range(rng.integers(1, 4)):
        x = int(rng.uniform(0, pixels.shape[1] - 4))
        wide = max(1, round(rng.uniform(0.05, 0.25) * profile.dpi / 25.4))
        line = pixels[:, x : x + wide].astype(np.float32)
        target = rng.choice([60.0, 150.0, 235.0])
        pixels[:, x : x + wide] = (line + (target - line) * rng.uniform(0.3, 0.9)).astype(np.uint8)


def _curve(profile: Profile, rng: np.random.Generator) -> Pixels:
    """Contrast and brightness of the machine; worn ones are flat at times."""
    flat = rng.random() < 0.08 + 0.35 * profile.rough
    white = rng.uniform(185, 225) if flat else rng.uniform(236, 255)
    black = rng.uniform(30, 85) if flat else rng.uniform(0, 22)
    gamma = rng.uniform(0.8, 1.3)
    gain = rng.uniform(1.0, 1.06)  # most machines drive paper towards white
    steps = np.clip(np.arange(256) / 255 * gain, 0, 1) ** gamma
    return np.clip(black + (white - black) * steps, 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _noise_tile() -> tuple[Pixels, Pixels]:
    """Normal noise of deviation 16, parted in what adds and what takes away; the same for all, shifted on use."""
    noise = np.random.default_rng(0).normal(0, 16, (1024, 1024))
    return np.clip(noise, 0, 255).astype(np.uint8), np.clip(-noise, 0, 255).astype(np.uint8)


def _noisy(pixels: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    shift = rng.integers(0, 1024, 2)
    plus, minus = (cv2.convertScaleAbs(np.roll(part, shift, (0, 1)), alpha=deviation / 16) for part in _noise_tile())
    reps = math.ceil(height / 1024), math.ceil(width / 1024)
    plus, minus = (np.tile(part, reps)[:height, :width] for part in (plus, minus))
    if pixels.ndim == 3:
        plus, minus = (cv2.merge([part, np.roll(part, 97, 1), np.roll(part, 331, 0)]) for part in (plus, minus))
    return np.asarray(cv2.subtract(cv2.add(pixels, plus), minus), np.uint8)


def _turned(pixels: Pixels, matrix: Matrix, rotation: int) -> tuple[Pixels, Matrix]:
    height, width = pixels.shape[:2]
    code = _TURNS[rotation]
    if code is None:
        return pixels, matrix
    moves = {
        90: np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]]),
        180: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]]),
        270: np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]]),
    }
    return np.asarray(cv2.rotate(pixels, code), np.uint8), moves[rotation] @ matrix


def _toned(pixels: Pixels, profile: Profile, rng: np.random.Generator) -> Pixels:
    if profile.mode is Mode.THRESHOLD:
        paper = float(np.percentile(pixels[::16, ::16], 70))
        level = paper * rng.uniform(0.52, 0.8)
        return np.asarray(cv2.threshold(pixels, level, 255, cv2.THRESH_BINARY)[1], np.uint8)
    if profile.mode is Mode.DITHER:
        paper = float(np.percentile(pixels[::16, ::16], 70))
        bright = cv2.convertScaleAbs(pixels, alpha=rng.uniform(252, 266) / paper)
        return np.array(Image.fromarray(bright).convert("1").convert("L"), np.uint8)
    return pixels


# -- phones -------------------------------------------------------------------------------------------------------


def _table(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A table top: wood, cloth or plain, drawn small."""
    makers: tuple[Callable[[], MatLike], ...] = (
        lambda: cv2.GaussianBlur(rng.normal(0, 1, (160, 120)).astype(np.float32), (0, 0), sigmaX=24, sigmaY=0.8) * 90,
        lambda: rng.normal(0, 6, (160, 120)).astype(np.float32),
        lambda: np.zeros((160, 120), np.float32),
    )
    texture = makers[rng.integers(len(makers))]()
    base = np.array([(120, 85, 55), (70, 70, 74), (150, 148, 140), (45, 50, 60), (185, 170, 150)][rng.integers(5)])
    coloured = np.clip(base[None, None] + texture[..., None], 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(coloured, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _lit(frame: Pixels, profile: Profile, rng: np.random.Generator) -> Pixels:
    seen = Sheet(frame, 200)
    depth = 0.22 if profile.bad else 0.1
    seen.shade(_uneven(rng, depth))
    if rng.random() < (0.8 if profile.bad else 0.35):
        seen.shade(_shadow(rng, rng.uniform(0.25, 0.6) if profile.bad else rng.uniform(0.1, 0.3)))
    tint = np.array([1.0, rng.uniform(0.94, 1.0), rng.uniform(0.8, 1.0)]) * rng.uniform(0.75, 1.0)
    table = np.clip(np.arange(256)[:, None] * tint[None], 0, 255).astype(np.uint8)
    pixels = cv2.LUT(frame, np.ascontiguousarray(table[None]))
    if profile.bad and rng.random() < 0.5:
        pixels = cv2.filter2D(pixels, -1, _motion(rng))
    pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.7, 1.7) if profile.bad else rng.uniform(0.4, 0.9))
    return _noisy(np.asarray(pixels, np.uint8), rng.uniform(4, 11) if profile.bad else rng.uniform(1.5, 4), rng)


def _shadow(rng: np.random.Generator, depth: float) -> NDArray[np.float32]:
    """The soft edge of the photographer's own shadow."""
    y, x = np.mgrid[0:1:48j, 0:1:48j]
    angle = rng.uniform(0, 2 * math.pi)
    line = (x - rng.uniform(0.2, 0.8)) * math.cos(angle) + (y - rng.uniform(0.2, 0.8)) * math.sin(angle)
    return np.asarray(1 - depth / (1 + np.exp(-line * rng.uniform(8, 60))), np.float32)


def _motion(rng: np.random.Generator) -> NDArray[np.float32]:
    size = int(rng.integers(2, 5)) * 2 + 1
    kernel = np.zeros((size, size), np.float32)
    angle = rng.uniform(0, math.pi)
    reach = (size - 1) / 2
    ends = [round(reach + sign * reach * part) for sign in (-1, 1) for part in (math.cos(angle), math.sin(angle))]
    cv2.line(kernel, (ends[0], ends[1]), (ends[2], ends[3]), 1.0)
    return np.asarray(kernel / kernel.sum(), np.float32)
