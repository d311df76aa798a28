"""Whether a decision fits its review."""

from __future__ import annotations

from docservice.db.columns.types import JsonObject
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.errors import Fault, InvalidInput
from docservice.domain.returned.scans import ReviewKind
from docservice.domain.states import DocumentState
from docservice.reviews.decisions import Decision, choose
from docservice.scans.asking.questions import choices


def checked_decision(tx: Transaction, review: ReviewRecord, decision: Decision) -> JsonObject:
    """The decision as it is kept, a confirmed proposal with its place. Raises InvalidInput with every fault."""
    page = None if review.page_id is None else tx.scan_pages.get(review.page_id)
    proposal = None if page is None else page.proposal
    offered = choices(ReviewKind(review.kind), proposal=proposal is not None, picture=_has_picture(page))
    chosen = choose(decision, offered)
    if decision.choice == "confirm_proposal" and proposal is not None:
        return {"choice": decision.choice, "document_id": proposal.document_id, "page": proposal.page}
    if decision.choice != "assign":
        return chosen
    faults = _place_faults(tx, decision)
    if faults:
        raise InvalidInput(faults)
    return {"choice": decision.choice, "document_id": decision.document_id, "page": decision.page}


def _place_faults(tx: Transaction, decision: Decision) -> list[Fault]:
    document = None if decision.document_id is None else tx.documents.get(decision.document_id)
    if document is None or document.state is not DocumentState.READY or document.pages is None:
        return [Fault.told("document_id", "scans.unknown_document", example="0123456789ABCDEFGHJK")]
    if decision.page is None or not 1 <= decision.page <= document.pages:
        return [Fault.told("page", "scans.unknown_page", example="1", pages=document.pages)]
    return []


def _has_picture(page: ScanPageRecord | None) -> bool:
    return page is not None and page.picture_key is not None
