"""What the OpenAPI document says of bodies and answers that are checked elsewhere (`cases.intake`, `bodies`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from docservice.api.problems import MEDIA_TYPE
from docservice.bundles.orders import REISSUE, order_schemas, reissue_schema
from docservice.domain.page_codes import ALPHABET, ID_LETTERS
from docservice.domain.text.messages import say

Schema = dict[str, Any]

_TEXTS: Schema = {
    "type": "object",
    "required": ["title", "detail"],
    "properties": {"title": {"type": "string"}, "detail": {"type": "string"}},
}
_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; a 422 lists all faults of the request at once, never a value.",
    "required": ["type", "title", "status", "detail", "code", "de", "en"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "de": _TEXTS,
        "en": _TEXTS,
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "de", "en"],
                "properties": {
                    "path": {"type": "string"},
                    "code": {"type": "string"},
                    "de": {"type": "string"},
                    "en": {"type": "string"},
                    "example": {"type": ["string", "null"]},
                },
            },
        },
    },
    "examples": [
        {
            "type": "urn:docservice:problem:invalid_input",
            "title": say("pieces.status_422").de,
            "status": 422,
            "detail": "1 Fehler in: persons[1].birth_date.",
            "code": "invalid_input",
            "de": {"title": say("pieces.status_422").de, "detail": "1 Fehler in: persons[1].birth_date."},
            "en": {"title": say("pieces.status_422").en, "detail": "1 fault(s) in: persons[1].birth_date."},
            "faults": [
                {
                    "path": "persons[1].birth_date",
                    "code": "invalid_date",
                    "de": say("cases.no_such_day").de,
                    "en": say("cases.no_such_day").en,
                    "example": "1984-03-09",
                }
            ],
        }
    ],
}
_UPLOAD: Schema = {
    "type": "object",
    "required": ["files"],
    "additionalProperties": False,
    "properties": {
        "files": {
            "type": "array",
            "description": "The scans in their order: PDF, TIFF, JPEG, PNG or HEIC. (`file` for a single one is fine.)",
            "items": {"type": "string", "format": "binary"},
            "minItems": 1,
        },
        "device": {"type": "string", "description": "The scanner, for the transfer note.", "maxLength": 200},
    },
}
_DECISION: Schema = {
    "type": "object",
    "required": ["decision"],
    "additionalProperties": False,
    "properties": {
        "decision": {"type": "string", "description": "One of the `choices` of the review."},
        "document_id": {
            "type": ["string", "null"],
            "description": "With `assign`: the printed document the page belongs to.",
            "pattern": f"^[{ALPHABET}]{{{ID_LETTERS}}}$",
        },
        "page": {"type": ["integer", "null"], "description": "With `assign`: which page of it, from 1.", "minimum": 1},
    },
    "examples": [{"decision": "accept"}],
}

REFERENCE = "#/components/schemas/{model}"
problems: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Every error",
        "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
    }
}


def body(name: str, *media_types: str, required: bool = True) -> Schema:
    """The `openapi_extra` of an operation whose body is the named schema."""
    content = {media_type: {"schema": {"$ref": REFERENCE.format(model=name)}} for media_type in media_types}
    return {"requestBody": {"required": required, "content": content}}


def any_body(names: Sequence[str], *media_types: str) -> Schema:
    """The `openapi_extra` of an operation whose body is one of the named schemas."""
    schemas = {"anyOf": [{"$ref": REFERENCE.format(model=name)} for name in names]}
    return {"requestBody": {"required": True, "content": {each: {"schema": schemas} for each in media_types}}}


def install(app: FastAPI, case_schema: Mapping[str, Any], records: Mapping[str, Schema]) -> None:
    """Complete the generated document with the schema of a case (its references as in REFERENCE), those of its record
    by their names, and those above."""

    def document() -> Schema:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            # FastAPI's own shapes of a 422, which this service never answers with
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            _drop_generated_422(made)
            _say_left_out_instead_of_null(made)
            schemas.update(case_schema.get("$defs", {}))
            schemas["Case"] = {name: part for name, part in case_schema.items() if name != "$defs"}
            schemas.update(records)
            schemas["CasePatch"] = {"type": "object", "description": "JSON merge patch (RFC 7396) of a Case."}
            schemas.update(order_schemas(REFERENCE))
            schemas[REISSUE] = reissue_schema()
            schemas["ScanUpload"] = _UPLOAD
            schemas["ReviewDecision"] = _DECISION
            schemas["Problem"] = _PROBLEM
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema


def _drop_generated_422(document: Schema) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)


def _say_left_out_instead_of_null(document: Schema) -> None:
    """A header or a part of the query is there or not; what is there is text, and "null" is a word like any other."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                (kind,) = (kind for kind in schema.pop("anyOf", [{}]) if kind.get("type") != "null")
                schema |= kind
