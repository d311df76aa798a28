"""The Idempotency-Key of a request that makes something: sent twice, it makes it once."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from fastapi import Header

from docservice.api.problems import RequestError
from docservice.db.idempotency import Idempotency
from docservice.domain.actors import Actor

_PATTERN = r"^[\x21-\x7e]{1,255}$"
_KEY = re.compile(_PATTERN)

KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", json_schema_extra={"pattern": _PATTERN})]


def idempotency_of(key: str | None, caller: Actor, path: str, body_sha256: str) -> Idempotency | None:
    """The key within the caller and the address, kept as a hash: callers put all kinds of things into it."""
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise RequestError.told("api.invalid_header.idempotency_of")
    return Idempotency(f"{caller.id}{path}", hashlib.sha256(key.encode("ascii")).hexdigest(), body_sha256)
