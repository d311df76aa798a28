"""How a reference and a scan lie to each other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from docservice.scans.reading.reference_pages import Matrix
from docservice.tools.untrusted.pictures import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """`to_scan` takes pixels of the reference to pixels of the picture; `score` is the share of patches that agree."""

    to_scan: Matrix
    score: float
    patches: int


def warped(pixels: Pixels, to_scan: Matrix, size: tuple[int, int], factor: float = 1.0) -> Pixels:
    """The picture as it would look if the page lay like the reference; white where nothing was scanned."""
    white = 255 if pixels.ndim == 2 else (255, 255, 255)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrix = to_scan @ np.diag([1 / factor, 1 / factor, 1.0])
    return np.asarray(
        cv2.warpPerspective(pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=white),
        np.uint8,
    )
