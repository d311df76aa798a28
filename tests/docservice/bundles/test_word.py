"""The Word rendering: says what the tree says, as docxtpl would have filled it, and LibreOffice opens it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from docservice.bundles import word
from docservice.bundles.content import build
from docservice.domain.cases import BilingualText, WorkStep
from docservice.domain.documents import Column, Document, Pair, Table
from docservice.domain.errors import DocserviceError
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.languages import LANGUAGES, LRM
from docservice.domain.page_codes import PageCode
from docservice.templates.word import opc as package
from docservice.templates.word.compile import CompiledWord
from docservice.templates.word.directions import values_apart
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
    for kind in USUAL:
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
    oracle, ours = canonical(_with_values_apart(filled)), canonical(_fill(document))
    assert list(ours) == list(oracle)
    assert ours == oracle


def _with_values_apart(filled: bytes) -> bytes:
    """What docxtpl knows nothing of (its own tests: templates/test_directions)."""
    members = package.read(filled)
    apart = {name: values_apart(data.decode(), 0).encode() for name, data in members.items() if name.endswith(".xml")}
    return package.repack({**members, **apart})


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


@pytest.mark.needs("libreoffice")
@pytest.mark.timeout(240)
def test_libreoffice_opens_every_document_and_no_signatures_stand_alone(tmp_path: Path) -> None:
    documents = {f"sample-{name}": document for name, document in SAMPLES.items()}
    for number, path in enumerate(CASES):  # every family and kind, the languages in turn
        for kind, layouts in groupby(_of_case(path), key=lambda document: document.kind):
            offered = list(layouts)
            documents[f"{path.stem}-{kind}"] = offered[(number + list(USUAL).index(kind)) % len(offered)]
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


MAIL = "sehr.langer.name-mit-teilen@jugendmigrationsdienst-der-nordstadt.example.org"
VALUES = ("(0231) 98-76543", "DE02 1203 0000 0000 2020 51", "01.02.2027 – 28.02.2027", "IV-2026-0815", MAIL)


def _nasty(kind: Kind, code: str, day: date) -> Document:
    """A person with a suffix, and a step that is full of values in both languages, given to a long address."""
    said = ", ".join(VALUES)
    texts = {"ar": f"اتصل {'، '.join(VALUES)}، ثم", "ru": f"Звоните: {said}."}
    step = WorkStep(BilingualText(f"Anrufen: {said}.", texts), BilingualText(MAIL, {code: MAIL}), day)
    case = content.case_of([content.person("Anna", "Weiß", content.FRAU, name_suffix="jun.")], on=day)
    return content.document(kind, replace(case, annex=replace(case.annex, work_steps=(step,))), code, day)


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2027, 1, 15)])
def test_values_in_arabic_text_are_runs_of_their_own_direction(day: date) -> None:
    annex, agreement = (part(_fill(_nasty(kind, "ar", day))) for kind in (Kind.ANNEX, Kind.AGREEMENT))
    apart = {}
    for run in (*annex.iter(f"{W}r"), *agreement.iter(f"{W}r")):
        if run.find(f"{W}rPr/{W}noProof") is not None:
            apart["".join(text.text or "" for text in run.iter(f"{W}t")).strip(LRM).replace("\u00a0", " ")] = run.find(
                f"{W}rPr/{W}rtl"
            )
    assert apart.keys() >= {*VALUES, "Anna Weiß jun."}
    assert set(apart.values()) == {None}


@pytest.mark.parametrize("code", ["ru", "ar"])
def test_a_closing_dash_stays_with_its_word(code: str) -> None:
    said = "\n".join(texts_of(_fill(_nasty(Kind.AGREEMENT, code, date(2027, 1, 15)))))
    assert re.findall(r"\u00a0–$", said, re.MULTILINE)
    assert not re.findall(r"[^\u00a0]–$", said, re.MULTILINE)


@pytest.mark.needs("libreoffice")
@pytest.mark.timeout(120)
def test_values_stay_in_their_column_and_in_order(tmp_path: Path) -> None:
    """As LibreOffice sets them: a long address gets no hyphen, an Arabic line does not turn a phone number round."""
    files = {code: tmp_path / f"{code}.docx" for code in ("ru", "ar")}
    for code, file in files.items():
        file.write_bytes(_fill(_nasty(Kind.ANNEX, code, date(2027, 1, 15))))
    for pdf in convert_to_pdf(list(files.values()), tmp_path):
        page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
        shown = [(page.get_text_range(index, 1), *page.get_charbox(index)) for index in range(page.count_chars())]
        letters = [one for one in shown if one[0].strip()]
        said = "".join(letter for letter, *_ in letters).replace("\ufffe", "-")
        steps = {place.start() for place in re.finditer(re.escape(MAIL), said)}
        assert len(steps) >= 3  # in the German and the second text, and who does it
        _, left, _, right, _ = letters[said.index("Wer")]
        column = [letters[place : place + len(MAIL)] for place in steps if letters[place][1] >= left - 2]
        assert column
        end = letters[said.index("Biswann")][1]
        assert all(left - 2 <= one[1] and one[3] <= end for address in column for one in address)
        assert right < end
        for start in (place.start() for place in re.finditer("98-76543", said)):
            assert re.search(r"[()]0231[()]98-76543", _line(letters, letters[start]))


def _line(letters: list[tuple[str, float, float, float, float]], of: tuple[str, float, float, float, float]) -> str:
    """The digits and signs of a line from left to right. A bracket may be either: readers turn them with the line."""
    near = [one for one in letters if abs((one[2] + one[4]) - (of[2] + of[4])) < 10 and one[0] in "()-0123456789"]
    return "".join(letter for letter, *_ in sorted(near, key=lambda one: one[1]))


@pytest.mark.parametrize(("lines", "kind"), [(1, "row_last"), (9, "row_last"), (24, "row_last"), (60, "row_long")])
def test_the_last_row_goes_with_the_signatures_unless_it_fills_half_a_page(lines: int, kind: str) -> None:
    said = Pair("\n".join(["Zeile"] * lines))
    table = Table((Column(Pair("Was"), 1), Column(Pair("Wer"), 1)), ((said, Pair("Amt")), (said, Pair("Amt"))))
    filled = word.context(replace(agreement(None), blocks=(table,)))["blocks"]
    rows = filled[0]["rows"]  # type: ignore[index]
    assert [row[0] for row in rows] == ["row_long" if lines > 8 else "row", kind]
