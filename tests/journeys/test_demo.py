"""`./run demo` goes the whole way, out and back, from nothing, in any folder; shows it, and leaves nothing behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docservice.archive.verify import State, verify
from tests.support.places import ODD, PARTS, clone, run

KINDS = ("agreement", "annex", "help_plan")


@pytest.mark.timeout(180)
def test_the_demo_shows_what_it_made_and_where(tmp_path: Path) -> None:
    project, files, temporary = clone(tmp_path / ODD), tmp_path / f"aus{ODD}", tmp_path / f"kurz{ODD}"
    temporary.mkdir()
    result = run(project, ("demo", "--keep", str(files)), 160, TMPDIR=str(temporary))
    assert result.returncode == 0, result.stderr
    endings = ("docx", "pdf", "zip")
    names = {f"{kind}.{ending}" for kind in KINDS for ending in endings} | {"bundle.pdf"}
    scans = {"scan.pdf", "scan-missing-page.jpg", "signature.jpg"}
    changed = {f"{kind}-one-byte-changed.zip" for kind in KINDS}
    assert {path.name for path in files.iterdir()} == names | scans | changed
    shown = result.stdout.replace("\n", "")
    for name in (*names, str(files).replace("\n", "")):
        assert name in shown
    assert list(temporary.iterdir()) == []
    assert {path.name for path in project.iterdir()} == {*PARTS, ".venv"}

    # one page is missed, found, and all of it accepted
    first, second = re.findall(r"After the .*?└", shown)
    assert re.search(r"help_plan +│ 3 of 4 +│ page 2 of 4 +│ incomplete", first)
    assert second.count("accepted") == 3
    for kind in KINDS:
        assert verify(files / f"{kind}.zip").state is State.INTACT
        assert verify(files / f"{kind}-one-byte-changed.zip").state is State.ALTERED
    assert shown.count("intact") == 3
