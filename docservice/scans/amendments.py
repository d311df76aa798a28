"""Ink outside the signature zones where the printed page has none: perhaps a change by hand."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.scans import Amendment
from docservice.scans.blank_pages import WORKING_DPI, BlankPage
from docservice.scans.geometry import Placed, warped
from docservice.scans.working import WorkingPicture
from docservice.tools.pictures import Pixels

_DPI = WORKING_DPI / 2
_MM = _DPI / 25.4
_EDGE = int(7 * _MM)
_SIDE = int(14 * _MM)  # where holes are punched
_CORNER = int(22 * _MM)
_AROUND_ZONE = (10.0, 9.0, 10.0, 10.0)  # millimetres left, above, right, below: where people write when they sign
_AROUND_CODE = 5.0
_LEAST_DARK = 45
_LEAST_INK = 2.5  # square millimetres
_LEAST_SIZE = 3.5  # millimetres
_MOST_SIZE = 70.0  # millimetres: beyond it is a shadow
_GRAIN = 12  # pixels
_WIDEST_STROKE = 2.2  # millimetres: beyond it is a stain, a hole or a shadow
_SOFT = 0.16
_STRAIGHT = 0.6  # millimetres of spread: a scratch, a fold, a streak
_STRUCK = (5.0, 60.0)  # millimetres; what is longer is a fold or a streak
_STRUCK_DARK = 0.5  # of the darkness of the print
_GAPS = 0.93  # share of the gaps between letters that are lighter than a line through them; blur makes them dark
_THROUGH = 0.45  # of its length a line goes through print
_TRUSTED = 0.6
_PRINTED = 235
_MOST = 12
Levels = NDArray[np.uint8]


def amendments(picture: WorkingPicture, placed: Placed, blank: BlankPage) -> tuple[Amendment, ...]:
    """The places, the largest first, at most twelve; nothing when the page lies too uncertainly to tell."""
    if placed.score < _TRUSTED:
        return ()
    height, width = blank.small.shape
    dark = _darkness(warped(picture.grey, placed.to_scan, (width, height), 0.5), bilevel=picture.source.bilevel)
    elsewhere = _elsewhere(blank)
    fresh = (
        (dark > _threshold(dark, blank.small)) & (_print(blank.small, bilevel=picture.source.bilevel) == 0)
    ).astype(np.uint8)
    fresh[elsewhere > 0] = 0
    fresh[_straight(fresh) > 0] = 0
    struck = _struck(dark, blank.small)
    struck[elsewhere > 0] = 0
    ink = np.maximum(_without_grains(fresh), struck)
    joined = cv2.dilate(ink, np.ones((int(3 * _MM), int(4 * _MM)), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined)
    found = []
    for number in range(1, count):
        x, y, w, h = boxes[number, :4].tolist()
        part = np.s_[y : y + h, x : x + w]
        here = np.where(labels[part] == number, ink[part], 0).astype(np.uint8)
        if max(w, h) < _MOST_SIZE * _MM and ((here & struck[part]).any() or _is_writing(here, dark[part])):
            x0, y0, x1, y1 = (round(place, 1) for place in blank.point_rect(2 * x, 2 * y, 2 * (x + w), 2 * (y + h)))
            found.append(Amendment((x0, y0, x1, y1), round(float(here.sum()) / _MM**2, 1)))
    return tuple(sorted(found, key=lambda amendment: -amendment.ink)[:_MOST])


def _darkness(seen: Pixels, *, bilevel: bool) -> Levels:
    """0 for the paper beneath, 255 for black; the dots that a bilevel picture makes of shades are smoothed away."""
    small = cv2.resize(seen, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    closed = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), (0, 0), 1.5)
    paper = cv2.max(cv2.resize(closed, seen.shape[::-1]), np.full(seen.shape, 30, np.uint8))
    return np.asarray(
        255 - cv2.GaussianBlur(cv2.divide(seen, paper, scale=255), (0, 0), 1.1 if bilevel else 0.6), np.uint8
    )


def _threshold(dark: Levels, printed: Pixels) -> float:
    free = dark[::3, ::3][printed[::3, ::3] > 250]
    if not free.size:
        return 255.0
    middle = _level(free, 0.5)
    spread = 1.4826 * _level(cv2.absdiff(free, np.full_like(free, round(middle))), 0.5)
    return max(_LEAST_DARK, middle + 9 * spread)


def _level(levels: NDArray[Any], share: float) -> float:
    """The level that this share does not exceed."""
    counts = np.bincount(np.asarray(levels, np.uint8).ravel(), minlength=256)
    return float(np.searchsorted(np.cumsum(counts), share * counts.sum()))


def _without_grains(fresh: Levels) -> Levels:
    """Ink without what is smaller than any stroke: dust, and the dots that shades are made of."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(fresh, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _GRAIN
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def _struck(dark: Levels, printed: Pixels) -> Levels:
    """Lines through print that the page does not have."""
    black = dark[printed < 90]
    gaps = dark[(cv2.erode(printed, np.ones((1, 5), np.uint8)) < 128) & (printed > 200)]
    if not black.size or not gaps.size:
        return np.zeros(dark.shape, np.uint8)
    reach = np.ones((1, int(_STRUCK[0] * _MM)), np.uint8)
    level = max(_STRUCK_DARK * _level(black, 0.5), _level(gaps, _GAPS))
    seen = cv2.morphologyEx((dark > level).astype(np.uint8), cv2.MORPH_OPEN, reach)
    ruled = (printed < 160).astype(np.uint8)
    ruled = cv2.dilate(cv2.morphologyEx(ruled, cv2.MORPH_OPEN, reach), np.ones((9, 9), np.uint8))
    lines = cv2.dilate(np.where(ruled > 0, 0, seen).astype(np.uint8), np.ones((3, 3), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(lines)
    text = (printed < _PRINTED).astype(np.uint8)
    for number in range(1, count):
        x, y, w, h = boxes[number, :4].tolist()
        part = np.s_[y : y + h, x : x + w]
        through = float(text[part].any(axis=0).mean())
        if not _STRUCK[0] <= w / _MM <= _STRUCK[1] or through < _THROUGH or h > w / 2:
            lines[part][labels[part] == number] = 0
    return np.asarray(lines, np.uint8)


def _print(printed: Pixels, *, bilevel: bool) -> Pixels:
    reach = 7 if bilevel else 5
    return np.asarray(cv2.dilate((printed < _PRINTED).astype(np.uint8), np.ones((reach, reach), np.uint8)), np.uint8)


def _elsewhere(blank: BlankPage) -> Pixels:
    """Where ink is no change: the edges, the zones and around them, the codes, and places to be filled in."""
    mask = np.ones(blank.small.shape, np.uint8)
    mask[_EDGE:-_EDGE, _SIDE:-_SIDE] = 0
    for rows in (np.s_[:_CORNER], np.s_[-_CORNER:]):
        mask[rows, :_CORNER] = mask[rows, -_CORNER:] = 1  # staples, folds and dog-ears
    for zone in blank.zones:
        left, top, right, bottom = (place // 2 for place in blank.pixel_rect(zone.rect))
        more = [int(distance * _MM) for distance in _AROUND_ZONE]
        mask[max(0, top - more[1]) : bottom + more[3], max(0, left - more[0]) : right + more[2]] = 1
    for code in blank.codes:
        (left, top), (right, bottom) = (code.min(axis=0) / 2).astype(int), (code.max(axis=0) / 2).astype(int)
        more_ = int(_AROUND_CODE * _MM)
        mask[max(0, top - more_) : bottom + more_, max(0, left - more_) : right + more_] = 1
    for left, top, right, bottom in blank.writing:
        mask[top // 2 : bottom // 2, left // 2 : right // 2] = 1
    return mask


def _straight(fresh: NDArray[np.uint8]) -> NDArray[np.uint8]:
    length = int(14 * _MM)
    across = cv2.morphologyEx(fresh, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(fresh, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(cv2.dilate(np.maximum(across, down), np.ones((5, 5), np.uint8)), np.uint8)


def _is_writing(ink: Levels, dark: Levels) -> bool:
    area = float(ink.sum()) / _MM**2
    ys, xs = np.nonzero(ink)
    if area < _LEAST_INK or max(np.ptp(xs), np.ptp(ys)) < _LEAST_SIZE * _MM:
        return False
    if float(np.linalg.eigvalsh(np.cov(np.stack([xs, ys]).astype(np.float64)))[0]) ** 0.5 < _STRAIGHT * _MM:
        return False
    if 2 * float(cv2.distanceTransform(ink, cv2.DIST_L2, 3).max()) > _WIDEST_STROKE * _MM:
        return False
    mask = ink > 0
    slope = np.hypot(cv2.Sobel(dark, cv2.CV_32F, 1, 0), cv2.Sobel(dark, cv2.CV_32F, 0, 1))[mask] / 8
    return float(np.percentile(slope, 80)) / max(1.0, float(np.percentile(dark[mask], 80))) > _SOFT
