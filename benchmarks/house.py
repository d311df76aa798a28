"""The house as figures: how far one walks in it, how large its pieces are, and what is said more than once.

`EARLIER` holds what the same functions gave for the release of 23 November 2026, the first with returned scans.
"""

from __future__ import annotations

import ast
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.report import Ratio, Section
from docservice.demo.circle import bring_back
from docservice.demo.walk import Demo
from docservice.settings import PROJECT
from tests.support.live_api import LiveApi, live_api

EARLIER: Mapping[str, int] = {
    "files entered, POST to the bundle's file": 70,
    "files entered, upload to package": 104,
    "layers of imports inside scans": 9,
    "most files in one folder": 33,
    "files that name the moment a review was closed": 11,
    "classes of the case that are written twice": 15,
    "longest function, lines": 97,
    "longest file, lines": 458,
    "functions over 50 lines": 1,
}
_NO_CODE = "docservice/tools/child/__init__.py"
_BEYOND = ("docservice/client.py", "docservice/bootstrap.py", "docservice/demo/", "docservice/settings.py")


def run(*, quick: bool) -> Section:
    """The figures beside the earlier ones; `quick` leaves out the walks, which make a bundle and bring it back."""
    section = Section("The house: ways, sizes, and what is written twice")
    figures = sizes() | ({} if quick else walks())
    wanted = {
        "files entered, POST to the bundle's file": 45,
        "files entered, upload to package": 60,
        "layers of imports inside scans": 4,
        "most files in one folder": 15,
        "files that name the moment a review was closed": 3,
        "classes of the case that are written twice": 0,
        "longest function, lines": 60,
        "longest file, lines": 450,
        "functions over 50 lines": 0,
    }
    for name, value in figures.items():
        section.ratios.append(Ratio(f"{name} (was {EARLIER[name]})", value, "", at_most=wanted[name]))
    return section


def sizes(root: Path = PROJECT) -> dict[str, int]:
    """Everything that can be read off the source of the house at `root`."""
    files = list(_sources(root))
    functions = [node for file in files for node in ast.walk(_tree(file)) if isinstance(node, ast.FunctionDef)]
    lengths = [int(node.end_lineno or 0) - node.lineno + 1 for node in functions]
    folders = [file.parent for file in files]
    return {
        "layers of imports inside scans": _layers(root / "docservice" / "scans"),
        "most files in one folder": max(map(folders.count, folders)),
        "files that name the moment a review was closed": sum("closed_at" in file.read_text("utf-8") for file in files),
        "classes of the case that are written twice": len(_case_classes_written_twice(root)),
        "longest function, lines": max(lengths),
        "longest file, lines": max(len(file.read_text("utf-8").splitlines()) for file in files),
        "functions over 50 lines": sum(length > 50 for length in lengths),
    }


def walks() -> dict[str, int]:
    """In how many files of the house a function is called on the two walks, in a worker that is warm."""
    with _entered() as files, tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        folder = Path(name)
        with live_api(folder / "data") as api:
            bundle = _made(api, folder, files)
            outgoing = _of_the_walk(files) | _of_processes("typst_child.py")
            files.clear()
            with _working(api):
                bring_back(Demo(folder), api.client, bundle)
            returning = _of_the_walk(files) | _of_processes("typst_child.py", "child/*.py")
    return {
        "files entered, POST to the bundle's file": len(outgoing),
        "files entered, upload to package": len(returning),
    }


def _made(api: LiveApi, folder: Path, files: set[str]) -> Mapping[str, Any]:
    """A bundle made by a warm worker, its PDFs in `folder`; what was entered until then is forgotten."""
    api.services.bundles.warm_up()
    case_id = api.new_case()
    files.clear()
    bundle = api.finished(api.new_bundle(case_id))
    for document in bundle["documents"]:
        (folder / f"{document['kind']}.pdf").write_bytes(api.client.get(document["pdf"]).body)
    return bundle


def _sources(root: Path) -> Iterator[Path]:
    for folder in ("docservice", "workers"):
        yield from (file for file in sorted((root / folder).rglob("*.py")) if "migrations" not in file.parts)


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def _layers(room: Path) -> int:
    """The longest chain of imports between the files and folders that lie in a room."""
    prefix = f"docservice.{room.name}."
    boxes = {path.stem for path in room.iterdir() if path.suffix in ("", ".py") and path.stem != "__init__"}
    imports: dict[str, set[str]] = {box: set() for box in boxes - {"__pycache__"}}
    for box, known in imports.items():
        files = (room / box).rglob("*.py") if (room / box).is_dir() else [room / f"{box}.py"]
        for file in files:
            for node in ast.walk(_tree(file)):
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith(prefix):
                    known.add(str(node.module).removeprefix(prefix).split(".")[0])
        known.discard(box)

    def depth(box: str) -> int:
        return 1 + max(map(depth, imports[box]), default=0)

    return max(map(depth, imports))


def _case_classes_written_twice(root: Path) -> set[str]:
    """Classes of the form that have a namesake among those of the domain."""

    def classes(file: Path) -> set[str]:
        return {node.name for node in ast.walk(_tree(file)) if isinstance(node, ast.ClassDef)}

    form = {name.removesuffix("Model") for name in classes(root / "docservice" / "cases" / "models.py")}
    return form & classes(root / "docservice" / "domain" / "cases.py")


@contextmanager
def _entered() -> Iterator[set[str]]:
    """The files of the house in which a function is called, in any thread, while the block runs."""
    files: set[str] = set()
    start = f"{PROJECT}/"

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(start):
            files.add(code.co_filename.removeprefix(start))

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(before)
        threading.setprofile(before)


def _of_the_walk(files: Iterable[str]) -> set[str]:
    """Without what the measuring itself enters; with the workers' files, which stand between row and runner."""
    entered = {file for file in files if file.startswith("docservice/") and not file.startswith(_BEYOND)}
    return entered | {str(file.relative_to(PROJECT)) for file in (PROJECT / "workers").glob("[!_]*.py")}


def _of_processes(*patterns: str) -> set[str]:
    """What runs in processes of its own, where calls are not seen from here."""
    tools = PROJECT / "docservice" / "tools"
    return {str(file.relative_to(PROJECT)) for pattern in patterns for file in tools.glob(pattern)} - {_NO_CODE}


@contextmanager
def _working(api: LiveApi) -> Iterator[None]:
    """The jobs are done as they fall due, as a worker would."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.05):
            api.run_jobs()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        ended.set()
        worker.join(60)
