"""Clause texts: the German source and one translation, read from gettext PO, filled with named values.

A unit's `msgctxt` is its stable id, its `msgid` the German text. A placeholder is a name in braces; a value is put in
once and never looked at again, so braces or percent signs in a value stay what they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from docservice.domain.documents import Pair
from docservice.domain.errors import DocserviceError

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NO_VALUES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ClauseTexts:
    """The texts of one template version in German and, unless `language` is None, in a second language.

    `missing` are units without a translation: with any, the language cannot be offered. `unchecked` are units that
    are fuzzy, or stale because the German text has changed since. `checked` is True when there are none of either
    and a certified translator has approved exactly these bytes of the file.
    """

    language: str | None
    checked: bool
    missing: tuple[str, ...]
    unchecked: tuple[str, ...]
    german: Mapping[str, str]
    translated: Mapping[str, str]

    @classmethod
    def load(cls, source: Path, translation: Path | None = None, approved_sha256: Collection[str] = ()) -> ClauseTexts:
        """Read the German catalogue and a translation; `approved_sha256` are the hashes of approved files."""
        german = {unit: str(message.id) for unit, message in _messages(source).items()}
        if translation is None:
            return cls(None, True, (), (), MappingProxyType(german), _NO_VALUES)
        found = _messages(translation)
        translated = {unit: str(found[unit].string) for unit in german if unit in found and found[unit].string}
        missing = tuple(unit for unit in german if unit not in translated)
        unchecked = tuple(unit for unit in translated if found[unit].fuzzy or str(found[unit].id) != german[unit])
        approved = hashlib.sha256(translation.read_bytes()).hexdigest() in approved_sha256
        return cls(
            language=translation.stem,
            checked=approved and not missing and not unchecked,
            missing=missing,
            unchecked=unchecked,
            german=MappingProxyType(german),
            translated=MappingProxyType(translated),
        )

    def __contains__(self, unit: str) -> bool:
        return unit in self.german

    def pair(self, unit: str, de: Mapping[str, str] = _NO_VALUES, tr: Mapping[str, str] | None = None) -> Pair:
        """A unit in both languages with its values put in; `tr` are the second language's values, if they differ.

        DocserviceError "template_text" when there is no such unit or no value for one of its placeholders.
        """
        german = _filled(unit, self._text(self.german, unit), de)
        if self.language is None:
            return Pair(german)
        return Pair(german, _filled(unit, self._text(self.translated, unit), de if tr is None else tr))

    def _text(self, texts: Mapping[str, str], unit: str) -> str:
        if unit not in texts:
            raise DocserviceError.told("templates.template_text.unit", unit=unit, language=self.language or "de")
        return texts[unit]


def _messages(path: Path) -> dict[str, Message]:
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    return {message.context: message for message in catalogue if message.id and message.context}


def _filled(unit: str, text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise DocserviceError.told("templates.template_text.value", unit=unit, name=name)
        return values[name]

    return PLACEHOLDER.sub(value, text)
