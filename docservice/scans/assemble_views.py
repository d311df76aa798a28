"""Uploads and attachments as the people who wait for them see them, from the rows of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from docservice.db.returns import AttachmentRecord
from docservice.db.scan_pages import ScanPageRecord, ScanZoneRecord
from docservice.db.unit_of_work import Transaction
from docservice.db.uploads import ScanFileRecord, UploadRecord
from docservice.domain.errors import Failure, no_such
from docservice.domain.returned.scans import ReviewState
from docservice.domain.states import ScanFileState
from docservice.reviews.views import ZoneView
from docservice.scans.asking.document_rows import DocumentRows, document_rows
from docservice.scans.asking.hints import hints
from docservice.scans.asking.questions import explanation
from docservice.scans.views import (
    AttachmentView,
    PagesProgress,
    PageView,
    RejectedFile,
    ReturnedDocument,
    ScannedZone,
    UploadEntry,
    UploadView,
    WholeUploadView,
)


def upload_view(tx: Transaction, upload_id: str) -> UploadView:
    """The upload with what was found so far; NotFound when there is none."""
    upload = tx.uploads.get(upload_id)
    if upload is None:
        raise no_such("upload")
    files = tx.scan_files.of_upload(upload_id)
    pictures = tx.scan_pages.pictures_by_document(upload_id)
    documents = document_rows(tx, (document_id for document_id in pictures if document_id is not None))
    opened = all(file.state is not ScanFileState.WAITING for file in files)
    return UploadView(
        upload_id=upload.id,
        state=upload.state,
        created_at=upload.created_at,
        finished_at=upload.finished_at,
        progress=PagesProgress(sum(pictures.values()), sum(file.pages or 0 for file in files) if opened else None),
        documents=tuple(_assemble_documents(documents)),
        rejected_files=tuple(_rejected_file(file) for file in files if file.state is ScanFileState.REJECTED),
        hints=tuple(hints(files, tx.scan_pages.with_hints(upload_id))),
        reviews=tuple(_open_reviews(tx, upload_id, documents)),
        error=_failure(upload),
    )


def upload_entries(tx: Transaction, uploads: Sequence[UploadRecord]) -> tuple[UploadEntry, ...]:
    """The uploads in the given order, as lists have them."""
    total = tx.scan_files.pages(upload.id for upload in uploads)
    read = tx.scan_pages.counts(upload.id for upload in uploads)
    return tuple(
        UploadEntry(
            upload_id=upload.id,
            state=upload.state,
            device=upload.device,
            created_at=upload.created_at,
            finished_at=upload.finished_at,
            files=upload.files,
            progress=PagesProgress(read.get(upload.id, 0), total.get(upload.id)),
            error=_failure(upload),
            scan=upload.id,
        )
        for upload in uploads
    )


def whole_upload_view(tx: Transaction, upload_id: str) -> WholeUploadView:
    """The upload with all its pages; NotFound when there is none."""
    view = upload_view(tx, upload_id)
    pages = tx.scan_pages.of_upload(upload_id)
    zones = _zones_by_page(tx, pages)
    return WholeUploadView(
        **{each.name: getattr(view, each.name) for each in fields(view)},
        pages=_page_views(tx, upload_id, pages, zones),
        zones=tuple(zone for page in pages for zone in zones.get(page.id, ())),
    )


def page_views(tx: Transaction, upload_id: str, pages: Sequence[ScanPageRecord]) -> tuple[PageView, ...]:
    """Pages of the upload in the given order."""
    return _page_views(tx, upload_id, pages, _zones_by_page(tx, pages))


def _page_views(
    tx: Transaction, upload_id: str, pages: Sequence[ScanPageRecord], zones: Mapping[str, tuple[ZoneView, ...]]
) -> tuple[PageView, ...]:
    files = {file.id: file for file in tx.scan_files.of_upload(upload_id)}
    return tuple(_page_view(page, files[page.file_id], zones.get(page.id, ())) for page in pages)


def attachment_views(tx: Transaction, attachments: Sequence[AttachmentRecord]) -> tuple[AttachmentView, ...]:
    """The attachments in the given order."""
    documents = document_rows(tx, (each.document_id for each in attachments))
    pages = tx.scan_pages.known(page_id for each in attachments for page_id in each.scans.values())
    uploads = {page.id: page.upload_id for page in pages}
    archive_ids = tx.archive.ids_of(each.id for each in attachments)
    return tuple(_attachment_view(each, uploads, documents, archive_ids) for each in attachments)


def _zones_by_page(tx: Transaction, pages: Sequence[ScanPageRecord]) -> Mapping[str, tuple[ZoneView, ...]]:
    """The zones of the pages, by page."""
    documents = document_rows(tx, {page.document_id for page in pages if page.document_id is not None})
    owners = {page.id: page.document_id for page in pages if page.document_id is not None}
    found: dict[str, list[ScanZoneRecord]] = {}
    for zone in tx.scan_pages.zones(owners):
        found.setdefault(zone.page_id, []).append(zone)
    return {page_id: documents.zone_views(str(owners[page_id]), zones) for page_id, zones in found.items()}


def _page_view(page: ScanPageRecord, file: ScanFileRecord, zones: tuple[ZoneView, ...]) -> PageView:
    told = explanation(page.reason)
    return PageView(
        page_id=page.id,
        file=file.name,
        index=page.position,
        verdict=page.verdict,
        document_id=page.document_id,
        page=page.page,
        rotation=0 if page.reading is None else page.reading.rotation,
        zones=tuple(
            ScannedZone(zone.zone_id, zone.verdict, zone.score, zone.reason, zone.decision, zone.crop) for zone in zones
        ),
        reason=page.reason,
        detail=page.error_detail or (told.en if told else None),
        detail_de=page.error_detail_de or (told.de if told else None),
        proposal=page.proposal if page.document_id is None else None,
        quality=None if page.reading is None else page.reading.quality,
        picture=None if page.picture_key is None else page.id,
        region=None if page.reading is None or page.reading.outline is None else page.region,
    )


def _assemble_documents(documents: DocumentRows) -> Iterable[ReturnedDocument]:
    for document_id, record in sorted(documents.returned.items()):
        document, attachment = documents.documents[document_id], documents.attached.get(document_id)
        yield ReturnedDocument(
            document_id=document_id,
            case_id=record.case_id,
            kind=document.kind,
            revision=document.revision,
            accepted_revisions=tuple(documents.other_revisions[document_id]),
            superseded_at=None if attachment is None else attachment.superseded_at,
            pages=record.pages,
            present=record.present,
            missing=record.missing,
            duplicates=record.duplicates,
            state=record.state,
            reasons=record.reasons,
            attachment_id=None if attachment is None else attachment.id,
            archive_id=None if attachment is None else documents.archive_ids.get(attachment.id),
        )


def _failure(upload: UploadRecord) -> Failure | None:
    return Failure.of(upload.error_code, upload.error_detail, upload.error_detail_de)


def _rejected_file(file: ScanFileRecord) -> RejectedFile:
    return RejectedFile(
        file=file.name,
        code=file.error_code or "",
        detail=file.error_detail or "",
        detail_de=file.error_detail_de or "",
    )


def _open_reviews(tx: Transaction, upload_id: str, documents: DocumentRows) -> Iterable[str]:
    """The open reviews of the upload and of its documents, oldest first."""
    reviews = [*tx.reviews.of_upload(upload_id), *(each for some in documents.reviews.values() for each in some)]
    waiting = [review for review in reviews if review.state is ReviewState.OPEN]
    return (review.id for review in sorted(waiting, key=lambda review: (review.created_at, review.id)))


def _attachment_view(
    record: AttachmentRecord,
    uploads: Mapping[str, str],
    documents: DocumentRows,
    archive_ids: Mapping[str, str],
) -> AttachmentView:
    document = documents.documents[record.document_id]
    return AttachmentView(
        attachment_id=record.id,
        case_id=record.case_id,
        document_id=record.document_id,
        document_kind=document.kind,
        revision=document.revision,
        version=record.version,
        upload_id=record.upload_id,
        scans=tuple(
            {"page": int(number), "page_id": page_id, "upload_id": uploads.get(page_id)}
            for number, page_id in sorted(record.scans.items(), key=lambda item: int(item[0]))
        ),
        zones=record.zones,
        policy=record.policy,
        accepted_by=record.accepted_by,
        created_at=record.created_at,
        superseded_at=record.superseded_at,
        superseded_by=documents.superseder(record),
        archive_id=archive_ids.get(record.id),
        archive=archive_ids.get(record.id),
    )
