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
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import pypdfium2_raw as pdfium

from docservice.tools.child.decoded import Bounds, Decoded, Unreadable
from docservice.tools.child.jpeg_marks import endings, ends, is_followed
from docservice.tools.child.pdf_extent import extent

_POINTS = 72.0
_METRE = 0.0254 / _POINTS
_TOLERANCE = 0.0025  # between the edge of a picture and the edge of its page; 2 points on A4
_DPI, _LEAST_DPI, _MOST_DPI = 300.0, 200.0, 400.0  # of sheets from A5 to A3; what is not that large is no sheet
_SMALL_SHEET, _LARGE_SHEET = 8.27, 16.54  # inches of the longer side
_MOST_OBJECTS, _MOST_IMAGES = 5000, 100
_MOST_MARKED, _MOST_MARKS = 1000, 20
_DEEPEST = 4
_LAYOUTS = {pdfium.FPDFBitmap_Gray: "L", pdfium.FPDFBitmap_BGR: "BGR", pdfium.FPDFBitmap_BGRx: "BGRX"}
_TURNS = {(1, 0): 0, (0, 1): 270, (-1, 0): 180, (0, -1): 90}  # where the picture's x axis points to
_UNSEEN_ANNOTATIONS = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_LAYER = "OC\0".encode("utf-16-le")  # here, because its codec cannot be loaded later
_NEVER_BILEVEL = (b"JPXDecode", b"DCTDecode")
_MOST_JPX_PIXELS = 12_000_000  # of a JPEG 2000 that is decoded in full: that takes long
_BELOW = 0.997  # a level is left out when what is drawn has at most half of its pixels on each side
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
        images = list(itertools.islice(_images(page), _MOST_IMAGES))
        for image in images:
            self._check_pixels(page, image)
        sizes = [(math.prod(_pixel_size(image.thing)), image.dpi()) for image in images]
        self._bounds.check_area(width * _METRE, height * _METRE, max(sizes)[1] if sizes else 0.0)
        self._note_what_is_unread(page)
        only = None if self._is_altered else _only_image(page)
        if only is not None:
            taken = self._taken(only, _box(page), 90 * pdfium.FPDFPage_GetRotation(page))
            if taken is not None:
                return taken
        for image in images:
            self._check_whole(image.thing)
        finest = max((dpi for _, dpi in sizes), default=None)
        if images and _has_only_bilevel(page, images):
            return self._drawn(page, width, height, finest or _DPI, bilevel=True)
        dpi = _drawing_dpi(max(width, height) / _POINTS, finest)
        coarse = [_jpx_dpi(image) for image in images if _is_slow(image.thing)]
        return self._drawn(page, width, height, min([dpi, *coarse]))

    def _check_pixels(self, page: Any, image: _Placed) -> None:
        width, height = _pixel_size(image.thing)
        few = width * height <= self._bounds.pixels
        self._bounds.check_pixels(width, height, bilevel=not few and _is_bilevel(page, image.thing))

    def _note_what_is_unread(self, page: Any) -> None:
        if any(kind == pdfium.FPDF_ANNOT_FILEATTACHMENT for kind in _annotations(page)):
            self._odd.add("attached_files")
        if _has_layers(page):
            self._odd.add("layers")

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
        tolerance = _TOLERANCE * max(box[2] - box[0], box[3] - box[1])
        if any(abs(edge - side) > tolerance for edge, side in zip(edges, box, strict=True)):
            return None
        width, height = _pixel_size(image)
        if width * height > self._bounds.picture_pixels or _is_slow(image):
            return None
        self._check_encoded(image)
        self._bitmap = pdfium.FPDFImageObj_GetBitmap(image)
        if not self._bitmap:
            raise Unreadable("broken")
        if pdfium.FPDFBitmap_GetFormat(self._bitmap) not in _LAYOUTS:  # transparent
            return None
        dpi_x, dpi_y = width * _POINTS / sides[0], height * _POINTS / sides[1]
        return self._held(dpi_x, dpi_y, (turn + page_turn) % 360)

    def _drawn(self, page: Any, width: float, height: float, dpi: float, *, bilevel: bool = False) -> Decoded:
        excess = width * height * (dpi / _POINTS) ** 2 / self._bounds.picture_pixels
        if excess > 1:  # by whole pixels where there is no grey to tell of their shares
            dpi /= 2 ** math.ceil(math.log2(excess) / 2) if bilevel else math.sqrt(excess)
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

    def _check_whole(self, image: Any) -> None:
        """Unreadable when the picture cannot be decoded: a page is not to look blank because of that."""
        self._check_encoded(image)
        if _is_slow(image):
            return
        bitmap = pdfium.FPDFImageObj_GetBitmap(image)
        if not bitmap:
            raise Unreadable("broken")
        pdfium.FPDFBitmap_Destroy(bitmap)

    def _check_encoded(self, image: Any) -> None:
        """Unreadable when a part of the picture is missing: it would be made up."""
        kind = _filter(image)
        if kind == b"JPXDecode" and b"\xff\xd9" not in _encoded(image):  # found nowhere else in it
            raise Unreadable("truncated")
        if kind != b"DCTDecode":
            return
        data = _encoded(image)
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


def _only_image(page: Any) -> Any | None:
    """The picture that alone can be seen on the page (the text of an OCR is unseen); None when there is more."""
    seen = _seen(page)
    if len(seen) != 1 or _is_stamped(page) or pdfium.FPDFPageObj_GetType(seen[0]) != pdfium.FPDF_PAGEOBJ_IMAGE:
        return None
    return seen[0] if _is_plain(seen[0]) else None


def _seen(page: Any) -> list[Any]:
    """What can be seen on the page but for annotations; at most so many of them as matter."""
    objects = range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS))
    things = (pdfium.FPDFPage_GetObject(page, number) for number in objects)
    return list(itertools.islice(filter(_is_seen, things), _MOST_IMAGES + 1))


def _is_stamped(page: Any) -> bool:
    """Whether annotations can be seen on the page."""
    return any(kind not in _UNSEEN_ANNOTATIONS for kind in _annotations(page))


def _is_plain(image: Any) -> bool:
    """Whether the picture is shown as it is: not transparent, not clipped, not in a layer."""
    clip = pdfium.FPDFPageObj_GetClipPath(image)
    return (
        not pdfium.FPDFPageObj_HasTransparency(image)
        and (not clip or pdfium.FPDFClipPath_CountPaths(clip) <= 0)
        and not any(_is_layer(image, number) for number in range(pdfium.FPDFPageObj_CountMarks(image)))
    )


def _has_layers(page: Any) -> bool:
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


def _filter(image: Any) -> bytes:
    """The one filter that the picture is encoded with; empty when there are none or several."""
    name = ctypes.create_string_buffer(20)
    if pdfium.FPDFImageObj_GetImageFilterCount(image) != 1:
        return b""
    pdfium.FPDFImageObj_GetImageFilter(image, 0, name, len(name))
    return name.value


def _is_slow(image: Any) -> bool:
    return _filter(image) == b"JPXDecode" and math.prod(_pixel_size(image)) > _MOST_JPX_PIXELS


def _jpx_dpi(image: _Placed) -> float:
    """At which resolution a large JPEG 2000 need not be decoded in full: its finer levels are left out."""
    halved, pixels = image.dpi(), float(math.prod(_pixel_size(image.thing)))
    while pixels > _MOST_JPX_PIXELS:
        halved, pixels = halved / 2, pixels / 4
    return halved * _BELOW


def _encoded(image: Any) -> bytes:
    size = pdfium.FPDFImageObj_GetImageDataRaw(image, None, 0)
    data = ctypes.create_string_buffer(size)
    pdfium.FPDFImageObj_GetImageDataRaw(image, data, size)
    return data.raw


def _has_only_bilevel(page: Any, images: list[_Placed]) -> bool:
    """Whether the page is made of pictures of one bit and nothing else (strips, stencils)."""
    if not all(_is_bilevel(page, image.thing) for image in images):
        return False
    return len(_seen(page)) == len(images) and not _is_stamped(page)


def _is_bilevel(page: Any, image: Any) -> bool:
    if _filter(image) in _NEVER_BILEVEL:  # to be asked, it would be decoded
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


def _annotations(page: Any) -> Iterator[int]:
    """The kinds of the annotations on the page."""
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_OBJECTS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if annotation:
            yield pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)


def _images(page: Any) -> Iterator[_Placed]:
    """Every picture of the page, those within forms too."""
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        yield from _images_of(pdfium.FPDFPage_GetObject(page, number), 0, 1.0)


def _images_of(thing: Any, depth: int, scale: float) -> Iterator[_Placed]:
    kind = pdfium.FPDFPageObj_GetType(thing)
    if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
        yield _Placed(thing, scale)
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        a, b, c, d, _, _ = _matrix(thing)
        for number in range(min(pdfium.FPDFFormObj_CountObjects(thing), _MOST_OBJECTS)):
            within = pdfium.FPDFFormObj_GetObject(thing, number)
            yield from _images_of(within, depth + 1, scale * math.sqrt(abs(a * d - b * c)))


class _Placed(NamedTuple):
    """A picture, and by how much the forms it lies in make it larger."""

    thing: Any
    scale: float

    def dpi(self) -> float:
        """Its resolution on the page along its finer side; 0 when it cannot be seen."""
        a, b, c, d, _, _ = _matrix(self.thing)
        sides = math.hypot(a, b) * self.scale, math.hypot(c, d) * self.scale
        pixels = _pixel_size(self.thing)
        dpi = max((count * _POINTS / side for count, side in zip(pixels, sides, strict=True) if side > 0), default=0.0)
        return dpi if dpi < math.inf else 0.0


def _drawing_dpi(inches: float, finest: float | None) -> float:
    """How finely a page is drawn whose longer side is so many inches: like its finest picture, if that makes sense.

    A page far from the size of a sheet was made by someone who did not know the resolution: then pixels count.
    """
    smaller, larger = min(1.0, _LARGE_SHEET / inches), max(1.0, _SMALL_SHEET / inches)
    least, most = _LEAST_DPI * smaller * larger, _MOST_DPI * max(1.0, 11.69 / inches)
    return _DPI * smaller * larger if finest is None else min(max(finest, least), most)


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
