"""Stamps, crosses and litter as likenesses, to be laid over zones while learning: other words, frames and wear than
those of the simulator."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests.support.content import TEMPLATES

SIZE = (256, 88)
_CANVAS = (512, 176)  # what is drawn on
_WORDS = (
    "Eingegangen", "STADT", "Amt für", "Bürgerservice", "Im Auftrag", "i. A.", "Sozialamt", "GmbH", "e. V.", "Verein",
    "Kopie", "ERLEDIGT", "geprüft", "Beratung", "Nord", "Praxis", "44135", "12. DEZ. 2026", "Schule", "BEZAHLT",
    "Notariat", "Posteingang", "Original", "Beglaubigt", "Zentrum", "Büro 4", "Entwurf", "gez.", "Leitung",
)  # fmt: skip


def stamps(count: int) -> NDArray[np.uint8]:
    """Stamps of random words in frames, rings or none, unevenly inked, partly outside."""
    rng, noise = random.Random(5), np.random.default_rng(5)
    fonts = sorted((TEMPLATES / "fonts").glob("NotoSans-*.ttf")) + sorted(Path("/usr/share/fonts").rglob("*.ttf"))
    found: list[NDArray[np.uint8]] = []
    while len(found) < count:
        stamp = _stamp(rng, fonts).rotate(rng.uniform(-18, 18), expand=True, resample=Image.Resampling.BICUBIC)
        sheet = Image.new("L", _CANVAS)
        sheet.paste(stamp, (rng.randint(-stamp.width // 2, 512 - stamp.width // 2), rng.randint(-40, 140)))
        ink = np.asarray(sheet.resize(SIZE, Image.Resampling.BOX), np.float32)
        if rng.random() < 0.7:
            wear = Image.fromarray((noise.random((5, 9)) * 255).astype(np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
            ink = ink * np.clip(np.asarray(wear, np.float32) / 255 * 2.2 - rng.uniform(-0.3, 0.5), 0, 1)
        if int((ink > 40).sum()) >= 120:
            found.append(np.clip(ink, 0, 255).astype(np.uint8))
    return np.stack(found)


def _stamp(rng: random.Random, fonts: Sequence[Path]) -> Image.Image:
    shape = rng.choice(["text", "text", "frame", "ring", "round"])
    width, height = rng.randint(140, 380), rng.randint(44, 132)
    if shape == "round":
        width = height = rng.randint(112, 220)
    stamp = Image.new("L", (width + 8, height + 8))
    pen, line = ImageDraw.Draw(stamp), rng.randint(1, 4)
    if shape == "frame":
        pen.rectangle((2, 2, width + 4, height + 4), outline=255, width=line)
    elif shape != "text":
        pen.ellipse((2, 2, width + 4, height + 4), outline=255, width=line)
    rows = rng.randint(1, 3) if height < 90 else rng.randint(2, 4)
    room = (height - 12) // rows
    for row in range(rows):
        font = ImageFont.truetype(str(rng.choice(fonts)), max(8, int(min(room * 0.8, rng.uniform(0.5, 0.9) * room))))
        words = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(1, 2)))
        pen.text(((width - font.getlength(words)) / 2, 6 + row * room), words, fill=255, font=font)
    return stamp


def crosses(count: int) -> NDArray[np.uint8]:
    """Crosses, ticks and dashes of a pen."""
    rng = random.Random(9)
    found = []
    for _ in range(count):
        sheet = Image.new("L", _CANVAS)
        pen, width = ImageDraw.Draw(sheet), max(2, int(rng.uniform(2.4, 8)))
        x, y, reach, kind = rng.uniform(48, 464), rng.uniform(32, 136), rng.uniform(10, 36), rng.random()
        if kind < 0.75:
            lean, other = rng.uniform(0.4, 1.1) * reach, rng.uniform(0.4, 1.1) * reach
            pen.line((x - lean, y - reach, x + lean, y + reach), fill=255, width=width)
            pen.line((x + other, y - reach, x - other, y + reach), fill=255, width=width)
        elif kind < 0.88:
            tick = [(x - reach / 2, y), (x, y + reach * 0.6), (x + reach, y - reach * 0.8)]
            pen.line(tick, fill=255, width=width, joint="curve")
        else:
            pen.line((x - 2 * reach, y, x + 2 * reach, y + rng.gauss(0, 3)), fill=255, width=width)
        found.append(np.asarray(sheet.resize(SIZE, Image.Resampling.BOX), np.uint8))
    return np.stack(found)


def dots(count: int) -> NDArray[np.uint8]:
    """Dots, drops and short marks, scattered, in a row or in a heap."""
    rng = random.Random(13)
    found = []
    for _ in range(count):
        sheet = Image.new("L", _CANVAS)
        pen, most, kind = ImageDraw.Draw(sheet), rng.uniform(1, 9), rng.random()
        x, y, apart = rng.uniform(40, 400), rng.uniform(30, 140), rng.uniform(8, 30)
        for number in range(rng.randint(1, 18)):
            if kind < 0.3:
                at = x + number * apart, y
            elif kind < 0.65:
                at = rng.gauss(x, 40), rng.gauss(y, 16)
            else:
                at = rng.uniform(30, 480), rng.uniform(10, 160)
            size = most if kind < 0.3 else rng.uniform(0.4, 1) * most
            long, lean = rng.choice([1, 1, 1.6, 3]) * size, rng.uniform(-1, 1) * size
            if long > 1.6 * size:
                pen.line((at[0] - long, at[1] - lean, at[0] + long, at[1] + lean), fill=255, width=max(1, int(size)))
            else:
                pen.ellipse((at[0] - long, at[1] - size, at[0] + long, at[1] + size), fill=255)
        found.append(np.asarray(sheet.resize(SIZE, Image.Resampling.BOX), np.uint8))
    return np.stack(found)
