"""Pictures that show several pages: a booklet on the glass, pages printed two on a sheet, sheets on a table."""

from __future__ import annotations

import cv2
import numpy as np

from docservice.tools.untrusted.pictures import Pixels

TABLE = 120  # grey level


def side_by_side(*pages: Pixels) -> Pixels:
    """The pages on one glass, as a booklet lies on it."""
    return np.ascontiguousarray(np.hstack(pages))


def two_up(first: Pixels, second: Pixels) -> Pixels:
    """Two pages reduced on one sheet that is as large as each of them was."""
    height, width = first.shape[:2]
    size = round(height / 2), min(width, round(height / 2 * height / width))
    small = [cv2.resize(page, size, interpolation=cv2.INTER_AREA) for page in (first, second)]
    return np.ascontiguousarray(np.hstack(small))


def on_a_table(
    *pages: Pixels,
    turned: tuple[float, ...] = (3.0, -4.0),
    gap: int = 60,
    lean: float = 0.06,
    first_on_top: bool = True,
) -> Pixels:
    """The sheets side by side on a table, each turned by so many degrees, photographed from a little below. A negative
    `gap` (pixels) lays one over the other."""
    height, width = pages[0].shape[:2]
    edge = 160
    frame = np.full(
        (height + 2 * edge, len(pages) * (width + gap) - gap + 2 * edge, *pages[0].shape[2:]), TABLE, np.uint8
    )
    placed = list(zip(range(len(pages)), pages, turned, strict=True))
    for number, page, degrees in reversed(placed) if first_on_top else placed:
        left = edge + number * (width + gap)
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        turn[:, 2] += left, edge
        size = frame.shape[1], frame.shape[0]
        laid = cv2.warpAffine(page, turn, size, flags=cv2.INTER_AREA)
        sheet = cv2.warpAffine(np.full(page.shape[:2], 255, np.uint8), turn, size, flags=cv2.INTER_NEAREST)
        frame[sheet > 0] = laid[sheet > 0]
    tall, wide = frame.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    seen = corners + np.array([[lean * wide / 2, 0], [-lean * wide / 2, 0], [0, 0], [0, 0]], np.float32)
    lens = cv2.getPerspectiveTransform(corners, seen)
    return np.asarray(
        cv2.warpPerspective(frame, lens, (wide, tall), flags=cv2.INTER_AREA, borderValue=(TABLE,) * 3), np.uint8
    )
