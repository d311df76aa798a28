"""Bundles: order, look, follow, try again, fetch the print set."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, read_optional_json
from docservice.api.conditions import none_match, quoted
from docservice.api.events import Pace, stream
from docservice.api.files import stored_file
from docservice.api.idempotency import KeyHeader, idempotency_of
from docservice.api.ids import BundleId, CaseId
from docservice.api.problems import ACCEPTED, NOT_MODIFIED
from docservice.api.routes.paging import Cursor, Limit, OfCase, link_next
from docservice.api.warnings import WarningAnswer, warnings_of
from docservice.bundles.orders import read_order
from docservice.bundles.views import BundleEntry, BundleView, DocumentView
from docservice.domain.states import BundleState, DocumentState
from docservice.tools.strict_json import JsonBody

router = APIRouter(tags=["bundles"], responses=schema.problems)


class AcceptedAnswer(BaseModel):
    """What stays true of an accepted order, so that the same request again gets the same answer."""

    bundle_id: str
    case_id: str
    languages: list[str]
    template_date: date
    created_at: datetime
    bundle: str
    events: str
    warnings: list[WarningAnswer]


class Progress(BaseModel):
    """`done` counts documents that are ready or have failed; `percent` is 100 when the bundle is finished."""

    done: int
    total: int
    percent: int


class Failure(BaseModel):
    """Why a document failed: a stable code and one sentence each in English and German."""

    code: str
    detail: str
    detail_de: str


class Hashes(BaseModel):
    """SHA-256 of both files, in hexadecimal."""

    docx: str
    pdf: str


class DocumentAnswer(BaseModel):
    """One document; files, hashes, pages and zones are there exactly when it is ready."""

    document_id: str
    kind: str
    number: int
    revision: int
    state: str
    template: str
    docx: str | None
    pdf: str | None
    pages: int | None
    sha256: Hashes | None
    signature_zones: list[dict[str, Any]]
    translation_checked: bool | None
    error: Failure | None


class PrintSetAnswer(BaseModel):
    """Where the print set is, and the SHA-256 of its bytes in hexadecimal."""

    href: str
    sha256: str


class BundleAnswer(BaseModel):
    """A bundle with its documents in stapling order."""

    bundle_id: str
    case_id: str
    state: str
    languages: list[str]
    template_date: date
    created_at: datetime
    finished_at: datetime | None
    progress: Progress
    documents: list[DocumentAnswer]
    print_set: PrintSetAnswer | None
    warnings: list[WarningAnswer]


class BundleListEntry(BaseModel):
    """A bundle in a list; `bundle` is its address."""

    bundle_id: str
    case_id: str
    state: str
    languages: list[str]
    template_date: date
    created_at: datetime
    finished_at: datetime | None
    progress: Progress
    bundle: str


class BundleList(BaseModel):
    """Bundles, newest first; `next` is the address of those that follow, as in the Link header."""

    bundles: list[BundleListEntry]
    next: str | None


@router.post(
    "/cases/{case_id}/bundles",
    status_code=ACCEPTED,
    openapi_extra=schema.body("BundleOrder", *JSON_TYPES, required=False),
)
def request_bundle(
    case_id: CaseId,
    caller: Caller,
    body: Annotated[JsonBody, Depends(read_optional_json)],
    services: Parts,
    response: Response,
    idempotency_key: KeyHeader = None,
) -> AcceptedAnswer:
    """Order the documents of a case. The answer comes at once; follow the bundle by Location or its events."""
    idempotency = idempotency_of(idempotency_key, caller, f"/cases/{case_id}/bundles", body.sha256)
    view = services.bundles.request(caller, case_id, read_order(body.payload), idempotency)
    address = _address(view)
    response.headers["Location"] = address
    response.headers["Retry-After"] = "1"
    return AcceptedAnswer(
        bundle_id=view.bundle_id,
        case_id=view.case_id,
        languages=list(view.languages),
        template_date=view.template_date,
        created_at=view.created_at,
        bundle=address,
        events=f"{address}/events",
        warnings=warnings_of(view.warnings),
    )


@router.get("/bundles")
def list_bundles(
    caller: Caller,
    services: Parts,
    response: Response,
    case_id: OfCase = None,
    state: BundleState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> BundleList:
    """All bundles, or those of a case, or in a state, newest first."""
    found = services.bundles.bundles(caller, limit, cursor, case_id=case_id, state=state)
    return BundleList(
        bundles=[_entry(entry) for entry in found.items],
        next=link_next(response, "/api/v1/bundles", found.next_cursor, case_id=case_id, state=state, limit=limit),
    )


@router.get("/bundles/{bundle_id}", response_model=BundleAnswer)
def get_bundle(
    caller: Caller, bundle_id: BundleId, services: Parts, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """State and progress, per document. Ask with If-None-Match to be told only of changes."""
    answer = _answer(services.bundles.get(caller, bundle_id)).model_dump_json()
    tag = hashlib.sha256(answer.encode("utf-8")).hexdigest()[:32]
    headers = {"ETag": quoted(tag)}
    if none_match(if_none_match, tag):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    return Response(answer, headers=headers, media_type="application/json")


@router.get("/bundles/{bundle_id}/events", response_class=StreamingResponse)
def follow_bundle(
    request: Request,
    caller: Caller,
    bundle_id: BundleId,
    services: Parts,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """What happens to the bundle, as server-sent events; ends after its last one. Last-Event-ID goes on from there;
    204 when nothing is to come."""
    pace: Pace = request.app.state.pace
    return stream(request, services.bundles, caller, bundle_id, last_event_id, pace)


@router.post("/bundles/{bundle_id}/retry", status_code=ACCEPTED)
def retry_bundle(caller: Caller, bundle_id: BundleId, services: Parts, response: Response) -> BundleAnswer:
    """Try the failed documents again; those that are ready stay as they are."""
    view = services.bundles.retry(caller, bundle_id)
    response.headers["Location"] = _address(view)
    return _answer(view)


@router.get("/bundles/{bundle_id}/print-set", response_class=StreamingResponse)
def get_print_set(request: Request, caller: Caller, bundle_id: BundleId, services: Parts) -> Response:
    """One PDF for the printer: all copies in stapling order."""
    return stored_file(request, services.bundles.print_set(caller, bundle_id), services.blobs)


def _address(view: BundleView) -> str:
    return f"/api/v1/bundles/{view.bundle_id}"


def _entry(entry: BundleEntry) -> BundleListEntry:
    bundle, counts = entry.bundle, entry.documents
    done = counts.get(DocumentState.READY, 0) + counts.get(DocumentState.FAILED, 0)
    return BundleListEntry(
        bundle_id=bundle.id,
        case_id=bundle.case_id,
        state=bundle.state,
        languages=list(bundle.languages),
        template_date=bundle.template_date,
        created_at=bundle.created_at,
        finished_at=bundle.finished_at,
        progress=_progress(done, sum(counts.values()), final=bundle.finished_at is not None),
        bundle=f"/api/v1/bundles/{bundle.id}",
    )


def _progress(done: int, total: int, *, final: bool) -> Progress:
    percent = 100 if final else min(99, 100 * done // max(1, total))
    return Progress(done=done, total=total, percent=percent)


def _answer(view: BundleView) -> BundleAnswer:
    done = sum(document.state in (DocumentState.READY, DocumentState.FAILED) for document in view.documents)
    return BundleAnswer(
        bundle_id=view.bundle_id,
        case_id=view.case_id,
        state=view.state,
        languages=list(view.languages),
        template_date=view.template_date,
        created_at=view.created_at,
        finished_at=view.finished_at,
        progress=_progress(done, len(view.documents), final=view.final),
        documents=[_document(document) for document in view.documents],
        print_set=PrintSetAnswer(href=f"{_address(view)}/print-set", sha256=view.print_set_sha256)
        if view.print_set_sha256
        else None,
        warnings=warnings_of(view.warnings),
    )


def _document(view: DocumentView) -> DocumentAnswer:
    ready = view.state is DocumentState.READY
    content = f"/api/v1/documents/{view.document_id}/content?format="
    return DocumentAnswer(
        document_id=view.document_id,
        kind=view.kind,
        number=view.number,
        revision=view.revision,
        state=view.state,
        template=view.template,
        docx=f"{content}docx" if ready else None,
        pdf=f"{content}pdf" if ready else None,
        pages=view.pages,
        sha256=Hashes(docx=view.docx_sha256 or "", pdf=view.pdf_sha256 or "") if ready else None,
        signature_zones=[dict(zone) for zone in view.signature_zones],
        translation_checked=view.translation_checked,
        error=Failure(code=view.error_code, detail=view.error_detail or "", detail_de=view.error_detail_de or "")
        if view.error_code
        else None,
    )
