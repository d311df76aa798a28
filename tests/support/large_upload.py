"""The rows of an upload of many documents, as a scanner stack of a day leaves them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from docservice.db.columns.types import JsonObject
from docservice.db.returns import AttachmentRecord, ScanDocumentRecord
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord, ScanZoneRecord
from docservice.db.unit_of_work import Database
from docservice.db.uploads import ScanFileRecord, ScanPartRecord, UploadRecord
from docservice.domain.returned.scans import (
    Grade,
    PageFinding,
    PageReading,
    PageVerdict,
    Quality,
    Registration,
    ReturnState,
    ReviewKind,
    ZoneReading,
    ZoneVerdict,
)
from docservice.domain.sources import RandomIds
from docservice.domain.states import DocumentState, ScanFileState, ScanPartState, UploadState
from tests.support.documents_to_do import a_bundle, a_case, a_document

_AT = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
_PAGES = 2  # of each document
_ZONES = "city", "party-1", "party-2"
_QUALITY = Quality(Grade.GOOD, 300.0, False, 0.1, 0.1)
_REGISTRATION = Registration((1.5, 0.0, 3.0, 0.0, 1.5, 4.0, 0.0, 0.0, 1.0), 0.875, 12)

_new_id = RandomIds().new


def large_upload(database: Database, documents: int) -> str:
    """The id of an upload with so many documents of two pages: every other one is accepted, the others wait for a
    person."""
    return _Rows(database).upload(documents)


class _Rows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def upload(self, documents: int) -> str:
        upload = UploadRecord(
            _new_id(), _new_id(), "operator", None, 1, 3_000_000, _AT, state=UploadState.DONE, finished_at=_AT
        )
        pages = documents * _PAGES
        file = ScanFileRecord(
            _new_id(), upload.id, 0, "stack.pdf", "0" * 64, 3_000_000, "scans/originals/0",
            state=ScanFileState.OPENED, media_type="application/pdf", pages=pages,
        )  # fmt: skip
        part = ScanPartRecord(_new_id(), upload.id, file.id, 0, pages, state=ScanPartState.READ)
        with self._database.transaction() as tx:
            tx.uploads.add(upload)
            tx.scan_files.add_all([file])
            tx.scan_parts.add_all([part])
        for number in range(documents):
            self._document(number, part)
        return upload.id

    def _document(self, number: int, part: ScanPartRecord) -> None:
        case = a_case(_new_id())
        bundle = a_bundle(_new_id(), case.id)
        document = replace(
            a_document(_new_id(), bundle.id, case.id, 1),
            state=DocumentState.READY,
            pages=_PAGES,
            zones=tuple(map(_zone, _ZONES)),
        )
        scans = [self._page(part, number * _PAGES + page, document.id, page + 1) for page in range(_PAGES)]
        read = [ScanZoneRecord(scans[-1].id, zone, ZoneVerdict.SIGNED, 0.97, "ink", None) for zone in _ZONES]
        accepted = number % 2 == 0
        standing = {str(scan.page): scan.id for scan in scans}
        returned = ScanDocumentRecord(
            document.id, case.id, ReturnState.ACCEPTED if accepted else ReturnState.NEEDS_REVIEW, _PAGES,
            (1, 2), (), (), standing, (), (), _AT,
        )  # fmt: skip
        with self._database.transaction() as tx:
            tx.cases.add(case)
            tx.bundles.add(bundle)
            tx.documents.add_all([document])
            tx.scan_pages.add_all(scans, read)
            tx.scan_documents.put(returned)
            if accepted:
                tx.attachments.add(
                    AttachmentRecord(
                        _new_id(), case.id, document.id, 1, part.upload_id, standing, (), "confirm", "operator", _AT
                    )
                )
            else:
                kind = ReviewKind.CONFIRM_SIGNATURES
                tx.reviews.open(
                    ReviewRecord(
                        _new_id(),
                        kind,
                        f"confirm:{document.id}",
                        "all_signed",
                        _AT,
                        document_id=document.id,
                        case_id=case.id,
                    )
                )

    def _page(self, part: ScanPartRecord, position: int, document_id: str, page: int) -> ScanPageRecord:
        reading = PageReading(
            finding=PageFinding.IDENTIFIED,
            rotation=0,
            quality=_QUALITY,
            codes=("D1X", "D1X"),
            document_id=document_id,
            page=page,
            registration=_REGISTRATION,
            zones=tuple(ZoneReading(zone, ZoneVerdict.SIGNED, 0.97, "ink") for zone in _ZONES if page == _PAGES),
        )
        return ScanPageRecord(
            _new_id(), part.upload_id, part.file_id, part.id, position, _AT, reading, "0" * 64,
            f"scans/pages/{position}", document_id, page, verdict=PageVerdict.MATCHED,
        )  # fmt: skip


def _zone(zone_id: str) -> JsonObject:
    return {"zone_id": zone_id, "role": "party", "signer": "Anna Muster", "required": True}
