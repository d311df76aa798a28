"""Signed documents on their cases, and the archived objects made of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.files import stored_file
from docservice.api.ids import ArchiveId, CaseId
from docservice.api.routes.links import linked_archive, linked_archive_entry, linked_attachment
from docservice.api.routes.paging import MOST, Cursor, Limit, OfCase, link_next
from docservice.archive.views import ArchiveEntry, ArchiveView
from docservice.scans.views import AttachmentView

router = APIRouter(tags=["archive"], responses=schema.problems)


class AttachmentList(BaseModel):
    """Versions in the order in which they were attached, oldest first; the Link header has the address of those that
    follow."""

    attachments: list[AttachmentView]


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
def get_archived(caller: Caller, archive_id: ArchiveId, services: Parts) -> ArchiveView:
    """An archived object: its hash, its place in the chain, when its bytes were last found right, and what counts
    instead of it, if it is superseded."""
    return linked_archive(services.archive.get(caller, archive_id))


@router.get("/archive/{archive_id}/package", response_class=StreamingResponse)
def get_package(caller: Caller, request: Request, archive_id: ArchiveId, services: Parts) -> Response:
    """The package as a ZIP file, which `docservice verify` checks offline. Ranges, Digest and ETag as for documents."""
    return stored_file(request, services.archive.package_file(caller, archive_id), services.archive.packages)
