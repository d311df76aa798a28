"""`./run demo` goes the whole way, out and back, from nothing, in any folder; shows it, and leaves nothing behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docservice.archive.verify import State, verify_package
from tests.support.places import ODD, PARTS, clone, run

KINDS = ("agreement", "annex", "help_plan")
LATER = ("help_plan-2", "plan_changes-2")  # printed, and not yet back


@pytest.mark.timeout(180)
def test_the_demo_shows_what_it_made_and_where(tmp_path: Path) -> None:
    project, files, temporary = clone(tmp_path / ODD), tmp_path / f"aus{ODD}", tmp_path / f"kurz{ODD}"
    temporary.mkdir()
    result = run(project, ("demo", "--keep", str(files)), 160, TMPDIR=str(temporary))
    assert result.returncode == 0, result.stderr
    endings = ("docx", "pdf", "zip")
    names = {f"{name}.{ending}" for name in (*KINDS, "annex-2") for ending in endings}
    names |= {f"{name}.{ending}" for name in LATER for ending in ("docx", "pdf")}
    scans = {"scan.pdf", "scan-missing-page.jpg", "scan-annex-2.pdf", "signature.jpg"}
    print_sets = {"bundle.pdf", "bundle-annex-2.pdf", "bundle-help_plan-2.pdf"}
    changed = {f"{name}-one-byte-changed.zip" for name in (*KINDS, "annex-2")}
    assert {path.name for path in files.iterdir()} == names | scans | print_sets | changed | {"interim.pdf"}
    shown = result.stdout.replace("\n", "")
    for name in (*names, str(files).replace("\n", "")):
        assert name in shown
    assert list(temporary.iterdir()) == []
    assert {path.name for path in project.iterdir()} == {*PARTS, ".venv"}

    # one page is missed, found, and all of it accepted
    first, second = re.findall(r"After the .*?└", shown)
    assert re.search(r"help_plan +│ 3 of 4 +│ page 2 of 4 +│ incomplete", first)
    assert second.count("accepted") == 3
    for name in (*KINDS, "annex-2"):
        assert verify_package(files / f"{name}.zip").state is State.INTACT
        assert verify_package(files / f"{name}-one-byte-changed.zip").state is State.ALTERED
    assert shown.count("intact") == 4

    # the second talk and what came of it
    assert re.search(r"annex-2 +│ signed", shown)
    assert re.search(r"help_plan-2 +│ printed", shown)
    assert re.search(r"plan_changes-2 +│ - ", shown)
    assert re.search(r"finished +│ 1-1-1 +│ Wohnberechtigungsschein", shown)
    assert re.search(r"agreements +│ 1 ", shown)
    assert re.search(r"persons +│ 2 ", shown)
