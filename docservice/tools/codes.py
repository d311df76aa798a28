"""Page codes as drawings, and back: QR symbols written and read with zxing-cpp.

Symbols are version 2 (25 modules) at error correction level Q: a quarter of the symbol may be lost. Writing takes
about 0.06 ms, which is why drawings are not cached.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import zxingcpp

QUIET = 4  # modules of white on each side, as the QR standard asks for
MODULES = 25
WIDTH = MODULES + 2 * QUIET
_PNG_SCALE = 8  # pixels a module: with one bit a pixel, each module is one byte
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


class CodeReader:
    """Reads QR symbols out of grey pictures."""

    def read(self, image: Raster) -> list[str]:
        """The texts of all symbols found, in no particular order; damaged symbols are left out."""
        pixels = memoryview(image.pixels).cast("B", (image.height, image.width))
        found = zxingcpp.read_barcodes(
            pixels, formats=_FORMATS, try_rotate=False, try_invert=False, try_downscale=False
        )
        return [symbol.text for symbol in found]


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
