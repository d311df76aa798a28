"""Single documents: their stored bytes, and issuing one again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, KeyHeader, idempotency_of, read_json
from docservice.api.files import stored_file
from docservice.api.ids import DocumentId
from docservice.api.problems import ACCEPTED
from docservice.api.routes.bundles import AcceptedAnswer, accepted
from docservice.bundles.orders import REISSUE, read_reissue
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/documents", tags=["documents"], responses=schema.problems)


@router.get("/{document_id}/content", response_class=StreamingResponse)
def get_content(
    request: Request, caller: Caller, document_id: DocumentId, services: Parts, format: Literal["pdf", "docx"] = "pdf"
) -> Response:
    """The document as it was made: the same bytes at every call. Ranges, Digest and ETag as in RFC 9110 and 9530."""
    return stored_file(request, services.bundles.content(caller, document_id, format), services.blobs)


@router.post("/{document_id}/reissue", status_code=ACCEPTED, openapi_extra=schema.body(REISSUE, *JSON_TYPES))
def reissue_document(
    caller: Caller,
    document_id: DocumentId,
    body: Annotated[JsonBody, Depends(read_json)],
    services: Parts,
    response: Response,
    idempotency_key: KeyHeader = None,
) -> AcceptedAnswer:
    """Issue a document again: in its next revision for a typing error, or by a supplement for a changed name. The
    answer comes at once; follow the bundle by Location or its events."""
    key = idempotency_of(idempotency_key, caller, f"/documents/{document_id}/reissue", body.sha256)
    view = services.bundles.reissue(caller, document_id, read_reissue(body.payload), key)
    return accepted(view, response)
