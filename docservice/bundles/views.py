"""What a bundle looks like from outside: these are the answers of the API, and the manifest `bundle.json`.

A file is told by the id of what it belongs to; who hands a view out makes an address of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from docservice.cases.notices import notices
from docservice.cases.snapshots import load
from docservice.db.bundles import BundleRecord, BundleSummary, DocumentRecord
from docservice.db.columns.types import JsonObject
from docservice.domain.errors import Failure
from docservice.domain.kinds import Kind
from docservice.domain.notices import Notice
from docservice.domain.states import BundleState, DocumentState

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_DONE = (DocumentState.READY, DocumentState.FAILED)


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` counts documents that are ready or have failed; `percent` is 100 when the bundle is finished."""

    done: int
    total: int
    percent: int

    @classmethod
    def of(cls, documents: Mapping[DocumentState, int], *, final: bool) -> Progress:
        """From how many documents are in which state."""
        done, total = sum(documents.get(state, 0) for state in _DONE), sum(documents.values())
        return cls(done, total, 100 if final else min(99, 100 * done // max(1, total)))


@dataclass(frozen=True, slots=True)
class Hashes:
    """SHA-256 of both files, in hexadecimal."""

    docx: str
    pdf: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One document; files, hashes, pages and zones are there exactly when it is ready."""

    document_id: str
    kind: Kind
    number: int
    revision: int
    state: DocumentState
    template: str
    docx: str | None
    pdf: str | None
    pages: int | None
    sha256: Hashes | None
    signature_zones: tuple[JsonObject, ...]
    translation_checked: bool | None
    error: Failure | None

    @classmethod
    def of(cls, record: DocumentRecord) -> DocumentView:
        file = record.id if record.state is DocumentState.READY else None
        return cls(
            document_id=record.id,
            kind=record.kind,
            number=record.number,
            revision=record.revision,
            state=record.state,
            template=record.template,
            docx=file,
            pdf=file,
            pages=record.pages,
            sha256=Hashes(record.docx_sha256 or "", record.pdf_sha256 or "") if file else None,
            signature_zones=record.zones,
            translation_checked=record.translation_checked,
            error=Failure.of(record.error_code, record.error_detail, record.error_detail_de),
        )


@dataclass(frozen=True, slots=True)
class PrintSet:
    """Where the print set is, and the SHA-256 of its bytes in hexadecimal."""

    href: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BundleHead:
    """What is told of a bundle wherever it stands."""

    bundle_id: str
    case_id: str
    state: BundleState
    languages: tuple[str, ...]
    template_date: date
    created_at: datetime
    finished_at: datetime | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class BundleView(BundleHead):
    """A bundle with its documents in stapling order."""

    documents: tuple[DocumentView, ...]
    print_set: PrintSet | None
    warnings: tuple[Notice, ...]

    @classmethod
    def of(cls, bundle: BundleRecord, documents: Sequence[DocumentRecord]) -> BundleView:
        """The bundle with what the office should look at in its case, as it was ordered."""
        progress = Progress.of(Counter(document.state for document in documents), final=bundle.state.final)
        return cls(
            *_head(bundle, progress),
            documents=tuple(DocumentView.of(document) for document in documents),
            print_set=PrintSet(bundle.id, bundle.print_set_sha256) if bundle.print_set_sha256 else None,
            warnings=notices(load(bundle.snapshot_version, bundle.snapshot)),
        )

    @property
    def final(self) -> bool:
        """Nothing more will happen unless somebody asks for a retry."""
        return self.state.final

    def file_name(self, document: DocumentView) -> str:
        """What the files of a document are called, without an ending: by its kind, and its number among several."""
        alone = sum(each.kind is document.kind for each in self.documents) == 1
        return document.kind.value if alone else f"{document.kind}-{document.number}"

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
                    "docx": f"{self.file_name(document)}.docx",
                    "pdf": f"{self.file_name(document)}.pdf",
                    "pages": document.pages,
                    "sha256": document.sha256 and asdict(document.sha256),
                    "template": document.template,
                    "signature_zones": [dict(zone) for zone in document.signature_zones],
                }
                for document in self.documents
                if document.state is DocumentState.READY
            ],
            "print_set": "bundle.pdf" if self.print_set else None,
            "warnings": [asdict(notice) for notice in self.warnings],
        }


@dataclass(frozen=True, slots=True)
class BundleEntry(BundleHead):
    """A bundle in a list; `bundle` is its address."""

    bundle: str

    @classmethod
    def of(cls, bundle: BundleSummary, documents: Mapping[DocumentState, int]) -> BundleEntry:
        """A row, and how many of its documents are in which state."""
        progress = Progress.of(documents, final=bundle.finished_at is not None)
        return cls(*_head(bundle, progress), bundle=bundle.id)


def _head(
    bundle: BundleRecord | BundleSummary, progress: Progress
) -> tuple[str, str, BundleState, tuple[str, ...], date, datetime, datetime | None, Progress]:
    """The fields of `BundleHead`, in their order."""
    dates = bundle.template_date, bundle.created_at, bundle.finished_at
    return bundle.id, bundle.case_id, bundle.state, bundle.languages, *dates, progress


@dataclass(frozen=True, slots=True)
class Preview:
    """A document made for looking at it only."""

    kind: Kind
    docx: bytes
    pdf: bytes
    pages: int
