"""Where things are: views tell ids, answers tell addresses."""

from __future__ import annotations

from dataclasses import replace

from docservice.archive.views import ArchiveEntry, ArchiveView
from docservice.bundles.views import BundleEntry, BundleView, DocumentView
from docservice.cases.views import CaseEntry
from docservice.reviews.views import ReviewView, ZoneView
from docservice.scans.views import AttachmentView, PageView, ScannedZone, UploadEntry


def picture_address(page_id: str) -> str:
    """Where the picture of a scanned page is."""
    return f"/api/v1/scan-pages/{page_id}/picture"


def crop_address(page_id: str, zone_id: str) -> str:
    """Where the picture of a signature zone is."""
    return f"/api/v1/scan-pages/{page_id}/zones/{zone_id}/crop"


def case_address(case_id: str) -> str:
    """Where a case is."""
    return f"/api/v1/cases/{case_id}"


def linked_case_entry(entry: CaseEntry) -> CaseEntry:
    """A case in a list, with its address."""
    return replace(entry, case=case_address(entry.case))


def linked_zone(zone: ZoneView) -> ZoneView:
    """The zone with the address of its picture."""
    return zone if zone.crop is None else replace(zone, crop=crop_address(zone.page_id, zone.crop))


def linked_review(view: ReviewView) -> ReviewView:
    """The review with the addresses of its pictures."""
    picture = None if view.picture is None else picture_address(view.picture)
    return replace(view, picture=picture, zones=tuple(map(linked_zone, view.zones)))


def upload_address(upload_id: str) -> str:
    """Where an upload is."""
    return f"/api/v1/scans/{upload_id}"


def linked_upload(entry: UploadEntry) -> UploadEntry:
    """An upload in a list, with its address."""
    return replace(entry, scan=upload_address(entry.scan))


def linked_page(view: PageView) -> PageView:
    """The page with the addresses of its pictures."""

    def linked(zone: ScannedZone) -> ScannedZone:
        return zone if zone.crop is None else replace(zone, crop=crop_address(view.page_id, zone.crop))

    picture = None if view.picture is None else picture_address(view.picture)
    return replace(view, picture=picture, zones=tuple(map(linked, view.zones)))


def archive_address(archive_id: str) -> str:
    """Where an archived object is."""
    return f"/api/v1/archive/{archive_id}"


def linked_archive(view: ArchiveView) -> ArchiveView:
    """An archived object with the address of its package."""
    return view if view.package is None else replace(view, package=f"{archive_address(view.package)}/package")


def linked_archive_entry(entry: ArchiveEntry) -> ArchiveEntry:
    """An archived object in a list, with its address."""
    return replace(entry, archive=archive_address(entry.archive))


def linked_attachment(view: AttachmentView) -> AttachmentView:
    """The attachment with the address of its archived object."""
    return view if view.archive is None else replace(view, archive=archive_address(view.archive))


def bundle_address(bundle_id: str) -> str:
    """Where a bundle is."""
    return f"/api/v1/bundles/{bundle_id}"


def linked_bundle(view: BundleView) -> BundleView:
    """The bundle with the addresses of its files."""
    href = f"{bundle_address(view.bundle_id)}/print-set"
    print_set = None if view.print_set is None else replace(view.print_set, href=href)
    return replace(view, documents=tuple(map(linked_document, view.documents)), print_set=print_set)


def linked_document(view: DocumentView) -> DocumentView:
    """The document with the addresses of its files."""
    content = f"/api/v1/documents/{view.document_id}/content?format="
    docx = None if view.docx is None else f"{content}docx"
    return replace(view, docx=docx, pdf=None if view.pdf is None else f"{content}pdf")


def linked_bundle_entry(entry: BundleEntry) -> BundleEntry:
    """A bundle in a list, with its address."""
    return replace(entry, bundle=bundle_address(entry.bundle))
