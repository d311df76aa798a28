"""What is looked at without colour profiles is the same file: nothing moves, and nothing looks different."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2

from docservice.bundles.pdf.plain_pdf import without_profiles
from docservice.bundles.typeset import typeset
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst
from tests.support.sample_documents import agreement

TEMPLATES = Path(__file__).parents[4] / "templates"


def test_a_page_without_profiles_looks_the_same() -> None:
    document = agreement()
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    try:
        layout = TEMPLATES / "pdf" / f"{document.template}.typ"
        pdf = typeset(document, "0123456789ABCDEFGHJK", layout, engine, CodeDrawer()).pdf
    finally:
        engine.close()
    plain = without_profiles(pdf)
    assert b"/ICCBased" in pdf
    assert b"/ICCBased" not in plain
    assert len(plain) == len(pdf)
    with pikepdf.open(BytesIO(plain)) as opened:
        assert not opened.check_pdf_syntax()
    for before, after in zip(pypdfium2.PdfDocument(pdf), pypdfium2.PdfDocument(plain), strict=True):
        seen, seen_plain = (page.render(scale=1).to_numpy().astype(int) for page in (before, after))
        assert np.abs(seen - seen_plain).max() <= 2


def test_profiles_written_in_another_way_stay() -> None:
    for pdf in (b"1 0 obj\n[/ICCBased 2 0 R]\nendobj", b"1 0 obj\n[ /ICCBased 2 0 R ]\nendobj\n2 0 obj\n<</N 4>>"):
        assert without_profiles(pdf) == pdf
