"""How well a page can be read."""

from __future__ import annotations

import cv2

from docservice.domain.scans import Grade, Quality
from docservice.scans.working import WorkingPicture
from docservice.scans.writing import level_at

_STEP = 7  # every so many rows are looked at
_POOR_SHARPNESS, _FAIR_SHARPNESS = 0.2, 0.4
_POOR_CONTRAST = 0.25
_POOR_DPI, _FAIR_DPI = 85, 140


def quality(picture: WorkingPicture, dpi: float | None) -> Quality:
    """The quality of a page; `dpi` as measured on the page, else as its file says. A page with nothing on it is good:
    it cannot be told."""
    dark, light = (level_at(picture.small, share) for share in (0.007, 0.9))
    contrast = max(0.0, light - dark) / 255
    middle = picture.grey[::_STEP]
    steepest = level_at(cv2.absdiff(middle[:, 1::2], middle[:, : middle.shape[1] // 2 * 2 : 2]), 0.993)
    sharpness = min(1.0, steepest / (255 * max(contrast, 0.05)))
    return Quality(_grade(contrast, sharpness, dpi), dpi, picture.bilevel, round(sharpness, 3), round(contrast, 3))


def _grade(contrast: float, sharpness: float, dpi: float | None) -> Grade:
    if contrast < 0.08:
        return Grade.GOOD
    if contrast < _POOR_CONTRAST or sharpness < _POOR_SHARPNESS or (dpi is not None and dpi < _POOR_DPI):
        return Grade.POOR
    if sharpness < _FAIR_SHARPNESS or (dpi is not None and dpi < _FAIR_DPI):
        return Grade.FAIR
    return Grade.GOOD
