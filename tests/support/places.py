"""Names that folders have, each with signs that mean something somewhere: in an address, a shell, a list of paths."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from docservice.settings import PROJECT

NAMES = (
    "mit Leerzeichen",
    " vorn und hinten ",
    "Amt #50",
    "Fälle?neu",
    "a&b=c;d",
    "x%20y",
    "100%",
    "%2e%2e",
    "$HOME `id` $(id)",
    """\"doppelt\" und 'einfach'""",
    "rück\\wärts",
    "-rf",
    "zwei\nZeilen",
    "a:b@c",
    "[1] *",
    "{x}|~!^,",
    "Fa\u0308lle",  # decomposed, as some systems write it
    "Дело №7 ملف",
    "sehr lang " * 20,
)
ODD = """ -Amt #50 & Fälle?neu; x%20y "$HOME" 'q' [red] *\\back=c@d\nzwei """
"""What stands for all of them where each by itself would take too long."""
PARTS = ("docservice", "workers", "templates", "requirements", "run", "fixtures")


def clone(folder: Path, *more: str) -> Path:
    """The project, with these further parts of it, copied to a folder; its packages are those of this one."""
    folder.mkdir(parents=True)
    for part in (*PARTS, *more):
        copy = shutil.copytree if (PROJECT / part).is_dir() else shutil.copy2
        copy(PROJECT / part, folder / part)
    (folder / ".venv").symlink_to((PROJECT / ".venv").resolve())
    return folder


def run(
    project: Path, arguments: Iterable[str], seconds: float, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`./run` of that copy, called from beside it."""
    return subprocess.run(
        [project / "run", *arguments],
        cwd=project.parent,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        umask=0o027,
    )
