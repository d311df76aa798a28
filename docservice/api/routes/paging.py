"""Lists in parts, the same way everywhere: `limit` and `cursor` in, a Link header with the address of the rest out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response

from docservice.domain.cursors import CURSOR_PATTERN
from docservice.domain.page_codes import ID_PATTERN

MOST = 200
"""Entries of a list in one answer, unless the list allows more."""

Limit = Annotated[int, Query(ge=1, le=MOST)]
Cursor = Annotated[str | None, Query(json_schema_extra={"pattern": CURSOR_PATTERN})]
OfCase = Annotated[str | None, Query(pattern=ID_PATTERN)]


def link_next(response: Response, path: str, cursor: str | None, **query: object) -> str | None:
    """The address of what follows, None at the end; it stands in the answer's Link header (RFC 8288), too.

    `query` are the other parts of the address; those that are None were not asked for.
    """
    if cursor is None:
        return None
    asked = {name: value for name, value in query.items() if value is not None}
    following = f"{path}?{urlencode({**asked, 'cursor': cursor})}"
    response.headers["Link"] = f'<{following}>; rel="next"'
    return following
