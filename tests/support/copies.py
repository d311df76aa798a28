"""A copy of the program and its templates, to be changed and run: what a change of the source would do."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.support.programs import run

PROJECT = Path(__file__).resolve().parents[2]


def copy_of_the_program(folder: Path) -> Path:
    """The program and its templates in this folder, nothing else."""
    for name in ("docservice", "templates"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def changed(path: Path, before: str, after: str) -> None:
    """Put one text in the place of another that stands in the file once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    path.write_text(text.replace(before, after), encoding="utf-8")


def docservice(copy: Path, *arguments: str) -> str:
    """What a command of the copy prints; RuntimeError with its output when it fails."""
    return run(
        [sys.executable, "-m", "docservice", *arguments],
        seconds=90,
        environment=os.environ | {"PYTHONPATH": str(copy), "DOCSERVICE_DATA_DIR": str(copy / "data")},
        folder=copy,
    )
