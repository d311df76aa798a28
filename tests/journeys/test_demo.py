"""`docservice demo` makes a bundle from nothing, shows it, and leaves nothing running."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docservice.settings import PROJECT


@pytest.mark.timeout(120)
def test_the_demo_shows_what_it_made_and_where(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "docservice", "demo", "--keep", str(tmp_path / "files")],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=PROJECT,
    )
    assert result.returncode == 0, result.stderr
    names = {f"{kind}.{ending}" for kind in ("agreement", "annex", "help_plan") for ending in ("docx", "pdf")}
    assert {path.name for path in (tmp_path / "files").iterdir()} == names | {"bundle.pdf"}
    for name in names | {"bundle.pdf", str(tmp_path / "files")}:
        assert name in result.stdout.replace("\n", "")
