"""Whole files as strange as scanners, phones and mail programs make them: all invented, all made here.

Each shows the same page (or pages), and is to be read; `hints` are the codes of what has to be said about it.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pikepdf
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from tests.support.hostile_files import jpeg_object, one_page, page_of_print, pdf, saved, stream

WIDTH, HEIGHT = 496, 702
GREY = page_of_print(WIDTH, HEIGHT)
COLOUR = Image.merge("RGB", (GREY, GREY.point(lambda value: 255 - (255 - value) // 2), GREY))
BLACK = GREY.point(lambda value: 255 if value > 128 else 0).convert("1")
FILLS = b"q 595 0 0 842 0 0 cm /Im0 Do Q"


@dataclass(frozen=True, slots=True)
class Odd:
    """One file, how many pages like GREY it has, and what is said about the file or its pages."""

    name: str
    make: Callable[[], bytes]
    pages: int = 1
    hints: tuple[str, ...] = ()


def with_data(data: bytes, entries: bytes) -> bytes:
    """A picture object of this encoded data."""
    return stream(data, b"/Type/XObject/Subtype/Image/Width %d/Height %d%b" % (WIDTH, HEIGHT, entries))


def jpeg(**options: object) -> bytes:
    """The page as a JPEG."""
    return saved(GREY, "JPEG", quality=90, **options)


def jpeg_in_pdf(data: bytes) -> bytes:
    """A scan whose JPEG is this."""
    return one_page(image=with_data(data, b"/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/DCTDecode"))


def on_a_page(width: float, height: float, page: bytes = b"", **options: object) -> bytes:
    """The page as a picture that fills a page of so many points."""
    return one_page(
        b"q %f 0 0 %f 0 0 cm /Im0 Do Q" % (width, height),
        image=jpeg_object(GREY),
        box=b"0 0 %f %f" % (width, height),
        page=page,
        **options,  # type: ignore[arg-type]
    )


def drawn_upon(width: float, height: float) -> bytes:
    """The page as a picture on a page of so many points, with a speck upon it: it has to be drawn."""
    content = b"q %f 0 0 %f 0 0 cm /Im0 Do Q 0 g 0 0 %f %f re f" % (width, height, width / 400, width / 400)
    return one_page(content, image=jpeg_object(GREY), box=b"0 0 %f %f" % (width, height))


def with_compressed_objects() -> bytes:
    """A scan whose table of contents is a compressed stream."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(jpeg_in_pdf(jpeg()))) as document:
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()


def without_end(data: bytes) -> bytes:
    """A PDF without its last line."""
    return data[: data.rindex(b"%%EOF")]


def stamped(extra: bytes = b"") -> bytes:
    """A page on which nothing is but one annotation that shows the scan."""
    look = stream(
        b"595 0 0 842 0 0 cm /Im0 Do",
        b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</Im0 5 0 R>>>>",
    )
    note = b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 6 0 R>>>>%b]" % extra
    return one_page(b"", page=note, image=jpeg_object(GREY), more={6: look})


def heic(*images: Image.Image) -> bytes:
    """One HEIC of several pictures."""
    file = pillow_heif.from_pillow(images[0])
    for image in images[1:]:
        file.add_from_pillow(image)
    target = io.BytesIO()
    file.save(target, quality=95)
    return target.getvalue()


def tiff(tags: dict[int, tuple[int, tuple[int, ...]]], strip: bytes, *, big: bool = False, order: str = "<") -> bytes:
    """A TIFF of one strip; tags are {number: (type, values)}, types 1, 3, 4 or 16."""
    letters = {1: "B", 3: "H", 4: "I", 16: "Q"}
    room, count, entry = (8, "Q", "HHQ") if big else (4, "H", "HHI")
    size = 16 if big else 8
    tags = {**tags, 273: (4, (size,)), 279: (4, (len(strip),))}
    place = size + len(strip)
    values, directory = bytearray(), struct.pack(order + count, len(tags))
    after = place + len(directory) + len(tags) * (struct.calcsize("<" + entry) + room) + room
    for tag, (kind, numbers) in sorted(tags.items()):
        value = struct.pack(f"{order}{len(numbers)}{letters[kind]}", *numbers)
        if len(value) > room:
            start = struct.pack(order + ("Q" if big else "I"), after + len(values))
            values += value
            value = start
        directory += struct.pack(order + entry, tag, kind, len(numbers)) + value.ljust(room, b"\0")
    magic = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    start = struct.pack(order + "HHQ", 8, 0, place) if big else struct.pack(order + "I", place)
    return magic + start + strip + directory + bytes(room) + bytes(values)


def grey_tiff(more: dict[int, tuple[int, tuple[int, ...]]], image: Image.Image = GREY, **options: object) -> bytes:
    """The page as a plain TIFF with these tags, too."""
    tags = {
        256: (3, (image.width,)), 257: (3, (image.height,)), 258: (3, (8,)), 259: (3, (1,)), 262: (3, (1,)),
        277: (3, (1,)), 278: (3, (image.height,)),
    }  # fmt: skip
    return tiff({**tags, **more}, image.tobytes(), **options)  # type: ignore[arg-type]


def lab() -> bytes:
    """The page in the colours of a measuring device."""
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(COLOUR, *profiles, outputMode="LAB")
    assert image is not None
    return saved(image, "TIFF")


def tiled() -> bytes:
    """The page in tiles of 128 pixels, each packed by itself."""
    side = 128
    across, down = -(-WIDTH // side), -(-HEIGHT // side)
    pixels = np.full((down * side, across * side), 255, np.uint8)
    pixels[:HEIGHT, :WIDTH] = np.asarray(GREY)
    tiles = [
        zlib.compress(pixels[y * side : (y + 1) * side, x * side : (x + 1) * side].tobytes())
        for y in range(down)
        for x in range(across)
    ]
    places = [8 + sum(map(len, tiles[:number])) for number in range(len(tiles))]
    tags = {
        256: (3, (WIDTH,)), 257: (3, (HEIGHT,)), 258: (3, (8,)), 259: (3, (8,)), 262: (3, (1,)), 277: (3, (1,)),
        322: (3, (side,)), 323: (3, (side,)), 324: (4, tuple(places)), 325: (4, tuple(map(len, tiles))),
    }  # fmt: skip
    return tiff(tags, b"".join(tiles))


def turned(orientation: int) -> Image.Image:
    """The page as it is stored when it has to be turned by 6 or 8 (TIFF 6.0, Orientation)."""
    return GREY.transpose({6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[orientation])


def wide(kind: str) -> bytes:
    """The page with more than 8 bits a pixel."""
    levels = np.asarray(GREY, np.float64) / 255
    if kind == "float":
        return saved(Image.fromarray(levels.astype(np.float32)), "TIFF")
    if kind == "32 bits":
        return saved(Image.fromarray((levels * 65535).astype(np.int32)), "TIFF")
    if kind == "negative":
        image = (65535 - levels * 65535).astype("<u2")
        return grey_tiff(
            {258: (3, (16,)), 262: (3, (0,))}, Image.frombytes("L", (WIDTH * 2, HEIGHT), image.tobytes())
        ).replace(struct.pack("<HHII", 256, 3, 1, WIDTH * 2), struct.pack("<HHII", 256, 3, 1, WIDTH))
    return saved(Image.fromarray((levels * 65535).astype(np.uint16)), kind)


def mpo() -> bytes:
    """A photo with a second one behind it, as cameras make them."""
    return saved(GREY.convert("RGB"), "MPO", save_all=True, append_images=[COLOUR.resize((160, 120))], quality=90)


def moving_png() -> bytes:
    """A PNG of two frames."""
    return saved(GREY, "PNG", save_all=True, append_images=[ImageOps.invert(GREY)])


def portfolio() -> bytes:
    """A scan with another scan attached."""
    names = b"/Names<</EmbeddedFiles<</Names[(scan.pdf)<</Type/Filespec/F(scan.pdf)/EF<</F 6 0 R>>>>]>>>>"
    entries = names + b"/Collection<</Type/Collection>>"
    return one_page(
        image=jpeg_object(GREY), catalogue=entries, more={6: stream(jpeg_in_pdf(jpeg()), b"/Type/EmbeddedFile")}
    )


def with_xfa() -> bytes:
    """A page of a form that only some programs can show."""
    form = stream(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template/></xdp:xdp>')
    return one_page(image=jpeg_object(GREY), catalogue=b"/AcroForm<</Fields[]/XFA 6 0 R>>", more={6: form})


def with_layers() -> bytes:
    """A page on which a second layer is switched off."""
    pages = {
        1: b"<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</XObject<</Im0 5 0 R>>/Properties<</Off 6 0 R>>>>>>",
        4: stream(FILLS + b" /OC /Off BDC 0 g 100 100 200 200 re f EMC"),
        5: jpeg_object(GREY),
        6: b"<</Type/OCG/Name(Off)>>",
    }
    return pdf(pages)


def marked(content: bytes) -> bytes:
    """A scan whose content is marked in this way."""
    return one_page(content, image=jpeg_object(GREY))


PRINTER = b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n"
SERVER = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n"
PINNED = b"/Type/Annot/Subtype/FileAttachment/F 2/Rect[0 0 9 9]/FS<</F(a.pdf)>>"
FAX = b"/Filter/CCITTFaxDecode/DecodeParms<</K -1/BlackIs1 true/Columns %d/Rows %d>>" % (WIDTH, HEIGHT)
TAGGED = "Übersicht".encode("utf-16")[::-1].hex().encode()

ODD = (
    Odd("a pixel a point.pdf", lambda: on_a_page(WIDTH, HEIGHT)),
    Odd("2 metres of few pixels.pdf", lambda: on_a_page(4000, 5661)),
    Odd("14 metres of few pixels.pdf", lambda: on_a_page(28000, 39630)),
    Odd("large, drawn upon.pdf", lambda: drawn_upon(4000, 5661)),
    Odd("user unit.pdf", lambda: on_a_page(59.5, 84.2, b"/UserUnit 10")),
    Odd("tiny.pdf", lambda: on_a_page(2.1, 2.97)),
    Odd("tiny, drawn upon.pdf", lambda: drawn_upon(40, 56.6)),
    Odd("marked.pdf", lambda: marked(b"/Artifact <</Type/Pagination>> BDC " + FILLS + b" EMC")),
    Odd("marked with text.pdf", lambda: marked(b"/Figure <</Alt<FEFF%b>/Lang(de)>> BDC " % TAGGED + FILLS + b" EMC")),
    Odd("marked at length.pdf", lambda: marked(b"/%b BMC /P <</MCID 0>> BDC " % (b"Long" * 30) + FILLS + b" EMC EMC")),
    Odd("one stamp.pdf", stamped),
    Odd("two stamps.pdf", lambda: stamped(b"<</Type/Annot/Subtype/Square/Rect[0 0 1 1]>>")),
    Odd(
        "text behind the end of a JPEG.pdf",
        lambda: jpeg_in_pdf(jpeg() + b"made by a scanner" * 40),
        hints=("bytes_after_end",),
    ),
    Odd("zeros behind the end of a JPEG.pdf", lambda: jpeg_in_pdf(jpeg() + bytes(3000)), hints=("bytes_after_end",)),
    Odd("JPEG without its end.pdf", lambda: jpeg_in_pdf(jpeg()[:-2]), hints=("no_end_mark",)),
    Odd("JPEG in steps without its end.pdf", lambda: jpeg_in_pdf(jpeg(progressive=True)[:-2]), hints=("no_end_mark",)),
    Odd("no end.pdf", lambda: without_end(jpeg_in_pdf(jpeg())), hints=("no_end_mark",)),
    Odd("no end, all packed.pdf", lambda: without_end(with_compressed_objects()), hints=("no_end_mark",)),
    Odd(
        "no place of the table.pdf",
        lambda: (data := jpeg_in_pdf(jpeg()))[: data.rindex(b"startxref")],
        hints=("index_mended", "no_end_mark"),
    ),
    Odd("zeros behind.pdf", lambda: jpeg_in_pdf(jpeg()) + bytes(300_000), hints=("bytes_after_end",)),
    Odd("no end, zeros behind.pdf", lambda: without_end(jpeg_in_pdf(jpeg())) + bytes(100_000), hints=("no_end_mark",)),
    Odd("text behind.pdf", lambda: jpeg_in_pdf(jpeg()) + b"\r\n--boundary--\r\n" * 9000, hints=("bytes_after_end",)),
    Odd(
        "printer.pdf",
        lambda: PRINTER + jpeg_in_pdf(jpeg()) + PRINTER[:9],
        hints=("bytes_after_end", "bytes_before_start"),
    ),
    Odd("web server.pdf", lambda: SERVER + jpeg_in_pdf(jpeg()), hints=("bytes_before_start",)),
    Odd(
        "1000 bytes before.pdf",
        lambda: bytes(range(128, 228)) * 10 + jpeg_in_pdf(jpeg()),
        hints=("bytes_before_start",),
    ),
    Odd(
        "table shifted.pdf",
        lambda: jpeg_in_pdf(jpeg()).replace(b"%PDF-1.7\n", b"%PDF-1.7\n\n\n"),
        hints=("index_mended",),
    ),
    Odd("portfolio.pdf", portfolio, hints=("attached_files",)),
    Odd(
        "file as a note.pdf",
        lambda: one_page(image=jpeg_object(GREY), page=b"/Annots[<<%b>>]" % PINNED),
        hints=("attached_files",),
    ),
    Odd("form.pdf", with_xfa, hints=("form_not_shown",)),
    Odd("layers.pdf", with_layers, hints=("layers",)),
    Odd(
        "fax in a PDF.pdf",
        lambda: one_page(image=with_data(group_4(), b"/BitsPerComponent 1/ColorSpace/DeviceGray" + FAX)),
    ),
    Odd("JPEG 2000 in a PDF.pdf", lambda: one_page(image=with_data(saved(GREY, "JPEG2000"), b"/Filter/JPXDecode"))),
    Odd("no end.jpg", lambda: jpeg()[:-2], hints=("no_end_mark",)),
    Odd("panorama.jpg", lambda: jpeg()[:-2] + b"\0\0\xff\x06\x01\xff\x64SEFHe\0\0\0SEFT", hints=("no_end_mark",)),
    Odd("no end, in steps.jpg", lambda: jpeg(progressive=True)[:-2], hints=("no_end_mark",)),
    Odd("film behind.jpg", lambda: jpeg() + b"\0\0\0\x18ftypmp42" + bytes(9000)),
    Odd("resolution 1.jpg", lambda: jpeg(dpi=(1, 1))),
    Odd("resolution 65535.jpg", lambda: jpeg(dpi=(65535, 65535))),
    Odd("odd particulars.jpg", lambda: saved(GREY, "JPEG", quality=90, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\xffbroken")),
    Odd("two photos.jpg", mpo, hints=("further_pictures",)),
    Odd("three pages.heic", lambda: heic(COLOUR, COLOUR, COLOUR), 3),
    Odd("interlaced.png", lambda: _interlaced()),
    Odd("palette.png", lambda: saved(GREY.convert("P"), "PNG")),
    Odd("moving.png", moving_png, hints=("further_pictures",)),
    Odd("16 bits.png", lambda: wide("PNG")),
    Odd("orientation as byte.tif", lambda: grey_tiff({274: (1, (6,))}, turned(6))),
    Odd("orientation as long.tif", lambda: grey_tiff({274: (4, (8,))}, turned(8))),
    Odd("orientation twice.tif", lambda: grey_tiff({274: (3, (6, 1))}, turned(6))),
    Odd("orientation of no kind.tif", lambda: grey_tiff({274: (3, (99,))})),
    Odd("big, big-endian.tif", lambda: grey_tiff({}, big=True, order=">")),
    Odd("big, little-endian.tif", lambda: grey_tiff({}, big=True)),
    Odd("big-endian.tif", lambda: grey_tiff({}, order=">")),
    Odd("measured colours.tif", lab),
    Odd("printing colours.tif", lambda: saved(COLOUR.convert("CMYK"), "TIFF", compression="tiff_lzw")),
    Odd("palette.tif", lambda: saved(GREY.convert("P"), "TIFF")),
    Odd("transparent.tif", lambda: saved(_transparent(), "TIFF")),
    Odd("tiles.tif", tiled),
    Odd("16 bits.tif", lambda: wide("TIFF")),
    Odd("16 bits, negative.tif", lambda: wide("negative")),
    Odd("32 bits.tif", lambda: wide("32 bits")),
    Odd("fractions.tif", lambda: wide("float")),
)


def group_4() -> bytes:
    """The page as a strip of CCITT group 4."""
    data = saved(BLACK, "TIFF", compression="group4")
    with Image.open(io.BytesIO(data)) as image:
        (start,), (size,) = image.tag_v2[273], image.tag_v2[279]  # type: ignore[attr-defined]
    return data[start : start + size]


def _transparent() -> Image.Image:
    """Black letters on clear ground."""
    clear = Image.new("RGBA", GREY.size, (0, 0, 0, 0))
    clear.putalpha(ImageOps.invert(GREY))
    return clear


def _interlaced() -> bytes:
    """The page in seven passes (Adam7), which Pillow does not write."""
    pixels = np.asarray(GREY)
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b"".join(
        b"\0" + row.tobytes() for left, top, across, down in passes for row in pixels[top::down, left::across]
    )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 1)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)
