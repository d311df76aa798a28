"""The persons of a case over time: who they are, and what holds of them for a while."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, PATCH_TYPES, read_json, read_patch
from docservice.api.conditions import IfMatch, required_revision, tagged
from docservice.api.ids import CaseId, EntryNumber
from docservice.api.problems import CREATED
from docservice.cases.record.persons import MemberView, PeriodView
from docservice.cases.record.schemas import IDENTITY, PERIOD_NAMES, PERIOD_PATCH
from docservice.domain.errors import Fault, InvalidInput, NotFound
from docservice.domain.page_codes import is_id
from docservice.domain.record.periods import Topic
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/cases/{case_id}/persons", tags=["persons"], responses=schema.problems)


class Drawer(StrEnum):
    """What the periods of a topic are called in addresses."""

    BENEFITS = "benefits"
    LEGAL_STATUS = "legal-status"
    NAMES = "names"


_TOPICS: Final = {
    Drawer.BENEFITS: Topic.BENEFIT,
    Drawer.LEGAL_STATUS: Topic.LEGAL_STATUS,
    Drawer.NAMES: Topic.NAME,
}


async def _topic(drawer: Annotated[str, Path(json_schema_extra={"enum": list(Drawer)})]) -> Topic:
    if drawer not in set(Drawer):
        raise NotFound.told("api.unknown_route")
    return _TOPICS[Drawer(drawer)]


Name = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$"})]
OfTopic = Annotated[Topic, Depends(_topic)]


class MemberList(BaseModel):
    """Everybody who belongs or belonged to a case, in the order of its file."""

    persons: list[MemberView]


class PeriodList(BaseModel):
    """What holds or held of somebody, the first one first."""

    periods: list[PeriodView]


@router.get("")
def list_persons(caller: Caller, case_id: CaseId, services: Parts) -> MemberList:
    """Who belongs or belonged to the case, and to which other cases."""
    return MemberList(persons=list(services.persons.members(caller, case_id)))


@router.patch("/{name}", openapi_extra=schema.body(IDENTITY, *PATCH_TYPES))
def identify_person(
    caller: Caller, case_id: CaseId, name: Name, body: Annotated[JsonBody, Depends(read_patch)], services: Parts
) -> MemberList:
    """Say who somebody of the case is: the same person as in another case. Nothing does this by itself."""
    person_id = body.payload.get("person_id") if isinstance(body.payload, dict) else None
    if not (isinstance(person_id, str) and is_id(person_id)):
        raise InvalidInput([Fault.told("person_id", "record.not_this_person")])
    services.persons.identify(caller, case_id, name, person_id)
    return list_persons(caller, case_id, services)


@router.get("/{name}/{drawer}")
def list_periods(caller: Caller, case_id: CaseId, name: Name, topic: OfTopic, services: Parts) -> PeriodList:
    """What holds or held of somebody: benefits, legal statuses, former names."""
    return PeriodList(periods=list(services.persons.periods(caller, case_id, name, topic)))


@router.post("/{name}/{drawer}", status_code=CREATED, openapi_extra=schema.any_body(PERIOD_NAMES, *JSON_TYPES))
def add_period(
    caller: Caller,
    case_id: CaseId,
    name: Name,
    topic: OfTopic,
    body: Annotated[JsonBody, Depends(read_json)],
    services: Parts,
    response: Response,
) -> PeriodView:
    """Something holds of somebody for a time; no two of a kind hold on one day."""
    return tagged(services.persons.add_period(caller, case_id, name, topic, body.payload), response)


@router.patch("/{name}/{drawer}/{number}", openapi_extra=schema.body(PERIOD_PATCH, *PATCH_TYPES))
def change_period(
    caller: Caller,
    case_id: CaseId,
    name: Name,
    topic: OfTopic,
    number: EntryNumber,
    body: Annotated[JsonBody, Depends(read_patch)],
    services: Parts,
    response: Response,
    if_match: IfMatch = None,
) -> PeriodView:
    """Change a period by a JSON merge patch, for instance its end. If-Match is needed (428)."""
    present = {each.number: each.revision for each in services.persons.periods(caller, case_id, name, topic)}
    if number not in present:
        raise NotFound.told("record.not_found")
    revision = required_revision(if_match, present[number])
    changed = services.persons.change_period(caller, case_id, name, topic, number, body.payload, revision)
    return tagged(changed, response)
