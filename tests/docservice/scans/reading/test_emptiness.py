"""Only a page on which nothing stands is blank, whatever scanned it; what stands on it is never lost."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from docservice.domain.page_codes import PageCode
from docservice.domain.returned.scans import PageFinding, ZoneVerdict
from docservice.scans.reading.identify import identify
from docservice.scans.reading.page_reader import PageReader
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Picture, Pixels
from tests.support.scan_simulator import (
    PROFILES,
    SCANNERS,
    SIGNED,
    GeneratedDocument,
    Mode,
    PageKind,
    PageTruth,
    Paper,
    Simulator,
)
from tests.support.scan_simulator.sheet import Sheet
from tests.support.scanned_pages import READER, clean, picture, reference_pages

Drawing = Callable[[Pixels, float], None]


def written(text: str, x: float, y: float, size: float = 1.1) -> Drawing:
    def draw(pixels: Pixels, mm: float) -> None:
        place, thick = (round(x * mm), round(y * mm)), max(1, round(mm / 4))
        cv2.putText(pixels, text, place, cv2.FONT_HERSHEY_SIMPLEX, size * mm / 8, (40,) * 3, thick, cv2.LINE_AA)

    return draw


def line(start: tuple[float, float], end: tuple[float, float]) -> Drawing:
    def draw(pixels: Pixels, mm: float) -> None:
        ends = [(round(x * mm), round(y * mm)) for x, y in (start, end)]
        cv2.line(pixels, ends[0], ends[1], (60,) * 3, max(1, round(mm * 0.4)), cv2.LINE_AA)

    return draw


def photo(left: float, top: float) -> Drawing:
    def draw(pixels: Pixels, mm: float) -> None:
        x, y, width, height = (round(length * mm) for length in (left, top, 90, 60))
        spots = np.random.default_rng(1).uniform(20, 200, (7, 9)).astype(np.float32)
        shades = cv2.resize(spots, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)
        pixels[y : y + height, x : x + width] = shades if pixels.ndim == 2 else shades[..., None]

    return draw


def in_a_box(pixels: Pixels, mm: float) -> None:
    corners = (round(60 * mm), round(140 * mm)), (round(110 * mm), round(152 * mm))
    cv2.rectangle(pixels, *corners, (40,) * 3, max(1, round(mm * 0.4)))
    written("Nein", 75, 149)(pixels, mm)


def light_on_dark(pixels: Pixels, mm: float) -> None:
    pixels[round(100 * mm) : round(110 * mm), round(30 * mm) : round(180 * mm)] = 30
    place = round(60 * mm), round(107 * mm)
    cv2.putText(pixels, "geheim", place, cv2.FONT_HERSHEY_SIMPLEX, 1.2 * mm / 8, (230,) * 3, max(1, round(mm / 4)))


THINGS: dict[str, Drawing] = {
    "a word": written("Widerruf", 80, 150),
    "a word in a box": in_a_box,
    "words in the upper margin": written("Aktenzeichen 50-12", 60, 6.5),
    "a word in the left margin": written("abc", 3, 140),
    "a long stroke": line((60, 200), (120, 160)),
    "a dash": line((60, 200), (90, 201)),
    "a photo": photo(50, 80),
    "a photo to the very edge": photo(0, 0),
    "light words on a dark bar": light_on_dark,
}


def scanned(profile: str, thing: Drawing, seed: int) -> Picture:
    machine = PROFILES[profile]
    sheet = Sheet.empty(machine.dpi, colour=machine.mode is Mode.COLOUR)
    thing(sheet.pixels, sheet.millimetre)
    truth = PageTruth(PageKind.FOREIGN, profile, readable=False, what="note")
    return Simulator(seed).capture(Paper(sheet, truth, {}), profile).picture()


def found(seen: Picture) -> PageFinding:
    return identify(WorkingPicture.of(seen), READER).finding


@pytest.mark.parametrize("number", range(len(THINGS)), ids=list(THINGS))
def test_nothing_that_stands_on_a_page_is_lost(number: int) -> None:
    thing = list(THINGS.values())[number]
    for step in (0, 4, 9):  # each thing through three machines, and each machine with several things
        profile = SCANNERS[(number + step) % len(SCANNERS)]
        assert found(scanned(profile, thing, 50 + number)) is PageFinding.NO_CODE, profile


@pytest.mark.parametrize("profile", SCANNERS)
def test_the_empty_back_of_a_sheet_is_no_question(profile: str) -> None:
    assert found(Simulator(31).blank(profile).picture()) is PageFinding.BLANK


def test_a_black_page_is_not_empty() -> None:
    grain = np.random.default_rng(1).normal(12, 4, (2339, 1654))
    assert found(picture(np.clip(grain, 0, 255).astype(np.uint8))) is PageFinding.NO_CODE


@pytest.mark.parametrize("profile", ["grey200", "colour200", "bilevel300"])
def test_a_negative_is_read(family: list[GeneratedDocument], profile: str) -> None:
    document, page = family[0], family[0].zones[0].page
    plan = {zone.zone_id: SIGNED for zone in document.zones_on(page)}
    seen = Simulator(32).page(document, page, profile, signatures=plan).picture()
    negative = Picture(255 - seen.pixels, seen.dpi, seen.bilevel)
    reader = PageReader(READER, reference_pages(family))
    read, usual = reader.read(negative).reading, reader.read(seen).reading
    assert (read.document_id, read.page) == (document.document_id, page)
    assert {zone.zone_id: zone.verdict for zone in read.zones} == {zone.zone_id: zone.verdict for zone in usual.zones}
    assert ZoneVerdict.SIGNED in {zone.verdict for zone in read.zones}


def test_codes_in_a_part_that_is_turned_light_on_dark_are_read(family: list[GeneratedDocument]) -> None:
    page = clean(family[0], 1)
    for rows in (np.s_[:300], np.s_[-300:]):
        page[rows] = 255 - page[rows]
    assert identify(WorkingPicture.of(picture(page)), READER).code == PageCode(family[0].document_id, 1)
