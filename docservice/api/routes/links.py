"""Where things are: views tell ids, answers tell addresses."""

from __future__ import annotations

from dataclasses import replace

from docservice.reviews.views import ReviewView, ZoneView
from docservice.scans.views import AttachmentView


def picture_address(page_id: str) -> str:
    """Where the picture of a scanned page is."""
    return f"/api/v1/scan-pages/{page_id}/picture"


def crop_address(page_id: str, zone_id: str) -> str:
    """Where the picture of a signature zone is."""
    return f"/api/v1/scan-pages/{page_id}/zones/{zone_id}/crop"


def linked_zone(zone: ZoneView) -> ZoneView:
    """The zone with the address of its picture."""
    return zone if zone.crop is None else replace(zone, crop=crop_address(zone.page_id, zone.crop))


def linked_review(view: ReviewView) -> ReviewView:
    """The review with the addresses of its pictures."""
    picture = None if view.picture is None else picture_address(view.picture)
    return replace(view, picture=picture, zones=tuple(map(linked_zone, view.zones)))


def archive_address(archive_id: str) -> str:
    """Where an archived object is."""
    return f"/api/v1/archive/{archive_id}"


def linked_attachment(view: AttachmentView) -> AttachmentView:
    """The attachment with the address of its archived object."""
    return view if view.archive is None else replace(view, archive=archive_address(view.archive))
