"""What a decoder in the sandbox hands out. Imported by the child process, so it imports next to nothing."""

from __future__ import annotations

from typing import NamedTuple

_INCH = 0.0254
_SHORTEST, _LONGEST = 0.03, 0.5  # metres of the longer side of what comes out of a scanner
_DEFAULTS = (72.0, 96.0)  # resolutions that programs write which know none
_SLACK = 0.1
_FEWEST = 150  # pixels of the narrow side: of a sheet in A4 at 18 dpi, where no letter can be told from another
BILEVEL = 2.5
"""So many times as many pixels may a page have whose pixels are one bit each (A4 in 1200 dpi has 139 million)."""


def is_sheet(width: int, height: int, dpi_x: float, dpi_y: float) -> bool:
    """Whether a picture is the size of a sheet by its resolution; many programs write one that they do not know."""
    if not (dpi_x > 0 and dpi_y > 0) or any(abs(dpi_x - default) < _SLACK for default in _DEFAULTS):
        return False
    return _SHORTEST <= max(width / dpi_x, height / dpi_y) * _INCH <= _LONGEST


class Decoded(NamedTuple):
    """One page as decoded: rows of `stride` bytes. `layout` is L, RGB, BGR or BGRX, 8 bits each.

    `turn`: degrees clockwise (0, 90, 180, 270) by which it has to be turned to stand upright. `dpi_x` and `dpi_y`
    (0 when unknown) lie along its width and height as decoded. `bilevel`: it stands for a picture of one bit, whatever
    its pixels are now. `hints`: what was odd about it (see `picture_hints`).
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
    hints: tuple[str, ...] = ()


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

    def check_pixels(self, width: int, height: int, *, bilevel: bool = False) -> None:
        """Unreadable when a picture of this size is too large."""
        if width * height > self.pixels * (BILEVEL if bilevel else 1):
            raise Unreadable("too_many_pixels", width * height, self.pixels)
        if width < 1 or height < 1:
            raise Unreadable("broken")

    def check_enough(self, width: int, height: int) -> None:
        """Unreadable when the picture of a page is so small that it cannot be one: a logo, a line."""
        if min(width, height) < _FEWEST:
            raise Unreadable("too_few_pixels", min(width, height), _FEWEST)

    def check_area(self, width: float, height: float, dpi: float) -> None:
        """Unreadable when a page, in metres, is too large to be drawn as finely as the pictures on it.

        A large sheet of few pixels is only a picture whose resolution nobody knew.
        """
        if max(width, height) > self.metres and width * height * (dpi / _INCH) ** 2 > self.pixels:
            raise Unreadable("page_too_large", max(width, height), self.metres)
