"""The rooms of the house, in what the contracts of `./run check` (import-linter, in pyproject.toml) cannot say."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
ROOMS = sorted(path.parent for path in (PROJECT / "docservice").glob("*/__init__.py"))
STEPS = {
    "archive.service": {
        "container.package",
        "content.derivative",
        "content.dossier",
        "content.package_pages",
        "content.provenance",
        "content.transfer_note",
        "fixity",
    },
    "bundles.papers": {"content", "cover", "typeset", "verify", "word"},
    "bundles.rendering": {"papers", "print_set"},
    "bundles.service": {"rendering", "wanted"},
    "cases.service": {"intake"},
    "reports.service": {"evaluation", "interim", "page", "returned", "workbook"},
    "reviews.service": {"effects"},
    "scans.intake.service": {"part_reader", "upload_workflow"},
    "scans.matching.service": {"documents", "loose_pages"},
    "scans.reading.page_reader": {
        "identify",
        "likeness",
        "marks.amendments",
        "marks.signatures",
        "marks.zone_ink",
        "quality",
        "registration",
    },
    "scans.service": {"assemble_views", "intake.service", "matching.service"},
    "templates.service": {"register", "texts", "word.compile"},
}
"""The files that read as a table of contents, and the steps they name."""
MOST_FILES = 15


def imported_modules(file: Path) -> Iterator[str]:
    """The full names of the modules that a file imports anywhere in it, as far as the source tells."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.relative_to(PROJECT)}:{node.lineno} imports relatively"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_domain_needs_nothing_but_the_standard_library() -> None:
    allowed = {*sys.stdlib_module_names, "docservice"}
    foreign = {
        f"{file.name}: {module}"
        for file in (PROJECT / "docservice" / "domain").rglob("*.py")
        for module in imported_modules(file)
        if module.split(".")[0] not in allowed
    }
    assert not foreign


def files_of(module: str) -> list[Path]:
    """The files of a module, or of a package and all below it."""
    place = PROJECT.joinpath(*module.split("."))
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


@pytest.mark.parametrize("contents", STEPS)
def test_a_feature_room_has_a_table_of_contents_whose_steps_do_not_know_each_other(contents: str) -> None:
    """The file names every step; no step imports another one, nor the file that calls it."""
    room, _, name = f"docservice.{contents}".rpartition(".")
    steps = {f"{room}.{step}" for step in STEPS[contents]}
    named = set(imported_modules(files_of(f"{room}.{name}")[0]))
    assert steps <= named, f"{contents} leaves out a step: {sorted(steps - named)}"
    for step in steps:
        for file in files_of(step):
            known = {*imported_modules(file)} & {*steps, f"{room}.{name}", f"{room}.service"} - {step}
            assert not known, f"{file.relative_to(PROJECT)} imports {sorted(known)}"


def test_a_folder_can_be_overlooked() -> None:
    """Where it cannot, it has sub-rooms."""
    folders = {path.parent for root in ("docservice", "workers") for path in (PROJECT / root).rglob("*.py")}
    folders.discard(PROJECT / "docservice/db/migrations/versions")  # read one by one, in the order of their numbers
    files = {folder: len(list(folder.glob("*.py"))) for folder in folders}
    assert not {str(folder.relative_to(PROJECT)): number for folder, number in files.items() if number > MOST_FILES}


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
