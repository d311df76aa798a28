"""Case records: hand in, read, change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, PATCH_TYPES, read_json, read_patch
from docservice.api.conditions import IfMatch, none_match, quoted, refuse_other_state, required_revision
from docservice.api.idempotency import KeyHeader, idempotency_of
from docservice.api.ids import CaseId
from docservice.api.problems import CREATED, NOT_MODIFIED
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.cases.views import CaseView
from docservice.domain.notices import Notice
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/cases", tags=["cases"], responses=schema.problems)


class CaseAnswer(BaseModel):
    """A case as kept; `case` has the form in which it was handed in. `warnings` stand in the way of nothing, and are
    told until the case names their codes in `confirmed_warnings`."""

    case_id: str
    revision: int
    created_at: datetime
    updated_at: datetime
    case: dict[str, Any]
    warnings: tuple[Notice, ...]


class CaseEntry(BaseModel):
    """A case in a list; `case` is its address."""

    case_id: str
    revision: int
    case_number: str
    created_at: datetime
    updated_at: datetime
    case: str


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
        cases=[
            CaseEntry(
                case_id=each.id,
                revision=each.revision,
                case_number=each.case_number,
                created_at=each.created_at,
                updated_at=each.updated_at,
                case=f"/api/v1/cases/{each.id}",
            )
            for each in found.items
        ],
        next=link_next(response, "/api/v1/cases", found.next_cursor, q=q, limit=limit),
    )


@router.post("", status_code=CREATED, openapi_extra=schema.body("Case", *JSON_TYPES))
def create_case(
    caller: Caller,
    body: Annotated[JsonBody, Depends(read_json)],
    services: Parts,
    response: Response,
    idempotency_key: KeyHeader = None,
) -> CaseAnswer:
    """Hand in a case. All faults come back at once (422). The same Idempotency-Key and body again are the first case,
    as it stands by then."""
    view = services.cases.create(caller, body.payload, idempotency_of(idempotency_key, caller, "/cases", body.sha256))
    response.headers["Location"] = f"/api/v1/cases/{view.id}"
    return _answer(view, response)


@router.get("/{case_id}", response_model=CaseAnswer)
def get_case(
    caller: Caller,
    case_id: CaseId,
    services: Parts,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> CaseAnswer | Response:
    """A case as it stands, with its revision as ETag."""
    view = services.cases.get(caller, case_id)
    refuse_other_state(if_match, str(view.revision))
    if none_match(if_none_match, str(view.revision)):
        return Response(status_code=NOT_MODIFIED, headers={"ETag": quoted(str(view.revision))})
    return _answer(view, response)


@router.patch("/{case_id}", openapi_extra=schema.body("CasePatch", *PATCH_TYPES))
def change_case(
    caller: Caller,
    case_id: CaseId,
    body: Annotated[JsonBody, Depends(read_patch)],
    services: Parts,
    response: Response,
    if_match: IfMatch = None,
) -> CaseAnswer:
    """Change a case by a JSON merge patch. If-Match is needed (428) and must name the present revision (412)."""
    revision = required_revision(if_match, services.cases.get(caller, case_id).revision)
    return _answer(services.cases.change(caller, case_id, body.payload, revision), response)


def _answer(view: CaseView, response: Response) -> CaseAnswer:
    response.headers["ETag"] = quoted(str(view.revision))
    return CaseAnswer(
        case_id=view.id,
        revision=view.revision,
        created_at=view.created_at,
        updated_at=view.updated_at,
        case=view.data,
        warnings=view.warnings,
    )
