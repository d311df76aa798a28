"""The bidirectional algorithm (UAX #9) backwards: from what stands from left to right on a line to what is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from docservice.domain.languages import LANGUAGES

RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
"""Hebrew and Arabic, as ranges of a class of a regular expression."""
ARABIC_DIGITS = "\u0660-\u0669\u06f0-\u06f9"
"""The digits of Arabic and of Persian, in the same way."""
_RIGHT_TO_LEFT = re.compile(f"[{RIGHT_TO_LEFT}]")


def is_right_to_left(tag: str) -> bool:
    """Whether a language, by its BCP 47 tag, is written from right to left."""
    language = LANGUAGES.get(tag.partition("-")[0])
    return language is not None and language.right_to_left


def has_right_to_left(text: str) -> bool:
    """Whether anything in a text is read from right to left."""
    return _RIGHT_TO_LEFT.search(text) is not None


def direction(text: str) -> str:
    """Which way a text is read: "R" right to left, "L" left to right, "D" a number, "N" as what is beside it."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL"):
            return "R"
        if kind == "L":
            return "L"
        if kind in ("EN", "AN"):
            return "D"
    return "N"


def resolved(levels: Sequence[int | None], base: int) -> list[int]:
    """Embedding levels with those that are None as what is on both sides of them, else `base` (rules N1 and N2)."""
    following: list[int] = []
    after = base
    for level in reversed(levels):
        after = after if level is None else level
        following.append(after)
    found: list[int] = []
    before = base
    for level, after in zip(levels, reversed(following), strict=True):
        if level is not None:
            before = level
            found.append(level)
        else:
            found.append(before if before == after else base)
    return found


def read_order(levels: Sequence[int]) -> list[int]:
    """The places of a line, given their levels from left to right, in the order of reading: turning stretches is its
    own inverse (rule L2)."""
    places = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        places = list(_turned(places, levels, level))
    return places


def _turned(places: Sequence[int], levels: Sequence[int], level: int) -> Iterator[int]:
    for inside, part in groupby(places, key=lambda place: levels[place] >= level):
        stretch = list(part)
        yield from reversed(stretch) if inside else stretch
