"""The scan simulator tells the truth about the scans it makes; otherwise every score would be worth nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from docservice.domain.page_codes import PageCode
from docservice.tools.untrusted.pictures import Picture, PictureFiles, Pixels
from tests.support.scan_simulator import (
    NOTHING,
    OFFICE,
    ORDERLY,
    SIGNED,
    GeneratedDocument,
    Mishaps,
    PageKind,
    PageTruth,
    Simulator,
    StackMaker,
    documents,
    everyone_signs,
    hands,
    nobody_signs,
    pens,
)

_DIFFERENT = ("grey100", "colour200", "bilevel300", "dither200", "fax", "worn", "phone-good")
_CODE_POINTS = (297.64, 791.1)  # the middle of the upper page code


@pytest.fixture(scope="module")
def family() -> list[GeneratedDocument]:
    return documents(11, ["06-sommer"])


def _codes(picture: Picture) -> list[zxingcpp.Barcode]:
    return list(zxingcpp.read_barcodes(picture.grey, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])))


def _where(truth: PageTruth, points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    assert truth.page_to_scan is not None
    matrix = np.array(truth.page_to_scan).reshape(3, 3)
    return np.asarray(cv2.perspectiveTransform(np.array([points], np.float64), matrix)[0])


def _upright_zone(picture: Picture, truth: PageTruth, rect: tuple[float, float, float, float]) -> Pixels:
    """What the scan shows of a zone, by the truth about where it lies; 4 pixels a point."""
    left, bottom, right, top = rect
    size = round((right - left) * 4), round((top - bottom) * 4)
    seen = _where(truth, [(left, top), (right, top), (right, bottom), (left, bottom)]).astype(np.float32)
    flat = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    return np.asarray(cv2.warpPerspective(picture.grey, cv2.getPerspectiveTransform(seen, flat), size), np.uint8)


def test_the_same_seed_gives_the_same_scan_and_another_seed_another_one(family: list[GeneratedDocument]) -> None:
    first, again, other = (Simulator(seed).page(family[0], 1, "grey150") for seed in (1, 1, 2))
    assert first.jpeg == again.jpeg
    assert first.truth == again.truth
    assert first.jpeg != other.jpeg


@pytest.mark.parametrize("profile", _DIFFERENT)
def test_the_code_on_a_page_names_the_page_and_lies_where_the_truth_says(
    profile: str, family: list[GeneratedDocument]
) -> None:
    document = family[3]
    page = Simulator(7).page(document, 1, profile)
    picture = page.picture()
    upper = _where(page.truth, [_CODE_POINTS])[0]
    width = float(np.linalg.norm(np.subtract(*_where(page.truth, [(0, 400), (595, 400)]))))
    found = _codes(picture)
    assert {PageCode.parse(code.text) for code in found} == {PageCode(document.document_id, 1)}
    middles = [
        np.mean([[p.x, p.y] for p in (q.top_left, q.top_right, q.bottom_right, q.bottom_left)], axis=0)
        for q in (code.position for code in found)
    ]
    assert min(float(np.linalg.norm(middle - upper)) for middle in middles) < 0.006 * width


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turning_a_scan_by_the_rotation_of_its_truth_makes_it_upright(
    rotation: int, family: list[GeneratedDocument]
) -> None:
    page = Simulator(3).page(family[0], 1, "grey100", rotation=rotation)
    assert page.truth.rotation == rotation
    (x0, y0), (x1, y1) = _where(page.truth, [(100, 400), (500, 400)])
    along = {0: (1, 0), 270: (0, 1), 180: (-1, 0), 90: (0, -1)}[rotation]
    assert np.dot((x1 - x0, y1 - y0), along) > 0.95 * np.hypot(x1 - x0, y1 - y0)


def test_a_signed_zone_holds_ink_and_an_empty_one_holds_none(family: list[GeneratedDocument]) -> None:
    document = family[0]
    zones = document.zones
    plan = {zones[0].zone_id: f"{SIGNED}::fineliner", zones[1].zone_id: NOTHING}
    page = Simulator(5).page(document, zones[0].page, "grey300", signatures=plan)
    signed, empty = (_upright_zone(page.picture(), page.truth, zone.rect) for zone in zones[:2])
    paper = np.percentile(empty, 50)
    assert np.mean(signed < 0.6 * paper) > 0.003
    assert np.mean(empty[20:-12, 20:-20] < 0.6 * paper) < 0.001
    assert page.truth.zones[zones[0].zone_id].signed
    assert page.truth.zones[zones[0].zone_id].visible > 0.9
    assert not page.truth.zones[zones[1].zone_id].signed


def test_ink_that_a_machine_of_black_and_white_loses_is_said_to_be_invisible(family: list[GeneratedDocument]) -> None:
    document, simulator = family[0], Simulator(8)
    plan = {zone.zone_id: f"{SIGNED}:latin:light-blue ballpoint" for zone in document.zones}
    seen = [
        zone.visible
        for profile in ("grey200", "bilevel200")
        for _ in range(3)
        for zone in simulator.page(document, document.zones[0].page, profile, signatures=plan).truth.zones.values()
    ]
    assert min(seen[:6]) > 0.6
    assert min(seen[6:]) < 0.3


def test_everything_that_may_happen_to_a_zone_happens_without_making_it_signed(family: list[GeneratedDocument]) -> None:
    document, simulator = family[1], Simulator(9)
    page = document.zones[0].page
    for seed in range(8):
        plan = simulator.signatures(document, page, unsigned=1, distracted=1)
        truth = Simulator(seed).page(document, page, "grey100", signatures=plan).truth
        assert {zone_id: zone.what for zone_id, zone in truth.zones.items()} == plan
        assert not any(zone.signed for zone in truth.zones.values())


def test_a_change_by_hand_is_told_with_its_place(family: list[GeneratedDocument]) -> None:
    document = family[0]
    page = Simulator(4).page(document, 1, "colour200", signatures=nobody_signs(document, 1), amend=1)
    (place,) = page.truth.amended
    assert 60 < place[0] < place[2] < 560
    shown = _upright_zone(page.picture(), page.truth, place)
    assert np.mean(shown < 150) > 0.02


def test_the_hands_and_pens_kept_for_scoring_are_not_among_those_for_tuning(family: list[GeneratedDocument]) -> None:
    assert not hands.HANDS.keys() & hands.HELD_OUT.keys()
    assert not pens.PENS.keys() & pens.HELD_OUT.keys()
    document = family[0]
    page = document.zones[0].page
    truth = Simulator(1, held_out=True).page(
        document, page, "grey100", signatures=everyone_signs(document, page)
    ).truth  # fmt: skip
    used = {zone.what.partition(":")[0] for zone in truth.zones.values()}
    assert used <= hands.HELD_OUT.keys()


@pytest.mark.parametrize(("container", "profile"), [("pdf", "grey150"), ("tiff", "fax"), ("mixed", None)])
def test_the_files_of_a_stack_hold_the_pages_its_truth_tells(
    container: str, profile: str | None, family: list[GeneratedDocument], tmp_path: Path
) -> None:
    mishaps = Mishaps(missing=1, same_bytes=1, scanned_again=1, blanks=1, foreign=1, codes_lost=1, shuffled=0.5)
    stack = StackMaker(Simulator(21)).make(family[3:6], profile=profile, mishaps=mishaps, container=container)
    pages = 0
    for file in stack.files:
        path = tmp_path / file.name
        path.write_bytes(file.data)
        for index, picture in enumerate(PictureFiles().pages(path)):
            (placed,) = (page for page in stack.truth.pages if (page.file, page.index) == (file.name, index))
            assert isinstance(picture, Picture)
            read = {PageCode.parse(code.text) for code in _codes(picture)} - {None}
            if placed.truth.kind is PageKind.FORM and placed.truth.readable:
                assert read == {PageCode(str(placed.truth.document_id), int(placed.truth.page or 0))}
            pages += 1
    assert pages == len(stack.truth.pages) == len(stack.pages)


def test_a_stack_lacks_what_is_missing_and_links_its_copies(family: list[GeneratedDocument]) -> None:
    stack = StackMaker(Simulator(33)).make(family[:3], profile="grey100", mishaps=OFFICE, outdated=family[3:4])
    truths = [page.truth for page in stack.truth.pages]
    present = {(truth.document_id, truth.page) for truth in truths}
    wanted = {(d.document_id, page) for d in family[:3] for page in range(1, d.pages + 1)}
    assert stack.truth.missing
    assert wanted - present == set(stack.truth.missing)
    assert {truth.outdated for truth in truths if truth.document_id == family[3].document_id} == {True}
    kinds = {truth.copy_kind for truth in truths if truth.copy_of is not None}
    assert "same_bytes" in kinds
    for index, truth in enumerate(truths):
        if truth.copy_kind == "same_bytes" and truth.copy_of is not None:
            assert stack.pages[index].jpeg == stack.pages[truth.copy_of].jpeg


def test_an_orderly_stack_is_complete_and_signed(family: list[GeneratedDocument]) -> None:
    stack = StackMaker(Simulator(2)).make(family[:2], profile="grey100", mishaps=ORDERLY)
    assert stack.truth.missing == ()
    assert len(stack.truth.pages) == sum(document.pages for document in family[:2])
    zones = [zone for page in stack.truth.pages for zone in page.truth.zones.values()]
    assert zones
    assert all(zone.signed for zone in zones)
