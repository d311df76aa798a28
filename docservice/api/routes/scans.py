"""Returned scans: hand in, look, follow, try again, see the pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.events import Pace, stream
from docservice.api.files import stored_file
from docservice.api.ids import ScanPageId, UploadId, ZoneId
from docservice.api.problems import ACCEPTED
from docservice.api.routes.links import linked_page, linked_upload, upload_address
from docservice.api.routes.multipart import MULTIPART, Upload, read_upload
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.domain.states import UploadState
from docservice.scans.views import PageView, UploadEntry, UploadView

MOST_PAGES = 1000
"""Pages in one answer."""

router = APIRouter(tags=["scans"], responses=schema.problems)


class FileAnswer(BaseModel):
    """A file as it arrived."""

    file: str
    sha256: str
    bytes: int


class AcceptedUpload(BaseModel):
    """Where the upload can be looked at. The same bytes sent again get the upload that they made first."""

    upload_id: str
    state: str
    files: list[FileAnswer]
    scan: str
    events: str


class ScanList(BaseModel):
    """Uploads, newest first; `next` is the address of those that follow, as in the Link header."""

    scans: list[UploadEntry]
    next: str | None


class ScanPageList(BaseModel):
    """Pages in the order of the files; `next` is the address of those that follow, as in the Link header."""

    pages: list[PageView]
    next: str | None


@router.post("/scans", status_code=ACCEPTED, openapi_extra=schema.body("ScanUpload", MULTIPART))
def upload_scans(
    upload: Annotated[Upload, Depends(read_upload, scope="function")],
    caller: Caller,
    services: Parts,
    response: Response,
) -> AcceptedUpload:
    """Hand in returned scans: PDF, TIFF, JPEG, PNG or HEIC, one or several files as one upload, in their order.

    The answer comes as soon as the bytes are kept; follow the upload by Location or its events. The same bytes again
    are the first upload, also at the same moment, and change nothing.
    """
    view = services.scans.receive(caller, upload.files, upload.texts.get("device"))
    address = upload_address(view.upload_id)
    response.headers["Location"] = address
    response.headers["Retry-After"] = "1"
    return AcceptedUpload(
        upload_id=view.upload_id,
        state=view.state,
        files=[FileAnswer(file=file.name, sha256=file.sha256, bytes=file.size) for file in upload.files],
        scan=address,
        events=f"{address}/events",
    )


@router.get("/scans")
def list_scans(
    caller: Caller,
    services: Parts,
    response: Response,
    state: UploadState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ScanList:
    """All uploads, or those in a state, newest first."""
    found = services.scans.uploads(caller, limit, cursor, state)
    return ScanList(
        scans=[linked_upload(entry) for entry in found.items],
        next=link_next(response, "/api/v1/scans", found.next_cursor, state=state, limit=limit),
    )


@router.get("/scans/{upload_id}")
def get_scan(caller: Caller, upload_id: UploadId, services: Parts) -> UploadView:
    """What was found so far: how far each document has come back."""
    return services.scans.get(caller, upload_id)


@router.get("/scans/{upload_id}/pages")
def list_scan_pages(
    caller: Caller,
    upload_id: UploadId,
    services: Parts,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 200,
    cursor: Cursor = None,
) -> ScanPageList:
    """What was found so far, page by page."""
    found = services.scans.pages(caller, upload_id, limit, cursor)
    following = link_next(response, f"{upload_address(upload_id)}/pages", found.next_cursor, limit=limit)
    return ScanPageList(pages=[linked_page(page) for page in found.pages], next=following)


@router.get("/scans/{upload_id}/events", response_class=StreamingResponse)
def follow_scan(
    request: Request,
    caller: Caller,
    upload_id: UploadId,
    services: Parts,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """What happens to the upload, as server-sent events; ends after its last one. Last-Event-ID goes on from there;
    204 when nothing is to come."""
    pace: Pace = request.app.state.pace
    return stream(request, services.scans, caller, upload_id, last_event_id, pace)


@router.post("/scans/{upload_id}/retry", status_code=ACCEPTED)
def retry_scan(caller: Caller, upload_id: UploadId, services: Parts, response: Response) -> UploadView:
    """Go on with a failed upload where it stopped."""
    view = services.scans.retry(caller, upload_id)
    response.headers["Location"] = upload_address(upload_id)
    return view


@router.get("/scan-pages/{page_id}/picture", response_class=StreamingResponse)
def get_picture(caller: Caller, request: Request, page_id: ScanPageId, services: Parts) -> Response:
    """The scanned page, upright, for looking at; the original is kept byte for byte elsewhere."""
    return stored_file(request, services.scans.picture(caller, page_id), services.blobs)


@router.get("/scan-pages/{page_id}/zones/{zone_id}/crop", response_class=StreamingResponse)
def get_crop(caller: Caller, request: Request, page_id: ScanPageId, zone_id: ZoneId, services: Parts) -> Response:
    """A signature zone of the scanned page, as it was judged."""
    return stored_file(request, services.scans.crop(caller, page_id, zone_id), services.blobs)
