"""The paper between printer and scanner, imitated: documents are signed with invented strokes and "scanned" again."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

DPI = 200
_INK = (140, 45, 25)  # a ballpoint's blue, as blue, green, red
_SKEW_DEGREES = 0.7
_NOISE = 4.0

Sheet = NDArray[np.uint8]  # (height, width, 3), blue, green, red


@dataclass(frozen=True, slots=True)
class SheetOf:
    """One printed page on the scanner's glass: which page of which document, and how it lies there."""

    document: Mapping[str, Any]  # as in the answer for the bundle
    page: int
    upside_down: bool = False


def scanned(sheets: Sequence[SheetOf], pdfs: Mapping[str, bytes], seed: int) -> list[Sheet]:
    """Each sheet printed, signed by everyone who has to, and scanned a little askew; the same for the same seed.

    `pdfs` holds the documents by id.
    """
    hand = np.random.default_rng(seed)
    return [_scan(_signed(_printed(pdfs[of.document["document_id"]], of.page), of, hand), of, hand) for of in sheets]


def pdf_of(sheets: Sequence[Sheet]) -> bytes:
    """One PDF with a picture a page, as scanners make it."""
    first, *others = [Image.fromarray(sheet[:, :, ::-1]) for sheet in sheets]
    file = io.BytesIO()
    first.save(file, "PDF", save_all=True, append_images=others, resolution=DPI, quality=80)
    return file.getvalue()


def jpeg_of(sheet: Sheet) -> bytes:
    """One sheet as a photo file."""
    file = io.BytesIO()
    Image.fromarray(sheet[:, :, ::-1]).save(file, "JPEG", quality=85, dpi=(DPI, DPI))
    return file.getvalue()


def _printed(pdf: bytes, page: int) -> Sheet:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return np.array(document[page - 1].render(scale=DPI / 72).to_numpy()[:, :, :3], np.uint8)
    finally:
        document.close()


def _signed(sheet: Sheet, of: SheetOf, hand: np.random.Generator) -> Sheet:
    for zone in of.document["signature_zones"]:
        if zone["page"] == of.page and zone["required"]:
            x0, y0, x1, y1 = (length * DPI / 72 for length in zone["rect"])
            _write(sheet, x0, sheet.shape[0] - y1, x1, sheet.shape[0] - y0, hand)
    return sheet


def _write(sheet: Sheet, x0: float, top: float, x1: float, bottom: float, hand: np.random.Generator) -> None:
    """A signature that nobody could read: a tall beginning, uneven letters with a loop here and there, a flourish."""
    height, line = bottom - top, bottom - 0.22 * (bottom - top)
    path = _smooth(_pen_path(hand, int(hand.integers(7, 11))))
    width = min((x1 - x0) * hand.uniform(0.55, 0.85), 4.2 * height)
    x = x0 + (x1 - x0) * hand.uniform(0.02, 0.12) + width * (path[:, 0] - 0.16 * path[:, 1] / 4)
    y = line - height * path[:, 1]
    down = np.gradient(y, edge_order=1)
    pressure = np.clip(0.7 + 0.4 * down / (np.abs(down).max() + 1e-6), 0.4, 1.1)
    scale = 8  # sub-pixels, for a smooth line
    points = np.rint(np.stack((x, y), axis=1) * scale).astype(np.int32)
    for start in range(len(points) - 1):
        thickness = max(1, round(DPI / 72 * 1.1 * pressure[start]))
        ends = points[start].tolist(), points[start + 1].tolist()
        cv2.line(sheet, *ends, _INK, thickness, cv2.LINE_AA, scale.bit_length() - 1)


def _pen_path(hand: np.random.Generator, letters: int) -> NDArray[np.float64]:
    """Where the pen turns: across from 0 to 1, up from the line (0) by shares of the height of the zone."""
    turns: list[tuple[float, float]] = [(0.02, 0.25), (0.0, -0.02)]
    for letter in range(letters):
        left, step = (letter + hand.uniform(-0.2, 0.2)) / letters, 1 / letters
        tall = hand.uniform(0.55, 0.72) if letter == 0 or hand.random() < 0.22 else hand.uniform(0.14, 0.3)
        back = step * hand.uniform(-0.25, 0.35)  # backwards, it becomes a loop
        deep = hand.uniform(-0.18, -0.08) if hand.random() < 0.12 else hand.uniform(-0.02, 0.05)
        turns += [(left + 0.55 * step, tall), (left + 0.55 * step - back, tall * 0.85), (left + 0.7 * step, deep)]
    turns += [(1.02, 0.12), (1.12, hand.uniform(-0.05, 0.2))]
    return np.array(turns)


def _smooth(turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """A line through all points (Catmull-Rom)."""
    padded = np.vstack((turns[:1], turns, turns[-1:]))
    t = np.linspace(0, 1, 14, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))
    return np.vstack(pieces)


def _scan(sheet: Sheet, of: SheetOf, hand: np.random.Generator) -> Sheet:
    if of.upside_down:
        sheet = np.asarray(sheet[::-1, ::-1], np.uint8)
    height, width = sheet.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), hand.uniform(-_SKEW_DEGREES, _SKEW_DEGREES), 1.0)
    turn = turn + np.array([[0, 0, hand.uniform(-6, 6)], [0, 0, hand.uniform(-6, 6)]])
    askew = cv2.warpAffine(sheet, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(247, 248, 248))
    cv2.setRNGSeed(int(hand.integers(1 << 31)))
    grain = cv2.randn(np.empty((height, width), np.int8), np.array(-3.0), np.array(_NOISE))
    return np.asarray(cv2.add(askew, cv2.merge([grain] * 3), dtype=cv2.CV_8U), np.uint8)
