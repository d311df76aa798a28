"""The print set: every copy in stapling order, each document from a front side on, nothing twice in the file."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pypdf import PdfReader

from docservice.bundles.print_set import print_set
from docservice.settings import PROJECT
from docservice.tools.typst import SupervisedTypst

_A4 = (595.2756, 841.8898)
_LARGE = 20_000


def document(*texts: str) -> bytes:
    """A tagged document with a page for each text, and a picture too large to be had twice."""
    pdf = pikepdf.new()
    picture = pdf.make_stream(os.urandom(_LARGE))
    for number, text in enumerate(texts):
        page = pdf.add_blank_page(page_size=_A4)
        page.obj.Contents = pdf.make_stream(text.encode())
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
        page.obj.StructParents = number
        page.obj.Tabs = pikepdf.Name.S
    pdf.Root.StructTreeRoot = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    pdf.docinfo["/Title"] = "Hilfeplan"
    output = BytesIO()
    pdf.save(output)
    return output.getvalue()


def shown(pdf: bytes) -> list[str]:
    """What each page shows; an empty text for a blank one."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [page.obj.Contents.read_bytes().decode() if "/Contents" in page else "" for page in opened.pages]


@pytest.mark.parametrize(
    ("duplex", "expected"),
    [
        (True, ["city", "", "a1", "", "b1", "b2", "family", "", "a1", "", "b1", "b2"]),
        (False, ["city", "a1", "b1", "b2", "family", "a1", "b1", "b2"]),
    ],
)
def test_each_copy_has_its_cover_and_all_documents(duplex: bool, expected: list[str]) -> None:
    documents = [document("a1"), document("b1", "b2")]
    joined = print_set(documents, covers=[document("city"), document("family")], duplex=duplex)
    assert shown(joined) == expected
    assert {tuple(map(float, page.mediabox)) for page in PdfReader(BytesIO(joined)).pages} == {(0, 0, *_A4)}


def test_copies_share_what_they_show() -> None:
    documents = [document("a1"), document("b1")]
    single = print_set(documents, covers=[None], duplex=False)
    assert len(print_set(documents, covers=[None] * 3, duplex=False)) < len(single) + _LARGE / 4


def test_it_is_not_tagged_and_says_nothing_about_itself() -> None:
    joined = PdfReader(BytesIO(print_set([document("a1")], covers=[None], duplex=True)))
    assert "/StructTreeRoot" not in joined.root_object
    assert not any(key in page for page in joined.pages for key in ("/StructParents", "/Tabs"))
    assert not joined.metadata


def test_the_same_documents_give_the_same_bytes() -> None:
    documents = [document("a1"), document("b1", "b2")]
    first, again = (print_set(documents, covers=[documents[0], None], duplex=True) for _ in range(2))
    assert first == again


def test_a_page_of_the_typesetter_looks_as_it_did(tmp_path: Path) -> None:
    (tmp_path / "layout.typ").write_text(
        '#set text(font: ("Noto Sans", "Noto Naskh Arabic"))\n#set document(title: "Seite")\n'
        '#for letters in ("Hilfeplan (1 0 R)", "خطة \\\\(2 0 R)") [#letters *#letters* #pagebreak(weak: true)]',
        encoding="utf-8",
    )
    engine = SupervisedTypst(tmp_path, PROJECT / "templates" / "fonts")
    try:
        single = engine.typeset(tmp_path / "layout.typ", {})
    finally:
        engine.close()
    once, twice = drawn(single), drawn(print_set([single], covers=[None, None], duplex=False))
    assert len(once) == 2
    assert twice == once * 2


def test_what_is_not_written_as_the_typesetter_writes_is_joined_as_well() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=_A4).obj.Resources = pikepdf.Dictionary(
        Properties=pikepdf.Dictionary(
            Said=pdf.make_indirect(pikepdf.Dictionary(Alt=pikepdf.String("(\\ 1 0 R) 2 0 R")))
        )
    )
    output = BytesIO()
    pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    with pikepdf.open(BytesIO(print_set([output.getvalue()], covers=[None], duplex=False))) as joined:
        assert str(joined.pages[0].obj.Resources.Properties.Said.Alt) == "(\\ 1 0 R) 2 0 R"


def drawn(pdf: bytes) -> list[bytes]:
    """The pixels of each page."""
    return [bytes(page.render().buffer) for page in pypdfium2.PdfDocument(pdf)]
