"""A kind of document is a row of one table and a file of content: counted in the source, and tried in a copy."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from docservice.domain.cases import Case
from docservice.domain.kinds import USUAL, Kind
from tests.support.copies import PROJECT, changed, copy_of_the_program, docservice

TABLE = "docservice/domain/kinds.py"
CASE_DATA = ("docservice/cases", "docservice/domain/cases.py", "docservice/domain/record", "docservice/db/migrations")
"""Where the words are fields of a case ("annex": what the case says for it) or parts of its record, not kinds."""

MEMBER = '    CONSENT = "consent"\n'
ROW = """        Kind.CONSENT: KindSpec(
            name="Einwilligung",
            footer="Einwilligung {number}",
            number=lambda case: 1,
            shows=frozenset({_K0}),
            day=lambda case: case.agreement.date,
            usual=True,
        ),
"""
CONTENT = '''"""A consent, for this test."""

from docservice.bundles.content.frame import Body, Order, zones
from docservice.domain.documents import Clauses, Row, RowKind


def consent(order: Order) -> Body:
    """One sentence and the signatures."""
    part = Row(RowKind.TEXT, order.words("annex.part"))
    return Body(title=order.words("title", number="1"), blocks=(Clauses((part,)),), zones=zones(order))


RECIPES = {"current": consent}
'''
VERSION = """
[[version]]
kind = "consent"
version = "2026-11"
outline = "current"
valid_from = 2026-12-03
status = "draft"
layouts = ["ltr"]

[version.sha256]
"docx/consent/2026-11-ltr.docx" = ""
"pdf/consent/2026-11.typ" = ""
"texts/consent/2026-11/de.po" = ""

[[translation]]
version = "consent/2026-11"
language = "ru"
status = "draft"
sha256 = ""
"""
FILES = ("docx/{}/2026-11-ltr.docx", "pdf/{}/2026-11.typ", "texts/{}/2026-11/de.po", "texts/{}/2026-11/ru.po")


def named(kind: Kind) -> Iterator[str]:
    """The files of the program that name a kind, by its word or by its member; text within sentences does not count."""
    for file in sorted(file for room in ("docservice", "workers") for file in (PROJECT / room).rglob("*.py")):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        words = any(isinstance(node, ast.Constant) and node.value == kind.value for node in nodes)
        members = any(
            isinstance(node, ast.Attribute) and ast.unparse(node) in (f"Kind.{kind.name}", f"kinds.Kind.{kind.name}")
            for node in nodes
        )
        if words or members:
            yield file.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_is_named_in_its_table_alone(kind: Kind) -> None:
    found = list(named(kind))
    print(f"{kind.value}: named in {len(found)} files: {', '.join(found)}")
    is_data = kind.value in Case.__dataclass_fields__
    assert [file for file in found if file != TABLE and not (is_data and file.startswith(CASE_DATA))] == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the program with one more kind: a row, a file of content, templates. Nothing else differs."""
    copy = copy_of_the_program(tmp_path)
    changed(copy / TABLE, "\n\n@dataclass", f"{MEMBER}\n\n@dataclass")
    changed(copy / TABLE, "    }\n)\nUSUAL", f"{ROW}    }}\n)\nUSUAL")
    (copy / "docservice/bundles/content/consent.py").write_text(CONTENT, encoding="utf-8")
    for file in FILES:
        target = copy / "templates" / file.format("consent")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(copy / "templates" / file.format("annex"), target)
    with (copy / "templates/versions.toml").open("a", encoding="utf-8") as register:
        register.write(VERSION)
    return copy


def made(copy: Path) -> list[str]:
    """The kinds of the documents that the copy makes of an agreement of 3 December 2026."""
    out = copy / "out"
    docservice(copy, "bundle", str(PROJECT / "fixtures" / "cases" / "01-miller.json"), "--out", str(out))
    documents = json.loads((out / "bundle.json").read_text(encoding="utf-8"))["documents"]
    assert all((out / document[form]).is_file() for document in documents for form in ("docx", "pdf"))
    return [document["kind"] for document in documents]


def test_a_new_kind_is_made_with_a_row_and_a_file(copied: Path) -> None:
    assert made(copied) == [*USUAL, "consent"]


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("templates/versions.toml", "valid_from = 2026-12-03", "valid_from = 2026-12-04"),
        (TABLE, ROW, ROW.replace("            usual=True,\n", "")),
    ],
    ids=["not yet valid", "not usual"],
)
def test_a_new_kind_leaves_other_bundles_as_they_were(copied: Path, file: str, before: str, after: str) -> None:
    changed(copied / file, before, after)
    assert made(copied) == list(USUAL)
