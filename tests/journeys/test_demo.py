"""`docservice demo` goes the whole way, out and back, from nothing; shows it, and leaves nothing running."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docservice.archive.verify import State, verify
from docservice.settings import PROJECT

KINDS = ("agreement", "annex", "help_plan")


@pytest.mark.timeout(180)
def test_the_demo_shows_what_it_made_and_where(tmp_path: Path) -> None:
    files = tmp_path / "files"
    result = subprocess.run(
        [sys.executable, "-m", "docservice", "demo", "--keep", str(files)],
        capture_output=True,
        text=True,
        timeout=160,
        check=False,
        cwd=PROJECT,
    )
    assert result.returncode == 0, result.stderr
    endings = ("docx", "pdf", "zip")
    names = {f"{kind}.{ending}" for kind in KINDS for ending in endings} | {"bundle.pdf"}
    scans = {"scan.pdf", "scan-missing-page.jpg", "signature.jpg"}
    changed = {f"{kind}-one-byte-changed.zip" for kind in KINDS}
    assert {path.name for path in files.iterdir()} == names | scans | changed
    shown = result.stdout.replace("\n", "")
    for name in (*names, str(files)):
        assert name in shown

    # one page is missed, found, and all of it accepted
    first, second = re.findall(r"After the .*?└", shown)
    assert re.search(r"help_plan +│ 3 of 4 +│ page 2 of 4 +│ incomplete", first)
    assert second.count("accepted") == 3
    for kind in KINDS:
        assert verify(files / f"{kind}.zip").state is State.INTACT
        assert verify(files / f"{kind}-one-byte-changed.zip").state is State.ALTERED
    assert shown.count("intact") == 3
