"""A person is found however somebody writes the name; one who is called otherwise is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.text.din91379 import LETTERS
from docservice.domain.text.search_words import asked_words, in_one, name_words

LETTER = st.sampled_from(sorted(LETTERS) + list("абвгдежзийклмнёїієґъьЙЁابتثجحخدذرزسشصضطظعغفقكلمنهويىةآأإ"))
WORD = st.lists(LETTER, min_size=2, max_size=8)
BETWEEN = st.sampled_from([" ", "-", "'", "’", "  "])


def found(asked: str, *names: str) -> bool:
    """As a search finds: each word asked for begins a word of the name, or all of them in one do."""
    known = name_words(names)
    together = in_one(asked)
    return all(any(word.startswith(each) for word in known) for each in asked_words(asked)) or any(
        word.startswith(together) for word in known
    )


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("Mueller", ("Müller",)),
        ("MÜLLER", ("Mueller",)),
        ("müll", ("Müller", "Jürgen")),
        ("jürgen mül", ("Müller", "Jürgen")),
        ("Cetin", ("Çetin",)),
        ("Çe", ("Cetin",)),
        ("Gross", ("Müller-Groß",)),
        ("Mueller-Groß", ("Müller-Groß",)),
        ("Müller Groß", ("Müller-Groß",)),
        ("Muellergross", ("Müller-Groß",)),
        ("ONeill", ("O’Neill",)),
        ("O'Neill", ("ONeill",)),
        ("Neill", ("O'Neill",)),
        ("Oneill cetin", ("Çetin-O’Neill",)),
        ("D‘Angelo", ("D’Angelo",)),
        ("Al-Hussein", ("Hussein",)),
        ("Hussein", ("Al Hussein",)),
        ("Alhussein", ("Al-Hussein",)),
        ("Abd al-Rahman", ("Abdalrahman",)),
        ("abdalr", ("Abd al-Rahman",)),
        ("El Sayed", ("Sayed",)),
        ("El", ("Elias",)),
        ("الحسين", ("حسين",)),
        ("حسين", ("الحسين",)),
        ("الحس", ("الحسين",)),
        ("احمد", ("أحمد",)),
        ("أَحْمَد", ("احمد",)),
        ("عبدالله", ("عبد الله",)),
        ("عبد الله", ("عبدالله",)),
        ("فاطمه", ("فاطمة",)),
        ("مصطفي", ("مصطفى",)),
        ("محمـــد", ("محمد",)),
        ("Семенова", ("Семёнова",)),
        ("анна", ("Анна",)),
        ("Деревянко", ("Дерев'янко",)),
        ("Деревʼянко", ("Дерев’янко",)),
        ("Dordevic", ("Đorđević",)),
        ("Suharto", ("Suharto",)),  # the only name
        ("ø", ("Østergård",)),
    ],
)
def test_spellings_of_one_name_find_it(asked: str, names: tuple[str, ...]) -> None:
    assert found(asked, *names)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("Ivanov", ("Petrov",)),
        ("Ivanova", ("Ivanov",)),
        ("ller", ("Müller",)),
        ("Anna Müller", ("Müller", "Jürgen")),
        ("Miller", ("Müller",)),
        ("Groß", ("Grass",)),
        ("حسن", ("الحسين",)),
        ("Анна", ("Anna",)),
    ],
)
def test_another_name_is_not_found(asked: str, names: tuple[str, ...]) -> None:
    assert not found(asked, *names)


@pytest.mark.parametrize("text", ["", " ", "-", "'’", "._-", "؟", "\u0301"])
def test_where_nothing_is_asked_there_is_no_word(text: str) -> None:
    assert asked_words(text) == ()
    assert not name_words([text])


@given(st.lists(st.tuples(WORD, BETWEEN), min_size=1, max_size=4), st.data())
def test_any_name_is_found_by_itself_and_by_the_beginnings_of_its_words_in_any_order(
    parts: list[tuple[list[str], str]], data: st.DataObject
) -> None:
    name = "".join("".join(word) + between for word, between in parts).strip(" -'’")
    assert found(name, name)
    assert found(name.upper(), name)
    begins = [word[: data.draw(st.integers(1, len(word)))] for word, _ in data.draw(st.permutations(parts))]
    asked = " ".join("".join(letters) for letters in begins)
    assert found(asked, name) or not asked_words(asked)


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_no_word_is_empty(text: str) -> None:
    assert all(word and word == in_one(word) for word in name_words([text]))
    assert all(asked_words(text))
