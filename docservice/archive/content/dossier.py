"""All that is known of one attached document, as of the moment it was attached: later events do not reach it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docservice.archive.content.model import Dossier, OriginalFile
from docservice.db.returns import AttachmentRecord
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord
from docservice.db.unit_of_work import Transaction
from docservice.db.uploads import ScanFileRecord, UploadRecord
from docservice.domain.errors import NotFound
from docservice.domain.returned.scans import PageFinding, ReviewState


def read_dossier(tx: Transaction, attachment_id: str) -> Dossier:
    """What is known of an attachment; NotFound when there is none."""
    attachment = tx.attachments.get(attachment_id)
    if attachment is None:
        raise NotFound.told("archive.attachment_unknown")
    document = tx.documents.get(attachment.document_id)
    assert document is not None
    bundle = tx.bundles.get(document.bundle_id)
    assert bundle is not None
    standing = {str(scan) for scan in attachment.scans.values()}
    return Dossier(
        attachment, document, bundle, tuple(_files(tx, standing, attachment)), tuple(_decisions(tx, attachment))
    )


def _files(tx: Transaction, standing: set[str], attachment: AttachmentRecord) -> Iterable[OriginalFile]:
    scans = [scan for scan in (tx.scan_pages.get(page_id) for page_id in sorted(standing)) if scan is not None]
    for upload_id in sorted({scan.upload_id for scan in scans}):
        upload = tx.uploads.get(upload_id)
        assert upload is not None
        pages = tx.scan_pages.of_upload(upload_id)
        for record in tx.scan_files.of_upload(upload_id):
            of_file = [page for page in pages if page.file_id == record.id]
            if any(page.id in standing for page in of_file):
                yield _file(record, upload, of_file, standing, attachment)


def _file(
    record: ScanFileRecord,
    upload: UploadRecord,
    pages: Sequence[ScanPageRecord],
    standing: set[str],
    attachment: AttachmentRecord,
) -> OriginalFile:
    stands = tuple(page for page in pages if page.id in standing)
    blank = tuple(page for page in pages if page.reading is not None and page.reading.finding is PageFinding.BLANK)
    again = tuple(page for page in pages if page.id not in standing and _codes_say(page, attachment.document_id))
    everything = len({page.position for page in pages}) == (record.pages or 0)
    whole = everything and len({page.id for page in (*stands, *blank, *again)}) == len(pages)
    return OriginalFile(record, upload, stands, again, _near(blank, stands), whole)


def _codes_say(page: ScanPageRecord, document_id: str) -> bool:
    """Whether the page's own codes name the document: what a person says later does not change it."""
    return page.reading is not None and page.assigned_by is None and page.reading.document_id == document_id


def _near(blank: Sequence[ScanPageRecord], stands: Sequence[ScanPageRecord]) -> tuple[ScanPageRecord, ...]:
    """The empty pages from beside the first standing page to beside the last one."""
    first, last = stands[0].position - 1, stands[-1].position + 1
    return tuple(page for page in blank if first <= page.position <= last)


def _decisions(tx: Transaction, attachment: AttachmentRecord) -> Iterable[ReviewRecord]:
    """What people decided about the document up to the moment when it was attached, in that order."""
    about = {review.id: review for review in tx.reviews.of_document(attachment.document_id)}
    for scan_id in attachment.scans.values():
        page = tx.scan_pages.get(str(scan_id))
        for review in tx.reviews.of_upload(page.upload_id) if page is not None else ():
            if review.page_id == scan_id:
                about[review.id] = review
    decided = [
        review
        for review in about.values()
        if review.state is ReviewState.DECIDED and review.last_change <= attachment.created_at
    ]
    return sorted(decided, key=lambda review: (review.last_change, review.id))
