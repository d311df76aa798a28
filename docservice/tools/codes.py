"""Page codes as drawings, and back: QR symbols written and read with zxing-cpp.

Symbols are version 2 (25 modules) at error correction level Q: a quarter of the symbol may be lost. Writing takes
about 0.06 ms, which is why drawings are not cached.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

QUIET = 4  # modules of white on each side, as the QR standard asks for
MODULES = 25
WIDTH = MODULES + 2 * QUIET
_DRAWN = 3  # pixels a module
_PNG_SCALE = 8  # pixels a module: with one bit a pixel, each module is one byte
_MIRRORED = 0.3  # from which majority of the modules that tell on
_SAMPLES = 4  # pixels a module, where a symbol is looked at again
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


@dataclass(frozen=True, slots=True)
class Raster:
    """A grey picture: `pixels` holds `height` rows of `width` bytes, 0 is black."""

    pixels: bytes
    width: int
    height: int


class CodeDrawer:
    """Draws the payload of a page code. The same payload always gives the same bytes."""

    def svg(self, payload: str) -> str:
        """An SVG drawing of 33 by 33 units with its quiet zone: black modules as one path on transparent ground."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{WIDTH}" '
            f'viewBox="0 0 {WIDTH} {WIDTH}"><path d="{self.path(payload)}"/></svg>'
        )

    def path(self, payload: str) -> str:
        """The dark modules as SVG path data, one unit a module, the quiet zone included in the coordinates."""
        drawing = _symbol(payload).to_svg(add_quiet_zones=True)
        start = drawing.index('<path d="') + len('<path d="')
        return drawing[start : drawing.index('"', start)]

    def png(self, payload: str) -> bytes:
        """A black and white PNG with its quiet zone, 8 pixels a module (264 by 264)."""
        image = memoryview(_symbol(payload).to_image(scale=1, add_quiet_zones=True))  # type: ignore[arg-type]
        return _bilevel_png(image.tobytes(), WIDTH)


@dataclass(frozen=True, slots=True, eq=False)
class FoundCode:
    """A symbol that was read. `corners`: (4, 2) pixels of the picture, from the symbol's own top left corner clockwise
    as it was printed, so that they tell how the page lies. `mirrored`: it is seen from behind, through the paper."""

    text: str
    corners: NDArray[np.float32]
    mirrored: bool


class CodeReader:
    """Reads QR symbols out of grey pictures, whichever way they lie."""

    def find(self, grey: NDArray[np.uint8], *, downscale: bool = False) -> tuple[FoundCode, ...]:
        """The symbols of a picture (height, width) with their places. `downscale` tries smaller versions as well."""
        grey = np.ascontiguousarray(grey)
        symbols = zxingcpp.read_barcodes(
            grey, formats=_FORMATS, try_rotate=False, try_invert=False, try_downscale=downscale
        )
        found = []
        for symbol in symbols:
            corners = _corners(symbol.position)
            found.append(FoundCode(symbol.text, corners, _is_mirrored(grey, symbol.text, corners)))
        return tuple(found)

    def decode(self, dark: NDArray[np.bool_]) -> str | None:
        """The text of a symbol given module by module (`MODULES`, `MODULES`), if its error correction allows and it is
        not seen from behind."""
        grey = np.pad(np.where(dark, 0, 255).astype(np.uint8), QUIET, constant_values=255)
        grey = np.kron(grey, np.full((_DRAWN, _DRAWN), 1, np.uint8))
        found = zxingcpp.read_barcodes(grey, formats=_FORMATS, is_pure=True)
        text = found[0].text if found else ""
        edge = np.array([(0, 0), (MODULES, 0), (MODULES, MODULES), (0, MODULES)], np.float32) + QUIET
        return text if text and not _is_mirrored(grey, text, edge * _DRAWN) else None

    def read(self, image: Raster) -> list[str]:
        """The texts of all symbols found, in no particular order; damaged symbols are left out."""
        pixels = memoryview(image.pixels).cast("B", (image.height, image.width))
        found = zxingcpp.read_barcodes(
            pixels, formats=_FORMATS, try_rotate=False, try_invert=False, try_downscale=False
        )
        return [symbol.text for symbol in found]


def _corners(position: zxingcpp.Position) -> NDArray[np.float32]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(corner.x, corner.y) for corner in corners], np.float32)


def _is_mirrored(grey: NDArray[np.uint8], text: str, corners: NDArray[np.float32]) -> bool:
    """Whether a symbol is seen from behind. The reader takes those for turned ones: what it calls the top right corner
    is the lower left one, so the modules lie as if mirrored at the diagonal. A symbol not drawn here is taken as seen
    from the front."""
    try:
        drawn = np.asarray(_symbol(text).to_image(scale=1, add_quiet_zones=False))
    except ValueError:  # longer than ours
        return False
    square = np.array([(0, 0), (MODULES, 0), (MODULES, MODULES), (0, MODULES)], np.float32) * _SAMPLES
    side = MODULES * _SAMPLES
    seen = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(corners, square), (side, side))
    modules = cv2.resize(seen, (MODULES, MODULES), interpolation=cv2.INTER_AREA).astype(np.float64)
    printed = np.where(drawn > 0, 1.0, -1.0)
    telling = (modules - modules.mean()) * (printed - printed.T)
    return float(telling.sum()) < -_MIRRORED * float(np.abs(telling).sum())


def _symbol(payload: str) -> zxingcpp.Barcode:
    return zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="Q", version=2)


def _bilevel_png(modules: bytes, width: int) -> bytes:
    """A one-bit PNG of a square picture whose bytes are 0 (black) or 255, each of them `_PNG_SCALE` pixels wide and
    high; written by hand so that it never changes."""
    rows = (b"\x00" + modules[start : start + width] for start in range(0, len(modules), width))
    pixels = b"".join(row * _PNG_SCALE for row in rows)
    side = width * _PNG_SCALE
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(pixels, 2)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
