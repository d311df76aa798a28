"""The finished PDF: what stands where, what comes back from it, and that veraPDF agrees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from docservice.bundles.typeset import typeset
from docservice.domain.documents import Document, Heading, Typeset
from docservice.domain.errors import DocserviceError
from docservice.domain.page_codes import PageCode
from docservice.tools.codes import CodeDrawer, CodeReader, Raster
from docservice.tools.typst import LaidOut, SupervisedTypst, fast_allocator
from tests.support.sample_documents import LONG_NAME, PARTIES, agreement, annex, samples
from tests.support.verapdf import validate

TEMPLATES = Path(__file__).parents[3] / "templates"
DOCUMENT_ID = "0123456789ABCDEFGHJK"
SAMPLES = samples()


@pytest.fixture(scope="module")
def typst() -> Iterator[SupervisedTypst]:
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    yield engine
    engine.close()


def layout(document: Document) -> Path:
    return TEMPLATES / "pdf" / f"{document.template}.typ"


def finished(document: Document, engine: SupervisedTypst) -> Typeset:
    return typeset(document, DOCUMENT_ID, layout(document), engine, CodeDrawer())


def page_of(pdf: bytes, number: int, scale: float = 3) -> Raster:
    document = pypdfium2.PdfDocument(pdf)
    bitmap = document[number - 1].render(scale=scale, grayscale=True)
    view = memoryview(bitmap.buffer).cast("B")
    rows = [bytes(view[y * bitmap.stride : y * bitmap.stride + bitmap.width]) for y in range(bitmap.height)]
    return Raster(b"".join(rows), bitmap.width, bitmap.height)


def texts_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def ink(page: Raster, rect: tuple[float, float, float, float], scale: float = 3) -> int:
    """Dark pixels inside a rectangle of points (origin bottom-left), half a point inside its edges."""
    x0, x1 = round((rect[0] + 0.5) * scale), round((rect[2] - 0.5) * scale)
    top, bottom = round(page.height - (rect[3] - 0.5) * scale), round(page.height - (rect[1] + 0.5) * scale)
    rows = (page.pixels[y * page.width + x0 : y * page.width + x1] for y in range(top, bottom))
    return sum(pixel < 200 for row in rows for pixel in row)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_page_carries_its_own_code_twice(name: str, typst: SupervisedTypst) -> None:
    result = finished(SAMPLES[name], typst)
    for number in range(1, result.pages + 1):
        payload = PageCode(DOCUMENT_ID, number).payload()
        assert CodeReader().read(page_of(result.pdf, number, 2)) == [payload, payload]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_zone_is_empty_roomy_and_ends_at_its_line(name: str, typst: SupervisedTypst) -> None:
    document = SAMPLES[name]
    result = finished(document, typst)
    assert [zone.zone_id for zone in result.zones] == [zone.zone_id for zone in document.zones]
    for zone in result.zones:
        x0, y0, x1, y1 = zone.rect
        page = page_of(result.pdf, zone.page)
        assert x1 - x0 >= 70 / 25.4 * 72
        assert y1 - y0 >= 16 / 25.4 * 72
        assert ink(page, zone.rect) == 0
        assert ink(page, (x0, y0 - 2, x1, y0 + 1.5)) > 500  # the line itself


def test_the_same_document_gives_the_same_bytes_from_another_process(typst: SupervisedTypst) -> None:
    other = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    try:
        for document in (SAMPLES["agreement-ar"], SAMPLES["full-plan"]):
            assert finished(document, typst) == finished(document, other)
    finally:
        other.close()


@pytest.mark.needs("jemalloc")
def test_jemalloc_gives_the_same_bytes(typst: SupervisedTypst) -> None:
    library = fast_allocator()
    assert library is not None
    other = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts", allocator=library)
    try:
        assert finished(SAMPLES["agreement-ru"], typst) == finished(SAMPLES["agreement-ru"], other)
        assert library.resolve().name in Path(f"/proc/{other.pid}/maps").read_text()
    finally:
        other.close()


def test_pages_are_counted_in_the_footer(typst: SupervisedTypst) -> None:
    result = finished(SAMPLES["help_plan-ru"], typst)
    for number, text in enumerate(texts_of(result.pdf), start=1):
        assert f"Seite {number} von {result.pages}" in text


def test_the_column_headers_are_repeated_on_each_page_of_clauses(typst: SupervisedTypst) -> None:
    first, second, *_ = texts_of(finished(SAMPLES["agreement-ru"], typst).pdf)
    assert "Перевод на русский язык" in first
    assert "Перевод на русский язык" in second


@pytest.mark.parametrize("steps", range(3, 16))
@pytest.mark.parametrize("language", [None, "ru"])
def test_the_signatures_never_stand_alone(steps: int, language: str | None, typst: SupervisedTypst) -> None:
    document = annex(language, steps=steps)
    result = finished(document, typst)
    text = texts_of(result.pdf)[result.zones[0].page - 1]
    body = text.split("Dortmund, den 3. Dezember 2026")[0]
    assert body.count("\r\n") >= 3, body  # the page head, and at least two lines of the table


def test_zones_are_never_torn_and_the_first_row_stands_with_place_and_date(typst: SupervisedTypst) -> None:
    result = finished(SAMPLES["seven-parties"], typst)
    pages = texts_of(result.pdf)
    assert "Dortmund, den 3. Dezember 2026" in pages[result.zones[0].page - 1]
    for document_zone, zone in zip(SAMPLES["seven-parties"].zones, result.zones, strict=True):
        assert document_zone.label.de[:22] in pages[zone.page - 1]
        assert zone.rect[1] > 95  # above the page foot, with its label


@pytest.mark.parametrize("name", ["long-name", "hard-values", "full-plan", "seven-parties", "many-steps"])
def test_nothing_is_printed_beyond_the_margins(name: str, typst: SupervisedTypst) -> None:
    result = finished(SAMPLES[name], typst)
    left = right = 22 / 25.4 * 72
    for number in range(1, result.pages + 1):
        page = page_of(result.pdf, number)
        width, height = page.width / 3, page.height / 3
        assert ink(page, (0, 0, left - 1, height)) == 0
        assert ink(page, (width - right + 1, 0, width, height)) == 0


def test_a_word_no_hyphenation_parts_is_broken_inside_its_column(typst: SupervisedTypst) -> None:
    word = "XQXZKRTP" * 9
    document = agreement("ru", (word, f"Frau {LONG_NAME}"), extra=(word * 3,))
    result = finished(document, typst)
    page = page_of(result.pdf, 1)
    assert ink(page, (page.width / 3 - 61, 100, page.width / 3, 740)) == 0
    assert word in "".join("".join(texts_of(result.pdf)).replace("\ufffe", "").split())


def test_more_pages_than_codes_supplied_all_get_codes(typst: SupervisedTypst) -> None:
    document = annex("ru", steps=120)
    result = finished(document, typst)
    assert result.pages > 5
    assert (
        CodeReader().read(page_of(result.pdf, result.pages, 2)) == [PageCode(DOCUMENT_ID, result.pages).payload()] * 2
    )


class Loser:
    """A typesetter that loses a zone."""

    def lay_out(self, layout: Path, data: dict[str, Any]) -> LaidOut:
        return LaidOut(1, ())

    def typeset(self, layout: Path, data: dict[str, Any]) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing to end."""


def test_a_layout_that_loses_a_zone_is_an_error() -> None:
    document = agreement()
    with pytest.raises(DocserviceError) as raised:
        typeset(document, DOCUMENT_ID, layout(document), Loser(), CodeDrawer())  # type: ignore[arg-type]
    assert raised.value.code == "typeset_failed"
    assert "party-1" in raised.value.detail
    assert not any(name in raised.value.detail for name in PARTIES)


@pytest.mark.needs("verapdf")
@pytest.mark.timeout(240)
def test_verapdf_passes_every_sample(typst: SupervisedTypst, tmp_path: Path) -> None:
    files = []
    for name, document in SAMPLES.items():
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(finished(document, typst).pdf)
    verdicts = validate(files)
    assert len(verdicts) == 2 * len(files)
    assert [verdict for verdict in verdicts if verdict.faults] == []


def test_a_skipped_heading_level_is_mended(typst: SupervisedTypst) -> None:
    document = SAMPLES["help_plan-ru"]
    blocks = tuple(replace(block, level=3) if isinstance(block, Heading) else block for block in document.blocks)
    assert finished(replace(document, blocks=blocks), typst).pages >= 2
