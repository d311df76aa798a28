"""How the printed page lies on a scan: first from the corners of its codes, then from patches of its print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.scans.reading.geometry import Placed, warped
from docservice.scans.reading.reference_pages import PATCH, Matrix, ReferencePage
from docservice.tools.untrusted.pictures import Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_LEAST_MATCH = 0.35  # correlation of a patch, from which it is found
_FEWEST = 6  # patches that are found, at least: four would do for a page seen at an angle
_ROUGHLY, _FINELY = 48, 60  # patches that are compared at most
_FROM_ONE, _FROM_TWO, _AGAIN = 36, 20, 10  # pixels around a patch, at half size: from one code, two, once more
_CLOSE, _WIDER = 9, 12  # the same at full size: from a rough place, and from two codes or once more
_AGREE = 3.0  # pixels at full size from where the others say a patch is, at most
_TRUSTED = 0.15  # share of patches that agree, from which a place is believed
_CLEAR = 0.6  # the same, from which no other is looked for
_EXACT = 0.97  # share of patches; where fewer agree a corner of the page may lie a millimetre off, as on photos
_BENT = 0.08  # of a code's width: from here on the page is seen at an angle


def register(grey: Pixels, codes: Sequence[NDArray[np.float32]], reference: ReferencePage) -> Placed | None:
    """Where the page lies, or None when that cannot be told. One code is enough; two are quicker.

    A page of which little but its two codes can be seen is placed by them alone, with a low score.
    """
    best: Placed | None = None
    alone = len(codes) < 2 or len(reference.codes) < 2
    for start in _starts(codes, reference):
        if not alone:
            exact = _refined(grey, reference, Placed(start, 0.0, 0), half=False, radius=_WIDER, bend=True)
            if exact.score > _CLEAR:
                return _more_exactly(grey, reference, exact)
        radius = _FROM_ONE if alone else _FROM_TWO
        found = _refined(grey, reference, Placed(start, 0.0, 0), half=True, radius=radius, bend=False)
        if _TRUSTED < found.score <= _CLEAR:
            found = _refined(grey, reference, found, half=True, radius=_AGAIN, bend=True)
        if best is None or found.score > best.score:
            best = found
        if best.score > _CLEAR:
            break
    exact_or_none = None if best is None else finely(grey, reference, best)
    if exact_or_none is None and not alone:
        return next((Placed(start, 0.0, 0) for start in _starts(codes, reference)), None)
    return exact_or_none


def finely(grey: Pixels, reference: ReferencePage, placed: Placed) -> Placed | None:
    """A rough placing made exact; None when too little agrees."""
    if placed.score < _TRUSTED:
        return None
    exact = _refined(grey, reference, placed, half=False, radius=_CLOSE, bend=True)
    return _more_exactly(grey, reference, exact) if exact.score >= _TRUSTED else placed


def _more_exactly(grey: Pixels, reference: ReferencePage, placed: Placed) -> Placed:
    """Patches that were too far off to agree are compared once more from where the others say they are."""
    if placed.score >= _EXACT:
        return placed
    again = _refined(grey, reference, placed, half=False, radius=_WIDER, bend=True)
    return max(again, placed, key=lambda found: found.score)


def misfit(codes: Sequence[NDArray[np.float32]], reference: ReferencePage) -> float:
    """How far two codes are from lying as on the printed page, for the way between them; 1 when that cannot be told."""
    target = np.vstack(list(codes))
    way = float(np.linalg.norm(codes[0].mean(axis=0) - codes[1].mean(axis=0)))
    errors = [1.0]
    for order in ((0, 1), (1, 0)) if len(reference.codes) == 2 else ():
        source = np.vstack([reference.codes[index] for index in order])
        turned = _affine(source, target)
        if turned is not None:
            errors.append(float(np.abs(source @ turned[:2, :2].T + turned[:2, 2] - target).max()) / way)
    return min(errors)


def _starts(codes: Sequence[NDArray[np.float32]], reference: ReferencePage) -> Iterator[Matrix]:
    if len(codes) >= 2 and len(reference.codes) >= 2:
        yield from _from_two(codes[:2], reference.codes[:2])
        return
    for code in codes:
        for printed in reference.codes:
            turned = _affine(printed, code)
            if turned is not None:
                yield turned


def _from_two(codes: Sequence[NDArray[np.float32]], printed: Sequence[NDArray[np.float32]]) -> Iterator[Matrix]:
    """Upper code to upper code: of both pairings the one that bends the page less."""
    ranked: list[tuple[float, Matrix, Matrix]] = []
    target = np.vstack(list(codes))
    for order in ((0, 1), (1, 0)):
        source = np.vstack([printed[index] for index in order])
        turned = _affine(source, target)
        bent, _ = cv2.findHomography(source, target, 0)
        if turned is not None and bent is not None:
            error = float(np.abs(source @ turned[:2, :2].T + turned[:2, 2] - target).max())
            ranked.append((error, turned, np.asarray(bent, np.float64)))
    if ranked:
        error, turned, bent_page = min(ranked, key=lambda entry: entry[0])
        yield bent_page if error > _BENT * float(np.linalg.norm(codes[0][0] - codes[0][1])) else turned


def _affine(source: NDArray[np.float32], target: NDArray[np.float32]) -> Matrix | None:
    turned: Any
    turned, _ = cv2.estimateAffinePartial2D(source, target, method=cv2.LMEDS)
    return None if turned is None else np.vstack([turned, [0.0, 0.0, 1.0]]).astype(np.float64)


def _refined(grey: Pixels, reference: ReferencePage, placed: Placed, *, half: bool, radius: int, bend: bool) -> Placed:
    factor = 0.5 if half else 1.0
    pixels = reference.small if half else reference.pixels
    patches = reference.patches[:: 1 + len(reference.patches) // (_ROUGHLY if half else _FINELY)]
    printed, found = _matches(grey, placed.to_scan, pixels, patches, factor, radius)
    total = max(1, len(patches))
    if len(found) < _FEWEST:
        return Placed(placed.to_scan, 0.5 * len(found) / total, len(found))
    step: Any  # None when nothing fits, whatever OpenCV's types say
    if bend:
        step, agreeing = cv2.findHomography(printed, found, cv2.RANSAC, _AGREE)
    else:
        step, agreeing = cv2.estimateAffine2D(printed, found, ransacReprojThreshold=_AGREE / factor)
        step = None if step is None else np.vstack([step, [0.0, 0.0, 1.0]])
    if step is None:
        return Placed(placed.to_scan, 0.0, 0)
    count = int(agreeing.sum())
    return Placed(placed.to_scan @ np.asarray(step, np.float64), count / total, count)


def _matches(
    grey: Pixels, to_scan: Matrix, pixels: Pixels, patches: Sequence[tuple[int, int]], factor: float, radius: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centres of patches, as printed and as found, in pixels of the reference at full size.

    Only the surroundings of the patches are laid straight: a sixth of the page.
    """
    width, height = int(PATCH[0] * factor), int(PATCH[1] * factor)
    printed, found = [], []
    for left, top in ((int(x * factor), int(y * factor)) for x, y in patches):
        patch = pixels[top : top + height, left : left + width]
        if patch.shape != (height, width):
            continue
        x, y = max(0, left - radius), max(0, top - radius)
        right, bottom = min(pixels.shape[1], left + width + radius), min(pixels.shape[0], top + height + radius)
        corner = np.array([[1.0, 0, x / factor], [0, 1.0, y / factor], [0, 0, 1.0]])
        window = warped(grey, to_scan @ corner, (right - x, bottom - y), factor)
        _, match, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED))
        if match > _LEAST_MATCH:
            found.append(((x + dx + width / 2) / factor, (y + dy + height / 2) / factor))
            printed.append(((left + width / 2) / factor, (top + height / 2) / factor))
    return np.array(printed, np.float32).reshape(-1, 2), np.array(found, np.float32).reshape(-1, 2)
