"""What waits for a person: questions with pictures and reasons, and the decisions about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.bodies import JSON_TYPES, read_json
from docservice.api.ids import ReviewId
from docservice.api.routes.links import linked_review
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.page_codes import is_id
from docservice.reviews.decisions import Decision
from docservice.reviews.views import ReviewView
from docservice.tools.strict_json import JsonBody

router = APIRouter(prefix="/reviews", tags=["reviews"], responses=schema.problems)

_FIELDS = ("decision", "document_id", "page")


class ReviewList(BaseModel):
    """Open reviews, oldest first; `next` is the address of those that follow, as in the Link header."""

    reviews: list[ReviewView]
    next: str | None


@router.get("")
def list_reviews(
    caller: Caller,
    services: Parts,
    response: Response,
    state: Literal["open"] = "open",
    kind: str | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ReviewList:
    """What waits for a person, oldest first; of all kinds, or of one."""
    found = services.reviews.list(caller, limit, cursor, kind)
    following = link_next(response, "/api/v1/reviews", found.next_cursor, state=state, kind=kind, limit=limit)
    return ReviewList(reviews=[linked_review(view) for view in found.reviews], next=following)


@router.get("/{review_id}")
def get_review(caller: Caller, review_id: ReviewId, services: Parts) -> ReviewView:
    """One review, also when it is closed: by whom, when, and how."""
    return linked_review(services.reviews.get(caller, review_id))


@router.post("/{review_id}/decision", openapi_extra=schema.body("ReviewDecision", *JSON_TYPES))
def decide_review(
    review_id: ReviewId, caller: Caller, body: Annotated[JsonBody, Depends(read_json)], services: Parts
) -> ReviewView:
    """Decide in the name of the token. The same decision again changes nothing. Another one is refused (409), unless it
    puts a page elsewhere with which nothing has been accepted yet; what was said before stays in the events."""
    return linked_review(services.reviews.decide(caller, review_id, decision_of(body.payload)))


def decision_of(payload: object) -> Decision:
    """The decision a body states; InvalidInput with every fault of its form."""
    if not isinstance(payload, Mapping):
        raise InvalidInput([Fault.told("", "api.not_an_object", example="{}")])
    faults = [
        Fault.told("", "api.unknown_field.known", known=known)
        for known in [", ".join(_FIELDS)]
        if not set(payload) <= set(_FIELDS)
    ]
    choice, document_id, page = (payload.get(name) for name in _FIELDS)
    if not isinstance(choice, str):
        absent = Fault.told("decision", "api.missing.choice", example="accept")
        faults.append(absent if choice is None else Fault.told("decision", "api.wrong_type.choice", example="accept"))
    if document_id is not None and not is_id(document_id):
        faults.append(Fault.told("document_id", "api.wrong_type.document", example="0123456789ABCDEFGHJK"))
    if page is not None and (type(page) is not int or page < 1):
        faults.append(Fault.told("page", "api.wrong_type.page", example="2"))
    if faults:
        raise InvalidInput(faults)
    return Decision(str(choice), document_id, page)
