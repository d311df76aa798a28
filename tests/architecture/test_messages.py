"""The catalogues are whole: both languages say the same things, and what the code asks for is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from docservice.domain.errors import Conflict, Fault
from docservice.domain.text.messages import OFFICE_LANGUAGES, catalogue, say
from docservice.settings import PROJECT

ASKS = ("told", "say")
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+){1,2}")
KEY_BEGINS = re.compile(r"[a-z_]+\.[a-z0-9_.]*")
NO_VALUES = ("retryable", "example")
PIECES = "pieces."
"""What stands inside other sentences."""
GERMAN = re.compile(
    r"[äöüßÄÖÜ]|\b(der|die|das|und|nicht|ist|sind|bitte|ein|eine|einen|wird|wurde|fehlt|mit|für|auf|zu|bei|kein|keine|von)\b",
    re.IGNORECASE,
)
SAYS = ("Fault", "DocserviceError", "Conflict", "NotFound", "RequestError")
NO_SENTENCES = (
    "archive/content/",  # what a package holds: transfer note, description
    "archive/container/package_readme.py",
    "bundles/content/",  # labels of the documents
    "bundles/cover.py",
    "domain/figures/",  # labels of the office's tables
    "reports/",
    "domain/record/partners.py",  # names of partners
    "cases/codes.py",  # of languages
    "db/migrations/",
    "templates/lint.py",  # mistakes in templates: put together by rules
    "templates/word/",
)
"""Where German stands in the code by decision 0034."""
EXAMPLES = ("Deutsch auf dem Niveau B1", "Vermögenssorge, Behördenangelegenheiten")
"""What somebody might write into a case."""


def values_of(sentence: str) -> Counter[str]:
    """The names in braces."""
    return Counter(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def sources() -> list[Path]:
    return sorted((PROJECT / "docservice").rglob("*.py"))


def asked() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Where a sentence is asked for, by its key, with the names of the values that come with it."""
    for path in sources():
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            keys = [
                each.value for each in call.args if isinstance(each, ast.Constant) and KEY.fullmatch(str(each.value))
            ]
            if name in ASKS and keys:
                given = frozenset(each.arg for each in call.keywords if each.arg and each.arg not in NO_VALUES)
                yield f"{path.relative_to(PROJECT)}:{call.lineno}", str(keys[-1]), given


def constants() -> Iterator[object]:
    """Everything that stands in the code as a value: keys may stand in tables, too."""
    for path in sources():
        yield from (
            each.value for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Constant)
        )


def told_in_code(path: Path) -> Iterator[tuple[int, str]]:
    """Sentences for people that stand in the code: German ones, and errors that are made with one."""
    tree = ast.parse(path.read_text("utf-8"))
    about = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in about and node.value not in EXAMPLES:
            if isinstance(node.value, str) and " " in node.value.strip() and GERMAN.search(node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYS:
            texts = (str(each.value) for arg in node.args for each in ast.walk(arg) if isinstance(each, ast.Constant))
            yield from ((node.lineno, text) for text in texts if len(text.split()) > 2)


def found_by_a_word() -> tuple[str, ...]:
    """The beginnings of the keys that are put together at their place: `say(f"pictures.{code}")`."""
    calls = (call for path in sources() for call in ast.walk(ast.parse(path.read_text("utf-8"))))
    texts = (
        each for call in calls if isinstance(call, ast.Call) for each in call.args if isinstance(each, ast.JoinedStr)
    )
    firsts = (text.values[0].value for text in texts if isinstance(text.values[0], ast.Constant))
    return tuple(str(first) for first in firsts if KEY_BEGINS.fullmatch(str(first)))


def test_both_languages_have_the_same_sentences_with_the_same_values() -> None:
    german, english = (catalogue(language) for language in OFFICE_LANGUAGES)
    assert german.keys() == english.keys()
    assert {key: set(values_of(german[key])) for key in german} == {
        key: set(values_of(english[key])) for key in english
    }


def test_every_sentence_that_is_asked_for_is_there_with_its_values_and_no_other() -> None:
    places = list(asked())
    assert len(places) > 60
    known = catalogue("en")
    assert [place for place, key, given in places if key not in known or set(values_of(known[key])) != given] == []
    unasked, by_a_word = known.keys() - set(map(str, constants())), found_by_a_word()
    assert {key for key in unasked if not key.startswith(by_a_word)} == set()


def test_no_sentence_for_people_stands_in_the_code() -> None:
    rooms = PROJECT / "docservice"
    there = [path for path in sources() if not str(path.relative_to(rooms)).startswith(NO_SENTENCES)]
    found = {str(path.relative_to(PROJECT)): list(told_in_code(path)) for path in there}
    assert {path: sentences for path, sentences in found.items() if sentences} == {}


@pytest.mark.parametrize("code", ['raise Conflict("code", "This is so.")', 'print("Das fehlt")', 'A = "ist nicht da"'])
def test_a_sentence_in_the_code_is_found(tmp_path: Path, code: str) -> None:
    file = tmp_path / "code.py"
    file.write_text(code, encoding="utf-8")
    assert len(list(told_in_code(file))) == 1


def test_no_sentence_is_empty_or_ends_in_the_middle() -> None:
    for language in OFFICE_LANGUAGES:
        for key, sentence in catalogue(language).items():
            assert sentence == sentence.strip(), key
            if key.startswith(PIECES):
                continue
            assert sentence[-1] in ".?)}…" or sentence.endswith('."'), (language, key)


def test_a_sentence_takes_its_code_from_its_key_and_its_values_from_the_call() -> None:
    error = Conflict.told("storage.blob_exists", key="desk", retryable=True)
    assert (error.code, error.retryable) == ("blob_exists", True)
    assert ("desk" in error.detail, "desk" in error.detail_de, error.detail != error.detail_de) == (True, True, True)
    fault = Fault.told("languages", "cases.too_deep", example="de")
    assert (fault.path, fault.code, fault.example) == ("languages", "too_deep", "de")
    assert "{" not in say("settings.invalid_setting.yes_or_no", prefix="P_", name="N").de


@pytest.mark.parametrize("key", ["nothing.of_this_name", "settings.invalid_setting.yes_or_no"])
def test_a_missing_sentence_or_value_is_an_error(key: str) -> None:
    with pytest.raises(KeyError):
        say(key)
