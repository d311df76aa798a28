"""What is said to people, from two catalogues: a sentence is corrected there, by somebody who speaks the language.

`messages/de.toml` and `messages/en.toml` have the same keys. A key is `room.code`, or `room.code.variant` where a code
has several sentences; what varies stands in braces by its name, and may have a format (`{day:%d.%m.%Y}`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OFFICE_LANGUAGES = ("de", "en")
"""What people are told things in; a document may be in any of `domain.languages`."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in both languages, and the stable code it belongs to."""

    code: str
    de: str
    en: str


def say(key: str, /, **values: object) -> Sentence:
    """The sentence of a key with its values filled in; KeyError when there is no such key, or a value is missing.

    A value that is a sentence itself is told in the language of the sentence around it.
    """
    german = {name: value.de if isinstance(value, Sentence) else value for name, value in values.items()}
    english = {name: value.en if isinstance(value, Sentence) else value for name, value in values.items()}
    code = key.split(".")[1]
    return Sentence(code, catalogue("de")[key].format_map(german), catalogue("en")[key].format_map(english))


def one_of(words: Iterable[str]) -> Sentence:
    """What may be chosen, as it stands within a sentence: "a or b"."""
    known = tuple(words)
    return Sentence("one_of", " oder ".join(known), " or ".join(known))


def in_a_row(sentences: Iterable[Sentence], between: str = " ") -> Sentence:
    """Several sentences as they stand within another one, one after the other."""
    row = tuple(sentences)
    german, english = between.join(each.de for each in row), between.join(each.en for each in row)
    return Sentence("in_a_row", german, english)


def speaks_german(environment: Mapping[str, str]) -> bool:
    """Whether somebody at a terminal is told things in German: by the first of the usual variables that is set."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name].lower().startswith("de")
    return False


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All sentences of a language by their keys, with the names of their values in braces."""
    text = files("docservice").joinpath("messages", f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text), ""))


def _flat(table: Mapping[str, object], above: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
