"""The states of what people wait for: bundles and their documents, uploads, their files and parts of files; and of the
jobs behind it."""

from __future__ import annotations

from enum import StrEnum


class BundleState(StrEnum):
    """`PARTLY_FAILED`: some documents are ready and some are not; each document says which."""

    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"
    PARTLY_FAILED = "partly_failed"

    @property
    def final(self) -> bool:
        """Nothing more will happen unless somebody asks for a retry."""
        return self not in (BundleState.QUEUED, BundleState.RENDERING)


class DocumentState(StrEnum):
    """`FAILED`: quarantined with what went wrong, until somebody asks for another try."""

    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"


class UploadState(StrEnum):
    """`FAILED`: given up with what went wrong, until somebody asks for another try."""

    READING = "reading"  # files are opened, pages are read
    SETTLING = "settling"  # all that could be read is read; documents are being judged
    DONE = "done"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Nothing more will happen by itself."""
        return self in (UploadState.DONE, UploadState.FAILED)


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


class JobState(StrEnum):
    """`DEAD`: given up after the last attempt; its subject was told in the same transaction."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
