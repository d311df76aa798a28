"""Uploads, reviews and attachments as the people who wait for them see them, from the rows of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from docservice.db.records import (
    ArchiveRecord,
    AttachmentRecord,
    DocumentRecord,
    JsonObject,
    ReviewRecord,
    ScanFileRecord,
    ScanFileState,
    ScanPageRecord,
    ScanZoneRecord,
)
from docservice.db.unit_of_work import Transaction
from docservice.domain.return_verdict import zone_subject
from docservice.domain.scans import ReviewKind, ReviewState
from docservice.scans.questions import choices, explanation, other_revisions, question
from docservice.scans.refusals import no_such
from docservice.scans.views import (
    AttachmentView,
    Hint,
    PageView,
    RejectedFile,
    ReturnedDocument,
    ReviewView,
    Superseder,
    UploadView,
    ZoneView,
)
from docservice.tools.picture_hints import hint_sentences


def upload_view(tx: Transaction, upload_id: str) -> UploadView:
    """The upload with everything found so far; NotFound when there is none."""
    upload = tx.uploads.get(upload_id)
    if upload is None:
        raise no_such("upload", "Sendung")
    files = {file.id: file for file in tx.scan_files.of_upload(upload_id)}
    pages = tx.scan_pages.of_upload(upload_id)
    documents = {record.id: record for record in tx.documents.known(_documents_of(pages))}
    zones = _zones(tx, pages, documents)
    returned = tuple(
        view for document_id in sorted(documents) if (view := _returned(tx, documents[document_id])) is not None
    )
    opened = all(file.state is not ScanFileState.WAITING for file in files.values())
    return UploadView(
        upload_id=upload.id,
        state=upload.state,
        device=upload.device,
        created_at=upload.created_at,
        finished_at=upload.finished_at,
        files=upload.files,
        pages_total=sum(file.pages or 0 for file in files.values()) if opened else None,
        pages_read=sum(page.region == 0 for page in pages),
        pages=tuple(_page(page, files[page.file_id], zones.get(page.id, ())) for page in pages),
        documents=returned,
        rejected_files=tuple(_rejected(file) for file in files.values() if file.state is ScanFileState.REJECTED),
        hints=tuple(_hints(files.values(), pages)),
        reviews=tuple(_open_reviews(tx, upload_id, documents)),
        error_code=upload.error_code,
        error_detail=upload.error_detail,
        error_detail_de=upload.error_detail_de,
    )


def review_view(tx: Transaction, review: ReviewRecord) -> ReviewView:
    """The review with all that is needed to answer it."""
    page = None if review.page_id is None else tx.scan_pages.get(review.page_id)
    document = None if review.document_id is None else tx.documents.get(review.document_id)
    bundle = None if document is None else tx.bundles.get(document.bundle_id)
    file_id = page.file_id if page is not None else review.file_id
    file = None if file_id is None else tx.scan_files.get(file_id)
    shown = _shown(tx, review, page)
    english, german = question(review.kind, review.reason)
    unread = page if review.kind is ReviewKind.PAGE else file if review.kind is ReviewKind.FILE else None
    if unread is not None and unread.error_detail is not None:  # more than that it could not be read
        english, german = unread.error_detail, unread.error_detail_de or unread.error_detail
    if review.kind is ReviewKind.PAGE and file is not None and page is not None:
        for hint in _hints([file], [page]):
            english, german = f"{english} {hint.detail}", f"{german} {hint.detail_de}"
    if document is not None:
        told = other_revisions(document.revision, tx.attachments.of_other_revisions(document.id))
        english, german = english + told[0], german + told[1]
    proposal = page.proposal if page is not None and review.kind is ReviewKind.PAGE else None
    picture = page is not None and page.picture_key is not None
    return ReviewView(
        review_id=review.id,
        kind=review.kind,
        state=review.state,
        reason=review.reason,
        detail=english,
        detail_de=german,
        choices=choices(review.kind, proposal=proposal is not None, picture=picture),
        created_at=review.created_at,
        upload_id=review.upload_id if page is None else page.upload_id,
        file=None if file is None else file.name,
        case_id=None if bundle is None else bundle.case_id,
        document_id=review.document_id,
        document_kind=None if document is None else document.kind,
        page=review.page,
        page_id=review.page_id,
        picture=picture,
        zones=_zones_of_review(tx, review, shown, document),
        places=tuple(_places(shown)) if review.kind is ReviewKind.HAND_AMENDED else (),
        proposal=proposal,
        decision=review.decision,
        closed_by=review.closed_by,
        closed_at=review.closed_at,
    )


def attachment_views(tx: Transaction, attachments: Sequence[AttachmentRecord]) -> tuple[AttachmentView, ...]:
    """The attachments in the given order."""
    documents = {record.id: record for record in tx.documents.known({each.document_id for each in attachments})}
    return tuple(_attachment(tx, each, documents[each.document_id]) for each in attachments)


@dataclass(frozen=True, slots=True)
class _Zones:
    """The zones of a document as they were printed, and the decisions about them."""

    printed: Mapping[str, JsonObject]
    decided: Mapping[str, str]

    def view(self, zone: ScanZoneRecord) -> ZoneView:
        printed = self.printed.get(zone.zone_id, {})
        return ZoneView(
            zone_id=zone.zone_id,
            role=str(printed.get("role", "")),
            expected_signer=str(printed.get("signer", "")),
            required=bool(printed.get("required", False)),
            verdict=zone.verdict,
            score=zone.score,
            reason=zone.reason,
            decision=self.decided.get(zone_subject(zone.page_id, zone.zone_id)),
            page_id=zone.page_id,
            crop=zone.crop_key is not None,
        )


def _zones(
    tx: Transaction, pages: Sequence[ScanPageRecord], documents: Mapping[str, DocumentRecord]
) -> Mapping[str, tuple[ZoneView, ...]]:
    """The zones of the pages, by page."""
    known = {document_id: _zones_of(tx, document) for document_id, document in documents.items()}
    owners = {page.id: page.document_id for page in pages if page.document_id is not None}
    found: dict[str, tuple[ZoneView, ...]] = {}
    for zone in tx.scan_pages.zones(list(owners)):
        view = known[str(owners[zone.page_id])].view(zone)
        found[zone.page_id] = (*found.get(zone.page_id, ()), view)
    return found


def _zones_of(tx: Transaction, document: DocumentRecord) -> _Zones:
    printed = {str(zone["zone_id"]): zone for zone in document.zones}
    decided = {
        review.subject: str(review.decision["choice"])
        for review in tx.reviews.of_document(document.id)
        if review.kind is ReviewKind.ZONE and review.state is ReviewState.DECIDED and review.decision is not None
    }
    return _Zones(printed, decided)


def _page(page: ScanPageRecord, file: ScanFileRecord, zones: tuple[ZoneView, ...]) -> PageView:
    english, german = explanation(page.reason)
    return PageView(
        page_id=page.id,
        file=file.name,
        index=page.position,
        verdict=page.verdict,
        document_id=page.document_id,
        page=page.page,
        rotation=0 if page.reading is None else page.reading.rotation,
        zones=zones,
        reason=page.reason,
        detail=page.error_detail or english,
        detail_de=page.error_detail_de or german,
        proposal=page.proposal if page.document_id is None else None,
        quality=None if page.reading is None else page.reading.quality,
        picture=page.picture_key is not None,
        region=None if page.reading is None or page.reading.outline is None else page.region,
    )


def _returned(tx: Transaction, document: DocumentRecord) -> ReturnedDocument | None:
    record = tx.scan_documents.get(document.id)
    if record is None:
        return None
    attachment = tx.attachments.latest(document.id)
    return ReturnedDocument(
        document_id=document.id,
        case_id=record.case_id,
        kind=document.kind,
        revision=document.revision,
        accepted_revisions=tuple(tx.attachments.of_other_revisions(document.id)),
        superseded_at=None if attachment is None else attachment.superseded_at,
        pages=record.pages,
        present=record.present,
        missing=record.missing,
        duplicates=record.duplicates,
        state=record.state,
        reasons=record.reasons,
        attachment_id=None if attachment is None else attachment.id,
        archive_id=_archive_id(None if attachment is None else tx.archive.of_attachment(attachment.id)),
    )


def _rejected(file: ScanFileRecord) -> RejectedFile:
    return RejectedFile(
        file=file.name,
        sha256=file.sha256,
        code=file.error_code or "",
        detail=file.error_detail or "",
        detail_de=file.error_detail_de or "",
    )


def _hints(files: Iterable[ScanFileRecord], pages: Sequence[ScanPageRecord]) -> Iterable[Hint]:
    """File by file: what is odd about it, then page by page."""
    for file in files:
        for code in file.hints:
            yield Hint(file.name, None, code, *hint_sentences(code, None))
        for page in pages:
            if page.file_id == file.id and page.reading is not None:
                for code in page.reading.hints:
                    yield Hint(file.name, page.position, code, *hint_sentences(code, page.position))


def _open_reviews(tx: Transaction, upload_id: str, document_ids: Iterable[str]) -> Iterable[str]:
    """The open reviews of the upload and of its documents, oldest first."""
    reviews = [*tx.reviews.of_upload(upload_id)]
    for document_id in document_ids:
        reviews += tx.reviews.of_document(document_id)
    waiting = [review for review in reviews if review.state is ReviewState.OPEN]
    return (review.id for review in sorted(waiting, key=lambda review: (review.created_at, review.id)))


def _shown(tx: Transaction, review: ReviewRecord, page: ScanPageRecord | None) -> tuple[ScanPageRecord, ...]:
    """The scanned pages that a person has to look at."""
    if page is not None:
        return (page,)
    if review.document_id is None:
        return ()
    scans = tx.scan_pages.of_document(review.document_id)
    known = tx.scan_documents.get(review.document_id)
    standing = set(known.scans.values()) if known is not None else set()
    return tuple(sorted((scan for scan in scans if not standing or scan.id in standing), key=_number))


def _zones_of_review(
    tx: Transaction, review: ReviewRecord, shown: Sequence[ScanPageRecord], document: DocumentRecord | None
) -> tuple[ZoneView, ...]:
    if document is None or review.kind not in (ReviewKind.CONFIRM_SIGNATURES, ReviewKind.ZONE):
        return ()
    known = _zones_of(tx, document)
    place = {page.id: position for position, page in enumerate(shown)}
    zones = sorted(tx.scan_pages.zones(list(place)), key=lambda zone: place[zone.page_id])
    return tuple(known.view(zone) for zone in zones if review.zone_id in (None, zone.zone_id))


def _places(shown: Iterable[ScanPageRecord]) -> Iterable[Mapping[str, object]]:
    for page in shown:
        for amendment in () if page.reading is None else page.reading.amendments:
            yield {"page": page.page, "page_id": page.id, "rect": list(amendment.rect), "ink": amendment.ink}


def _attachment(tx: Transaction, record: AttachmentRecord, document: DocumentRecord) -> AttachmentView:
    scans = []
    for number, page_id in sorted(record.scans.items(), key=lambda item: int(item[0])):
        page = tx.scan_pages.get(page_id)
        scans.append({"page": int(number), "page_id": page_id, "upload_id": None if page is None else page.upload_id})
    return AttachmentView(
        attachment_id=record.id,
        case_id=record.case_id,
        document_id=record.document_id,
        document_kind=document.kind,
        revision=document.revision,
        version=record.version,
        upload_id=record.upload_id,
        scans=tuple(scans),
        zones=record.zones,
        policy=record.policy,
        accepted_by=record.accepted_by,
        created_at=record.created_at,
        superseded_at=record.superseded_at,
        superseded_by=None if record.superseded_at is None else _superseder(tx, record),
        archive_id=_archive_id(tx.archive.of_attachment(record.id)),
    )


def _superseder(tx: Transaction, record: AttachmentRecord) -> Superseder | None:
    """What counts instead: a better scan of the same document, or else the latest revision that was accepted."""
    latest = tx.attachments.latest(record.document_id)
    if latest is None or latest.id == record.id:
        latest = list(tx.attachments.of_other_revisions(record.document_id).values())[-1]
    document = tx.documents.get(latest.document_id)
    return None if document is None else Superseder(latest.id, document.revision, latest.accepted_by)


def _archive_id(record: ArchiveRecord | None) -> str | None:
    return None if record is None else record.id


def _documents_of(pages: Iterable[ScanPageRecord]) -> set[str]:
    return {page.document_id for page in pages if page.document_id is not None}


def _number(page: ScanPageRecord) -> int:
    return cast("int", page.page)
