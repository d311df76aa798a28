"""Case records: hand in, read, change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, PATCH_TYPES, read_json, read_patch
from docservice.api.conditions import IfMatch, OnConditions, required_revision, tagged
from docservice.api.idempotency import KeyHeader, idempotency_of
from docservice.api.ids import CaseId
from docservice.api.problems import CREATED
from docservice.api.routes.links import case_address, linked_case_entry
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.cases.views import CaseEntry, CaseView
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/cases", tags=["cases"], responses=schema.problems)


class CaseList(BaseModel):
    """Cases, newest first; `next` is the address of those that follow, as in the Link header."""

    cases: list[CaseEntry]
    next: str | None


@router.get("")
def list_cases(
    caller: Caller,
    services: Parts,
    response: Response,
    q: Annotated[str | None, Query(pattern="^[A-Za-z0-9./ _-]{1,40}$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CaseList:
    """All cases, or those whose case number begins with `q`, newest first."""
    found = services.cases.cases(caller, limit, cursor, q)
    return CaseList(
        cases=[linked_case_entry(entry) for entry in found.items],
        next=link_next(response, "/api/v1/cases", found.next_cursor, q=q, limit=limit),
    )


@router.post("", status_code=CREATED, openapi_extra=schema.body("Case", *JSON_TYPES))
def create_case(
    caller: Caller,
    body: Annotated[JsonBody, Depends(read_json)],
    services: Parts,
    response: Response,
    idempotency_key: KeyHeader = None,
) -> CaseView:
    """Hand in a case. All faults come back at once (422). The same Idempotency-Key and body again are the first case,
    as it stands by then."""
    view = services.cases.create(caller, body.payload, idempotency_of(idempotency_key, caller, "/cases", body.sha256))
    response.headers["Location"] = case_address(view.case_id)
    return tagged(view, response)


@router.get("/{case_id}", response_model=CaseView)
def get_case(
    caller: Caller, case_id: CaseId, services: Parts, response: Response, conditions: OnConditions
) -> CaseView | Response:
    """A case as it stands, with its revision as ETag."""
    return conditions.answer(services.cases.get(caller, case_id), response)


@router.patch("/{case_id}", openapi_extra=schema.body("CasePatch", *PATCH_TYPES))
def change_case(
    caller: Caller,
    case_id: CaseId,
    body: Annotated[JsonBody, Depends(read_patch)],
    services: Parts,
    response: Response,
    if_match: IfMatch = None,
) -> CaseView:
    """Change a case by a JSON merge patch. If-Match is needed (428) and must name the present revision (412)."""
    revision = required_revision(if_match, services.cases.get(caller, case_id).revision)
    return tagged(services.cases.change(caller, case_id, body.payload, revision), response)
