"""Printed pages as references: right, few, and shared between threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from docservice.scans.reading.reference_pages import KnownDocument, ReferencePages
from tests.support.scan_simulator import GeneratedDocument
from tests.support.scanned_pages import READER, known, reference_pages


def test_a_page_knows_its_codes_zones_and_texture(family: list[GeneratedDocument]) -> None:
    document = family[0]
    last = max(zone.page for zone in document.zones)
    blank = reference_pages(family).get(document.document_id, last)
    assert blank is not None
    assert blank.zones == document.zones_on(last)
    upper, lower = (corners.mean(axis=0) for corners in blank.codes)
    assert upper[1] < 200 < 2100 < lower[1]
    assert len(blank.patches) > 20
    rect = document.zones[0].rect
    assert np.allclose(blank.point_rect(*blank.pixel_rect(rect)), rect, atol=0.5)


def test_there_is_no_page_that_was_not_printed(family: list[GeneratedDocument]) -> None:
    pages = reference_pages(family)
    assert pages.get("0" * 20, 1) is None
    assert pages.get(family[0].document_id, 0) is None
    assert pages.get(family[0].document_id, family[0].pages + 1) is None


def test_a_document_that_comes_later_is_found_then(family: list[GeneratedDocument]) -> None:
    shelf: dict[str, KnownDocument] = {}
    pages = ReferencePages(shelf.get, READER)
    assert pages.get(family[0].document_id, 1) is None
    shelf[family[0].document_id] = known(family[0])
    assert pages.get(family[0].document_id, 1) is not None


def test_threads_share_the_pages(family: list[GeneratedDocument]) -> None:
    pages = reference_pages(family)
    wanted = [(document.document_id, 1) for document in family[:3]] * 4
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda place: pages.get(*place), wanted))
    assert [(page.document_id, page.page) for page in found if page is not None] == wanted
    assert len({id(page) for page in found}) == 3
