"""The template library: which version in which language, its texts, its letterhead."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

import pytest

from docservice.domain.documents import Kind
from docservice.domain.errors import InvalidInput, NotFound
from docservice.domain.languages import LANGUAGES
from docservice.templates.service import TemplateLibrary
from docservice.templates.texts import ClauseTexts
from tests.support.content import TEMPLATES, TODAY

RU = LANGUAGES["ru"]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped texts and register, to be spoiled."""
    root = tmp_path / "templates"
    shutil.copytree(TEMPLATES / "texts", root / "texts")
    shutil.copy(TEMPLATES / "versions.toml", root)
    return root


@pytest.mark.parametrize("kind", Kind)
def test_five_second_languages_are_offered_and_none_is_checked_yet(kind: Kind) -> None:
    library = TemplateLibrary(TEMPLATES)
    version = library.select(kind, TODAY, RU)
    assert [language.code for language in library.languages(version)] == ["ru", "uk", "pl", "en", "ar"]
    assert not any(library.texts(version, language).checked for language in library.languages(version))


def test_the_form_of_2003_is_german_alone() -> None:
    with pytest.raises(InvalidInput) as caught:
        TemplateLibrary(TEMPLATES).select(Kind.AGREEMENT, date(2003, 3, 5), RU)
    (fault,) = caught.value.faults
    assert (fault.path, fault.code) == ("languages[1]", "language_not_offered")


def test_a_language_with_missing_units_is_not_offered_and_says_how_many(copied: Path) -> None:
    path = copied / "texts" / "annex" / "2026-01" / "ru.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('msgstr "Кто"', 'msgstr ""').replace('msgstr "Телефон"', 'msgstr ""'), encoding="utf-8"
    )
    library = TemplateLibrary(copied)
    with pytest.raises(InvalidInput) as caught:
        library.select(Kind.ANNEX, TODAY, RU)
    assert "2 text units" in caught.value.faults[0].en
    assert "2 Textbausteine" in caught.value.faults[0].de
    assert RU not in library.languages(library.select(Kind.ANNEX, TODAY))


def test_an_approval_in_the_register_removes_the_note_only_when_no_unit_is_fuzzy(copied: Path) -> None:
    path = copied / "texts" / "annex" / "2026-01" / "ru.po"
    path.write_text(path.read_text(encoding="utf-8").replace("#, fuzzy\n", ""), encoding="utf-8")
    assert not _texts(copied).checked
    _approve(copied, path)
    assert _texts(copied).checked


def test_a_profile_gives_the_letterhead_and_a_strange_name_finds_no_file() -> None:
    library = TemplateLibrary(TEMPLATES)
    letterhead = library.letterhead("dortmund")
    assert (letterhead.authority, letterhead.unit) == ("Stadt Dortmund", "Zentrales Integrationsbüro")
    for name in ("nowhere", "../authorities/dortmund"):
        with pytest.raises(NotFound):
            library.letterhead(name)


def _texts(root: Path) -> ClauseTexts:
    library = TemplateLibrary(root)
    return library.texts(library.version("annex/2026-01"), RU)


def _approve(root: Path, path: Path) -> None:
    approval = (
        '\n[[version.approval]]\nlanguage = "ru"\ntranslator = "Invented Person"\napproved_on = 2026-11-22\n'
        f'seal_number = "0"\nsha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n'
    )
    register = root / "versions.toml"
    entries = register.read_text(encoding="utf-8").split("[[version]]\n")
    spoiled = [
        entry + approval if entry.startswith('kind = "annex"\nversion = "2026-01"') else entry for entry in entries
    ]
    register.write_text("[[version]]\n".join(spoiled), encoding="utf-8")
