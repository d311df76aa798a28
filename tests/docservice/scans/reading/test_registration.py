"""How a page lies on its scan: found to a fraction of a millimetre."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from docservice.scans.reading.reference_pages import Matrix, ReferencePage
from docservice.scans.reading.registration import register
from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator import GeneratedDocument
from tests.support.scanned_pages import READER, clean, reference_pages

SIZE = (1654, 2339)


def turned(degrees: float, scale: float = 1.0) -> Matrix:
    across = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), degrees, scale)
    return np.vstack([across, [0, 0, 1]])


def seen_from_the_side() -> Matrix:
    width, height = SIZE
    square = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    photo = np.array([(150, 120), (1480, 60), (1600, 2250), (60, 2120)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(square, photo), np.float64)


def scan(page: Pixels, place: Matrix) -> Pixels:
    return np.asarray(cv2.warpPerspective(page, place, SIZE, borderValue=230), np.uint8)


def codes_on(pixels: Pixels) -> list[NDArray[np.float32]]:
    return [code.corners for code in READER.find(pixels)]


def off_by(blank: ReferencePage, pixels: Pixels, codes: Sequence[NDArray[np.float32]], place: Matrix) -> float:
    """The largest error in the corners of the page, in millimetres."""
    found = register(pixels, codes, blank)
    assert found is not None
    corners = np.array([[(100, 100), (1550, 100), (1550, 2240), (100, 2240)]], np.float32)
    error = cv2.perspectiveTransform(corners, found.to_scan) - cv2.perspectiveTransform(corners, place)
    return float(np.abs(error).max()) / 200 * 25.4


@pytest.mark.parametrize("degrees", [0.0, 3.0, -4.5, 90.0, 179.0])
def test_a_page_askew_is_found_exactly(family: list[GeneratedDocument], degrees: float) -> None:
    blank = reference_pages(family).get(family[0].document_id, 1)
    assert blank is not None
    place = turned(degrees, 0.68 if degrees == 90 else 0.97)
    pixels = scan(clean(family[0], 1), place)
    assert off_by(blank, pixels, codes_on(pixels), place) < 0.25


@pytest.mark.parametrize("which", [0, 1])
def test_one_code_is_enough(family: list[GeneratedDocument], which: int) -> None:
    blank = reference_pages(family).get(family[0].document_id, 1)
    assert blank is not None
    place = turned(1.5, 0.95)
    pixels = scan(clean(family[0], 1), place)
    assert off_by(blank, pixels, codes_on(pixels)[which : which + 1], place) < 0.3


def test_a_page_seen_from_the_side_is_found(family: list[GeneratedDocument]) -> None:
    blank = reference_pages(family).get(family[0].document_id, 1)
    assert blank is not None
    pixels = scan(clean(family[0], 1), seen_from_the_side())
    assert off_by(blank, pixels, codes_on(pixels), seen_from_the_side()) < 0.4


@pytest.mark.parametrize("seed", range(6))
def test_codes_seen_some_pixels_off_do_not_move_the_page(family: list[GeneratedDocument], seed: int) -> None:
    """As in the blur of a photo: beside the codes, which lie in the middle, their error is ten times as large."""
    blank = reference_pages(family).get(family[0].document_id, 1)
    assert blank is not None
    pixels = scan(clean(family[0], 1), seen_from_the_side())
    wander = np.random.default_rng(seed)
    blurred = [corners + wander.uniform(-5, 5, (4, 2)).astype(np.float32) for corners in codes_on(pixels)]
    assert off_by(blank, pixels, blurred, seen_from_the_side()) < 0.15


def test_a_page_of_which_only_the_codes_are_left_is_placed_by_them(family: list[GeneratedDocument]) -> None:
    blank = reference_pages(family).get(family[0].document_id, 1)
    assert blank is not None
    page = clean(family[0], 1)
    faded = np.full_like(page, 255)
    for corners in codes_on(page):
        (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
        faded[top : bottom + 1, left : right + 1] = page[top : bottom + 1, left : right + 1]
    found = register(faded, codes_on(faded), blank)
    assert found is not None
    assert found.score < 0.25
    assert off_by(blank, faded, codes_on(faded), np.eye(3)) < 1.5
