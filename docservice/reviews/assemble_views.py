"""A review as the people who answer it see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from docservice.db.reviews import ReviewRecord
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import Proposal
from docservice.reviews.views import ReviewView, ZoneView


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
