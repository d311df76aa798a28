"""The project and its data in folders of any name: everything works there, and nothing is left anywhere else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from docservice.settings import PROJECT

ODD = """ -Amt #50 & Fälle?neu; x%20y "$HOME" 'q' \\back=c@d\nzwei """
_PARTS = ("docservice", "templates", "requirements", "run", "fixtures")


@pytest.mark.timeout(240)
def test_a_bundle_is_made_and_scanned_where_nobody_would_have_put_it(tmp_path: Path) -> None:
    clone, data, out = tmp_path / ODD, tmp_path / f"Daten{ODD}", tmp_path / f"aus{ODD}"
    clone.mkdir()
    for part in _PARTS:
        copy = shutil.copytree if (PROJECT / part).is_dir() else shutil.copy2
        copy(PROJECT / part, clone / part)
    (clone / ".venv").symlink_to((PROJECT / ".venv").resolve())
    case = clone / "fixtures" / "cases" / "01-miller.json"
    assert run(clone, data, "bundle", str(case), "--lang", "ru", "--out", str(out)) == ""
    told = json.loads(run(clone, data, "scan", "--json", str(out / "agreement.pdf")))
    assert {page["verdict"] for page in told["pages"]} == {"matched"}
    assert sorted(tmp_path.iterdir()) == sorted([clone, data, out])
    assert {path.name for path in clone.iterdir()} == {*_PARTS, ".venv"}
    assert [path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077] == []
    assert (out / "bundle.json").stat().st_mode & 0o777 == 0o640, "results are for whom their maker lets read them"


def test_a_folder_that_python_cannot_work_in_is_told(tmp_path: Path) -> None:
    clone = tmp_path / "a:b"
    clone.mkdir()
    shutil.copy2(PROJECT / "run", clone / "run")
    refused = subprocess.run([clone / "run", "--help"], capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 3
    assert "contains a colon" in refused.stderr


def run(clone: Path, data: Path, *arguments: str) -> str:
    """What the command says, without the lines that name the files it made."""
    done = subprocess.run(
        [clone / "run", *arguments],
        cwd=clone.parent,
        env=os.environ | {"DOCSERVICE_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        umask=0o027,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout if "--json" in arguments else ""
