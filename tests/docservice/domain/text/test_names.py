"""Legal names: what DIN 91379 type A takes, how letters are counted, and what a refused letter is told."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.text.din91379 import LETTERS, LONGEST, OTHER, SEARCH_EXCEPTIONS, TYPE_A
from docservice.domain.text.names import letters, normalise, search_form, type_a_faults
from tests.support.fixtures import load_names

NAMES = load_names()


def test_the_table_has_the_size_the_standard_states() -> None:
    assert (len(LETTERS), len(OTHER), len(SEARCH_EXCEPTIONS), LONGEST) == (649, 18, 73, 3)
    assert sum(len(letter) > 1 for letter in LETTERS) == 149


def test_the_table_is_the_one_that_was_compared_with_the_published_list() -> None:
    rows = (
        f"{' '.join(f'{ord(part):04X}' for part in letter)};{SEARCH_EXCEPTIONS.get(letter, '')}"
        for letter in sorted(TYPE_A)
    )
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    assert digest == "682148f26fd8f97b36e6d64275e29223616f1c1c44ca6fe95e9114c905c80635"


def test_every_letter_is_in_nfc_and_counts_as_one() -> None:
    for letter in TYPE_A:
        assert normalise(letter) == letter
        assert letters(letter) == (letter,)
        assert letters(unicodedata.normalize("NFD", letter)) == (letter,)


def test_every_letter_has_a_search_form_of_capitals() -> None:
    for letter in LETTERS:
        form = search_form(letter)
        assert form.isascii()
        assert form.isalpha()
        assert form.isupper()


@pytest.mark.parametrize("entry", NAMES["valid"], ids=lambda entry: entry["search_form"])
def test_hard_names_are_taken_counted_and_found(entry: dict[str, Any]) -> None:
    assert type_a_faults(entry["name"]) == ()
    assert len(letters(entry["name"])) == entry["letters"]
    assert search_form(entry["name"]) == entry["search_form"]


@pytest.mark.parametrize("entry", NAMES["invalid"], ids=lambda entry: entry["faults"][0][1])
def test_each_refused_letter_is_named_by_position_and_code_points(entry: dict[str, Any]) -> None:
    found = [
        [fault.position, " ".join(f"U+{point:04X}" for point in fault.code_points)]
        for fault in type_a_faults(entry["name"])
    ]
    assert found == entry["faults"]


@pytest.mark.parametrize(
    ("name", "german", "english"),
    [
        ("Сокoлов", "Zeichen 1 ist ein kyrillisches С", "Character 1 is a Cyrillic С"),
        ("\u0410nna", "bitte das lateinische A eingeben", "please type the Latin A"),
        ("Ґудзь", "die Originalschrift hat eigene Felder", "the original script has fields of its own"),
        ("Αnna", "Zeichen 1 ist ein griechisches", "Character 1 is a Greek"),
        ("Jan\u0308sen", "Zeichen 3 ist ein lateinisches n\u0308 (U+006E U+0308)", "Character 3 is a Latin"),
        ("Müller–Schmidt", "Bitte den Bindestrich - eingeben", "Please type the hyphen -"),
        ("Ivanova\u00a0Anna", "Zeichen 8 ist ein geschütztes Leerzeichen", "Character 8 is a no-break space"),
        ("Mu\u00adller", "Zeichen 3 ist ein weiches Trennzeichen", "Character 3 is a soft hyphen"),
        ("Mül\u200bler", "unsichtbares Zeichen ohne Breite", "invisible zero-width character"),
        ("Anna\u202e", "Steuerzeichen für die Schreibrichtung", "text-direction control"),
        (
            "Arnold 3rd",
            "Zeichen 8 ist die Ziffer 3. Ziffern stehen nicht",
            "Character 8 is the digit 3. Legal names have",
        ),
        ("Ka\u02bbahumanu", "Bitte den Apostroph ' oder ’ eingeben", "Please type the apostrophe ' or ’"),
        ("Anna\tMiller", "Zeichen 5 ist ein Tabulator", "Character 5 is a tab"),
        ("Anna\U0001f600", "Zeichen 5 ist ein Emoji", "Character 5 is an emoji"),
    ],
)
def test_a_refusal_says_what_the_character_is_and_how_to_mend_it(name: str, german: str, english: str) -> None:
    fault = type_a_faults(name)[0]
    assert german in fault.said.de
    assert english in fault.said.en


def test_an_invisible_character_is_named_and_never_shown() -> None:
    for character in "\u202e\u200b\u00ad\u00a0\ufeff\u0007\n":
        fault = type_a_faults(f"Anna{character}")[0]
        assert character not in fault.said.de + fault.said.en


def test_positions_count_letters_and_not_code_points() -> None:
    # K with U+035F and h is one letter of three code points, so the digit is the sixth letter.
    assert [fault.position for fault in type_a_faults("K\u035fhālid3")] == [6]


def test_an_accent_the_standard_does_not_have_spoils_its_letter() -> None:
    assert type_a_faults("n") == ()
    assert letters("an\u0308a") == ("a", "n\u0308", "a")
    assert len(type_a_faults("an\u0308a")) == 1


def test_two_spellings_of_one_name_are_found_as_equal_and_two_names_are_not() -> None:
    assert search_form("Müller") == search_form("Mueller")
    assert search_form("Groß") == search_form("Gross")
    assert search_form("Đorđević") == search_form("Dordevic")
    assert search_form("Ivanov") != search_form("Ivanova")


@given(st.lists(st.sampled_from(sorted(TYPE_A)), max_size=40).map("".join))
def test_what_is_made_of_type_a_letters_is_type_a(name: str) -> None:
    # Joining may compose new letters (a + combining mark never stands alone in the table), but never a fault:
    # a letter of the table begins with a base character, and only U+035F binds what follows it.
    assert "".join(letters(name)) == normalise(name)
    assert type_a_faults(name) == ()


@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_rules_or_loses_a_character(text: str) -> None:
    assert "".join(letters(text)) == normalise(text)
    search_form(text)
    for fault in type_a_faults(text):
        assert 1 <= fault.position <= len(letters(text))
        assert fault.said.de != fault.said.en
