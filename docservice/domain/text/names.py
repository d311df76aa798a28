"""Legal names: data type A of DIN 91379 (BSI/KoSIT "String.Latin"), counted in letters, and their search form.

Names are kept and printed exactly as given (in NFC); nothing here mends, cases or transliterates a name.
"""

from __future__ import annotations

import unicodedata

from docservice.domain.text.din91379 import LETTERS, LONGEST, OTHER, SEARCH_EXCEPTIONS, TYPE_A
from docservice.domain.text.messages import Sentence, say
from docservice.domain.text.scripts import LATIN_FOR, CharacterFault, describe, script_of

__all__ = ["CharacterFault", "letters", "normalise", "search_form", "type_a_faults"]

_SEPARATORS = frozenset(" -")
_APOSTROPHES = frozenset("\u02bb\u02bc\u2018\u201b")  # look like the apostrophes of type A and are not


def normalise(text: str) -> str:
    """The text in Unicode normalization form C."""
    return unicodedata.normalize("NFC", text)


def letters(text: str) -> tuple[str, ...]:
    """The letters of a text in NFC, by longest match over the letters and sequences of DIN 91379.

    A character outside of the list is a letter of its own, together with the accents on it: so "n" + U+0308 is one
    letter, and one that `type_a_faults` refuses, although "n" alone is in the list.
    """
    nfc = normalise(text)
    found: list[str] = []
    start = 0
    while start < len(nfc):
        end = _end_of_letter(nfc, start)
        found.append(nfc[start:end])
        start = end
    return tuple(found)


def type_a_faults(text: str) -> tuple[CharacterFault, ...]:
    """The letters that data type A does not hold, each with its position and how to mend it; empty when valid."""
    name = letters(text)
    mixed = any(script_of(letter) == "Latn" for letter in name)
    return tuple(
        _fault(position, letter, mixed) for position, letter in enumerate(name, start=1) if letter not in TYPE_A
    )


def search_form(text: str) -> str:
    """The A-Z form two spellings are compared by: "Müller" and "Mueller" both give "MUELLER".

    Base letters in capitals, the exceptions of the standard written out (Ä -> AE, Þ -> TH), space and hyphen kept,
    apostrophes, primes and other signs dropped. Letters outside of the list keep their base letter.
    """
    return "".join(map(_search_letter, letters(text)))


def _end_of_letter(text: str, start: int) -> int:
    end = start + 1
    for size in range(LONGEST, 1, -1):
        if text[start : start + size] in LETTERS:
            end = start + size
            break
    while end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end += 1
    return end


def _fault(position: int, letter: str, mixed: bool) -> CharacterFault:
    return describe(letter).fault(position, letter, _mend(letter, mixed))


def _mend(letter: str, mixed: bool) -> Sentence:
    twin = LATIN_FOR.get(letter)
    if twin and mixed:
        return say("pieces.mend_latin", twin=twin)
    if script_of(letter) not in (None, "Latn"):
        return say("pieces.mend_other_field")
    if letter in _APOSTROPHES:
        return say("pieces.mend_apostrophe")
    return say("pieces.mend_digit") if letter.isdecimal() else say("pieces.mend_passport")


def _search_letter(letter: str) -> str:
    if letter in SEARCH_EXCEPTIONS:
        return SEARCH_EXCEPTIONS[letter]
    if letter in OTHER:
        return letter if letter in _SEPARATORS else ""
    decomposed = unicodedata.normalize("NFD", letter)
    return "".join(part for part in decomposed if not unicodedata.category(part).startswith("M")).upper()
