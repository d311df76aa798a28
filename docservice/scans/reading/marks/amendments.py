"""Ink outside the signature zones where the printed page has none: perhaps a change by hand."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.returned.scans import Amendment
from docservice.scans.reading.geometry import Placed, warped
from docservice.scans.reading.ink import (
    MM,
    Levels,
    components,
    darkness,
    is_writing,
    level_at,
    patches,
    straight,
    threshold,
    without_grains,
)
from docservice.scans.reading.reference_pages import ReferencePage
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_EDGE = int(7 * MM)  # pixels at the upper and lower edge: shadows, and what is cut off
_SIDE = int(14 * MM)  # pixels at the sides, where holes are punched
_CORNER = int(22 * MM)  # pixels: staples, folds and dog-ears
_AROUND_ZONE = (10.0, 9.0, 10.0, 10.0)  # millimetres left, above, right, below: where people write when they sign
_OVERHANG = 15.0  # millimetres that a stamp or a long stroke may reach out of these places
_WITHIN = 0.3  # of its ink that is in them
_AROUND_CODE = 5.0  # millimetres
_MOST_SIZE = 70.0  # millimetres: beyond it is a shadow
_STRUCK = (5.0, 60.0)  # millimetres of a line through print; what is longer is a fold or a streak
_STRUCK_DARK = 0.3  # of the darkness of the print that it is darker
_BLURS = (0.5, 0.8, 1.2, 1.8, 2.6)  # pixels (standard deviation), of which the one that the scan has is taken
_BLACKER = 1.15  # times as black as the blurred print may be at most
_BLACKENED = 60  # levels of grey print that a scan of two levels may show as black
_LOST = 40  # of 255: where black print is lighter, most of it is gone, and what is left of it is no line
_LETTER = 9  # pixels; in the letters themselves no line is seen
_THROUGH = 0.45  # of its length a line goes through print
_GAPS = 3  # columns at least without print, to tell a line by its standing between the letters
_MANY_GAPS, _AS_BLACK = 6, 0.8  # of fewer columns the line has to be as black there as in the letters, by this share
_BETWEEN = 0.6  # share of these columns in which a line is seen in black and white
_SEEN, _SEEN_BILEVEL = 0.25, 0.5  # share of all its columns
_BEYOND = 8.0  # millimetres beyond its ends in which a fold or a streak goes on
_FAINTER = 0.35  # of the line's darkness that it has there
_TRUSTED = 0.6  # share of patches that agree: of a page that lies less surely nothing is told
_PRINTED = 235  # grey levels: darker than this is print
_MOST = 12  # changes that are told of a page: the largest


def amendments(picture: WorkingPicture, placed: Placed, reference: ReferencePage) -> tuple[Amendment, ...]:
    """The places, the largest first, at most twelve; nothing when the page lies too uncertainly to tell."""
    if placed.score < _TRUSTED:
        return ()
    height, width = reference.small.shape
    dark = darkness(warped(picture.grey, placed.to_scan, (width, height), 0.5), bilevel=picture.bilevel)
    elsewhere, signing, near = _elsewhere(reference), _signing(reference), _signing(reference, _OVERHANG)
    fresh = (
        (dark > threshold(dark, reference.small > 250)) & (_print(reference.small, bilevel=picture.bilevel) == 0)
    ).astype(np.uint8)
    fresh[elsewhere > 0] = 0
    fresh[straight(fresh) > 0] = 0
    outside = without_grains(np.where(signing > 0, 0, fresh).astype(np.uint8))
    if cv2.countNonZero(outside & near):
        outside[_reaching_out(without_grains(fresh), signing, near) > 0] = 0
    struck = _struck(dark, reference.small, bilevel=picture.bilevel)
    struck[(elsewhere | signing) > 0] = 0
    ink = np.maximum(outside, struck)
    found = []
    for part, here in patches(ink):
        (y0, y1), (x0, x1) = ((side.start, side.stop) for side in part)
        if max(x1 - x0, y1 - y0) >= _MOST_SIZE * MM:
            continue
        if (here & struck[part]).any() or is_writing(here, dark[part]):
            left, bottom, right, top = (
                round(place, 1) for place in reference.point_rect(2 * x0, 2 * y0, 2 * x1, 2 * y1)
            )
            found.append(Amendment((left, bottom, right, top), round(float(here.sum()) / MM**2, 1)))
    return tuple(sorted(found, key=lambda amendment: -amendment.ink)[:_MOST])


def _expected(dark: Levels, printed: Pixels, *, bilevel: bool) -> Levels:
    """How dark the print may be at most on this scan: as blurred and as black as it is seen there, a pixel beside its
    place at most. In black and white grey print is black or gone."""
    toner = 255 - printed
    if bilevel:
        toner = np.asarray(np.where(toner > _BLACKENED, 255, toner), np.uint8)
    band = np.s_[_CORNER : printed.shape[0] // 3]
    near = cv2.dilate(toner[band], np.ones((3, 5), np.uint8)) > 100
    best = toner
    seen = dark[band][near].astype(np.float32)
    if seen.size and np.ptp(seen) > 0:
        guesses = (cv2.GaussianBlur(toner[band], (0, 0), blur)[near].astype(np.float32) for blur in _BLURS)
        fits = [
            (float(np.corrcoef(seen, guess)[0, 1]), float(seen @ guess) / float(guess @ guess)) for guess in guesses
        ]
        (_, factor), blur = max(zip(fits, _BLURS, strict=True))
        best = np.asarray(cv2.convertScaleAbs(cv2.GaussianBlur(toner, (0, 0), blur), alpha=factor * _BLACKER), np.uint8)
    return np.asarray(cv2.dilate(best, np.ones((3, 3), np.uint8)), np.uint8)


def _struck(dark: Levels, printed: Pixels, *, bilevel: bool) -> Levels:
    """Lines through print that the page does not have."""
    black = level_at(dark[printed < 90], 0.5) if (printed < 90).any() else 0.0
    if black < (_LOST if bilevel else 1):
        return np.zeros(dark.shape, np.uint8)
    over = np.asarray(cv2.subtract(dark, _expected(dark, printed, bilevel=bilevel)), np.uint8)
    excess = (over > _STRUCK_DARK * black).astype(np.uint8)
    joined = cv2.morphologyEx(excess, cv2.MORPH_CLOSE, np.ones((1, _LETTER), np.uint8))
    seen = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, int(_STRUCK[0] * MM)), np.uint8))
    if not cv2.countNonZero(seen):
        return np.zeros(dark.shape, np.uint8)
    lines = cv2.dilate(seen, np.ones((3, 3), np.uint8))
    labels, boxes = components(np.asarray(lines, np.uint8))
    text = (printed < _PRINTED).astype(np.uint8)
    for number, (x, y, w, h, _) in enumerate(boxes[1:].tolist(), start=1):
        part = np.s_[y : y + h, x : x + w]
        through = np.asarray(text[part].any(axis=0), np.bool_)
        drawn = np.asarray(((labels[part] == number) & (excess[part] > 0)).any(axis=0), np.bool_)
        from_edge = x < _SIDE or x + w > lines.shape[1] - _SIDE
        long = from_edge or not _STRUCK[0] <= w / MM <= _STRUCK[1] or _goes_on(over, x, y, w, h)
        level = np.asarray(dark[part].max(axis=0), np.float32)
        if long or through.mean() < _THROUGH or h > w / 2 or not _is_line(drawn, level, ~through, bilevel=bilevel):
            lines[part][labels[part] == number] = 0
    return np.asarray(lines, np.uint8)


def _is_line(drawn: NDArray[np.bool_], level: NDArray[np.float32], gaps: NDArray[np.bool_], *, bilevel: bool) -> bool:
    """Whether what is darker than print is a line, column by column. In black and white fat letters run together like
    one: there it has to stand in the gaps between them, too."""
    if not bilevel:
        return bool(drawn.mean() >= _SEEN)
    if drawn.mean() < _SEEN_BILEVEL or gaps.sum() < _GAPS or drawn[gaps].mean() < _BETWEEN:
        return False
    black = float(np.median(level[gaps])) >= _AS_BLACK * float(np.median(level[~gaps])) if (~gaps).any() else True
    return bool(gaps.sum() >= _MANY_GAPS or black)


def _print(printed: Pixels, *, bilevel: bool) -> Pixels:
    reach = 7 if bilevel else 5
    return np.asarray(cv2.dilate((printed < _PRINTED).astype(np.uint8), np.ones((reach, reach), np.uint8)), np.uint8)


def _signing(reference: ReferencePage, beyond: float = 0.0) -> Pixels:
    """The zones and around them, and so many millimetres beyond."""
    mask = np.zeros(reference.small.shape, np.uint8)
    for zone in reference.zones:
        left, top, right, bottom = (place // 2 for place in reference.pixel_rect(zone.rect))
        more = [int((distance + beyond) * MM) for distance in _AROUND_ZONE]
        mask[max(0, top - more[1]) : bottom + more[3], max(0, left - more[0]) : right + more[2]] = 1
    return mask


def _reaching_out(ink: Levels, signing: Pixels, near: Pixels) -> Levels:
    """What reaches out of the places for signing, with a good share of it in them and all of it near: a stamp, the end
    of a signature."""
    found = np.zeros(ink.shape, np.uint8)
    for part, here in patches(ink):
        within = here & signing[part]
        if within.sum() >= _WITHIN * here.sum() and not (here & (1 - near[part])).any():
            found[part] |= here
    return found


def _elsewhere(reference: ReferencePage) -> Pixels:
    """Where ink is no change by hand: the edges, the codes, and places to be filled in."""
    mask = np.ones(reference.small.shape, np.uint8)
    mask[_EDGE:-_EDGE, _SIDE:-_SIDE] = 0
    for rows in (np.s_[:_CORNER], np.s_[-_CORNER:]):
        mask[rows, :_CORNER] = mask[rows, -_CORNER:] = 1  # staples, folds and dog-ears
    for code in reference.codes:
        (left, top), (right, bottom) = (code.min(axis=0) / 2).astype(int), (code.max(axis=0) / 2).astype(int)
        more_ = int(_AROUND_CODE * MM)
        mask[max(0, top - more_) : bottom + more_, max(0, left - more_) : right + more_] = 1
    for left, top, right, bottom in reference.writing:
        mask[top // 2 : bottom // 2, left // 2 : right // 2] = 1
    return mask


def _goes_on(over: Levels, x: int, y: int, width: int, height: int) -> bool:
    """Whether a line goes on beyond its ends, fainter: a fold or a streak, and no stroke of a pen."""
    reach = int(_BEYOND * MM)
    inside = level_at(over[y : y + height, x : x + width].max(axis=0), 0.7)
    ends = (
        over[y : y + height, max(0, x - reach) : max(0, x - 4)],
        over[y : y + height, x + width + 4 : x + width + reach],
    )
    return any(end.shape[1] > reach // 2 and level_at(end.max(axis=0), 0.4) > _FAINTER * inside for end in ends)
