"""The template library: which version in which language, its texts, its letterhead."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import pytest

from docservice.bundles.word import PLACEHOLDERS
from docservice.domain.errors import DocserviceError, InvalidInput, NotFound
from docservice.domain.kinds import Kind
from docservice.domain.languages import LANGUAGES
from docservice.templates.register import Approval, Status
from docservice.templates.service import TemplateLibrary
from docservice.templates.word.compile import WordTemplateError
from tests.support.content import TEMPLATES, TODAY
from tests.support.word_constructs import examples
from tests.support.word_files import written_in_word

RU = LANGUAGES["ru"]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped texts and register, to be spoiled: all versions are drafts again."""
    root = tmp_path / "templates"
    shutil.copytree(TEMPLATES / "texts", root / "texts")
    register = (TEMPLATES / "versions.toml").read_text(encoding="utf-8")
    (root / "versions.toml").write_text(register.replace('"published"', '"draft"'), encoding="utf-8")
    return root


@pytest.fixture
def drafted(tmp_path: Path) -> Path:
    """A copy of the templates in which those of the day are not published yet."""
    root = tmp_path / "templates"
    shutil.copytree(TEMPLATES, root, ignore=shutil.ignore_patterns("fonts"))
    register = (TEMPLATES / "versions.toml").read_text(encoding="utf-8")
    published = 'status = "published"\npublished_on = 2026-11-27\n'
    (root / "versions.toml").write_text(register.replace(published, 'status = "draft"\n'), encoding="utf-8")
    return root


def test_before_the_first_order_what_is_in_force_is_compiled_and_nothing_that_is_over(tmp_path: Path) -> None:
    root = tmp_path / "templates"
    shutil.copytree(TEMPLATES, root)
    library = TemplateLibrary(root)
    library.warm_up(TODAY)
    (root / "docx").rename(root / "gone")
    for version in library.register.versions:
        over = version.valid_to is not None and version.valid_to < TODAY
        for layout in version.word:
            with pytest.raises(FileNotFoundError) if over else nullcontext():
                library.word(version, layout)


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


def test_texts_of_a_version_in_a_language_it_was_never_translated_into_are_refused() -> None:
    library = TemplateLibrary(TEMPLATES)
    with pytest.raises(InvalidInput, match=r"languages\[1\]"):
        library.texts(library.version("agreement/dortmund-2003"), RU)


def test_a_language_with_missing_units_is_not_offered_and_says_how_many(copied: Path) -> None:
    path = copied / "texts" / "annex" / "2026-11" / "ru.po"
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


def test_a_published_version_that_has_changed_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "templates"
    shutil.copytree(TEMPLATES, root, ignore=shutil.ignore_patterns("fonts"))
    path = root / "texts" / "annex" / "2026-11" / "ru.po"
    path.write_text(path.read_text(encoding="utf-8").replace("Кто", "Кто?"), encoding="utf-8")
    library = TemplateLibrary(root)
    assert library.select(Kind.AGREEMENT, TODAY, RU).name == "agreement/2026-11"
    refusal = r"template_changed.*texts/annex/2026-11/ru\.po has changed"
    with pytest.raises(DocserviceError, match=refusal):
        library.select(Kind.ANNEX, TODAY)
    with pytest.raises(DocserviceError, match=refusal):
        library.version("annex/2026-11")


def test_an_approval_removes_the_note_until_the_translation_changes(copied: Path) -> None:
    library, path = TemplateLibrary(copied), copied / "texts" / "annex" / "2026-01" / "ru.po"
    version = library.version("annex/2026-01")
    assert not library.texts(version, RU).checked
    approval = Approval("ru", 'Olga "Übersetzerin" Berger', date(2026, 12, 1), "BO 17/4", _sha256(path))
    library.approve("annex/2026-01", approval)
    approved = library.version("annex/2026-01")
    assert approved.approvals == (approval,)
    assert library.texts(approved, RU).checked
    assert not library.texts(approved, LANGUAGES["uk"]).checked
    assert not library.texts(library.version("agreement/2026-01"), RU).checked

    path.write_text(path.read_text(encoding="utf-8").replace("Кто", "Кто?"), encoding="utf-8")
    later = TemplateLibrary(copied)
    assert not later.texts(later.version("annex/2026-01"), RU).checked


def test_an_approved_translation_with_a_fuzzy_unit_is_still_unchecked(copied: Path) -> None:
    library, path = TemplateLibrary(copied), copied / "texts" / "annex" / "2026-01" / "ru.po"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('msgctxt "title"', '#, fuzzy\nmsgctxt "title"'), encoding="utf-8")
    library.approve("annex/2026-01", Approval("ru", "O. Berger", date(2026, 12, 1), "BO 17/4", _sha256(path)))
    assert not library.texts(library.version("annex/2026-01"), RU).checked


@pytest.mark.parametrize("language", ["ru", "de", "xx"])
def test_only_what_was_read_can_be_approved(copied: Path, language: str) -> None:
    before = (copied / "versions.toml").read_bytes()
    with pytest.raises(InvalidInput, match="approval"):
        TemplateLibrary(copied).approve(
            "annex/2026-01", Approval(language, "O. Berger", date(2026, 12, 1), "BO 17/4", "0" * 64)
        )
    assert (copied / "versions.toml").read_bytes() == before


def test_a_draft_without_faults_is_published(drafted: Path) -> None:
    library = TemplateLibrary(drafted, PLACEHOLDERS)
    library.publish("annex/2026-11", date(2026, 12, 1))
    version = library.version("annex/2026-11")
    assert (version.status, version.published_on) == (Status.PUBLISHED, date(2026, 12, 1))
    assert library.version("help_plan/2026-11").status is Status.DRAFT


_WORD, _TEXT = "docx/annex/2026-11-ltr.docx", "texts/annex/2026-11/uk.po"
_PHONE = 'msgstr "Телефон"'


def _name_in_a_branch(root: Path) -> None:
    (root / _WORD).write_bytes(written_in_word("x", "{%p if note_de %}", "{{ nte }}", "{%p endif %}"))
    changed(root / _TEXT, _PHONE, 'msgstr "Телефон {phone}"')
    changed(root / "versions.toml", "valid_from = 2026-11-27", "valid_from = 2026-11-29")


def _tracked_change(root: Path) -> None:
    (root / _WORD).write_bytes(examples()["tracked"][0].data())
    changed(root / _TEXT, _PHONE, "Телефон")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            _name_in_a_branch,
            {
                _WORD: (
                    'document, paragraph 3: {{ nte }}: there is no placeholder "nte"',
                    "Dokument, Absatz 3: {{ nte }}: den Platzhalter",
                ),
                _TEXT: (
                    "has the placeholder {phone}, which the German text does not offer",
                    "enthält den Platzhalter {phone}, den der deutsche Text nicht hat",
                ),
                "versions.toml": ("gap from 2026-11-27 to 2026-11-28", "valid_from und valid_to"),
            },
        ),
        (
            _tracked_change,
            {
                _WORD: ("a tracked change is open; in Word", "eine nachverfolgte Änderung ist offen"),
                _TEXT: ("cannot be read", "nicht lesbar"),
            },
        ),
        (lambda root: (root / _TEXT).unlink(), {_TEXT: ("is missing", "fehlt")}),
    ],
)
def test_what_lint_refuses_is_neither_published_nor_filled(
    drafted: Path, spoil: Callable[[Path], object], told: dict[str, tuple[str, str]]
) -> None:
    """All of it is told at once, with the file and the place in it."""
    spoil(drafted)
    before = (drafted / "versions.toml").read_bytes()
    library = TemplateLibrary(drafted, PLACEHOLDERS)
    with pytest.raises(InvalidInput) as caught:
        library.publish("annex/2026-11", date(2026, 12, 1))
    faults = caught.value.faults
    assert {fault.path for fault in faults} == set(told)
    for path, (english, german) in told.items():
        assert any(fault.path == path and english in fault.en and german in fault.de for fault in faults)
    assert (drafted / "versions.toml").read_bytes() == before
    if _WORD in told:
        with pytest.raises(WordTemplateError):
            library.word(library.version("annex/2026-11"), "ltr")


def test_a_translation_with_faults_cannot_be_approved(drafted: Path) -> None:
    path = drafted / _TEXT
    changed(path, 'msgstr "Телефон"', 'msgstr "Телефон "')
    approval = Approval("uk", "O. Berger", date(2026, 12, 1), "BO 17/4", _sha256(path))
    with pytest.raises(InvalidInput) as caught:
        TemplateLibrary(drafted).approve("annex/2026-11", approval)
    assert [(fault.path, fault.en.partition(": ")[2]) for fault in caught.value.faults] == [
        (_TEXT, "begins or ends with a space")
    ]


def test_a_profile_gives_the_letterhead_and_a_strange_name_finds_no_file() -> None:
    library = TemplateLibrary(TEMPLATES)
    letterhead = library.letterhead("dortmund")
    assert (letterhead.authority, letterhead.unit) == ("Stadt Dortmund", "Zentrales Integrationsbüro")
    for name in ("nowhere", "../authorities/dortmund"):
        with pytest.raises(NotFound):
            library.letterhead(name)


def changed(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
