"""Nothing is called finished that cannot be read, routed and signed: each check is seen to fail, and to pass."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf
import pytest

from docservice.bundles.typeset import typeset
from docservice.bundles.verify import check_rendering
from docservice.domain.documents import Clauses, Document, Pair, Row, RowKind, Typeset
from docservice.domain.errors import DocserviceError
from docservice.tools.codes import CodeDrawer, CodeReader
from docservice.tools.typst import SupervisedTypst
from tests.support.sample_documents import agreement, samples

TEMPLATES = Path(__file__).parents[3] / "templates"
DOCUMENT_ID = "0123456789ABCDEFGHJK"
SAMPLES = samples()
SECRET = "Zzyzxhausen"


@pytest.fixture(scope="module")
def typst() -> Iterator[SupervisedTypst]:
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def result(typst: SupervisedTypst) -> Typeset:
    return finished(agreement(), typst)


def finished(document: Document, engine: SupervisedTypst) -> Typeset:
    layout = TEMPLATES / "pdf" / f"{document.template}.typ"
    return typeset(document, DOCUMENT_ID, layout, engine, CodeDrawer())


def word_file(document: Document, *further: str) -> bytes:
    """The smallest Word file with the document's texts, a paragraph each."""
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    texts = [*document.texts(), *further]
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in texts)
    package = BytesIO()
    with zipfile.ZipFile(package, "w") as parts:
        parts.writestr("word/document.xml", f'<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>')
    return package.getvalue()


def told(document: Document, result: Typeset, docx: bytes | None = None, document_id: str = DOCUMENT_ID) -> str:
    """What verification says; empty when it passes."""
    try:
        check_rendering(document, document_id, result, docx or word_file(document), CodeReader())
    except DocserviceError as error:
        if error.code != "verification_failed":
            raise
        return error.detail
    return ""


def altered(result: Typeset, change: str) -> Typeset:
    with pikepdf.open(BytesIO(result.pdf)) as pdf:
        if change == "last page":
            del pdf.pages[-1]
        elif change == "metadata":
            del pdf.Root["/Metadata"]
        elif change == "font":
            font = next(iter(dict(pdf.pages[0].obj.Resources["/Font"]).values()))
            del font.DescendantFonts[0].FontDescriptor["/FontFile2"]
        elif change == "contents":
            pdf.pages[0].obj.Contents.write(b"")
        out = BytesIO()
        pdf.save(out)
    return replace(result, pdf=out.getvalue())


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_sample_passes(name: str, typst: SupervisedTypst) -> None:
    document = SAMPLES[name]
    assert told(document, finished(document, typst)) == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("last page", "pages, not"),
        ("metadata", "does not state PDF/A part 2; the PDF does not state PDF/A conformance A; the PDF does not state"),
        ("font", "1 font(s) are not embedded"),
        ("contents", "the code at the top of page 1 is not read back; the code at the bottom of page 1"),
        ("contents", "texts are missing in the PDF"),
    ],
)
def test_an_altered_pdf_is_refused(result: Typeset, change: str, sentence: str) -> None:
    assert sentence in told(agreement(), altered(result, change))


def test_bytes_that_are_no_pdf_are_refused(result: Typeset) -> None:
    assert "cannot be opened" in told(agreement(), replace(result, pdf=b"%PDF-1.7 torn"))


def test_a_code_of_another_document_is_refused(result: Typeset) -> None:
    assert "the code at the top of page 1" in told(agreement(), result, document_id="Z" * 20)


@pytest.mark.parametrize("language", ["ru", "ar"])
def test_a_missing_translation_is_noticed(language: str, typst: SupervisedTypst) -> None:
    document = agreement(language)
    assert "texts are missing in the PDF" in told(document, finished(agreement(None), typst), word_file(document))


def test_one_missing_clause_is_noticed_by_number_and_never_quoted(result: Typeset) -> None:
    document = agreement()
    clauses, *rest = document.blocks
    assert isinstance(clauses, Clauses)
    more = Clauses((*clauses.rows, Row(RowKind.TEXT, Pair(f"{SECRET} gehört dazu"))))
    longer = replace(document, blocks=(more, *rest))
    sentence = told(longer, result)
    assert "1 of" in sentence
    assert SECRET not in sentence


def test_zones_must_be_the_documents_and_on_their_page(result: Typeset) -> None:
    first, second, *others = result.zones
    assert "other signature zones" in told(agreement(), replace(result, zones=(second, *others)))
    outside = replace(first, rect=(500.0, 100.0, 700.0, 150.0))
    assert "the zone party-1 lies outside" in told(agreement(), replace(result, zones=(outside, second, *others)))
    twin = replace(first, rect=second.rect)
    assert "overlaps" in told(agreement(), replace(result, zones=(twin, second, *others)))
    nowhere = replace(first, page=9)
    assert "stands on no page" in told(agreement(), replace(result, zones=(nowhere, second, *others)))


def test_the_word_file_must_be_sound_complete_and_without_tags(result: Typeset) -> None:
    document = agreement()
    assert "no sound package" in told(document, result, b"PK nothing")
    assert "missing in the Word file" in told(document, result, word_file(agreement(None)))
    assert "tags are left over in the Word file" in told(document, result, word_file(document, "{{ party }}"))


def test_tags_that_somebody_wrote_are_no_leftovers(typst: SupervisedTypst) -> None:
    document = SAMPLES["hard-values"]
    assert "{{ 7*7 }}" in " ".join(document.texts())
    assert told(document, finished(document, typst)) == ""


def test_all_faults_are_named_at_once(result: Typeset) -> None:
    sentence = told(agreement(), altered(result, "metadata"), b"no zip", document_id="Z" * 20)
    assert all(part in sentence for part in ("PDF/A", "code at the top", "no sound package"))
