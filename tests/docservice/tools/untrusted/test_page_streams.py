"""Single pages out of strangers' PDFs: the encoded picture bit by bit, and nothing else of the file."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from docservice.tools.untrusted.page_streams import PageStream, PageStreams

PICTURES = [bytes([number]) * 300 for number in range(1, 6)]  # the bytes of a picture need not make sense here
PLACED = b"q 595 0 0 842 0 0 cm /Im Do Q"


def stack(folder: Path, change: Callable[[Pdf, pikepdf.Page], None] | None = None, content: bytes = PLACED) -> Path:
    """A scanner's PDF; `change` is done to its third page."""
    path = folder / "stack.pdf"
    with Pdf.new() as pdf:
        for data in PICTURES:
            picture = Stream(pdf, data)
            picture.Type, picture.Subtype, picture.Filter = Name.XObject, Name.Image, Name.DCTDecode
            picture.Width, picture.Height, picture.BitsPerComponent = 10, 10, 8
            picture.ColorSpace = Name.DeviceGray
            picture.Metadata = pdf.make_stream(b"a secret of the scanner")
            page = pdf.add_blank_page(page_size=(595, 842))
            page.obj.Resources = Dictionary(XObject=Dictionary(Im=pdf.make_indirect(picture)))
            page.obj.Contents = Stream(pdf, content)
        pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
        if change is not None:
            change(pdf, pdf.pages[2])
        pdf.save(path)
    return path


def taken(path: Path, *positions: int) -> list[PageStream]:
    return list(PageStreams().take(path, positions))


def test_a_page_comes_out_with_the_bytes_it_has_in_the_file_and_nothing_else(tmp_path: Path) -> None:
    found = taken(stack(tmp_path), 3, 1)
    assert [page.position for page in found] == [3, 1]
    for page in found:
        data = PICTURES[page.position]
        assert page.stream_sha256 == hashlib.sha256(data).hexdigest()
        with Pdf.open(io.BytesIO(page.pdf)) as alone:
            (only,) = alone.pages
            assert only.obj.Resources.XObject.Im.read_raw_bytes() == data
            assert only.obj.Contents.read_bytes().split() == PLACED.split()
            assert "/OpenAction" not in alone.Root
        assert b"secret" not in page.pdf
        for other in PICTURES[: page.position] + PICTURES[page.position + 1 :]:
            assert other[:50] not in page.pdf


def test_the_same_page_gives_the_same_bytes(tmp_path: Path) -> None:
    path = stack(tmp_path)
    assert taken(path, 2) == taken(path, 2)


def test_text_that_cannot_be_seen_does_not_matter(tmp_path: Path) -> None:
    assert taken(stack(tmp_path, content=b"BT 3 Tr /F 10 Tf (recognised) Tj ET " + PLACED), 0)
    assert not taken(stack(tmp_path, content=b"BT /F 10 Tf (visible) Tj ET " + PLACED), 0)


@pytest.mark.parametrize(
    ("content", "invisible"),
    [
        (b"q BT 3 Tr /F 10 Tf (recognised) Tj ET Q BT /F 40 Tf (stamp) Tj ET", False),
        (b"3 Tr q 0 Tr Q BT /F 10 Tf (recognised) Tj ET", True),
        (b"q q 3 Tr Q BT (stamp) Tj ET Q", False),
        (b"Q Q 3 Tr BT (recognised) Tj ET Q BT (recognised) Tj ET", True),
    ],
)
def test_how_text_is_drawn_ends_with_the_state_it_belongs_to(
    tmp_path: Path, content: bytes, *, invisible: bool
) -> None:
    assert bool(taken(stack(tmp_path, content=PLACED + b" " + content), 0)) == invisible


def annotated(pdf: Pdf, page: pikepdf.Page) -> None:
    page.obj.Annots = Array([pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Stamp))])


def drawn_over(pdf: Pdf, page: pikepdf.Page) -> None:
    page.obj.Contents = Stream(pdf, PLACED + b" 0 0 100 100 re f")


def twice(pdf: Pdf, page: pikepdf.Page) -> None:
    page.obj.Contents = Stream(pdf, PLACED + b" " + PLACED)


def masked(pdf: Pdf, page: pikepdf.Page) -> None:
    page.obj.Resources.XObject.Im.SMask = page.obj.Resources.XObject.Im


def with_shared_code_words(pdf: Pdf, page: pikepdf.Page) -> None:
    page.obj.Resources.XObject.Im.Filter = Name.JBIG2Decode
    page.obj.Resources.XObject.Im.DecodeParms = Dictionary(JBIG2Globals=pdf.make_stream(b"words of all pages"))


def a_form(pdf: Pdf, page: pikepdf.Page) -> None:
    page.obj.Resources.XObject.Im.Subtype = Name.Form


def without_resources(pdf: Pdf, page: pikepdf.Page) -> None:
    del page.obj.Resources


def nonsense(pdf: Pdf, page: pikepdf.Page) -> None:
    page.obj.Contents = Stream(pdf, b"q (unfinished [ << 1 0 0")


@pytest.mark.parametrize(
    "change", [annotated, drawn_over, twice, masked, with_shared_code_words, a_form, without_resources, nonsense]
)
def test_a_page_that_is_more_than_one_picture_is_left_out_and_its_neighbours_are_not(
    tmp_path: Path, change: Callable[[Pdf, pikepdf.Page], None]
) -> None:
    found = taken(stack(tmp_path, change), 1, 2, 3, 99)
    assert [page.position for page in found] == [1, 3]


@pytest.mark.parametrize("data", [b"", b"no PDF", b"%PDF-1.7\n" + b"[" * 500_000, b"%PDF-1.7\n%%EOF"])
def test_what_is_no_sound_pdf_gives_nothing_and_takes_no_time(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(data)
    start = time.monotonic()
    assert taken(path, 0) == []
    assert time.monotonic() - start < 10
