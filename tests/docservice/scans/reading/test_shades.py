"""Black and white is known as such whatever it is stored in; shades are told from it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from docservice.domain.returned.scans import ZoneVerdict
from docservice.scans.reading.page_reader import PageReader
from docservice.scans.reading.shades import has_shades
from docservice.tools.untrusted.pictures import Picture, Pixels
from tests.support.scan_simulator import NOTHING, PROFILES, GeneratedDocument, Simulator
from tests.support.scanned_pages import READER, clean, reference_pages


def as_jpeg(quality: int) -> Callable[[Pixels], Pixels]:
    def stored(pixels: Pixels) -> Pixels:
        data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)

    return stored


def smaller(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.resize(pixels, None, fx=0.67, fy=0.67, interpolation=cv2.INTER_AREA), np.uint8)


def straightened(pixels: Pixels) -> Pixels:
    size = pixels.shape[1], pixels.shape[0]
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), 0.7, 1)
    return np.asarray(cv2.warpAffine(pixels, turn, size, borderValue=(255,)), np.uint8)


def on_cream(pixels: Pixels) -> Pixels:
    return np.where(pixels[..., None] > 0, np.array([246, 238, 220], np.uint8), np.array([20, 30, 70], np.uint8))


_KEPT: dict[str, Callable[[Pixels], Pixels]] = {
    "jpeg 30": as_jpeg(30),
    "jpeg 90": as_jpeg(90),
    "smaller": smaller,
    "smaller as jpeg": lambda pixels: as_jpeg(75)(smaller(pixels)),
    "straightened": straightened,
    "in two colours": on_cream,
    "in two greys": lambda pixels: np.where(pixels > 0, 240, 25).astype(np.uint8),
    "in two greys as jpeg": lambda pixels: as_jpeg(60)(np.where(pixels > 0, 240, 25).astype(np.uint8)),
}


@pytest.mark.parametrize("profile", ["fax", "bilevel300", "dither200"])
def test_black_and_white_stays_so_whatever_it_is_stored_in(family: list[GeneratedDocument], profile: str) -> None:
    document, page = family[0], family[0].zones[0].page
    pixels = Simulator(21).page(document, page, profile).picture().pixels
    blended = {"smaller", "smaller as jpeg", "straightened"} if profile == "dither200" else set()  # dots become greys
    for name in _KEPT.keys() - blended:
        assert not has_shades(Picture(_KEPT[name](pixels), 200, bilevel=False)), name


def test_four_greys_are_too_few(family: list[GeneratedDocument]) -> None:
    grey = Simulator(22).page(family[0], 1, "grey200").picture().pixels
    assert not has_shades(Picture((grey // 64 * 85).astype(np.uint8), 200, bilevel=False))


@pytest.mark.parametrize("profile", [name for name, machine in PROFILES.items() if not machine.bilevel])
def test_what_was_seen_in_shades_is_told_from_it(family: list[GeneratedDocument], profile: str) -> None:
    simulator = Simulator(23)
    assert has_shades(simulator.page(family[0], 1, profile).picture())
    assert has_shades(simulator.blank(profile).picture())


@pytest.mark.parametrize("dpi", [100, 200])
def test_a_drawn_page_has_shades(family: list[GeneratedDocument], dpi: int) -> None:
    assert has_shades(Picture(clean(family[0], 1, dpi), dpi, bilevel=False))


def test_an_empty_line_of_a_fax_kept_as_jpeg_is_left_to_a_person(family: list[GeneratedDocument]) -> None:
    document, page = family[0], family[0].zones[0].page
    empty = dict.fromkeys((zone.zone_id for zone in document.zones_on(page)), NOTHING)
    fax = Simulator(24).page(document, page, "fax", signatures=empty).picture()
    read = PageReader(READER, reference_pages(family)).read(Picture(as_jpeg(85)(fax.pixels), fax.dpi, bilevel=False))
    assert read.reading.quality.bilevel
    assert ZoneVerdict.UNSIGNED not in {zone.verdict for zone in read.reading.zones}
