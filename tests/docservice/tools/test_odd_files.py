"""Whole files are read, however strange they are: their pixels count, and what was odd or not read is said."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from docservice.tools.untrusted.picture_hints import HINTS, hint_sentence
from docservice.tools.untrusted.pictures import FileRefused, Picture, PictureFiles
from tests.support.hostile_files import jpeg_object, one_page, page_of_print, saved
from tests.support.odd_files import BLACK, FAX, GREY, HEIGHT, ODD, WIDTH, Odd, jpeg, jpeg_in_pdf, with_data, without_end

FILES = PictureFiles()


@pytest.fixture
def keep(tmp_path: Path) -> Callable[[bytes], Path]:
    def kept(data: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(data)
        return path

    return kept


def likeness(picture: Picture) -> float:
    """Mean difference from the page that all odd files show, in grey levels."""
    seen = cv2.resize(picture.grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return float(np.abs(seen.astype(float) - np.asarray(GREY)).mean())


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_a_whole_file_is_read_with_all_its_pages_and_what_is_odd_is_said(
    keep: Callable[[bytes], Path], odd: Odd
) -> None:
    path = keep(odd.make())
    facts = FILES.inspect(path)
    pages = list(FILES.pages(path))
    assert facts.pages == len(pages) == odd.pages
    hints = set(facts.hints)
    for page in pages:
        assert isinstance(page, Picture), (page.code, page.fault)
        assert likeness(page) < 14
        assert page.dpi is None or 59 < page.dpi < 650
        hints |= set(page.hints)
    assert hints == set(odd.hints)


def test_each_hint_is_a_sentence_in_both_languages() -> None:
    assert {hint for odd in ODD for hint in odd.hints} == HINTS
    for code in HINTS:
        for page in (None, 4):
            said = hint_sentence(code, page)
            assert said.en.startswith("The file " if page is None else "Page 5 ")
            assert said.de.startswith("Die Datei " if page is None else "Seite 5 ")
            assert said.en.endswith(".")
            assert said.de.endswith(".")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.98])
def test_a_file_that_is_cut_is_not_taken_for_a_whole_one(keep: Callable[[bytes], Path], share: float) -> None:
    for data in (jpeg(), jpeg(progressive=True), jpeg_in_pdf(jpeg())):
        assert codes(keep(data[: int(len(data) * share)])) == ["truncated"]
    picture = jpeg()
    assert codes(keep(jpeg_in_pdf(picture[: int(len(picture) * share)]))) == ["truncated"]


def test_a_cut_revision_is_not_the_revision_before(keep: Callable[[bytes], Path]) -> None:
    later = b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n9 0 obj\n<</Leng"
    assert codes(keep(jpeg_in_pdf(jpeg()) + later)) == ["truncated"]
    assert codes(keep(without_end(jpeg_in_pdf(jpeg())) + later)) == ["truncated"]


def test_a_page_of_few_pixels_is_not_too_large_and_one_of_many_is(keep: Callable[[bytes], Path]) -> None:
    small = b"q 595 0 0 842 0 0 cm /Im0 Do Q"
    (refused,) = FILES.pages(keep(one_page(small, image=jpeg_object(page_of_print()), box=b"0 0 14174 14174")))
    assert isinstance(refused, FileRefused)
    assert refused.code == "page_too_large"
    assert "5 m, at most 1.2 m" in refused.detail
    assert codes(keep(one_page(b"0 g 3000 3000 999 999 re f", box=b"0 0 14174 14174"))) == ["pixels"]


def test_a_page_of_one_bit_in_1200_dpi_is_made_smaller_and_stays_black_and_white(keep: Callable[[bytes], Path]) -> None:
    huge = BLACK.resize((9921, 14032))
    fax = saved(huge, "TIFF", compression="group4", dpi=(1200, 1200), tiffinfo={278: 14032})
    Image.MAX_IMAGE_PIXELS, before = None, Image.MAX_IMAGE_PIXELS
    with Image.open(io.BytesIO(fax)) as image:
        (start,), (size,) = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
    Image.MAX_IMAGE_PIXELS = before
    sizes = (b"%d/Rows %d" % size for size in ((WIDTH, HEIGHT), huge.size))
    entries = b"/BitsPerComponent 1/ColorSpace/DeviceGray" + FAX.replace(next(sizes), next(sizes))
    picture = with_data(fax[start : start + size], entries).replace(
        b"/Width 496/Height 702", b"/Width 9921/Height 14032"
    )
    for data in (fax, one_page(image=picture), saved(huge, "PNG", compress_level=1)):
        (page,) = FILES.pages(keep(data))
        assert isinstance(page, Picture), page
        assert page.bilevel
        assert page.pixels.size < 40_000_000
        assert likeness(page) < 25


def test_a_large_picture_in_jpeg_2000_is_read_in_time(keep: Callable[[bytes], Path]) -> None:
    noise = np.random.default_rng(3).integers(-2, 3, (7016, 4961), np.int16)
    page = np.asarray(GREY.resize((4961, 7016)), np.int16) + noise
    encoded = saved(Image.fromarray(page.clip(0, 255).astype(np.uint8)), "JPEG2000", irreversible=False)
    picture = with_data(encoded, b"/Filter/JPXDecode").replace(b"/Width 496/Height 702", b"/Width 4961/Height 7016")
    (read,) = FILES.pages(keep(one_page(image=picture)))
    assert isinstance(read, Picture), read.code
    assert read.pixels.shape[0] > 3400
    assert likeness(read) < 14
    cut = with_data(encoded[: len(encoded) // 2], b"/Filter/JPXDecode")
    assert codes(keep(one_page(image=cut))) == ["truncated"]


# --- What goes wrong in this program is not put down to the file

BROKEN = """
import sys
from docservice.tools.child import {module}
from docservice.tools.child import picture_child
def fails(*_):
    {fault}
{module}.{name} = fails
sys.argv = ["-c", sys.argv[1]]
picture_child.main()
"""


@pytest.mark.parametrize("fault", ["return 1 + ''", "import xml.dom.expatbuilder", "return b'a'.decode('cp500')"])
@pytest.mark.parametrize("kind", ["PDF", "PNG"])
def test_a_fault_of_ours_is_never_a_damaged_file(keep: Callable[[bytes], Path], fault: str, kind: str) -> None:
    module, name = ("pdfium_pages", "only_image") if kind == "PDF" else ("pillow_pages", "_reduced")
    child = BROKEN.format(module=module, name=name, fault=fault)
    path = keep(jpeg_in_pdf(jpeg()) if kind == "PDF" else saved(GREY, "PNG"))
    (refused,) = PictureFiles(command=(sys.executable, "-c", child)).pages(path)
    assert isinstance(refused, FileRefused)
    assert refused.code == "reader_fault"
    assert refused.fault.startswith("TypeError at " if fault.startswith("return 1") else "LateImport at ")
    assert "fault of this program, not of the file" in refused.detail
    assert "Fehlers dieses Programms" in refused.detail_de


def test_a_reader_that_cannot_even_start_is_no_damaged_file(keep: Callable[[bytes], Path]) -> None:
    files = PictureFiles(command=(sys.executable, "-c", "import no_such_module"))
    with pytest.raises(FileRefused) as refused:
        files.inspect(keep(jpeg()))
    assert refused.value.code == "reader_fault"


def test_what_a_reader_says_of_its_fault_is_logged_only_as_class_and_place(keep: Callable[[bytes], Path]) -> None:
    says = "import json, os, struct\n"
    says += (
        "for told in ({'pages': 1}, {'refused': 'reader_fault', 'found': 0, 'limit': 0, 'fault': 'Ana was here'}):\n"
    )
    says += "    text = json.dumps(told).encode()\n    os.write(1, struct.pack('>II', len(text), 0) + text)\n"
    (refused,) = PictureFiles(command=(sys.executable, "-c", says)).pages(keep(jpeg()))
    assert isinstance(refused, FileRefused)
    assert (refused.code, refused.fault) == ("reader_fault", "")


def codes(path: Path) -> list[str]:
    """What becomes of the pages of a file, or of all of it."""
    try:
        return ["pixels" if isinstance(page, Picture) else page.code for page in FILES.pages(path)]
    except FileRefused as refused:
        return [refused.code]
