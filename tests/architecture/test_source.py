"""What must not stand in the repository, and what must; format, style and types are looked at by `./run check`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CODE = [
    file
    for folder in ("docservice", "workers", "benchmarks", "tests", "training")
    for file in (PROJECT / folder).rglob("*.py")
]
FOLDERS = (
    ".ci",
    "benchmarks",
    "docker",
    "docs",
    "docservice",
    "fixtures",
    "requirements",
    "templates",
    "tests",
    "training",
    "workers",
)
TEXTS = [
    file
    for file in [*PROJECT.glob("*"), *(file for folder in FOLDERS for file in (PROJECT / folder).rglob("*"))]
    if file.is_file()
    and "__pycache__" not in file.parts
    and "node_modules" not in file.parts
    and file.suffix not in {".png", ".pdf", ".docx", ".ttf", ".pyc", ".jar", ".onnx", ".xlsx", ".zip"}
]
FORBIDDEN = re.compile(
    r"pypi\.org|pythonhosted|npmjs|index-url\s+http"  # addresses of registries
    r"|/work/|/root/|/home/|/Users/|/tmp/[a-z]"  # paths of one machine
    r"|\.\./shared"
)
# Where the words above are themselves the subject.
EXCEPT = {Path(__file__).resolve()}


def test_no_address_of_a_registry_and_no_path_of_a_machine() -> None:
    found = [
        f"{file.relative_to(PROJECT)}:{number}: {match.group()}"
        for file in TEXTS
        if file.resolve() not in EXCEPT
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if (match := FORBIDDEN.search(line))
    ]
    assert not found


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{file.relative_to(PROJECT)}:{number}"
        for file in CODE
        if file.resolve() not in EXCEPT
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not found


def test_the_architecture_fits_on_a_page() -> None:
    lines = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 120


def test_public_names_say_what_they_do() -> None:
    """Every module, and every public class and function at its top, has a docstring."""
    entrances = {"main", "upgrade", "downgrade"}  # of programs and migrations: the module says what they are
    silent = []
    for folder in ("docservice", "workers"):
        for file in (PROJECT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            named = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
            if tree.body and ast.get_docstring(tree) is None:
                silent.append(str(file.relative_to(PROJECT)))
            silent += [
                f"{file.relative_to(PROJECT)}: {node.name}"
                for node in named
                if not node.name.startswith("_") and node.name not in entrances and ast.get_docstring(node) is None
            ]
    assert not silent


def test_tests_patch_nothing() -> None:
    """Faults are injected as parts; a test that needs a patch shows a part that is not passed in."""
    patching = [
        str(file.relative_to(PROJECT))
        for file in (PROJECT / "tests").rglob("*.py")
        if file.resolve() not in EXCEPT
        and re.search(r"monkeypatch|unittest\.mock|mocker", file.read_text(encoding="utf-8"))
    ]
    assert not patching
