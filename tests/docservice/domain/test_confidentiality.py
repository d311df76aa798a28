"""No internal and no health data reach a document, whatever a template asks for (domain rule R11)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from docservice.cases.intake import parse_case
from docservice.domain import cases
from docservice.domain.cases import Confidentiality, HelpPlan
from docservice.domain.confidentiality import printable
from docservice.domain.kinds import KINDS, Kind
from tests.support.fixtures import case_names, load_case


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", case_names())
def test_a_document_sees_nothing_above_its_class(name: str, kind: Kind) -> None:
    case = printable(parse_case(load_case(name)), kind)
    for record, field in _fields(case):
        value = getattr(record, field.name)
        if field.metadata["confidentiality"] not in KINDS[kind].shows:
            blank = HelpPlan() if field.name == "help_plan" else field.default
            assert value == blank, f"{type(record).__name__}.{field.name}"


def test_the_canaries_of_a_family_are_gone_and_the_rest_is_as_it_was() -> None:
    case = parse_case(load_case("01-miller"))
    plan = printable(case, Kind.HELP_PLAN)
    agreement = printable(case, Kind.AGREEMENT)

    for blanked in (plan, agreement):
        for secret in (
            "Bildschirmarbeit",
            "vormittags",
            "Am Förderturm",
            "BVFG_4",
            "Rückenbeschwerden",
            "Erstgespräch",
        ):
            assert secret in str(case)
            assert secret not in str(blanked)

    assert plan.help_plan == case.help_plan
    assert plan.persons[0].birth_name == case.persons[0].birth_name
    assert agreement.help_plan == HelpPlan()
    assert agreement.persons[0].birth_name is None
    assert agreement.persons[0].legal_family_name == case.persons[0].legal_family_name
    assert agreement.agreement == case.agreement
    assert agreement.annex == case.annex


def test_the_case_itself_stays_whole() -> None:
    case = parse_case(load_case("01-miller"))
    printable(case, Kind.AGREEMENT)
    assert case == parse_case(load_case("01-miller"))


def test_every_field_of_a_case_has_a_class() -> None:
    records = [value for value in vars(cases).values() if isinstance(value, type) and dataclasses.is_dataclass(value)]
    for record in records:
        for field in dataclasses.fields(record):
            if record.__module__ == cases.__name__:
                assert isinstance(field.metadata.get("confidentiality"), Confidentiality), f"{record}.{field.name}"


def _fields(record: Any) -> Iterator[tuple[Any, dataclasses.Field[Any]]]:
    for field in dataclasses.fields(record):
        if "confidentiality" not in field.metadata:
            continue
        yield record, field
        value = getattr(record, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(child):
                yield from _fields(child)
