"""Ink outside the signature zones where the printed page has none: perhaps a change by hand."""

from __future__ import annotations

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
_CORNER = int(22 * _MM)
_AROUND_ZONE = (10.0, 9.0, 10.0, 10.0)  # millimetres left, above, right, below: where people write when they sign
_AROUND_CODE = 5.0
_LEAST_DARK = 45.0
_LEAST_INK = 2.5  # square millimetres
_LEAST_SIZE = 3.5  # millimetres
_WIDEST_STROKE = 2.2  # millimetres: beyond it is a stain, a hole or a shadow
_SOFT = 0.16
_STRAIGHT = 0.6  # millimetres of spread: a scratch, a fold, a streak
_TRUSTED = 0.6
_MOST = 12


def amendments(picture: WorkingPicture, placed: Placed, blank: BlankPage) -> tuple[Amendment, ...]:
    """The places, the largest first, at most twelve; nothing when the page lies too uncertainly to tell."""
    if placed.score < _TRUSTED:
        return ()
    height, width = blank.small.shape
    seen = warped(picture.grey, placed.to_scan, (width, height), 0.5)
    dark = _darkness(seen)
    fresh = (
        (dark > _threshold(dark, blank.small)) & (_print(blank.small, bilevel=picture.source.bilevel) == 0)
    ).astype(np.uint8)
    fresh[_elsewhere(blank) > 0] = 0
    fresh[_straight(fresh) > 0] = 0
    joined = cv2.dilate(fresh, np.ones((int(3 * _MM), int(4 * _MM)), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined)
    slope = np.hypot(cv2.Sobel(dark, cv2.CV_32F, 1, 0), cv2.Sobel(dark, cv2.CV_32F, 0, 1)) / 8
    found = []
    for number in range(1, count):
        x, y, w, h = boxes[number, :4].tolist()
        part = np.s_[y : y + h, x : x + w]
        ink = np.where(labels[part] == number, fresh[part], 0).astype(np.uint8)
        if _is_writing(ink, dark[part], slope[part]):
            rect = blank.point_rect(2 * x, 2 * y, 2 * (x + w), 2 * (y + h))
            found.append(Amendment((*(round(place, 1) for place in rect),), round(float(ink.sum()) / _MM**2, 1)))  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda amendment: -amendment.ink)[:_MOST])


def _darkness(seen: Pixels) -> NDArray[np.float32]:
    small = cv2.resize(seen, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.resize(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), seen.shape[::-1])
    paper = cv2.GaussianBlur(paper, (0, 0), 6)
    even = np.clip(seen.astype(np.float32) * (255 / np.maximum(paper, 30).astype(np.float32)), 0, 255)
    return np.asarray(cv2.GaussianBlur(255 - even, (0, 0), 0.6), np.float32)


def _threshold(dark: NDArray[np.float32], printed: Pixels) -> float:
    free = dark[::3, ::3][printed[::3, ::3] > 250]
    if not free.size:
        return 255.0
    middle = float(np.median(free))
    return max(_LEAST_DARK, middle + 9 * 1.4826 * float(np.median(np.abs(free - middle))))


def _print(printed: Pixels, *, bilevel: bool) -> Pixels:
    reach = 7 if bilevel else 5
    return np.asarray(cv2.dilate((printed < 235).astype(np.uint8), np.ones((reach, reach), np.uint8)), np.uint8)


def _elsewhere(blank: BlankPage) -> Pixels:
    """Where ink is no change: the edges, the zones and around them, the codes, and places to be filled in."""
    mask = np.ones(blank.small.shape, np.uint8)
    mask[_EDGE:-_EDGE, _EDGE:-_EDGE] = 0
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


def _is_writing(ink: NDArray[np.uint8], dark: NDArray[np.float32], slope: NDArray[np.float64]) -> bool:
    area = float(ink.sum()) / _MM**2
    ys, xs = np.nonzero(ink)
    if area < _LEAST_INK or max(np.ptp(xs), np.ptp(ys)) < _LEAST_SIZE * _MM:
        return False
    if float(np.linalg.eigvalsh(np.cov(np.stack([xs, ys]).astype(np.float64)))[0]) ** 0.5 < _STRAIGHT * _MM:
        return False
    if 2 * float(cv2.distanceTransform(ink, cv2.DIST_L2, 3).max()) > _WIDEST_STROKE * _MM:
        return False
    mask = ink > 0
    return float(np.percentile(slope[mask], 80)) / max(1.0, float(np.percentile(dark[mask], 80))) > _SOFT
