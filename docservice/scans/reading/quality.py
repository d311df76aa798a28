"""How well a page can be read."""

from __future__ import annotations

import cv2
import numpy as np

from docservice.domain.returned.scans import Grade, Quality
from docservice.scans.reading.ink import level_at
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_STEP = 7  # every so many rows are looked at
_DARK_SHARE, _LIGHT_SHARE = 0.007, 0.9  # quantiles of the grey levels, that stand for print and for paper
_STEEP_SHARE = 0.993  # quantile of the steps between neighbours, that stands for an edge
_POOR_SHARPNESS, _FAIR_SHARPNESS = 0.2, 0.4  # steepest step for the contrast, 0 to 1
_NOTHING, _POOR_CONTRAST = 0.08, 0.25  # print to paper, 0 to 1: nothing can be seen, little can
_POOR_DPI, _FAIR_DPI = 85, 140  # dots an inch
_PART = 16  # pixels of a quarter of the working picture: eight millimetres
_FEWEST_PARTS = 3  # parts with ink: one speck of dust alone says nothing
_STANDS_OUT = 40  # grey levels by which the darkest thing is darker than paper


def quality(picture: WorkingPicture, dpi: float | None) -> Quality:
    """The quality of a page; `dpi` as measured on the page, else as its file says. A page with nothing on it is good:
    it cannot be told. Of a page with little on it, that little is judged and not the empty paper."""
    small, grey = picture.small, picture.grey
    if _contrast(small, grey)[0] < _POOR_CONTRAST:
        small, grey = _where_ink_is(small, grey)
    contrast, sharpness = _contrast(small, grey)
    return Quality(_grade(contrast, sharpness, dpi), dpi, picture.bilevel, round(sharpness, 3), round(contrast, 3))


def _contrast(small: Pixels, grey: Pixels) -> tuple[float, float]:
    """Contrast and sharpness, 0 to 1; `small` is a quarter of `grey`."""
    dark, light = (level_at(small, share) for share in (_DARK_SHARE, _LIGHT_SHARE))
    contrast = max(0.0, light - dark) / 255
    middle = grey[::_STEP]
    steepest = level_at(cv2.absdiff(middle[:, 1::2], middle[:, : middle.shape[1] // 2 * 2 : 2]), _STEEP_SHARE)
    return contrast, min(1.0, steepest / (255 * max(contrast, 0.05)))


def _where_ink_is(small: Pixels, grey: Pixels) -> tuple[Pixels, Pixels]:
    """The parts of both in which something is half as dark as the darkest thing, side by side; the rim left out, where
    the edges of the sheet are. Both as they are where nothing stands out."""
    rows, columns = (side // _PART for side in small.shape)
    if min(rows, columns) < 4:
        return small, grey
    parts = small[: rows * _PART, : columns * _PART].reshape(rows, _PART, columns, _PART)
    darkest = parts.min(axis=(1, 3))
    darkest[[0, -1]] = darkest[:, [0, -1]] = 255
    light = level_at(small, _LIGHT_SHARE)
    inked = darkest < (light + float(np.sort(darkest, axis=None)[_FEWEST_PARTS])) / 2
    if light - darkest.min() < _STANDS_OUT or not inked.any():
        return small, grey
    fine = 4 * _PART
    places = np.argwhere(inked).tolist()
    return (
        np.hstack([small[y * _PART : (y + 1) * _PART, x * _PART : (x + 1) * _PART] for y, x in places]),
        np.hstack([grey[y * fine : (y + 1) * fine, x * fine : (x + 1) * fine] for y, x in places]),
    )


def _grade(contrast: float, sharpness: float, dpi: float | None) -> Grade:
    if contrast < _NOTHING:
        return Grade.GOOD
    if contrast < _POOR_CONTRAST or sharpness < _POOR_SHARPNESS or (dpi is not None and dpi < _POOR_DPI):
        return Grade.POOR
    if sharpness < _FAIR_SHARPNESS or (dpi is not None and dpi < _FAIR_DPI):
        return Grade.FAIR
    return Grade.GOOD
