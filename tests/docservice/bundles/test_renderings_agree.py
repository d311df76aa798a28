"""Word and PDF say the same: what can be read in both files of every family, document and language, side by side."""

from __future__ import annotations

import io
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from docservice.bundles import word
from docservice.bundles.typeset import typeset
from docservice.domain.cases import NameChange, Supplement
from docservice.domain.documents import Document, Table
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.languages import LANGUAGES
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst
from tests.support import content
from tests.support.verapdf import validate
from tests.support.word_files import DOCUMENT_ID, layout_of
from tests.support.word_files import texts as texts_of

CASES = sorted(content.CASES.glob("*.json"))
NOT_TEXT = re.compile(r"[\s\-\u00ad\u00b7\u2010\u2011\u2022\u200e\ufffe\x00-\x1f]+")  # blanks, hyphens, dots, marks
PARTED = "\ufffe"  # what pdfium reads where a line ends with a hyphen
TORN = 12  # letters that at least stand on the first of two pages a paragraph is torn between
NEAR = 6  # paragraphs that the PDF may read in another order: a heading and its clause, in two columns


@dataclass(frozen=True, slots=True)
class Renderings:
    """One document and both its files."""

    document: Document
    docx: bytes
    pdf: bytes

    @property
    def name(self) -> str:
        language = self.document.language.code if self.document.language else "de"
        return f"{self.document.kind}-{language}"

    def paragraphs(self) -> list[str]:
        """The paragraphs of the body of the Word file, as letters only."""
        return [text for text in map(letters, texts_of(self.docx)) if text]

    def pages(self) -> list[str]:
        """The text of each page of the PDF, as it is."""
        pdf = pypdfium2.PdfDocument(io.BytesIO(self.pdf))
        try:
            return [page.get_textpage().get_text_range() for page in pdf]
        finally:
            pdf.close()


class Renderer:
    """Makes both files of every document of a case, each case once."""

    def __init__(self, engine: SupervisedTypst) -> None:
        self._library = content.library()
        self._engine = engine
        self._codes = CodeDrawer()
        self.of_case = cache(self._of_case)

    def _of_case(self, path: Path) -> tuple[Renderings, ...]:
        """Every kind, in German alone and in every language its template is offered in."""
        case = content.fixture_case(path)
        day = case.agreement.date or content.TODAY
        case = replace(case, supplement=Supplement(1, day, (NameChange(case.agreement.parties[0], "Früher", "Vera"),)))
        case = replace(case, plan_before=replace(case.help_plan, goals=case.help_plan.goals[1:]))
        kinds = Kind if day >= date(2026, 11, 27) else USUAL
        versions = {kind: self._library.select(kind, day) for kind in kinds}
        chosen = [(kind, code) for kind in kinds for code in (None, *versions[kind].languages)]
        return tuple(self._made(content.document(kind, case, code)) for kind, code in chosen)

    def _made(self, document: Document) -> Renderings:
        version = self._library.version(document.template)
        docx = word.fill(document, DOCUMENT_ID, self._library.word(version, layout_of(document)), self._codes)
        pdf = typeset(document, DOCUMENT_ID, version.pdf, self._engine, self._codes).pdf
        return Renderings(document, docx, pdf)


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    engine = SupervisedTypst(content.TEMPLATES / "pdf", content.TEMPLATES / "fonts")
    yield Renderer(engine)
    engine.close()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_word_and_pdf_say_the_same_in_every_kind_and_language(path: Path, renderer: Renderer) -> None:
    both = renderer.of_case(path)
    assert {one.document.kind for one in both} >= set(USUAL)
    assert {one.document.language for one in both} >= {None}
    assert {one.name: fault for one in both if (fault := difference(one))} == {}


def test_the_current_documents_exist_in_german_alone_and_in_five_pairs(renderer: Renderer) -> None:
    expected = {f"{kind}-{code}" for kind in Kind for code in LANGUAGES}
    assert {one.name for one in renderer.of_case(content.CASES / "01-miller.json")} == expected


@pytest.mark.needs("verapdf")
@pytest.mark.extra
@pytest.mark.timeout(240)
def test_verapdf_passes_every_kind_in_every_language(renderer: Renderer, tmp_path: Path) -> None:
    """Real documents, all in one run: the Miller family's, and the forms of 2003."""
    files = []
    for path in (content.CASES / "01-miller.json", content.CASES / "04-levin.json"):
        for one in renderer.of_case(path):
            files.append(tmp_path / f"{path.stem}-{one.name}.pdf")
            files[-1].write_bytes(one.pdf)
    verdicts = validate(files)
    assert len(verdicts) == 2 * len(files) >= 2 * (3 * 6 + 2)
    assert [verdict for verdict in verdicts if verdict.faults] == []


def test_a_word_too_many_or_too_few_is_noticed(renderer: Renderer) -> None:
    """The comparison itself: a paragraph changed, lost or doubled in one of the two files."""
    for one in renderer.of_case(content.CASES / "01-miller.json"):
        if one.name in ("agreement-ru", "annex-ar"):
            paragraphs, pages = one.paragraphs(), one.pages()
            long = max(range(len(paragraphs)), key=lambda number: len(paragraphs[number]))
            changed = [text[:-9] + "Löwenzahn" if number == long else text for number, text in enumerate(paragraphs)]
            lost = [text for number, text in enumerate(paragraphs) if number != long]
            assert _compared(one.document, paragraphs, pages) == ""
            assert _compared(one.document, changed, pages) != ""
            assert _compared(one.document, lost, pages) != ""
            if one.name == "agreement-ru":
                assert _compared(one.document, [*paragraphs, paragraphs[long]], pages) != ""


# -- the comparison ----------------------------------------------------------------------------------------------------


def letters(text: str) -> str:
    """What is compared: no blanks and line ends, no hyphens (a line may end with one), bullets, direction marks."""
    return NOT_TEXT.sub("", unicodedata.normalize("NFC", text))


def difference(one: Renderings) -> str:
    """Where the two files differ; empty when they say the same."""
    return _compared(one.document, one.paragraphs(), one.pages())


def _compared(document: Document, paragraphs: list[str], pages: list[str]) -> str:
    if document.language is not None and document.language.right_to_left:
        return _words_compared(document, paragraphs, pages)
    bodies = list(_bodies(document, pages))
    faults = [_walked(paragraphs, "".join(text)) for text in itertools.product(*_without_repeats(document, bodies))]
    return min(faults, key=len)


def _walked(paragraphs: list[str], printed: str) -> str:
    """Go through the PDF, taking away one paragraph of the Word file after the other; what cannot be taken away."""
    waiting, position = list(paragraphs), 0
    while position < len(printed):
        near = [(_common(text, printed, position), text) for text in waiting[:NEAR]]
        whole = [(length, text) for length, text in near if length == len(text)]
        length, text = max(whole or near or [(0, "")])
        if not whole and length < TORN:
            return f"PDF: {printed[position : position + 60]!r}, Word: {waiting[:1]!r}"
        place = waiting.index(text)
        waiting[place : place + 1] = [text[length:]] if length < len(text) else []
        position += length
    return f"missing in the PDF: {waiting!r}" if waiting else ""


def _common(text: str, printed: str, position: int) -> int:
    """How many letters of `text` stand in `printed` from `position` on."""
    if printed.startswith(text, position):
        return len(text)
    return next(
        number for number, letter in enumerate(text) if printed[position + number : position + number + 1] != letter
    )


def _bodies(document: Document, pages: list[str]) -> Iterator[str]:
    """The letters of each page without its head and foot."""
    sender = document.letterhead
    first = letters("".join((sender.authority, sender.unit, *sender.address)))
    later = letters(f"{sender.authority} · {sender.unit}{document.reference}")
    for number, page in enumerate(map(letters, pages), 1):
        foot = letters(document.footer_line + document.page_label.format(page=number, pages=len(pages)))
        head = first if number == 1 else later
        assert page.startswith(head), f"the head of page {number}"
        assert page.endswith(foot), f"the foot of page {number}"
        body = page[len(head) : -len(foot)]
        yield body.removeprefix(letters(document.reference)) if number == 1 else body


def _without_repeats(document: Document, bodies: list[str]) -> Iterator[set[str]]:
    """Each page's body as it is and, if it starts with the header of a table that may have been repeated, without."""
    headers = {letters("".join(document.column_headers.texts()))}
    for block in document.blocks:
        if isinstance(block, Table):
            headers.add(letters("".join(text for column in block.columns for text in column.header.texts())))
    for number, body in enumerate(bodies):
        repeated = {body.removeprefix(header) for header in headers} if number else set()
        yield {body} | repeated


def _words_compared(document: Document, paragraphs: list[str], pages: list[str]) -> str:
    """Extraction moves right-to-left words and punctuation about and repeats letters beneath vowel signs, so the
    words are compared, each file's with the other's, and those with such signs are left out."""
    sender = document.letterhead
    around = (sender.authority, sender.unit, *sender.address, document.reference, document.footer_line)
    written = _alphanumeric("".join((*paragraphs, *around, document.page_label)))
    printed = _alphanumeric("".join(pages))
    wanted = list(_words("\n".join(document.texts())))
    faults = {
        "not in Word": [word for word in wanted if word not in written],
        "not in the PDF": [word for word in wanted if word not in printed],
        "only in the PDF": [word for word in _words("\n".join(pages)) if not _holds(written, word)],
    }
    return "; ".join(f"{where}: {missing}" for where, missing in faults.items() if missing)


def _holds(written: str, word: str) -> bool:
    """Whether the word is there; one parted at the end of a page may go on somewhere else."""
    return word.replace(PARTED, "") in written or all(half in written for half in word.split(PARTED))


def _words(text: str) -> Iterator[str]:
    """Runs of letters and digits without vowel signs; a word parted at the end of a line is one, with the mark."""
    inside = "".join(letter if letter in PARTED or letter.isalnum() or _is_sign(letter) else " " for letter in text)
    yield from (word for word in inside.split() if not any(map(_is_sign, word)))


def _is_sign(letter: str) -> bool:
    return unicodedata.combining(letter) > 0


def _alphanumeric(text: str) -> str:
    return "".join(filter(str.isalnum, letters(text)))
