"""Scanned pages as files, as machines write them: PDF, TIFF, single JPEG, PNG and HEIC pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pikepdf
import pillow_heif
from PIL import Image, ImageChops, TiffImagePlugin

from tests.support.scan_simulator.simulator import ScannedPage, encoded

_PHOTOMETRIC, _STRIP_OFFSETS, _ROWS_PER_STRIP, _STRIP_BYTES = 262, 273, 278, 279
_ORIENTATION = 274
_TURNED = 6  # the camera was held across: to be turned clockwise by 90 degrees


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file to upload."""

    name: str
    data: bytes


def pdf(name: str, pages: Sequence[ScannedPage]) -> ScanFile:
    """One PDF, each page being one picture: JPEG as it is, black and white as CCITT group 4, the rest as Flate."""
    document = pikepdf.new()
    for page in pages:
        height, width = page.pixels.shape[:2]
        size = width * 72 / page.dpi[0], height * 72 / page.dpi[1]
        picture = document.make_indirect(_picture(document, page))
        content = f"q {size[0]:.3f} 0 0 {size[1]:.3f} 0 0 cm /Im0 Do Q".encode("ascii")
        document.pages.append(
            pikepdf.Page(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Page,
                    MediaBox=[0, 0, round(size[0], 3), round(size[1], 3)],
                    Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture)),
                    Contents=document.make_stream(content),
                )
            )
        )
    buffer = io.BytesIO()
    document.save(buffer, deterministic_id=True)
    return ScanFile(f"{name}.pdf", buffer.getvalue())


def tiff(name: str, pages: Sequence[ScannedPage]) -> ScanFile:
    """One TIFF of several pages, all from one machine: fax as CCITT group 3, black and white as group 4, else JPEG."""
    first = pages[0]
    fax = first.dpi[0] != first.dpi[1]
    compression = ("group3" if fax else "group4") if first.bilevel else "jpeg"
    options: dict[str, Any] = {"compression": compression, "dpi": first.dpi}
    if not first.bilevel:
        options["quality"] = 80
    pictures = [_image(page) for page in pages]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "TIFF", save_all=True, append_images=pictures[1:], **options)
    return ScanFile(f"{name}.tif", buffer.getvalue())


def jpeg(name: str, page: ScannedPage) -> ScanFile:
    """A single JPEG as the machine made it."""
    data = page.jpeg or encoded(page.pixels, 85, page.dpi[0])
    return ScanFile(f"{name}.jpg", data)


def jpeg_held_across(name: str, page: ScannedPage) -> ScanFile:
    """The JPEG of a phone held across, its head saying how to turn it (EXIF)."""
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURNED
    buffer = io.BytesIO()
    Image.fromarray(np.rot90(page.pixels)).save(buffer, "JPEG", quality=80, exif=exif)
    return ScanFile(f"{name}.jpg", buffer.getvalue())


def png(name: str, page: ScannedPage) -> ScanFile:
    """A single PNG; black and white with one bit a pixel."""
    buffer = io.BytesIO()
    _image(page).save(buffer, "PNG", dpi=page.dpi, compress_level=1)
    return ScanFile(f"{name}.png", buffer.getvalue())


def heic(name: str, page: ScannedPage) -> ScanFile:
    """A single HEIC picture, as newer phones make them."""
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(page.pixels)).save(buffer, quality=60)
    return ScanFile(f"{name}.heic", buffer.getvalue())


def _image(page: ScannedPage) -> Image.Image:
    image = Image.fromarray(page.pixels)
    return image.convert("1", dither=Image.Dither.NONE) if page.bilevel else image


def _picture(document: pikepdf.Pdf, page: ScannedPage) -> pikepdf.Stream:
    height, width = page.pixels.shape[:2]
    colour = page.pixels.ndim == 3
    entries: dict[str, Any] = {
        "/Type": pikepdf.Name.XObject,
        "/Subtype": pikepdf.Name.Image,
        "/Width": width,
        "/Height": height,
        "/ColorSpace": pikepdf.Name.DeviceRGB if colour else pikepdf.Name.DeviceGray,
        "/BitsPerComponent": 1 if page.bilevel else 8,
    }
    if page.jpeg is not None:
        stream = pikepdf.Stream(document, page.jpeg, entries)
        stream.Filter = pikepdf.Name.DCTDecode
    elif page.bilevel:
        stream = pikepdf.Stream(document, _group4(page), entries)
        stream.Filter = pikepdf.Name.CCITTFaxDecode
        stream.DecodeParms = pikepdf.Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=False)
    else:
        stream = pikepdf.Stream(document, page.pixels.tobytes(), entries)  # deflated on saving
    return stream


def _group4(page: ScannedPage) -> bytes:
    """The black and white pixels as one strip of CCITT group 4."""
    buffer = io.BytesIO()
    image = ImageChops.invert(_image(page))  # the TIFF says that 0 is black; PDF's codes count from white
    image.save(buffer, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: image.height, _PHOTOMETRIC: 1})
    with Image.open(buffer) as written:
        assert isinstance(written, TiffImagePlugin.TiffImageFile)
        tags = written.tag_v2
        start, size = tags[_STRIP_OFFSETS][0], tags[_STRIP_BYTES][0]
    return buffer.getvalue()[start : start + size]
