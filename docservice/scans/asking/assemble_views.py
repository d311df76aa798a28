"""Reviews as the people who answer them see them, from the rows of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord, ScanZoneRecord
from docservice.db.unit_of_work import Transaction
from docservice.db.uploads import ScanFileRecord
from docservice.domain.returned.scans import ReviewKind
from docservice.reviews.views import ReviewView, ZoneView, review_view
from docservice.scans.asking.document_rows import DocumentRows, document_rows
from docservice.scans.asking.hints import hints
from docservice.scans.asking.questions import choices, other_revisions, question


def review_views(tx: Transaction, reviews: Sequence[ReviewRecord]) -> tuple[ReviewView, ...]:
    """The reviews in the given order, each with all that is needed to answer it."""
    rows = _load_rows(tx, reviews)
    return tuple(_assemble_view(review, rows) for review in reviews)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the reviews are about, by id: `scans` (the pages that count as its own) by that of the document, `zones` by
    that of the page."""

    documents: DocumentRows
    pages: Mapping[str, ScanPageRecord]
    files: Mapping[str, ScanFileRecord]
    scans: Mapping[str, Sequence[ScanPageRecord]]
    zones: Mapping[str, Sequence[ScanZoneRecord]]


def _load_rows(tx: Transaction, reviews: Sequence[ReviewRecord]) -> _Rows:
    document_ids = {review.document_id for review in reviews if review.document_id is not None}
    pages = {page.id: page for page in tx.scan_pages.known(review.page_id for review in reviews if review.page_id)}
    of_documents = {
        review.document_id for review in reviews if review.document_id is not None and review.page_id is None
    }
    scans: dict[str, list[ScanPageRecord]] = {}
    for page in tx.scan_pages.of_documents(of_documents):
        scans.setdefault(str(page.document_id), []).append(page)
    zones: dict[str, list[ScanZoneRecord]] = {}
    for zone in tx.scan_pages.zones([*pages, *(page.id for some in scans.values() for page in some)]):
        zones.setdefault(zone.page_id, []).append(zone)
    file_ids = [*(page.file_id for page in pages.values()), *(review.file_id for review in reviews if review.file_id)]
    files = {file.id: file for file in tx.scan_files.known(file_ids)}
    return _Rows(document_rows(tx, document_ids), pages, files, scans, zones)


def _assemble_view(review: ReviewRecord, rows: _Rows) -> ReviewView:
    page = rows.pages.get(review.page_id or "")
    document = rows.documents.documents.get(review.document_id or "")
    file = rows.files.get((page.file_id if page is not None else review.file_id) or "")
    shown = _pages_to_show(review, page, rows)
    proposal = page.proposal if page is not None and review.kind == ReviewKind.PAGE else None
    picture = None if page is None or page.picture_key is None else page.id
    return review_view(
        review,
        _word_question(review, page, file, rows.documents),
        choices(ReviewKind(review.kind), proposal=proposal is not None, picture=picture is not None),
        upload_id=review.upload_id if page is None else page.upload_id,
        file=None if file is None else file.name,
        case_id=None if document is None else document.case_id,
        document_kind=None if document is None else document.kind,
        picture=picture,
        zones=_zones_to_show(review, shown, rows),
        places=tuple(_places_of_ink(shown)) if review.kind == ReviewKind.HAND_AMENDED else (),
        proposal=proposal,
    )


def _word_question(
    review: ReviewRecord, page: ScanPageRecord | None, file: ScanFileRecord | None, documents: DocumentRows
) -> tuple[str, str]:
    """What is asked, and what whoever answers has to know, in English and in German."""
    said = question(ReviewKind(review.kind), review.reason)
    english, german = said.en, said.de
    unread = page if review.kind == ReviewKind.PAGE else file if review.kind == ReviewKind.FILE else None
    if unread is not None and unread.error_detail is not None:  # more than that it could not be read
        english, german = unread.error_detail, unread.error_detail_de or unread.error_detail
    if review.kind == ReviewKind.PAGE and file is not None and page is not None:
        for hint in hints([file], [page]):
            english, german = f"{english} {hint.detail}", f"{german} {hint.detail_de}"
    document = documents.documents.get(review.document_id or "")
    if document is not None:
        told = other_revisions(document.revision, documents.other_revisions[document.id])
        if told is not None:
            english, german = f"{english} {told.en}", f"{german} {told.de}"
    return english, german


def _pages_to_show(review: ReviewRecord, page: ScanPageRecord | None, rows: _Rows) -> tuple[ScanPageRecord, ...]:
    """The scanned pages that a person has to look at."""
    if page is not None:
        return (page,)
    known = rows.documents.returned.get(review.document_id or "")
    standing = set(known.scans.values()) if known is not None else set()
    scans = rows.scans.get(review.document_id or "", ())
    return tuple(
        sorted((scan for scan in scans if not standing or scan.id in standing), key=lambda scan: scan.page or 0)
    )


def _zones_to_show(review: ReviewRecord, shown: Sequence[ScanPageRecord], rows: _Rows) -> tuple[ZoneView, ...]:
    if review.document_id is None or review.kind not in (ReviewKind.CONFIRM_SIGNATURES, ReviewKind.ZONE):
        return ()
    zones = [zone for page in shown for zone in rows.zones.get(page.id, ())]
    return rows.documents.zone_views(
        review.document_id, (zone for zone in zones if review.zone_id in (None, zone.zone_id))
    )


def _places_of_ink(shown: Iterable[ScanPageRecord]) -> Iterable[Mapping[str, object]]:
    for page in shown:
        for amendment in () if page.reading is None else page.reading.amendments:
            yield {"page": page.page, "page_id": page.id, "rect": list(amendment.rect), "ink": amendment.ink}
