"""Changes by hand are seen where nobody was asked to write, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from docservice.domain.returned.scans import Amendment
from docservice.scans.reading.geometry import Placed
from docservice.scans.reading.marks.amendments import amendments
from docservice.scans.reading.reference_pages import ReferencePage
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels
from tests.support.scan_simulator import GeneratedDocument, documents
from tests.support.scanned_pages import clean, picture, reference_pages


def first_page(family: list[GeneratedDocument]) -> tuple[ReferencePage, Pixels]:
    reference = reference_pages(family).get(family[0].document_id, 1)
    assert reference is not None
    return reference, clean(family[0], 1)


def found(reference: ReferencePage, page: Pixels) -> tuple[Amendment, ...]:
    return amendments(WorkingPicture.of(picture(page)), Placed(np.eye(3), 1.0, 60), reference)


def a_word(reference: ReferencePage) -> tuple[int, int, int, int]:
    """The place of a longish word in the middle of the page: left, top, right, bottom in pixels."""
    words = cv2.dilate((reference.pixels < 160).astype(np.uint8), np.ones((3, 9), np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(words)
    for left, top, width, height, _ in boxes[1:].tolist():
        if 80 <= width <= 200 and 14 <= height <= 40 and 900 < top < 1500:
            return left, top, left + width, top + height
    raise AssertionError("the page has no such word")


def test_a_clean_page_is_unchanged(family: list[GeneratedDocument]) -> None:
    assert found(*first_page(family)) == ()


def test_a_word_struck_out_is_found(family: list[GeneratedDocument]) -> None:
    reference, page = first_page(family)
    left, top, right, bottom = a_word(reference)
    middle = (top + bottom) // 2
    cv2.line(page, (left - 3, middle), (right + 3, middle - 3), 40, 4, cv2.LINE_AA)
    (change,) = found(reference, page)
    x0, y0, x1, y1 = reference.point_rect(left, top, right, bottom)
    assert change.rect[0] < x1
    assert x0 < change.rect[2]
    assert change.rect[1] < y1
    assert y0 < change.rect[3]


def test_a_word_written_between_the_lines_is_found(family: list[GeneratedDocument]) -> None:
    reference, page = first_page(family)
    _, top, _, _ = a_word(reference)
    cv2.putText(page, "nein", (760, top + 4), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, 30, 3, cv2.LINE_AA)
    assert len(found(reference, page)) == 1


def test_holes_folds_stains_and_staples_are_no_changes(family: list[GeneratedDocument]) -> None:
    reference, page = first_page(family)
    for y in (900, 1530):
        cv2.circle(page, (80, y), 24, 60, -1)  # punched
    cv2.line(page, (0, 1169), (1654, 1173), 150, 2, cv2.LINE_AA)  # folded
    cv2.line(page, (60, 70), (130, 110), 60, 4)  # stapled
    coffee = cv2.GaussianBlur(cv2.circle(np.zeros(page.shape, np.float32), (1200, 1700), 90, 70, -1), (0, 0), 14)
    stained = np.clip(page - coffee, 0, 255).astype(np.uint8)
    assert found(reference, stained) == ()


def test_lines_to_be_filled_in_may_be_filled_in(family: list[GeneratedDocument]) -> None:
    plan = next(document for document in family if document.zones and document.pages > 3)
    pages = reference_pages(family)
    numbers = [n for n in range(1, plan.pages + 1) if (one := pages.get(plan.document_id, n)) and one.writing]
    reference = pages.get(plan.document_id, numbers[0])
    assert reference is not None
    page = clean(plan, numbers[0])
    for left, top, _, bottom in reference.writing:
        place = (left + 60, (top + bottom) // 2 + 8)
        cv2.putText(page, "bald mehr", place, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, 40, 2, cv2.LINE_AA)
    assert found(reference, page) == ()


def test_a_date_may_be_filled_in_close_beneath_the_text() -> None:
    undated = documents(3, ["02-jaeger-gross-szulc"], undated=1.0)
    pages = reference_pages(undated)
    for document in undated:
        for number, (left, bottom, _, _) in document.lines:
            reference = pages.get(document.document_id, number)
            assert reference is not None
            page = clean(document, number)
            x, _, _, y = reference.pixel_rect((left + 8, bottom + 4, left + 9, bottom + 5))
            cv2.putText(page, "3.12.2026", (x, y), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.0, 40, 2, cv2.LINE_AA)
            assert found(reference, page) == ()


def a_zone(family: list[GeneratedDocument]) -> tuple[ReferencePage, Pixels, tuple[int, int, int, int]]:
    """A page that is signed, as printed, and its uppermost zone in pixels."""
    document = next(document for document in family if document.zones)
    zone = max(document.zones_on(document.zones[0].page), key=lambda each: each.rect[3])
    reference = reference_pages(family).get(document.document_id, zone.page)
    assert reference is not None
    return reference, clean(document, zone.page), reference.pixel_rect(zone.rect)


def stamped(page: Pixels, left: int, foot: int, text: str) -> Pixels:
    stamp = page.copy()
    cv2.putText(stamp, text, (left, foot), cv2.FONT_HERSHEY_DUPLEX, 2.0, 60, 5, cv2.LINE_AA)
    return stamp


def test_a_stamp_that_reaches_out_of_the_room_for_signing_is_no_change(family: list[GeneratedDocument]) -> None:
    reference, page, (_, top, right, _) = a_zone(family)
    nine_millimetres = 71
    stamp = stamped(page, right - 50, top - nine_millimetres + 15, "Amt")
    cv2.ellipse(stamp, (right + 20, top - nine_millimetres), (80, 50), 5, 0, 360, 60, 5, cv2.LINE_AA)
    assert found(reference, stamp) == ()


def test_what_is_written_outside_the_room_for_signing_is_a_change(family: list[GeneratedDocument]) -> None:
    reference, page, (left, top, _, _) = a_zone(family)
    assert len(found(reference, stamped(page, left, top - 120, "Im Auftrag"))) == 1


def test_a_remark_that_begins_at_a_signature_and_goes_on_is_a_change(family: list[GeneratedDocument]) -> None:
    reference, page, (left, top, _, _) = a_zone(family)
    for row in range(7):
        page = stamped(page, left, top - 30 - 45 * row, "ohne")
    assert len(found(reference, page)) == 1


def faxed(page: Pixels, fat: int) -> Pixels:
    """A fax makes grey print black, and all print fatter."""
    black = np.where(page < 210, 0, 255).astype(np.uint8)
    return np.asarray(cv2.erode(black, np.ones((fat, fat), np.uint8)), np.uint8)


@pytest.mark.parametrize("fat", [1, 2, 3])
def test_fat_letters_in_black_and_white_are_no_line(family: list[GeneratedDocument], fat: int) -> None:
    reference, page = first_page(family)
    assert found(reference, faxed(page, fat)) == ()


def test_a_word_struck_out_is_found_in_black_and_white(family: list[GeneratedDocument]) -> None:
    reference, page = first_page(family)
    left, top, right, bottom = a_word(reference)
    middle = (top + bottom) // 2
    cv2.line(page, (left - 3, middle), (right + 3, middle - 3), 40, 4, cv2.LINE_AA)
    assert len(found(reference, faxed(page, 1))) == 1


def test_of_print_that_is_nearly_gone_nothing_is_told(family: list[GeneratedDocument]) -> None:
    """A copier of two levels that is set too light leaves a dot here and there of each letter."""
    reference, page = first_page(family)
    dots = np.random.default_rng(4).random(page.shape) < 0.1
    assert found(reference, np.where((page < 128) & dots, 0, 255).astype(np.uint8)) == ()


def test_what_lies_uncertainly_is_not_judged(family: list[GeneratedDocument]) -> None:
    reference, page = first_page(family)
    cv2.putText(page, "nein", (760, 1200), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, 30, 3, cv2.LINE_AA)
    assert amendments(WorkingPicture.of(picture(page)), Placed(np.eye(3), 0.4, 20), reference) == ()
