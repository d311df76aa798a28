"""How deep the rooms are: the longest way down through their boxes, which are sub-rooms and files beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MOST_LAYERS = {"scans": 4, "reviews": 4}


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
