"""The form of a case is made from the classes of the domain, and no field slips through unchecked."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.house import sizes
from docservice.cases.models import FIELD_NAMES, model_of
from docservice.domain.cases import Case, Measure, Person
from docservice.domain.forms import Line

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A text of which nothing says what it is."""

    anything: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the schema says."""

    place: Line
    street: Line | None = None


def test_no_class_of_the_case_is_written_twice() -> None:
    assert sizes(ROOT)["classes of the case that are written twice"] == 0


@pytest.mark.parametrize("record", [Case, Person, Measure])
def test_a_model_has_the_fields_of_its_record_in_their_order(record: type) -> None:
    names = [field.name for field in dataclasses.fields(record) if field.metadata.get("handed_in", True)]
    assert list(model_of(record).model_fields) == names
    assert set(names) <= FIELD_NAMES


def test_a_model_says_and_asks_what_stands_beside_the_fields() -> None:
    schema = model_of(Said).model_json_schema()
    assert (schema["description"], schema["required"]) == ("What the schema says.", ["place"])
    assert schema["properties"]["place"]["maxLength"] == 200


def test_a_measure_is_handed_in_with_its_deadline_though_a_kept_one_may_lack_it() -> None:
    assert {"responsible", "deadline"} <= set(model_of(Measure).model_json_schema()["required"])


def test_a_field_of_which_nothing_says_how_it_is_checked_is_refused() -> None:
    with pytest.raises(TypeError, match="nothing says how"):
        model_of(Unsaid)
