"""What a decoder in the sandbox hands out. Imported by the child process, so it imports next to nothing."""

from __future__ import annotations

from typing import NamedTuple

_FEWEST = 150  # pixels of the narrow side: of a sheet in A4 at 18 dpi, where no letter can be told from another


class Decoded(NamedTuple):
    """One page as decoded: rows of `stride` bytes. `layout` is L, RGB, BGR or BGRX, 8 bits each.

    `turn`: degrees clockwise (0, 90, 180, 270) by which it has to be turned to stand upright. `dpi_x` and `dpi_y`
    (0 when unknown) lie along its width and height as decoded. `bilevel`: it stands for a picture of one bit, whatever
    its pixels are now.
    """

    width: int
    height: int
    layout: str
    stride: int
    dpi_x: float
    dpi_y: float
    turn: int
    bilevel: bool
    data: memoryview


class Unreadable(Exception):
    """A file or page cannot be read; `code` is stable, `found` and `limit` are numbers where a limit is the reason."""

    def __init__(self, code: str, found: float = 0, limit: float = 0) -> None:
        super().__init__(code)
        self.code = code
        self.found = found
        self.limit = limit


class Bounds:
    """The limits a decoder keeps by itself, before it decodes anything."""

    def __init__(self, pages: int, pixels: int, metres: float, picture_pixels: int) -> None:
        self.pages = pages
        self.pixels = pixels
        self.metres = metres
        self.picture_pixels = picture_pixels

    def check_pages(self, found: int) -> None:
        """Unreadable when there are too many pages, or none."""
        if found == 0:
            raise Unreadable("no_pages")
        if found > self.pages:
            raise Unreadable("too_many_pages", found, self.pages)

    def check_pixels(self, width: int, height: int) -> None:
        """Unreadable when a picture of this size is too large."""
        if width * height > self.pixels:
            raise Unreadable("too_many_pixels", width * height, self.pixels)
        if width < 1 or height < 1:
            raise Unreadable("broken")

    def check_enough(self, width: int, height: int) -> None:
        """Unreadable when the picture of a page is so small that it cannot be one: a logo, a line."""
        if min(width, height) < _FEWEST:
            raise Unreadable("too_few_pixels", min(width, height), _FEWEST)

    def check_metres(self, *sides: float) -> None:
        """Unreadable when a side of a page is too long."""
        if max(sides) > self.metres:
            raise Unreadable("page_too_large", max(sides), self.metres)
