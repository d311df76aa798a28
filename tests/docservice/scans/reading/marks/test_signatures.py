"""What lies on an empty line is no signature, whatever it is; and black and white hides what was faint."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from docservice.domain.returned.scans import ZoneReading, ZoneVerdict
from docservice.scans.reading.page_reader import PageReader
from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator import NOTHING, SIGNED, GeneratedDocument, Simulator, litter
from tests.support.scanned_pages import READER, clean, picture, reference_pages

_DPI = (150, 200, 300)
# Strokes of some length, or dots with a line between them: these are judged, and at times wrongly.
_JUDGED = ("hair", "punch_mark", "eraser_crumbs", "splashes", "fibres", "staple_holes")


@pytest.fixture(scope="module")
def page(family: list[GeneratedDocument]) -> tuple[GeneratedDocument, int]:
    return family[0], family[0].zones[0].page


@pytest.fixture(scope="module")
def read(family: list[GeneratedDocument]) -> Callable[[Pixels, int], dict[str, ZoneReading]]:
    reader = PageReader(READER, reference_pages(family))
    return lambda pixels, dpi: {zone.zone_id: zone for zone in reader.read(picture(pixels, dpi)).reading.zones}


def _dotted(pixels: Pixels, dpi: int, rect: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """One to twelve dots or short dashes of 0.3 to 2 mm anywhere on the line, in a row or scattered."""
    scale, largest = dpi / 72, rng.uniform(0.15, 1.0) * dpi / 25.4
    in_a_row, apart = rng.random() < 0.3, rng.uniform(1.5, 6) * dpi / 25.4 + 2 * largest
    start = rng.uniform((rect[0] + 8, rect[1] + 8), (rect[2] - 60, rect[3] - 6))
    for number in range(int(rng.integers(1, 13))):
        place = start if in_a_row else rng.uniform((rect[0] + 8, rect[1] + 8), (rect[2] - 8, rect[3] - 6))
        x, y = place[0] * scale + (number * apart if in_a_row else 0), pixels.shape[0] - place[1] * scale
        radius = max(1, round(rng.uniform(0.6, 1) * largest))
        axes, shade = (round(radius * rng.uniform(1, 1.4)), radius), int(rng.uniform(0, 90))
        cv2.ellipse(pixels, (round(x), round(y)), axes, rng.uniform(0, 180), 0, 360, shade, -1, cv2.LINE_AA)


@pytest.mark.parametrize("profile", ["grey300", "colour200", "bilevel300", "fax", "worn", "phone-bad"])
def test_what_falls_onto_a_line_is_no_signature_on_any_machine(
    family: list[GeneratedDocument], page: tuple[GeneratedDocument, int], profile: str
) -> None:
    document, number = page
    reader, simulator = PageReader(READER, reference_pages(family)), Simulator(77)
    kinds = [kind for kind in litter.ALL if kind not in _JUDGED]
    for first in range(0, len(kinds), 4):
        zones = [zone.zone_id for zone in document.zones_on(number)]
        plan = dict(zip(zones, [*kinds[first : first + 4], *[NOTHING] * len(zones)], strict=False))
        scan = simulator.page(document, number, profile, signatures=plan)
        said = reader.read(scan.picture()).reading.zones
        assert [zone for zone in said if zone.verdict is ZoneVerdict.SIGNED] == [], plan


def _punched(pixels: Pixels, dpi: int, rect: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """A disc or a ring of 5 to 6.4 mm on the line."""
    radius = rng.uniform(2.5, 3.2) * dpi / 25.4
    x, y = rng.uniform((rect[0] + 20, rect[1] + 14), (rect[2] - 20, rect[3] - 10)) * dpi / 72
    thick = -1 if rng.random() < 0.5 else max(1, round(rng.uniform(0.15, 0.4) * dpi / 25.4))
    shade = int(rng.uniform(10, 120))
    cv2.circle(pixels, (round(x), round(pixels.shape[0] - y)), round(radius), shade, thick, cv2.LINE_AA)


def _ringed(pixels: Pixels, dpi: int, rect: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """A ring on the line, 2 to 10 mm across: an eyelet, a wet bottle, the rim of a coin."""
    radius, thick = rng.uniform(1, 5) * dpi / 25.4, max(1, round(rng.uniform(0.15, 0.5) * dpi / 25.4))
    x, y = rng.uniform((rect[0] + 30, rect[1] + 20), (rect[2] - 30, rect[3] - 16)) * dpi / 72
    middle = round(x), round(pixels.shape[0] - y)
    cv2.circle(pixels, middle, round(radius), int(rng.uniform(10, 120)), thick, cv2.LINE_AA)


def _strewn(pixels: Pixels, dpi: int, rect: tuple[float, float, float, float], rng: np.random.Generator) -> None:
    """Short straight pieces that lie apart, as rubbed off by an eraser or shaved off a pencil."""
    millimetre = dpi / 25.4
    for x in np.arange(rect[0] + 15, rect[2] - 15, 17):
        length, turn = rng.uniform(1, 4.2) * millimetre, rng.uniform(0, 3.2)
        way = np.array([np.cos(turn), np.sin(turn)]) * length / 2
        middle = np.array([x * dpi / 72, pixels.shape[0] - rng.uniform(rect[1] + 12, rect[3] - 10) * dpi / 72])
        ends = np.round([middle - way, middle + way]).astype(int).tolist()
        thick, shade = max(1, round(rng.uniform(0.2, 0.6) * millimetre)), int(rng.uniform(30, 140))
        cv2.line(pixels, ends[0], ends[1], shade, thick, cv2.LINE_AA)


@pytest.mark.parametrize("dpi", _DPI)
@pytest.mark.parametrize("fallen", [_dotted, _punched, _ringed, _strewn])
def test_what_is_no_stroke_of_a_pen_is_never_a_signature_on_a_clean_scan(
    page: tuple[GeneratedDocument, int],
    read: Callable[[Pixels, int], dict[str, ZoneReading]],
    fallen: Callable[[Pixels, int, tuple[float, float, float, float], np.random.Generator], None],
    dpi: int,
) -> None:
    document, number = page
    rng = np.random.default_rng(dpi)
    for _ in range(5):
        pixels = clean(document, number, dpi).copy()
        for zone in document.zones_on(number):
            fallen(pixels, dpi, zone.rect, rng)
        zones = read(pixels, dpi)
        assert all(zone.verdict is not ZoneVerdict.SIGNED for zone in zones.values()), zones


def test_a_signature_across_the_mark_of_a_punch_stays_one(
    page: tuple[GeneratedDocument, int], read: Callable[[Pixels, int], dict[str, ZoneReading]]
) -> None:
    document, number = page
    rng = np.random.default_rng(9)
    simulator = Simulator(22)
    for hand in ("latin", "cyrillic"):
        plan = {zone.zone_id: f"{SIGNED}:{hand}:black ballpoint" for zone in document.zones_on(number)}
        sheet = simulator.paper(document, number, "grey200", signatures=plan).sheet
        for zone in document.zones_on(number):
            _punched(sheet.pixels, 200, zone.rect, rng)
        verdicts = [zone.verdict for zone in read(sheet.pixels, 200).values()]
        assert ZoneVerdict.UNSIGNED not in verdicts, hand
        assert verdicts.count(ZoneVerdict.SIGNED) >= len(verdicts) - 1, (hand, verdicts)


def test_specks_hide_no_signature(
    page: tuple[GeneratedDocument, int], read: Callable[[Pixels, int], dict[str, ZoneReading]]
) -> None:
    document, number = page
    rng = np.random.default_rng(8)
    simulator = Simulator(21)
    for hand in ("latin", "cyrillic", "arabic", "paraph"):
        plan = {zone.zone_id: f"{SIGNED}:{hand}:black ballpoint" for zone in document.zones_on(number)}
        sheet = simulator.paper(document, number, "grey200", signatures=plan).sheet
        for zone in document.zones_on(number):
            _dotted(sheet.pixels, 200, zone.rect, rng)
        zones = read(sheet.pixels, 200)
        verdicts = [zone.verdict for zone in zones.values()]
        assert ZoneVerdict.UNSIGNED not in verdicts, (hand, zones)
        assert verdicts.count(ZoneVerdict.SIGNED) >= len(verdicts) - 1, (hand, zones)


@pytest.mark.parametrize("strength", [0.15, 0.2])
def test_what_may_shine_through_from_behind_is_no_signature(
    page: tuple[GeneratedDocument, int], read: Callable[[Pixels, int], dict[str, ZoneReading]], strength: float
) -> None:
    document, number = page
    plan = {zone.zone_id: f"{SIGNED}:latin:black ballpoint" for zone in document.zones_on(number)}
    written, printed = Simulator(31).paper(document, number, "grey200", signatures=plan).sheet, clean(document, number)
    print_ = cv2.dilate(255 - printed, np.ones((9, 9), np.uint8)) > 20
    ink = np.where(print_, 0, 255 - written.pixels).astype(np.float32)
    soft = np.clip(printed - strength * cv2.GaussianBlur(ink, (0, 0), 1.5), 0, 255).astype(np.uint8)
    assert all(zone.verdict is not ZoneVerdict.SIGNED for zone in read(soft, 200).values())


def test_small_dense_writing_is_no_ruled_line(
    page: tuple[GeneratedDocument, int], read: Callable[[Pixels, int], dict[str, ZoneReading]]
) -> None:
    document, number = page
    simulator = Simulator(23)
    verdicts = []
    for pen in ("black ballpoint", "fineliner", "red"):
        plan = {zone.zone_id: f"{SIGNED}:tiny:{pen}" for zone in document.zones_on(number)}
        sheet = simulator.paper(document, number, "grey200", signatures=plan).sheet
        verdicts += [zone.verdict for zone in read(sheet.pixels, 200).values()]
    assert ZoneVerdict.UNSIGNED not in verdicts
    assert verdicts.count(ZoneVerdict.SIGNED) >= len(verdicts) - 1, verdicts


@pytest.mark.parametrize("stored", ["one bit", "jpeg", "grey"])
def test_no_ink_in_two_shades_is_never_unsigned_however_it_is_stored(
    page: tuple[GeneratedDocument, int], read: Callable[[Pixels, int], dict[str, ZoneReading]], stored: str
) -> None:
    document, number = page
    two = np.where(clean(document, number, 200) < 128, 0, 255).astype(np.uint8)
    if stored == "jpeg":
        two = np.asarray(cv2.imdecode(cv2.imencode(".jpg", two, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], 0), np.uint8)
    elif stored == "grey":
        two = np.where(two < 128, 30, 235).astype(np.uint8)
    assert {zone.verdict for zone in read(two, 200).values()} == {ZoneVerdict.UNCERTAIN}
