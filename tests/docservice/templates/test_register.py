"""The register picks a version by the agreement date and notices gaps, overlaps, missing and changed files."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from docservice.domain.errors import Conflict, DocserviceError, InvalidInput, NotFound
from docservice.domain.kinds import USUAL, Kind
from docservice.templates.publication import publish, publish_translation
from docservice.templates.register import Register, Status
from tests.support.content import TEMPLATES

LAST_OF_PROJECT, DAY_AFTER = date(2004, 6, 30), date(2004, 7, 1)

ENTRY = """
[[version]]
kind = "annex"
version = "{version}"
outline = "current"
valid_from = {valid_from}
{valid_to}
status = "draft"
layouts = ["de"]

[version.sha256]
"docx/annex/{version}-de.docx" = ""
"pdf/annex/{version}.typ" = ""
"texts/annex/{version}/de.po" = ""
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A templates folder with two versions of the annex, one after the other."""
    text = "# kept comment\n"
    for version, first, last in (("old", "2001-07-01", "valid_to = 2004-06-30"), ("new", "2004-07-01", "")):
        text += ENTRY.format(version=version, valid_from=first, valid_to=last)
        for name in (f"docx/annex/{version}-de.docx", f"pdf/annex/{version}.typ", f"texts/annex/{version}/de.po"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(name)
    (tmp_path / "versions.toml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("kind", [Kind.AGREEMENT, Kind.ANNEX])
def test_the_last_day_of_the_project_has_the_old_form_and_the_next_day_the_new_one(kind: Kind) -> None:
    register = Register.load(TEMPLATES)
    assert register.select(kind, LAST_OF_PROJECT).name == f"{kind.value}/dortmund-2003"
    assert register.select(kind, DAY_AFTER).name == f"{kind.value}/2026-01"


@pytest.mark.parametrize("kind", USUAL)
def test_an_agreement_keeps_the_wording_of_its_day(kind: Kind) -> None:
    register = Register.load(TEMPLATES)
    assert register.select(kind, date(2026, 11, 26)).name == f"{kind.value}/2026-01"
    assert register.select(kind, date(2026, 11, 27)).name == f"{kind.value}/2026-11"


def test_the_help_plan_form_serves_both_periods() -> None:
    register = Register.load(TEMPLATES)
    assert {register.select(Kind.HELP_PLAN, day).name for day in (LAST_OF_PROJECT, DAY_AFTER)} == {"help_plan/2026-01"}


def test_no_version_is_valid_before_the_project() -> None:
    with pytest.raises(InvalidInput) as caught:
        Register.load(TEMPLATES).select(Kind.AGREEMENT, date(2001, 6, 30))
    assert [(fault.path, fault.code) for fault in caught.value.faults] == [("agreement.date", "no_template")]


def test_the_shipped_periods_have_no_gaps_or_overlaps_and_no_published_file_has_changed() -> None:
    faults = Register.load(TEMPLATES).faults()
    assert [fault for fault in faults if "gap" in fault or "overlap" in fault or "changed" in fault] == []


def test_a_sound_register_has_no_faults(root: Path) -> None:
    assert Register.load(root).faults() == ()


@pytest.mark.parametrize(
    ("last_day", "fault"),
    [("2004-06-28", "gap from 2004-06-29 to 2004-06-30"), ("2004-07-02", "overlap from 2004-07-01 to 2004-07-02")],
)
def test_gaps_and_overlaps_are_named(root: Path, last_day: str, fault: str) -> None:
    path = root / "versions.toml"
    path.write_text(path.read_text().replace("2004-06-30", last_day))
    assert Register.load(root).faults() == (f"annex: {fault}",)


def test_a_missing_file_is_named(root: Path) -> None:
    (root / "pdf/annex/new.typ").unlink()
    assert Register.load(root).faults() == ("annex/new: pdf/annex/new.typ is missing",)


def test_a_file_that_is_used_but_not_listed_is_named(root: Path) -> None:
    path = root / "versions.toml"
    path.write_text(path.read_text().replace('"pdf/annex/new.typ" = ""\n', ""))
    assert Register.load(root).faults() == ("annex/new: pdf/annex/new.typ is not listed",)


def test_a_published_version_never_changes(root: Path) -> None:
    publish(root, "annex/old", date(2026, 1, 5))
    publish(root, "annex/new", date(2026, 1, 5))
    register = Register.load(root)
    assert register.faults() == ()
    assert {(version.status, version.published_on) for version in register.versions} == {
        (Status.PUBLISHED, date(2026, 1, 5))
    }
    assert (root / "versions.toml").read_text().startswith("# kept comment\n")

    (root / "texts/annex/old/de.po").write_text("another word")
    assert register.faults() == ("annex/old: texts/annex/old/de.po has changed since it was published",)
    with pytest.raises(Conflict):
        publish(root, "annex/old", date(2026, 1, 6))


def test_drafts_step_back_once_a_kind_has_a_published_version(root: Path) -> None:
    publish(root, "annex/old", date(2026, 1, 5))
    register = Register.load(root)
    assert register.select(Kind.ANNEX, LAST_OF_PROJECT).version == "old"
    with pytest.raises(InvalidInput):
        register.select(Kind.ANNEX, DAY_AFTER)


def test_publishing_without_a_file_changes_nothing(root: Path) -> None:
    before = (root / "versions.toml").read_bytes()
    shutil.rmtree(root / "docx")
    with pytest.raises(FileNotFoundError):
        publish(root, "annex/old", date(2026, 1, 5))
    assert (root / "versions.toml").read_bytes() == before


TRANSLATION = """
[[translation]]
version = "annex/old"
language = "pl"
status = "draft"
sha256 = ""
"""


def test_a_translation_that_comes_later_changes_nothing_of_its_version(root: Path) -> None:
    for name in ("annex/old", "annex/new"):
        publish(root, name, date(2026, 1, 5))
    before, register = Register.load(root).version("annex/old"), root / "versions.toml"
    register.write_text(register.read_text().replace('layouts = ["de"]', 'layouts = ["de", "ltr"]') + TRANSLATION)
    (root / "texts/annex/old/pl.po").write_text("words")
    assert Register.load(root).version("annex/old").languages == ()

    publish_translation(root, "annex/old", "pl", date(2026, 3, 1))
    version = Register.load(root).version("annex/old")
    assert (version.languages, version.sha256, version.published_on) == (("pl",), before.sha256, date(2026, 1, 5))
    assert version.translations["pl"].published_on == date(2026, 3, 1)
    assert version.frozen(["de"]) == before.frozen(["de"])
    assert version.frozen(["de", "pl"]).keys() - before.sha256.keys() == {"texts/annex/old/pl.po"}

    (root / "texts/annex/old/pl.po").write_text("other words")
    assert "annex/old: texts/annex/old/pl.po has changed since it was published" in Register.load(root).faults()
    with pytest.raises(Conflict, match="pl is published and never changes"):
        publish_translation(root, "annex/old", "pl", date(2026, 3, 2))


def test_a_translation_is_not_published_before_its_version_nor_without_an_entry(root: Path) -> None:
    with (root / "versions.toml").open("a") as register:
        register.write(TRANSLATION)
    with pytest.raises(Conflict, match="annex/old is a draft itself"):
        publish_translation(root, "annex/old", "pl", date(2026, 3, 1))
    with pytest.raises(InvalidInput, match=r"versions\.toml"):
        publish_translation(root, "annex/old", "ru", date(2026, 3, 1))


def test_a_translation_without_a_layout_or_in_a_language_that_is_not_known_is_named(root: Path) -> None:
    with (root / "versions.toml").open("a") as register:
        register.write(TRANSLATION + TRANSLATION.replace('"pl"', '"qq"'))
    for code in ("pl", "qq"):
        (root / f"texts/annex/old/{code}.po").write_text("words")
    assert Register.load(root).faults() == (
        "annex/old: texts/annex/old/pl.po is in a language for which this version has no Word template (ltr)",
        "annex/old: texts/annex/old/qq.po is in a language that is not in the table of languages",
    )


def test_a_register_of_the_earlier_form_is_refused_with_a_way_out(root: Path) -> None:
    path = root / "versions.toml"
    path.write_text(path.read_text().replace('layouts = ["de"]', 'layouts = ["de"]\nlanguages = ["ru"]'))
    with pytest.raises(DocserviceError, match=r"register_form.*\[\[translation\]\]"):
        Register.load(root)


def test_an_unknown_version_is_not_found(root: Path) -> None:
    with pytest.raises(NotFound):
        Register.load(root).version("annex/never")
