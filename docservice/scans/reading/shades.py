"""Whether a picture has shades of grey, or only black and white however its file stores them.

Faint ink is white in black and white, and no JPEG, no scaling and no turning by a degree brings it back. Such a
picture has one white wherever nothing stands, and at its edges hardly anything between black and white; paper that
was seen in shades has grain, and the edges that optics draw are wider.
"""

from __future__ import annotations

import cv2
import numpy as np

from docservice.tools.untrusted.pictures import Picture, Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_FEW = 4  # grey levels: with so few, faint ink is as lost as with two
_LOOKED_AT = 24  # rows, at first
_BANDS, _BAND = 8, 40  # then so many bands of so many rows
_LIGHT_SHARE, _DARK_SHARE = 0.85, 0.004  # quantiles of the grey levels, that stand for paper and for print
_LEAST_RANGE = 64  # grey levels from print to paper: of less nothing is told
_NEAR = 9  # pixels around, in which nothing may stand where paper is judged
_EVEN = 0.12  # of the range: less is even
_ONE_WHITE, _ROUGHLY_ONE_WHITE = 0.95, 0.5  # shares of what is lighter than halfway that are the same white
_WHITE, _BLACK = 250, 12  # grey levels of a picture that was black and white before it was scaled or turned
_MOSTLY = 0.4  # of the edges lie at true black
_BETWEEN, _BETWEEN_SCALED = 0.07, 0.23  # shares of the edges that are neither black nor white
_STEEP = 0.7  # of the range, from one pixel to the next
_EDGE = 0.6  # of the range, within five pixels
_LEAST_EDGE = 200  # pixels of edges: of fewer nothing is told


def has_shades(picture: Picture) -> bool:
    """False for black and white, also as JPEG, in grey, in two colours, scaled, or turned a little; and for so few
    levels that faint ink is lost among them. A picture of which little can be seen has shades."""
    if picture.bilevel:
        return False
    counts = np.bincount(_rows(picture, _LOOKED_AT, 1).ravel(), minlength=256)
    if np.count_nonzero(counts) <= _FEW:
        return False
    white = int(counts[64:].argmax()) + 64
    return int(counts[white]) < _ROUGHLY_ONE_WHITE * int(counts[white // 2 :].sum()) or not _is_two_toned(
        _rows(picture, _BANDS, _BAND)
    )


def _rows(picture: Picture, count: int, height: int) -> Pixels:
    """Bands of the picture, evenly spread, one below the other, in grey."""
    rows = picture.pixels.shape[0]
    if rows <= count * height:
        return picture.grey
    tops = [round(place * (rows - height) / (count - 1)) for place in range(count)]
    return Picture(np.concatenate([picture.pixels[top : top + height] for top in tops]), None, False).grey


def _is_two_toned(seen: Pixels) -> bool:
    total = np.cumsum(np.bincount(seen.ravel(), minlength=256))
    light, dark = (int(np.searchsorted(total, share * total[-1])) for share in (_LIGHT_SHARE, _DARK_SHARE))
    reach = light - dark
    if reach < _LEAST_RANGE:
        return False
    around = np.ones((_NEAR, _NEAR), np.uint8)
    even = cv2.subtract(cv2.dilate(seen, around), cv2.erode(seen, around)) < max(12.0, _EVEN * reach)
    paper = np.bincount(seen[even & (seen > light - 0.3 * reach)], minlength=256)
    if not paper.sum() or paper.max() < _ONE_WHITE * paper.sum():
        return False
    close = np.ones((5, 5), np.uint8)
    darkest = cv2.erode(seen, close)
    edge = cv2.subtract(cv2.dilate(seen, close), darkest)[1:, 1:] > _EDGE * reach
    if int(edge.sum()) < _LEAST_EDGE:
        return False
    between = ((seen > dark + 0.25 * reach) & (seen < light - 0.25 * reach))[1:, 1:]
    share = float(between[edge].mean())
    if share <= _BETWEEN:
        return True
    black = float((darkest[1:, 1:][edge] <= _BLACK).mean())
    if share > _BETWEEN_SCALED or black < _MOSTLY or int(paper.argmax()) < _WHITE:
        return False
    steps = cv2.max(cv2.absdiff(seen[1:, 1:], seen[1:, :-1]), cv2.absdiff(seen[1:, 1:], seen[:-1, 1:]))
    return float(np.median(cv2.dilate(steps, close)[edge])) >= _STEEP * reach
