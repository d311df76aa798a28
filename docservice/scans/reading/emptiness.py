"""Whether nothing stands on a page: no word, no stroke, no photo, neither dark on light nor light on dark."""

from __future__ import annotations

import cv2
import numpy as np

from docservice.scans.reading.ink import has_writing
from docservice.scans.reading.working_image import WorkingPicture
from docservice.tools.untrusted.pictures import Pixels

# The numbers this step goes by; how far each can be moved is in docs/calibration.md.
_NO_PAPER = 60  # grey levels: where most is darker than this no paper is seen
_DARK_PAPER = 128  # grey levels: where most is darker, light writing is looked for, too
_SHADE = 0.72  # of the paper: what is darker may be a photo
_MM = 1.97  # pixels of a quarter of the working picture (200 dpi) in a millimetre
_PHOTO = 100.0  # square millimetres of a photo, at least: a punch hole has 28
_MOST = 0.45  # of the picture: a larger dark patch is no lid and no table
_TEXTURE = 18.0  # grey levels (standard deviation) from which a dark patch is full of detail; a scanner's lid is even


def is_empty(picture: WorkingPicture) -> bool:
    """Whether nothing is there but paper and what scanners add. A picture in which no paper can be seen is not
    said to be empty: what is in the dark cannot be known."""
    middle = float(np.median(picture.small))
    if middle < _NO_PAPER or _has_photo(picture.small):
        return False
    coarse, bilevel = picture.coarse, picture.bilevel
    if middle < _DARK_PAPER and has_writing(np.asarray(cv2.bitwise_not(coarse), np.uint8), bilevel=bilevel):
        return False
    return not has_writing(coarse, bilevel=bilevel)


def _has_photo(small: Pixels) -> bool:
    """Whether a patch is much darker than the paper: no fold, hole or stain is so large. What comes in from the edge
    is the scanner's lid or a table, unless it is full of detail and on one or two sides alone."""
    paper = float(np.percentile(small, 90))
    dark = cv2.morphologyEx((small < _SHADE * paper).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark)
    height, width = small.shape
    for number, (x, y, wide, high, area) in enumerate(stats.tolist()):
        if number == 0 or area < _PHOTO * _MM**2:
            continue
        sides = (x < 2) + (y < 2) + (x + wide > width - 2) + (y + high > height - 2)
        inner = cv2.erode((labels == number).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        detailed = bool(inner.any()) and float(small[inner].std()) > _TEXTURE
        if sides == 0 or area > _MOST * small.size or (sides <= 2 and detailed):
            return True
    return False
