"""The words by which somebody is found: those of a name, and those of what is asked for, in every script.

The search form of DIN 91379 (`names.search_form`) makes one spelling of several; in other scripts marks are dropped,
and Arabic letters that are written one for another are one. A word is found by its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from docservice.domain.text.names import search_form

_PARTS = re.compile(r"[^\W_]+")
_ALIKE = str.maketrans({"ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ہ": "ه", "ـ": None})
_APOSTROPHES = "'’`´ʾʿʼʻ‘‛"
_APART = str.maketrans(dict.fromkeys(_APOSTROPHES, " "))
_TOGETHER = str.maketrans(dict.fromkeys(_APOSTROPHES))
_ARTICLE = "ال"
_ARTICLES = frozenset(("AL", "EL", _ARTICLE))
_SHORTEST = 2  # letters that are left of a word when its article goes


def name_words(names: Iterable[str]) -> frozenset[str]:
    """All words by which somebody with these names is found.

    The parts of a name between spaces, hyphens and apostrophes, and between spaces and hyphens alone; what stands
    between spaces, and the whole, written as one: "Müller-Groß" is MUELLER, GROSS and MUELLERGROSS. Arabic words stand
    with their article and without.
    """
    return frozenset(word for name in names for word in _words(name))


def asked_words(text: str) -> tuple[str, ...]:
    """The words asked for, each of which a word of the name begins with; without articles, unless there is nothing
    else. Empty when the text has no letter."""
    parts = [_without_article(part) for part in _parts(text)]
    return tuple(dict.fromkeys(part for part in parts if part not in _ARTICLES)) or tuple(parts)


def in_one(text: str) -> str:
    """A text as one word: it also finds a name that somebody else has written together."""
    return "".join(_joined_parts(text))


def _words(name: str) -> Iterator[str]:
    parts = [*_parts(name), *_joined_parts(name)]
    yield from parts
    yield from map(_without_article, parts)
    yield from filter(None, (in_one(word) for word in (*name.split(), name)))


def _parts(text: str) -> list[str]:
    return _PARTS.findall(_folded(text.translate(_APART)))


def _joined_parts(text: str) -> list[str]:
    """What is between spaces and hyphens, an apostrophe being nothing."""
    return _PARTS.findall(_folded(text.translate(_TOGETHER)))


def _folded(text: str) -> str:
    return search_form(text).translate(_ALIKE)


def _without_article(word: str) -> str:
    bare = word.removeprefix(_ARTICLE)
    return bare if len(bare) >= _SHORTEST else word
