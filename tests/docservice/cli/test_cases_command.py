"""`docservice cases`: found by what is known of somebody, whose name is read from standard input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docservice.bootstrap import build
from tests.support.actors import SOMEBODY
from tests.support.command_line import docservice, refused
from tests.support.fixtures import load_case
from tests.support.live_api import settings_in


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    (folder / "data").mkdir(mode=0o700)
    services = build(settings_in(folder / "data"))
    services.database.upgrade()
    for name in ("01-miller", "06-sommer", "05-dhahabi"):
        services.cases.create(SOMEBODY, load_case(name))
    services.close()
    return folder


def named(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "docservice", "cases", "--name", *arguments],
        input=f"{name}\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"DOCSERVICE_DATA_DIR": str(folder / "data"), "LANG": "C.UTF-8"},
    )


def test_a_name_comes_from_standard_input(office: Path) -> None:
    result = named(office, "miller", "--birth-year", "1984", "--json")
    (case,) = json.loads(result.stdout)["cases"]
    assert case["case_number"] == load_case("01-miller")["case_number"]
    shown = named(office, "miller").stdout
    assert case["case_number"] in shown
    assert "Miller, Anna, 1984-03-09" in shown
    assert named(office, "nobody").stdout == "No case is like that.\n"


def test_all_are_listed_and_a_bad_filter_is_told(office: Path) -> None:
    listed = docservice(office, "cases", "--state", "in_preparation", "--json", "--limit", "2")
    assert len(json.loads(listed.stdout)["cases"]) == 2
    assert listed.stderr.startswith("docservice: more cases are like that; --limit ")
    assert "more cases" not in docservice(office, "cases", "--state", "in_preparation", "--limit", "50").stderr
    assert "  state: Allowed are: in_preparation, " in refused(office, "cases", "--state", "none")
