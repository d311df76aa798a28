"""A language is a row of one table, its catalogues and their entries in the register: tried in a copy."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.copies import PROJECT, changed, copy_of_the_program, docservice

TABLE = "docservice/domain/languages.py"
REGISTER = "templates/versions.toml"
VERSION = "2026-01"  # the wording of agreements up to 26 November 2026, published long ago
KINDS = ("agreement", "annex", "help_plan")
ROW = '        Language("fr", "fr-FR", "Français", "Französisch", "Latn", "fra"),\n'
ENTRY = """
[[translation]]
version = "{}/{}"
language = "fr"
status = "draft"
sha256 = ""
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program in which drafts of French for an old wording were laid: the words are the English ones."""
    copy = copy_of_the_program(tmp_path_factory.mktemp("copy"))
    changed(copy / TABLE, "    )\n}", f"{ROW}    )\n}}")
    for kind in KINDS:
        texts = copy / "templates" / "texts" / kind / VERSION
        french = (texts / "en.po").read_text(encoding="utf-8").replace("Language: en", "Language: fr")
        (texts / "fr.po").write_text(french, encoding="utf-8")
        with (copy / REGISTER).open("a", encoding="utf-8") as register:
            register.write(ENTRY.format(kind, VERSION))
    return copy


def order(copy: Path, language: str) -> dict[str, Any]:
    """The manifest of a bundle of a day on which the old wording was valid."""
    case = json.loads((PROJECT / "fixtures" / "cases" / "01-miller.json").read_text(encoding="utf-8"))
    case["agreement"]["date"] = case["annex"]["date"] = "2026-11-20"
    (copy / "case.json").write_text(json.dumps(case), encoding="utf-8")
    out = copy / "out" / language
    docservice(copy, "bundle", str(copy / "case.json"), "--lang", language, "--out", str(out))
    manifest: dict[str, Any] = json.loads((out / "bundle.json").read_text(encoding="utf-8"))
    return manifest


def listed(copy: Path) -> dict[str, Any]:
    rows = json.loads(docservice(copy, "template", "list", "--json"))["templates"]
    return {row["template"]: row for row in rows}


def test_a_new_language_for_an_old_wording_is_no_new_version(copied: Path) -> None:
    before = tomllib.loads((copied / REGISTER).read_text(encoding="utf-8"))
    assert listed(copied)[f"annex/{VERSION}"]["drafts"] == ["fr"]
    assert docservice(copied, "template", "list").count("(fr)") == len(KINDS)
    with pytest.raises(RuntimeError, match="has no translation into fr"):
        order(copied, "fr")
    refused = docservice_refuses(copied, "template", "publish", f"annex/{VERSION}", "ru")
    assert "annex/2026-01 ru is published and never changes" in refused

    for kind in KINDS:
        assert "the version is as it was" in docservice(copied, "template", "publish", f"{kind}/{VERSION}", "fr")
    after = tomllib.loads((copied / REGISTER).read_text(encoding="utf-8"))
    assert after["version"] == before["version"]
    assert [each for each in after["translation"] if each["language"] != "fr"] == before["translation"][: -len(KINDS)]
    assert docservice(copied, "template", "lint") == "0 fault(s)\n"
    assert listed(copied)[f"annex/{VERSION}"]["languages"][-1] == "fr"

    documents = order(copied, "fr")["documents"]
    assert [document["template"] for document in documents] == [f"{kind}/{VERSION}" for kind in KINDS]
    assert len(order(copied, "ru")["documents"]) == len(KINDS)

    french = copied / "templates" / "texts" / "annex" / VERSION / "fr.po"
    french.write_text(french.read_text(encoding="utf-8").replace("Annex", "Appendix"), encoding="utf-8")
    assert "has changed since it was published" in docservice_refuses(
        copied, "bundle", str(copied / "case.json"), "--lang", "fr", "--out", str(copied / "late")
    )


def docservice_refuses(copy: Path, *arguments: str) -> str:
    with pytest.raises(RuntimeError) as caught:
        docservice(copy, *arguments)
    return str(caught.value)


def test_help_names_the_languages_of_the_table(copied: Path) -> None:
    said = " ".join(re.sub(r"[│\n]", " ", docservice(copied, "bundle", "--help")).split())
    assert "The second language: ru, uk, pl, en, ar or fr;" in said
