"""What is written for people: it lists what there is, points at what exists, and is in the form others expect."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [
    page
    for folder in (PROJECT, *(PROJECT / name for name in ("docs", "fixtures", "templates", "tests", "training")))
    for page in (folder.glob("*.md") if folder == PROJECT else folder.rglob("*.md"))
]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def read(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert not [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md", "docs/glossary.md"])
def test_files_that_recipes_name_are_there(page: str) -> None:
    """Places with capitals, as in `versions/NNNN_what_it_says.py`, or with a star stand for many."""
    named = re.findall(
        r"[\s`]((?:docs|docservice|fixtures|requirements|templates|tests|workers)/[a-z0-9_./-]+)[\s`]", read(page)
    )
    assert named
    assert not [name for name in named if not (PROJECT / name).exists()]


def test_every_decision_is_found_by_a_question() -> None:
    decisions = {path.name for path in (PROJECT / "docs" / "decisions").glob("0*.md")}
    lines = [line for line in read("docs/decisions/README.md").splitlines() if line.startswith("- ")]
    assert {target for line in lines for target in LINK.findall(line)} == decisions
    assert not [line for line in lines if "?" not in line]


def test_a_decision_is_titled_by_its_number() -> None:
    for path in (PROJECT / "docs" / "decisions").glob("0*.md"):
        assert path.read_text(encoding="utf-8").startswith(f"# {path.name[:4]} ")


def test_every_file_of_the_tests_support_is_explained() -> None:
    folder = PROJECT / "tests" / "support"
    there = {path.name for path in folder.iterdir() if path.suffix in {".py", ".java"}}
    assert set(re.findall(r"`(\w+\.(?:py|java))`", read("tests/support/README.md"))) == there


def test_the_changes_have_a_heading_for_every_state_whose_data_is_upgraded() -> None:
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\[Unreleased\]|\d{4}-\d\d-\d\d) ?", changes, re.MULTILINE)
    releases = sorted((path.stem for path in (PROJECT / "tests" / "releases").glob("*.zip")), reverse=True)
    assert headings == ["[Unreleased]", *releases]


def test_publiccode_says_what_the_standard_asks_for() -> None:
    """Version 0.4 of the standard: its mandatory keys, their values and lengths."""
    said: dict[str, Any] = yaml.safe_load(read("publiccode.yml"))
    assert said["publiccodeYmlVersion"] == "0.4"
    assert said["name"] == "docservice"
    assert re.fullmatch(r"https://\S+\.git", said["url"])
    assert date.fromisoformat(said["releaseDate"]) >= date(2026, 11, 23)
    assert said["platforms"]
    assert said["categories"]
    assert said["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert said["softwareType"] == "standalone/backend"
    assert said["legal"]["license"] == tomllib.loads(read("pyproject.toml"))["project"]["license"]
    assert said["maintenance"]["type"] in {"internal", "community"}
    assert all(contact["name"] for contact in said["maintenance"]["contacts"])
    assert said["localisation"] == {"localisationReady": True, "availableLanguages": ["de", "en"]}
    assert set(said["description"]) == {"de", "en"}
    for text in said["description"].values():
        assert len(text["shortDescription"]) <= 150
        assert 150 <= len(text["longDescription"]) <= 10_000
        assert text["features"]
        assert max(map(len, text["features"])) <= 100
