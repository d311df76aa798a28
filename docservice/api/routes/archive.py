"""Signed documents on their cases, and the archived objects made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Parts
from docservice.api.files import stored_file
from docservice.api.ids import ArchiveId, CaseId

router = APIRouter(tags=["archive"], responses=schema.problems)


class SupersederAnswer(BaseModel):
    """What counts instead: a better scan of the same document, or a later revision; and who accepted that."""

    attachment_id: str
    revision: int
    accepted_by: str | None


class AttachmentAnswer(BaseModel):
    """A signed document of the case. `scans`: for each page, which scanned page of which upload stands for it.

    `zones`: what was found in each signature zone, and what a person said. `archive`: the address of its archived
    object, once there is one. What a better scan or a later revision has replaced keeps its bytes and says when, and by
    what.
    """

    attachment_id: str
    case_id: str
    document_id: str
    document_kind: str
    revision: int
    version: int
    upload_id: str
    scans: list[dict[str, Any]]
    zones: list[dict[str, Any]]
    policy: str
    accepted_by: str | None
    created_at: datetime
    superseded_at: datetime | None
    superseded_by: SupersederAnswer | None
    archive_id: str | None
    archive: str | None


class AttachmentList(BaseModel):
    """All versions, in the order in which they were attached."""

    attachments: list[AttachmentAnswer]


class ChainEntryAnswer(BaseModel):
    """The object's place in the append-only hash chain."""

    seq: int
    previous: str
    manifest_sha256: str
    at: datetime
    sha256: str


class ArchiveAnswer(BaseModel):
    """An archived object. `check_result` is that of the last comparison of the stored bytes with the chain.

    `superseded_at` and `superseded_by` are those of its attachment: since when something else counts, and what.
    """

    archive_id: str
    attachment_id: str
    document_id: str
    case_id: str
    revision: int
    created_at: datetime
    superseded_at: datetime | None
    superseded_by: SupersederAnswer | None
    entry: ChainEntryAnswer
    package: str | None
    sha256: str
    bytes: int
    checked_at: datetime | None
    check_result: str | None


@router.get("/cases/{case_id}/attachments")
def list_attachments(case_id: CaseId, services: Parts) -> AttachmentList:
    """The signed documents that came back for a case."""
    return AttachmentList(
        attachments=[
            AttachmentAnswer.model_validate(
                {**view.as_json(), "archive": f"/api/v1/archive/{view.archive_id}" if view.archive_id else None}
            )
            for view in services.scans.attachments(case_id)
        ]
    )


@router.get("/archive/{archive_id}")
def get_archived(archive_id: ArchiveId, services: Parts) -> ArchiveAnswer:
    """An archived object: its hash, its place in the chain, when its bytes were last found right, and what counts
    instead of it, if it is superseded."""
    view = services.archive.get(archive_id)
    attachment = services.scans.attachment(view.attachment_id)
    by = attachment.superseded_by
    return ArchiveAnswer(
        archive_id=view.archive_id,
        attachment_id=view.attachment_id,
        document_id=view.document_id,
        case_id=view.case_id,
        revision=attachment.revision,
        created_at=view.created_at,
        superseded_at=attachment.superseded_at,
        superseded_by=None if by is None else SupersederAnswer.model_validate(by.as_json()),
        entry=ChainEntryAnswer.model_validate(view.entry.as_json()),
        package=f"/api/v1/archive/{view.archive_id}/package" if view.stored else None,
        sha256=view.package_sha256,
        bytes=view.package_size,
        checked_at=view.checked_at,
        check_result=view.check_result,
    )


@router.get("/archive/{archive_id}/package", response_class=StreamingResponse)
def get_package(request: Request, archive_id: ArchiveId, services: Parts) -> Response:
    """The package as a ZIP file, which `docservice verify` checks offline. Ranges, Digest and ETag as for documents."""
    return stored_file(request, services.archive.package_file(archive_id), services.archive.packages)
