"""The archive's readable copy: the scan's pixels as PDF/A-2b with the text of the generated page lying over its words.

The page keeps the geometry of the generated page and the picture is laid beneath it through the registration: the
text stands exactly where it stood when it was set, so it is extracted as it was generated, and the pixels are turned
and straightened by the viewer alone. Only a page in perspective (a photo) is resampled, once.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from xml.sax.saxutils import escape

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from docservice.archive.content.model import Derivative, DerivedPage, SourcePage, TextSource
from docservice.tools.untrusted.pictures import Picture, Pixels

JPEG_QUALITY = 82
_MOST_OFF = 1.4  # points (half a millimetre): where a matrix leaves more, the picture is in perspective
_MARGIN = 14.0  # points around the page that are kept of a picture in perspective
_LONGEST = 14400.0  # points: no page of a PDF/A may be longer
_A4 = (595.276, 841.89)
_TEXT = "q Q cm BT ET Tf Tm Td TD T* TJ Tj ' \" Tc Tw Tz TL Ts BDC BMC EMC"  # the operators that set text and mark it
_DRAWS_NOTHING = b" 0 0 0 100 500 d1"  # after the width that the font states, too
_SPOKEN = ("/ActualText", "/Lang")  # of marked content, what belongs to the text itself

Matrix = NDArray[np.float64]
_Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage


class TextRecogniser(Protocol):
    """OCR, where it is installed."""

    def text_layer(self, picture: Picture) -> bytes | None:
        """A PDF of one page of the picture's size with nothing but invisible text; None when there is no engine."""


def derive(
    pages: Iterable[SourcePage], generated: bytes, document_id: str, at: datetime, recogniser: TextRecogniser
) -> Derivative:
    """The pages, upright and in the order of their numbers, as PDF/A-2b. The same input gives the same bytes.

    `generated` is the PDF that was printed; `at` goes into the file as its date. Holds one picture at a time.
    """
    made: list[DerivedPage] = []
    with Pdf.open(io.BytesIO(generated)) as source, Pdf.new() as target:
        for page in pages:
            known = source.pages[page.page - 1] if page.page <= len(source.pages) else None
            made.append(_add(target, page, known, recogniser))
        _put_in_order(target, [page.page for page in made])
        _describe(target, source, document_id, at)
        result = io.BytesIO()
        target.save(
            result, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, min_version="1.7"
        )
    return Derivative(result.getvalue(), tuple(sorted(made, key=lambda page: page.page)))


def _put_in_order(target: Pdf, numbers: list[int]) -> None:
    ordered = [target.pages[place].obj for place in sorted(range(len(numbers)), key=numbers.__getitem__)]
    target.Root.Pages.Kids = Array(ordered)


def _add(target: Pdf, page: SourcePage, known: pikepdf.Page | None, recogniser: TextRecogniser) -> DerivedPage:
    size = _size(known)
    place = _registered(page, size) if known is not None else None
    if place is not None and known is not None:
        fonts, text = _text_of(target, known)
        _lay(target, page.picture, place, fonts, text)
        return DerivedPage(page.page, TextSource.COPIED, round(place.off, 3), place.picture is not None)
    place = _turned(page, size)
    layer = recogniser.text_layer(_upright(page))
    if layer is None:
        _lay(target, page.picture, place, Dictionary(), b"")
        return DerivedPage(page.page, TextSource.NONE, None, straightened=False)
    with Pdf.open(io.BytesIO(layer)) as recognised:
        fonts, text = _text_of(target, recognised.pages[0])
        stretch = place.width / float(recognised.pages[0].mediabox[2])
        _lay(target, page.picture, place, fonts, f"{_numbers(stretch, 0, 0, stretch, 0, 0)} cm\n".encode() + text)
    return DerivedPage(page.page, TextSource.RECOGNISED, None, straightened=False)


# -- where the picture lies ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """`to_page` takes pixels of the picture to points of the generated page; the new page begins at (left, bottom).

    `picture` stands for the scan's own when that had to be straightened.
    """

    to_page: Matrix
    left: float
    bottom: float
    width: float
    height: float
    off: float = 0.0
    picture: Picture | None = None


def _registered(page: SourcePage, size: tuple[float, float]) -> _Place | None:
    """The place of the picture by its registration, or None when there is none that can be used."""
    if page.registration is None:
        return None
    to_scan = np.array(page.registration.page_to_scan, np.float64).reshape(3, 3)
    points = np.array([(x, y) for x in np.linspace(0, size[0], 5) for y in np.linspace(0, size[1], 5)])
    with np.errstate(all="ignore"):
        pixels = _mapped(to_scan, points)
    if not np.isfinite(pixels).all():
        return None
    known = np.column_stack([pixels, np.ones(len(pixels))])
    solution = np.linalg.lstsq(known, points, rcond=None)[0]
    off = float(np.abs(known @ solution - points).max())
    if off > _MOST_OFF:
        return _straightened(page.picture, to_scan, size)
    return _bounded(np.vstack([solution.T, (0, 0, 1)]), page.picture, off)


def _bounded(to_page: Matrix, picture: Picture, off: float) -> _Place | None:
    height, width = picture.pixels.shape[:2]
    corners = _mapped(to_page, np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float64))
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    if not max(right - left, top - bottom) < _LONGEST:
        return None
    return _Place(to_page, float(left), float(bottom), float(right - left), float(top - bottom), off)


def _straightened(picture: Picture, to_scan: Matrix, size: tuple[float, float]) -> _Place | None:
    """The page and a margin around it, seen from above at the resolution the picture has in its middle."""
    middle = np.array([(size[0] / 2, size[1] / 2), (size[0] / 2 + 1, size[1] / 2), (size[0] / 2, size[1] / 2 + 1)])
    seen = _mapped(to_scan, middle)
    scale = float(max(np.linalg.norm(seen[1] - seen[0]), np.linalg.norm(seen[2] - seen[0])))
    width, height = (round((side + 2 * _MARGIN) * scale) for side in size)
    if not 0 < max(width, height) <= 2 * max(picture.pixels.shape):
        return None
    to_page = np.array([(1 / scale, 0, -_MARGIN), (0, -1 / scale, size[1] + _MARGIN), (0, 0, 1)])
    pixels = cv2.warpPerspective(
        picture.pixels,
        to_scan @ to_page,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    flat = Picture(np.asarray(pixels, np.uint8), picture.dpi, bilevel=False)
    return _Place(to_page, -_MARGIN, -_MARGIN, width / scale, height / scale, 0.0, flat)


def _turned(page: SourcePage, size: tuple[float, float]) -> _Place:
    """The whole picture, upright, in the size its file states, or on a page of `size` when it states none."""
    height, width = page.picture.pixels.shape[:2]
    if page.rotation in (90, 270):
        across, down = height, width
    else:
        across, down = width, height
    scale = 72 / page.picture.dpi if page.picture.dpi else min(size[0] / across, size[1] / down)
    scale = min(scale, (_LONGEST - 1) / max(across, down))
    turn = {
        0: ((1, 0, 0), (0, -1, height)),
        90: ((0, -1, height), (-1, 0, width)),
        180: ((-1, 0, width), (0, 1, 0)),
        270: ((0, 1, 0), (1, 0, 0)),
    }[page.rotation]
    to_page = np.array([*turn, (0, 0, 1)], np.float64)
    to_page[:2] *= scale
    return _Place(to_page, 0.0, 0.0, across * scale, down * scale)


def _upright(page: SourcePage) -> Picture:
    turned = np.ascontiguousarray(np.rot90(page.picture.pixels, -page.rotation // 90))
    return Picture(turned, page.picture.dpi, page.picture.bilevel)


def _mapped(matrix: Matrix, points: Matrix) -> Matrix:
    seen = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(seen[:, :2] / seen[:, 2:], np.float64)


def _size(page: pikepdf.Page | None) -> tuple[float, float]:
    if page is None:
        return _A4
    x0, y0, x1, y1 = (float(number) for number in page.mediabox.as_list())
    return x1 - x0, y1 - y0


# -- the page --------------------------------------------------------------------------------------------------------


def _lay(target: Pdf, picture: Picture, place: _Place, fonts: pikepdf.Object, text: bytes) -> None:
    """Add a page with the picture in its place and the invisible text over it."""
    laid = place.picture or picture
    height, width = laid.pixels.shape[:2]
    (a, b, c), (d, e, f) = place.to_page[:2]
    image = _numbers(a * width, d * width, -b * height, -e * height, c + b * height, f + e * height)
    content = f"q 1 0 0 1 {_numbers(-place.left, -place.bottom)} cm\nq {image} cm /Scan Do Q\n3 Tr\n".encode()
    page = target.add_blank_page(page_size=(round(place.width, 4), round(place.height, 4)))
    page.obj.Resources = Dictionary(XObject=Dictionary(Scan=_image(target, laid)), Font=fonts)
    page.obj.Contents = Stream(target, content + text + b"\nQ\n")


def _numbers(*values: float) -> str:
    return " ".join(f"{round(float(value), 5) + 0.0:.5f}".rstrip("0").rstrip(".") for value in values)


def _image(target: Pdf, picture: Picture) -> Stream:
    """The pixels anew: CCITT group 4 when they are black and white, JPEG otherwise. Nothing else of the file."""
    height, width = picture.pixels.shape[:2]
    if picture.bilevel:
        stream = Stream(target, _group4(picture.grey))
        stream.Filter = Name.CCITTFaxDecode
        stream.DecodeParms = Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=False)
    else:
        stream = Stream(target, _jpeg(picture.pixels))
        stream.Filter = Name.DCTDecode
    stream.Type, stream.Subtype, stream.Width, stream.Height = Name.XObject, Name.Image, width, height
    grey = picture.bilevel or picture.pixels.ndim == 2
    stream.ColorSpace = Name.DeviceGray if grey else Name.DeviceRGB
    stream.BitsPerComponent = 1 if picture.bilevel else 8
    return stream


def _jpeg(pixels: Pixels) -> bytes:
    ordered = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    done, encoded = cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert done
    return encoded.tobytes()


def _group4(grey: Pixels) -> bytes:
    """One strip of CCITT group 4 data: white runs are white, which is what the code is short for."""
    tiff = io.BytesIO()
    bits = Image.fromarray(cv2.bitwise_not(grey)).convert("1", dither=Image.Dither.NONE)  # it takes 0 for white
    bits.save(tiff, "TIFF", compression="group4", strip_size=1 << 30)
    with Image.open(tiff) as written:
        tags = written.tag_v2  # type: ignore[attr-defined]  # of a TIFF
        ((start,), (length,)) = tags[273], tags[279]
    return tiff.getvalue()[start : start + length]


# -- the text --------------------------------------------------------------------------------------------------------


def _text_of(target: Pdf, page: pikepdf.Page) -> tuple[pikepdf.Object, bytes]:
    """The fonts of a page and the operators that set its text, without everything that shows."""
    kept = _spoken(pikepdf.parse_content_stream(page, _TEXT))
    fonts = page.resources.get(Name.Font)
    carried = Dictionary({name: _carried(target, font) for name, font in fonts.items()}) if fonts else Dictionary()
    return carried, pikepdf.unparse_content_stream(list(kept))


def _carried(target: Pdf, font: pikepdf.Object) -> pikepdf.Object:
    """A font for invisible text: glyphs that are drawings would show in every mode, so nothing is drawn by them."""
    copied = target.copy_foreign(font)
    if "/CharProcs" in copied:
        for name in list(copied.CharProcs.keys()):
            width = copied.CharProcs[name].read_bytes().split()[0]
            copied.CharProcs[name] = Stream(target, width + _DRAWS_NOTHING)
    return copied


def _spoken(instructions: Iterable[_Instruction]) -> Iterator[_Instruction]:
    """The instructions with marked content as the text needs it alone."""
    open_marks: list[bool] = []  # of each marked content that is open, whether it was kept
    for instruction in instructions:
        name = str(instruction.operator)
        if name in ("BDC", "BMC"):
            mark = _mark(list(instruction.operands))
            open_marks.append(mark is not None)
            if mark is not None:
                yield pikepdf.ContentStreamInstruction(mark, instruction.operator)
        elif name != "EMC" or (open_marks and open_marks.pop()):
            yield instruction


def _mark(operands: list[pikepdf.Object]) -> list[pikepdf.Object] | None:
    """Marked content as the text needs it: how it is spoken, in which language, that its letters run backwards."""
    tag, *properties = operands
    if not properties:
        return [tag] if tag == Name.ReversedChars else None
    if not isinstance(properties[0], Dictionary):
        return None
    spoken = {key: value for key, value in properties[0].items() if key in _SPOKEN}
    return [tag, Dictionary(spoken)] if spoken else None


# -- the file --------------------------------------------------------------------------------------------------------


def _describe(target: Pdf, source: Pdf, document_id: str, at: datetime) -> None:
    """What PDF/A-2b asks of the file itself. The colour profile is the one of the generated PDF (sRGB)."""
    title = str(source.docinfo.get(Name.Title, ""))
    root = target.Root
    root.OutputIntents = Array([target.copy_foreign(intent) for intent in source.Root.OutputIntents.as_list()])
    root.Lang = String(str(source.Root.get(Name.Lang, "de")))
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    moment = at.astimezone(UTC).replace(microsecond=0)
    metadata = Stream(target, _xmp(title, document_id, moment).encode())
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    root.Metadata = metadata
    date = String(f"D:{moment:%Y%m%d%H%M%S}Z")
    target.trailer.Info = target.make_indirect(
        Dictionary(Title=String(title), CreationDate=date, ModDate=date, Producer=String("docservice"))
    )


def _xmp(title: str, document_id: str, at: datetime) -> str:
    moment = at.isoformat().replace("+00:00", "Z")
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Aus dem Scan abgeleitete Lesefassung; \
maßgeblich sind die Originaldaten.</rdf:li></rdf:Alt></dc:description>
<dc:source>document {escape(document_id)}</dc:source>
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
<pdf:Producer>docservice</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
