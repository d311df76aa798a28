"""The directory of partners: list, look, add, change."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, PATCH_TYPES, KeyHeader, idempotency_of, read_json, read_patch
from docservice.api.conditions import IfMatch, OnConditions, required_revision, tagged
from docservice.api.ids import PartnerId
from docservice.api.problems import CREATED
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.cases.partners.views import KindView, PartnerView
from docservice.cases.record.schemas import NEW_PARTNER, PARTNER_PATCH
from docservice.domain.record.partners import PartnerKind
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/partners", tags=["partners"], responses=schema.problems)

_ROOT: Final = "/api/v1/partners"


class PartnerList(BaseModel):
    """Partners in the order in which they were added, and all kinds with their names by date; `next` is the address of
    the partners that follow, as in the Link header."""

    partners: list[PartnerView]
    kinds: list[KindView]
    next: str | None


@router.get("")
def list_partners(
    caller: Caller,
    services: Parts,
    response: Response,
    kind: PartnerKind | None = None,
    on: date | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PartnerList:
    """All partners, those of a kind, or those that are valid `on` a day."""
    found = services.partners.partners(caller, limit, cursor, kind=kind, on=on)
    following = link_next(response, _ROOT, found.next_cursor, kind=kind, on=on, limit=limit)
    return PartnerList(partners=list(found.items), kinds=list(services.partners.kinds(caller)), next=following)


@router.post("", status_code=CREATED, openapi_extra=schema.body(NEW_PARTNER, *JSON_TYPES))
def add_partner(
    caller: Caller,
    body: Annotated[JsonBody, Depends(read_json)],
    services: Parts,
    response: Response,
    idempotency_key: KeyHeader = None,
) -> PartnerView:
    """Add a partner. All faults come back at once (422)."""
    view = services.partners.add(
        caller, body.payload, idempotency_of(idempotency_key, caller, "/partners", body.sha256)
    )
    response.headers["Location"] = f"{_ROOT}/{view.partner_id}"
    return tagged(view, response)


@router.get("/{partner_id}", response_model=PartnerView)
def get_partner(
    caller: Caller, partner_id: PartnerId, services: Parts, response: Response, conditions: OnConditions
) -> PartnerView | Response:
    """A partner as it stands, with its revision as ETag."""
    return conditions.answer(services.partners.get(caller, partner_id), response)


@router.patch("/{partner_id}", openapi_extra=schema.body(PARTNER_PATCH, *PATCH_TYPES))
def change_partner(
    caller: Caller,
    partner_id: PartnerId,
    body: Annotated[JsonBody, Depends(read_patch)],
    services: Parts,
    response: Response,
    if_match: IfMatch = None,
) -> PartnerView:
    """Change what is said of a partner. If-Match is needed (428) and must name the present revision."""
    revision = required_revision(if_match, services.partners.get(caller, partner_id).revision)
    return tagged(services.partners.change(caller, partner_id, body.payload, revision), response)
