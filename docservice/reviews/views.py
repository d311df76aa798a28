"""What a review looks like from outside: these are the answers of the API, too.

A picture is told by the id of what it shows; who hands a view out makes an address of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from docservice.db.columns.types import JsonObject
from docservice.db.reviews import ReviewRecord
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import Proposal, ReviewState, ZoneVerdict


@dataclass(frozen=True, slots=True)
class ZoneView:
    """A signature zone on a scanned page as it was read, and what a person said about it.

    `expected_signer` is a name of the case. `crop`: where the picture of the zone is, if there is one.
    """

    zone_id: str
    role: str
    expected_signer: str
    required: bool
    verdict: ZoneVerdict
    score: float
    reason: str
    decision: str | None
    page_id: str
    crop: str | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A question to a person, with all that is needed to answer it by one click.

    `detail` is the question with its reason; `choices` may be sent as `decision`. `picture` shows the page it is about,
    `zones` are the zones to look at. `places`: changes by hand, each with its page and its place in points of the
    printed page.
    """

    review_id: str
    kind: str
    state: ReviewState
    reason: str
    detail: str
    detail_de: str
    choices: tuple[str, ...]
    created_at: datetime
    upload_id: str | None
    file: str | None
    case_id: str | None
    document_id: str | None
    document_kind: Kind | None
    page: int | None
    page_id: str | None
    picture: str | None
    zones: tuple[ZoneView, ...]
    places: tuple[Mapping[str, object], ...]  # {page, page_id, rect (page points), ink (mm2)}
    proposal: Proposal | None
    decision: JsonObject | None
    closed_by: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Some reviews in order, and the cursor of those that follow; None at the end."""

    reviews: tuple[ReviewView, ...]
    next_cursor: str | None


class Shown(TypedDict, total=False):
    """What the room that asks has to show beside the question; `upload_id` where it is not that of the row."""

    upload_id: str | None
    file: str | None
    case_id: str | None
    document_kind: Kind | None
    picture: str | None
    zones: tuple[ZoneView, ...]
    places: tuple[Mapping[str, object], ...]
    proposal: Proposal | None


def review_view(
    review: ReviewRecord, question: tuple[str, str], choices: Sequence[str], **shown: Unpack[Shown]
) -> ReviewView:
    """The view of one review: what is asked, in English and in German, and what may be answered."""
    english, german = question
    return ReviewView(
        review_id=review.id,
        kind=review.kind,
        state=review.state,
        reason=review.reason,
        detail=english,
        detail_de=german,
        choices=tuple(choices),
        created_at=review.created_at,
        upload_id=shown.get("upload_id", review.upload_id),
        file=shown.get("file"),
        case_id=shown.get("case_id"),
        document_id=review.document_id,
        document_kind=shown.get("document_kind"),
        page=review.page,
        page_id=review.page_id,
        picture=shown.get("picture"),
        zones=shown.get("zones", ()),
        places=shown.get("places", ()),
        proposal=shown.get("proposal"),
        decision=review.decision,
        closed_by=review.closed_by,
        closed_at=review.closed_at,
    )
