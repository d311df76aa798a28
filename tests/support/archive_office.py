"""An office whose printed documents came back and were attached: real bundles, real scans, rows as they stand then.

The scans are the printed pages, drawn, tilted and turned by a known amount, so that their registration is exact.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from docservice.archive.service import ArchiveService
from docservice.bundles.orders import BundleOrder
from docservice.bundles.papers import Papers
from docservice.bundles.rendering import Rendering
from docservice.bundles.service import BundleService
from docservice.cases.service import CaseService
from docservice.db.bundles import DocumentRecord
from docservice.db.returns import AttachmentRecord
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord
from docservice.db.unit_of_work import Database
from docservice.db.uploads import ScanFileRecord, ScanPartRecord, UploadRecord
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import (
    Grade,
    Homography,
    PageFinding,
    PageReading,
    PageVerdict,
    Quality,
    Registration,
    ReviewKind,
)
from docservice.domain.sources import Clock, RandomIds, SystemClock
from docservice.domain.states import ScanFileState, ScanPartState, UploadState
from docservice.jobs.service import JobService
from docservice.own_pages.service import OwnPages
from docservice.storage.service import BlobStore, open_store
from docservice.tools.codes import CodeDrawer, CodeReader
from docservice.tools.tesseract import Tesseract
from docservice.tools.typst import SupervisedTypst, Typesetter
from docservice.tools.untrusted.page_streams import PageStreams
from docservice.tools.untrusted.pictures import FileRefused, Picture, PictureFiles
from docservice.tools.untrusted.reading_size import at_reading_size, pixel_digest
from tests.support.actors import SOMEBODY, person
from tests.support.content import CASES, TEMPLATES, library

Matrix = NDArray[np.float64]
GREY, COLOUR, BILEVEL = "grey", "colour", "bilevel"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as it lies in the scanner. `quarter`: how often it is turned left; `lean`: perspective of a photo.

    Without `document_id` it is an empty page or, with `letter`, somebody else's; `lost`: it could not be registered.
    """

    document_id: str | None = None
    page: int = 1
    dpi: int = 120
    tilt: float = 0.0  # degrees
    quarter: int = 0
    lean: float = 0.0
    mode: str = GREY
    letter: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Scanned:
    """A sheet as a picture, with the way from page points to its pixels."""

    sheet: Sheet
    picture: Picture
    page_to_scan: Homography


def scanned(pdf: bytes, sheet: Sheet) -> Scanned:
    """A page of a PDF as this sheet comes out of the scanner."""
    drawn = pypdfium2.PdfDocument(pdf)
    try:
        page = drawn[sheet.page - 1]
        height = page.get_height()
        pixels = np.ascontiguousarray(page.render(scale=sheet.dpi / 72).to_numpy()[:, :, 2::-1])
    finally:
        drawn.close()
    scale = sheet.dpi / 72
    rows, columns = pixels.shape[:2]
    way: Matrix = np.vstack([cv2.getRotationMatrix2D((columns / 2, rows / 2), sheet.tilt, 1), [0, 0, 1]])
    if sheet.lean:
        shrunk = np.array([[0.8, 0, columns * 0.1], [0, 0.8, rows * 0.1], [0, 0, 1]])
        way = np.array([[1, 0, 0], [0, 1, 0], [sheet.lean, sheet.lean / 2, 1]]) @ shrunk @ way
    pixels = cv2.warpPerspective(pixels, way, (columns, rows), borderValue=(255, 255, 255))
    whole = way @ np.array([[scale, 0, 0], [0, -scale, height * scale], [0, 0, 1]])
    for _ in range(sheet.quarter):
        pixels = np.ascontiguousarray(np.rot90(pixels))
        whole = np.array([[0, 1, 0], [-1, 0, len(pixels)], [0, 0, 1]]) @ whole
    if sheet.mode != COLOUR:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if sheet.mode == BILEVEL:
        pixels = np.where(pixels > 150, 255, 0)
    picture = Picture(np.asarray(pixels, np.uint8), float(sheet.dpi), sheet.mode == BILEVEL)
    flat = [float(number) for number in (whole / whole[2, 2]).ravel()]
    return Scanned(sheet, picture, tuple(flat))  # type: ignore[arg-type]  # nine numbers


def stack_pdf(pages: Sequence[Scanned]) -> bytes:
    """The pages as a scanner's PDF: one JPEG picture on each."""
    with pikepdf.Pdf.new() as pdf:
        for each in pages:
            height, width = each.picture.pixels.shape[:2]
            jpeg = io.BytesIO()
            Image.fromarray(each.picture.pixels).save(jpeg, "JPEG", quality=75)
            picture = pikepdf.Stream(pdf, jpeg.getvalue())
            picture.Type, picture.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            picture.Filter, picture.BitsPerComponent = pikepdf.Name.DCTDecode, 8
            picture.Width, picture.Height = width, height
            colour = each.picture.pixels.ndim == 3
            picture.ColorSpace = pikepdf.Name.DeviceRGB if colour else pikepdf.Name.DeviceGray
            size = (width * 72 / each.sheet.dpi, height * 72 / each.sheet.dpi)
            page = pdf.add_blank_page(page_size=size)
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=pdf.make_indirect(picture)))
            page.obj.Contents = pikepdf.Stream(pdf, f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im Do Q".encode())
        result = io.BytesIO()
        pdf.save(result)
    return result.getvalue()


def stack_tiff(pages: Sequence[Scanned]) -> bytes:
    """The pages as the frames of one TIFF, black and white ones in CCITT group 4."""
    frames = [Image.fromarray(each.picture.pixels) for each in pages]
    frames = [frame.convert("1") if each.picture.bilevel else frame for frame, each in zip(frames, pages, strict=True)]
    result = io.BytesIO()
    packing = "group4" if all(each.picture.bilevel for each in pages) else "tiff_adobe_deflate"
    dpi = (float(pages[0].sheet.dpi),) * 2
    frames[0].save(result, "TIFF", save_all=True, append_images=frames[1:], compression=packing, dpi=dpi)
    return result.getvalue()


def new_typesetter() -> SupervisedTypst:
    """The real typesetter with the shipped layouts."""
    return SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")


class ArchiveOffice:
    """The parts of an installation that archiving needs."""

    def __init__(
        self,
        folder: Path,
        database_url: str | None = None,
        *,
        blobs: BlobStore | None = None,
        clock: Clock | None = None,
        typesetter: Typesetter | None = None,
        tesseract: str | None = None,
    ) -> None:
        self.folder = folder
        self.database = Database(database_url or f"sqlite:///{folder / 'docservice.sqlite'}")
        self.database.upgrade()
        self.clock, self.ids = clock or SystemClock(), RandomIds()
        self.blobs = blobs or open_store((folder / "blobs").as_uri())
        self.vault = open_store((folder / "vault").as_uri())
        self.jobs = JobService(self.database, self.clock.now, self.ids.new)
        self._own_typesetter = typesetter is None
        self.typesetter = typesetter or new_typesetter()
        self.archive = self.with_stores(lambda store: store, tesseract)
        papers = Papers(library(), self.typesetter, CodeDrawer(), CodeReader(), "dortmund")
        rendering = Rendering(self.database, self.blobs, papers, self.clock, self.ids, TimeoutError)
        self._bundles = BundleService(self.database, library(), papers, rendering, self.jobs, self.clock, self.ids)
        self._cases = CaseService(self.database, self.clock, self.ids)

    def with_stores(self, of: Callable[[BlobStore], Any], tesseract: str | None = None) -> ArchiveService:
        """The archive on stores made of the office's own, with the same database."""
        return ArchiveService(
            database=self.database,
            blobs=of(self.blobs),
            vault=of(self.vault),
            templates=library(),
            typesetter=self.typesetter,
            files=PictureFiles(),
            own_pages=self.own_pages(of(self.blobs)),
            recogniser=Tesseract(tesseract),
            jobs=self.jobs,
            clock=self.clock,
            ids=self.ids,
            scratch=self.folder / "scratch",
        )

    def own_pages(self, blobs: BlobStore | None = None) -> OwnPages:
        """The pages of its stacks by themselves, in its own store or in that one."""
        return OwnPages(self.database, blobs or self.blobs, PageStreams(), self.jobs)

    def close(self) -> None:
        """End what runs; a typesetter that was handed in goes on."""
        if self._own_typesetter:
            self.typesetter.close()
        self.database.close()

    def printed(self, case: str = "01-miller", language: str = "ru") -> Mapping[Kind, DocumentRecord]:
        """The documents of a new case of fixtures/cases, printed."""
        data = json.loads((CASES / f"{case}.json").read_text(encoding="utf-8"))
        order = BundleOrder(("de",) if language == "de" else ("de", language))
        bundle_id = self._bundles.request(SOMEBODY, self._cases.create(SOMEBODY, data).case_id, order).bundle_id
        self._bundles.render(bundle_id)
        with self.database.reading() as tx:
            return {document.kind: document for document in tx.documents.of_bundle(bundle_id)}

    def sheets(self, document: DocumentRecord, **how: object) -> list[Sheet]:
        """All pages of a document in order."""
        return [Sheet(document.id, page, **how) for page in range(1, (document.pages or 0) + 1)]  # type: ignore[arg-type]

    def scan(self, sheet: Sheet) -> Scanned:
        """A sheet as a picture; the printed page is taken from the store."""
        if sheet.document_id is None:
            plain = np.full((1400, 990), 250, np.uint8)
            cv2.putText(plain, sheet.letter, (100, 300), cv2.FONT_HERSHEY_SIMPLEX, 2, (0,), 3)
            return Scanned(sheet, Picture(plain, 120.0, bilevel=False), (1, 0, 0, 0, 1, 0, 0, 0, 1))
        with self.database.reading() as tx:
            document = tx.documents.get(sheet.document_id)
        assert document is not None
        return scanned(self.blobs.get(str(document.pdf_key)), sheet)

    def received(
        self, *files: Sequence[Sheet], tiff: bool = False, device: str | None = "Scanner Flur 2", seen: bool = False
    ) -> str:
        """Files that were handed in and read; the upload's id. `seen`: what each page showed is noted, too."""
        upload_id, now = self.ids.new(), self.clock.now()
        records: list[ScanFileRecord] = []
        pages: list[ScanPageRecord] = []
        parts: list[ScanPartRecord] = []
        for position, sheets in enumerate(files):
            scans = [self.scan(sheet) for sheet in sheets]
            data = stack_tiff(scans) if tiff else stack_pdf(scans)
            digest, file_id, part_id = hashlib.sha256(data).hexdigest(), self.ids.new(), self.ids.new()
            self.blobs.put(f"scans/originals/{digest}", data)
            shown = self._shown(f"scans/originals/{digest}") if seen else [None] * len(scans)
            media_type = "image/tiff" if tiff else "application/pdf"
            records.append(
                ScanFileRecord(
                    file_id, upload_id, position, f"Familie Geheim {position}.pdf", digest, len(data),
                    f"scans/originals/{digest}", ScanFileState.OPENED, media_type, len(sheets),
                )
            )  # fmt: skip
            parts.append(ScanPartRecord(part_id, upload_id, file_id, 0, len(sheets), ScanPartState.READ))
            for number, scan in enumerate(scans):
                page = self._page(scan, upload_id, file_id, part_id, number)
                pages.append(replace(page, pixel_sha256=shown[number]))
        total = sum(record.size for record in records)
        upload = UploadRecord(
            upload_id, hashlib.sha256(upload_id.encode()).hexdigest(), "Petra Scan", device, len(files), total, now,
            UploadState.DONE,
        )  # fmt: skip
        with self.database.transaction() as tx:
            tx.uploads.add(upload)
            tx.scan_files.add_all(records)
            tx.scan_parts.add_all(parts)
            tx.scan_pages.add_all(pages, [])
        return upload_id

    def attached(self, document: DocumentRecord, *upload_ids: str, reviewed: bool = True) -> str:
        """The document accepted with the first scan of each of its pages in the uploads; the attachment's id."""
        attachment_id, now = self.ids.new(), self.clock.now()
        with self.database.transaction() as tx:
            scans: dict[str, str] = {}
            for page in (page for upload_id in upload_ids for page in tx.scan_pages.of_upload(upload_id)):
                if page.document_id == document.id:
                    scans.setdefault(str(page.page), page.id)
            before = tx.attachments.latest(document.id)
            version = 1 if before is None else before.version + 1
            zones = tuple(
                {"zone_id": zone["zone_id"], "verdict": "signed", "score": 0.98, "decision": None}
                for zone in document.zones
            )
            if reviewed:
                review_id = self.ids.new()
                tx.reviews.open(
                    ReviewRecord(
                        review_id, ReviewKind.CONFIRM_SIGNATURES, f"confirm-{attachment_id}", "all_signed", now,
                        document_id=document.id,
                    )
                )  # fmt: skip
                tx.reviews.decide(review_id, {"choice": "accept"}, person("Ute Prüfer"), now)
            with_case = tx.bundles.get(document.bundle_id)
            assert with_case is not None
            tx.attachments.add(
                AttachmentRecord(
                    attachment_id, with_case.case_id, document.id, version, upload_ids[-1], scans, zones, "person",
                    "Ute Prüfer" if reviewed else None, now,
                )
            )  # fmt: skip
        return attachment_id

    def returned(self, case: str = "01-miller", language: str = "ru", **how: object) -> str:
        """An agreement that came back as a file of its own; the attachment's id."""
        document = self.printed(case, language)[Kind.AGREEMENT]
        return self.attached(document, self.received(self.sheets(document, **how)))

    def bytes_of(self, archive_id: str) -> bytes:
        """The package of an archived object."""
        return b"".join(self.archive.packages.stream(self.archive.package_file(SOMEBODY, archive_id).key))

    def _shown(self, key: str) -> list[str | None]:
        """The digest of each page of a file as it is when the page is read."""
        with self.blobs.local(key) as path:
            pictures = list(PictureFiles().pages(path))
        assert not any(isinstance(picture, FileRefused) for picture in pictures)
        return [pixel_digest(at_reading_size(each)[0]) for each in pictures if isinstance(each, Picture)]

    def _page(self, scan: Scanned, upload_id: str, file_id: str, part_id: str, number: int) -> ScanPageRecord:
        sheet = scan.sheet
        ours = sheet.document_id is not None
        finding = PageFinding.IDENTIFIED if ours else PageFinding.NO_CODE if sheet.letter else PageFinding.BLANK
        reading = PageReading(
            finding=finding,
            rotation=90 * sheet.quarter,
            quality=Quality(Grade.GOOD, float(sheet.dpi), sheet.mode == BILEVEL, 0.8, 0.9),
            document_id=sheet.document_id,
            page=sheet.page if ours else None,
            registration=Registration(scan.page_to_scan, 0.95, 40) if ours and not sheet.lost else None,
        )
        verdict = PageVerdict.MATCHED if ours else PageVerdict.FOREIGN if sheet.letter else PageVerdict.BLANK
        return ScanPageRecord(
            self.ids.new(), upload_id, file_id, part_id, number, self.clock.now(), reading,
            document_id=sheet.document_id, page=sheet.page if ours else None, verdict=verdict,
        )  # fmt: skip
