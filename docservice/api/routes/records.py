"""The record of a case over time: its entries by subject, and the papers that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import (
    JSON_TYPES,
    PATCH_TYPES,
    KeyHeader,
    idempotency_of,
    read_json,
    read_optional_json,
    read_patch,
)
from docservice.api.conditions import DryRun, IfMatch, OnConditions, required_revision, tagged
from docservice.api.ids import CaseId, EntryNumber
from docservice.api.problems import CREATED
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.bundles.printed.touched import TouchedDocument
from docservice.cases.record.schemas import CHANGE, NAMES, NEXT_ANNEX, NEXT_PLAN
from docservice.cases.record.views import DraftView, EntryView
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.languages import LANGUAGES, SECOND, USUAL
from docservice.domain.record.subjects import Subject
from docservice.tools.calendars import MEDIA_TYPE as CALENDAR
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/cases/{case_id}", tags=["records"], responses=schema.problems)

DRAWERS: Final = {
    Subject.AGREEMENT: "agreements",
    Subject.ANNEX: "annexes",
    Subject.HELP_PLAN: "help-plans",
    Subject.ASSESSMENT: "assessments",
    Subject.APPOINTMENT: "appointments",
    Subject.CONTACT: "contacts",
    Subject.BREACH: "breaches",
}
"""What the entries of a subject are called in addresses."""


_LANGUAGES = ", ".join(SECOND)


class EntryList(BaseModel):
    """Entries of one subject, the highest number first; `next` is the address of those that follow, as in the Link
    header."""

    entries: list[EntryView]
    next: str | None


@dataclass(frozen=True, slots=True)
class ChangedEntry(EntryView):
    """An entry after a change, or with `dry_run` as it would be, and the printed documents that say something else."""

    dry_run: bool
    touched: tuple[TouchedDocument, ...]


def _address(case_id: str, subject: Subject) -> str:
    return f"/api/v1/cases/{case_id}/{DRAWERS[subject]}"


def _lister(subject: Subject) -> Callable[..., EntryList]:
    def list_entries(
        caller: Caller, case_id: CaseId, services: Parts, response: Response, limit: Limit = 50, cursor: Cursor = None
    ) -> EntryList:
        found = services.records.entries(caller, case_id, subject, limit, cursor)
        following = link_next(response, _address(case_id, subject), found.next_cursor, limit=limit)
        return EntryList(entries=list(found.items), next=following)

    return list_entries


def _adder(subject: Subject) -> Callable[..., EntryView]:
    def add_entry(
        caller: Caller,
        case_id: CaseId,
        body: Annotated[JsonBody, Depends(read_json)],
        services: Parts,
        response: Response,
        idempotency_key: KeyHeader = None,
    ) -> EntryView:
        address = _address(case_id, subject)
        key = idempotency_of(idempotency_key, caller, address, body.sha256)
        return _located(services.records.add(caller, case_id, subject, body.payload, key), address, response)

    return add_entry


def _getter(subject: Subject) -> Callable[..., EntryView | Response]:
    def get_entry(
        caller: Caller,
        case_id: CaseId,
        number: EntryNumber,
        services: Parts,
        response: Response,
        conditions: OnConditions,
    ) -> EntryView | Response:
        return conditions.answer(services.records.get(caller, case_id, subject, number), response)

    return get_entry


def _changer(subject: Subject) -> Callable[..., ChangedEntry]:
    def change_entry(
        caller: Caller,
        case_id: CaseId,
        number: EntryNumber,
        body: Annotated[JsonBody, Depends(read_patch)],
        services: Parts,
        response: Response,
        if_match: IfMatch = None,
        dry_run: DryRun = False,
    ) -> ChangedEntry:
        present = services.records.get(caller, case_id, subject, number)
        revision = required_revision(if_match, present.revision)
        changed = services.records.change(caller, case_id, subject, number, body.payload, revision, kept=not dry_run)
        touched = services.printed.touched(caller, case_id, changed.before, changed.after)
        tagged(present if dry_run else changed.view, response)
        said = {field.name: getattr(changed.view, field.name) for field in fields(EntryView)}
        return ChangedEntry(**said, dry_run=dry_run, touched=touched)

    return change_entry


def get_appointment(
    request: Request,
    caller: Caller,
    case_id: CaseId,
    number: EntryNumber,
    services: Parts,
    response: Response,
    conditions: OnConditions,
    format: Literal["json", "ics"] | None = None,
    lang: Annotated[str, Query(json_schema_extra={"enum": list(SECOND)})] = USUAL.code,
) -> EntryView | Response:
    """One as it stands, with its revision as ETag; for `format=ics`, or who accepts `text/calendar`, as a file for
    calendars, in German and `lang`."""
    accepts = request.headers.get("accept", "")
    if format == "json" or (format is None and not accepts.startswith(CALENDAR)):
        return conditions.answer(services.records.get(caller, case_id, Subject.APPOINTMENT, number), response)
    if lang not in SECOND:
        raise InvalidInput([Fault.told("lang", "record.unknown_language", example=USUAL.code, languages=_LANGUAGES)])
    file = services.calendars.file(caller, case_id, number, LANGUAGES[lang])
    headers = {"Content-Disposition": f'attachment; filename="appointment-{number}.ics"', "Vary": "Accept"}
    return Response(file, media_type=CALENDAR, headers=headers)


@router.post("/annexes/next", status_code=CREATED, openapi_extra=schema.body(NEXT_ANNEX, *JSON_TYPES, required=False))
def draft_next_annex(
    caller: Caller,
    case_id: CaseId,
    body: Annotated[JsonBody, Depends(read_optional_json)],
    services: Parts,
    response: Response,
    idempotency_key: KeyHeader = None,
) -> DraftView:
    """The next annex as a draft: open steps are carried over with their origin, done ones told, and the next talk is
    proposed on a working day. `changes` says what differs from the annex before."""
    address = _address(case_id, Subject.ANNEX)
    key = idempotency_of(idempotency_key, caller, f"{address}/next", body.sha256)
    return _drafted(services.records.draft_annex(caller, case_id, body.payload, key), address, response)


@router.post("/help-plans/next", status_code=CREATED, openapi_extra=schema.body(NEXT_PLAN, *JSON_TYPES, required=False))
def draft_next_plan(
    caller: Caller,
    case_id: CaseId,
    body: Annotated[JsonBody, Depends(read_optional_json)],
    services: Parts,
    response: Response,
    idempotency_key: KeyHeader = None,
) -> DraftView:
    """The help plan carried forward as a draft: what is unfinished is carried over with its origin, and results are
    asked for. `changes` says what differs from the version before."""
    address = _address(case_id, Subject.HELP_PLAN)
    key = idempotency_of(idempotency_key, caller, f"{address}/next", body.sha256)
    return _drafted(services.records.draft_plan(caller, case_id, body.payload, key), address, response)


def _drafted(draft: DraftView, address: str, response: Response) -> DraftView:
    _located(draft.entry, address, response)
    return draft


def _located(view: EntryView, address: str, response: Response) -> EntryView:
    response.headers["Location"] = f"{address}/{view.number}"
    return tagged(view, response)


def _open(subject: Subject) -> None:
    """The operations on the entries of a subject."""
    drawer = DRAWERS[subject]
    router.add_api_route(
        f"/{drawer}",
        _lister(subject),
        name=f"list_{drawer.replace('-', '_')}",
        description=f"The {drawer} of a case, the highest number first.",
    )
    router.add_api_route(
        f"/{drawer}",
        _adder(subject),
        methods=["POST"],
        status_code=CREATED,
        name=f"add_{subject.value}",
        description="Add one with the next number. All faults come back at once (422).",
        openapi_extra=schema.body(NAMES[subject], *JSON_TYPES),
    )
    in_two_forms = subject is Subject.APPOINTMENT
    router.add_api_route(
        f"/{drawer}/{{number}}",
        get_appointment if in_two_forms else _getter(subject),
        response_model=EntryView,
        responses={200: {"content": {CALENDAR: {}}}} if in_two_forms else None,
        name=f"get_{subject.value}",
        description=None if in_two_forms else "One as it stands, with its revision as ETag.",
    )
    router.add_api_route(
        f"/{drawer}/{{number}}",
        _changer(subject),
        methods=["PATCH"],
        name=f"change_{subject.value}",
        description="Change what it says, or its state. If-Match is needed (428) and must name the present revision."
        " `touched` are printed documents that the case contradicts from then on; with `dry_run` nothing is changed.",
        openapi_extra=schema.body(CHANGE, *PATCH_TYPES),
    )


for _subject in Subject:
    _open(_subject)
