"""The rows of the database as plain frozen data. Ids are text chosen by the caller; times carry the UTC offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from docservice.domain.documents import Kind

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
    """A case as it stands; `revision` starts at 1 and grows with every change."""

    id: str
    revision: int
    case_number: str
    data: JsonObject
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """One request for documents. `snapshot` is the case as of the request: later changes do not reach it."""

    id: str
    case_id: str
    case_revision: int
    state: BundleState
    languages: tuple[str, ...]
    template_date: date
    options: JsonObject
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
