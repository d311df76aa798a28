"""Kept cases are read for ever: every version of the stored form, without a rule of today's intake."""

from __future__ import annotations

import dataclasses
import json
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from docservice.cases import snapshots
from docservice.cases.intake import case_to_json, parse_case
from docservice.cases.snapshots import CURRENT, load
from docservice.domain.cases import Case
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.errors import DocserviceError, InvalidInput
from tests.support.fixtures import case_names, load_case

FORMS = Path(__file__).parent / "stored_forms"

Json = dict[str, Any]


def stored(name: str = "01-miller") -> Json:
    """A family of the fixtures as it is kept."""
    kept: Json = json.loads(json.dumps(case_to_json(parse_case(load_case(name)))))
    return kept


def written(kind: Any) -> str:
    """A kind of value as one writes it, without the marks that only the intake looks at."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " | ".join(map(written, parts))
    if origin is tuple:
        return f"tuple[{written(parts[0])}, ...]"
    if origin is dict:
        return f"dict[{', '.join(map(written, parts))}]"
    return "None" if kind is NoneType else str(kind.__name__)


def form_of(record: type) -> Json:
    """What kind of value each field of a record takes, and its default; records and words within it likewise."""
    described: Json = {}
    kinds = get_type_hints(record)
    for field in dataclasses.fields(record):
        default = "required" if field.default is dataclasses.MISSING else repr(field.default)
        alone = " or one alone" if field.metadata.get("one_alone") else ""
        described[field.name] = f"{written(kinds[field.name])}{alone}; {default}"
    forms: Json = {record.__name__: described}
    for kind in kinds.values():
        for part in (kind, *getattr(kind, "__args__", ())):
            if isinstance(part, type) and issubclass(part, Enum):
                forms[part.__name__] = [word.value for word in part]
            elif isinstance(part, type) and dataclasses.is_dataclass(part) and part is not PartialDate:
                forms |= form_of(part)
    return forms


def test_the_form_of_the_current_version_is_the_one_that_was_written_down() -> None:
    """Fails when somebody changes what is kept of a case without a new version."""
    kept = json.loads((FORMS / f"{CURRENT}.json").read_text("utf-8"))
    assert form_of(Case) == kept, (
        "The stored form of a case has changed, and rows of version "
        f"{CURRENT} are kept for ever. In docservice/cases/snapshots.py raise CURRENT and add what makes a case of the "
        f"new version of one of version {CURRENT} (for a new field that may be empty: the case as it is); then run "
        "python -m tests.docservice.cases.test_snapshots to write the new form down. See docs/decisions/0025."
    )


def test_a_way_leads_from_every_version_to_the_current_one() -> None:
    assert set(snapshots._UPCASTERS) == set(range(1, CURRENT))


@pytest.mark.parametrize("version", range(1, CURRENT + 1))
@pytest.mark.parametrize("name", case_names())
def test_a_family_is_read_as_it_was_handed_in(name: str, version: int) -> None:
    assert load(version, stored(name)) == parse_case(load_case(name))


@pytest.mark.parametrize(
    ("kept", "known"),
    [("1984-00-00", "1984"), ("1984-03-00", "1984-03"), ("1984-00-15", "1984"), ("1984-03-09", "1984-03-09")],
)
def test_unknown_parts_of_a_birth_date_were_zeros_in_version_1(kept: str, known: str) -> None:
    old = stored()
    old["persons"][0]["birth_date"] = kept
    assert str(load(1, old).persons[0].birth_date) == known
    assert old["persons"][0]["birth_date"] == kept, "what is kept is not written on"


def against_every_rule() -> Json:
    """A case that breaks rules of every kind the intake has, and still has the form of a case."""
    case = stored()
    anna = case["persons"][0]
    anna |= {"legal_given_names": "-", "guardian": "anna", "languages": ["tlh", "tlh"], "birth_place": "x" * 9999}
    anna |= {"phone": "\u202e\x07", "birth_date": "2199", "a_field_of_another_day": {"deep": [1]}}
    case |= {"case_number": " / ", "notes": "", "confirmed_warnings": ["nothing_known"], "another": None}
    case["persons"] = case["persons"] * 60
    case["agreement"] |= {"parties": [], "representatives": [], "date": "1700-01-01", "city_signatures_required": 9}
    case["annex"]["next_appointment"]["start"] = "1700-01-01T23:00+09:00"
    case["help_plan"] |= {"version": 7, "review_date": "1700-01-01"}
    return case


def test_no_rule_of_the_intake_is_asked_again() -> None:
    case = against_every_rule()
    with pytest.raises(InvalidInput):
        parse_case(case)
    read = load(CURRENT, case)
    assert (read.case_number, len(read.persons), read.agreement.parties) == (" / ", 60 * len(stored()["persons"]), ())
    assert read.persons[0].legal_given_names == "-"
    assert read.persons[0].guardian == ("anna",)


def put(case: Json, path: str, value: object) -> Json:
    *way, last = path.replace("[", ".").replace("]", "").split(".")
    place: Any = case
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    return case


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("case_number", None),
        ("case_number", 2026),
        ("persons", {}),
        ("persons[1]", "anna"),
        ("persons[0].id", None),
        ("persons[0].birth_date", "yesterday"),
        ("persons[0].salutation", "majesty"),
        ("persons[0].needs_interpreter", 1),
        ("annex.number", True),
        ("annex.next_appointment.start", "2026-99-99T00:00"),
        ("help_plan.goals[0].title.de", ["x"]),
        ("agreement.goals[0].translations", {"ru": 1}),
    ],
)
def test_what_is_no_case_is_refused_with_its_place_and_without_its_value(path: str, value: object) -> None:
    with pytest.raises(DocserviceError) as refused:
        load(CURRENT, put(stored(), path, value))
    assert refused.value.code == "stored_case_unreadable"
    assert f" {path}. " in refused.value.detail
    assert f" {path}. " in refused.value.detail_de
    assert not refused.value.retryable


@pytest.mark.parametrize("data", [{}, {"persons": None}])
@pytest.mark.parametrize("version", [1, CURRENT])
def test_nothing_at_all_is_refused(version: int, data: Json) -> None:
    with pytest.raises(DocserviceError, match="stored_case_unreadable"):
        load(version, data)


@pytest.mark.parametrize("version", [0, CURRENT + 1])
def test_a_version_that_nobody_here_knows_is_refused(version: int) -> None:
    with pytest.raises(DocserviceError, match="stored_case_newer"):
        load(version, stored())


if __name__ == "__main__":
    text = json.dumps(form_of(Case), indent=1, ensure_ascii=False)
    (FORMS / f"{CURRENT}.json").write_text(text + "\n", "utf-8")
