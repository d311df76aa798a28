"""The quality of a picture is judged by what stands on it, not by the paper around it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from docservice.domain.returned.scans import Grade, Quality
from docservice.scans.reading.quality import quality
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels
from tests.support.scanned_pages import picture


def letter(dpi: int, lines: int) -> Pixels:
    """A letter of so few lines, a little grained."""
    page = np.full((round(11.69 * dpi), round(8.27 * dpi)), 248, np.uint8)
    for row in range(lines):
        place = round(dpi * 1.1), round(dpi * (2 + row / 4))
        text = "Bitte rufen Sie uns wegen des Termins an."
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, dpi / 300, 30, max(1, dpi // 100), cv2.LINE_AA)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), dpi / 500), np.uint8)
    grain = np.random.default_rng(2).normal(0, 1.5, page.shape)
    return np.clip(page + grain, 0, 255).astype(np.uint8)


def judged(pixels: Pixels, dpi: int) -> Quality:
    return quality(WorkingPicture.of(picture(pixels, dpi)), dpi)


@pytest.mark.parametrize("dpi", [100, 200, 300])
@pytest.mark.parametrize("lines", [1, 2, 5])
def test_a_sharp_letter_of_few_lines_is_not_poor(dpi: int, lines: int) -> None:
    assert judged(letter(dpi, lines), dpi).grade is not Grade.POOR


@pytest.mark.parametrize("lines", [2, 20])
def test_what_is_blurred_beyond_reading_is_poor(lines: int) -> None:
    assert judged(np.asarray(cv2.GaussianBlur(letter(200, lines), (0, 0), 9), np.uint8), 200).grade is Grade.POOR


@pytest.mark.parametrize("lines", [2, 20])
def test_what_hardly_stands_out_is_poor(lines: int) -> None:
    faint = 255 - (255 - letter(200, lines).astype(np.float32)) / 4.5
    assert judged(faint.astype(np.uint8), 200).grade is Grade.POOR
