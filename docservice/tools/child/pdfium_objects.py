"""What lies on a page of a PDF, as pdfium tells it: pictures, annotations, layers. Runs in the sandbox only."""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import pypdfium2_raw as pdfium

from docservice.tools.child.decoded import Unreadable

POINTS = 72.0
"""Points of an inch."""
DPI = 300.0
"""At which a sheet is drawn that holds nothing finer."""
_LEAST_DPI, _MOST_DPI = 200.0, 400.0  # of sheets from A5 to A3; what is not that large is no sheet
MOST_IMAGES = 100
"""Pictures of a page that are looked at."""
_MOST_OBJECTS = 5000
_SMALL_SHEET, _LARGE_SHEET = 8.27, 16.54  # inches of the longer side
_MOST_MARKED, _MOST_MARKS = 1000, 20
_DEEPEST = 4
_UNSEEN_ANNOTATIONS = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_LAYER = "OC\0".encode("utf-16-le")  # here, because its codec cannot be loaded later
_NEVER_BILEVEL = (b"JPXDecode", b"DCTDecode")
_MOST_JPX_PIXELS = 12_000_000  # of a JPEG 2000 that is decoded in full: that takes long
_BELOW = 0.997  # a level is left out when what is drawn has at most half of its pixels on each side


def only_image(page: Any) -> Any | None:
    """The picture that alone can be seen on the page (the text of an OCR is unseen); None when there is more."""
    seen = _seen(page)
    if len(seen) != 1 or _is_stamped(page) or pdfium.FPDFPageObj_GetType(seen[0]) != pdfium.FPDF_PAGEOBJ_IMAGE:
        return None
    return seen[0] if _is_plain(seen[0]) else None


def _seen(page: Any) -> list[Any]:
    """What can be seen on the page but for annotations; at most so many of them as matter."""
    objects = range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS))
    things = (pdfium.FPDFPage_GetObject(page, number) for number in objects)
    return list(itertools.islice(filter(_is_seen, things), MOST_IMAGES + 1))


def _is_stamped(page: Any) -> bool:
    """Whether annotations can be seen on the page."""
    return any(kind not in _UNSEEN_ANNOTATIONS for kind in annotation_kinds(page))


def _is_plain(image: Any) -> bool:
    """Whether the picture is shown as it is: not transparent, not clipped, not in a layer."""
    clip = pdfium.FPDFPageObj_GetClipPath(image)
    return (
        not pdfium.FPDFPageObj_HasTransparency(image)
        and (not clip or pdfium.FPDFClipPath_CountPaths(clip) <= 0)
        and not any(_is_layer(image, number) for number in range(pdfium.FPDFPageObj_CountMarks(image)))
    )


def has_layers(page: Any) -> bool:
    """Whether a thing of the page belongs to a layer, be it shown or not."""
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_MARKED)):
        thing = pdfium.FPDFPage_GetObject(page, number)
        if any(_is_layer(thing, mark) for mark in range(min(pdfium.FPDFPageObj_CountMarks(thing), _MOST_MARKS))):
            return True
    return False


def _is_layer(thing: Any, number: int) -> bool:
    name, size = ctypes.create_string_buffer(8), ctypes.c_ulong()
    mark = pdfium.FPDFPageObj_GetMark(thing, number)
    told = pdfium.FPDFPageObjMark_GetName(
        mark, ctypes.cast(name, ctypes.POINTER(ctypes.c_ushort)), len(name), ctypes.byref(size)
    )
    return not told or name.raw[: size.value] == _LAYER


def filter_of(image: Any) -> bytes:
    """The one filter that the picture is encoded with; empty when there are none or several."""
    name = ctypes.create_string_buffer(20)
    if pdfium.FPDFImageObj_GetImageFilterCount(image) != 1:
        return b""
    pdfium.FPDFImageObj_GetImageFilter(image, 0, name, len(name))
    return name.value


def is_slow(image: Any) -> bool:
    """Whether the picture is a JPEG 2000 of a size that takes long to decode in full."""
    return filter_of(image) == b"JPXDecode" and math.prod(pixel_size(image)) > _MOST_JPX_PIXELS


def jpx_dpi(image: Placed) -> float:
    """At which resolution a large JPEG 2000 need not be decoded in full: its finer levels are left out."""
    halved, pixels = image.dpi(), float(math.prod(pixel_size(image.thing)))
    while pixels > _MOST_JPX_PIXELS:
        halved, pixels = halved / 2, pixels / 4
    return halved * _BELOW


def encoded_bytes(image: Any) -> bytes:
    """The picture as it is kept in the file."""
    size = pdfium.FPDFImageObj_GetImageDataRaw(image, None, 0)
    data = ctypes.create_string_buffer(size)
    pdfium.FPDFImageObj_GetImageDataRaw(image, data, size)
    return data.raw


def has_only_bilevel(page: Any, images: list[Placed]) -> bool:
    """Whether the page is made of pictures of one bit and nothing else (strips, stencils)."""
    if not all(is_bilevel(page, image.thing) for image in images):
        return False
    return len(_seen(page)) == len(images) and not _is_stamped(page)


def is_bilevel(page: Any, image: Any) -> bool:
    """Whether the picture is kept with one bit a pixel. One in JPEG never is."""
    if filter_of(image) in _NEVER_BILEVEL:  # to be asked, it would be decoded
        return False
    data = pdfium.FPDF_IMAGEOBJ_METADATA()
    told = pdfium.FPDFImageObj_GetImageMetadata(image, page, ctypes.byref(data))
    return bool(told) and data.bits_per_pixel == 1


def _is_seen(thing: Any) -> bool:
    kind = pdfium.FPDFPageObj_GetType(thing)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        return bool(pdfium.FPDFTextObj_GetTextRenderMode(thing) != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        told = pdfium.FPDFPath_GetDrawMode(thing, ctypes.byref(fill), ctypes.byref(stroke))
        return not told or bool(fill.value or stroke.value)
    return True


def annotation_kinds(page: Any) -> Iterator[int]:
    """The kinds of the annotations on the page."""
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_OBJECTS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if annotation:
            yield pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)


def images_on(page: Any) -> Iterator[Placed]:
    """Every picture of the page, those within forms too."""
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        yield from _images_of(pdfium.FPDFPage_GetObject(page, number), 0, 1.0)


def _images_of(thing: Any, depth: int, scale: float) -> Iterator[Placed]:
    kind = pdfium.FPDFPageObj_GetType(thing)
    if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        yield Placed(thing, scale)
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        a, b, c, d, _, _ = matrix_of(thing)
        for number in range(min(pdfium.FPDFFormObj_CountObjects(thing), _MOST_OBJECTS)):
            within = pdfium.FPDFFormObj_GetObject(thing, number)
            yield from _images_of(within, depth + 1, scale * math.sqrt(abs(a * d - b * c)))


class Placed(NamedTuple):
    """A picture, and by how much the forms it lies in make it larger."""

    thing: Any
    scale: float

    def dpi(self) -> float:
        """Its resolution on the page along its finer side; 0 when it cannot be seen."""
        a, b, c, d, _, _ = matrix_of(self.thing)
        sides = math.hypot(a, b) * self.scale, math.hypot(c, d) * self.scale
        pixels = pixel_size(self.thing)
        dpi = max((count * POINTS / side for count, side in zip(pixels, sides, strict=True) if side > 0), default=0.0)
        return dpi if dpi < math.inf else 0.0


def drawing_dpi(inches: float, finest: float | None) -> float:
    """How finely a page is drawn whose longer side is so many inches: like its finest picture, if that makes sense.

    A page far from the size of a sheet was made by someone who did not know the resolution: then pixels count.
    """
    smaller, larger = min(1.0, _LARGE_SHEET / inches), max(1.0, _SMALL_SHEET / inches)
    least, most = _LEAST_DPI * smaller * larger, _MOST_DPI * max(1.0, 11.69 / inches)
    return DPI * smaller * larger if finest is None else min(max(finest, least), most)


def matrix_of(thing: Any) -> tuple[float, float, float, float, float, float]:
    """Where a thing lies: a, b, c, d, e, f of its matrix."""
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(thing, ctypes.byref(matrix)):
        raise Unreadable("broken")
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def page_box(page: Any) -> tuple[float, float, float, float]:
    """The visible area: left, bottom, right, top in points."""
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(rect)):
        raise Unreadable("broken")
    return rect.left, rect.bottom, rect.right, rect.top


def pixel_size(image: Any) -> tuple[int, int]:
    """Width and height of a picture in pixels."""
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(image, ctypes.byref(width), ctypes.byref(height)):
        raise Unreadable("broken")
    return width.value, height.value
