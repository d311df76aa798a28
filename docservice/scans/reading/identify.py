"""Which page a scan shows: both page codes are read, in several ways until one of them can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.page_codes import PageCode
from docservice.domain.returned.scans import PageFinding
from docservice.scans.reading.damaged_codes import damaged_codes
from docservice.scans.reading.emptiness import is_empty
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.codes import CodeReader, FoundCode
from docservice.tools.untrusted.pictures import Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_SAME_PLACE = 0.02  # of the long side, between the middles of two readings of one symbol, at most
_RIM = 18  # pixels of a quarter of the working picture, not looked at for things: about nine millimetres
_NARROW = 4 * _RIM  # pixels: of what is narrower, more than half is rim
_FEW_BLOBS = 12  # things on a page, below which it may be empty: a page of ours has hundreds
_STANDS_OUT = 45  # grey levels of 255 by which a thing stands out from paper
_FAINT = 90  # grey levels; what shines through more than this may hide what is printed
_SMALL = 0.25  # of the working picture: its quarter, in which things are counted
_AS_IN_A_MIRROR = [3, 0, 1, 2]
"""The corners of a symbol seen from behind in the order in which they lie from the upper left one clockwise."""


@dataclass(frozen=True, slots=True, eq=False)
class PlacedCode:
    """A page code of ours with its corners (4, 2) in pixels of the working picture."""

    code: PageCode
    corners: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """What the codes say. `code` is set exactly when the finding is IDENTIFIED; `negative`: all is light on dark."""

    finding: PageFinding
    codes: tuple[PlacedCode, ...] = ()
    code: PageCode | None = None
    negative: bool = False


def identify(picture: WorkingPicture, reader: CodeReader) -> Identity:
    """The identity of a page. A payload counts only with a right check value; nothing is guessed.

    A code that shines through from the other side counts for nothing; a page with nothing stronger on it is a back. One
    that is as strong as print is no back: the picture is mirrored.
    """
    few = not picture.is_dark and _blobs(picture.small, _STANDS_OUT) < _FEW_BLOBS
    near = max(picture.grey.shape) * _SAME_PLACE
    found: list[PlacedCode] = []
    behind: list[PlacedCode] = []
    negative = False
    for symbols, inverted in _readings(picture, reader):
        for symbol in symbols:
            code = PageCode.parse(symbol.text)
            if code is not None:
                placed = PlacedCode(code, symbol.corners[_AS_IN_A_MIRROR] if symbol.mirrored else symbol.corners)
                _add(behind if symbol.mirrored else found, placed, near)
        if not found and behind and _is_back(picture.small, behind):
            return Identity(PageFinding.BLANK)
        negative = bool(found) and inverted and picture.is_dark
        if found or few:
            break
    named = {placed.code for placed in found}
    if not named and behind and _faintness(picture.small, behind) >= _FAINT:
        return Identity(PageFinding.MIRRORED, tuple(behind), negative=negative)
    if not named:
        empty = (few or picture.is_dark) and is_empty(picture)
        return Identity(PageFinding.BLANK if empty else PageFinding.NO_CODE)
    if len(named) > 1:
        return Identity(PageFinding.CONFLICTING, tuple(found), negative=negative)
    return Identity(PageFinding.IDENTIFIED, tuple(found), found[0].code, negative)


def _is_back(small: Pixels, behind: Sequence[PlacedCode]) -> bool:
    """Whether nothing on the page is darker than the codes that shine through, if these are faint."""
    faintness = _faintness(small, behind)
    return faintness < _FAINT and _blobs(small, max(_STANDS_OUT, faintness * 1.05)) < _FEW_BLOBS


def _faintness(small: Pixels, codes: Sequence[PlacedCode]) -> float:
    """How many grey levels the strongest of the codes stands out."""
    faintness = 0.0
    for placed in codes:
        left, top = np.floor(placed.corners.min(axis=0) * _SMALL).astype(int)
        right, bottom = np.ceil(placed.corners.max(axis=0) * _SMALL).astype(int)
        lightest, darkest = np.percentile(small[max(top, 0) : bottom, max(left, 0) : right], (95, 5))
        faintness = max(faintness, float(lightest - darkest))
    return faintness


def _add(found: list[PlacedCode], new: PlacedCode, near: float) -> None:
    centre = new.corners.mean(axis=0)
    if all(np.abs(centre - known.corners.mean(axis=0)).max() > near for known in found):
        found.append(new)


def _readings(picture: WorkingPicture, reader: CodeReader) -> Iterator[tuple[Sequence[FoundCode], bool]]:
    """What is found in the picture, each time in another way, the cheap one first; and whether light on dark."""
    yield reader.find(picture.grey), False
    yield reader.find(picture.grey, downscale=True), False
    yield reader.find(np.asarray(cv2.bitwise_not(picture.grey), np.uint8), downscale=picture.is_dark), True
    yield damaged_codes(picture.grey, reader), False


def _blobs(small: Pixels, contrast: float) -> int:
    """How many things stand out so much from white paper, however it is lit; the outer eight millimetres left out.

    A narrow strip counts as full of them: too little of it is seen to say that it is empty.
    """
    if min(small.shape) < _NARROW:
        return _FEW_BLOBS
    inner = small[_RIM:-_RIM, _RIM:-_RIM]
    paper = cv2.blur(cv2.dilate(inner, np.ones((7, 7), np.uint8)), (25, 25))
    dark = 255 - cv2.divide(inner, cv2.max(paper, np.full_like(paper, 30)), scale=255).astype(np.int16) > contrast
    opened = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    return int((stats[1:, cv2.CC_STAT_AREA] > 6).sum())
