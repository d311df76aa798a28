"""Which characters a text may hold, by script: names in their original script, and free text that will be printed.

Positions count letters as people see them (a base character with its accents is one letter), from 1, after NFC.
A fault names the one character it is about, never the text around it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docservice.domain.forms import ORIGINAL_SCRIPTS
from docservice.domain.text.messages import Sentence, say


@dataclass(frozen=True, slots=True)
class CharacterFault:
    """A character that may not stand where it stands: `position` counts letters from 1; `said` says what the character
    is and how to mend it; `code_points` is the character itself."""

    position: int
    said: Sentence
    code_points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What a character is called ("a Cyrillic С") and, where it does not depend on the place, how to mend it."""

    what: Sentence
    mend: Sentence | None = None

    def fault(self, position: int, letter: str, mend: Sentence) -> CharacterFault:
        """The fault for this character; its own mend goes before the one of the place."""
        said = say("pieces.character_is", position=position, what=self.what, mend=self.mend or mend)
        return CharacterFault(position, said, tuple(map(ord, letter)))


SCRIPTS: Mapping[str, str] = {
    "LATIN": "Latn",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "ARABIC": "Arab",
    "HEBREW": "Hebr",
    "ARMENIAN": "Armn",
    "GEORGIAN": "Geor",
    "ETHIOPIC": "Ethi",
    "DEVANAGARI": "Deva",
    "CJK": "Hani",
}
"""First word of a Unicode name -> ISO 15924 code."""

LATIN_FOR: dict[str, str] = dict(
    zip(
        "АВЕКМНОРСТХУІЈЅаеорсухіјѕёЁїЇΑΒΕΖΗΙΚΜΝΟΡΤΥΧοн",
        "ABEKMHOPCTXYIJSaeopcyxijsëËïÏABEZHIKMNOPTYXoh",
        strict=True,
    )
)
"""Cyrillic and Greek letters -> the Latin letter they are mistaken for."""

_CYRILLIC_FOR = dict(zip("ABEKMHOPCTXYIJSaeopcyxijsëËïÏ", "АВЕКМНОРСТХУІЈЅаеорсухіјѕёЁїЇ", strict=True))

# What the shipped fonts (Noto Sans, Noto Naskh Arabic, Noto Sans Hebrew) hold of Latin, Greek, Cyrillic, Arabic and
# Hebrew, of punctuation, currency signs and letter-like symbols: read from their character maps.
_PRINTABLE = """
    0020-007E 00A0-00AC 00AE-033F 0342 0345-034E 0350-0373 0375-0377 037A-037D 037F 0384-0386 0388-038A 038C 038E-03A1
    03A3-03E1 03F0-052F 0591-05C7 05D0-05EA 05F0-05F4 0606-061B 061E-06DC 06DE-06FF 0750-077F 1E00-1F15 1F18-1F1D
    1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F70 1F72 1F74 1F76 1F78 1F7A 1F7C 1F80-1FB4 1FB6-1FBA
    1FBC-1FBD 1FBF-1FC4 1FC6-1FC8 1FCA 1FCC-1FD2 1FD6-1FDA 1FDD-1FE2 1FE4-1FEA 1FEC-1FED 1FF2-1FF4 1FF6-1FF8 1FFA
    1FFC 1FFE 2002-200A 2010-2027 202F-205F 2070-2071 2074-208E 2090-209C 20A0-20BF 2100-2125 2127-2129 212C-215F
    2184 2189 25CC
"""

MOST_ACCENTS = 4  # Arabic vowel signs and the sequences of DIN 91379 need fewer; more is a prank that hides lines


def _read_ranges(table: str) -> Iterator[str]:
    for entry in table.split():
        first, _, last = entry.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


PRINTABLE: frozenset[str] = frozenset(
    character
    for character in _read_ranges(_PRINTABLE)
    if unicodedata.category(character) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
)
"""The characters that can be printed with the fonts the project ships."""


_EVERYDAY = frozenset(character for character in PRINTABLE if not unicodedata.category(character).startswith("M")) | {
    "\n"
}


def clusters(text: str) -> Iterator[str]:
    """The letters of a text in NFC: each base character together with the accents that follow it."""
    cluster = ""
    for character in unicodedata.normalize("NFC", text):
        if cluster and not unicodedata.category(character).startswith("M"):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def script_of(letter: str) -> str | None:
    """ISO 15924 code of the script of a letter, or None for signs, digits and scripts without an entry here."""
    if not unicodedata.category(letter[0]).startswith("L"):
        return None
    return SCRIPTS.get(unicodedata.name(letter[0], "").partition(" ")[0])


def script_faults(text: str, script: str) -> tuple[CharacterFault, ...]:
    """What keeps a name from being one in `script` (Cyrl, Arab or Hebr); ValueError for any other script."""
    if script not in ORIGINAL_SCRIPTS:
        raise ValueError(f"no original-script rule for {script}")
    return tuple(
        _script_fault(position, letter, script)
        for position, letter in enumerate(clusters(text), start=1)
        if not _fits(letter, script)
    )


def free_text_faults(text: str) -> tuple[CharacterFault, ...]:
    """What keeps a free text from being printed: controls (but line feeds), direction marks, zero-width characters,
    soft hyphens, emoji, private and unassigned characters, and all that the shipped fonts do not hold."""
    if _EVERYDAY.issuperset(unicodedata.normalize("NFC", text)):
        return ()
    return tuple(
        describe(letter).fault(position, letter, say("pieces.mend_other_words"))
        for position, letter in enumerate(clusters(text), start=1)
        if letter != "\n" and (len(letter) > 1 + MOST_ACCENTS or not PRINTABLE.issuperset(letter))
    )


def describe(letter: str) -> Description:
    """What to call a letter in a sentence; invisible characters are named and not shown."""
    character = letter[0]
    named = next((_NAMED[part] for part in letter if part in _NAMED), None)
    if named:
        return named
    if len(letter) > 1 + MOST_ACCENTS:
        return _TOO_MANY_ACCENTS
    category = unicodedata.category(character)
    if category in _BY_CATEGORY and len(letter) == 1:
        return _BY_CATEGORY[category]
    if category == "Nd":
        return Description(say("pieces.character_digit", character=character))
    if _is_emoji(letter):
        return _EMOJI
    return _describe_visible(letter)


def code_points(letter: str) -> str:
    """The code points of a letter as people write them: "U+006E U+0308"."""
    return " ".join(f"U+{ord(character):04X}" for character in letter)


def _describe_visible(letter: str) -> Description:
    script, points = script_of(letter), code_points(letter)
    if script is None:
        return Description(say("pieces.character_plain", letter=letter, points=points))
    return Description(say(f"pieces.letter_{script.lower()}", letter=letter, points=points))


def _fits(letter: str, script: str) -> bool:
    base, accents = letter[0], letter[1:]
    if not PRINTABLE.issuperset(letter) or len(accents) > MOST_ACCENTS:
        return False
    if base in _BETWEEN or base in _BETWEEN_IN[script]:
        return not accents
    if script_of(base) != script or unicodedata.category(base) == "Lm":
        return False
    own = "" if script == "Cyrl" else next(word for word, code in SCRIPTS.items() if code == script)
    return all(own and unicodedata.name(accent, "").startswith(own) for accent in accents)


def _script_fault(position: int, letter: str, script: str) -> CharacterFault:
    twin = _CYRILLIC_FOR.get(letter) if script == "Cyrl" else None
    mend = say("pieces.mend_cyrillic", twin=twin) if twin else say(f"pieces.allowed_{script.lower()}")
    return describe(letter).fault(position, letter, mend)


def _is_emoji(letter: str) -> bool:
    return "\ufe0f" in letter or unicodedata.category(letter[0]) == "So" or "\U0001f000" <= letter[0] <= "\U0001faff"


_BETWEEN = frozenset(" -'’.")
_BETWEEN_IN = {"Cyrl": frozenset("ʼ"), "Arab": frozenset(), "Hebr": frozenset("־׳״")}

_DELETE = say("pieces.mend_delete")
_PLAIN_SPACE = say("pieces.mend_space")
_PLAIN_HYPHEN = say("pieces.mend_hyphen")
_LINE_BREAK = Description(say("pieces.character_line_break"), say("pieces.mend_one_line"))
_ZERO_WIDTH = Description(say("pieces.character_zero_width"), _DELETE)
_DIRECTION = Description(say("pieces.character_direction"), _DELETE)
_SPECIAL_SPACE = Description(say("pieces.character_special_space"), _PLAIN_SPACE)
_EMOJI = Description(say("pieces.character_emoji"), _DELETE)
_TOO_MANY_ACCENTS = Description(say("pieces.character_accents"), _DELETE)
_CONTROL = Description(say("pieces.character_control"), _DELETE)
_NOT_A_CHARACTER = Description(say("pieces.character_invalid"), _DELETE)

_NAMED: dict[str, Description] = {
    "\t": Description(say("pieces.character_tab"), _PLAIN_SPACE),
    "\u00a0": Description(say("pieces.character_no_break_space"), _PLAIN_SPACE),
    "\u202f": Description(say("pieces.character_narrow_space"), _PLAIN_SPACE),
    "\u00ad": Description(say("pieces.character_soft_hyphen"), _DELETE),
    "\u0640": Description(say("pieces.character_tatweel"), _DELETE),
    "\u2010": Description(say("pieces.character_special_hyphen"), _PLAIN_HYPHEN),
    "\u2011": Description(say("pieces.character_no_break_hyphen"), _PLAIN_HYPHEN),
    "\u2013": Description(say("pieces.character_en_dash"), _PLAIN_HYPHEN),
    "\u2014": Description(say("pieces.character_em_dash"), _PLAIN_HYPHEN),
    "\u2212": Description(say("pieces.character_minus"), _PLAIN_HYPHEN),
    **dict.fromkeys("\n\r\u0085\u2028\u2029", _LINE_BREAK),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u180e\u034f", _ZERO_WIDTH),
    **dict.fromkeys("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", _DIRECTION),
}

_BY_CATEGORY: dict[str, Description] = {
    "Zs": _SPECIAL_SPACE,
    "Cc": _CONTROL,
    "Cf": _ZERO_WIDTH,
    "Cs": _NOT_A_CHARACTER,
    "Co": Description(say("pieces.character_private"), _DELETE),
    "Cn": _NOT_A_CHARACTER,
}
