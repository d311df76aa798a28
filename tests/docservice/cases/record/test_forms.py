"""Kept entries are read for ever: the stored form of each is written down, and changes make a version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docservice.cases.record.forms import CURRENT, ENTRIES, PERIODS
from tests.docservice.cases.test_snapshots import form_of

FORM = Path(__file__).parent / "stored_forms" / f"{CURRENT}.json"


def forms() -> dict[str, Any]:
    """What kind of value each field of an entry or a period takes."""
    return {name: form for record in (*ENTRIES.values(), *PERIODS.values()) for name, form in form_of(record).items()}


def test_the_form_of_the_current_version_is_the_one_that_was_written_down() -> None:
    """Fails when somebody changes what is kept without a new version: see cases/record/forms.py."""
    assert forms() == json.loads(FORM.read_text("utf-8"))


if __name__ == "__main__":
    FORM.parent.mkdir(exist_ok=True)
    FORM.write_text(json.dumps(forms(), indent=1, ensure_ascii=False) + "\n", "utf-8")
