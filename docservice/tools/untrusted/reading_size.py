"""The size at which pages are read, and the digest by which a page that was read is known again."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np

from docservice.tools.untrusted.pictures import Picture, Pixels

LONG_SIDE = 2400
"""Pixels: A4 at about 200 dpi, where a module of a page code has nearly five. More is not read, only slower."""


def at_reading_size(picture: Picture) -> tuple[Pixels, float]:
    """The pixels, made smaller where the picture is larger, and their size for that of the picture."""
    scale = LONG_SIDE / max(picture.pixels.shape)
    if scale > 0.95:
        return picture.pixels, 1.0
    return resized(picture.pixels, scale), scale


def resized(pixels: Pixels, scale: float) -> Pixels:
    """Smaller by averaging, so that thin strokes grow fainter and do not vanish.

    Halved while it can be, and the rest between neighbours: a fifth of the time that averaging over areas takes.
    """
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    while pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        even = pixels[: 2 * half[1], : 2 * half[0]]  # an odd row or column would cost thirty times as much
        pixels = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def negative(picture: Picture) -> Picture:
    """The picture with light and dark changed for each other."""
    return Picture(np.asarray(cv2.bitwise_not(picture.pixels), np.uint8), picture.dpi, picture.bilevel)


def pixel_digest(pixels: Pixels) -> str:
    """SHA-256 of the size and of every pixel."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def shows(picture: Picture, digest: str | None) -> bool:
    """Whether it has the very pixels, at the size and in the shades in which they were read, that gave this digest."""
    return any(pixel_digest(at_reading_size(way(picture))[0]) == digest for way in (_as_it_is, negative))


def _as_it_is(picture: Picture) -> Picture:
    return picture
