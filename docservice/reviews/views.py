"""What a review looks like from outside: these are the answers of the API, too.

A picture is told by the id of what it shows; who hands a view out makes an address of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from docservice.db.columns.types import JsonObject
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
