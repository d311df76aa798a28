"""What waits for a person: questions with pictures and reasons, and the decisions about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, read_json
from docservice.api.ids import ReviewId
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.api.routes.scans import ProposalAnswer, crop_address, picture_address
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.page_codes import is_id
from docservice.domain.returned.scans import ReviewKind
from docservice.reviews.decisions import Decision
from docservice.reviews.views import ReviewView
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/reviews", tags=["reviews"], responses=schema.problems)

_FIELDS = ("decision", "document_id", "page")


class ReviewZone(BaseModel):
    """A zone to look at; `crop` is the address of its picture."""

    zone_id: str
    role: str
    expected_signer: str
    required: bool
    verdict: str
    score: float
    reason: str
    decision: str | None
    page_id: str
    crop: str | None


class ReviewAnswer(BaseModel):
    """A question to a person. `choices` may be sent as `decision`; `picture` shows the page it is about.

    `places`: changes by hand, each with its page and its place in points of the printed page.
    """

    review_id: str
    kind: str
    state: str
    reason: str
    detail: str
    detail_de: str
    choices: list[str]
    created_at: datetime
    upload_id: str | None
    file: str | None
    case_id: str | None
    document_id: str | None
    document_kind: str | None
    page: int | None
    page_id: str | None
    picture: str | None
    zones: list[ReviewZone]
    places: list[dict[str, Any]]
    proposal: ProposalAnswer | None
    decision: dict[str, Any] | None
    closed_by: str | None
    closed_at: datetime | None


class ReviewList(BaseModel):
    """Open reviews, oldest first; `next` is the address of those that follow, as in the Link header."""

    reviews: list[ReviewAnswer]
    next: str | None


@router.get("")
def list_reviews(
    services: Parts,
    response: Response,
    state: Literal["open"] = "open",
    kind: ReviewKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ReviewList:
    """What waits for a person, oldest first."""
    found = services.reviews.list(limit, cursor, kind)
    following = link_next(response, "/api/v1/reviews", found.next_cursor, state=state, kind=kind, limit=limit)
    return ReviewList(reviews=[_answer(view) for view in found.reviews], next=following)


@router.get("/{review_id}")
def get_review(review_id: ReviewId, services: Parts) -> ReviewAnswer:
    """One review, also when it is closed: by whom, when, and how."""
    return _answer(services.reviews.get(review_id))


@router.post("/{review_id}/decision", openapi_extra=schema.body("ReviewDecision", *JSON_TYPES))
def decide_review(
    review_id: ReviewId, caller: Caller, body: Annotated[JsonBody, Depends(read_json)], services: Parts
) -> ReviewAnswer:
    """Decide in the name of the token. The same decision again changes nothing. Another one is refused (409), unless it
    puts a page elsewhere with which nothing has been accepted yet; what was said before stays in the events."""
    return _answer(services.reviews.decide(review_id, decision_of(body.payload), caller.name))


def decision_of(payload: object) -> Decision:
    """The decision a body states; InvalidInput with every fault of its form."""
    if not isinstance(payload, Mapping):
        raise InvalidInput(
            [Fault("", "not_an_object", "Das muss ein JSON-Objekt sein.", "This must be a JSON object.", "{}")]
        )
    faults = [
        Fault("", "unknown_field", f"Es gibt nur die Felder {known}.", f"The only fields are {known}.")
        for known in [", ".join(_FIELDS)]
        if not set(payload) <= set(_FIELDS)
    ]
    choice, document_id, page = (payload.get(name) for name in _FIELDS)
    if not isinstance(choice, str):
        said = ("Hier muss eine der angebotenen Antworten stehen.", "This must be one of the choices of the review.")
        faults.append(Fault("decision", "missing" if choice is None else "wrong_type", *said, "accept"))
    if document_id is not None and not is_id(document_id):
        said = ("Hier muss die Kennung eines Dokuments stehen.", "This must be the id of a document.")
        faults.append(Fault("document_id", "wrong_type", *said, "0123456789ABCDEFGHJK"))
    if page is not None and (type(page) is not int or page < 1):
        said = ("Hier muss eine Seitenzahl ab 1 stehen.", "This must be a page number from 1 on.")
        faults.append(Fault("page", "wrong_type", *said, "2"))
    if faults:
        raise InvalidInput(faults)
    return Decision(str(choice), document_id, page)


def _answer(view: ReviewView) -> ReviewAnswer:
    told = view.as_json()
    zones: Any = told["zones"]
    for zone in zones:
        zone["crop"] = crop_address(zone["page_id"], zone["zone_id"]) if zone["crop"] else None
    picture = picture_address(view.page_id) if view.page_id is not None and view.picture else None
    return ReviewAnswer.model_validate({**told, "zones": zones, "picture": picture})
