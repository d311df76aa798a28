"""Checks a translation against its German source before anybody prints it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_GERMAN_ONLY = "de_"  # inflected German forms, which a translation replaces by a fixed term
_QUOTES = {"„": "“”", "«": "»", "“": "”", "(": ")"}
_CLOSERS = "".join(_QUOTES.values())


@dataclass(frozen=True, slots=True)
class LintMessage:
    """What is wrong with one unit of one catalogue, and how to mend it."""

    language: str
    unit: str
    text: str
    text_de: str


Said = tuple[str, str]  # in English and in German
Glossary = Sequence[Mapping[str, str]]  # terms: language -> regular expression, "de" the one to look for


def read_glossary(path: Path) -> Glossary:
    """The terms of a glossary file."""
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["term"])


def lint_texts(source: Path, translation: Path, glossary: Glossary = ()) -> tuple[LintMessage, ...]:
    """Everything wrong with a translation: units, placeholders, invisible characters, quotes, glossary terms.

    Pass the source as its own translation to check the German text itself.
    """
    try:
        german, found = _units(source), _units(translation)
    except (PoFileError, UnicodeDecodeError):
        return (_unreadable(translation),)
    same = source == translation
    messages = [
        LintMessage(translation.stem, unit, *text)
        for unit, message in german.items()
        for text in _unit_faults(message, message if same else found.get(unit), same)
    ]
    messages.extend(
        LintMessage(translation.stem, unit, *text)
        for unit, message in found.items()
        if unit in german and message.string and not same
        for text in _glossary_faults(str(german[unit].id), str(message.string), translation.stem, glossary)
    )
    messages.extend(
        LintMessage(
            translation.stem, unit, "is not in the German source; remove it", "fehlt im deutschen Text; bitte entfernen"
        )
        for unit in found
        if unit not in german
    )
    return tuple(messages)


def _units(path: Path) -> dict[str, Message]:
    with path.open("rb") as file:
        return {message.context or "": message for message in read_po(file, abort_invalid=True) if message.id}


def _unreadable(translation: Path) -> LintMessage:
    return LintMessage(
        translation.stem,
        translation.name,
        "this catalogue, or the German one, cannot be read; mend it in a PO editor and save it as UTF-8",
        "dieser Katalog oder der deutsche ist nicht lesbar; bitte in einem PO-Editor reparieren und als UTF-8 "
        "speichern",
    )


def _unit_faults(german: Message, message: Message | None, same: bool) -> Iterator[Said]:
    source = str(german.id)
    text = source if same else str(message.string if message else "")
    if not text:
        yield "has no translation", "ist nicht übersetzt"
        return
    if message is not None and str(message.id) != source:
        yield (
            "is stale: the German text has changed since it was translated",
            "ist veraltet: der deutsche Text hat sich seit der Übersetzung geändert",
        )
    yield from _placeholder_faults(source, text, same)
    yield from _character_faults(text)
    if not _balanced(text):
        yield (
            "has an unbalanced quotation mark or bracket",
            "hat ein Anführungszeichen oder eine Klammer ohne Gegenstück",
        )
    if text != text.strip():
        yield "begins or ends with a space", "beginnt oder endet mit einem Leerzeichen"


def _placeholder_faults(source: str, text: str, same: bool) -> Iterator[Said]:
    for name in _PLACEHOLDER.findall(text):
        if not _NAME.fullmatch(name):
            yield (
                f"has {{{name}}}, which is no placeholder; names are small letters, digits and _",
                f"enthält {{{name}}}, das kein Platzhalter ist; Namen sind Kleinbuchstaben, Ziffern und _",
            )
    wanted = {name for name in _PLACEHOLDER.findall(source) if same or not name.startswith(_GERMAN_ONLY)}
    given = set(_PLACEHOLDER.findall(text))
    for name in sorted(wanted - given):
        yield f"lacks the placeholder {{{name}}}", f"enthält den Platzhalter {{{name}}} nicht"
    for name in sorted(given - wanted):
        yield (
            f"has the placeholder {{{name}}}, which the German text does not offer",
            f"enthält den Platzhalter {{{name}}}, den der deutsche Text nicht hat",
        )
    if _PLACEHOLDER.sub("", text).strip("{}") != _PLACEHOLDER.sub("", text) or "{" in _PLACEHOLDER.sub("", text):
        yield (
            "has a brace that belongs to no placeholder",
            "hat eine geschweifte Klammer, die zu keinem Platzhalter gehört",
        )


def _character_faults(text: str) -> Iterator[Said]:
    for position, letter in enumerate(text, start=1):
        if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Cn") and letter != "\n":
            yield (
                f"has an invisible or unassigned character U+{ord(letter):04X} at position {position}",
                f"hat an Stelle {position} ein unsichtbares oder unbekanntes Zeichen U+{ord(letter):04X}",
            )


def _glossary_faults(source: str, text: str, language: str, glossary: Glossary) -> Iterator[Said]:
    for term in glossary:
        if language not in term or not re.search(term["de"], source, re.IGNORECASE):
            continue
        if not re.search(term[language], text, re.IGNORECASE):
            yield (
                f"does not use the glossary's word for {term['de']!r}: {term[language]!r}",
                f"benutzt nicht das Wort des Glossars für {term['de']!r}: {term[language]!r}",
            )


def _balanced(text: str) -> bool:
    """Whether every opening quotation mark and bracket is closed, in the right order."""
    open_marks: list[str] = []
    for letter in text:
        if open_marks and letter in _QUOTES[open_marks[-1]]:
            open_marks.pop()
        elif letter in _QUOTES:
            open_marks.append(letter)
        elif letter in _CLOSERS:
            return False
    return not open_marks
