"""A scanned page is read as a whole: placed, judged, cut out, and told about in terms of the page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from docservice.domain.returned.scans import Grade, PageFinding, ZoneVerdict
from docservice.scans.reading.page_reader import PageReader
from docservice.tools.untrusted.pictures import Picture, Pixels
from tests.support.scan_simulator import NOTHING, SIGNED, GeneratedDocument, Simulator
from tests.support.scanned_pages import READER, clean, covered, moved_blur, picture, reference_pages


@pytest.fixture(scope="module")
def reader(family: list[GeneratedDocument]) -> PageReader:
    return PageReader(READER, reference_pages(family))


def signature_page(family: list[GeneratedDocument]) -> tuple[GeneratedDocument, int]:
    return family[0], family[0].zones[0].page


def opened(jpeg: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED), np.uint8)


@pytest.mark.parametrize("turns", range(4))
def test_the_page_is_found_whichever_way_it_lies(
    family: list[GeneratedDocument], reader: PageReader, turns: int
) -> None:
    document, number = signature_page(family)
    upright = clean(document, number, 150)
    read = reader.read(picture(np.ascontiguousarray(np.rot90(upright, turns)), 150))
    assert (read.reading.document_id, read.reading.page) == (document.document_id, number)
    assert read.reading.rotation == 90 * turns
    assert read.reading.quality.dpi == pytest.approx(150, abs=1)
    assert read.reading.quality.grade is Grade.GOOD
    shown = opened(read.picture)
    assert np.abs(cv2.resize(upright, shown.shape[::-1]).astype(int) - shown).mean() < 8


def test_places_are_told_in_pixels_of_the_picture_as_given(family: list[GeneratedDocument], reader: PageReader) -> None:
    document, number = signature_page(family)
    read = reader.read(picture(clean(document, number, 300), 300))
    registration = read.reading.registration
    assert registration is not None
    matrix = np.array(registration.page_to_scan).reshape(3, 3)
    points = np.array([[(62.0, 700.0), (530.0, 100.0)]])
    expected = np.array([(x, 841.89 - y) for x, y in points[0]]) * 300 / 72
    assert np.abs(cv2.perspectiveTransform(points, matrix)[0] - expected).max() < 1.5


def test_who_signed_is_told_from_who_did_not(family: list[GeneratedDocument], reader: PageReader) -> None:
    document, number = signature_page(family)
    signed, *others = (zone.zone_id for zone in document.zones_on(number))
    simulator = Simulator(5, held_out=True)
    plan = {signed: f"{SIGNED}:loops:office ballpoint"} | dict.fromkeys(others, NOTHING)
    read = reader.read(simulator.page(document, number, "grey200", signatures=plan).picture())
    verdicts = {zone.zone_id: zone.verdict for zone in read.reading.zones}
    assert verdicts == {signed: ZoneVerdict.SIGNED} | dict.fromkeys(others, ZoneVerdict.UNSIGNED)
    assert set(read.crops) == {signed, *others}
    assert opened(read.crops[signed]).shape[1] > 500


def test_an_empty_zone_in_black_and_white_is_left_to_a_person(
    family: list[GeneratedDocument], reader: PageReader
) -> None:
    document, number = signature_page(family)
    two_tones = np.where(clean(document, number) < 128, 0, 255).astype(np.uint8)
    read = reader.read(picture(two_tones))
    assert read.reading.quality.bilevel
    assert {(zone.verdict, zone.reason) for zone in read.reading.zones} == {
        (ZoneVerdict.UNCERTAIN, "bilevel_without_ink")
    }


def test_a_zone_that_was_not_scanned_is_left_to_a_person(family: list[GeneratedDocument], reader: PageReader) -> None:
    document, number = signature_page(family)
    page = clean(document, number)
    lowest = min(zone.rect[1] for zone in document.zones_on(number))
    cut = round(page.shape[0] - (lowest + 15) * 200 / 72)
    read = reader.read(picture(np.ascontiguousarray(page[:cut])))
    reasons = {zone.reason for zone in read.reading.zones}
    assert "outside_scan" in reasons
    assert all(zone.verdict is not ZoneVerdict.SIGNED for zone in read.reading.zones)


def test_the_same_pixels_are_known_again(family: list[GeneratedDocument], reader: PageReader) -> None:
    page = clean(family[0], 1)
    other = page.copy()
    other[5, 5] ^= 8
    digests = [reader.read(picture(pixels)).pixel_sha256 for pixels in (page, page.copy(), other)]
    assert digests[0] == digests[1] != digests[2]


def test_a_page_of_an_unknown_document_is_named_and_not_judged(family: list[GeneratedDocument]) -> None:
    read = PageReader(READER, reference_pages(())).read(picture(clean(family[0], 1)))
    assert read.reading.finding is PageFinding.IDENTIFIED
    assert read.reading.document_id == family[0].document_id
    assert (read.reading.registration, read.reading.zones) == (None, ())


def test_a_page_without_a_code_is_proposed_by_its_looks(family: list[GeneratedDocument], reader: PageReader) -> None:
    page = np.ascontiguousarray(np.rot90(covered(clean(family[0], 2), upper=True, lower=True), 2))
    assert reader.read(picture(page)).reading.finding is PageFinding.NO_CODE
    places = [(document.document_id, number) for document in family[:3] for number in range(1, document.pages + 1)]
    proposal = reader.propose(picture(page), places)
    assert proposal is not None
    assert (proposal.document_id, proposal.page, proposal.reason) == (family[0].document_id, 2, "by_picture")


def test_a_page_is_proposed_from_its_review_picture(family: list[GeneratedDocument], reader: PageReader) -> None:
    page = covered(clean(family[0], 1), upper=True, lower=True)
    small = opened(reader.read(picture(page)).picture)
    proposal = reader.propose(picture(small, 110), [(family[1].document_id, 1), (family[0].document_id, 1)])
    assert proposal is not None
    assert proposal.document_id == family[0].document_id


def test_somebody_elses_letter_is_not_proposed(family: list[GeneratedDocument], reader: PageReader) -> None:
    letter = Simulator(9).foreign("grey200", "letter").picture()
    places = [(document.document_id, number) for document in family[:3] for number in range(1, document.pages + 1)]
    assert reader.read(letter).reading.document_id is None
    assert reader.propose(letter, places) is None


def test_a_person_may_say_which_page_it_is(family: list[GeneratedDocument], reader: PageReader) -> None:
    document, number = signature_page(family)
    page = covered(clean(document, number), upper=True, lower=True)
    read = reader.read_as(picture(page), document.document_id, number)
    assert read.reading.registration is not None
    assert {zone.verdict for zone in read.reading.zones} == {ZoneVerdict.UNSIGNED}


def test_a_useless_picture_is_said_to_be_poor(family: list[GeneratedDocument], reader: PageReader) -> None:
    page = np.asarray(cv2.GaussianBlur(moved_blur(clean(family[0], 1), 15), (0, 0), 4), np.uint8)
    read = reader.read(Picture((page // 2 + 60).astype(np.uint8), None, False))
    assert read.reading.finding is PageFinding.NO_CODE
    assert read.reading.quality.grade is Grade.POOR
