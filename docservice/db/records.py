"""The rows of the database as plain frozen data. Ids are text chosen by the caller; times carry the UTC offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from docservice.domain.documents import Kind
from docservice.domain.returned.scans import (
    PageReading,
    PageVerdict,
    Proposal,
    ReturnState,
    ReviewKind,
    ReviewState,
    ZoneVerdict,
)

JsonObject = Mapping[str, object]


class BundleState(StrEnum):
    """`PARTLY_FAILED`: some documents are ready and some are not; each document says which."""

    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"
    PARTLY_FAILED = "partly_failed"


class DocumentState(StrEnum):
    """`FAILED`: quarantined with what went wrong, until somebody asks for another try."""

    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"


class JobState(StrEnum):
    """`DEAD`: given up after the last attempt; its subject was told in the same transaction."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as it stands; `revision` starts at 1 and grows with every change. `snapshot_version` is the version of
    the form of `data`."""

    id: str
    revision: int
    case_number: str
    snapshot_version: int
    data: JsonObject
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """One request for documents. `snapshot` is the case as of the request: later changes do not reach it;
    `snapshot_version` is the version of its form."""

    id: str
    case_id: str
    case_revision: int
    state: BundleState
    languages: tuple[str, ...]
    template_date: date
    options: JsonObject
    snapshot_version: int
    snapshot: JsonObject
    snapshot_sha256: str
    job_id: str
    created_at: datetime
    print_set_key: str | None = None
    print_set_sha256: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RenderedFiles:
    """What a document has once it is ready. Sizes are in bytes; `zones` are the signature zones as JSON objects."""

    pages: int
    docx_key: str
    docx_sha256: str
    docx_size: int
    pdf_key: str
    pdf_sha256: str
    pdf_size: int
    zones: tuple[JsonObject, ...]
    translation_checked: bool


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """One document of a bundle; the file columns are filled exactly when it is ready, the error columns when failed."""

    id: str
    bundle_id: str
    position: int
    kind: Kind
    revision: int
    template: str
    state: DocumentState = DocumentState.QUEUED
    attempts: int = 0
    pages: int | None = None
    docx_key: str | None = None
    docx_sha256: str | None = None
    docx_size: int | None = None
    pdf_key: str | None = None
    pdf_sha256: str | None = None
    pdf_size: int | None = None
    zones: tuple[JsonObject, ...] = ()
    translation_checked: bool | None = None
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One step of a bundle, for followers; `seq` grows with every event of the installation."""

    seq: int
    bundle_id: str
    at: datetime
    name: str
    data: JsonObject


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that outlives processes and the broker. `attempts` counts claims, so also those that died."""

    id: str
    queue: str
    task: str
    subject_id: str
    state: JobState
    attempts: int
    max_attempts: int
    run_after: datetime
    created_at: datetime
    sent_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    finished_at: datetime | None = None
    error_code: str | None = None
    error_detail: str | None = None

    @property
    def exhausted(self) -> bool:
        """All attempts were used before this claim: only giving up is left to do."""
        return self.attempts > self.max_attempts


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A bearer token; the secret itself is never stored."""

    id: str
    name: str
    secret_sha256: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """That the request `key` within `scope` was accepted with this body, and what came of it."""

    scope: str
    key: str
    body_sha256: str
    subject_id: str
    created_at: datetime


class UploadState(StrEnum):
    """`FAILED`: given up with what went wrong, until somebody asks for another try."""

    READING = "reading"  # files are opened, pages are read
    SETTLING = "settling"  # all that could be read is read; documents are being judged
    DONE = "done"
    FAILED = "failed"


class ScanFileState(StrEnum):
    """`REJECTED`: cannot be read, with the reason; its neighbours go on."""

    WAITING = "waiting"
    OPENED = "opened"
    REJECTED = "rejected"


class ScanPartState(StrEnum):
    """`FAILED`: given up after the last attempt; a review says so."""

    WAITING = "waiting"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """Files handed in together. `fingerprint` is the SHA-256 over the files' hashes in order: unique, so that the
    same bytes are one upload. `operator` is the account; `device` the scanner as told."""

    id: str
    fingerprint: str
    operator: str
    device: str | None
    files: int
    size: int
    created_at: datetime
    state: UploadState = UploadState.READING
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScanFileRecord:
    """One file of an upload; `name` is as the user gave it, so never logged. Its bytes are kept under `blob_key`.

    `hints`: codes of `tools.picture_hints`.
    """

    id: str
    upload_id: str
    position: int
    name: str
    sha256: str
    size: int
    blob_key: str
    state: ScanFileState = ScanFileState.WAITING
    media_type: str | None = None
    pages: int | None = None
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanPartRecord:
    """Some consecutive pages of a file: what one job reads. `first` counts from 0."""

    id: str
    upload_id: str
    file_id: str
    first: int
    pages: int
    state: ScanPartState = ScanPartState.WAITING


@dataclass(frozen=True, slots=True)
class ScanPageRecord:
    """One scanned page. `reading` is what was read from it by itself, None when the page could not be opened (then
    the error columns are filled). `document_id` and `page` are what it counts as: by its codes, or as a person said
    (`assigned_by`). `verdict`, `reason` and `proposal` are found when all is read, and change as other scans come.
    """

    id: str
    upload_id: str
    file_id: str
    part_id: str
    position: int  # in its file, from 0
    created_at: datetime
    reading: PageReading | None
    pixel_sha256: str | None = None
    picture_key: str | None = None
    document_id: str | None = None
    page: int | None = None
    assigned_by: str | None = None
    verdict: PageVerdict | None = None
    reason: str | None = None
    proposal: Proposal | None = None
    considered: bool = False  # a proposal was looked for
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    region: int = 0  # of several pages on one picture, which one


@dataclass(frozen=True, slots=True)
class ScanZoneRecord:
    """A signature zone as read on one scanned page, with the key of its cropped picture."""

    page_id: str
    zone_id: str
    verdict: ZoneVerdict
    score: float
    reason: str
    crop_key: str | None


@dataclass(frozen=True, slots=True)
class ScanDocumentRecord:
    """How far a document has come back, over all uploads. `scans` maps a page number (as text) to the id of the scan
    that stands for it; `zones` is the outcome of each signature zone: {zone_id, verdict, score, decision}."""

    document_id: str
    case_id: str
    state: ReturnState
    pages: int
    present: tuple[int, ...]
    missing: tuple[int, ...]
    duplicates: tuple[int, ...]
    scans: Mapping[str, str]
    zones: tuple[JsonObject, ...]
    reasons: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ScanEventRecord:
    """One step of an upload, for followers; `seq` grows with every event of the installation."""

    seq: int
    upload_id: str
    at: datetime
    name: str
    data: JsonObject


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A question to a person. `subject` names what it is about; of one subject at most one review is open."""

    id: str
    kind: ReviewKind
    subject: str
    reason: str
    created_at: datetime
    upload_id: str | None = None
    file_id: str | None = None
    part_id: str | None = None
    page_id: str | None = None
    document_id: str | None = None
    page: int | None = None
    zone_id: str | None = None
    state: ReviewState = ReviewState.OPEN
    decision: JsonObject | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """A signed document on its case record. Versions count from 1; a later one supersedes, both are kept.

    `scans` maps a page number (as text) to the id of its scanned page; `zones` are as in `ScanDocumentRecord`.
    `upload_id` is the upload that completed it; `accepted_by` the person who decided, None when the policy did.
    """

    id: str
    case_id: str
    document_id: str
    version: int
    upload_id: str
    scans: Mapping[str, str]
    zones: tuple[JsonObject, ...]
    policy: str
    accepted_by: str | None
    created_at: datetime
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """An archived object: the package of one attachment, and what the last check of its bytes said.

    With `erased_at` it is a tombstone: its bytes were erased on purpose, and are not made again.
    """

    id: str
    attachment_id: str
    document_id: str
    case_id: str
    package_key: str
    package_sha256: str
    package_size: int
    manifest_sha256: str
    seq: int  # its entry in the chain
    created_at: datetime
    checked_at: datetime | None = None
    check_result: str | None = None
    erased_at: datetime | None = None
    erased_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """An entry of the hash chain; numbers count from 1 without a gap and entries never change."""

    seq: int
    archive_id: str
    manifest_sha256: str
    previous_sha256: str
    entry_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FixityRecord:
    """One pass over the stored bytes: how many objects were checked, and how many were not as they should be."""

    id: str
    started_at: datetime
    finished_at: datetime
    checked: int
    altered: int
    missing: int
