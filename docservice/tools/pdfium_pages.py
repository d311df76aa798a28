"""Pages of a PDF as pixels, by pdfium. Runs in the sandbox only.

A page that is one picture is that picture, taken out as it is; every other page is drawn. Scripts, actions and embedded
files are never looked at: this pdfium has no JavaScript and no XFA.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import pypdfium2_raw as pdfium

from docservice.tools.decoded import Bounds, Decoded, Unreadable

_POINTS = 72.0
_METRE = 0.0254 / _POINTS
_TOLERANCE = 2.0  # points between the edge of a picture and the edge of its page
_DPI, _LEAST_DPI, _MOST_DPI = 300.0, 200.0, 400.0
_MOST_OBJECTS, _MOST_IMAGES = 5000, 100
_DEEPEST = 4
_LAYOUTS = {pdfium.FPDFBitmap_Gray: "L", pdfium.FPDFBitmap_BGR: "BGR", pdfium.FPDFBitmap_BGRx: "BGRX"}
_TURNS = {(1, 0): 0, (0, 1): 270, (-1, 0): 180, (0, -1): 90}  # where the picture's x axis points to
_UNSEEN_ANNOTATIONS = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_TAIL, _JPEG_TAIL = 1 << 16, 256
_LONGEST_DICTIONARY = 2048
_MOST_BYTES_READ = 64 << 20


class PdfPages:
    """A PDF. Its methods raise Unreadable."""

    def __init__(self, source: BinaryIO, size: int, bounds: Bounds) -> None:
        """Only prepares: what is made here cannot be made once the process is locked in."""
        self._opened, self._source, self._size, self._bounds = source, source.fileno(), size, bounds
        pdfium.FPDF_InitLibraryWithConfig(ctypes.byref(pdfium.FPDF_LIBRARY_CONFIG(version=2)))
        self._file = self._access()
        self._form_info = pdfium.FPDF_FORMFILLINFO(version=1)  # draws fields; knows no scripts, follows no actions
        self._form: Any = None
        self._bitmap: Any = None
        self._bytes_read = 0
        self._is_altered = False
        self.count = 0

    def open(self, enough: int) -> None:
        """Read how many pages there are; `enough` is only for files where that takes time."""
        if b"%%EOF" not in os.pread(self._source, _TAIL, max(0, self._size - _TAIL)):
            raise Unreadable("truncated")
        self._load()
        self.count = pdfium.FPDF_GetPageCount(self._document)
        self._bounds.check_pages(self.count)

    def _load(self) -> None:
        self._document = pdfium.FPDF_LoadCustomDocument(ctypes.byref(self._file), None)
        self._bytes_read = 0
        if not self._document:
            code = pdfium.FPDF_GetLastError()
            raise Unreadable("encrypted" if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY) else "broken")
        if pdfium.FPDF_GetFormType(self._document) != pdfium.FORMTYPE_NONE:
            self._form = pdfium.FPDFDOC_InitFormFillEnvironment(self._document, ctypes.byref(self._form_info))
            pdfium.FPDF_SetFormFieldHighlightAlpha(self._form, 0)

    def _close(self) -> None:
        if self._form:
            pdfium.FPDFDOC_ExitFormFillEnvironment(self._form)
            self._form = None
        pdfium.FPDF_CloseDocument(self._document)

    def check(self) -> None:
        """Unreadable when no page is within the limits: the reason of the first."""
        first: Unreadable | None = None
        size = pdfium.FS_SIZEF()
        for number in range(self.count):
            try:
                if not pdfium.FPDF_GetPageSizeByIndexF(self._document, number, ctypes.byref(size)):
                    raise Unreadable("broken")
                self._bounds.check_metres(size.width * _METRE, size.height * _METRE)
            except Unreadable as reason:
                first = first or reason
            else:
                return
        if first is not None:
            raise first

    def page(self, number: int) -> Decoded:
        """The page as pixels; `number` counts from 0. Valid until the next page is asked for."""
        self._drop()
        if self._bytes_read > _MOST_BYTES_READ:  # it keeps what it has read
            self._close()
            self._load()
        page = pdfium.FPDF_LoadPage(self._document, number)
        if not page:
            raise Unreadable("broken")
        try:
            return self._decoded(page)
        finally:
            pdfium.FPDF_ClosePage(page)

    def _decoded(self, page: Any) -> Decoded:
        width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        self._bounds.check_metres(width * _METRE, height * _METRE)
        images = list(itertools.islice(_images(page), _MOST_IMAGES))
        for image in images:
            self._bounds.check_pixels(*_pixel_size(image))
        only = None if self._is_altered else _only_image(page)
        if only is not None:
            taken = self._taken(only, _box(page), 90 * pdfium.FPDFPage_GetRotation(page))
            if taken is not None:
                return taken
        for image in images:
            _check_whole(image)
        dpi = max((_dpi_of(image) for image in images), default=_DPI)
        if images and _has_only_bilevel(page, images):
            return self._drawn(page, width, height, dpi, bilevel=True)
        return self._drawn(page, width, height, min(max(dpi, _LEAST_DPI), _MOST_DPI))

    def _taken(self, image: Any, box: tuple[float, float, float, float], page_turn: int) -> Decoded | None:
        """The picture itself, when it lies straight and fills the page; None otherwise."""
        a, b, c, d, e, f = _matrix(image)
        x_axis = (round(a / math.hypot(a, b)), round(b / math.hypot(a, b))) if a or b else (0, 0)
        turn = _TURNS.get(x_axis)
        sides = (math.hypot(a, b), math.hypot(c, d))
        straight = min(abs(a), abs(b)) < 0.002 * sides[0] and min(abs(c), abs(d)) < 0.002 * sides[1]
        if turn is None or not straight or a * d - b * c <= 0:
            return None
        edges = (min(e, e + a + c), min(f, f + b + d), max(e, e + a + c), max(f, f + b + d))
        if any(abs(edge - side) > _TOLERANCE for edge, side in zip(edges, box, strict=True)):
            return None
        width, height = _pixel_size(image)
        if width * height > self._bounds.picture_pixels:
            return None
        _check_jpeg(image)
        self._bitmap = pdfium.FPDFImageObj_GetBitmap(image)
        if not self._bitmap:
            raise Unreadable("broken")
        if pdfium.FPDFBitmap_GetFormat(self._bitmap) not in _LAYOUTS:  # transparent
            return None
        dpi_x, dpi_y = width * _POINTS / sides[0], height * _POINTS / sides[1]
        return self._held(dpi_x, dpi_y, (turn + page_turn) % 360)

    def _drawn(self, page: Any, width: float, height: float, dpi: float, *, bilevel: bool = False) -> Decoded:
        wanted = width * height * (dpi / _POINTS) ** 2
        if wanted > self._bounds.picture_pixels:
            dpi *= math.sqrt(self._bounds.picture_pixels / wanted)
        size = max(1, round(width * dpi / _POINTS)), max(1, round(height * dpi / _POINTS))
        self._drop()
        self._bitmap = pdfium.FPDFBitmap_CreateEx(*size, pdfium.FPDFBitmap_BGR, None, 0)
        if not self._bitmap:
            raise Unreadable("too_much_memory")
        pdfium.FPDFBitmap_FillRect(self._bitmap, 0, 0, *size, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(self._bitmap, page, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        if self._form:
            pdfium.FPDF_FFLDraw(self._form, self._bitmap, page, 0, 0, *size, 0, pdfium.FPDF_ANNOT)
        return self._held(dpi, dpi, 0, bilevel=bilevel)

    def _held(self, dpi_x: float, dpi_y: float, turn: int, *, bilevel: bool = False) -> Decoded:
        bitmap = self._bitmap
        width, height = pdfium.FPDFBitmap_GetWidth(bitmap), pdfium.FPDFBitmap_GetHeight(bitmap)
        stride, layout = pdfium.FPDFBitmap_GetStride(bitmap), _LAYOUTS[pdfium.FPDFBitmap_GetFormat(bitmap)]
        if width < 1 or height < 1:
            raise Unreadable("broken")
        buffer = ctypes.cast(pdfium.FPDFBitmap_GetBuffer(bitmap), ctypes.POINTER(ctypes.c_ubyte * (stride * height)))
        data = memoryview(buffer.contents).cast("B")
        return Decoded(width, height, layout, stride, dpi_x, dpi_y, turn, bilevel, data)

    def _drop(self) -> None:
        if self._bitmap:
            pdfium.FPDFBitmap_Destroy(self._bitmap)
            self._bitmap = None

    def _access(self) -> Any:
        """How pdfium reads the file. It tells of no mask and no layer, so its reading is watched for them."""

        def block(_: Any, position: int, target: Any, length: int) -> int:
            data = os.pread(self._source, length, position)
            if len(data) != length:
                return 0
            ctypes.memmove(target, data, length)
            self._bytes_read += length
            self._is_altered = self._is_altered or _is_altered(self._source, position)
            return 1

        access = pdfium.FPDF_FILEACCESS()
        access.m_FileLen = self._size
        access.m_GetBlock = type(access.m_GetBlock)(block)
        return access


def _is_altered(source: int, position: int) -> bool:
    """Whether a stream begins here whose dictionary names a mask or a layer: then it is not shown as it is."""
    start = max(0, position - _LONGEST_DICTIONARY)
    before = os.pread(source, position - start, start)
    if not before.endswith((b"stream\n", b"stream\r\n", b"stream\r")):
        return False
    dictionary = before[before.rfind(b" obj") :]
    return b"Mask" in dictionary or b"/OC" in dictionary


def _only_image(page: Any) -> Any | None:
    """The picture that alone can be seen on the page (the text of an OCR is unseen); None when there is more."""
    seen = _seen(page)
    if len(seen) != 1 or pdfium.FPDFPageObj_GetType(seen[0]) != pdfium.FPDF_PAGEOBJ_IMAGE:
        return None
    return seen[0] if _is_plain(seen[0]) else None


def _seen(page: Any) -> list[Any]:
    """What can be seen on the page, annotations too; at most so many of them as matter."""
    objects = range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS))
    things = (pdfium.FPDFPage_GetObject(page, number) for number in objects)
    notes = (number for number in range(pdfium.FPDFPage_GetAnnotCount(page)) if _is_seen_annotation(page, number))
    return list(itertools.islice(itertools.chain(filter(_is_seen, things), notes), _MOST_IMAGES + 1))


def _is_plain(image: Any) -> bool:
    """Whether the picture is shown as it is: not transparent, not clipped, not in a layer."""
    clip = pdfium.FPDFPageObj_GetClipPath(image)
    return (
        not pdfium.FPDFPageObj_HasTransparency(image)
        and (not clip or pdfium.FPDFClipPath_CountPaths(clip) <= 0)
        and not any(_is_layer(image, number) for number in range(pdfium.FPDFPageObj_CountMarks(image)))
    )


def _is_layer(thing: Any, number: int) -> bool:
    name, size = ctypes.create_string_buffer(8), ctypes.c_ulong()
    mark = pdfium.FPDFPageObj_GetMark(thing, number)
    told = pdfium.FPDFPageObjMark_GetName(
        mark, ctypes.cast(name, ctypes.POINTER(ctypes.c_ushort)), len(name), ctypes.byref(size)
    )
    return not told or name.raw[: size.value] == "OC\0".encode("utf-16-le")


def _check_whole(image: Any) -> None:
    """Unreadable when the picture cannot be decoded: a page is not to look blank because of that."""
    _check_jpeg(image)
    bitmap = pdfium.FPDFImageObj_GetBitmap(image)
    if not bitmap:
        raise Unreadable("broken")
    pdfium.FPDFBitmap_Destroy(bitmap)


def _check_jpeg(image: Any) -> None:
    """Unreadable when the picture is a JPEG without its end: the rest of it would be made up."""
    name = ctypes.create_string_buffer(10)
    if pdfium.FPDFImageObj_GetImageFilterCount(image) != 1:
        return
    pdfium.FPDFImageObj_GetImageFilter(image, 0, name, len(name))
    if name.value != b"DCTDecode":
        return
    size = pdfium.FPDFImageObj_GetImageDataRaw(image, None, 0)
    data = ctypes.create_string_buffer(size)
    pdfium.FPDFImageObj_GetImageDataRaw(image, data, size)
    if not data.raw[-_JPEG_TAIL:].rstrip(b"\0\r\n\t ").endswith(b"\xff\xd9"):
        raise Unreadable("truncated")


def _has_only_bilevel(page: Any, images: list[Any]) -> bool:
    """Whether the page is made of pictures of one bit and nothing else (strips, stencils)."""
    data = pdfium.FPDF_IMAGEOBJ_METADATA()
    for image in images:
        told = pdfium.FPDFImageObj_GetImageMetadata(image, page, ctypes.byref(data))
        if not told or data.bits_per_pixel != 1:
            return False
    return len(_seen(page)) == len(images)


def _is_seen(thing: Any) -> bool:
    kind = pdfium.FPDFPageObj_GetType(thing)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        return bool(pdfium.FPDFTextObj_GetTextRenderMode(thing) != pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        told = pdfium.FPDFPath_GetDrawMode(thing, ctypes.byref(fill), ctypes.byref(stroke))
        return not told or bool(fill.value or stroke.value)
    return True


def _is_seen_annotation(page: Any, number: int) -> bool:
    annotation = pdfium.FPDFPage_GetAnnot(page, number)
    if not annotation:
        return False
    try:
        return pdfium.FPDFAnnot_GetSubtype(annotation) not in _UNSEEN_ANNOTATIONS
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)


def _images(page: Any) -> Iterator[Any]:
    """Every picture of the page, those within forms too."""
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        yield from _images_of(pdfium.FPDFPage_GetObject(page, number), 0)


def _images_of(thing: Any, depth: int) -> Iterator[Any]:
    kind = pdfium.FPDFPageObj_GetType(thing)
    if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        yield thing
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        for number in range(min(pdfium.FPDFFormObj_CountObjects(thing), _MOST_OBJECTS)):
            yield from _images_of(pdfium.FPDFFormObj_GetObject(thing, number), depth + 1)


def _matrix(thing: Any) -> tuple[float, float, float, float, float, float]:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(thing, ctypes.byref(matrix)):
        raise Unreadable("broken")
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _box(page: Any) -> tuple[float, float, float, float]:
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(rect)):
        raise Unreadable("broken")
    return rect.left, rect.bottom, rect.right, rect.top


def _pixel_size(image: Any) -> tuple[int, int]:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(image, ctypes.byref(width), ctypes.byref(height)):
        raise Unreadable("broken")
    return width.value, height.value


def _dpi_of(image: Any) -> float:
    a, b = _matrix(image)[:2]
    return _pixel_size(image)[0] * _POINTS / math.hypot(a, b) if a or b else 0.0
