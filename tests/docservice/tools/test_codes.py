"""Page codes: what is drawn is read back, always the same way, and small enough to print."""

from __future__ import annotations

import re
import zlib

import cv2
import numpy as np
import pytest

from docservice.domain.page_codes import PageCode
from docservice.tools.codes import WIDTH, CodeDrawer, CodeReader, Raster

PAYLOAD = PageCode("0123456789ABCDEFGHJK", 7).payload()


def unpacked(png: bytes) -> Raster:
    """The picture in a PNG of one bit a pixel, as CodeDrawer writes it."""
    start, length = png.index(b"IDAT") + 4, int.from_bytes(png[png.index(b"IDAT") - 4 : png.index(b"IDAT")], "big")
    side = int.from_bytes(png[16:20], "big")
    raw = zlib.decompress(png[start : start + length])
    pixels = bytearray()
    for y in range(side):
        line = raw[y * (side // 8 + 1) + 1 : (y + 1) * (side // 8 + 1)]
        pixels += bytes(255 if byte >> bit & 1 else 0 for byte in line for bit in range(7, -1, -1))
    return Raster(bytes(pixels), side, side)


def test_a_drawn_code_is_read_back() -> None:
    assert CodeReader().read(unpacked(CodeDrawer().png(PAYLOAD))) == [PAYLOAD]


def test_an_empty_picture_holds_no_code() -> None:
    assert CodeReader().read(Raster(b"\xff" * 10_000, 100, 100)) == []


def test_the_drawing_has_25_modules_and_a_quiet_zone_of_4() -> None:
    corners = [tuple(map(int, start)) for start in re.findall(r"M(\d+) (\d+)", CodeDrawer().path(PAYLOAD))]
    assert WIDTH == 33
    assert min(min(corner) for corner in corners) == 4
    assert max(max(corner) for corner in corners) < 29


def test_the_same_payload_gives_the_same_drawing() -> None:
    assert CodeDrawer().svg(PAYLOAD) == CodeDrawer().svg(PAYLOAD)
    assert CodeDrawer().png(PAYLOAD) == CodeDrawer().png(PAYLOAD)


def test_a_code_survives_the_loss_of_a_tenth_of_its_modules() -> None:
    picture = unpacked(CodeDrawer().png(PAYLOAD))
    pixels = bytearray(picture.pixels)
    for y in range(150, 210):
        pixels[y * picture.width + 150 : y * picture.width + 220] = b"\xff" * 70
    assert CodeReader().read(Raster(bytes(pixels), picture.width, picture.height)) == [PAYLOAD]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("behind", [False, True])
def test_a_code_that_shines_through_from_the_other_side_is_told_apart(turns: int, behind: bool) -> None:
    payload = PageCode("0123456789ABCDEFGHJK", 2).payload()
    drawn = cv2.imdecode(np.frombuffer(CodeDrawer().png(payload), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert drawn is not None
    seen = np.rot90(drawn[:, ::-1] if behind else drawn, turns)
    (found,) = CodeReader().find(np.asarray(seen, np.uint8))
    assert (found.text, found.mirrored) == (payload, behind)
