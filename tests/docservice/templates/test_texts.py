"""Clause texts: values go in once, translations count as checked only when a translator approved these very bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from docservice.domain.documents import Pair
from docservice.domain.errors import DocserviceError
from docservice.templates.texts import ClauseTexts

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
GREETING = 'msgctxt "greeting"\nmsgid "Guten Tag, {name}"\nmsgstr "{text}"\n\n'
END = 'msgctxt "end"\nmsgid "Ende"\nmsgstr "{text}"\n'
SOURCE = HEAD + GREETING.replace("{text}", "") + END.replace("{text}", "")
TRANSLATED = HEAD + GREETING.replace("{text}", "Dzień dobry, {name}") + END.replace("{text}", "Koniec")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return _written(tmp_path / "de.po", SOURCE)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _approved(path: Path) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest()]


def test_german_alone_needs_no_check(source: Path) -> None:
    texts = ClauseTexts.load(source)
    assert texts.checked
    assert texts.pair("greeting", {"name": "Anna"}) == Pair("Guten Tag, Anna", None)


def test_each_language_has_its_own_values(source: Path, tmp_path: Path) -> None:
    texts = ClauseTexts.load(source, _written(tmp_path / "pl.po", TRANSLATED))
    assert texts.language == "pl"
    assert texts.pair("greeting", {"name": "Anna"}, {"name": "Pani Anna"}) == Pair(
        "Guten Tag, Anna", "Dzień dobry, Pani Anna"
    )


@pytest.mark.parametrize(
    "value", ["{name}", "{0.__class__}", "{{ 7*7 }}", "{% if %}", "100 %s", "\\1 \\g<0>", "#eval(1)", "{end}"]
)
def test_a_value_is_never_looked_into(source: Path, value: str) -> None:
    assert ClauseTexts.load(source).pair("greeting", {"name": value}).de == f"Guten Tag, {value}"


@pytest.mark.parametrize(("unit", "values"), [("greeting", {}), ("greeting", {"names": "x"}), ("farewell", {})])
def test_an_unknown_unit_or_placeholder_is_an_error(source: Path, unit: str, values: dict[str, str]) -> None:
    with pytest.raises(DocserviceError) as caught:
        ClauseTexts.load(source).pair(unit, values)
    assert caught.value.code == "template_text"
    assert unit in caught.value.detail


def test_an_approved_translation_is_checked(source: Path, tmp_path: Path) -> None:
    translation = _written(tmp_path / "pl.po", TRANSLATED)
    assert ClauseTexts.load(source, translation, _approved(translation)).checked
    assert not ClauseTexts.load(source, translation).checked


def test_approval_ends_with_the_slightest_change(source: Path, tmp_path: Path) -> None:
    translation = _written(tmp_path / "pl.po", TRANSLATED)
    approved = _approved(translation)
    _written(translation, TRANSLATED.replace("Koniec", "Koniec."))
    assert not ClauseTexts.load(source, translation, approved).checked


@pytest.mark.parametrize(
    ("change", "missing", "unchecked"),
    [
        (('msgctxt "end"', '#, fuzzy\nmsgctxt "end"'), (), ("end",)),
        (('msgid "Ende"', 'msgid "Schluss"'), (), ("end",)),
        (("Koniec", ""), ("end",), ()),
    ],
    ids=["fuzzy", "stale", "missing"],
)
def test_fuzzy_stale_and_missing_units_are_unchecked_even_if_approved(
    source: Path, tmp_path: Path, change: tuple[str, str], missing: tuple[str, ...], unchecked: tuple[str, ...]
) -> None:
    translation = _written(tmp_path / "pl.po", TRANSLATED.replace(*change))
    texts = ClauseTexts.load(source, translation, _approved(translation))
    assert (texts.checked, texts.missing, texts.unchecked) == (False, missing, unchecked)
