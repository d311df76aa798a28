"""Reads a case file: everything that is wrong with it in one answer, and nothing of what was sent in that answer."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from docservice.cases import models
from docservice.cases.fields import FIELD_FAULTS
from docservice.cases.rules import UNJUDGED, namesake_faults, rule_faults
from docservice.domain.cases import Case
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.errors import Fault, InvalidInput

R = TypeVar("R")

CASE_CHARACTERS = 500_000  # of the whole file as JSON; the largest family of the fixtures has a tenth of it
DEEPEST = 20  # levels of nesting; a case file has 9
WHOLE = "case"  # the path of a fault that concerns the file as a whole

_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,39}")
_LONGEST_NAME = 40  # letters of an unknown field by which its likeness to known ones is judged
_GUESSES = 5  # unknown fields for which a known one is looked for that may be meant: a millisecond each
_KEY_MARK = "[key]"  # how pydantic marks that the key of a mapping is at fault


def parse_case(payload: object, *, today: date | None = None) -> Case:
    """The case of a JSON document; InvalidInput with every fault it has.

    `today` is the day ages are judged by when the agreement date is left blank. Texts are kept in NFC with single
    line feeds, otherwise exactly as given.
    """
    refuse_oversize(payload)
    case, errors = _read(Case, payload)
    faults = list(_field_faults(errors))
    if case is not None:
        faults += namesake_faults(case)
    if isinstance(payload, dict):
        faults += rule_faults(_judgeable(payload, errors), today)
    if faults or case is None:
        raise InvalidInput(faults)
    return case


def parse_record(kind: type[R], payload: object) -> R:
    """A record of the domain from a JSON document, by the checks of its fields alone; InvalidInput with every fault."""
    refuse_oversize(payload)
    record, errors = _read(kind, payload)
    if record is None:
        raise InvalidInput(_field_faults(errors))
    return record


def parse_body(kind: type[R], payload: object) -> R:
    """The same of a whole request: what concerns no single field of it is told of its body."""
    try:
        return parse_record(kind, payload)
    except InvalidInput as refused:
        raise InvalidInput(
            dataclasses.replace(fault, path="body") if fault.path == WHOLE else fault for fault in refused.faults
        ) from None


def _read(kind: type[R], payload: object) -> tuple[R | None, Sequence[ErrorDetails]]:
    try:
        return models.read_record(kind, payload), ()
    except ValidationError as error:
        return None, error.errors(include_url=False, include_input=False)


def _field_faults(errors: Sequence[ErrorDetails]) -> Iterator[Fault]:
    unknown = [details["loc"] for details in errors if details["type"] == "extra_forbidden"][:_GUESSES]
    for details in errors:
        yield from _faults_of(details, guess=details["loc"] in unknown)


def refuse_oversize(payload: object) -> None:
    """InvalidInput when a JSON document is nested too deeply or too large to be a case (or a patch of one)."""
    if _is_deeper(payload, DEEPEST):
        raise InvalidInput([_TOO_DEEP])
    size = len(json.dumps(payload, ensure_ascii=False, default=str))
    if size > CASE_CHARACTERS:
        raise InvalidInput([Fault.told(WHOLE, "cases.too_large", size=size, most=CASE_CHARACTERS)])


def case_to_json(case: Case) -> dict[str, object]:
    """The case as a JSON document, as it is kept and shown. Empty fields are left out.

    `snapshots.load` turns it into an equal case, and so does `parse_case` as long as its rules hold.
    """
    return record_to_json(case)


def record_to_json(record: object) -> dict[str, object]:
    """Any record of the domain in that form."""
    return cast(dict[str, object], value_to_json(record))


def case_schema(ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """The JSON schema of a case file, with an example. What ties fields together is not in it (see `rules`)."""
    schema = models.model_of(Case).model_json_schema(ref_template=ref_template)
    schema["examples"] = [example_case()]
    return schema


def example_case() -> dict[str, Any]:
    """A small valid case file, invented."""
    return {
        "case_number": "2026-0815",
        "persons": [
            {
                "id": "anna",
                "legal_family_name": "Miller",
                "legal_given_names": "Anna",
                "salutation": "frau",
                "birth_date": "1984-03-09",
                "languages": ["ru", "de"],
            }
        ],
        "agreement": {
            "parties": ["anna"],
            "representatives": [{"family_name": "Sander", "given_names": "Petra", "salutation": "frau"}],
            "date": "2026-12-03",
        },
        "annex": {
            "date": "2026-12-03",
            "work_steps": [
                {
                    "what": {"de": "Anmeldung zum Sprachkurs", "translations": {"ru": "Запись на языковые курсы"}},
                    "by": "2026-12-17",
                }
            ],
            "next_appointment": {"start": "2026-12-10T14:30+01:00"},
        },
        "help_plan": {
            "created_jointly_on": "2026-12-03",
            "review_date": "2027-06-03",
            "goals": [
                {
                    "area": "sprache_bildung",
                    "title": {"de": "Deutsch auf dem Niveau B1"},
                    "measures": [
                        {
                            "description": {"de": "Besuch des Integrationskurses"},
                            "provider": "Sprachschule Nordlicht",
                            "responsible": "client",
                            "responsible_person": "anna",
                            "deadline": "2027-11-30",
                        }
                    ],
                }
            ],
        },
    }


def _is_deeper(payload: object, levels: int) -> bool:
    """Whether objects and lists are nested in more than so many levels; level by level, so that no depth hurts."""
    level = [payload]
    for _ in range(levels):
        level = [
            child
            for value in level
            for child in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
        ]
    return any(isinstance(value, dict | list) for value in level)


def _judgeable(payload: Mapping[str, Any], errors: Sequence[ErrorDetails]) -> dict[str, Any]:
    """A copy of the payload in which `UNJUDGED` stands for every value that did not pass its own check."""
    copy = _copied(payload)
    for error in errors:
        place = [step for step in error["loc"] if step != _KEY_MARK]
        if place and error["type"] != "missing":
            _mask(copy, place)
    return cast(dict[str, Any], copy)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _mask(value: Any, place: Sequence[int | str]) -> None:
    for step in place[:-1]:
        if value is UNJUDGED:
            return
        value = value[step]
    if value is not UNJUDGED:
        value[place[-1]] = UNJUDGED


def _faults_of(error: ErrorDetails, *, guess: bool) -> Iterator[Fault]:
    kind, context = error["type"], error.get("ctx", {})
    path = _path(error["loc"])
    if kind == FIELD_FAULTS:
        for fault in cast("tuple[Fault, ...]", context[FIELD_FAULTS]):
            yield dataclasses.replace(fault, path=path)
    elif kind == "extra_forbidden":
        yield _unknown_field(error["loc"], guess=guess)
    else:
        values = {key: _plain(value) for key, value in context.items()}
        yield Fault.told(path, _SENTENCES.get(kind, "cases.invalid"), example=_EXAMPLES.get(path), **values)


def _plain(value: Any) -> Any:
    """A limit or a list of allowed values as both languages can print it."""
    return value.replace("'", "").replace(" or ", ", ") if isinstance(value, str) else value


def _path(place: Sequence[int | str]) -> str:
    """ "persons[1].birth_date". A key that the sender made up is left out: it may be anything."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _FIELD_NAME.fullmatch(step):
            text += f".{step}" if text else step
    return text or WHOLE


def _unknown_field(place: Sequence[int | str], *, guess: bool) -> Fault:
    near = difflib.get_close_matches(str(place[-1])[:_LONGEST_NAME], _FIELDS, n=1) if guess else ()
    if near:
        return Fault.told(_path(place), "cases.unknown_field.near", near=near[0])
    return Fault.told(_path(place), "cases.unknown_field.plain")


def value_to_json(value: Any) -> Any:
    """What a field of a record holds, in that form."""
    if isinstance(value, PartialDate):
        return str(value)
    if (fields := _fields_of(cast(Hashable, type(value)))) is not None:
        pairs = ((name, _item(getattr(value, name), alone=alone)) for name, alone in fields)
        return {name: value_to_json(item) for name, item in pairs if item is not None and item != ()}
    if isinstance(value, tuple):
        return [value_to_json(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value


@cache
def _fields_of(kind: Hashable) -> tuple[tuple[str, bool], ...] | None:
    """The names of a record's fields, and whether one of a list stands alone there; None for what is no record."""
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple((field.name, bool(field.metadata.get("one_alone"))) for field in dataclasses.fields(cast(type, kind)))


def _item(value: Any, *, alone: bool) -> Any:
    return value[0] if alone and len(value) == 1 else value


_FIELDS = sorted(models.FIELD_NAMES)

_TOO_DEEP = Fault.told(WHOLE, "cases.too_deep")
_SENTENCES: Mapping[str, str] = {
    "missing": "cases.missing.field",
    "string_type": "cases.not_text",
    "string_unicode": "cases.not_text",
    "list_type": "cases.not_a_list",
    "dict_type": "cases.not_an_object",
    "model_type": "cases.not_an_object",
    "model_attributes_type": "cases.not_an_object",
    "int_type": "cases.not_a_number",
    "int_parsing_size": "cases.not_a_number",
    "bool_type": "cases.not_a_boolean",
    "literal_error": "cases.unknown_value",
    "too_short": "cases.too_few",
    "too_long": "cases.too_many",
    "greater_than_equal": "cases.out_of_range.least",
    "less_than_equal": "cases.out_of_range.most",
}
"""What is said of the faults that pydantic finds by itself; of all others, that the value does not fit."""
_EXAMPLES = {
    "case_number": "2026-0815",
    "agreement.parties": '["anna"]',
    "agreement.representatives": '[{"family_name": "Sander", "salutation": "frau"}]',
}
