"""Tests say what they need of the system; they get it, or fail with the line to run."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.support.needs import PACKAGES
from tests.support.programs import run

PROJECT = Path(__file__).resolve().parents[2]
USES = {  # what a test file does with a program -> what it says it needs
    r"\bfast_allocator\(": "jemalloc",
    r"\bconvert_to_pdf\(": "libreoffice",
    r"\bpostgres_server\(": "postgresql",
    r'"redis-server"': "redis",
    r'which\("tesseract"\)': "tesseract",
    r"\bverapdf import\b": "verapdf",
}


def lacking(*arguments: str, nowhere: Path) -> set[str]:
    """The packages that these tests lack where no program is found."""
    environment = os.environ | {"PATH": str(nowhere), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "tests.support.needs", *arguments]
    return set(run(command, seconds=60, environment=environment, folder=PROJECT).split())


def test_a_test_of_the_rules_needs_no_program(tmp_path: Path) -> None:
    assert lacking("tests/docservice/domain", nowhere=tmp_path) == set()


def test_of_chosen_tests_the_programs_are_wanted_and_no_others(tmp_path: Path) -> None:
    assert "redis-server" in lacking("tests/contracts/test_broker.py", nowhere=tmp_path)
    assert lacking("tests/contracts/test_broker.py", "-k", "valkey", nowhere=tmp_path) == set()
    assert lacking("tests/docservice/bundles/test_word.py", nowhere=tmp_path) == {"libreoffice-writer-nogui"}


def test_what_is_missing_fails_the_test_with_the_line_to_run(tmp_path: Path) -> None:
    test = "tests/docservice/tools/test_tesseract.py::test_text_is_recognised_and_cannot_be_seen"
    environment = os.environ | {"PATH": str(tmp_path)}
    with pytest.raises(RuntimeError) as failed:
        run([sys.executable, "-m", "pytest", "-n", "0", test], seconds=60, environment=environment, folder=PROJECT)
    assert "apt-get update && apt-get install -y --no-install-recommends tesseract-ocr" in str(failed.value)
    assert "1 error" in str(failed.value) or "1 failed" in str(failed.value)


def test_every_test_that_uses_a_program_says_so() -> None:
    silent = [
        f"{file.relative_to(PROJECT)}: {need}"
        for file in (PROJECT / "tests").rglob("*.py")
        if not {"support", "architecture"} & set(file.parts)
        for use, need in USES.items()
        if re.search(use, text := file.read_text(encoding="utf-8")) and not re.search(rf'needs\([^)]*"{need}"', text)
    ]
    assert not silent


def test_what_tests_say_they_need_is_known() -> None:
    said = {
        need
        for file in (PROJECT / "tests").rglob("test_*.py")
        for names in re.findall(r"mark\.needs\(([^)]*)\)", file.read_text(encoding="utf-8"))
        for need in re.findall(r'"(\w+)"', names)
    }
    assert said == set(USES.values()) == set(PACKAGES)
