"""A finished PDF says what its tree says: nothing right is refused, and one letter that is wrong is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from docservice.bundles.pdf.page_text import Paragraph, said
from docservice.bundles.pdf.text_proof import missing_texts
from docservice.bundles.typeset import typeset
from docservice.domain.documents import Clauses, Document, Pair, Row, RowKind
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst
from tests.support.fixtures import load_names
from tests.support.office_sentences import sentences
from tests.support.sample_documents import agreement

TEMPLATES = Path(__file__).parents[4] / "templates"
SCRIPTS = {
    "Latin": "Frau Ŀ̲uise M̂ariǎ Köhler-Çelik fährt am 17. Mai zum Amt",
    "Cyrillic": "Госпожа Щербакова-Їжак прийде 17 травня до установи",
    "Arabic": "يُوقِّعُ عبدُ اللهِ بنُ عليٍّ الطلبَ رقم ١٧ مساءً ثمّ يعود",
    "Hebrew": "שָׁלוֹם יוסף בן-דוד מגיע ביום 17 למשרד עם אמא",
    "mixed": "أرسل عبد الله إلى Anna Müller نسخة من 2026 الملف",
}


@pytest.fixture(scope="module")
def typst() -> Iterator[SupervisedTypst]:
    engine = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    yield engine
    engine.close()


def saying(texts: Sequence[str], language: str = "ar") -> Document:
    """An agreement whose clauses are these texts, in the German column and in the other one in turn."""
    pairs = [texts[at : at + 2] for at in range(0, len(texts), 2)]
    rows = tuple(Row(RowKind.TEXT, Pair(pair[0], pair[-1])) for pair in pairs)
    return replace(agreement(language), blocks=(Clauses(rows),))


def page_of(document: Document, engine: SupervisedTypst) -> tuple[Paragraph, ...]:
    layout = TEMPLATES / "pdf" / f"{document.template}.typ"
    made = typeset(document, "0123456789ABCDEFGHJK", layout, engine, CodeDrawer())
    return said(made.pdf).paragraphs


def missed(document: Document, paragraphs: Sequence[Paragraph]) -> list[str]:
    texts = list(document.texts())
    return [texts[number - 1] for number in missing_texts(texts, paragraphs)]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_everyday_sentence_is_refused(seed: int, typst: SupervisedTypst) -> None:
    texts = list(sentences(seed, 500))
    assert len(set(texts)) > 400
    document = saying(texts)
    assert missed(document, page_of(document, typst)) == []


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_no_name_is_refused(language: str, typst: SupervisedTypst) -> None:
    document = saying([str(name["name"]) for name in load_names()["valid"]], language)
    assert missed(document, page_of(document, typst)) == []


def _letters(text: str) -> list[int]:
    return [place for place, letter in enumerate(text) if letter.isalpha()]


def dropped(text: str, random: Random) -> str:
    at = random.choice(_letters(text))
    return text[:at] + text[at + 1 :]


def swapped(text: str, random: Random) -> str:
    places = [at for at in _letters(text)[:-1] if text[at + 1].isalpha() and text[at] != text[at + 1]]
    at = random.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def replaced(text: str, random: Random) -> str:
    at = random.choice(_letters(text))
    return text[:at] + random.choice([letter for letter in "xяبش" if letter != text[at]]) + text[at + 1 :]


def added(text: str, random: Random) -> str:
    at = random.choice(_letters(text))
    return text[:at] + text[at] + text[at:]


def word_dropped(text: str, random: Random) -> str:
    words = text.split()
    del words[random.randrange(len(words))]
    return " ".join(words)


def words_swapped(text: str, random: Random) -> str:
    words = text.split()
    at = random.randrange(len(words) - 1)
    return " ".join([*words[:at], words[at + 1], words[at], *words[at + 2 :]])


def digit_changed(text: str, random: Random) -> str:
    at = random.choice([place for place, letter in enumerate(text) if letter.isdigit()])
    return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


def sign_dropped(text: str, random: Random) -> str:
    """A vowel sign, a dot or an accent: something that is no letter and still says something."""
    marks = [at for at, letter in enumerate(text) if "\u0300" <= letter <= "\u036f" or "\u0591" <= letter <= "\u0652"]
    marks = [at for at in marks if not text[at].isalpha()]
    return dropped(text, random) if not marks else (at := random.choice(marks), text[:at] + text[at + 1 :])[1]


CHANGES: tuple[Callable[[str, Random], str], ...] = (
    dropped, swapped, replaced, added, word_dropped, words_swapped, digit_changed, sign_dropped,
)  # fmt: skip


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_whatever_is_changed_is_found(language: str, typst: SupervisedTypst) -> None:
    texts = [text for text in SCRIPTS.values() for _ in range(2)]
    document = saying(texts, language)
    paragraphs = page_of(document, typst)
    assert missed(document, paragraphs) == []
    random = Random(9)
    unnoticed = []
    for script, text in SCRIPTS.items():
        for change in CHANGES:
            for _ in range(12):
                at = random.choice([place for place, other in enumerate(texts) if other == text])
                wrong = change(text, random)
                if not missed(saying([*texts[:at], wrong, *texts[at + 1 :]], language), paragraphs):
                    unnoticed.append((script, change.__name__, wrong))
    assert unnoticed == []


def test_a_text_that_is_not_there_is_found(typst: SupervisedTypst) -> None:
    texts = list(sentences(3, 30))
    paragraphs = page_of(saying(texts[:-2]), typst)
    assert set(missed(saying(texts), paragraphs)) == set(texts[-2:])
    assert missed(saying([*texts[:-2], *texts[:2]]), paragraphs) == texts[:2]


def test_texts_without_a_letter_are_looked_for_too(typst: SupervisedTypst) -> None:
    paragraphs = page_of(saying(["№", "Nummer", "–", "Zahl"], "ru"), typst)
    assert missed(saying(["№", "Nummer", "–", "Zahl"], "ru"), paragraphs) == []
    assert missed(saying(["§", "Nummer", "–", "Zahl"], "ru"), paragraphs) == ["§"]
