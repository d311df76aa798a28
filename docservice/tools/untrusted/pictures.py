"""Pictures of pages as arrays, and the files they come from.

Files of strangers are opened in a process of their own, locked in (see `sandbox`), which hands out pixels and nothing
else: scripts, actions, embedded files and metadata stay behind.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from docservice.domain.errors import DocserviceError
from docservice.tools.child.decoded import is_sheet
from docservice.tools.child.pdf_extent import HEADER, HEADER_WITHIN
from docservice.tools.process import ChildDied, ChildMemory, ChildTimeout, Limits, TellingChild, run
from docservice.tools.untrusted.picture_hints import HINTS
from docservice.tools.untrusted.picture_refusals import refusal

Pixels = NDArray[np.uint8]

PDF, TIFF, JPEG, PNG, HEIC = "application/pdf", "image/tiff", "image/jpeg", "image/png", "image/heic"
_HEAD = HEADER_WITHIN + len(HEADER)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
_SQUARE, _ABSURD = 1.02, 3.0  # ratios of the resolutions along both sides
_LONG_STRIP = 2.2  # length by width, beyond any sheet
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_TO_RGB = {"BGR": cv2.COLOR_BGR2RGB, "BGRX": cv2.COLOR_BGRA2RGB}
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    TIFF: (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    JPEG: (b"\xff\xd8\xff",),
    PNG: (b"\x89PNG\r\n\x1a\n",),
}
_OTHERS: dict[str, tuple[bytes, ...]] = {
    "web page": (b"<!doctype html", b"<html", b"<script"),
    "archive": (b"pk\x03\x04", b"pk\x05\x06", b"7z\xbc\xaf", b"rar!", b"\x1f\x8b"),
    "old Office file": (b"\xd0\xcf\x11\xe0", b"{\\rtf"),
    "program": (b"mz", b"\x7felf", b"#!"),
    "other picture": (b"gif8", b"bm", b"riff", b"8bps"),
}
_PLACE = re.compile(r"[A-Za-z_]{1,40} at [A-Za-z0-9_.]{1,60}:\d{1,5}")
_NONSENSE = (ValueError, KeyError, TypeError, IndexError, OverflowError, cv2.error)  # a child told what it never should
_LOSSES: dict[type[Exception], str] = {ChildTimeout: "too_slow", ChildMemory: "too_much_memory", ChildDied: "broken"}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One page as scanned: `pixels` is (height, width) in grey or (height, width, 3) in RGB, 0 is black.

    Pixels are square (a fax is stretched on reading) and upright as its file asks for (EXIF). `dpi` is what the file
    says, None when it does not say or says what no scanned sheet can have. `bilevel`: every pixel is 0 or 255.
    `hints`: codes of `picture_hints` for what was odd.
    """

    pixels: Pixels
    dpi: float | None
    bilevel: bool
    hints: tuple[str, ...] = ()

    @property
    def grey(self) -> Pixels:
        """The brightness alone, (height, width)."""
        if self.pixels.ndim == 2:
            return self.pixels
        return np.asarray(cv2.cvtColor(self.pixels, cv2.COLOR_RGB2GRAY), np.uint8)


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What a file may bring, and what reading it may cost. All but the last four are told by headers alone."""

    file_bytes: int = 1 << 30
    pages: int = 3000  # pages of a PDF, frames of a TIFF
    pixels: int = 120_000_000  # of one page; in black and white 2.5 times as many
    metres: float = 1.2  # a side of a page that is large in pixels, too (A0 is 1.19 m)
    picture_pixels: int = 40_000_000  # a larger page is made smaller (A4 in 600 dpi has 35 million)
    page_cpu_seconds: float = 3.0  # what a page may cost; on a busy machine the clock says nothing about the page
    page_seconds: float = 20.0  # by the clock, for one page: then it hangs
    lost_seconds: float = 4.25  # for pages that never came; then the rest of the file is refused
    memory_bytes: int = 1000 << 20


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is, by its content; `hints`: codes of `picture_hints` for what was odd about it."""

    media_type: str
    pages: int
    hints: tuple[str, ...] = ()


class FileRefused(DocserviceError):
    """A file, or one page of it (`page` counts from 0), is not read; the sentence names what, why and the way out.

    Codes: empty, file_too_large, unsupported_type, encrypted, truncated, broken, no_pages, too_many_pages,
    too_many_pixels, too_few_pixels, page_too_large, too_slow, too_much_memory, given_up; and reader_fault when not the
    file but this program is at fault: `fault` is then the error's class and its place, for the log.
    """

    def __init__(
        self,
        code: str,
        *,
        page: int | None = None,
        found: float = 0,
        limit: float = 0,
        kind: str = "unknown",
        fault: str = "",
    ) -> None:
        said = refusal(code, page, found, limit, kind)
        super().__init__(code, said.en, detail_de=said.de, retryable=code == "too_slow")
        self.page = page
        self.fault = fault


class PictureFiles:
    """Opens PDF, TIFF, JPEG, PNG and HEIC files. Safe to use from several threads; keeps nothing between calls."""

    def __init__(self, limits: FileLimits | None = None, command: Sequence[str] | None = None) -> None:
        """`command` starts another decoder, with the same order and the same frames (see `picture_child`)."""
        self._limits = limits or FileLimits()
        self._command = tuple(command or (sys.executable, "-m", "docservice.tools.child.picture_child"))

    def locks(self) -> tuple[str, ...]:
        """The locks of the kernel that hold a process that opens a file: "landlock", "seccomp", both, or none."""
        told = run([sys.executable, "-m", "docservice.tools.child.sandbox"], seconds=self._limits.page_seconds)
        return tuple(told.stdout.decode().split())

    def inspect(self, path: Path) -> FileFacts:
        """What the file is, from its headers; no picture is decoded. Raises FileRefused."""
        with _opened(path) as source:
            media_type = _media_type(source, self._limits)
            with self._child(source, media_type, 0, 0) as child:
                return FileFacts(media_type, *_total(child, self._limits))

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """The pages from `first` on (counted from 0), at most `count`, one by one; the next is decoded meanwhile.

        A page that cannot be read comes as a FileRefused, and its neighbours go on. Raises FileRefused when the file
        as a whole cannot be read. Holds one page at a time, whatever the length of the file.
        """
        with _opened(path) as source:
            media_type = _media_type(source, self._limits)
            end = sys.maxsize if count is None else first + count
            lost = 0.0
            while first < end:
                begun = time.monotonic()
                try:
                    with self._child(source, media_type, first, end - first) as child:
                        end = min(end, _total(child, self._limits)[0])
                        while first < end:
                            begun = time.monotonic()
                            page = _page(child, first)
                            yield page
                            first += 1
                except _Lost as loss:
                    # No page is charged more than it may cost: the rest of the wait was for a busy machine.
                    lost += min(time.monotonic() - begun, self._limits.page_cpu_seconds)
                    yield FileRefused(loss.code, page=first, fault=loss.fault)
                    first += 1
                if lost > self._limits.lost_seconds:
                    yield from (FileRefused("given_up", page=page) for page in range(first, end))
                    return

    def _child(self, source: IO[bytes], media_type: str, first: int, count: int) -> TellingChild:
        limits = self._limits
        order = {
            "media_type": media_type,
            "bytes": os.fstat(source.fileno()).st_size,
            "first": first,
            "count": min(count, limits.pages),
            "memory_bytes": limits.memory_bytes,
            "cpu_seconds": 60 + 2 * min(count, limits.pages),
            "bounds": {
                "pages": limits.pages,
                "pixels": limits.pixels,
                "metres": limits.metres,
                "picture_pixels": limits.picture_pixels,
            },
        }
        return TellingChild(
            (*self._command, json.dumps(order)),
            source,
            Limits(seconds=limits.page_seconds, memory_bytes=limits.memory_bytes),
            most_bytes=limits.picture_pixels * 4 + (1 << 20),
            cpu_seconds=limits.page_cpu_seconds,
        )


class _Lost(Exception):
    """The child was lost; `code` tells how, and `fault` what of ours was to blame."""

    def __init__(self, code: str, fault: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.fault = fault


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb", buffering=0) as source:
        yield source


def _media_type(source: IO[bytes], limits: FileLimits) -> str:
    """The type by the first bytes alone; a file is what its beginning says, whatever else follows or its name says."""
    size = os.fstat(source.fileno()).st_size
    if size == 0:
        raise FileRefused("empty")
    if size > limits.file_bytes:
        raise FileRefused("file_too_large", found=size, limit=limits.file_bytes)
    head = os.pread(source.fileno(), _HEAD, 0)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\0\t\n\f\r ").startswith(HEADER):
        return PDF
    for media_type, beginnings in _BEGINNINGS.items():
        if head.startswith(beginnings):
            return media_type
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    kind = _kind(head)
    if HEADER in head and kind in ("text", "unknown"):
        return PDF
    raise FileRefused("unsupported_type", kind=kind)


def _kind(head: bytes) -> str:
    """What a file is that is not read, as well as its beginning tells."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for kind, beginnings in _OTHERS.items():
        if start.startswith(beginnings):
            return kind
    if start.startswith((b"<", b"<?xml")):
        return "web page" if b"<html" in start else "drawing"
    if head[4:8] == b"ftyp":
        return "other picture"
    return "text" if start and all(byte >= 0x20 or byte in b"\t\n\r" for byte in head) else "unknown"


def _total(child: TellingChild, limits: FileLimits) -> tuple[int, tuple[str, ...]]:
    """How many pages there are, and what is odd about the file, as the child tells first."""
    try:
        header, _ = _heard(child)
        if "refused" in header:
            raise _refused(header, None)
        pages = int(header["pages"])
        if not 0 < pages <= limits.pages:
            raise ValueError
        return pages, _hints(header)
    except _Lost as loss:
        raise FileRefused(loss.code, fault=loss.fault) from None
    except _NONSENSE:
        raise FileRefused("broken") from None


def _page(child: TellingChild, page: int) -> Picture | FileRefused:
    header, body = _heard(child)
    try:
        return _refused(header, page) if "refused" in header else _picture(header, body)
    except _NONSENSE:
        raise _Lost("broken") from None


def _heard(child: TellingChild) -> tuple[Mapping[str, Any], bytearray]:
    try:
        told = child.hear()
    except (ChildTimeout, ChildMemory, ChildDied) as error:
        if isinstance(error, ChildDied) and (error.status or 0) > 0:  # it gave up by itself: no decoder does that
            raise _Lost("reader_fault", f"ChildDied at status:{error.status}") from None
        raise _Lost(_LOSSES[type(error)]) from None
    if told is None:
        raise _Lost("broken")
    return told


def _refused(header: Mapping[str, Any], page: int | None) -> FileRefused:
    fault = str(header.get("fault", ""))
    return FileRefused(
        str(header["refused"]),
        page=page,
        found=float(header["found"]),
        limit=float(header["limit"]),
        fault=fault if _PLACE.fullmatch(fault) else "",
    )


def _hints(header: Mapping[str, Any]) -> tuple[str, ...]:
    told = header.get("hints", ())
    return tuple(sorted(HINTS.intersection(told)))


def _picture(header: Mapping[str, Any], body: bytearray) -> Picture:
    pixels = _pixels(np.frombuffer(body, np.uint8).reshape(header["height"], header["stride"]), header)
    pixels, dpi = _squared(pixels, float(header["dpi_x"]), float(header["dpi_y"]))
    if header["turn"]:
        pixels = np.asarray(cv2.rotate(pixels, _TURNS[header["turn"]]), np.uint8)
    bilevel = pixels.ndim == 2 and (header["bilevel"] or _is_bilevel(pixels))
    height, width = pixels.shape[:2]
    told = dpi if is_sheet(width, height, dpi, dpi) else None
    return Picture(np.ascontiguousarray(pixels), told, bilevel, _hints(header))


def _pixels(rows: Pixels, header: Mapping[str, Any]) -> Pixels:
    """Grey or RGB from what was decoded."""
    height, width, layout = header["height"], header["width"], header["layout"]
    if not (height > 0 and 0 < width * len(layout) <= rows.shape[1]):
        raise ValueError("no picture has this size")
    rows = rows[:, : width * len(layout)]
    pixels = rows if layout == "L" else _colours(rows.reshape(height, width, len(layout)), layout)
    if header["bilevel"] and pixels.ndim == 2:
        pixels = np.asarray(cv2.threshold(pixels, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return pixels


def _colours(pixels: Pixels, layout: str) -> Pixels:
    """RGB, or grey when no pixel has a colour."""
    if _is_everywhere(pixels, _is_colourless):
        return pixels[..., 0]
    return pixels if layout == "RGB" else np.asarray(cv2.cvtColor(pixels, _TO_RGB[layout]), np.uint8)


def _is_colourless(pixels: Pixels) -> bool:
    return bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())


def _squared(pixels: Pixels, dpi_x: float, dpi_y: float) -> tuple[Pixels, float]:
    """Stretched along the coarser side until its pixels are square, and their resolution (0 when unknown)."""
    fine, coarse = max(dpi_x, dpi_y), min(dpi_x, dpi_y)
    if not (coarse > 0 and fine < math.inf and _SQUARE < fine / coarse < _ABSURD):
        return pixels, coarse if 0 < coarse < math.inf else 0.0
    height, width = pixels.shape[:2]
    size = round(width * fine / dpi_x), round(height * fine / dpi_y)
    if _slenderness(*size) > max(_LONG_STRIP, _slenderness(width, height)):  # a sheet is not made a strip
        return pixels, 0.0
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST), np.uint8), fine


def _slenderness(width: int, height: int) -> float:
    return max(width, height) / min(width, height)


def _is_bilevel(grey: Pixels) -> bool:
    return _is_everywhere(grey, lambda part: bool(((part == 0) | (part == 255)).all()))


def _is_everywhere(pixels: Pixels, holds: Callable[[Pixels], bool]) -> bool:
    """Whether it holds for all rows; most pictures tell by a few of them that it does not."""
    return holds(pixels[:: max(1, len(pixels) // 16)]) and holds(pixels)
