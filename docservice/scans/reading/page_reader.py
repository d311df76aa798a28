"""Reads a scanned page: which page it is, how it lies, what stands in its zones, and what was changed by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.returned.scans import (
    Amendment,
    Homography,
    Outline,
    PageFinding,
    PageReading,
    Proposal,
    Registration,
    ZoneReading,
    ZoneVerdict,
)
from docservice.scans.reading.geometry import Placed
from docservice.scans.reading.identify import Identity, PlacedCode, identify
from docservice.scans.reading.likeness import looks, propose
from docservice.scans.reading.marks.amendments import amendments
from docservice.scans.reading.marks.signatures import SignatureJudge
from docservice.scans.reading.marks.zone_ink import zone_ink
from docservice.scans.reading.marks.zone_patch import zone_view
from docservice.scans.reading.quality import quality
from docservice.scans.reading.reference_pages import ReferencePage, ReferencePages
from docservice.scans.reading.registration import finely, register
from docservice.scans.reading.several import Group, LyingPage, further_sheet, grouped, whole
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.codes import CodeReader
from docservice.tools.untrusted.outlines import cut_out, origin
from docservice.tools.untrusted.pictures import Picture, Pixels
from docservice.tools.untrusted.reading_size import pixel_digest, resized

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_REVIEW_SIDE = 1290  # pixels of the long side: A4 at about 110 dpi
_REVIEW_QUALITY = 72  # of a JPEG, for looking at a page
_CROP_QUALITY = 85  # of a JPEG, for looking at a signature
_WELL_PLACED = 0.6  # share of agreeing patches: nothing likelier is looked for
_LIKELY = 0.45  # share of agreeing patches, from which a page is proposed


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What was read, the crops of its zones by zone id (JPEG, upright, 200 dpi), its upright picture (JPEG, about 110
    dpi), and the SHA-256 of its pixels at working size. `beside`: the other pages that lie on the same picture."""

    reading: PageReading
    crops: Mapping[str, bytes]
    picture: bytes
    pixel_sha256: str
    beside: tuple[ReadPage, ...] = ()


class PageReader:
    """Reads pages. May be used by several threads at once."""

    def __init__(self, codes: CodeReader, references: ReferencePages) -> None:
        self._codes = codes
        self._references = references

    @cached_property
    def _judge(self) -> SignatureJudge:
        """Loaded with the first zone: it starts threads, which no fork survives, and not everybody reads pages."""
        return SignatureJudge()

    def read(self, picture: Picture) -> ReadPage:
        """What the page says by itself. Never raises for what is on the paper.

        Of several pages on one picture each that is whole is read by itself, and the rest is one further page; so is a
        printed sheet without a code beside them.
        """
        working, identity = self._seen(picture)
        apart = self._apart(working, identity)
        if apart:
            return replace(apart[0], beside=apart[1:])
        if identity.code is None:
            return self._read(working, identity, None, None)
        reference = self._references.get(identity.code.document_id, identity.code.page)
        placed = None if reference is None else _placed(working.grey, identity, reference)
        page = LyingPage(Group(identity.code, identity.codes), reference, placed)
        beside = self._beside(working, [page])
        if beside and whole([page], working.pixels.shape):
            return replace(self._cut(working, page, identity.negative), beside=beside)
        return replace(self._read(working, identity, reference, placed), beside=beside)

    def read_as(self, picture: Picture, document_id: str, page: int) -> ReadPage:
        """What stands on it, given that it is that page, whatever its codes say."""
        working, identity = self._seen(picture)
        grey = working.grey
        reference = self._references.get(document_id, page)
        placed = None
        if reference is not None:
            known = [code for code in identity.codes if code.code.document_id == document_id]
            exact = [code for code in known if code.code.page == page]
            own = [code.corners for code in exact or known]
            rough = propose(looks(grey), reference) if not own else None
            placed = (
                register(grey, own, reference) if own else None if rough is None else finely(grey, reference, rough)
            )
        read = self._read(working, identity, reference, placed)
        return replace(read, reading=replace(read.reading, document_id=document_id, page=page))

    def propose(self, picture: Picture, places: Iterable[tuple[str, int]]) -> Proposal | None:
        """Which of these pages it looks like most, if like any."""
        grey = WorkingPicture.of(picture).grey
        seen = looks(grey)
        best: Proposal | None = None
        for document_id, page in places:
            reference = self._references.get(document_id, page)
            rough = None if reference is None else propose(seen, reference)
            placed = None if reference is None or rough is None else finely(grey, reference, rough)
            if placed is not None and placed.score >= _LIKELY and (best is None or placed.score > best.likelihood):
                best = Proposal(document_id, page, round(placed.score, 3), "by_picture")
        return best

    def _apart(self, working: WorkingPicture, identity: Identity) -> tuple[ReadPage, ...]:
        """The pages of a picture that shows several; none when it shows one, or not one of them whole."""
        groups = sorted(
            grouped(identity.codes, self._references.get), key=lambda group: (group.code.document_id, group.code.page)
        )
        if len(groups) < 2:
            return ()
        pages = [self._lying(working, group) for group in groups]
        taken = whole(pages, working.pixels.shape)
        rest = [page for page in pages if page not in taken]
        if not taken:
            return ()
        read = [self._cut(working, page, identity.negative) for page in taken]
        return (*read, self._rest(working, rest)) if rest else (*read, *self._beside(working, taken))

    def _lying(self, working: WorkingPicture, group: Group) -> LyingPage:
        reference = self._references.get(group.code.document_id, group.code.page)
        codes = [placed.corners for placed in group.codes]
        return LyingPage(group, reference, None if reference is None else register(working.grey, codes, reference))

    def _cut(self, working: WorkingPicture, page: LyingPage, negative: bool) -> ReadPage:
        """A page of several, read by itself at the size that it has."""
        outline = page.outline(working.scale)
        assert outline is not None
        part = WorkingPicture.of(cut_out(working.source, outline))
        codes = tuple(
            PlacedCode(
                placed.code,
                np.asarray((placed.corners / working.scale - np.array(origin(outline))) * part.scale, np.float32),
            )
            for placed in page.group.codes
        )
        identity = Identity(PageFinding.IDENTIFIED, codes, page.group.code, negative)
        placed = None if page.reference is None else _placed(part.grey, identity, page.reference)
        read = self._read(part, identity, page.reference, placed)
        return replace(read, reading=replace(read.reading, outline=outline))

    def _rest(self, working: WorkingPicture, pages: Sequence[LyingPage]) -> ReadPage:
        """What cannot be taken from the picture: the part of it that shows the page, or all when it is more."""
        outline = pages[0].outline(working.scale) if len(pages) == 1 else None
        outline = outline or _all_of(working.source)
        part = WorkingPicture.of(cut_out(working.source, outline))
        codes = tuple(code for page in pages for code in page.group.codes)
        read = self._read(part, Identity(PageFinding.NOT_WHOLE, codes), None, None)
        return replace(read, reading=replace(read.reading, outline=outline))

    def _beside(self, working: WorkingPicture, pages: Sequence[LyingPage]) -> tuple[ReadPage, ...]:
        """A printed sheet that seems to lie beside these pages, without a code that can be read."""
        outline = further_sheet(working, pages) if all(page.placed is not None for page in pages) else None
        if outline is None:
            return ()
        part = WorkingPicture.of(cut_out(working.source, outline))
        read = self._read(part, Identity(PageFinding.BESIDE), None, None)
        return (replace(read, reading=replace(read.reading, outline=outline)),)

    def _seen(self, picture: Picture) -> tuple[WorkingPicture, Identity]:
        """The picture as it is read, dark on light, and what its codes say."""
        working = WorkingPicture.of(picture)
        identity = identify(working, self._codes)
        return (working.negative if identity.negative else working), identity

    def _read(
        self, picture: WorkingPicture, identity: Identity, reference: ReferencePage | None, placed: Placed | None
    ) -> ReadPage:
        zones: tuple[ZoneReading, ...] = ()
        crops: dict[str, bytes] = {}
        changed: tuple[Amendment, ...] = ()
        registration = None
        if reference is not None:
            zones, crops = self._zones(picture, placed, reference)
        if reference is not None and placed is not None:
            registration = _registration(placed, reference, picture.scale)
            changed = amendments(picture, placed, reference)
        rotation = _rotation(identity, registration)
        dpi = picture.source.dpi if registration is None else _dpi(registration)
        reading = PageReading(
            finding=identity.finding,
            rotation=rotation,
            quality=quality(picture, dpi),
            codes=tuple(sorted({code.code.payload() for code in identity.codes})),
            document_id=None if identity.code is None else identity.code.document_id,
            page=None if identity.code is None else identity.code.page,
            registration=registration,
            zones=zones,
            amendments=changed,
        )
        return ReadPage(reading, crops, _review_picture(picture.pixels, rotation), pixel_digest(picture.pixels))

    def _zones(
        self, picture: WorkingPicture, placed: Placed | None, reference: ReferencePage
    ) -> tuple[tuple[ZoneReading, ...], dict[str, bytes]]:
        readings, crops = [], {}
        for zone in reference.zones:
            if placed is None:
                readings.append(ZoneReading(zone.zone_id, ZoneVerdict.UNCERTAIN, 0.0, "not_registered"))
                continue
            ink = zone_ink(zone_view(picture, placed, reference, reference.pixel_rect(zone.rect)))
            crops[zone.zone_id] = _jpeg(ink.crop, _CROP_QUALITY)
            if _is_outside(picture.pixels, placed, reference.pixel_rect(zone.rect)):
                readings.append(ZoneReading(zone.zone_id, ZoneVerdict.UNCERTAIN, 0.0, "outside_scan"))
            else:
                readings.append(self._judge.judge(zone.zone_id, ink, placed.score))
        return tuple(readings), crops


def _all_of(picture: Picture) -> Outline:
    height, width = picture.pixels.shape[:2]
    return (0, 0), (width, 0), (width, height), (0, height)


def _placed(grey: Pixels, identity: Identity, reference: ReferencePage) -> Placed | None:
    """Where the page lies by its codes, or by its looks where these do not say it well: one code seen at an angle."""
    placed = register(grey, [code.corners for code in identity.codes], reference)
    if placed is not None and placed.score > _WELL_PLACED:
        return placed
    rough = propose(looks(grey), reference)
    other = None if rough is None else finely(grey, reference, rough)
    return max((found for found in (placed, other) if found is not None), key=lambda found: found.score, default=None)


def _registration(placed: Placed, reference: ReferencePage, scale: float) -> Registration:
    matrix = np.diag([1 / scale, 1 / scale, 1.0]) @ placed.to_scan @ reference.from_points
    values = (matrix / matrix[2, 2]).reshape(-1)
    place: Homography = (
        float(values[0]), float(values[1]), float(values[2]), float(values[3]), float(values[4]),
        float(values[5]), float(values[6]), float(values[7]), float(values[8]),
    )  # fmt: skip
    return Registration(place, round(placed.score, 3), placed.patches)


def _at(place: Homography, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f, g, h, i = place
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def _dpi(registration: Registration) -> float:
    """Pixels of the scan for an inch of paper, in the middle of an A4 page."""
    points = [_at(registration.page_to_scan, x, y) for x, y in ((264, 421), (336, 421), (300, 385), (300, 457))]
    return round((math.dist(points[0], points[1]) + math.dist(points[2], points[3])) / 2, 1)


def _rotation(identity: Identity, registration: Registration | None) -> int:
    """Clockwise degrees that turn the scan upright: by the print, else by a code, else none."""
    if registration is not None:
        start, end = _at(registration.page_to_scan, 200, 421), _at(registration.page_to_scan, 400, 421)
        across, down = end[0] - start[0], end[1] - start[1]
    elif identity.codes:
        across, down = (float(way) for way in identity.codes[0].corners[1] - identity.codes[0].corners[0])
    else:
        return 0
    return int(-round(math.degrees(math.atan2(down, across)) / 90) * 90) % 360


def _is_outside(pixels: Pixels, placed: Placed, zone: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = zone
    corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]], np.float64).T
    seen = placed.to_scan @ corners
    seen = seen[:2] / seen[2]
    limits = np.array([[pixels.shape[1]], [pixels.shape[0]]])
    return bool(((seen < -2) | (seen > limits + 2)).any())


def _review_picture(pixels: Pixels, rotation: int) -> bytes:
    scale = min(1.0, _REVIEW_SIDE / max(pixels.shape[:2]))
    small = pixels if scale == 1 else resized(pixels, scale)
    return _jpeg(np.ascontiguousarray(np.rot90(small, -rotation // 90)), _REVIEW_QUALITY)


def _jpeg(pixels: NDArray[np.generic], quality_: int) -> bytes:
    stored = pixels if pixels.ndim == 2 else cv2.cvtColor(np.asarray(pixels, np.uint8), cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", np.asarray(stored, np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality_])
    return encoded.tobytes()
