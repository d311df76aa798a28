"""What a screen reader finds in a finished PDF: its tagged structure with the texts in reading order.

`python -m tests.support.structure` writes the golden files anew; look at the difference before you keep it.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from docservice.bundles.typeset import typeset
from docservice.domain.kinds import Kind
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst
from tests.support.content import CASES, ROOT, TEMPLATES, document, fixture_case

GOLDEN = ROOT / "fixtures" / "golden"
DUMPS = ((Kind.AGREEMENT, None), (Kind.AGREEMENT, "ru"), (Kind.ANNEX, "ru"), (Kind.HELP_PLAN, "ru"))
_DAY = date(2027, 1, 15)
_Texts = dict[tuple[tuple[int, int], int], str]  # by page object and the number of the marked content


def golden_file(kind: Kind, code: str | None) -> Path:
    """Where the structure of one kind in one language is kept."""
    return GOLDEN / f"structure-{kind.value}-{code or 'de'}.txt"


def miller(kind: Kind, code: str | None, engine: SupervisedTypst) -> bytes:
    """The PDF whose structure is kept: a document of the Miller family."""
    case = fixture_case(CASES / "01-miller.json")
    tree = document(kind, replace(case, agreement=replace(case.agreement, date=_DAY)), code, _DAY)
    layout = TEMPLATES / "pdf" / f"{tree.template}.typ"
    return typeset(tree, "0123456789ABCDEFGHJK", layout, engine, CodeDrawer()).pdf


def structure(pdf: bytes) -> str:
    """One line for each element of the structure, indented by depth: its role, a header cell's scope, the language
    where it changes, and its text."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        texts = _texts(pdf, opened)
        return "".join(f"{line}\n" for root in _kids(opened.Root.StructTreeRoot) for line in _lines(root, texts, 0))


def _texts(pdf: bytes, opened: pikepdf.Pdf) -> _Texts:
    found: _Texts = {}
    for page, parsed in zip(pypdfium2.PdfDocument(pdf), opened.pages, strict=True):
        letters = page.get_textpage()
        for index in range(pdfium.FPDFPage_CountObjects(page)):
            drawn = pdfium.FPDFPage_GetObject(page, index)
            mark = pdfium.FPDFPageObj_GetMarkedContentID(drawn)
            if mark >= 0 and pdfium.FPDFPageObj_GetType(drawn) == pdfium.FPDF_PAGEOBJ_TEXT:
                key = (parsed.obj.objgen, mark)
                found[key] = found.get(key, _language(drawn)) + _text(drawn, letters)
    return found


def _language(drawn: object) -> str:
    """The language that the marked content names itself, as text that stands before it."""
    held, length = (ctypes.c_ushort * 16)(), ctypes.c_ulong()
    for index in range(pdfium.FPDFPageObj_CountMarks(drawn)):
        mark = pdfium.FPDFPageObj_GetMark(drawn, index)
        if pdfium.FPDFPageObjMark_GetParamStringValue(mark, b"Lang", held, ctypes.sizeof(held), length):
            return f"({bytes(held)[: length.value].decode('utf-16-le').rstrip(chr(0))}) "
    return ""


def _text(drawn: object, letters: pypdfium2.PdfTextPage) -> str:
    length = pdfium.FPDFTextObj_GetText(drawn, letters, None, 0)
    held = (ctypes.c_ushort * (length // 2))()
    pdfium.FPDFTextObj_GetText(drawn, letters, held, length)
    return bytes(held).decode("utf-16-le").rstrip("\0")


def _kids(element: pikepdf.Object) -> list[pikepdf.Object]:
    kids: Any = element.get("/K", [])
    return list(kids) if isinstance(kids, (pikepdf.Array, list)) else [kids]


def _lines(element: pikepdf.Object, texts: _Texts, depth: int) -> Iterator[str]:
    shown = [str(element.S)[1:], *_scope(element), *([f"({element.Lang})"] if "/Lang" in element else [])]
    said = ""
    below: list[str] = []
    for kid in _kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            below += _lines(kid, texts, depth + 1)
        elif below:
            below.append("  " * (depth + 1) + _said(kid, element, texts).strip())
        else:
            said += _said(kid, element, texts)
    yield "  " * depth + " ".join([*shown, said.strip()]).rstrip()
    yield from (line for line in below if line.strip())


def _said(content: pikepdf.Object, element: pikepdf.Object, texts: _Texts) -> str:
    """The text of a marked content: a number, or a reference with its own page."""
    if isinstance(content, pikepdf.Dictionary):
        page: Any = content.get("/Pg", element.get("/Pg"))
        return texts.get((page.objgen, int(content.get("/MCID", -1))), "")
    return texts.get((element.Pg.objgen, int(content)), "")


def _scope(cell: pikepdf.Object) -> list[str]:
    attributes: Any = cell.get("/A", [])
    known = [attributes] if isinstance(attributes, pikepdf.Dictionary) else list(attributes)
    return [f"[{str(entry.Scope)[1:].lower()}]" for entry in known if "/Scope" in entry]


def main() -> None:
    """Write the golden files."""
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    try:
        for kind, code in DUMPS:
            golden_file(kind, code).write_text(structure(miller(kind, code, engine)), encoding="utf-8")
    finally:
        engine.close()


if __name__ == "__main__":
    main()
