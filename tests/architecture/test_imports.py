"""The rooms of the house and who may import whom."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.programs import run

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent for path in (PROJECT / "docservice").glob("*/__init__.py"))
STEPS = {
    "archive": {"derivative", "dossier", "fixity", "originals", "package", "provenance", "transfer_note"},
    "bundles": {"content", "cover", "print_set", "typeset", "verify", "word"},
    "cases": {"intake"},
    "scans": {"decisions", "part_reader", "places", "present", "progress", "settle"},
    "scans/reading": {
        "amendments",
        "identify",
        "propose",
        "quality",
        "register",
        "signatures",
        "zone_ink",
    },
    "templates": {"compile", "register", "texts"},
}


def imported_modules(file: Path) -> Iterator[str]:
    """The full names of the modules that a file imports anywhere in it, as far as the source tells."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.relative_to(PROJECT)}:{node.lineno} imports relatively"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_files(room: Path, file: Path) -> set[str]:
    """The other files and folders of `room` that `file` imports, without their endings."""
    names = {path.stem for path in room.iterdir()} - {"__init__", "__pycache__", file.stem}
    prefix = f"docservice.{room.name}."
    return {module.removeprefix(prefix).split(".")[0] for module in imported_modules(file)} & names


def test_imports_point_down_and_every_room_is_listed() -> None:
    """The contracts stand in pyproject.toml; a package or file of docservice/ outside of them is a failure, too."""
    start = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    report = run([sys.executable, "-c", start, "--no-cache"], seconds=60, environment=environment, folder=PROJECT)
    assert "0 broken" in report


def test_the_domain_needs_nothing_but_the_standard_library() -> None:
    allowed = {*sys.stdlib_module_names, "docservice"}
    foreign = {
        f"{file.name}: {module}"
        for file in (PROJECT / "docservice" / "domain").rglob("*.py")
        for module in imported_modules(file)
        if module.split(".")[0] not in allowed
    }
    assert not foreign


@pytest.mark.parametrize("name", STEPS)
def test_a_feature_room_has_a_table_of_contents_whose_steps_do_not_know_each_other(name: str) -> None:
    """`service.py`, or the named file, names every step; no step imports another one, nor the file that calls it."""
    place, _, contents = name.partition("/")
    room, steps, contents = PROJECT / "docservice" / place, STEPS[name], contents or "service"
    assert steps <= own_files(room, room / f"{contents}.py"), f"{place}/{contents}.py leaves out a step"
    for step in steps:
        files = [room / f"{step}.py"] if (room / f"{step}.py").exists() else sorted((room / step).glob("*.py"))
        for file in files:
            known = own_files(room, file) & {*steps, contents, "service"} - {step}
            assert not known, f"{file.relative_to(PROJECT)} imports {sorted(known)}"


def test_every_feature_room_has_a_service() -> None:
    rooms = {room.name for room in ROOMS} - {"api", "commands", "db", "demo", "domain", "tools"}
    assert not {name for name in rooms if not (PROJECT / "docservice" / name / "service.py").exists()}


def test_only_one_file_starts_programs() -> None:
    starters = {
        str(file.relative_to(PROJECT))
        for folder in ("docservice", "workers")
        for file in (PROJECT / folder).rglob("*.py")
        if {"subprocess", "multiprocessing", "os.fork", "os.posix_spawn"} & set(imported_modules(file))
    }
    assert starters <= {"docservice/tools/process.py"}


def test_settings_and_environment_are_read_in_one_place() -> None:
    """Everything else is passed in. The command line hands the environment over; the worker app is its own entrance."""
    entrances = {
        "docservice/cli.py",
        "docservice/commands/installation.py",
        "docservice/embedded.py",
        "docservice/settings.py",
    }
    readers = {
        str(file.relative_to(PROJECT))
        for file in (PROJECT / "docservice").rglob("*.py")
        if "os.environ" in file.read_text(encoding="utf-8") or "getenv(" in file.read_text(encoding="utf-8")
    }
    assert readers <= entrances
