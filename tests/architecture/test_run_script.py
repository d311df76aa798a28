"""`./run` from anywhere, for anyone: what it passes on, and what it says when something is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NEEDED = ("sh", "cat", "cksum", "dirname", "id", "ls", "mktemp", "readlink", "rm", "tail")
ECHO = """#!/bin/sh
[ "$2" != tests.support.needs ] || { echo $NEEDED; exit; }
printf "%s|" "$PWD" "$PYTHONPATH" "$@"
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The script with its requirements, in a folder with spaces and umlauts."""
    copy = tmp_path / "Büro 3 (neu)" / "docservice"
    copy.mkdir(parents=True)
    shutil.copy(PROJECT / "run", copy)
    shutil.copytree(PROJECT / "requirements", copy / "requirements")
    return copy


@pytest.fixture
def installed(copy: Path) -> Path:
    """The same with all packages "installed": its Python tells where and how it was called."""
    (copy / ".venv" / "bin").mkdir(parents=True)
    program(copy / ".venv" / "bin" / "python", ECHO)
    lists = b"".join((copy / "requirements" / name).read_bytes() for name in ("run.txt", "dev.txt"))
    checksum = subprocess.run(["cksum"], input=lists, capture_output=True, check=True, timeout=5).stdout.decode()
    (copy / ".venv" / "locked").write_text(f"dev {checksum}", encoding="ascii")
    return copy


def program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def call(
    script: Path, *arguments: str, folder: Path, path: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The script's end; `path` is all it finds of programs."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    if path is not None:
        environment["PATH"] = str(path)
    return subprocess.run(
        [str(script), *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def programs(folder: Path, names: Iterable[str], **own: str) -> Path:
    """A search path with these programs of the system, and with scripts of one's own."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, text in own.items():
        program(folder / name.replace("_", "-"), text)
    return folder


def test_arguments_and_relative_paths_stay_as_they_are(installed: Path, tmp_path: Path) -> None:
    result = call(installed / "run", "bundle", "my case.json", "--out", "", folder=tmp_path)
    assert result.stdout == f"{tmp_path}|{installed}|-m|docservice|bundle|my case.json|--out||"
    assert result.stderr == ""


def test_tests_are_named_from_the_project(installed: Path, tmp_path: Path) -> None:
    result = call(installed / "run", "test", "tests/docservice", "-k", "a or b", folder=tmp_path)
    assert result.stdout.startswith(f"{installed}|{installed}|-m|pytest|")
    assert result.stdout.endswith("|tests/docservice|-k|a or b|")


def test_the_check_tells_all_faults_at_once(installed: Path, tmp_path: Path) -> None:
    program(installed / ".venv" / "bin" / "python", '#!/bin/sh\ncase "$*" in *$FAULTY*) echo "no: $*"; exit 1;; esac\n')
    for faulty, faults in (("nothing", 0), ("mypy", 1), ("ruff", 2), ("-", 4)):
        result = call(installed / "run", "check", folder=tmp_path, FAULTY=faulty)
        assert result.returncode == (1 if faults else 0)
        assert result.stderr.count("FAILED") == result.stdout.count("no: -") == faults
        assert result.stderr.count("ok  ") == 4 - faults


def test_mending_tells_what_is_left_for_a_person(installed: Path, tmp_path: Path) -> None:
    program(installed / ".venv" / "bin" / "python", '#!/bin/sh\necho "$*"\n[ "$*" != "-m ruff check ." ]\n')
    result = call(installed / "run", "fmt", folder=tmp_path)
    assert result.stdout.splitlines() == ["-m ruff check --fix-only .", "-m ruff format .", "-m ruff check ."]
    assert result.returncode == 1


def test_help_tells_of_check_and_tests_too(installed: Path, tmp_path: Path) -> None:
    result = call(installed / "run", "--help", folder=tmp_path)
    assert {"./run check", "./run fmt", "./run test"} <= set(re.findall(r"\./run \w+", result.stderr))
    assert result.stdout.endswith("|-m|docservice|--help|")


def test_a_call_through_a_link_finds_the_project(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "docservice").symlink_to(installed / "run")
    result = call(tmp_path / "docservice", "doctor", folder=tmp_path)
    assert result.stdout == f"{tmp_path}|{installed}|-m|docservice|doctor|"


def test_when_all_is_there_nothing_is_looked_for(installed: Path, tmp_path: Path) -> None:
    """No Python, no uv, no package manager: a call costs what a few small programs cost."""
    result = call(installed / "run", "doctor", folder=tmp_path, path=programs(tmp_path / "bin", NEEDED))
    assert result.returncode == 0
    assert result.stderr == ""
    assert result.stdout.endswith("|-m|docservice|doctor|")


def test_changed_requirements_are_noticed(installed: Path, tmp_path: Path) -> None:
    with (installed / "requirements" / "run.txt").open("a") as file:
        file.write("\n")
    path = programs(tmp_path / "bin", NEEDED, uv="#!/bin/sh\necho uv $1 $2 >&2\n", python3="#!/bin/sh\n")
    result = call(installed / "run", "doctor", folder=tmp_path, path=path)
    assert "installing the locked Python packages" in result.stderr
    assert "uv pip sync" in result.stderr
    assert result.stdout.endswith("|-m|docservice|doctor|")


def test_an_installation_that_breaks_off_is_not_taken_for_done(copy: Path, tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", NEEDED, uv="#!/bin/sh\nexit 1\n", python3="#!/bin/sh\n")
    for _ in range(2):
        result = call(copy / "run", "doctor", folder=tmp_path, path=path)
        assert result.returncode != 0
        assert "installing" in result.stderr
    assert not (copy / ".venv" / "locked").exists()


def test_without_python_it_says_what_to_install(copy: Path, tmp_path: Path) -> None:
    result = call(copy / "run", "demo", folder=tmp_path, path=programs(tmp_path / "bin", NEEDED))
    assert result.returncode == 3
    assert "python3 python3-venv" in result.stderr


def test_whoever_is_not_root_gets_the_one_line_to_run(installed: Path, tmp_path: Path) -> None:
    needed = [name for name in NEEDED if name != "id"]
    path = programs(tmp_path / "bin", needed, id="#!/bin/sh\necho 1000\n", apt_get="#!/bin/sh\nexit 99\n")
    result = call(installed / "run", "test", folder=tmp_path, path=path, NEEDED="redis-server postgresql")
    assert result.returncode == 3
    lines = [line for line in result.stderr.splitlines() if line.startswith("  sudo sh -c 'apt-get update && ")]
    assert len(lines) == 1
    assert lines[0].endswith(" redis-server postgresql'")


def test_root_on_debian_gets_it_installed(installed: Path, tmp_path: Path) -> None:
    needed = [name for name in NEEDED if name != "id"]
    record = tmp_path / "apt"
    apt = f'#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >>"{record}"\n'
    path = programs(tmp_path / "bin", needed, id="#!/bin/sh\necho 0\n", apt_get=apt)
    result = call(installed / "run", "test", folder=tmp_path, path=path, NEEDED="redis-server")
    assert result.stdout.startswith(f"{installed}|{installed}|-m|pytest|")
    update, install = record.read_text(encoding="utf-8").splitlines()
    assert update.startswith("noninteractive ")
    assert update.endswith(" update")
    assert " install -y --no-install-recommends " in install
    assert install.endswith(" redis-server")


def test_tests_that_need_nothing_more_ask_for_nothing(installed: Path, tmp_path: Path) -> None:
    path = programs(tmp_path / "bin", NEEDED, apt_get="#!/bin/sh\nexit 99\n")
    result = call(installed / "run", "test", "tests/docservice/domain", folder=tmp_path, path=path)
    assert result.stderr == ""
    assert result.stdout.endswith("|tests/docservice/domain|")
