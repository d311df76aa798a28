"""What an upload and an attachment look like from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from docservice.db.columns.types import JsonObject
from docservice.db.uploads import UploadRecord
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import (
    PageVerdict,
    Proposal,
    Quality,
    ReturnState,
)
from docservice.domain.states import UploadState
from docservice.reviews.views import ZoneView


@dataclass(frozen=True, slots=True)
class PageView:
    """One scanned page. `verdict` is None until all pages of the upload are read; `detail` says why it is so."""

    page_id: str
    file: str
    index: int
    verdict: PageVerdict | None
    document_id: str | None
    page: int | None
    rotation: int
    zones: tuple[ZoneView, ...]
    reason: str | None
    detail: str | None
    detail_de: str | None
    proposal: Proposal | None
    quality: Quality | None
    picture: bool
    region: int | None  # None when the picture is its own

    def as_json(self) -> dict[str, object]:
        """The page in the form of the public answer."""
        return {
            "page_id": self.page_id,
            "file": self.file,
            "index": self.index,
            **({} if self.region is None else {"region": self.region}),
            "verdict": self.verdict,
            "document_id": self.document_id,
            "page": self.page,
            "rotation": self.rotation,
            "zones": [
                {
                    "zone_id": zone.zone_id,
                    "verdict": zone.verdict,
                    "score": zone.score,
                    "reason": zone.reason,
                    "decision": zone.decision,
                }
                for zone in self.zones
            ],
            "reason": self.reason,
            "detail": self.detail,
            "detail_de": self.detail_de,
            "proposal": None if self.proposal is None else asdict(self.proposal),
            "quality": None if self.quality is None else asdict(self.quality),
        }


@dataclass(frozen=True, slots=True)
class ReturnedDocument:
    """How far a document has come back over all uploads. `reasons` say what it waits for.

    `accepted_revisions` are the other revisions of it that are accepted, of which the latest one counts;
    `superseded_at` is the moment since when this one, accepted too, does not.
    """

    document_id: str
    case_id: str
    kind: Kind
    revision: int
    accepted_revisions: tuple[int, ...]
    superseded_at: datetime | None
    pages: int
    present: tuple[int, ...]
    missing: tuple[int, ...]
    duplicates: tuple[int, ...]
    state: ReturnState
    reasons: tuple[str, ...]
    attachment_id: str | None
    archive_id: str | None


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file that could not be read, with the reason."""

    file: str
    code: str
    detail: str
    detail_de: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Something odd about a file, or about one of its pages (`index` from 0), that was read nevertheless, or something
    in it that was not read. `code` is stable."""

    file: str
    index: int | None
    code: str
    detail: str
    detail_de: str


@dataclass(frozen=True, slots=True)
class UploadEntry:
    """An upload in a list. `pages_total` is None until every file has been opened."""

    upload: UploadRecord
    pages_total: int | None
    pages_read: int


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload: how far it is, the documents its pages belong to, and the files that could not be read.

    `pages_total` is None until every file has been opened.
    """

    upload_id: str
    state: UploadState
    device: str | None
    created_at: datetime
    finished_at: datetime | None
    files: int
    pages_total: int | None
    pages_read: int
    documents: tuple[ReturnedDocument, ...]
    rejected_files: tuple[RejectedFile, ...]
    hints: tuple[Hint, ...]
    reviews: tuple[str, ...]
    error_code: str | None
    error_detail: str | None
    error_detail_de: str | None

    @property
    def final(self) -> bool:
        """Nothing more will happen by itself."""
        return self.state in (UploadState.DONE, UploadState.FAILED)

    def as_json(self) -> dict[str, object]:
        """The answer of GET /scans/{id}."""
        return {
            "upload_id": self.upload_id,
            "state": self.state,
            "created_at": self.created_at,
            "finished_at": self.finished_at,
            "progress": {"pages_read": self.pages_read, "pages": self.pages_total},
            "documents": [asdict(document) for document in self.documents],
            "rejected_files": [asdict(file) for file in self.rejected_files],
            "hints": [asdict(hint) for hint in self.hints],
            "reviews": list(self.reviews),
            "error": None
            if self.error_code is None
            else {"code": self.error_code, "detail": self.error_detail, "detail_de": self.error_detail_de},
        }


@dataclass(frozen=True, slots=True)
class WholeUploadView(UploadView):
    """An upload with all its pages."""

    pages: tuple[PageView, ...]

    def as_json(self) -> dict[str, object]:
        """The answer of `docservice scan --json`."""
        return {**UploadView.as_json(self), "pages": [page.as_json() for page in self.pages]}


@dataclass(frozen=True, slots=True)
class PageList:
    """Some pages of an upload in order, and the cursor of those that follow; None at the end."""

    pages: tuple[PageView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Superseder:
    """The attachment that counts instead of another one; `accepted_by` is who decided so, None when the policy did."""

    attachment_id: str
    revision: int
    accepted_by: str | None


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A signed document of the case. `scans`: for each page, which scanned page of which upload stands for it.

    `zones`: what was found in each signature zone, and what a person said. `archive`: where its archived object is,
    once there is one. What a better scan or a later revision has replaced keeps its bytes and says when, and by what.
    """

    attachment_id: str
    case_id: str
    document_id: str
    document_kind: Kind
    revision: int
    version: int
    upload_id: str
    scans: tuple[Mapping[str, object], ...]  # {page, page_id, upload_id}
    zones: tuple[JsonObject, ...]
    policy: str
    accepted_by: str | None
    created_at: datetime
    superseded_at: datetime | None
    superseded_by: Superseder | None
    archive_id: str | None
    archive: str | None
