"""The lint of translations: all shipped files pass; each kind of fault is found and named by its unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from docservice.templates.lint import lint_texts
from docservice.templates.service import TemplateLibrary
from tests.support.content import TEMPLATES

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
UNIT = 'msgctxt "lead"\nmsgid "{de}"\nmsgstr "{tr}"\n'
GERMAN = "{name} erklärt („wörtlich“) am {date}: {de_verb}"


def test_every_shipped_text_passes() -> None:
    assert TemplateLibrary(TEMPLATES).lint() == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{name} «x» {date}", None),
        ("", "no translation"),
        ("{name} x", "lacks the placeholder {date}"),
        ("{name} {date} {place}", "{place}, which the German text does not offer"),
        ("{name} {date} {de_verb}", "{de_verb}, which the German text does not offer"),
        ("{name} {date} {0.attr}", "no placeholder"),
        ("{name} {date} }", "brace"),
        ("{name} {date} «x", "unbalanced"),
        ("{name} {date} x»", "unbalanced"),
        ("{name} {date} (x", "unbalanced"),
        ("{name}\u200e {date}", "U+200E at position 7"),
        ("{name}\u202e {date}", "U+202E"),
        ("{name}\u00ad {date}", "U+00AD"),
        (" {name} {date}", "begins or ends with a space"),
    ],
)
def test_faults_of_a_translation_are_named(tmp_path: Path, text: str, complaint: str | None) -> None:
    source, translation = tmp_path / "de.po", tmp_path / "ru.po"
    source.write_text(HEAD + UNIT.replace("{de}", GERMAN).replace("{tr}", ""), encoding="utf-8")
    translation.write_text(HEAD + UNIT.replace("{de}", GERMAN).replace("{tr}", text), encoding="utf-8")
    messages = lint_texts(source, translation)
    if complaint is None:
        assert messages == ()
    else:
        assert {(message.language, message.unit) for message in messages} == {("ru", "lead")}
        assert any(complaint in message.text for message in messages)


def test_stale_and_surplus_units_are_named(tmp_path: Path) -> None:
    source, translation = tmp_path / "de.po", tmp_path / "ru.po"
    source.write_text(HEAD + UNIT.replace("{de}", "Neu").replace("{tr}", ""), encoding="utf-8")
    old = UNIT.replace("{de}", "Alt").replace("{tr}", "x")
    translation.write_text(HEAD + old + "\n" + old.replace('"lead"', '"gone"'), encoding="utf-8")
    assert [(message.unit, message.text.split()[1]) for message in lint_texts(source, translation)] == [
        ("lead", "stale:"),
        ("gone", "not"),
    ]


def test_the_german_source_is_linted_as_its_own_translation(tmp_path: Path) -> None:
    source = tmp_path / "de.po"
    source.write_text(HEAD + UNIT.replace("{de}", "„Offen {Name}").replace("{tr}", ""), encoding="utf-8")
    assert {message.unit for message in lint_texts(source, source)} == {"lead"}
    assert len(lint_texts(source, source)) == 2


@pytest.mark.parametrize(("text", "messages"), [("в плане помощи", 0), ("в программе поддержки", 1)])
def test_the_glossary_is_enforced(tmp_path: Path, text: str, messages: int) -> None:
    source, translation = tmp_path / "de.po", tmp_path / "ru.po"
    source.write_text(HEAD + UNIT.replace("{de}", "im Hilfeplan").replace("{tr}", ""), encoding="utf-8")
    translation.write_text(HEAD + UNIT.replace("{de}", "im Hilfeplan").replace("{tr}", text), encoding="utf-8")
    glossary = [{"de": "Hilfeplan", "ru": r"план\w* помощи", "pl": "plan"}]
    assert len(lint_texts(source, translation, glossary)) == messages
