"""How deep the rooms are: the longest way down through their boxes, which are sub-rooms and files beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MOST_LAYERS = {"scans": 4, "reviews": 4}
MOST_PLACES = 3
"""Files that say what fields a review has, besides the migrations."""


def boxes(room: str) -> Mapping[str, list[Path]]:
    """The files of each box of a room."""
    folder = PROJECT / "docservice" / room
    found = {file.stem: [file] for file in folder.glob("*.py") if file.stem != "__init__"}
    return found | {sub.parent.name: sorted(sub.parent.rglob("*.py")) for sub in folder.glob("*/__init__.py")}


def imported(room: str, files: list[Path]) -> Iterator[str]:
    """The boxes of the room that the files import."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"docservice.{room}."):
                yield str(node.module).split(".")[2]


def longest_way(room: str) -> list[str]:
    """From the uppermost box to the lowest."""
    below = {name: set(imported(room, files)) - {name} for name, files in boxes(room).items()}

    @cache
    def way(name: str) -> list[str]:
        return [name, *max((way(each) for each in sorted(below[name])), key=len, default=[])]

    return max((way(name) for name in sorted(below)), key=len)


@pytest.mark.parametrize("room", MOST_LAYERS)
def test_a_room_has_few_floors(room: str) -> None:
    way = longest_way(room)
    print(f"{room}: {len(way)} floors: {' > '.join(way)}")
    assert len(way) <= MOST_LAYERS[room], " > ".join(way)


def declared(file: Path) -> set[str]:
    """The names that a file gives to fields, columns and keys; what only reads a field does not name it."""
    tree = ast.parse(file.read_text("utf-8"))
    read = {each.slice for each in ast.walk(tree) if isinstance(each, ast.Subscript)}
    return {
        *(str(each.value) for each in ast.walk(tree) if isinstance(each, ast.Constant) and each not in read),
        *(each.arg for each in ast.walk(tree) if isinstance(each, ast.keyword) and each.arg is not None),
        *(
            each.target.id
            for each in ast.walk(tree)
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        ),
    }


@pytest.mark.parametrize("field", ["closed_at", "closed_by"])
def test_a_field_of_a_review_is_said_in_few_places(field: str) -> None:
    """Table with record, view, and what makes the one of the other: the view is the answer of the API."""
    saying = [
        str(file.relative_to(PROJECT))
        for file in sorted((PROJECT / "docservice").rglob("*.py"))
        if "migrations" not in file.parts and field in declared(file)
    ]
    print(f"{field}: {' '.join(saying)}")
    assert len(saying) <= MOST_PLACES, saying
