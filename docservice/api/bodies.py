"""JSON bodies: media type, size and form are checked before anybody looks at the content; and the Idempotency-Key by
which a body that is sent twice makes one thing."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from fastapi import Header, Request
from python_multipart.multipart import parse_options_header

from docservice.api.problems import RequestError
from docservice.db.idempotency import Idempotency
from docservice.domain.actors import Actor
from docservice.domain.text.messages import one_of
from docservice.tools.strict_json import JsonBody, parse_json

MAX_BYTES = 1024 * 1024
_DRAINED_BYTES = 8 * MAX_BYTES
JSON_TYPES = ("application/json",)
_KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
_KEY = re.compile(_KEY_PATTERN)
PATCH_TYPES = ("application/merge-patch+json", "application/json")


KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", json_schema_extra={"pattern": _KEY_PATTERN})]


def idempotency_of(key: str | None, caller: Actor, path: str, body_sha256: str) -> Idempotency | None:
    """The key within the caller and the address, kept as a hash: callers put all kinds of things into it."""
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise RequestError.told("api.invalid_header.idempotency_of")
    return Idempotency(f"{caller.id}{path}", hashlib.sha256(key.encode("ascii")).hexdigest(), body_sha256)


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
        refuse_encoded(request)
        _check_media_type(request, media_types)
    return parse_json(raw or default)


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
        raise RequestError.told("api.body_too_large", most=MAX_BYTES).with_headers({"Connection": "close"})
    return bytes(chunks)


def refuse_encoded(request: Request) -> None:
    """A compressed body is told to be one (RFC 9110, 12.5.3), instead of being read as what it is not."""
    codings = request.headers.get("content-encoding", "").lower().replace(",", " ").split()
    if set(codings) <= {"identity"}:
        return
    raise RequestError.told("api.unsupported_media_type.refuse_encoded").with_headers({"Accept-Encoding": "identity"})


def _check_media_type(request: Request, media_types: tuple[str, ...]) -> None:
    media_type, parameters = parse_options_header(request.headers.get("content-type"))
    charset = parameters.get(b"charset", b"utf-8").lower()
    if media_type.decode("latin-1") in media_types and charset == b"utf-8":
        return
    header = "Accept-Patch" if request.method == "PATCH" else "Accept"
    raise RequestError.told("api.unsupported_media_type.check_media_type", wanted=one_of(media_types)).with_headers(
        {header: ", ".join(media_types)}
    )
