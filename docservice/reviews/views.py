"""What a review looks like from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from docservice.db.columns.types import JsonObject
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import Proposal, ReviewState, ZoneVerdict


@dataclass(frozen=True, slots=True)
class ZoneView:
    """A signature zone on a scanned page as it was read, and what a person said about it.

    `expected_signer` is a name of the case. `crop`: a picture of the zone is kept.
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
    crop: bool


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A question to a person, with all that is needed to answer it by one click.

    `detail` is the question with its reason. `page_id` names the scanned page whose picture shows it; `zones` are the
    zones to look at, each with its expected signer and whether a crop is kept. `choices` may be sent as decision.
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
    picture: bool
    zones: tuple[ZoneView, ...]
    places: tuple[Mapping[str, object], ...]  # of changes by hand: {page, page_id, rect (page points), ink (mm2)}
    proposal: Proposal | None
    decision: JsonObject | None
    closed_by: str | None
    closed_at: datetime | None

    def as_json(self) -> dict[str, object]:
        """The review in the form of the public answer."""
        return {
            "review_id": self.review_id,
            "kind": self.kind,
            "state": self.state,
            "reason": self.reason,
            "detail": self.detail,
            "detail_de": self.detail_de,
            "choices": list(self.choices),
            "created_at": self.created_at.isoformat(),
            "upload_id": self.upload_id,
            "file": self.file,
            "case_id": self.case_id,
            "document_id": self.document_id,
            "document_kind": self.document_kind,
            "page": self.page,
            "page_id": self.page_id,
            "zones": [
                {
                    "zone_id": zone.zone_id,
                    "role": zone.role,
                    "expected_signer": zone.expected_signer,
                    "required": zone.required,
                    "verdict": zone.verdict,
                    "score": zone.score,
                    "reason": zone.reason,
                    "decision": zone.decision,
                    "page_id": zone.page_id,
                    "crop": zone.crop,
                }
                for zone in self.zones
            ],
            "places": [dict(place) for place in self.places],
            "proposal": None if self.proposal is None else asdict(self.proposal),
            "decision": None if self.decision is None else dict(self.decision),
            "closed_by": self.closed_by,
            "closed_at": None if self.closed_at is None else self.closed_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Some reviews in order, and the cursor of those that follow; None at the end."""

    reviews: tuple[ReviewView, ...]
    next_cursor: str | None
