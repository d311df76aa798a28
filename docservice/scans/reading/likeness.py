"""Where a page without a readable code roughly lies on a printed page it may be, by looks alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.scans.reading.geometry import Placed
from docservice.scans.reading.reference_pages import ReferencePage
from docservice.tools.untrusted.pictures import Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_SIDE = 1290  # pixels of the long side at which pages are compared: A4 at about 110 dpi
_FEATURES = 1500  # landmarks of a page, at most
_CONTRAST = 12  # grey levels by which a landmark stands out
_NEAREST = 0.8  # of the distance to the second likest landmark, at most: otherwise it may be either
_FEWEST = 20  # landmarks that agree, at least
_REACH = 4.0  # pixels of the picture from where a landmark should be, at most


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The landmarks of a picture: their places (n, 2) in its pixels, and what they look like (n, 32)."""

    places: NDArray[np.float32]
    features: NDArray[np.uint8]


def looks(grey: Pixels) -> Looks:
    """The landmarks of a page, whichever way it lies."""
    scale = min(1.0, _SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    keys, features = cv2.ORB.create(nfeatures=_FEATURES, fastThreshold=_CONTRAST).detectAndCompute(small, None)
    places = np.array([key.pt for key in keys], np.float32).reshape(-1, 2) / np.float32(scale)
    found: Any = features
    return Looks(places, np.zeros((0, 32), np.uint8) if found is None else np.asarray(found, np.uint8))


def propose(seen: Looks, reference: ReferencePage) -> Placed | None:
    """How the page would lie if it were this one; None when too few landmarks agree."""
    printed = looks(reference.pixels)
    if len(seen.places) < _FEWEST or len(printed.places) < _FEWEST:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(printed.features, seen.features, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _NEAREST * pair[1].distance]
    if len(good) < _FEWEST:
        return None
    source = printed.places[[match.queryIdx for match in good]]
    target = seen.places[[match.trainIdx for match in good]]
    found: Any
    found, agreeing = cv2.findHomography(source, target, cv2.RANSAC, _REACH)
    if found is None or int(agreeing.sum()) < _FEWEST:
        return None
    return Placed(np.asarray(found, np.float64), float(agreeing.mean()), int(agreeing.sum()))
