"""Bundles: order, look, follow, try again, fetch the print set."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, TypeAdapter

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, KeyHeader, idempotency_of, read_optional_json
from docservice.api.conditions import none_match, quoted
from docservice.api.events import Pace, stream
from docservice.api.files import stored_file
from docservice.api.ids import BundleId, CaseId
from docservice.api.problems import ACCEPTED, NOT_MODIFIED
from docservice.api.routes.links import bundle_address, linked_bundle, linked_bundle_entry
from docservice.api.routes.paging import Cursor, Limit, OfCase, link_next
from docservice.bundles.orders import read_order
from docservice.bundles.views import BundleEntry, BundleView
from docservice.domain.notices import Notice
from docservice.domain.states import BundleState
from docservice.tools.strict_json import JsonBody

router = APIRouter(tags=["bundles"], responses=schema.problems)

_BUNDLE = TypeAdapter(BundleView)


class AcceptedAnswer(BaseModel):
    """What stays true of an accepted order, so that the same request again gets the same answer."""

    bundle_id: str
    case_id: str
    languages: tuple[str, ...]
    template_date: date
    created_at: datetime
    bundle: str
    events: str
    warnings: tuple[Notice, ...]


class BundleList(BaseModel):
    """Bundles, newest first; `next` is the address of those that follow, as in the Link header."""

    bundles: list[BundleEntry]
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
    return accepted(view, response)


def accepted(view: BundleView, response: Response) -> AcceptedAnswer:
    """The answer to an order that is written down."""
    address = bundle_address(view.bundle_id)
    response.headers["Location"] = address
    response.headers["Retry-After"] = "1"
    return AcceptedAnswer(
        bundle_id=view.bundle_id,
        case_id=view.case_id,
        languages=view.languages,
        template_date=view.template_date,
        created_at=view.created_at,
        bundle=address,
        events=f"{address}/events",
        warnings=view.warnings,
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
        bundles=[linked_bundle_entry(entry) for entry in found.items],
        next=link_next(response, "/api/v1/bundles", found.next_cursor, case_id=case_id, state=state, limit=limit),
    )


@router.get("/bundles/{bundle_id}", response_model=BundleView)
def get_bundle(
    caller: Caller, bundle_id: BundleId, services: Parts, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """State and progress, per document. Ask with If-None-Match to be told only of changes."""
    answer = _BUNDLE.dump_json(linked_bundle(services.bundles.get(caller, bundle_id)))
    tag = hashlib.sha256(answer).hexdigest()[:32]
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
def retry_bundle(caller: Caller, bundle_id: BundleId, services: Parts, response: Response) -> BundleView:
    """Try the failed documents again; those that are ready stay as they are."""
    view = services.bundles.retry(caller, bundle_id)
    response.headers["Location"] = bundle_address(view.bundle_id)
    return linked_bundle(view)


@router.get("/bundles/{bundle_id}/print-set", response_class=StreamingResponse)
def get_print_set(request: Request, caller: Caller, bundle_id: BundleId, services: Parts) -> Response:
    """One PDF for the printer: all copies in stapling order."""
    return stored_file(request, services.bundles.print_set(caller, bundle_id), services.blobs)
