"""What a bundle looks like from outside: its state, its documents, the manifest `bundle.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from docservice.cases.notices import notices
from docservice.cases.snapshots import load
from docservice.db.bundles import BundleRecord, BundleSummary, DocumentRecord
from docservice.db.columns.types import JsonObject
from docservice.domain.kinds import Kind
from docservice.domain.notices import Notice
from docservice.domain.states import BundleState, DocumentState

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One document of a bundle; files and zones are there exactly when it is ready, the error when it failed."""

    document_id: str
    kind: Kind
    number: int
    revision: int
    state: DocumentState
    template: str
    pages: int | None
    docx_sha256: str | None
    pdf_sha256: str | None
    signature_zones: tuple[JsonObject, ...]
    translation_checked: bool | None
    error_code: str | None
    error_detail: str | None
    error_detail_de: str | None

    @classmethod
    def of(cls, record: DocumentRecord) -> DocumentView:
        return cls(
            document_id=record.id,
            kind=record.kind,
            number=record.number,
            revision=record.revision,
            state=record.state,
            template=record.template,
            pages=record.pages,
            docx_sha256=record.docx_sha256,
            pdf_sha256=record.pdf_sha256,
            signature_zones=record.zones,
            translation_checked=record.translation_checked,
            error_code=record.error_code,
            error_detail=record.error_detail,
            error_detail_de=record.error_detail_de,
        )


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle with its documents in stapling order. `snapshot` is the case as it was ordered."""

    bundle_id: str
    case_id: str
    state: BundleState
    languages: tuple[str, ...]
    template_date: date
    created_at: datetime
    finished_at: datetime | None
    documents: tuple[DocumentView, ...]
    print_set_sha256: str | None
    snapshot_version: int
    snapshot: JsonObject

    @classmethod
    def of(cls, bundle: BundleRecord, documents: Sequence[DocumentRecord]) -> BundleView:
        return cls(
            bundle_id=bundle.id,
            case_id=bundle.case_id,
            state=bundle.state,
            languages=bundle.languages,
            template_date=bundle.template_date,
            created_at=bundle.created_at,
            finished_at=bundle.finished_at,
            documents=tuple(DocumentView.of(document) for document in documents),
            print_set_sha256=bundle.print_set_sha256,
            snapshot_version=bundle.snapshot_version,
            snapshot=bundle.snapshot,
        )

    @property
    def final(self) -> bool:
        """Nothing more will happen unless somebody asks for a retry."""
        return self.state not in (BundleState.QUEUED, BundleState.RENDERING)

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What of the case, as it was ordered, the office should look at."""
        return notices(load(self.snapshot_version, self.snapshot))

    def manifest(self) -> dict[str, object]:
        """The content of `bundle.json`: ready documents with file names relative to it, and the print set."""
        return {
            "bundle_id": self.bundle_id,
            "case_id": self.case_id,
            "languages": list(self.languages),
            "template_date": self.template_date.isoformat(),
            "documents": [
                {
                    "document_id": document.document_id,
                    "kind": document.kind.value,
                    "number": document.number,
                    "revision": document.revision,
                    "docx": f"{document.kind}.docx",
                    "pdf": f"{document.kind}.pdf",
                    "pages": document.pages,
                    "sha256": {"docx": document.docx_sha256, "pdf": document.pdf_sha256},
                    "template": document.template,
                    "signature_zones": [dict(zone) for zone in document.signature_zones],
                }
                for document in self.documents
                if document.state is DocumentState.READY
            ],
            "print_set": "bundle.pdf" if self.print_set_sha256 else None,
            "warnings": [notice.to_json() for notice in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """A bundle in a list, and how many of its documents are in which state."""

    bundle: BundleSummary
    documents: Mapping[DocumentState, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """A document made for looking at it only."""

    kind: Kind
    docx: bytes
    pdf: bytes
    pages: int
