"""The stored bytes of single documents."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.files import stored_file
from docservice.api.ids import DocumentId

router = APIRouter(prefix="/documents", tags=["documents"], responses=schema.problems)


@router.get("/{document_id}/content", response_class=StreamingResponse)
def get_content(
    request: Request, caller: Caller, document_id: DocumentId, services: Parts, format: Literal["pdf", "docx"] = "pdf"
) -> Response:
    """The document as it was made: the same bytes at every call. Ranges, Digest and ETag as in RFC 9110 and 9530."""
    return stored_file(request, services.bundles.content(caller, document_id, format), services.blobs)
