"""What an upload and an attachment look like from outside: these are the answers of the API, too.

A picture or an object is told by its id; who hands a view out makes an address of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from docservice.db.columns.types import JsonObject
from docservice.domain.errors import Failure
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import (
    PageVerdict,
    Proposal,
    Quality,
    ReturnState,
    Superseder,
    ZoneVerdict,
)
from docservice.domain.states import UploadState
from docservice.reviews.views import ZoneView


@dataclass(frozen=True, slots=True)
class ScannedZone:
    """A signature zone as read, without a name of the case. `decision` is what a person said; `crop` is the
    address of its picture."""

    zone_id: str
    verdict: ZoneVerdict
    score: float
    reason: str
    decision: str | None
    crop: str | None


@dataclass(frozen=True, slots=True)
class PageView:
    """A scanned page. `index` counts the pages of its file from 0; `verdict` is null until all pages are read.

    `rotation`: clockwise degrees by which the scan is turned to stand upright. `picture`: the address of its picture.
    `region` tells pages apart that share a picture of the file; null when the picture is the page's own.
    """

    page_id: str
    file: str
    index: int
    verdict: PageVerdict | None
    document_id: str | None
    page: int | None
    rotation: int
    zones: tuple[ScannedZone, ...]
    reason: str | None
    detail: str | None
    detail_de: str | None
    proposal: Proposal | None
    quality: Quality | None
    picture: str | None
    region: int | None = None


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
class PagesProgress:
    """`pages` is null until every file has been opened."""

    pages_read: int
    pages: int | None


@dataclass(frozen=True, slots=True)
class UploadEntry:
    """An upload in a list; `scan` is its address, `files` the number of its files."""

    upload_id: str
    state: UploadState
    device: str | None
    created_at: datetime
    finished_at: datetime | None
    files: int
    progress: PagesProgress
    error: Failure | None
    scan: str


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload: the documents its pages belong to, and the ids of the reviews that wait for a person."""

    upload_id: str
    state: UploadState
    created_at: datetime
    finished_at: datetime | None
    progress: PagesProgress
    documents: tuple[ReturnedDocument, ...]
    rejected_files: tuple[RejectedFile, ...]
    hints: tuple[Hint, ...]
    reviews: tuple[str, ...]
    error: Failure | None

    @property
    def final(self) -> bool:
        """Nothing more will happen by itself."""
        return self.state.final


@dataclass(frozen=True, slots=True)
class WholeUploadView(UploadView):
    """An upload with all its pages, and their zones with who is to sign there."""

    pages: tuple[PageView, ...]
    zones: tuple[ZoneView, ...]


@dataclass(frozen=True, slots=True)
class PageList:
    """Some pages of an upload in order, and the cursor of those that follow; None at the end."""

    pages: tuple[PageView, ...]
    next_cursor: str | None


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
