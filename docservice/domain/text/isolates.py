"""Values inside a text that are read and copied as one: addresses, numbers, dates, file numbers.

They are set without any added hyphen and in their own direction (left to right), stay on one line where the line is
wide enough, and else are parted only where a reader can put them together again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A letter of a script that runs left to right, and what may not stand before a value.
_L = r"[^\W\d_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_LD = r"[^\W_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_BEGIN = rf"(?<!{_LD})"
_END = rf"(?!{_LD})"
_GAP = r"[ \u00a0\u202f]"
_DASH = r"[-\u2010-\u2013]"
_TO = rf"(?:{_GAP}?{_DASH}{_GAP}?|{_GAP}bis{_GAP})"
_HOST = rf"{_LD}(?:[\w-]*{_LD})?(?:\.{_LD}(?:[\w-]*{_LD})?)*\.{_L}{{2,}}"
_AFTER_HOST = r"(?::\d+)?(?:[/?#][^\s<>\"„“”«»\u200e\u200f\u2066-\u2069\u0590-\u08ff]*)?"
_TWO_DAYS = rf"(?:19|20)[0-9]{{2}}{_GAP}(?:{_DASH}|bis){_GAP}[0-9]{{1,2}}(?![0-9])"  # "(3. Mai) 2027 bis 30. (Juni)"
_NUMBER = r"[0-9]+(?:[.,'’\u00a0\u202f][0-9]+)*"
_DOTTED = rf"[0-9]{{1,2}}\.(?:{_GAP}?[0-9]{{1,2}}\.?(?:{_GAP}?[0-9]{{4}}|[0-9]{{2}})?)?"
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SLASHED = r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}"
_TIME = r"[0-9]{1,2}[:.][0-9]{2}(?::[0-9]{2})?"
_OFFSET = r"(?:Z|[-+][0-9]{2}:[0-9]{2})?"
_GROUP = rf"(?:[A-ZÄÖÜА-ЯІЇЄҐ]{{1,6}}[0-9]*|[0-9]+{_L}?|{_L})"
_UNIT = (
    r"(?:[€$£₴₽%‰]|°C?|EUR|Euro|PLN|zł|грн|руб\.|km/h|km²?|qm|[mcdk]?m[²³]?|[mk]?g|[mc]?l|kWh|h|min|"
    r"Min\.|Std\.|Tg\.|Mon\.|Uhr|Stk\.)"
)
_PATTERNS = {
    "address": rf"(?:mailto:)?[^\W\u0590-\u08ff](?:[\w.+%'’-]*[^\W\u0590-\u08ff])?@(?:{_HOST}|{_LD}[\w-]*)",
    "url": rf"(?:[A-Za-z][A-Za-z+.-]*://(?:[\w.~%-]+@)?(?:{_HOST}|[\w-]+(?:\.[\w-]+)*)|{_HOST}){_AFTER_HOST}",
    "iban": rf"[A-Z]{{2}}[0-9]{{2}}(?:{_GAP}?[A-Z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Z0-9]{{1,3}})?{_END}",
    "days": rf"(?:{_DOTTED}(?:{_TO}{_DOTTED})+|{_ISO}{_TO}{_ISO}|{_SLASHED}{_TO}{_SLASHED}){_END}",
    "times": rf"{_TIME}(?:{_TO}{_TIME})+(?:{_GAP}(?:Uhr|h){_END})?",
    "phone": rf"(?:(?:\+|00){_GAP}?[1-9]|\(\+?[0-9]{{1,6}}\)|0[0-9]|8(?={_GAP}?\([0-9]{{3}}))"
    rf"(?:[ \u00a0\u202f/-]{{0,3}}(?:\([0-9]{{1,5}}\)|[0-9])){{4,}}{_END}",
    "day": rf"(?:[0-9]{{1,2}}\.{_GAP}?[0-9]{{1,2}}\.(?:{_GAP}?[0-9]{{4}}|[0-9]{{2}})?|{_ISO}(?:T{_TIME}{_OFFSET})?|"
    rf"{_SLASHED}){_END}",
    "section": rf"§§?{_GAP}?[0-9]+{_L}?(?:{_DASH}[0-9]+{_L}?)?{_END}",
    "measure": rf"[-+−±]?{_NUMBER}(?:,[-–—]{{1,2}}|{_TO}{_NUMBER})?{_GAP}?{_UNIT}{_END}"
    rf"|(?:[€$£₴₽]|EUR|USD|PLN|UAH){_GAP}?{_NUMBER}",
    "file": rf"(?=[^\s]*[0-9]){_GROUP}(?:(?:[-/.:_]|//){_GROUP})+{_END}(?!,[0-9])",
    "time": rf"{_TIME}(?:{_GAP}Uhr)?{_END}",
    "number": rf"[0-9]{{1,3}}(?:[ \u00a0\u202f][0-9]{{3}})+(?:,[0-9]+)?{_END}"
    rf"|(?!{_TWO_DAYS})[-+−±]?{_NUMBER}(?:{_TO}{_NUMBER})+{_END}"
    rf"|[-+−±]?[0-9]+(?:[.,][0-9]+)+{_END}|[-+−±][0-9]+{_END}",
    "marked": rf"[#@]{_LD}[\w-]*{_END}|{_LD}{{1,20}}\+{{1,2}}{_END}",  # "#Ankommen", "B1+"
    "suffix": rf"(?:[jJ]un|[sS]en|[jJS]r|Dr|Prof|Dipl|Ing|[Ss]tr|Nr|Tel|Abs|Art|geb|ggf|usw|bzw|etc|ff|[Mm]in|[Ss]td)\."
    rf"|{_L}\.(?:{_GAP}?{_L}\.)+|[A-ZÄÖÜ]\.(?={_GAP}\S)",  # "e. V.", "Anna K. kommt"
}
_VALUE = re.compile(_BEGIN + "(?:" + "|".join(f"(?P<{name}>{form})" for name, form in _PATTERNS.items()) + ")")
_MAIL_OR_URL = ("address", "url")
_SENTENCE = ".,;:!?'’…*"  # what ends a sentence belongs to no address before it
_PART = re.compile(r"[^@./\-\u2010-\u2013_?&=# \u00a0\u202f]*(?:[@./\-\u2010-\u2013_?&=# \u00a0\u202f]+|$)")
_CLOSING_DASH = re.compile(r"(?: \d)? –$", re.MULTILINE)
_GROUP_OF_FOUR = re.compile(r".{1,4}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. `parts` is empty for ordinary words; those of a value, joined, give it, and between them a
    line that is too narrow for the whole may end."""

    text: str
    parts: tuple[str, ...] = ()


def pieces(text: str) -> tuple[Piece, ...]:
    """The text as ordinary words and values in turn; joined, they are the text, letter by letter."""
    found: list[Piece] = []
    done = 0
    for start, end in spans(text):
        if done < start:
            found.append(Piece(text[done:start]))
        found.append(Piece(text[start:end], _parts(text[start:end])))
        done = end
    if done < len(text):
        found.append(Piece(text[done:]))
    return tuple(found)


def bound(text: str) -> str:
    """The text with a dash that closes it, or a line of it ("– nachfolgend Vertragspartner 1 –"), bound to the word
    before it by no-break spaces, so that it never stands alone on a line."""
    if not text.endswith("–") and "–\n" not in text:
        return text
    return _CLOSING_DASH.sub(lambda closing: closing.group().replace(" ", "\u00a0"), text)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each value begins and ends, in order, none overlapping another."""
    if not any(map(text.__contains__, "@#+.0123456789")):
        return
    start = 0
    while match := _VALUE.search(text, start):
        begin, end = match.span()
        if match.lastgroup in _MAIL_OR_URL:
            end = begin + len(_without_sentence(match.group()))
        yield begin, end
        start = end


def _without_sentence(address: str) -> str:
    """An address without the stops and the closing bracket of the sentence around it."""
    while address[-1] in _SENTENCE or (address[-1] in ")]}" and _unopened(address)):
        address = address[:-1]
    return address


def _unopened(address: str) -> bool:
    closing = address[-1]
    return address.count(closing) > address.count("([{"[")]}".index(closing)])


def _parts(value: str) -> tuple[str, ...]:
    parts = tuple(part for part in _PART.findall(value) if part)
    if len(parts) > 1 and not any(map(str.isalnum, parts[0])):  # a sign stays with its number
        parts = (parts[0] + parts[1], *parts[2:])
    if len(parts) == 1 and re.fullmatch(_PATTERNS["iban"], value):
        return tuple(_GROUP_OF_FOUR.findall(value))
    return parts
