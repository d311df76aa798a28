"""The invented families and names that the tests tell their stories with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CASES = FIXTURES / "cases"


def case_names() -> list[str]:
    """The valid case files, without their ending: "01-miller" and so on."""
    return sorted(path.stem for path in CASES.glob("*.json"))


def load_case(name: str) -> dict[str, Any]:
    """A case file as JSON, fresh on every call; "invalid/emoji" is one that must be refused."""
    return dict(json.loads((CASES / f"{name}.json").read_text(encoding="utf-8")))


def load_names() -> dict[str, Any]:
    """`fixtures/names.json`: names with what DIN 91379 says of them."""
    return dict(json.loads((FIXTURES / "names.json").read_text(encoding="utf-8")))
