"""The languages of the second column. German is always the first and the only binding one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LRM = "\u200e"  # left-to-right mark: keeps Latin names, numbers and dates in order inside right-to-left text
RLM = "\u200f"  # right-to-left mark: keeps brackets between two of those in the direction of the text around


@dataclass(frozen=True, slots=True)
class Language:
    """A language as documents need it: its BCP 47 tag, its name in itself, its script and direction."""

    code: str
    tag: str
    name: str
    german_name: str
    script: str  # ISO 15924
    right_to_left: bool = False


GERMAN = Language("de", "de-DE", "Deutsch", "Deutsch", "Latn")
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        GERMAN,
        Language("ru", "ru-RU", "Русский", "Russisch", "Cyrl"),
        Language("uk", "uk-UA", "Українська", "Ukrainisch", "Cyrl"),
        Language("pl", "pl-PL", "Polski", "Polnisch", "Latn"),
        Language("en", "en-GB", "English", "Englisch", "Latn"),
        Language("ar", "ar-SA", "العربية", "Arabisch", "Arab", right_to_left=True),
    )
}
SECOND: Final = tuple(code for code in LANGUAGES if code != GERMAN.code)
"""The codes of the second languages."""
USUAL: Final = LANGUAGES["ru"]
"""The second language where nobody names one."""
ORDERED: Final = (GERMAN.code, USUAL.code)
"""The languages of an order that names none."""
