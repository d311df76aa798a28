"""What can be ordered, said once: fields, types and schema of a request, and every fault an order can have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass as plain
from typing import Annotated, Any, Final, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema
from pydantic.dataclasses import dataclass

from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.kinds import KINDS, USUAL, Kind
from docservice.domain.languages import GERMAN, LANGUAGES, ORDERED, SECOND, Language
from docservice.domain.record.reissue import Reason
from docservice.domain.text.messages import Sentence, say
from docservice.jobs.tasks import INTERACTIVE

MOST_DOCUMENTS: Final = 20
"""Documents of one order."""
MOST_OF_A_KIND: Final = 999
REISSUE: Final = "ReissueOrder"
"""What the schema of `read_reissue` is called."""
COPIES: Final = ("city", "family")  # Exemplar der Stadt, Exemplar der Familie


@plain(frozen=True, slots=True)
class _Expected:
    """What a field is, for whoever sent something else."""

    said: Sentence
    example: str

    def fault(self, path: str, *, missing: bool) -> Fault:
        """That it stands at this path, or that something else does."""
        told = "bundles.missing.expected" if missing else "bundles.wrong_type.expected"
        return Fault.told(path, told, example=self.example, expected=self.said)


_Languages = Annotated[
    tuple[str, ...],
    Field(strict=False),
    _Expected(say("pieces.a_list_of_languages"), json.dumps(ORDERED)),
    WithJsonSchema(
        {
            "type": "array",
            "description": "German first; a second language makes the documents bilingual.",
            "items": {"enum": list(LANGUAGES)},
            "minItems": 1,
            "maxItems": 2,
            "uniqueItems": True,
            "prefixItems": [{"const": GERMAN.code}],
        }
    ),
]
_Copies = Annotated[
    tuple[str, ...],
    Field(strict=False),
    _Expected(say("pieces.a_list_of_copies"), '["city", "family"]'),
    WithJsonSchema(
        {
            "type": "array",
            "description": "One copy of everything in the print set for each of these.",
            "items": {"enum": list(COPIES)},
            "minItems": 1,
            "maxItems": 2,
            "uniqueItems": True,
        }
    ),
]
_Duplex = Annotated[bool, Field(description="Pad to even page counts."), _Expected(say("pieces.true_or_false"), "true")]
_Cover = Annotated[
    bool, Field(description="Put a cover sheet on each copy."), _Expected(say("pieces.true_or_false"), "false")
]


_NAMED = [kind for kind in Kind if not KINDS[kind].supplements]
"""The kinds that an order may name; the others are made of a document that is there."""
_Kind = Annotated[
    Kind,
    Field(description="What kind of document."),
    _Expected(say("pieces.one_of", known=", ".join(_NAMED)), f'"{USUAL[-1]}"'),
]
_Number = Annotated[
    int | None,
    Field(strict=True, ge=1, le=MOST_OF_A_KIND, description="Which of its kind; the newest when left out."),
    _Expected(say("pieces.a_number", most=MOST_OF_A_KIND), "2"),
]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", hide_input_in_errors=True))
class WantedDocument:
    """One document of an order: which of its kind in the case, or the newest one."""

    kind: _Kind
    number: _Number = None


_Documents = Annotated[
    tuple[WantedDocument, ...] | None,
    Field(
        strict=False,
        min_length=1,
        max_length=MOST_DOCUMENTS,
        description="Only these documents; when left out, the newest agreement, annex and help plan.",
    ),
    _Expected(
        say("pieces.a_list_of_documents", most=MOST_DOCUMENTS),
        f'[{{"kind": "{USUAL[-1]}", "number": 2}}]',
    ),
]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True))
class BundleOrder:
    """The documents of a case, as they are asked for; copies are printed in this order."""

    languages: _Languages = ORDERED
    copies: _Copies = COPIES
    duplex: _Duplex = True
    cover: _Cover = False
    documents: _Documents = None

    def options(self) -> dict[str, object]:
        """What is kept with the bundle besides its languages."""
        return {"copies": list(self.copies), "duplex": self.duplex, "cover": self.cover, "queue": INTERACTIVE}


def read_order(body: object) -> BundleOrder:
    """The order of a JSON document; what it leaves out has its default. InvalidInput names every fault."""
    if not isinstance(body, Mapping):
        raise InvalidInput([_NO_OBJECT])
    given = {name: value for name, value in body.items() if name in _EXPECTED}
    wrong = _wrong(given)
    order = BundleOrder(**{name: value for name, value in given.items() if name not in wrong})
    faults = [_unknown(str(name), _EXPECTED) for name in body if name not in _EXPECTED]
    faults += [fault for name in given for fault in wrong.get(name, ())]
    faults += order_faults(order)
    if faults:
        raise InvalidInput(faults)
    return order


def order_of(languages: Sequence[str], options: Mapping[str, Any]) -> BundleOrder:
    """The order that a bundle was made of, but for the documents it named."""
    return BundleOrder(
        tuple(languages), tuple(options["copies"]), duplex=bool(options["duplex"]), cover=bool(options["cover"])
    )


def read_reissue(body: object) -> Reason:
    """Why a document is to be issued again; InvalidInput with every fault."""
    if not isinstance(body, Mapping):
        raise InvalidInput([_NO_OBJECT])
    faults = [_unknown(str(name), {"reason": _REASON}) for name in body if name != "reason"]
    reason = body.get("reason")
    if not isinstance(reason, str) or reason not in set(Reason):
        faults.append(_REASON.fault("reason", missing=reason is None))
    if faults:
        raise InvalidInput(faults)
    return Reason(str(reason))


def reissue_schema() -> dict[str, Any]:
    """The JSON schema of what is said to issue a document again."""
    return {
        "type": "object",
        "required": ["reason"],
        "additionalProperties": False,
        "properties": {"reason": {"enum": [reason.value for reason in Reason]}},
    }


def order_schemas(ref_template: str = "#/$defs/{model}") -> dict[str, dict[str, Any]]:
    """The JSON schema of an order ("BundleOrder"), with an example, and those that it refers to, by their names."""
    schema = TypeAdapter(BundleOrder).json_schema(ref_template=ref_template)
    named = schema.pop("$defs", {})
    return {**named, "BundleOrder": schema | {"examples": [{"languages": list(ORDERED)}]}}


def order_faults(order: BundleOrder) -> Sequence[Fault]:
    """Every fault of the order that can be seen without a template."""
    faults: list[Fault] = []
    if not order.languages or order.languages[0] != GERMAN.code or len(order.languages) > 2:
        faults.append(Fault.told("languages", "bundles.german_first", example=_EXPECTED["languages"].example))
    for position, code in enumerate(order.languages):
        if code not in LANGUAGES or (position > 0 and code == GERMAN.code):
            faults.append(
                Fault.told(
                    f"languages[{position}]", "bundles.unknown_language", example=ORDERED[1], second=", ".join(SECOND)
                )
            )
    if not order.copies or not set(order.copies) <= set(COPIES) or len(set(order.copies)) < len(order.copies):
        faults.append(Fault.told("copies", "bundles.unknown_copy", example=_EXPECTED["copies"].example))
    return faults


def _wrong(given: Mapping[str, Any]) -> Mapping[str, Sequence[Fault]]:
    """The faults of the fields whose value is of another type than theirs; of a list that is too short without its
    faulty entries, those of the entries alone."""
    faults: dict[str, dict[str, Fault]] = {}
    try:
        BundleOrder(**given)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            fault = _not_expected(each["loc"], each["type"])
            faults.setdefault(str(each["loc"][0]), {}).setdefault(fault.path, fault)
    return {
        name: [each for each in found.values() if len(found) == 1 or each.path != name]
        for name, found in faults.items()
    }


def _not_expected(place: tuple[int | str, ...], why: str) -> Fault:
    """Of a place such as ("documents", 0, "kind"): what stands there instead of what was expected."""
    name, *inside = place
    path = f"{name}[{inside[0]}]" if inside and isinstance(inside[0], int) else str(name)
    expected = _EXPECTED[str(name)]
    if len(inside) > 1:
        if why == "unexpected_keyword_argument":
            return _unknown(str(inside[1]), _EXPECTED_OF_DOCUMENT, within=f"{path}.")
        path, expected = f"{path}.{inside[1]}", _EXPECTED_OF_DOCUMENT[str(inside[1])]
    return expected.fault(path, missing=why == "missing")


def second_language(codes: Sequence[str]) -> Language | None:
    """The language beside German in the languages of an order, if there is one."""
    return LANGUAGES[codes[1]] if len(codes) > 1 else None


def _unknown(name: str, expected: Mapping[str, _Expected], within: str = "") -> Fault:
    known = ", ".join(expected)
    path = within + (name if re.fullmatch(r"[a-z_]{1,40}", name) else "?")  # a name may be a value in the wrong place
    return Fault.told(path, "bundles.unknown_field", known=known)


def _expected_of(form: type) -> Mapping[str, _Expected]:
    hints = get_type_hints(form, include_extras=True)
    return {
        name: next(each for each in hint.__metadata__ if isinstance(each, _Expected)) for name, hint in hints.items()
    }


_EXPECTED: Final = _expected_of(BundleOrder)
_EXPECTED_OF_DOCUMENT: Final = _expected_of(WantedDocument)
_REASON: Final = _Expected(say("pieces.one_of", known=", ".join(Reason)), f'"{Reason.TYPING_ERROR}"')
_NO_OBJECT = Fault.told("body", "bundles.not_an_object", example='{"duplex": true}')
