"""Signed documents on their cases, and the archived objects made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.files import stored_file
from docservice.api.ids import ArchiveId, CaseId
from docservice.api.routes.links import archive_address, linked_archive_entry, linked_attachment
from docservice.api.routes.paging import MOST, Cursor, Limit, OfCase, link_next
from docservice.archive.views import ArchiveEntry
from docservice.domain.hash_chain import ChainEntry
from docservice.scans.views import AttachmentView, Superseder

router = APIRouter(tags=["archive"], responses=schema.problems)


class AttachmentList(BaseModel):
    """Versions in the order in which they were attached, oldest first; the Link header has the address of those that
    follow."""

    attachments: list[AttachmentView]


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
    superseded_by: Superseder | None
    entry: ChainEntry
    package: str | None
    sha256: str
    bytes: int
    checked_at: datetime | None
    check_result: str | None


class ArchiveList(BaseModel):
    """Archived objects, newest first; `next` is the address of those that follow, as in the Link header."""

    objects: list[ArchiveEntry]
    next: str | None


@router.get("/cases/{case_id}/attachments")
def list_attachments(
    caller: Caller,
    case_id: CaseId,
    services: Parts,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    cursor: Cursor = None,
) -> AttachmentList:
    """The signed documents that came back for a case, oldest first."""
    found = services.scans.attachments(caller, case_id, limit, cursor)
    link_next(response, f"/api/v1/cases/{case_id}/attachments", found.next_cursor, limit=limit)
    return AttachmentList(attachments=[linked_attachment(view) for view in found.items])


@router.get("/archive")
def list_archived(
    caller: Caller,
    services: Parts,
    response: Response,
    case_id: OfCase = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ArchiveList:
    """All archived objects, or those of a case, newest first; also those whose package was erased, which say when."""
    found = services.archive.objects(caller, limit, cursor, case_id)
    return ArchiveList(
        objects=[linked_archive_entry(entry) for entry in found.items],
        next=link_next(response, "/api/v1/archive", found.next_cursor, case_id=case_id, limit=limit),
    )


@router.get("/archive/{archive_id}")
def get_archived(caller: Caller, archive_id: ArchiveId, services: Parts) -> ArchiveAnswer:
    """An archived object: its hash, its place in the chain, when its bytes were last found right, and what counts
    instead of it, if it is superseded."""
    view = services.archive.get(caller, archive_id)
    attachment = services.scans.attachment(caller, view.attachment_id)
    return ArchiveAnswer(
        archive_id=view.archive_id,
        attachment_id=view.attachment_id,
        document_id=view.document_id,
        case_id=view.case_id,
        revision=attachment.revision,
        created_at=view.created_at,
        superseded_at=attachment.superseded_at,
        superseded_by=attachment.superseded_by,
        entry=view.entry,
        package=f"{archive_address(view.archive_id)}/package" if view.stored else None,
        sha256=view.package_sha256,
        bytes=view.package_size,
        checked_at=view.checked_at,
        check_result=view.check_result,
    )


@router.get("/archive/{archive_id}/package", response_class=StreamingResponse)
def get_package(caller: Caller, request: Request, archive_id: ArchiveId, services: Parts) -> Response:
    """The package as a ZIP file, which `docservice verify` checks offline. Ranges, Digest and ETag as for documents."""
    return stored_file(request, services.archive.package_file(caller, archive_id), services.archive.packages)
