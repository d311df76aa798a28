"""The one way a JSON body comes in: media type, size and form are checked before anybody looks at the content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, NoReturn

from fastapi import Request

from docservice.api.problems import RequestError

MAX_BYTES = 1024 * 1024
_DRAINED_BYTES = 8 * MAX_BYTES
JSON_TYPES = ("application/json",)
PATCH_TYPES = ("application/merge-patch+json", "application/json")


@dataclass(frozen=True, slots=True)
class JsonBody:
    """A parsed body and the SHA-256 of its canonical form (equal for bodies that differ in white space only)."""

    payload: object
    sha256: str


async def read_json(request: Request) -> JsonBody:
    """A body that must be there, as `application/json`."""
    return await _read(request, JSON_TYPES)


async def read_patch(request: Request) -> JsonBody:
    """A JSON merge patch (RFC 7396)."""
    return await _read(request, PATCH_TYPES)


async def read_optional_json(request: Request) -> JsonBody:
    """A body that may be left out, which means an empty object."""
    return await _read(request, JSON_TYPES, default=b"{}")


async def _read(request: Request, media_types: tuple[str, ...], default: bytes = b"") -> JsonBody:
    raw = await _bytes(request)
    if raw:
        _check_media_type(request, media_types)
    return parse(raw or default)


async def _bytes(request: Request) -> bytes:
    # The framework's own limit answers in plain text, hence this one. The rest of a slightly too large body is
    # drained, so that simple clients, which send all before they read, get to see the answer.
    chunks = bytearray()
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total <= MAX_BYTES:
            chunks += chunk
        elif total > _DRAINED_BYTES:
            break
    if total > MAX_BYTES:
        raise RequestError(
            "body_too_large",
            f"The body is larger than {MAX_BYTES} bytes; send less.",
            f"Der Inhalt ist größer als {MAX_BYTES} Byte; bitte weniger senden.",
            {"Connection": "close"},
        )
    return bytes(chunks)


def _check_media_type(request: Request, media_types: tuple[str, ...]) -> None:
    given = request.headers.get("content-type", "")
    media_type, _, parameters = given.partition(";")
    charset = parameters.replace(" ", "").lower()
    if media_type.strip().lower() in media_types and charset in ("", "charset=utf-8", 'charset="utf-8"'):
        return
    wanted = " or ".join(media_types)
    header = "Accept-Patch" if request.method == "PATCH" else "Accept"
    raise RequestError(
        "unsupported_media_type",
        f"Send the body as {wanted}, in UTF-8.",
        f"Den Inhalt bitte als {wanted.replace(' or ', ' oder ')} in UTF-8 senden.",
        {header: ", ".join(media_types)},
    )


def parse(raw: bytes) -> JsonBody:
    """Read JSON strictly (RFC 8259, I-JSON): UTF-8, no doubled names, no NaN, no half surrogates, bounded depth."""
    if not raw:
        _malformed("the body is empty", "der Inhalt ist leer")
    try:
        payload = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except json.JSONDecodeError as error:
        _malformed(
            f"it breaks off at line {error.lineno}, column {error.colno}",
            f"er bricht in Zeile {error.lineno}, Spalte {error.colno} ab",
        )
    except UnicodeError:
        _malformed("it is not valid UTF-8", "er ist kein gültiges UTF-8")
    except RecursionError:
        _malformed("it is nested too deeply", "er ist zu tief geschachtelt")
    except ValueError as error:
        if isinstance(error, _Doubled):
            _malformed("a name stands twice in one object", "ein Name steht zweimal in einem Objekt")
        _malformed("a number is out of range", "eine Zahl liegt außerhalb des Bereichs")
    return JsonBody(payload, hashlib.sha256(canonical).hexdigest())


class _Doubled(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Doubled
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _malformed(why: str, why_de: str) -> NoReturn:
    raise RequestError(
        "malformed_json", f"The body is not readable JSON: {why}.", f"Der Inhalt ist kein lesbares JSON: {why_de}."
    ) from None
