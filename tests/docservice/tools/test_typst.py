"""The typesetter: what goes wrong is told apart and told without personal values; neighbours are not touched."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from docservice.domain.errors import DocserviceError
from docservice.domain.text.din91379 import LETTERS
from docservice.tools.process import Limits
from docservice.tools.typst import SupervisedTypst
from tests.support import breakers
from tests.support.fixtures import load_names

FONTS = Path(__file__).parents[3] / "templates" / "fonts"
SECRET = "Zzyzxhausen"
CLOSING = "#context [#metadata((pages: counter(page).final().first(), alone: false)) <closing>]\n"
HEAD = (
    '#let d = json("/document.json")\n'
    '#set document(title: "T", date: datetime(year: 2026, month: 1, day: 1))\n'
    '#set text(font: "Noto Sans", lang: "de", size: 7pt, fallback: false)\n#set page(height: 500mm)\n= T\n'
)


@pytest.fixture
def typst(tmp_path: Path) -> Iterator[SupervisedTypst]:
    engine = SupervisedTypst(tmp_path, FONTS, Limits(seconds=20))
    yield engine
    engine.close()


def layout(folder: Path, body: str, name: str = "layout.typ") -> Path:
    path = folder / name
    path.write_text(HEAD + body + "\n" + CLOSING, encoding="utf-8")
    return path


def extracted(pdf: bytes) -> dict[str, list[str]]:
    """Lines of text by reader."""
    document = pypdfium2.PdfDocument(pdf)
    pdfium = [line for page in document for line in page.get_textpage().get_text_range().split("\r\n")]
    document.close()
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return {"pdfium": pdfium, "pypdf": [line for page in pages for line in page.extract_text().split("\n")]}


@pytest.mark.parametrize("style", ["regular", "bold"])
def test_every_letter_and_every_hard_name_comes_back_from_the_pdf(
    typst: SupervisedTypst, tmp_path: Path, style: str
) -> None:
    names = [str(name["name"]) for name in load_names()["valid"]]
    wanted = [unicodedata.normalize("NFC", text) for text in [*sorted(LETTERS), *names]]
    assert len(wanted) >= 649 + 20
    path = layout(
        tmp_path,
        f'#set text(weight: "{style}")\n#for (i, text) in d.texts.enumerate() {{ par(str(i) + " " + text) }}',
    )
    pdf = typst.typeset(path, {"texts": wanted})
    for reader, lines in extracted(pdf).items():
        found = dict(line.split(" ", 1) for line in lines if line[:1].isdigit() and " " in line)
        got = [unicodedata.normalize("NFC", found.get(str(i), "").rstrip()) for i in range(len(wanted))]
        assert [pair for pair in zip(wanted, got, strict=True) if pair[0] != pair[1]] == [], reader


def test_hyphens_of_names_and_of_line_ends_are_told_apart(typst: SupervisedTypst, tmp_path: Path) -> None:
    body = "#block(width: 30mm, par(d.torn))\n#par(d.name)\n#par(strong(d.name))"
    data = {"torn": "Donaudampfschifffahrtselektrizitätswerke", "name": "Ĉirkaŭ-Weiß-Groß 0231 50-12345"}
    for reader, lines in extracted(typst.typeset(layout(tmp_path, body), data)).items():
        assert lines.count(data["name"]) == 2, reader


def test_values_are_never_evaluated(typst: SupervisedTypst, tmp_path: Path) -> None:
    value = '#eval("1+1") #strong[x] $x^2$ {{ 7*7 }} {% x %} & <b> *a* _b_ `c` @d \\ // e'
    pdf = typst.typeset(layout(tmp_path, "#d.value"), {"value": value})
    for reader, lines in extracted(pdf).items():
        assert value in lines, reader


def test_the_same_input_gives_the_same_bytes_from_another_process(tmp_path: Path) -> None:
    path, pdfs = layout(tmp_path, "#d.value"), set()
    for _ in range(2):
        engine = SupervisedTypst(tmp_path, FONTS)
        pdfs.add(engine.typeset(path, {"value": "Größe"}))
        engine.close()
    assert len(pdfs) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("#d.missing", "layout.typ:6"),
        ("#panic(d.value)", "layout.typ:6"),
        ("#int(d.value)", "layout.typ:6"),
        ("#assert(false, message: d.value)", ""),
        ("#let x = (", "layout.typ"),
    ],
)
def test_a_fault_of_the_layout_is_told_with_its_place_and_no_value(
    typst: SupervisedTypst, tmp_path: Path, body: str, told: str
) -> None:
    for verb in (typst.lay_out, typst.typeset):
        with pytest.raises(DocserviceError) as raised:
            verb(layout(tmp_path, body), {"value": SECRET})
        assert raised.value.code == "typeset_failed"
        assert told in raised.value.detail
        assert SECRET not in raised.value.detail + raised.value.detail_de + str(raised.value)


def test_a_letter_that_no_font_has_is_an_error_that_names_its_code_point(
    typst: SupervisedTypst, tmp_path: Path
) -> None:
    with pytest.raises(DocserviceError, match="U\\+10348") as raised:
        typst.typeset(layout(tmp_path, "#d.value"), {"value": f"{SECRET} \U00010348"})
    assert SECRET not in raised.value.detail


def test_after_a_failure_the_next_document_is_set(typst: SupervisedTypst, tmp_path: Path) -> None:
    asking = layout(tmp_path, "#d.wanted")
    with pytest.raises(DocserviceError):
        typst.typeset(asking, {})
    assert typst.lay_out(asking, {"wanted": "x"}).pages == 1


def test_nothing_of_one_document_is_found_in_the_next(typst: SupervisedTypst, tmp_path: Path) -> None:
    asking = layout(tmp_path, "#d.name")
    first, second, again = (typst.typeset(asking, {"name": name}) for name in ("Anna", "Igor", "Anna"))
    assert extracted(second)["pdfium"] != extracted(first)["pdfium"]
    assert first == again


def test_what_is_told_of_a_layout_is_told_of_the_document_at_hand(typst: SupervisedTypst, tmp_path: Path) -> None:
    growing = layout(tmp_path, "#for page in range(d.pages - 1) { pagebreak() }")
    assert [typst.lay_out(growing, {"pages": pages}).pages for pages in (1, 3, 2)] == [1, 3, 2]
    assert len(pypdf.PdfReader(BytesIO(typst.typeset(growing, {"pages": 4}))).pages) == 4
    assert typst.lay_out(growing, {"pages": 2}).pages == 2


def test_a_layout_that_never_ends_is_ended(tmp_path: Path) -> None:
    engine = SupervisedTypst(tmp_path, FONTS, Limits(seconds=2))
    try:
        with pytest.raises(DocserviceError) as raised:
            engine.typeset(layout(tmp_path, "#for i in range(9000) { for j in range(9000) { let x = i + j } }"), {})
        assert (raised.value.code, raised.value.retryable) == ("typeset_timeout", True)
        assert engine.lay_out(layout(tmp_path, "x"), {}).pages == 1
    finally:
        engine.close()


def test_a_layout_that_eats_memory_is_ended(tmp_path: Path) -> None:
    engine = SupervisedTypst(tmp_path, FONTS, Limits(seconds=20, memory_bytes=250 << 20))
    try:
        with pytest.raises(DocserviceError) as raised:
            engine.typeset(layout(tmp_path, "#let a = range(40000000).map(i => str(i))\n#a.len()"), {})
        assert raised.value.code == "typeset_memory"
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (breakers.HANGS, "typeset_timeout"),
        (breakers.EATS_MEMORY, "typeset_memory"),
        (breakers.CRASHES, "typeset_failed"),
        (breakers.REFUSES, "typeset_failed"),
        (breakers.MISSING, "program_missing"),
    ],
)
def test_an_engine_that_breaks_is_told_apart(tmp_path: Path, command: tuple[str, ...], code: str) -> None:
    engine = SupervisedTypst(tmp_path, FONTS, Limits(seconds=1.5, memory_bytes=120 << 20), command)
    try:
        with pytest.raises(DocserviceError) as raised:
            engine.typeset(tmp_path / "layout.typ", {"value": SECRET})
        assert raised.value.code == code
        assert SECRET not in raised.value.detail
    finally:
        engine.close()
