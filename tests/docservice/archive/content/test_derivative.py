"""The readable copy: it looks like the scan, reads like the printed page, and is PDF/A-2b."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pikepdf
import pypdf
import pypdfium2
import pytest

from docservice.archive.content.derivative import derive
from docservice.archive.content.model import Derivative, SourcePage, TextSource
from docservice.bundles.typeset import typeset
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import Registration
from docservice.tools.codes import CodeDrawer
from docservice.tools.tesseract import Tesseract
from docservice.tools.typst import SupervisedTypst
from tests.support.archive_office import BILEVEL, COLOUR, GREY, Sheet, scanned
from tests.support.content import CASES, TEMPLATES, TODAY, document, fixture_case, library
from tests.support.verapdf import validate

AT = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
ID = "0123456789ABCDEFGHJK"
NO_OCR = Tesseract(None)


@pytest.fixture(scope="module")
def printed() -> dict[str, bytes]:
    """Printed agreements by their second language."""
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    made = {}
    for name, language in (("01-miller", "ru"), ("05-dhahabi", "ar"), ("12-hard-names", "pl")):
        case = fixture_case(CASES / f"{name}.json")
        layout = library().select(Kind.AGREEMENT, case.agreement.date or TODAY).pdf
        made[language] = typeset(document(Kind.AGREEMENT, case, language), ID, layout, engine, CodeDrawer()).pdf
    engine.close()
    return made


def derived(pdf: bytes, *sheets: Sheet, ocr: Tesseract = NO_OCR) -> Derivative:
    return derive((source(pdf, sheet) for sheet in sheets), pdf, ID, AT, ocr)


def source(pdf: bytes, sheet: Sheet) -> SourcePage:
    scan = scanned(pdf, sheet)
    known = None if sheet.lost else Registration(scan.page_to_scan, 0.95, 40)
    return SourcePage(sheet.page, scan.picture, 90 * sheet.quarter, known)


def sheets(pdf: bytes, **how: object) -> list[Sheet]:
    count = len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return [Sheet(ID, page, **how) for page in range(1, count + 1)]  # type: ignore[arg-type]


def texts_pypdf(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def texts_pdfium(pdf: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(pdf)
    found = [page.get_textpage().get_text_range() for page in opened]
    opened.close()
    return found


def drawn(pdf: bytes, number: int = 0) -> np.ndarray:
    opened = pypdfium2.PdfDocument(pdf)
    pixels = np.array(opened[number].render(scale=1, grayscale=True).to_numpy())
    opened.close()
    return pixels


@pytest.mark.parametrize("language", ["ru", "ar", "pl"])
def test_the_text_is_the_printed_one_letter_for_letter(printed: dict[str, bytes], language: str) -> None:
    """However the sheets lay in the scanner."""
    pdf = printed[language]
    how = [{"tilt": 1.7}, {"tilt": -2.4, "quarter": 2}, {"quarter": 1}, {"lean": 0.0003}]
    laid = [replace(sheet, **how[number % 4]) for number, sheet in enumerate(sheets(pdf))]  # type: ignore[arg-type]
    result = derived(pdf, *laid)
    assert texts_pypdf(result.pdf) == texts_pypdf(pdf)
    assert texts_pdfium(result.pdf) == texts_pdfium(pdf)
    assert [page.text for page in result.pages] == [TextSource.COPIED] * len(laid)


@pytest.mark.parametrize(
    "how",
    [{"tilt": 3.0}, {"quarter": 2, "tilt": -1.0}, {"quarter": 1}, {"quarter": 3}, {"lean": 0.0004, "tilt": 2.0}],
    ids=["skew", "upside down", "left", "right", "photo"],
)
def test_the_words_lie_on_the_words(printed: dict[str, bytes], how: dict[str, float]) -> None:
    """Where the extraction says that a letter stands, the drawn page is dark; a few points beside it, often not."""
    pdf = printed["ru"]
    result = derived(pdf, replace(Sheet(ID, 1, dpi=150), **how))  # type: ignore[arg-type]
    assert dark_letters(result.pdf) > 0.985
    assert dark_letters(result.pdf, beside=7) < 0.9


def dark_letters(pdf: bytes, beside: float = 0) -> float:
    """The share of the letters of the first page whose box, moved up by so many points, has ink in it."""
    opened = pypdfium2.PdfDocument(pdf)
    page = opened[0]
    pixels = np.array(page.render(scale=2, grayscale=True).to_numpy())
    letters = page.get_textpage()
    inked = []
    for index in range(letters.count_chars()):
        if letters.get_text_range(index, 1).isalpha():
            left, bottom, right, top = (2 * side for side in letters.get_charbox(index))
            first = int(len(pixels) - top - 2 * beside)
            box = pixels[first : first + round(top - bottom), int(left) : round(right)]
            inked.append(box.size > 0 and box.min() < 170)
    opened.close()
    assert len(inked) > 800
    return float(np.mean(inked))


def test_nothing_of_the_text_layer_shows(printed: dict[str, bytes]) -> None:
    pdf = printed["ar"]
    scan = scanned(pdf, Sheet(ID, 1, tilt=1.0))
    white = replace(scan.picture, pixels=np.full_like(scan.picture.pixels, 255))
    page = SourcePage(1, white, 0, Registration(scan.page_to_scan, 0.95, 40))
    result = derive([page], pdf, ID, AT, NO_OCR)
    assert drawn(result.pdf).min() > 250
    assert texts_pypdf(result.pdf) == texts_pypdf(pdf)[:1]


def test_pages_come_in_their_order_however_they_were_scanned(printed: dict[str, bytes]) -> None:
    pdf = printed["ru"]
    result = derived(pdf, *reversed(sheets(pdf)))
    assert [page.page for page in result.pages] == [1, 2, 3]
    assert texts_pypdf(result.pdf) == texts_pypdf(pdf)


def test_a_scan_is_not_resampled_and_keeps_all_its_pixels(printed: dict[str, bytes]) -> None:
    pdf = printed["ru"]
    for mode, colours in ((GREY, 1), (COLOUR, 3), (BILEVEL, 1)):
        scan = scanned(pdf, Sheet(ID, 1, tilt=2.0, quarter=1, mode=mode))
        result = derived(pdf, scan.sheet)
        assert not result.pages[0].straightened
        with pikepdf.Pdf.open(io.BytesIO(result.pdf)) as opened:
            image = opened.pages[0].obj.Resources.XObject.Scan
            assert isinstance(image, pikepdf.Stream)
            pixels = np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("L" if colours == 1 else "RGB"))
        assert pixels.shape == scan.picture.pixels.shape
        assert np.abs(pixels.astype(int) - scan.picture.pixels).mean() < (1e-9 if mode == BILEVEL else 2.0)


def test_a_photo_is_straightened_once(printed: dict[str, bytes]) -> None:
    pdf = printed["ru"]
    result = derived(pdf, Sheet(ID, 1, dpi=150, lean=0.0004))
    assert result.pages[0].straightened
    width, height = drawn(result.pdf).shape[::-1]
    assert (width, height) == pytest.approx((595 + 28, 842 + 28), abs=2)


def test_the_same_scan_gives_the_same_bytes(printed: dict[str, bytes]) -> None:
    pdf = printed["ru"]
    laid = [
        replace(sheet, tilt=1.0, mode=mode) for sheet, mode in zip(sheets(pdf), (GREY, BILEVEL, COLOUR), strict=True)
    ]
    assert derived(pdf, *laid).pdf == derived(pdf, *laid).pdf


def test_a_page_that_could_not_be_registered_has_no_text_but_stands_upright(printed: dict[str, bytes]) -> None:
    pdf = printed["ru"]
    straight = drawn(derived(pdf, Sheet(ID, 1)).pdf)
    for quarter in range(4):
        result = derived(pdf, Sheet(ID, 1, lost=True, quarter=quarter))
        assert result.pages[0].text is TextSource.NONE
        assert texts_pypdf(result.pdf) == [""]
        pixels = drawn(result.pdf)
        rows, columns = (min(sides) for sides in zip(pixels.shape, straight.shape, strict=True))
        assert abs(rows - 842) < 3
        difference = np.abs(pixels[:rows, :columns].astype(int) - straight[:rows, :columns])
        assert difference.mean() < 12


@pytest.mark.parametrize("broken", [0.0, float("nan"), 1e12])
def test_a_senseless_registration_is_not_used(printed: dict[str, bytes], broken: float) -> None:
    pdf = printed["ru"]
    scan = scanned(pdf, Sheet(ID, 1))
    page = SourcePage(1, scan.picture, 0, Registration((broken,) * 9, 0.1, 4))
    result = derive([page], pdf, ID, AT, NO_OCR)
    assert result.pages[0].text is TextSource.NONE


@pytest.mark.needs("tesseract")
def test_text_of_an_unknown_page_is_recognised_where_ocr_is_installed(printed: dict[str, bytes]) -> None:
    ocr = Tesseract(shutil.which("tesseract"), ("de",))
    result = derived(printed["ru"], Sheet(ID, 1, dpi=110, lost=True, quarter=2), ocr=ocr)
    assert result.pages[0].text is TextSource.RECOGNISED
    assert "Integrationsvereinbarung" in texts_pdfium(result.pdf)[0]


@pytest.mark.needs("verapdf")
def test_vera_pdf_finds_nothing_to_complain_of(printed: dict[str, bytes], tmp_path: Path) -> None:
    files = []
    for language, pdf in printed.items():
        how = [{"tilt": 1.0}, {"mode": BILEVEL, "quarter": 2}, {"mode": COLOUR, "lean": 0.0003}, {"lost": True}]
        laid = [replace(sheet, **how[number % 4]) for number, sheet in enumerate(sheets(pdf))]  # type: ignore[arg-type]
        files.append(tmp_path / f"{language}.pdf")
        files[-1].write_bytes(derived(pdf, *laid, Sheet(ID, 1, lost=True)).pdf)
    assert [verdict.faults for verdict in validate(files, ("2b",))] == [()] * len(files)


def test_it_says_what_it_is_and_carries_nothing_active(printed: dict[str, bytes]) -> None:
    result = derived(printed["ru"], Sheet(ID, 1))
    with pikepdf.Pdf.open(io.BytesIO(result.pdf)) as opened:
        assert set(opened.Root.keys()) == {
            "/Type", "/Pages", "/OutputIntents", "/Lang", "/ViewerPreferences", "/Metadata",
        }  # fmt: skip
        said = opened.Root.Metadata.read_bytes().decode()
        assert "Aus dem Scan abgeleitete Lesefassung" in said
        assert f"document {ID}" in said
        assert set(opened.pages[0].obj.keys()) <= {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
