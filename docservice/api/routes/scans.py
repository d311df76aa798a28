"""Returned scans: hand in, look, follow, try again, see the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from docservice.api import schema
from docservice.api.auth import Caller, Parts
from docservice.api.events import Pace, stream
from docservice.api.files import stored_file
from docservice.api.ids import ScanPageId, UploadId, ZoneId
from docservice.api.problems import ACCEPTED
from docservice.api.routes.links import linked_zone, picture_address
from docservice.api.routes.paging import Cursor, Limit, link_next
from docservice.api.routes.uploads import MULTIPART, Upload, read_upload
from docservice.domain.returned.scans import Proposal
from docservice.domain.states import UploadState
from docservice.scans.views import Hint, PageView, RejectedFile, ReturnedDocument, UploadEntry, UploadView

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


class ScanZone(BaseModel):
    """A signature zone as read. `decision` is what a person said; `crop` is the address of its picture."""

    zone_id: str
    verdict: str
    score: float
    reason: str
    decision: str | None
    crop: str | None


class ScanPage(BaseModel):
    """A scanned page. `index` counts the pages of its file from 0; `verdict` is null until all pages are read.

    `rotation`: clockwise degrees by which the scan is turned to stand upright. `picture`: the address of its picture.
    `region` tells pages apart that share a picture of the file; null when the picture is the page's own.
    """

    page_id: str
    file: str
    index: int
    verdict: str | None
    document_id: str | None
    page: int | None
    rotation: int
    zones: list[ScanZone]
    reason: str | None
    detail: str | None
    detail_de: str | None
    proposal: Proposal | None
    quality: dict[str, Any] | None
    picture: str | None
    region: int | None = None


class PagesProgress(BaseModel):
    """`pages` is null until every file has been opened."""

    pages_read: int
    pages: int | None


class ScanFailure(BaseModel):
    """Why the upload as a whole failed."""

    code: str
    detail: str | None
    detail_de: str | None


class ScanAnswer(BaseModel):
    """An upload: the documents its pages belong to, and the ids of the reviews that wait for a person."""

    upload_id: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    progress: PagesProgress
    documents: list[ReturnedDocument]
    rejected_files: list[RejectedFile]
    hints: list[Hint]
    reviews: list[str]
    error: ScanFailure | None


class ScanEntry(BaseModel):
    """An upload in a list; `scan` is its address, `files` the number of its files."""

    upload_id: str
    state: str
    device: str | None
    created_at: datetime
    finished_at: datetime | None
    files: int
    progress: PagesProgress
    error: ScanFailure | None
    scan: str


class ScanList(BaseModel):
    """Uploads, newest first; `next` is the address of those that follow, as in the Link header."""

    scans: list[ScanEntry]
    next: str | None


class ScanPageList(BaseModel):
    """Pages in the order of the files; `next` is the address of those that follow, as in the Link header."""

    pages: list[ScanPage]
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
    address = _address(view.upload_id)
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
        scans=[_entry(entry) for entry in found.items],
        next=link_next(response, "/api/v1/scans", found.next_cursor, state=state, limit=limit),
    )


@router.get("/scans/{upload_id}")
def get_scan(caller: Caller, upload_id: UploadId, services: Parts) -> ScanAnswer:
    """What was found so far: how far each document has come back."""
    return _answer(services.scans.get(caller, upload_id))


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
    following = link_next(response, f"{_address(upload_id)}/pages", found.next_cursor, limit=limit)
    return ScanPageList.model_validate({"pages": [_page(page) for page in found.pages], "next": following})


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
def retry_scan(caller: Caller, upload_id: UploadId, services: Parts, response: Response) -> ScanAnswer:
    """Go on with a failed upload where it stopped."""
    view = services.scans.retry(caller, upload_id)
    response.headers["Location"] = _address(upload_id)
    return _answer(view)


@router.get("/scan-pages/{page_id}/picture", response_class=StreamingResponse)
def get_picture(caller: Caller, request: Request, page_id: ScanPageId, services: Parts) -> Response:
    """The scanned page, upright, for looking at; the original is kept byte for byte elsewhere."""
    return stored_file(request, services.scans.picture(caller, page_id), services.blobs)


@router.get("/scan-pages/{page_id}/zones/{zone_id}/crop", response_class=StreamingResponse)
def get_crop(caller: Caller, request: Request, page_id: ScanPageId, zone_id: ZoneId, services: Parts) -> Response:
    """A signature zone of the scanned page, as it was judged."""
    return stored_file(request, services.scans.crop(caller, page_id, zone_id), services.blobs)


def _address(upload_id: str) -> str:
    return f"/api/v1/scans/{upload_id}"


def _entry(entry: UploadEntry) -> ScanEntry:
    upload = entry.upload
    failed = upload.error_code is not None
    return ScanEntry(
        upload_id=upload.id,
        state=upload.state,
        device=upload.device,
        created_at=upload.created_at,
        finished_at=upload.finished_at,
        files=upload.files,
        progress=PagesProgress(pages_read=entry.pages_read, pages=entry.pages_total),
        error=ScanFailure(code=upload.error_code or "", detail=upload.error_detail, detail_de=upload.error_detail_de)
        if failed
        else None,
        scan=_address(upload.id),
    )


def _answer(view: UploadView) -> ScanAnswer:
    return ScanAnswer.model_validate(view.as_json())


def _page(view: PageView) -> dict[str, object]:
    crops = [linked_zone(zone).crop for zone in view.zones]
    told = view.as_json()
    zones: Any = told["zones"]
    return {
        **told,
        "picture": picture_address(view.page_id) if view.picture else None,
        "zones": [{**zone, "crop": crop} for zone, crop in zip(zones, crops, strict=True)],
    }
