"""Where pages without a readable place may belong, and what they count as until a person has said it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from docservice.db.columns.types import JsonObject
from docservice.db.scan_pages import ScanPageRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.actors import Who
from docservice.domain.page_codes import WHOLE_DOCUMENT
from docservice.domain.returned.loose_pages import Neighbour, Place, by_neighbours, loose_verdict
from docservice.domain.returned.return_verdict import page_subject
from docservice.domain.returned.scans import Grade, PageFinding, PageVerdict, Proposal, ReviewState

_OTHERS = 6
"""Documents of other uploads that wait for pages, the latest first, among which a place is looked for."""


def missing_pages(tx: Transaction, pages: Sequence[ScanPageRecord]) -> Mapping[str, Sequence[int]]:
    """Pages that are still to come, by document: those of the bundles in these pages first, then of other documents
    that wait for pages."""
    present = dict.fromkeys(page.document_id for page in pages if page.document_id is not None)
    bundles = dict.fromkeys(document.bundle_id for document in tx.documents.known(present))
    found: dict[str, Sequence[int]] = {}
    for bundle_id in bundles:
        for document in tx.documents.of_bundle(bundle_id):
            returned = tx.scan_documents.get(document.id)
            if returned is None:
                found[document.id] = tuple(range(1, (document.pages or 0) + 1))
            elif "outdated" not in returned.reasons:
                found[document.id] = returned.missing
    for returned in tx.scan_documents.list_incomplete(_OTHERS):
        if "outdated" not in returned.reasons:
            found.setdefault(returned.document_id, returned.missing)
    return {document_id: gaps for document_id, gaps in found.items() if gaps}


def may_be_proposed(page: ScanPageRecord) -> bool:
    """Whether a place has still to be looked for: its codes name no page, or several, and it was not done before."""
    if page.document_id is not None or page.considered or page.reading is None:
        return False
    named = page.reading.finding is PageFinding.IDENTIFIED and page.reading.page != WHOLE_DOCUMENT
    return not named and page.reading.finding is not PageFinding.BLANK


def proposals_by_neighbours(
    pages: Sequence[ScanPageRecord], missing: Mapping[str, Sequence[int]]
) -> Mapping[str, Proposal]:
    """Proposals by the pages before and after, in each file by itself; blank pages are left out."""
    found: dict[str, Proposal] = {}
    for _, file in groupby(pages, key=lambda page: page.file_id):
        stack = [Neighbour(page.id, _place_of_page(page), _is_clear(page)) for page in file if not _is_blank(page)]
        found |= by_neighbours(stack, missing)
    return found


def loose_page(tx: Transaction, page: ScanPageRecord, decision: JsonObject | None) -> tuple[PageVerdict, str]:
    """The verdict on a page without a place, and the reason."""
    if page.reading is None:
        return PageVerdict.UNREADABLE, str(page.error_code)
    named = page.reading.document_id
    known = named is not None and tx.documents.get(named) is not None
    choice = None if decision is None else str(decision["choice"])
    return loose_verdict(page.reading, page.proposal, known=known, choice=choice)


def assigned_place(tx: Transaction, page_id: str) -> tuple[Place, Who] | None:
    """The place that a person gave to the page, and the person."""
    for review in tx.reviews.of_subject(page_subject(page_id)):
        decision = review.decision
        if review.state is ReviewState.DECIDED and decision is not None and "document_id" in decision:
            place = (str(decision["document_id"]), int(str(decision["page"])))
            return place, Who(review.closed_by_id, str(review.closed_by))
    return None


def _place_of_page(page: ScanPageRecord) -> Place | None:
    return None if page.document_id is None or page.page is None else (page.document_id, page.page)


def _is_blank(page: ScanPageRecord) -> bool:
    return page.reading is not None and page.reading.finding is PageFinding.BLANK


def _is_clear(page: ScanPageRecord) -> bool:
    return page.reading is not None and page.reading.quality.grade is Grade.GOOD
