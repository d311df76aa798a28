"""Which page a scan shows: read however it lies, never guessed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import zxingcpp

from docservice.domain.page_codes import PageCode
from docservice.domain.returned.scans import PageFinding
from docservice.scans.reading.identify import Identity, identify
from docservice.scans.reading.page_reader import PageReader
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator import GeneratedDocument
from tests.support.scanned_pages import READER, clean, covered, moved_blur, picture, reference_pages


def seen(pixels: Pixels) -> Identity:
    return identify(WorkingPicture.of(picture(pixels)), READER)


@pytest.mark.parametrize("turns", range(4))
def test_a_page_is_known_however_it_lies(family: list[GeneratedDocument], turns: int) -> None:
    found = seen(np.ascontiguousarray(np.rot90(clean(family[0], 1), turns)))
    assert found.finding is PageFinding.IDENTIFIED
    assert found.code == PageCode(family[0].document_id, 1)
    assert len(found.codes) == 2


@pytest.mark.parametrize(("upper", "lower"), [(True, False), (False, True)])
def test_one_code_is_enough(family: list[GeneratedDocument], upper: bool, lower: bool) -> None:
    found = seen(covered(clean(family[0], 2), upper=upper, lower=lower))
    assert found.code == PageCode(family[0].document_id, 2)


def test_a_page_without_a_code_is_not_guessed(family: list[GeneratedDocument]) -> None:
    found = seen(covered(clean(family[0], 1), upper=True, lower=True))
    assert (found.finding, found.code, found.codes) == (PageFinding.NO_CODE, None, ())


def test_codes_that_disagree_are_left_to_a_person(family: list[GeneratedDocument]) -> None:
    mixed = clean(family[0], 1)
    middle = mixed.shape[0] // 2
    mixed[middle:] = clean(family[0], 2)[middle:]
    found = seen(mixed)
    assert found.finding is PageFinding.CONFLICTING
    assert found.code is None
    assert {placed.code.page for placed in found.codes} == {1, 2}


def test_codes_smeared_by_a_moving_hand_are_put_together_again(family: list[GeneratedDocument]) -> None:
    smeared = moved_blur(clean(family[0], 1), 9)
    assert not any(PageCode.parse(symbol.text) for symbol in READER.find(smeared))
    assert seen(smeared).code == PageCode(family[0].document_id, 1)


def test_a_code_of_somebody_else_or_with_a_wrong_check_value_counts_for_nothing(
    family: list[GeneratedDocument],
) -> None:
    page = covered(clean(family[0], 1), upper=True, lower=True)
    payload = PageCode(family[0].document_id, 1).payload()
    wrong = payload[:-1] + ("0" if payload[-1] != "0" else "1")
    page[40:172, 700:832] = drawn(wrong)
    page[-172:-40, 700:832] = drawn("D1SOMEBODY ELSES PARCEL 12345")
    found = seen(page)
    assert (found.finding, found.codes) == (PageFinding.NO_CODE, ())


@pytest.mark.parametrize("light", [250, 90])
def test_an_empty_page_is_blank_in_any_light(light: int) -> None:
    grain = np.random.default_rng(1).normal(light, 3, (2339, 1654))
    assert seen(np.clip(grain, 0, 255).astype(np.uint8)).finding is PageFinding.BLANK


@pytest.mark.parametrize("dpi", [100, 200, 300])
def test_a_note_on_an_empty_page_is_not_lost(dpi: int) -> None:
    page = np.full((round(11.69 * dpi), round(8.27 * dpi)), 250, np.uint8)
    place = (2 * dpi, 3 * dpi)
    cv2.putText(page, "bitte Kopie", place, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, dpi / 120, 150, dpi // 100, cv2.LINE_AA)
    assert seen(page).finding is PageFinding.NO_CODE


@pytest.mark.parametrize(
    "shape", [(150, 150), (150, 9000), (9000, 150), (150, 100_000), (2400, 280), (140, 1000)], ids=str
)
@pytest.mark.parametrize("grey", [0, 255])
def test_a_strip_is_never_taken_for_an_empty_page(shape: tuple[int, int], grey: int) -> None:
    found = seen(np.full(shape, grey, np.uint8))
    assert (found.finding, found.codes) == (PageFinding.NO_CODE, ())


@pytest.mark.parametrize("light", [1.0, 0.35])
def test_a_page_is_never_blank_because_it_is_dark(family: list[GeneratedDocument], light: float) -> None:
    page = covered(clean(family[0], 1), upper=True, lower=True)
    assert seen((page * light).astype(np.uint8)).finding is PageFinding.NO_CODE


def test_the_back_through_which_the_front_shines_is_not_the_front(family: list[GeneratedDocument]) -> None:
    behind = 255 - (255 - clean(family[0], 1)[:, ::-1]) // 5
    assert seen(np.ascontiguousarray(behind)).finding is PageFinding.BLANK


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_a_mirrored_picture_is_told_as_that_and_how_it_lies(
    family: list[GeneratedDocument], turns: int, strength: float
) -> None:
    """Flipped by an app, or scanned through thin paper."""
    page = 255 - ((255 - clean(family[0], 1)[:, ::-1]) * strength).astype(np.uint8)
    shown = picture(np.ascontiguousarray(np.rot90(page, turns)))
    found = identify(WorkingPicture.of(shown), READER)
    assert (found.finding, found.code) == (PageFinding.MIRRORED, None)
    assert {placed.code for placed in found.codes} == {PageCode(family[0].document_id, 1)}
    read = PageReader(READER, reference_pages(family)).read(shown).reading
    assert (read.finding, read.document_id, read.zones) == (PageFinding.MIRRORED, None, ())
    assert read.rotation == 90 * turns


def test_a_mirrored_negative_is_told_too(family: list[GeneratedDocument]) -> None:
    assert seen(np.ascontiguousarray(255 - clean(family[0], 1)[:, ::-1])).finding is PageFinding.MIRRORED


def test_what_is_written_on_the_back_of_a_page_is_not_called_mirrored(family: list[GeneratedDocument]) -> None:
    behind = 255 - (255 - clean(family[0], 1)[:, ::-1]) // 5
    for row in range(8):
        cv2.putText(behind, "Wie besprochen", (200, 400 + 150 * row), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 3, 40, 4)
    assert seen(np.ascontiguousarray(behind)).finding is PageFinding.NO_CODE


def test_a_photo_from_the_side_is_known(family: list[GeneratedDocument]) -> None:
    page = clean(family[0], 1)
    height, width = page.shape
    square = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen_at = np.array([(180, 90), (1500, 200), (1600, 2200), (60, 2100)], np.float32)
    photo = cv2.warpPerspective(page, cv2.getPerspectiveTransform(square, seen_at), (width, height), borderValue=70)
    assert seen(np.asarray(photo, np.uint8)).code == PageCode(family[0].document_id, 1)


def drawn(payload: str) -> Pixels:
    """A code as it is printed, 4 pixels a module."""
    symbol = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="Q", version=2)
    modules = np.asarray(symbol.to_image(scale=1, add_quiet_zones=True), np.uint8)
    return np.kron(modules, np.ones((4, 4), np.uint8))
