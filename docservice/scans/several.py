"""Several pages on one picture: which codes belong together, where each page lies, and which can be taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.page_codes import PageCode
from docservice.domain.scans import Outline
from docservice.scans.blank_pages import SCALE, BlankPage
from docservice.scans.geometry import Placed
from docservice.scans.identify import PlacedCode
from docservice.scans.register import misfit

_APART = 0.12  # of the way between two codes: more does not fit one page, even seen at an angle
_BLEED = 8.5  # points (three millimetres) around a page that are taken with it
_RIM = 25.0  # points (nine millimetres) of a page in which nothing is printed: they may be cut off or covered
_SURE, _WITH_BOTH_CODES = 0.6, 0.3  # of the compared patches

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
    blank: BlankPage | None
    placed: Placed | None

    def corners(self, beyond: float) -> Corners | None:
        """Its corners in pixels of the picture, each so many points outside the page."""
        if self.blank is None or self.placed is None:
            return None
        width, height = self.blank.size
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


def grouped(codes: Sequence[PlacedCode], blank: Callable[[str, int], BlankPage | None]) -> tuple[Group, ...]:
    """The codes by the page they stand on. A page has two of them, so that more of one page are its copies."""
    found: list[Group] = []
    for code in dict.fromkeys(placed.code for placed in codes):
        same = [placed for placed in codes if placed.code == code]
        printed = blank(code.document_id, code.page) if len(same) > 2 else None
        found += [Group(code, tuple(each)) for each in ([same] if printed is None else _copies(same, printed))]
    return tuple(found)


def whole(pages: Sequence[LyingPage], shape: tuple[int, ...]) -> tuple[LyingPage, ...]:
    """The pages that can be taken from a picture of this (height, width, ...): surely placed, within it but for the
    unprinted rim, covered by no other page and with no code of another on them."""
    return tuple(page for page in pages if _is_sure(page) and _is_free(page, pages) and _is_within(page, shape))


def _copies(codes: Sequence[PlacedCode], blank: BlankPage) -> Iterator[list[PlacedCode]]:
    """Codes that fit together as the printed page has them, the best pairs first, and then those left alone."""
    left = list(codes)
    pairs = [(misfit([one.corners, other.corners], blank), one, other) for one, other in combinations(codes, 2)]
    for error, one, other in sorted(pairs, key=lambda pair: pair[0]):
        if error < _APART and one in left and other in left:
            left = [code for code in left if code is not one and code is not other]
            yield [one, other]
    for code in left:
        yield [code]


def _is_sure(page: LyingPage) -> bool:
    if page.placed is None or page.blank is None:
        return False
    both = len(page.group.codes) == len(page.blank.codes) == 2
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
