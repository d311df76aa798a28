"""Reads the pages of a part of a file: opens the kept file, reads page by page, keeps pictures as they come."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import structlog

from docservice.db.scan_pages import ScanPageRecord, ScanZoneRecord
from docservice.db.uploads import ScanFileRecord, ScanPartRecord
from docservice.domain.errors import DocserviceError, Outage, place_of
from docservice.domain.page_codes import id_of_bytes
from docservice.domain.returned.loose_pages import Place
from docservice.domain.returned.scans import PageReading, Proposal
from docservice.domain.sources import Clock
from docservice.own_pages.service import OwnPages
from docservice.scans.intake.ports import Opener, Reader
from docservice.scans.reading.page_reader import ReadPage
from docservice.storage.service import BlobStore
from docservice.tools.untrusted.outlines import cut_out
from docservice.tools.untrusted.pictures import FileFacts, FileRefused, Picture

Page = tuple[ScanPageRecord, tuple[ScanZoneRecord, ...]]

log = structlog.get_logger("docservice.scans")


@dataclass(frozen=True, slots=True)
class PartReader:
    """Turns pages into rows. Writes pictures to the store and nothing to the database."""

    blobs: BlobStore
    files: Opener
    reader: Reader
    clock: Clock
    own_pages: OwnPages
    overrun: type[Exception] = TimeoutError  # what the surroundings raise into work that takes too long

    def inspect(self, file: ScanFileRecord) -> FileFacts:
        """What a file is, by its headers alone; raises FileRefused."""
        with self.blobs.local(file.blob_key) as path:
            try:
                return self.files.inspect(path)
            except FileRefused as refused:
                _log_fault(refused, file=file.id)
                raise

    def read(self, part: ScanPartRecord, file: ScanFileRecord) -> list[Page]:
        """Every page of the part as a row; pictures are kept as they come, so only one is held at a time.

        A picture of several pages is several rows. A page that fails is a row that says so. Raises only what may pass:
        `overrun`, and what is retryable, such as a full disk or a file that this busy machine could not open in time.
        """
        found: list[Page] = []
        opened = 0
        try:
            with self.blobs.local(file.blob_key) as path:
                pictures = self.files.pages(path, part.first, part.pages)
                for position, picture in zip(_positions(part), pictures, strict=False):
                    found += self._read_picture(part, position, picture)
                    opened += 1
        except FileRefused as refused:
            if refused.retryable:
                raise
            lost: FileRefused | None = refused
        else:
            lost = None
        for position in list(_positions(part))[opened:]:
            found.append((self._unread(part, position, lost or FileRefused("broken", page=position)), ()))
        return found

    def read_as(
        self, page: ScanPageRecord, file: ScanFileRecord, document_id: str, number: int
    ) -> tuple[PageReading, tuple[ScanZoneRecord, ...]]:
        """What is on a page, given that it is that one; raises FileRefused when it cannot be opened any more."""
        picture = self._picture(page, file)
        first = page.reading
        if first is None or first.outline is None:
            read = self.reader.read_as(picture, document_id, number)
            return read.reading, self._put_zones(page.id, read)
        read = self.reader.read_as(cut_out(picture, first.outline), document_id, number)
        reading = replace(read.reading, outline=first.outline, finding=first.finding)
        return reading, self._put_zones(page.id, read)

    def unread_part(self, part: ScanPartRecord, error: DocserviceError) -> list[ScanPageRecord]:
        """The rows of a part whose pages were not read, for this reason."""
        return [self._unread(part, position, error) for position in _positions(part)]

    def propose(self, page: ScanPageRecord, places: Iterable[Place]) -> Proposal | None:
        """Which of these printed pages a scanned page looks like, by the picture that is kept of it."""
        kept = np.frombuffer(self.blobs.get(str(page.picture_key)), np.uint8)
        pixels = np.asarray(cv2.imdecode(kept, cv2.IMREAD_GRAYSCALE), np.uint8)
        return self.reader.propose(Picture(pixels, None, False), places)

    def _picture(self, page: ScanPageRecord, file: ScanFileRecord) -> Picture:
        """The picture on which the page lies, of the page by itself where that is kept."""
        if page.reading is not None and page.reading.outline is None:
            with self.own_pages.opened(page, self.files) as own:
                if own is not None:
                    return own.picture
        with self.blobs.local(file.blob_key) as path:
            picture = next(self.files.pages(path, page.position, 1), FileRefused("broken", page=page.position))
        if isinstance(picture, FileRefused):
            raise picture
        return picture

    def _read_picture(self, part: ScanPartRecord, position: int, picture: Picture | FileRefused) -> list[Page]:
        if isinstance(picture, FileRefused):
            _log_fault(picture, part=part.id, position=position)
            return [(self._unread(part, position, picture), ())]
        try:
            read = self.reader.read(picture)
        except (Outage, self.overrun):  # says nothing about the page: the job is tried again
            raise
        except DocserviceError as error:
            if error.retryable:
                raise
            return [(self._unread(part, position, error), ())]
        except Exception as error:  # noqa: BLE001 - one page must never stop its neighbours
            # Only the kind and the place of a stranger's error are logged: its text may hold something of the page.
            log.error(
                "page_crashed", part=part.id, position=position, error=type(error).__name__, place=place_of(error)
            )
            told = DocserviceError.told("scans.internal_error", name=type(error).__name__)
            return [(self._unread(part, position, told), ())]
        read = replace(read, reading=replace(read.reading, hints=picture.hints))
        return [self._kept(part, position, region, page) for region, page in enumerate((read, *read.beside))]

    def _kept(self, part: ScanPartRecord, position: int, region: int, read: ReadPage) -> Page:
        page_id = _page_id(part.file_id, position, region)
        record = ScanPageRecord(
            id=page_id,
            upload_id=part.upload_id,
            file_id=part.file_id,
            part_id=part.id,
            position=position,
            created_at=self.clock.now(),
            reading=read.reading,
            pixel_sha256=read.pixel_sha256,
            picture_key=self._put(f"scans/pages/{page_id}", read.picture),
            region=region,
        )
        return record, self._put_zones(page_id, read)

    def _unread(self, part: ScanPartRecord, position: int, error: DocserviceError) -> ScanPageRecord:
        return ScanPageRecord(
            id=_page_id(part.file_id, position),
            upload_id=part.upload_id,
            file_id=part.file_id,
            part_id=part.id,
            position=position,
            created_at=self.clock.now(),
            reading=None,
            error_code=error.code,
            error_detail=error.detail,
            error_detail_de=error.detail_de,
        )

    def _put_zones(self, page_id: str, read: ReadPage) -> tuple[ScanZoneRecord, ...]:
        return tuple(
            ScanZoneRecord(
                page_id=page_id,
                zone_id=zone.zone_id,
                verdict=zone.verdict,
                score=zone.score,
                reason=zone.reason,
                crop_key=None
                if zone.zone_id not in read.crops
                else self._put(f"scans/zones/{page_id}", read.crops[zone.zone_id]),
            )
            for zone in read.reading.zones
        )

    def _put(self, folder: str, data: bytes) -> str:
        """Kept under a key made of its content, so that a second run finds it there."""
        ending = "png" if data.startswith(b"\x89PNG") else "jpg"
        key = f"{folder}/{hashlib.sha256(data).hexdigest()}.{ending}"
        self.blobs.put(key, data)
        return key


def _log_fault(refused: FileRefused, **where: object) -> None:
    """Log what is not the file's fault but ours."""
    if refused.fault:
        log.error("reader_fault", fault=refused.fault, **where)


def _page_id(file_id: str, position: int, region: int = 0) -> str:
    """Always the same for a page, so that a part that is read twice keeps its pictures in the same places."""
    place = f"{file_id} {position} {region}" if region else f"{file_id} {position}"
    return id_of_bytes(hashlib.sha256(place.encode()).digest()[:13])


def _positions(part: ScanPartRecord) -> range:
    return range(part.first, part.first + part.pages)
