"""Pens: how a movement of the hand becomes ink."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator.sheet import Colour, Sheet
from tests.support.scan_simulator.strokes import Stroke

_FINENESS = 600  # dpi that strokes are drawn with, at least
_BITS = 4  # of sub-pixel precision


@dataclass(frozen=True, slots=True)
class Pen:
    """A pen. `width` in mm at full pressure; `thinning`: how much of it low pressure takes away; `density`: how
    strongly it covers, from light to firm hands; `grain`: how rough its line is (0 to 1); `skips`: how often it runs
    dry (a share of the path); `nib`: how much the width depends on the direction, as of a broad nib."""

    ink: Colour
    width: float
    density: tuple[float, float]
    thinning: float = 0.3
    grain: float = 0.1
    skips: float = 0.0
    nib: float = 0.0

    def write(
        self, sheet: Sheet, strokes: Sequence[Stroke], origin: NDArray[np.float64], rng: np.random.Generator
    ) -> None:
        """Write strokes (mm) whose origin lies at these pixels of the sheet."""
        fine = max(1, math.ceil(_FINENESS / sheet.dpi))
        paths = [stroke.path * sheet.millimetre + origin for stroke in strokes]
        margin = 2 + math.ceil(self.width * sheet.millimetre)
        points = np.vstack(paths)
        left, top = (np.floor(points.min(0)).astype(int) - margin).tolist()
        right, bottom = (np.ceil(points.max(0)).astype(int) + margin).tolist()
        mask = np.zeros(((bottom - top) * fine, (right - left) * fine), np.uint8)
        strength = rng.uniform(*self.density)
        for path, stroke in zip(paths, strokes, strict=True):
            self._draw(mask, (path - (left, top)) * fine, stroke.pressure, sheet.millimetre * fine, strength, rng)
        if fine > 1:
            mask = np.asarray(cv2.resize(mask, (right - left, bottom - top), interpolation=cv2.INTER_AREA), np.uint8)
        sheet.lay(self._grained(mask, rng), left, top, self.ink)

    def _draw(
        self,
        mask: Pixels,
        path: NDArray[np.float64],
        pressure: NDArray[np.float64],
        millimetre: float,
        strength: float,
        rng: np.random.Generator,
    ) -> None:
        width = self.width * millimetre * (1 - self.thinning * (1 - pressure))
        if self.nib:
            turn = np.arctan2(*np.gradient(path, axis=0).T[::-1]) if len(path) > 2 else np.zeros(len(path))
            width = width * (1 - self.nib + self.nib * np.abs(np.sin(turn + math.pi / 4)))
        shade = np.clip(255 * strength * (0.72 + 0.28 * pressure), 0, 255)
        shade = np.where(self._dry(len(path), rng), shade * rng.uniform(0, 0.35), shade)
        fixed = np.round(path * (1 << _BITS)).astype(int)
        thick = np.maximum(1, np.round(width)).astype(int)
        for (x0, y0), (x1, y1), value, wide in zip(
            fixed[:-1].tolist(), fixed[1:].tolist(), shade.tolist(), thick.tolist(), strict=False
        ):
            cv2.line(mask, (x0, y0), (x1, y1), value, wide, cv2.LINE_AA, _BITS)

    def _dry(self, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Where the pen leaves next to nothing: runs of points."""
        dry = np.zeros(count, bool)
        if self.skips:
            for start in rng.integers(0, count, round(count * self.skips / 6)):
                dry[start : start + rng.integers(2, 10)] = True
        return dry

    def _grained(self, mask: Pixels, rng: np.random.Generator) -> Pixels:
        if not self.grain:
            return mask
        noise = rng.normal(1 - 0.5 * self.grain, 0.6 * self.grain, mask.shape).astype(np.float32)
        soft = cv2.GaussianBlur(noise, (0, 0), 0.7)
        return np.asarray(np.clip(mask * soft, 0, 255), np.uint8)


PENS: Mapping[str, Pen] = {
    "blue ballpoint": Pen((28, 45, 140), 0.38, (0.75, 0.98), grain=0.25, skips=0.01),
    "black ballpoint": Pen((35, 35, 42), 0.38, (0.75, 0.98), grain=0.25, skips=0.01),
    "light-blue ballpoint": Pen((95, 140, 215), 0.38, (0.7, 0.95), grain=0.25, skips=0.02),
    "faint ballpoint": Pen((60, 75, 150), 0.32, (0.38, 0.6), grain=0.5, skips=0.1),
    "fineliner": Pen((18, 18, 22), 0.42, (0.92, 1.0), thinning=0.12, grain=0.05),
    "fountain pen": Pen((25, 35, 115), 0.62, (0.75, 0.98), thinning=0.55, grain=0.12, nib=0.35),
    "pencil": Pen((85, 85, 88), 0.45, (0.5, 0.8), grain=0.75),
    "green": Pen((20, 120, 70), 0.45, (0.75, 0.95), grain=0.1),
    "red": Pen((200, 30, 45), 0.42, (0.75, 0.95), grain=0.15),
}
"""The pens for building and tuning."""

VALIDATION: Mapping[str, Pen] = {
    "violet": Pen((95, 50, 150), 0.40, (0.7, 0.95), grain=0.2),
    "hard pencil": Pen((110, 110, 112), 0.34, (0.5, 0.75), grain=0.7),
    "office ballpoint": Pen((22, 30, 95), 0.34, (0.7, 0.95), grain=0.3, skips=0.02),
}
"""For choosing limits: neither trained on nor scored."""

HELD_OUT: Mapping[str, Pen] = {
    "gel": Pen((30, 30, 90), 0.52, (0.85, 1.0), thinning=0.1, grain=0.03),
    "old ballpoint": Pen((70, 85, 165), 0.30, (0.45, 0.72), grain=0.4, skips=0.14),
    "turquoise": Pen((70, 165, 205), 0.46, (0.75, 0.95), grain=0.12),
    "felt tip": Pen((22, 30, 60), 0.95, (0.8, 0.95), thinning=0.25, grain=0.18),
    "teal fineliner": Pen((20, 95, 105), 0.30, (0.85, 1.0), thinning=0.1, grain=0.05),
}
"""For scoring alone."""

ALL: Mapping[str, Pen] = {**PENS, **VALIDATION, **HELD_OUT}
