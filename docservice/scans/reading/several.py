"""Several pages on one picture: which codes belong together, where each page lies, which can be taken out, and
whether a further sheet lies there of which no code can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.page_codes import PageCode
from docservice.domain.returned.scans import Outline
from docservice.scans.reading.geometry import Placed
from docservice.scans.reading.identify import PlacedCode
from docservice.scans.reading.ink import DPI, MM, components, darkness, has_writing, threshold, without_grains
from docservice.scans.reading.reference_pages import SCALE, ReferencePage
from docservice.scans.reading.registration import misfit
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels
from docservice.tools.untrusted.reading_size import resized

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_APART = 0.12  # of the way between two codes: more does not fit one page, even seen at an angle
_BLEED = 8.5  # points (three millimetres) around a page that are taken with it
_RIM = 25.0  # points (nine millimetres) of a page in which nothing is printed: they may be cut off or covered
_SURE, _WITH_BOTH_CODES = 0.6, 0.3  # of the compared patches that agree: the page lies there
_SPARE = 0.15  # of the picture: with less beside the pages there is no room for a sheet
_LEAST_SHEET = 0.2  # of a page's area
_LEAST_SIDE = 45.0  # millimetres of a sheet's shorter side
_SHEET_RIM = 4.0  # millimetres of a sheet in which nothing is looked for
_PAPER = 0.8  # of the brightness of the page that was read
_LETTERS = 60  # things of the size of letters and words: the sparest page has several hundred
_LETTER = (1.0, 14.0)  # millimetres of their longer side
_COARSE = 4  # pixels of what writing is looked for in, for one in which sheets are

Corners = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The codes that belong to one page lying on the picture."""

    code: PageCode
    codes: tuple[PlacedCode, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LyingPage:
    """A page as it lies on a picture of several. `placed` is None when that cannot be told."""

    group: Group
    reference: ReferencePage | None
    placed: Placed | None

    def corners(self, beyond: float) -> Corners | None:
        """Its corners in pixels of the picture, each so many points outside the page."""
        if self.reference is None or self.placed is None:
            return None
        width, height = self.reference.size
        reach = beyond * SCALE
        right, bottom = width * SCALE + reach, height * SCALE + reach
        printed = np.array([[(-reach, -reach), (right, -reach), (right, bottom), (-reach, bottom)]], np.float64)
        return np.asarray(cv2.perspectiveTransform(printed, self.placed.to_scan)[0], np.float32)

    def outline(self, scale: float) -> Outline | None:
        """Its outline in pixels of a picture that is `1 / scale` as large."""
        corners = self.corners(_BLEED)
        if corners is None:
            return None
        first, second, third, fourth = ((round(x), round(y)) for x, y in (corners / scale).tolist())
        return first, second, third, fourth


def grouped(codes: Sequence[PlacedCode], reference: Callable[[str, int], ReferencePage | None]) -> tuple[Group, ...]:
    """The codes by the page they stand on. A page has two of them, so that more of one page are its copies."""
    found: list[Group] = []
    for code in dict.fromkeys(placed.code for placed in codes):
        same = [placed for placed in codes if placed.code == code]
        printed = reference(code.document_id, code.page) if len(same) > 2 else None
        found += [Group(code, tuple(each)) for each in ([same] if printed is None else _copies(same, printed))]
    return tuple(found)


def whole(pages: Sequence[LyingPage], shape: tuple[int, ...]) -> tuple[LyingPage, ...]:
    """The pages that can be taken from a picture of this (height, width, ...): surely placed, within it but for the
    unprinted rim, covered by no other page and with no code of another on them."""
    return tuple(page for page in pages if _is_sure(page) and _is_free(page, pages) and _is_within(page, shape))


def further_sheet(picture: WorkingPicture, pages: Sequence[LyingPage]) -> Outline | None:
    """Where on the picture, in its own pixels, another printed sheet seems to lie beside these pages, all of which are
    placed; None when nothing but table, lid or empty paper is there."""
    scale, outlines = _at_reading_size(pages)
    if _share(outlines, picture.grey.shape, scale) > 1 - _SPARE:
        return None
    seen = resized(picture.grey, scale)
    taken = np.zeros(seen.shape, np.uint8)
    for outline in outlines:
        cv2.fillConvexPoly(taken, np.rint(outline).astype(np.int32), 1)
    sheet = _sheet_beside(seen, taken, float(np.sqrt(cv2.contourArea(outlines[0]))))
    if sheet is None:
        return None
    left, top, width, height = cv2.boundingRect(sheet)
    part = np.s_[top : top + height, left : left + width]
    paper = int(np.median(seen[part][sheet[part] > 0]))
    if not _is_printed(np.where(sheet[part] > 0, seen[part], paper).astype(np.uint8), picture.bilevel):
        return None
    x0, y0, x1, y1 = (round(each / scale / picture.scale) for each in (left, top, left + width, top + height))
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _at_reading_size(pages: Sequence[LyingPage]) -> tuple[float, list[Corners]]:
    """By how much the picture is made smaller so that the first page has about `DPI`, and the outlines there."""
    corners = [found for page in pages if (found := page.corners(_BLEED)) is not None]
    printed = pages[0].reference
    assert printed is not None
    points = float(np.sqrt(printed.size[0] * printed.size[1]))
    scale = points / 72 * DPI / float(np.sqrt(cv2.contourArea(corners[0])))
    return scale, [np.asarray(each * scale, np.float32) for each in corners]


def _share(outlines: Sequence[Corners], shape: tuple[int, ...], scale: float) -> float:
    """How much of the picture the pages take."""
    height, width = (side * scale for side in shape[:2])
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return sum(float(cv2.intersectConvexConvex(outline, frame)[0]) for outline in outlines) / (width * height)


def _sheet_beside(seen: Pixels, taken: Pixels, side: float) -> Pixels | None:
    """The largest place beside the pages that is as light as they are, without its rim, if it has the size of a sheet.

    `side`: that of a square as large as a page.
    """
    small, covered = (np.asarray(each[::_COARSE, ::_COARSE]) for each in (seen, taken))
    near = cv2.erode(covered, np.ones((3, 3), np.uint8)) > 0
    if not near.any():
        return None
    millimetre = MM / _COARSE
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, _square(8 * millimetre))
    paper = float(np.median(closed[near]))
    light = ((closed > _PAPER * paper) & (covered == 0)).astype(np.uint8)
    light = cv2.morphologyEx(light, cv2.MORPH_OPEN, _square(_LEAST_SIDE * millimetre))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(light)
    if count < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    if stats[largest, cv2.CC_STAT_AREA] < _LEAST_SHEET * (side / _COARSE) ** 2:
        return None
    inner = cv2.erode((labels == largest).astype(np.uint8), _square(2 * _SHEET_RIM * millimetre))
    return np.asarray(cv2.resize(inner, seen.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)


def _square(side: float) -> Pixels:
    return np.ones((max(1, round(side)),) * 2, np.uint8)


def _is_printed(sheet: Pixels, bilevel: bool) -> bool:
    """Whether there are letters on it: the grain of a table makes long lines, and crumbs are few."""
    dark = darkness(sheet, bilevel=bilevel)
    ink = without_grains((dark > threshold(dark, np.ones(dark.shape, np.bool_))).astype(np.uint8))
    _, boxes = components(ink)
    sides = boxes[1:, 2:4].max(axis=1) / MM
    letters = int(((sides > _LETTER[0]) & (sides < _LETTER[1])).sum())
    return letters >= _LETTERS and has_writing(sheet, bilevel=bilevel)


def _copies(codes: Sequence[PlacedCode], reference: ReferencePage) -> Iterator[list[PlacedCode]]:
    """Codes that fit together as the printed page has them, the best pairs first, and then those left alone."""
    left = list(codes)
    pairs = [(misfit([one.corners, other.corners], reference), one, other) for one, other in combinations(codes, 2)]
    for error, one, other in sorted(pairs, key=lambda pair: pair[0]):
        if error < _APART and one in left and other in left:
            left = [code for code in left if code is not one and code is not other]
            yield [one, other]
    for code in left:
        yield [code]


def _is_sure(page: LyingPage) -> bool:
    if page.placed is None or page.reference is None:
        return False
    both = len(page.group.codes) == len(page.reference.codes) == 2
    return page.placed.score > (_WITH_BOTH_CODES if both else _SURE)


def _is_free(page: LyingPage, pages: Sequence[LyingPage]) -> bool:
    full, inner = page.corners(0), page.corners(-_RIM)
    if full is None or inner is None or not cv2.isContourConvex(full):
        return False
    for other in pages:
        if other is page:
            continue
        theirs = other.corners(-_RIM)
        if theirs is not None and cv2.intersectConvexConvex(inner, theirs)[0] > 0:
            return False
        centres = [tuple(code.corners.mean(axis=0).tolist()) for code in other.group.codes]
        if any(cv2.pointPolygonTest(full, centre, measureDist=False) >= 0 for centre in centres):
            return False
    return True


def _is_within(page: LyingPage, shape: tuple[int, ...]) -> bool:
    inner = page.corners(-_RIM)
    limits = np.array([shape[1], shape[0]])
    return inner is not None and bool(((inner >= 0) & (inner <= limits)).all())
