"""The print set: every copy in stapling order, each document from a front side on, nothing twice in the file."""

from __future__ import annotations

import os
from io import BytesIO

import pikepdf
import pytest
from pypdf import PdfReader

from docservice.bundles.print_set import print_set

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
