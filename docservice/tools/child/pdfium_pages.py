"""Pages of a PDF as pixels, by pdfium. Runs in the sandbox only.

A page that is one picture is that picture, taken out as it is; every other page is drawn. Scripts, actions and embedded
files are never looked at: this pdfium has no JavaScript and no XFA.
"""

from __future__ import annotations

import ctypes
import hashlib
import itertools
import math
import os
from typing import Any, BinaryIO

import pypdfium2_raw as pdfium

from docservice.tools.child.decoded import Bounds, Decoded, Unreadable
from docservice.tools.child.jpeg_marks import endings, ends, is_followed
from docservice.tools.child.pdf_extent import extent
from docservice.tools.child.pdfium_objects import (
    DPI,
    MOST_IMAGES,
    POINTS,
    Placed,
    annotation_kinds,
    drawing_dpi,
    encoded_bytes,
    filter_of,
    has_layers,
    has_only_bilevel,
    images_on,
    is_bilevel,
    is_slow,
    jpx_dpi,
    matrix_of,
    only_image,
    page_box,
    pixel_size,
)

_METRE = 0.0254 / POINTS
_TOLERANCE = 0.0025  # between the edge of a picture and the edge of its page; 2 points on A4
_LAYOUTS = {pdfium.FPDFBitmap_Gray: "L", pdfium.FPDFBitmap_BGR: "BGR", pdfium.FPDFBitmap_BGRx: "BGRX"}
_TURNS = {(1, 0): 0, (0, 1): 270, (-1, 0): 180, (0, -1): 90}  # where the picture's x axis points to
_LONGEST_DICTIONARY = 2048
_MOST_BYTES_READ = 64 << 20


class PdfPages:
    """A PDF. Its methods raise Unreadable."""

    def __init__(self, source: BinaryIO, size: int, bounds: Bounds) -> None:
        """Only prepares: what is made here cannot be made once the process is locked in."""
        self._opened, self._source, self._size, self._bounds = source, source.fileno(), size, bounds
        pdfium.FPDF_InitLibraryWithConfig(ctypes.byref(pdfium.FPDF_LIBRARY_CONFIG(version=2)))
        self._file = self._access()
        self._memory, self._held_bytes = self._memory_access(), b""
        self._form_info = pdfium.FPDF_FORMFILLINFO(version=1)  # draws fields; knows no scripts, follows no actions
        self._form: Any = None
        self._bitmap: Any = None
        self._bytes_read = 0
        self._is_altered = False
        self._odd: set[str] = set()
        self.count = 0
        self.hints: tuple[str, ...] = ()

    def open(self, enough: int) -> None:
        """Read how many pages there are; `enough` is only for files where that takes time."""
        self._file.m_FileLen, hints = extent(self._source, self._size)
        self._load()
        self.count = pdfium.FPDF_GetPageCount(self._document)
        self._bounds.check_pages(self.count)
        self.hints = hints + self._unread()

    def _load(self) -> None:
        self._document = pdfium.FPDF_LoadCustomDocument(ctypes.byref(self._file), None)
        self._bytes_read = 0
        if not self._document:
            code = pdfium.FPDF_GetLastError()
            raise Unreadable("encrypted" if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY) else "broken")
        if pdfium.FPDF_GetFormType(self._document) != pdfium.FORMTYPE_NONE:
            self._form = pdfium.FPDFDOC_InitFormFillEnvironment(self._document, ctypes.byref(self._form_info))
            pdfium.FPDF_SetFormFieldHighlightAlpha(self._form, 0)

    def _unread(self) -> tuple[str, ...]:
        """Hints at what the file holds beside its pages."""
        forms = (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND)
        found = {
            "attached_files": pdfium.FPDFDoc_GetAttachmentCount(self._document) > 0,
            "form_not_shown": pdfium.FPDF_GetFormType(self._document) in forms,
        }
        return tuple(hint for hint, holds in found.items() if holds)

    def _close(self) -> None:
        if self._form:
            pdfium.FPDFDOC_ExitFormFillEnvironment(self._form)
            self._form = None
        pdfium.FPDF_CloseDocument(self._document)

    def check(self) -> None:
        """Unreadable when no page is there."""
        size = pdfium.FS_SIZEF()
        pages = range(self.count)
        if not any(pdfium.FPDF_GetPageSizeByIndexF(self._document, page, ctypes.byref(size)) for page in pages):
            raise Unreadable("broken")

    def page(self, number: int) -> Decoded:
        """The page as pixels; `number` counts from 0. Valid until the next page is asked for."""
        self._drop()
        self._odd.clear()
        if self._bytes_read > _MOST_BYTES_READ:  # it keeps what it has read
            self._close()
            self._load()
        page = pdfium.FPDF_LoadPage(self._document, number)
        if not page:
            raise Unreadable("broken")
        try:
            decoded = self._decoded(page)
            return decoded._replace(hints=tuple(sorted(self._odd)))
        finally:
            pdfium.FPDF_ClosePage(page)

    def _decoded(self, page: Any) -> Decoded:
        width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise Unreadable("broken")
        images = list(itertools.islice(images_on(page), MOST_IMAGES))
        for image in images:
            self._check_pixels(page, image)
        sizes = [(math.prod(pixel_size(image.thing)), image.dpi()) for image in images]
        self._bounds.check_area(width * _METRE, height * _METRE, max(sizes)[1] if sizes else 0.0)
        self._note_what_is_unread(page)
        only = None if self._is_altered else only_image(page)
        if only is not None:
            taken = self._taken(only, page_box(page), 90 * pdfium.FPDFPage_GetRotation(page))
            if taken is not None:
                return taken
        for image in images:
            self._check_whole(image.thing)
        finest = max((dpi for _, dpi in sizes), default=None)
        if images and has_only_bilevel(page, images):
            return self._drawn(page, width, height, finest or DPI, bilevel=True)
        dpi = drawing_dpi(max(width, height) / POINTS, finest)
        coarse = [jpx_dpi(image) for image in images if is_slow(image.thing)]
        return self._drawn(page, width, height, min([dpi, *coarse]))

    def _check_pixels(self, page: Any, image: Placed) -> None:
        width, height = pixel_size(image.thing)
        few = width * height <= self._bounds.pixels
        self._bounds.check_pixels(width, height, bilevel=not few and is_bilevel(page, image.thing))

    def _note_what_is_unread(self, page: Any) -> None:
        if any(kind == pdfium.FPDF_ANNOT_FILEATTACHMENT for kind in annotation_kinds(page)):
            self._odd.add("attached_files")
        if has_layers(page):
            self._odd.add("layers")

    def _taken(self, image: Any, box: tuple[float, float, float, float], page_turn: int) -> Decoded | None:
        """The picture itself, when it lies straight and fills the page; None otherwise."""
        a, b, c, d, e, f = matrix_of(image)
        x_axis = (round(a / math.hypot(a, b)), round(b / math.hypot(a, b))) if a or b else (0, 0)
        turn = _TURNS.get(x_axis)
        sides = (math.hypot(a, b), math.hypot(c, d))
        straight = min(abs(a), abs(b)) < 0.002 * sides[0] and min(abs(c), abs(d)) < 0.002 * sides[1]
        if turn is None or not straight or a * d - b * c <= 0:
            return None
        edges = (min(e, e + a + c), min(f, f + b + d), max(e, e + a + c), max(f, f + b + d))
        tolerance = _TOLERANCE * max(box[2] - box[0], box[3] - box[1])
        if any(abs(edge - side) > tolerance for edge, side in zip(edges, box, strict=True)):
            return None
        width, height = pixel_size(image)
        if width * height > self._bounds.picture_pixels or is_slow(image):
            return None
        self._check_encoded(image)
        self._bitmap = pdfium.FPDFImageObj_GetBitmap(image)
        if not self._bitmap:
            raise Unreadable("broken")
        if pdfium.FPDFBitmap_GetFormat(self._bitmap) not in _LAYOUTS:  # transparent
            return None
        dpi_x, dpi_y = width * POINTS / sides[0], height * POINTS / sides[1]
        return self._held(dpi_x, dpi_y, (turn + page_turn) % 360)

    def _drawn(self, page: Any, width: float, height: float, dpi: float, *, bilevel: bool = False) -> Decoded:
        excess = width * height * (dpi / POINTS) ** 2 / self._bounds.picture_pixels
        if excess > 1:  # by whole pixels where there is no grey to tell of their shares
            dpi /= 2 ** math.ceil(math.log2(excess) / 2) if bilevel else math.sqrt(excess)
        size = max(1, round(width * dpi / POINTS)), max(1, round(height * dpi / POINTS))
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

    def _check_whole(self, image: Any) -> None:
        """Unreadable when the picture cannot be decoded: a page is not to look blank because of that."""
        self._check_encoded(image)
        if is_slow(image):
            return
        bitmap = pdfium.FPDFImageObj_GetBitmap(image)
        if not bitmap:
            raise Unreadable("broken")
        pdfium.FPDFBitmap_Destroy(bitmap)

    def _check_encoded(self, image: Any) -> None:
        """Unreadable when a part of the picture is missing: it would be made up."""
        kind = filter_of(image)
        if kind == b"JPXDecode" and b"\xff\xd9" not in encoded_bytes(image):  # found nowhere else in it
            raise Unreadable("truncated")
        if kind != b"DCTDecode":
            return
        data = encoded_bytes(image)
        if not ends(data):
            both = endings(data)
            if both is None or len({self._looks_of_jpeg(each) for each in both}) != 1:
                raise Unreadable("truncated")
            self._odd.add("no_end_mark")
        elif is_followed(data):
            self._odd.add("bytes_after_end")

    def _looks_of_jpeg(self, data: bytes) -> bytes:
        """A digest of the pixels of a JPEG by itself."""
        self._held_bytes = data
        self._memory.m_FileLen = len(data)
        image = pdfium.FPDFPageObj_NewImageObj(self._document)
        bitmap = None
        try:
            if not pdfium.FPDFImageObj_LoadJpegFileInline(None, 0, image, ctypes.byref(self._memory)):
                raise Unreadable("broken")
            bitmap = pdfium.FPDFImageObj_GetBitmap(image)
            if not bitmap:
                raise Unreadable("broken")
            size = pdfium.FPDFBitmap_GetStride(bitmap) * pdfium.FPDFBitmap_GetHeight(bitmap)
            return hashlib.sha256(ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), size)).digest()
        finally:
            if bitmap:
                pdfium.FPDFBitmap_Destroy(bitmap)
            pdfium.FPDFPageObj_Destroy(image)

    def _memory_access(self) -> Any:
        """How pdfium reads what is held in memory."""

        def block(_: Any, position: int, target: Any, length: int) -> int:
            data = self._held_bytes[position : position + length]
            ctypes.memmove(target, data, len(data))
            return int(len(data) == length)

        access = pdfium.FPDF_FILEACCESS()
        access.m_GetBlock = type(access.m_GetBlock)(block)
        return access

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
