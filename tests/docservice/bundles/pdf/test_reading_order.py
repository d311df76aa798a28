"""Right-to-left text of a PDF is read as it was written, by programs that copy and search and by the structure."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pypdf
import pypdfium2
import pytest
from numpy.typing import NDArray

from docservice.bundles.finish import finish
from docservice.bundles.typeset import layout_data
from docservice.domain.documents import Clauses, Document, Pair, Row, RowKind
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst
from tests.support.office_sentences import sentences
from tests.support.sample_documents import agreement, annex, help_plan
from tests.support.structure import structure
from tests.support.verapdf import validate

TEMPLATES = Path(__file__).parents[4] / "templates"
WRITTEN = (
    "عبد الله بن عليّ وُلد في ١٧ أيار ٢٠٠١",
    "بسم الله، لله ولله: لا إله إلا الله",
    "لَا لِلّهِ فَاللهُ لاَ لأ لإ لآ",
    "حُرِّرت هذه الاتفاقيّة مساءً، ثمّ قُرِئت جُزئيًّا.",
    "الموعد: 2026-06-11، الساعة 14:15؛ الغرفة 278.",
    "دانيا‌زاد می‌خواهد که ئاوات بێت",
    "ښاغلی ګل پاڼې ټول څیزونه ځای پر ځای کړل",
    "شَرِیف چوہدری ٹھیک ہے ڈاکٹر",
    "שָׁלוֹם יוסף בֶּן־דָּוִד מגיע ביום 17",
    "أرسل إلى amina.khalil@example.org قبل 7.5.2026",
    "الحساب DE85 3701 0050 0000 8147 35 لدى Anna Müller-Lüdenscheidt الآن",
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200e\u200f\u2066\u2067\u2068\u2069"))
_BRACKETS = set("()[]{}«»")


@pytest.fixture(scope="module")
def typst() -> Iterator[SupervisedTypst]:
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    yield engine
    engine.close()


def saying(*texts: str, version: str = "2026-11") -> Document:
    """An agreement whose second column has these texts."""
    rows = tuple(Row(RowKind.TEXT, Pair("Text", text)) for text in texts)
    return replace(agreement("ar", version=version), blocks=(Clauses(rows),))


def set_by(engine: SupervisedTypst, document: Document) -> bytes:
    """The PDF as the typesetter made it."""
    data = layout_data(document) | {"codes": [CodeDrawer().svg("ABCDEFGHJK")] * 12}
    return engine.typeset(TEMPLATES / "pdf" / f"{document.template}.typ", data)


def read_by_pypdf(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def read_by_pdfium(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split()


def wanted(document: Document) -> Counter[str]:
    """The words of a document with a letter that is read from right to left."""
    found = (word for text in document.texts() for word in words(text))
    return Counter(word for word in found if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in word))


DOCUMENTS = {
    "agreement": agreement("ar"),
    "annex": annex("ar"),
    "help plan": help_plan("ar"),
    "written": saying(*WRITTEN),
    "written in the earlier version": saying(*WRITTEN, version="2026-01"),
    "sentences": saying(*sentences(41, 60)),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pypdf_reads_every_word(name: str, typst: SupervisedTypst) -> None:
    document = DOCUMENTS[name]
    assert wanted(document) - Counter(words(read_by_pypdf(finish(set_by(typst, document))))) == Counter()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pdfium_reads_every_word_but_turns_brackets(name: str, typst: SupervisedTypst) -> None:
    """It parts words written in two scripts ("وAnna"), too: a value is a line of its own to it."""
    document = DOCUMENTS[name]
    found = Counter(bare(word) for word in words(read_by_pdfium(finish(set_by(typst, document)))))
    missed = Counter(bare(word) for word in wanted(document).elements()) - found
    assert [word for word in missed if not any(unicodedata.bidirectional(letter) == "L" for letter in word)] == []


def bare(word: str) -> str:
    return word.strip("()[]{}«»\"'.,;:!?؛،؟…")


def test_values_are_read_as_they_are(typst: SupervisedTypst) -> None:
    pdf = finish(set_by(typst, saying(*WRITTEN)))
    for text in (read_by_pypdf(pdf), read_by_pdfium(pdf)):
        for value in (
            "amina.khalil@example.org",
            "DE85 3701 0050 0000 8147 35",
            "Anna Müller-Lüdenscheidt",
            "2026-06-11،",
        ):
            assert value in text


def test_a_date_among_arabic_words_is_one_line_in_its_order(typst: SupervisedTypst) -> None:
    """The marks at its numbers, without which the paper would be wrong, make words of them for pdfium."""
    document = annex("ar")
    dates = [" ".join(words(text)) for text in document.texts() if "ديسمبر" in text]
    assert dates
    pdf = finish(set_by(typst, document))
    for text in (read_by_pypdf(pdf), read_by_pdfium(pdf)):
        lines = [" ".join(words(line)) for line in text.splitlines()]
        assert set(dates) <= set(lines)


def test_words_are_in_their_order(typst: SupervisedTypst) -> None:
    """For pypdf, which takes texts as they come; and for who goes by the structure."""
    pdf = finish(set_by(typst, saying("حُرِّرت هذه الاتفاقيّة باللغة الألمانيّة", "قال عبد الله ذلك")))
    for text in (read_by_pypdf(pdf), structure(pdf)):
        assert "حُرِّرت هذه الاتفاقيّة باللغة الألمانيّة" in text
        assert "قال عبد الله ذلك" in text


@pytest.mark.parametrize("name", ["annex", "written", "sentences"])
def test_nothing_is_seen_of_it(name: str, typst: SupervisedTypst) -> None:
    before = set_by(typst, DOCUMENTS[name])
    for page, other in zip(pypdfium2.PdfDocument(before), pypdfium2.PdfDocument(finish(before)), strict=True):
        seen, shown = (ink(each) for each in (page, other))
        assert np.count_nonzero(seen & ~around(shown)) + np.count_nonzero(shown & ~around(seen)) < 5


def ink(page: pypdfium2.PdfPage) -> NDArray[np.bool_]:
    grey = page.render(scale=4, grayscale=True).to_numpy()
    return np.asarray(grey.reshape(grey.shape[:2]) < 128)


def around(inked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The ink and what is next to it, a fifth of a millimetre wide at most."""
    return np.asarray(cv2.dilate(inked.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)


@pytest.mark.needs("verapdf")
def test_it_stays_what_it_says_it_is(typst: SupervisedTypst, tmp_path: Path) -> None:
    file = tmp_path / "written.pdf"
    file.write_bytes(finish(set_by(typst, saying(*WRITTEN, *sentences(42, 30)))))
    assert [verdict.faults for verdict in validate([file])] == [(), ()]


def test_the_same_comes_out_each_time_and_nothing_where_nothing_turns(typst: SupervisedTypst) -> None:
    arabic, russian = (set_by(typst, annex(language)) for language in ("ar", "ru"))
    assert finish(arabic) == finish(arabic) != arabic
    assert b"/Type3" in finish(arabic)
    assert b"/Type3" not in finish(russian)
    assert len(finish(russian)) == len(russian)
