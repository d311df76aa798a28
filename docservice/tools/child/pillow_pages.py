"""Pages of TIFF, JPEG, PNG and HEIC files as pixels, by Pillow. Runs in the sandbox only."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, TypeVar

# all that Pillow would load when it needs it: once the process is locked in, nothing can be loaded
from PIL import Image, ImageColor, ImageFilter, ImageOps, ImagePalette, MpoImagePlugin, TiffImagePlugin

from docservice.tools.child.big_tiff import BIG_ENDIAN, as_classic
from docservice.tools.child.decoded import Bounds, Decoded, Unreadable, is_sheet
from docservice.tools.child.jpeg_marks import endings

_LOADED = (ImageColor, ImageFilter, ImageOps, ImagePalette, MpoImagePlugin, TiffImagePlugin)
_FAX_WIDTHS = (1728, 2048, 2432)  # ITU-T T.4
_FAX_DPI = (204.0, 98.0)
_ORIENTATION, _BITS, _PHOTOMETRIC = 0x0112, 0x0102, 0x0106
_CCITT = ("group3", "group4", "tiff_ccitt")
_JPEG, _PNG, _TIFF, _HEIC = "image/jpeg", "image/png", "image/tiff", "image/heic"
_FORMATS = {_TIFF: ("TIFF",), _JPEG: ("JPEG",), _PNG: ("PNG",), _HEIC: ("HEIF",)}
_BAND = 1024  # rows that are made smaller at a time
_TOLD_BROKEN = (OSError, ValueError, SyntaxError, EOFError, OverflowError, struct.error, zlib.error)
_STUMBLES = (KeyError, TypeError, IndexError, AttributeError, ZeroDivisionError, RuntimeError)
_LIBRARIES = ("PIL", "pillow_heif")
_ROOMS = (*_LIBRARIES, "docservice")
_METHODS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # TIFF 6.0, Orientation


_Result = TypeVar("_Result")


class ImagePages:
    """A file of one picture, or of several (TIFF, HEIC). Its methods raise Unreadable.

    Whatever else they raise is a fault of this program.
    """

    def __init__(self, source: BinaryIO, media_type: str, bounds: Bounds) -> None:
        """Only prepares."""
        Image.preinit()
        if media_type == _HEIC:
            _prepare_heif()
        if media_type == _TIFF:
            _prepare_colours()
        Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and tells its numbers
        warnings.simplefilter("ignore")
        self._source, self._media_type, self._bounds = source, media_type, bounds
        self.count = 0
        self.hints: tuple[str, ...] = ()

    def open(self, enough: int) -> None:
        """Read how many pages there are; stops at `enough`."""
        self._image = _decoded(self._opened)
        if self._media_type == _TIFF:
            self.count = self._counted(enough)
        else:
            pictures = int(getattr(self._image, "n_frames", 1))
            self.count = pictures if self._media_type == _HEIC else 1
            self.hints = ("further_pictures",) if pictures > self.count else ()
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
        dpi, orientation = self._dpi(), _orientation(self._image)
        width, height = self._image.size
        hints: tuple[str, ...] = ()
        try:
            image = _decoded(lambda: self._plain_of(self._image))
        except Unreadable as reason:
            image = self._ended(reason)
            hints = ("no_end_mark",)
        if _orientation(self._image) in _METHODS:  # some are turned already
            image = image.transpose(_METHODS[orientation])
        if orientation >= 5:
            dpi = dpi[::-1]
        share = max(image.size) / max(width, height)
        layout = "L" if image.mode == "1" else image.mode
        data = memoryview(image.tobytes("raw", layout))
        stride = image.width * len(layout)
        dpi_x, dpi_y = dpi[0] * share, dpi[1] * share
        return Decoded(image.width, image.height, layout, stride, dpi_x, dpi_y, 0, image.mode == "1", data, hints)

    def _opened(self) -> Image.Image:
        source: BinaryIO = self._source
        if self._media_type == _TIFF and source.read(len(BIG_ENDIAN)) == BIG_ENDIAN:
            source.seek(0)
            source = io.BytesIO(as_classic(source.read()))
        source.seek(0)
        return Image.open(source, formats=_FORMATS[self._media_type])

    def _counted(self, enough: int) -> int:
        """How many frames there are, at most `enough`."""
        count = 0
        try:
            while count < enough:
                self._image.seek(count)
                count += 1
        except EOFError:
            pass
        except (*_TOLD_BROKEN, *_STUMBLES) as error:
            _blame_file(error)
            raise Unreadable("truncated") from error
        return count

    def _turn_to(self, number: int) -> None:
        """Go to a frame whose size is within the limits."""
        _decoded(lambda: self._image.seek(number), "broken")
        bilevel = self._image.mode == "1" and self._media_type in (_TIFF, _PNG)
        self._bounds.check_pixels(*self._image.size, bilevel=bilevel)

    def _dpi(self) -> tuple[float, float]:
        """Dots per inch along width and height, 0 when unknown. A fax that does not tell is known by its width."""
        image = self._image
        try:
            dpi_x, dpi_y = (float(value) for value in image.info.get("dpi", (0, 0)))
        except (TypeError, ValueError, ZeroDivisionError):
            dpi_x = dpi_y = 0.0
        if not is_sheet(*image.size, dpi_x, dpi_y):
            dpi_x = dpi_y = 0.0
        is_fax = image.info.get("compression") in _CCITT and image.width in _FAX_WIDTHS
        if is_fax and dpi_x == 0 and image.height < 0.9 * image.width:
            return _FAX_DPI
        return dpi_x, dpi_y

    def _plain_of(self, image: Image.Image) -> Image.Image:
        return _plain(_reduced(image, self._bounds.picture_pixels), image)

    def _ended(self, reason: Unreadable) -> Image.Image:
        """A JPEG without its end whose picture is there; raises the reason otherwise."""
        both = None
        if self._media_type == _JPEG and self._image.format in ("JPEG", "MPO"):
            self._source.seek(0)
            both = endings(self._source.read())
        if both is None:
            raise reason
        one, other = (_decoded(partial(self._jpeg, data)) for data in both)
        if one.tobytes() != other.tobytes():
            raise Unreadable("truncated")
        return one

    def _jpeg(self, data: bytes) -> Image.Image:
        return self._plain_of(Image.open(io.BytesIO(data), formats=("JPEG",)))


def _prepare_heif() -> None:
    import pillow_heif

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)


def _prepare_colours() -> None:
    """Load what turns the colours of measuring devices into those of a screen."""
    Image.new("LAB", (1, 1)).convert("RGB")


def _decoded(work: Callable[[], _Result], code: str = "") -> _Result:
    """What Pillow makes of it. Unreadable when it says, or stumbles because, the file is broken."""
    try:
        return work()
    except (*_TOLD_BROKEN, *_STUMBLES) as error:
        _blame_file(error)
        is_cut = "truncated" in str(error) or isinstance(error, EOFError)
        raise Unreadable(code or ("truncated" if is_cut else "broken")) from error


def _blame_file(error: Exception) -> None:
    """Raise the error again unless it arose within Pillow: then the file is what it could not cope with."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        room = str(trace.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        place = room if room in _ROOMS else place
        trace = trace.tb_next
    if place not in _LIBRARIES:
        raise error


def _orientation(image: Image.Image) -> int:
    """How the picture has to be turned, whatever type of number its file uses to say so; 1 when it does not."""
    try:
        told = image.getexif().get(_ORIENTATION, 1)
    except (*_TOLD_BROKEN, *_STUMBLES) as error:
        _blame_file(error)
        return 1
    if isinstance(told, bytes | tuple) and told:
        told = told[0]
    try:
        return int(told) if int(told) in _METHODS else 1
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return 1


def _factor(image: Image.Image, pixels: int) -> int:
    """By which power of 2 both sides have to be divided to leave at most so many pixels."""
    factor = 1
    while (image.width // factor) * (image.height // factor) > pixels:
        factor *= 2
    return factor


def _reduced(image: Image.Image, most: int) -> Image.Image:
    """The frame, loaded, with no more pixels than a picture may have."""
    factor = _factor(image, most)
    if factor > 1:  # a JPEG is made smaller while it is decoded
        image.draft(None, (image.width // factor, image.height // factor))
    image.load()
    factor = _factor(image, most)
    if factor == 1:
        return image
    if image.mode == "1":
        return _reduced_bilevel(image, factor)
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image, image).reduce(factor)
    return (image.convert("RGBA") if image.mode == "P" else image).reduce(factor)


def _reduced_bilevel(image: Image.Image, factor: int) -> Image.Image:
    """Stays black and white; in bands, because it has very many pixels."""
    small = Image.new("1", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, _BAND):
        band = image.crop((0, top, image.width, min(top + _BAND, image.height))).convert("L").reduce(factor)
        small.paste(band.point(lambda value: 255 if value >= 160 else 0).convert("1"), (0, top // factor))
    return small


def _plain(image: Image.Image, source: Image.Image) -> Image.Image:
    """1 bit, 8 bits of grey, or RGB; on white where it is transparent. `source` knows the tags of its file."""
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image, source)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
        ground.alpha_composite(image)
        return ground.convert("RGB")
    return image if image.mode in ("1", "L", "RGB") else image.convert("RGB")


def _eight_bits(image: Image.Image, source: Image.Image) -> Image.Image:
    """Grey of more bits, scaled to 8."""
    wide = image if image.mode in ("F", "I;16") else image.convert("I")
    scale = 255.0 / _white(wide, source)
    grey = wide.point(lambda value: value * scale).convert("L")
    is_negative = isinstance(source, TiffImagePlugin.TiffImageFile) and source.tag_v2.get(_PHOTOMETRIC) == 0
    return ImageOps.invert(grey) if is_negative else grey


def _white(wide: Image.Image, source: Image.Image) -> float:
    """The value of white: by the bits of a sample, else by the largest value there is."""
    if wide.mode != "F" and isinstance(source, TiffImagePlugin.TiffImageFile):
        bits = source.tag_v2.get(_BITS, (16,))
        if isinstance(bits, tuple) and bits and bits[0] in (10, 12, 14):
            return float(2 ** bits[0] - 1)
    most = float(str(wide.getextrema()[1]))
    whites = (1.0, 255.0, 65535.0) if wide.mode == "F" else (255.0, 65535.0)
    return next((white for white in whites if most <= white), most if most < float("inf") else 1.0)
