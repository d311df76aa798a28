"""Case records: search, hand in, read, change."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, PATCH_TYPES, KeyHeader, idempotency_of, read_json, read_patch
from docservice.api.conditions import DryRun, IfMatch, OnConditions, required_revision, tagged
from docservice.api.ids import CaseId
from docservice.api.problems import CREATED
from docservice.api.routes.links import case_address, linked_case_entry
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.bundles.printed.touched import TouchedDocument
from docservice.cases.record.schemas import SEARCH
from docservice.cases.search.views import CaseHit
from docservice.cases.views import CaseEntry, CaseView
from docservice.domain.record.periods import NameReason
from docservice.domain.record.search import CaseStage, PaperState
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/cases", tags=["cases"], responses=schema.problems)

_ROOT: Final = "/api/v1/cases"
_DATE: Final[dict[str, Any]] = {"format": "date"}


@dataclass(frozen=True, slots=True)
class ChangedCase(CaseView):
    """A case after a change, or with `dry_run` as it would be, and the printed documents that say something else."""

    dry_run: bool
    touched: tuple[TouchedDocument, ...]


class CaseList(BaseModel):
    """Cases, newest first; `next` is the address of those that follow, as in the Link header."""

    cases: list[CaseEntry]
    next: str | None


class FoundCases(BaseModel):
    """Cases that were found, newest first; to `next`, as in the Link header, the same body is sent."""

    cases: list[CaseHit]
    next: str | None


@router.get("")
def list_cases(
    caller: Caller,
    services: Parts,
    response: Response,
    q: Annotated[str | None, Query(pattern="^[A-Za-z0-9./ _-]{1,40}$")] = None,
    state: Annotated[str | None, Query(json_schema_extra={"enum": list(CaseStage)})] = None,
    caseworker: Annotated[str | None, Query(description="The id of whoever handed it in or changed its file.")] = None,
    appointment_from: Annotated[str | None, Query(json_schema_extra=_DATE)] = None,
    appointment_to: Annotated[str | None, Query(json_schema_extra=_DATE)] = None,
    papers: Annotated[str | None, Query(json_schema_extra={"enum": list(PaperState)})] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CaseList:
    """All cases, or those that are all that is asked, newest first: `q` is how the case number begins. Names and birth
    years stand in no address: they are searched by `POST /cases/search`."""
    asked = {
        "number": q,
        "state": state,
        "caseworker": caseworker,
        "appointment_from": appointment_from,
        "appointment_to": appointment_to,
        "papers": papers,
    }
    said = {name: each for name, each in asked.items() if each is not None}
    found = services.search.list(caller, said, limit, cursor)
    following = {("q" if name == "number" else name): each for name, each in said.items()}
    return CaseList(
        cases=[linked_case_entry(entry) for entry in found.items],
        next=link_next(response, _ROOT, found.next_cursor, **following, limit=limit),
    )


@router.post("/search", openapi_extra=schema.body(SEARCH, *JSON_TYPES))
def search_cases(
    caller: Caller,
    body: Annotated[JsonBody, Depends(read_json)],
    services: Parts,
    response: Response,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> FoundCases:
    """Cases that are all that the body asks, newest first; also by names, former ones among them, and by birth year.
    All faults come back at once (422)."""
    found = services.search.find(caller, body.payload, limit, cursor)
    following = link_next(response, f"{_ROOT}/search", found.next_cursor, limit=limit)
    return FoundCases(cases=[replace(hit, case=case_address(hit.case)) for hit in found.items], next=following)


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
    dry_run: DryRun = False,
    name_reason: Annotated[NameReason | None, Query(description="why a legal name is another one")] = None,
) -> ChangedCase:
    """Change a case by a JSON merge patch. If-Match is needed (428) and must name the present revision (412). `touched`
    are the documents printed before that the case contradicts from then on; with `dry_run` nothing is changed."""
    present = services.cases.get(caller, case_id)
    revision = required_revision(if_match, present.revision)
    changed = services.cases.change(caller, case_id, body.payload, revision, name_reason, kept=not dry_run)
    touched = services.printed.touched(caller, case_id, changed.before, changed.after, name_reason)
    tagged(present if dry_run else changed.view, response)
    said = {field.name: getattr(changed.view, field.name) for field in fields(CaseView)}
    return ChangedCase(**said, dry_run=dry_run, touched=touched)
