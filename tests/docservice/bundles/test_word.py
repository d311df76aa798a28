"""The Word rendering: says what the tree says, as docxtpl would have filled it, and LibreOffice opens it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from docservice.bundles import word
from docservice.bundles.content import build
from docservice.domain.documents import Column, Document, Kind, Pair, Table
from docservice.domain.errors import DocserviceError
from docservice.domain.languages import LANGUAGES
from docservice.domain.page_codes import PageCode
from docservice.templates import package
from docservice.templates.compile import CompiledWord
from docservice.tools.codes import CodeDrawer, CodeReader, Raster
from tests.support import content
from tests.support.libreoffice import convert_to_pdf
from tests.support.sample_documents import HARD_VALUE, agreement, samples
from tests.support.word_files import (
    DOCUMENT_ID,
    canonical,
    filled_by_docxtpl,
    layout_of,
    part,
    template_path,
    words,
)
from tests.support.word_files import texts as texts_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CODES = CodeDrawer()
SAMPLES = samples()
CASES = sorted(content.CASES.glob("*.json"))
LIBRARY = content.library()


@cache
def _template(path: Path) -> CompiledWord:
    return CompiledWord.from_path(path)


def _fill(document: Document) -> bytes:
    return word.fill(document, DOCUMENT_ID, _template(template_path(document)), CODES)


@cache
def _of_case(path: Path) -> tuple[Document, ...]:
    """All documents of a case: every kind, in German alone and in every language its version is offered in."""
    case, found = content.fixture_case(path), []
    for kind in Kind:
        version = LIBRARY.select(kind, case.agreement.date or content.TODAY)
        for code in (None, *version.languages):
            language = LANGUAGES[code] if code else None
            texts, letterhead = LIBRARY.texts(version, language), LIBRARY.letterhead()
            found.append(build(kind, case, version, texts, letterhead, language, content.TODAY, 1))
    return tuple(found)


def _says(document: Document, filled: bytes) -> None:
    said = [text for text in texts_of(filled) if text not in ("", "•")]
    assert words("\n".join(said)) == words("\n".join(_printed(document)))


def _printed(document: Document) -> Iterator[str]:
    """The texts of the tree; a translation note of two languages stands on one line with a dot between them."""
    note = document.translation_note
    for text in document.texts():
        if note is not None and text == note.tr:
            yield "·"
        yield text


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_say_what_the_tree_says(name: str) -> None:
    _says(SAMPLES[name], _fill(SAMPLES[name]))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases_say_what_the_tree_says_in_every_kind_and_language(path: Path) -> None:
    documents = _of_case(path)
    assert len(documents) >= 3
    for document in documents:
        _says(document, _fill(document))


def _is_as_docxtpl_fills_it(document: Document) -> None:
    template = _template(template_path(document))
    assert not template.docxtpl_reasons
    pictures = {word.PICTURE: CODES.png(PageCode(DOCUMENT_ID, 0).payload())}
    source = template_path(document).read_bytes()
    filled = filled_by_docxtpl(source, word.context(document), pictures, document.title.de)
    oracle, ours = canonical(filled), canonical(_fill(document))
    assert list(ours) == list(oracle)
    assert ours == oracle


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_as_docxtpl_fills_them(name: str) -> None:
    _is_as_docxtpl_fills_it(SAMPLES[name])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases_are_as_docxtpl_fills_them_in_every_kind_and_language(path: Path) -> None:
    for document in _of_case(path):
        _is_as_docxtpl_fills_it(document)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_document_gives_the_same_bytes(name: str) -> None:
    assert _fill(SAMPLES[name]) == _fill(SAMPLES[name])


def test_hostile_values_are_printed_as_they_are() -> None:
    assert HARD_VALUE in "\n".join(texts_of(_fill(SAMPLES["hard-values"])))


def test_line_breaks_are_line_breaks() -> None:
    filled = _fill(agreement("ru"))
    assert part(filled).findall(f".//{W}br")
    assert not [text for text in part(filled).itertext() if "\n" in text]


def test_every_table_has_its_own_shape_in_the_template() -> None:
    """A table whose weights the template does not know would be set in equal columns."""
    for path in CASES:
        for document in _of_case(path):
            if document.template.endswith(("2026-01", "2026-11")):
                source = package.read(template_path(document).read_bytes())["word/document.xml"].decode()
                for block in document.blocks:
                    if isinstance(block, Table):
                        shape = "-".join(str(column.weight) for column in block.columns)
                        assert f'block.shape == "{shape}"' in source


def test_a_table_of_unknown_shape_is_set_all_the_same() -> None:
    columns = tuple(Column(Pair(f"Spalte {number}"), number) for number in (2, 7, 1, 8, 3))
    table = Table(columns, (tuple(Pair(f"Zelle {number}") for number in range(5)),))
    document = replace(agreement(None), blocks=(table,))
    _says(document, _fill(document))
    wide = replace(table, columns=columns + columns)
    with pytest.raises(DocserviceError, match="table_too_wide"):
        _fill(replace(document, blocks=(wide,)))


@pytest.mark.parametrize("name", ["agreement-ru", "agreement-ar", "help_plan-ar", "annex-de"])
def test_structure_for_whoever_goes_on_editing(name: str) -> None:
    document = SAMPLES[name]
    filled = part(_fill(document))
    language = document.language
    styles = [str(style.get(f"{W}val")) for style in filled.iter(f"{W}pStyle")]
    assert styles.count("Heading1") == 1
    repeated = [table for table in filled.iter(f"{W}tbl") if table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None]
    assert len(repeated) == sum(
        1 for style in filled.iter(f"{W}tblStyle") if style.get(f"{W}val") in ("Paired", "Rows")
    )
    if name.startswith("agreement"):
        assert styles.count("ListBullet") == styles.count("BulletTranslation") == 8
    if language is None:
        assert not list(filled.iter(f"{W}lang"))
    elif language.right_to_left:
        for run in filled.iter(f"{W}r"):
            mark = run.find(f"{W}rPr/{W}lang")
            if mark is not None:
                assert mark.get(f"{W}bidi") == language.tag
                assert run.find(f"{W}rPr/{W}rtl") is not None
                assert run.find(f"{W}rPr/{W}cs") is not None
        assert list(filled.iter(f"{W}bidi"))
    else:
        assert {mark.get(f"{W}val") for mark in filled.iter(f"{W}lang")} == {language.tag}


@pytest.mark.parametrize("member", ["header1", "header2", "footer1", "footer2"])
def test_header_and_footer_carry_the_code_of_the_whole_document(member: str) -> None:
    members = package.read(_fill(SAMPLES["agreement-ru"]))
    assert b"media/page-code.png" in members[f"word/_rels/{member}.xml.rels"]
    with Image.open(io.BytesIO(members["word/media/page-code.png"])) as picture:
        grey = picture.convert("L")
    found = CodeReader().read(Raster(grey.tobytes(), grey.width, grey.height))
    assert found == [PageCode(DOCUMENT_ID, 0).payload()]


def test_the_foot_of_the_page_names_document_and_page() -> None:
    filled = _fill(SAMPLES["agreement-ru"])
    assert texts_of(filled, "word/footer1.xml") == [SAMPLES["agreement-ru"].footer_line, "Seite 1 von 1"]
    fields = [field.get(f"{W}instr") for field in part(filled, "word/footer1.xml").iter(f"{W}fldSimple")]
    assert fields == [" PAGE ", " NUMPAGES "]


@pytest.mark.timeout(240)
def test_libreoffice_opens_every_document_and_no_signatures_stand_alone(tmp_path: Path) -> None:
    documents = {f"sample-{name}": document for name, document in SAMPLES.items()}
    for number, path in enumerate(CASES):  # every family and kind, the languages in turn
        for kind, layouts in groupby(_of_case(path), key=lambda document: document.kind):
            offered = list(layouts)
            documents[f"{path.stem}-{kind}"] = offered[(number + list(Kind).index(kind)) % len(offered)]
    files = []
    for name, document in documents.items():
        files.append(tmp_path / f"{name}.docx")
        files[-1].write_bytes(_fill(document))
    for pdf, document in zip(convert_to_pdf(files, tmp_path, seconds=200), documents.values(), strict=True):
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
        assert f"von {len(pages)}" in pages[0]
        head = f"{document.letterhead.authority} {document.reference}"
        place = document.place_and_date.de.split("\n")[0][:12]
        bodies = [" ".join(page.split()).removeprefix(head).strip() for page in pages]
        assert not [body for body in bodies[1:] if body.startswith(place)], (pdf.name, layout_of(document))
