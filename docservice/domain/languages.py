"""The languages of the second column: one row each. German is always the first and the only binding one.

A new language is a row here, its catalogues, and their entries in the register of templates (see
docs/decisions/0030)."""

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
    ocr: str  # the model of Tesseract that recognises it
    right_to_left: bool = False

    @property
    def layout(self) -> str:
        """Which layout of a template it is set in, as the second language: by its direction."""
        return "rtl" if self.right_to_left else "ltr"


GERMAN = Language("de", "de-DE", "Deutsch", "Deutsch", "Latn", "deu")
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        GERMAN,
        Language("ru", "ru-RU", "Русский", "Russisch", "Cyrl", "rus"),
        Language("uk", "uk-UA", "Українська", "Ukrainisch", "Cyrl", "ukr"),
        Language("pl", "pl-PL", "Polski", "Polnisch", "Latn", "pol"),
        Language("en", "en-GB", "English", "Englisch", "Latn", "eng"),
        Language("ar", "ar-SA", "العربية", "Arabisch", "Arab", "ara", right_to_left=True),
    )
}
SECOND: Final = tuple(code for code in LANGUAGES if code != GERMAN.code)
"""The codes of the second languages."""
USUAL: Final = LANGUAGES["ru"]
"""The second language where nobody names one."""
ORDERED: Final = (GERMAN.code, USUAL.code)
"""The languages of an order that names none."""
