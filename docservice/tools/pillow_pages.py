"""Pages of TIFF, JPEG, PNG and HEIC files as pixels, by Pillow. Runs in the sandbox only."""

from __future__ import annotations

import struct
import warnings
from typing import BinaryIO

# all that Pillow would load when it needs it: once the process is locked in, nothing can be loaded
from PIL import Image, ImageColor, ImageFilter, ImageOps, ImagePalette, MpoImagePlugin, TiffImagePlugin

from docservice.tools.decoded import Bounds, Decoded, Unreadable

_LOADED = (ImageColor, ImageFilter, ImageOps, ImagePalette, MpoImagePlugin, TiffImagePlugin)
_INCH = 0.0254
_FAX_WIDTHS = (1728, 2048, 2432)  # ITU-T T.4
_FAX_DPI = (204.0, 98.0)
_UNTOLD_DPI = (1.0, 72.0, 96.0)  # what programs write that do not know it
_LARGEST_UNTOLD = 0.5  # metres
_ORIENTATION = 0x0112
_CCITT = ("group3", "group4", "tiff_ccitt")
_FORMATS = {"image/tiff": ("TIFF",), "image/jpeg": ("JPEG",), "image/png": ("PNG",), "image/heic": ("HEIF",)}
_FAILURES = (
    OSError,
    ValueError,
    SyntaxError,  # Pillow's own word for a broken file
    EOFError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    ZeroDivisionError,
    OverflowError,
    RuntimeError,
    struct.error,
)
_METHODS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # TIFF 6.0, Orientation


class ImagePages:
    """A file of one picture, or of several (TIFF). Its methods raise Unreadable."""

    def __init__(self, source: BinaryIO, media_type: str, bounds: Bounds) -> None:
        """Only prepares."""
        Image.preinit()
        if media_type == "image/heic":
            _prepare_heif()
        Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and tells its numbers
        warnings.simplefilter("ignore")
        self._source, self._media_type, self._bounds = source, media_type, bounds
        self.count = 0

    def open(self, enough: int) -> None:
        """Read how many pages there are; stops at `enough`."""
        try:
            self._image = Image.open(self._source, formats=_FORMATS[self._media_type])
        except _FAILURES as error:
            raise _unreadable(error) from error
        self.count = self._counted(enough) if self._media_type == "image/tiff" else 1
        self._bounds.check_pages(self.count)

    def check(self) -> None:
        """Unreadable when no page is within the limits: the reason of the first."""
        first: Unreadable | None = None
        for number in range(self.count):
            try:
                self._turn_to(number)
            except Unreadable as reason:
                first = first or reason
            else:
                return
        if first is not None:
            raise first

    def page(self, number: int) -> Decoded:
        """The page as pixels; `number` counts from 0."""
        self._turn_to(number)
        try:
            return self._decoded()
        except _FAILURES as error:
            raise _unreadable(error) from error

    def _decoded(self) -> Decoded:
        source, dpi = self._image, self._dpi()
        orientation = source.getexif().get(_ORIENTATION, 1)
        longer = max(source.size)
        image = _plain(self._reduced())
        if self._media_type in ("image/jpeg", "image/png") and orientation in _METHODS:  # the others are turned already
            image = image.transpose(_METHODS[orientation])
        if orientation >= 5:
            dpi = dpi[::-1]
        share = max(image.size) / longer
        dpi_x, dpi_y = dpi[0] * share, dpi[1] * share
        layout = "L" if image.mode == "1" else image.mode
        data = memoryview(image.tobytes("raw", layout))
        stride = image.width * len(layout)
        return Decoded(image.width, image.height, layout, stride, dpi_x, dpi_y, 0, image.mode == "1", data)

    def _counted(self, enough: int) -> int:
        """How many frames there are, at most `enough`."""
        count = 0
        try:
            while count < enough:
                self._image.seek(count)
                count += 1
        except EOFError:
            pass
        except _FAILURES as error:
            raise Unreadable("truncated") from error
        return count

    def _turn_to(self, number: int) -> None:
        """Go to a frame whose size is within the limits."""
        try:
            self._image.seek(number)
        except _FAILURES as error:
            raise Unreadable("broken") from error
        width, height = self._image.size
        self._bounds.check_pixels(width, height)
        dpi_x, dpi_y = self._dpi()
        if dpi_x and dpi_y:
            self._bounds.check_metres(width / dpi_x * _INCH, height / dpi_y * _INCH)

    def _dpi(self) -> tuple[float, float]:
        """Dots per inch along width and height, 0 when unknown. A fax that does not tell is known by its width."""
        image = self._image
        try:
            dpi_x, dpi_y = (float(value) for value in image.info.get("dpi", (0, 0)))
        except (TypeError, ValueError, ZeroDivisionError):
            dpi_x = dpi_y = 0.0
        if not (0 < dpi_x < 20_000 and 0 < dpi_y < 20_000) or self._is_untold(dpi_x):
            dpi_x = dpi_y = 0.0
        is_fax = image.info.get("compression") in _CCITT and image.width in _FAX_WIDTHS
        if is_fax and dpi_x == 0 and image.height < 0.9 * image.width:
            return _FAX_DPI
        return dpi_x, dpi_y

    def _is_untold(self, dpi: float) -> bool:
        """Whether the resolution is no more than a default: the picture has too many pixels for it (a photo)."""
        return dpi in _UNTOLD_DPI and max(self._image.size) / dpi * _INCH > _LARGEST_UNTOLD

    def _reduced(self) -> Image.Image:
        """The frame, loaded, with no more pixels than a picture may have."""
        image, most = self._image, self._bounds.picture_pixels
        factor = _factor(image, most)
        if factor > 1:  # a JPEG is made smaller while it is decoded
            image.draft(None, (image.width // factor, image.height // factor))
        image.load()
        factor = _factor(image, most)
        if factor == 1:
            return image
        if image.mode == "1":  # stays black and white
            return image.convert("L").reduce(factor).point(lambda value: 255 if value >= 160 else 0).convert("1")
        return (image.convert("RGBA") if image.mode == "P" else image).reduce(factor)


def _prepare_heif() -> None:
    import pillow_heif

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)


def _unreadable(error: Exception) -> Unreadable:
    return Unreadable("truncated" if "truncated" in str(error) or isinstance(error, EOFError) else "broken")


def _factor(image: Image.Image, pixels: int) -> int:
    """By which power of 2 both sides have to be divided to leave at most so many pixels."""
    factor = 1
    while (image.width // factor) * (image.height // factor) > pixels:
        factor *= 2
    return factor


def _plain(image: Image.Image) -> Image.Image:
    """1 bit, 8 bits of grey, or RGB; on white where it is transparent."""
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
        ground.alpha_composite(image)
        return ground.convert("RGB")
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image)
    return image if image.mode in ("1", "L", "RGB") else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 bits or more, scaled to 8."""
    wide = image if image.mode == "F" else image.convert("I")
    _, most = wide.getextrema()
    scale = 255.0 / 65535.0 if float(str(most)) > 255 else 1.0
    return wide.point(lambda value: value * scale).convert("L")
