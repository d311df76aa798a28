"""Cuts one page out of a picture that shows several."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from docservice.domain.returned.scans import Outline
from docservice.tools.untrusted.pictures import Picture


def cut_out(picture: Picture, outline: Outline) -> Picture:
    """The upright rectangle around the outline, every pixel as it is; outside the outline it is white."""
    left, top = origin(outline)
    right, bottom = (max(corner[axis] for corner in outline) for axis in (0, 1))
    pixels = picture.pixels[top:bottom, left:right].copy()
    inside = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.array(outline, np.int32) - np.array([left, top], np.int32), 1)
    pixels[inside == 0] = 255
    return replace(picture, pixels=pixels)


def origin(outline: Outline) -> tuple[int, int]:
    """The pixel (x, y) of the picture that is the first one of what is cut out."""
    return max(0, min(x for x, _ in outline)), max(0, min(y for _, y in outline))
