"""The project and its data in folders of any name: everything works there, and nothing is left anywhere else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from docservice.settings import PROJECT
from tests.support.places import ODD, PARTS, clone, run


@pytest.mark.timeout(240)
def test_a_bundle_is_made_and_scanned_where_nobody_would_have_put_it(tmp_path: Path) -> None:
    project, data, out = clone(tmp_path / ODD), tmp_path / f"Daten{ODD}", tmp_path / f"aus{ODD}"
    case = project / "fixtures" / "cases" / "01-miller.json"
    docservice(project, data, "bundle", str(case), "--lang", "ru", "--out", str(out))
    told = json.loads(docservice(project, data, "scan", "--json", str(out / "agreement.pdf")))
    assert {page["verdict"] for page in told["pages"]} == {"matched"}
    assert sorted(tmp_path.iterdir()) == sorted([project, data, out])
    assert {path.name for path in project.iterdir()} == {*PARTS, ".venv"}
    assert [path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077] == []
    assert (out / "bundle.json").stat().st_mode & 0o777 == 0o640, "results are for whom their maker lets read them"


@pytest.mark.timeout(180)
def test_the_tests_are_found_there_too(tmp_path: Path) -> None:
    project = clone(tmp_path / ODD, "tests", "pyproject.toml")
    found = run(project, ("test", "-n0", "-q", "tests/docservice/domain/dates/test_validity.py"), 150)
    assert found.returncode == 0, found.stdout + found.stderr
    assert " passed" in found.stdout


def test_a_folder_that_python_cannot_work_in_is_told(tmp_path: Path) -> None:
    project = tmp_path / "a:b"
    project.mkdir()
    shutil.copy2(PROJECT / "run", project / "run")
    refused = run(project, ("--help",), 30)
    assert refused.returncode == 3
    assert "contains a colon" in refused.stderr


def docservice(project: Path, data: Path, *arguments: str) -> str:
    """What the command says."""
    done = run(project, arguments, 110, DOCSERVICE_DATA_DIR=str(data))
    assert done.returncode == 0, done.stderr
    return done.stdout
