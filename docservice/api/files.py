"""Stored bytes on their way out: whole or a range, with digest, entity tag and a name that tells nothing personal."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Protocol

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from docservice.api.conditions import byte_range, none_match, quoted, refuse_other_state
from docservice.api.middleware import head_only
from docservice.api.problems import NOT_MODIFIED, OK, PARTIAL
from docservice.storage.files import StoredFile


class Source(Protocol):
    """What bytes are handed out of: a BlobStore, or the packages of the archive."""

    def size(self, key: str) -> int:
        """See BlobStore."""

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See BlobStore."""


def stored_file(request: Request, stored: StoredFile, blobs: Source) -> Response:
    """Answer a GET or HEAD for stored bytes; honours Range, If-Range, If-Match and If-None-Match."""
    tag = quoted(stored.sha256)
    refuse_other_state(request.headers.get("if-match"), stored.sha256)
    headers = {"ETag": tag, "Cache-Control": "private, no-store"}
    if none_match(request.headers.get("if-none-match"), stored.sha256):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    digest = base64.b64encode(bytes.fromhex(stored.sha256)).decode("ascii")
    headers |= {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{_safe(stored.filename)}"',
        "Digest": f"sha-256={digest}",
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    size = blobs.size(stored.key)
    wanted = byte_range(_range_header(request, tag), size)
    start, end = wanted or (0, size)
    headers["Content-Length"] = str(end - start)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = PARTIAL if wanted else OK
    if head_only(request):
        return Response(status_code=status, headers=headers, media_type=stored.media_type)
    return StreamingResponse(
        blobs.stream(stored.key, start, end), status_code=status, headers=headers, media_type=stored.media_type
    )


def _range_header(request: Request, tag: str) -> str | None:
    """The Range header, unless If-Range names another state of the file."""
    if_range = request.headers.get("if-range")
    return request.headers.get("range") if if_range is None or if_range.strip() == tag else None


def _safe(filename: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", filename)
