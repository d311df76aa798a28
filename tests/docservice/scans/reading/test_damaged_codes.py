"""Codes that no reader finds are put together from their modules, and only from what is really there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from docservice.domain.page_codes import PageCode
from docservice.scans.reading.damaged_codes import damaged_codes
from tests.support.scan_simulator import GeneratedDocument
from tests.support.scanned_pages import READER, clean, covered, moved_blur


def texts(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> set[str]:
    return {code.text for code in damaged_codes(pixels, READER)}


@pytest.mark.parametrize("smear", [1, 7, 10])
def test_a_smeared_code_is_read_and_placed(family: list[GeneratedDocument], smear: int) -> None:
    page = moved_blur(clean(family[0], 1), smear)
    found = damaged_codes(page, READER)
    assert {code.text for code in found} == {PageCode(family[0].document_id, 1).payload()}
    sharp = {tuple(code.corners.mean(axis=0).round(-1)): code.corners for code in READER.find(clean(family[0], 1))}
    for code in found:
        nearest = min(sharp.values(), key=lambda corners: float(np.abs(corners - code.corners).max()))
        assert float(np.abs(nearest - code.corners).max()) < 8


def test_a_code_faded_by_a_streak_is_read(family: list[GeneratedDocument]) -> None:
    page = clean(family[0], 1)
    (left, top), _, (_, bottom), _ = READER.find(page)[0].corners.astype(int)
    page[:, left + 8 : left + 30] = np.maximum(page[:, left + 8 : left + 30], 140)
    assert bottom > top
    assert PageCode(family[0].document_id, 1).payload() in texts(page)


def test_nothing_is_made_up(family: list[GeneratedDocument]) -> None:
    assert texts(covered(clean(family[0], 1), upper=True, lower=True)) == set()
    noise = np.random.default_rng(2).integers(0, 256, (900, 700)).astype(np.uint8)
    assert texts(np.asarray(cv2.GaussianBlur(noise, (0, 0), 2.0), np.uint8)) == set()


def test_a_code_seen_from_behind_is_left_out(family: list[GeneratedDocument]) -> None:
    assert texts(np.ascontiguousarray(clean(family[0], 1)[:, ::-1])) == set()
