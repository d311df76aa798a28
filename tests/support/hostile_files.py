"""Files that want to do harm, or were harmed: all invented, all made here, none of them kept.

Each is a maker of bytes with what has to become of them: a code of refusal, or PIXELS when they are read as pictures.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pikepdf
from PIL import Image

PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file and what may become of it: codes, or PIXELS. `name` is what its sender calls it."""

    name: str
    make: Callable[[], bytes]
    ends: tuple[str, ...]


def page_of_print(width: int = 620, height: int = 877, seed: int = 1) -> Image.Image:
    """A grey page with lines that look like print (75 dpi unless told otherwise)."""
    noise = np.random.default_rng(seed)
    page = np.full((height, width), 250, np.uint8)
    for top in range(height // 12, height - height // 12, max(8, height // 50)):
        words = noise.integers(0, 2, width // 6).astype(np.uint8)
        page[top : top + max(2, height // 160), : 6 * len(words)] -= np.repeat(words, 6) * 220
    return Image.fromarray(page)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image as a file."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def pdf(objects: dict[int, bytes], extra: bytes = b"") -> bytes:
    """A PDF of raw objects; 1 is the catalogue. A stream's object is written with its keywords."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    out += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (size, extra, start)
    return bytes(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(data), data)


def one_page(
    content: bytes = b"q 595 0 0 842 0 0 cm /Im0 Do Q",
    *,
    page: bytes = b"",
    catalogue: bytes = b"",
    box: bytes = b"0 0 595 842",
    more: dict[int, bytes] | None = None,
    image: bytes | None = None,
    extra: bytes = b"",
) -> bytes:
    """A PDF of one page that shows one picture (object 5); `more` objects are numbered from 6."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R%b>>" % catalogue,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R"
        b"/Resources<</XObject<</Im0 5 0 R/Fm0 6 0 R>>>>%b>>" % (box, page),
        4: stream(content),
        5: image if image is not None else jpeg_object(),
        **(more or {}),
    }
    return pdf(objects, extra)


def jpeg_object(image: Image.Image | None = None, entries: bytes = b"") -> bytes:
    """A JPEG as a picture of a PDF."""
    image = image or page_of_print()
    colours = b"/DeviceGray" if image.mode == "L" else b"/DeviceRGB"
    return stream(
        saved(image, "JPEG"),
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace%b/Filter/DCTDecode%b"
        % (*image.size, colours, entries),
    )


def scan() -> bytes:
    """A PDF as an office scanner makes it: a good file."""
    return one_page()


def _encrypted(user: str, owner: str) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(scan())) as document:
        document.save(target, encryption=pikepdf.Encryption(user=user, owner=owner))
    return target.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def _cut(data: bytes, share: float = 0.6) -> bytes:
    return data[: int(len(data) * share)]


def _png(width: int, height: int, rows: int, *, chunks: bytes = b"") -> bytes:
    """A grey PNG of one bit; `rows` of it are there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packed = zlib.compress(bytes((1 + (width + 7) // 8) * rows), 9)
    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + chunks + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _png_with_text_bomb() -> bytes:
    text = b"Comment\0\0" + zlib.compress(bytes(300_000_000), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    return _png(600, 800, 800, chunks=chunk)


def _tiff(width: int, height: int, frames: int, *, loop: bool = False, strip: bytes | None = None) -> bytes:
    """Frames that share one strip of black and white."""
    data = strip if strip is not None else bytes((width + 7) // 8 * height)
    out = bytearray(b"II*\0" + struct.pack("<I", 8 + len(data)) + data)
    entries = (
        (256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
        (278, 4, height), (279, 4, len(data)),
    )  # fmt: skip
    first = len(out)
    for number in range(frames):
        here = len(out)
        out += struct.pack("<H", len(entries))
        for tag, kind, value in entries:
            out += struct.pack("<HHII", tag, kind, 1, value)
        after = here + 2 + 12 * len(entries) + 4
        out += struct.pack("<I", after if number + 1 < frames else first if loop else 0)
    return bytes(out)


def _huge_jpeg() -> bytes:
    data = bytearray(saved(page_of_print(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 40_000, 30_000)
    return bytes(data)


def _many_scans() -> bytes:
    """A progressive JPEG whose last scan comes again and again over a large picture."""
    data = saved(Image.new("L", (6_000, 6_000), 200), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 300 + data[-2:]


def _broken_jpeg() -> bytes:
    data, chance = bytearray(saved(page_of_print(), "JPEG")), random.Random(3)
    for place in range(300, 700):
        data[place] = chance.randrange(256)
    return bytes(data)


def _many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 5 + count))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count),
        3: stream(b""),
    }
    objects |= dict.fromkeys(range(5, 5 + count), b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
    return pdf(objects)


def _laughing_forms(width: int = 30, depth: int = 9) -> bytes:
    """Each form draws the next one many times."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</Fm0 %d 0 R>>>>"
    more = {6 + n: stream(b"/Fm0 Do " * width, form % (7 + n)) for n in range(depth)}
    more[6 + depth] = stream(b"0 0 9 9 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]")
    return one_page(b"/Fm0 Do", more=more)


def _recursive_form() -> bytes:
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</Fm0 %d 0 R>>>>"
    more = {6: stream(b"/Fm0 Do /Fm0 Do", form % 7), 7: stream(b"/Fm0 Do /Fm0 Do", form % 6)}
    return one_page(b"/Fm0 Do", more=more)


def _packed(size: int, layers: int) -> bytes:
    pack = zlib.compressobj(1)
    data = b"".join(pack.compress(bytes(1 << 20)) for _ in range(size >> 20)) + pack.flush()
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return data


def _flate_content() -> bytes:
    filters = b"/Filter[%b]" % (b"/FlateDecode" * 3)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        4: stream(_packed(600 << 20, 3), filters),
    }
    return pdf(objects)


def _flate_image(width: int, height: int, layers: int) -> bytes:
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray/Filter[%b]" % (
        width,
        height,
        b"/FlateDecode" * layers,
    )
    return one_page(image=stream(_packed(min(width * height, 100 << 20), layers), entries))


def _filters_of_every_kind() -> bytes:
    kinds = b"/ASCIIHexDecode/ASCII85Decode/LZWDecode/RunLengthDecode/FlateDecode/CCITTFaxDecode/DCTDecode" * 40
    entries = b"/Type/XObject/Subtype/Image/Width 5000/Height 5000/BitsPerComponent 8/ColorSpace/DeviceGray/Filter[%b]"
    return one_page(image=stream(bytes(range(256)) * 400, entries % kinds))


def _jpx(width: int, height: int) -> bytes:
    """A JPEG 2000 whose own header tells another size than the PDF does."""
    data = bytearray(saved(page_of_print(), "JPEG2000"))
    at = data.index(b"\xff\x4f\xff\x51") + 8
    data[at : at + 8] = struct.pack(">II", width, height)
    data[at + 16 : at + 24] = struct.pack(">II", width, height)
    box = data.index(b"ihdr") + 4
    data[box : box + 8] = struct.pack(">II", height, width)
    return one_page(image=stream(bytes(data), b"/Type/XObject/Subtype/Image/Width 620/Height 877/Filter/JPXDecode"))


def _jbig2(width: int, height: int) -> bytes:
    """A JBIG2 page and one generic region of this size, with next to no data."""

    def segment(number: int, kind: int, data: bytes) -> bytes:
        return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data

    page = segment(0, 48, struct.pack(">IIIIBH", width, height, 0, 0, 0, 0))
    template = b"\x03\xff\xfd\xff\x02\xfe\xfe\xfe"
    region = segment(1, 38, struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\0" + template + bytes(40))
    entries = b"/Type/XObject/Subtype/Image/Width 620/Height 877/BitsPerComponent 1/ColorSpace/DeviceGray"
    return one_page(image=stream(page + region, entries + b"/Filter/JBIG2Decode"))


def _many_strokes() -> bytes:
    """A million curved lines with dashes and transparency: hours of drawing."""
    chance = random.Random(5)
    line = b"".join(
        b"%d %d m %d %d %d %d %d %d c S " % tuple(chance.randrange(800) for _ in range(8)) for _ in range(200)
    )
    content = zlib.compress(b"/G0 gs [0.01 0.01] 0 d 300 w " + line * 3000, 9)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 2000 2000]/Contents 4 0 R/Resources<</ExtGState<</G0 5 0 R>>>>>>",
        4: stream(content, b"/Filter/FlateDecode"),
        5: b"<</Type/ExtGState/CA 0.5/BM/Luminosity>>",
    }
    return pdf(objects)


def hanging_pages(count: int) -> bytes:
    """Many pages that each take for ever."""
    with pikepdf.open(io.BytesIO(_many_strokes())) as document:
        for _ in range(count - 1):
            document.pages.append(document.pages[0])
        target = io.BytesIO()
        document.save(target)
    return target.getvalue()


def _form_field() -> bytes:
    """An XFA form with a script in it."""
    xfa = (
        b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template><subform><event activity="initialize">'
        b'<script contentType="application/x-javascript">app.alert("x")</script></event></subform></template></xdp:xdp>'
    )
    return one_page(catalogue=b"/AcroForm<</Fields[]/XFA 6 0 R>>", more={6: stream(xfa)})


def _external() -> bytes:
    entries = (
        b"/Type/XObject/Subtype/Image/Width 8/Height 8/BitsPerComponent 8/ColorSpace/DeviceGray"
        b"/F<</Type/Filespec/F(/etc/passwd)>>"
    )
    return one_page(image=stream(b"", entries))


def _action(kind: bytes) -> bytes:
    return one_page(
        catalogue=b"/OpenAction<<%b>>" % kind,
        page=b"/AA<</O<<%b>>>>/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 500 500]/A<<%b>>>>]" % (kind, kind),
    )


def _xref_loop() -> bytes:
    data = scan()
    return data.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % data.index(b"xref\n0"))


def _page_tree_loop() -> bytes:
    return scan().replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]")


def _test_virus() -> bytes:
    """The harmless test string of virus scanners, put together here so that none of them takes this file away."""
    parts = ("X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD", "-ANTIVIRUS-", "TEST-FILE", "!$H+H*")
    return "".join(parts).encode()


_HTML = b"<!DOCTYPE html><html><script>fetch('http://192.0.2.1/')</script></html>"
_SCRIPT = b"/S/JavaScript/JS(while\\(true\\){app.alert\\(1\\)})"

HOSTILE = (
    Hostile("password.pdf", lambda: _encrypted("secret", "other"), ("encrypted",)),
    Hostile("owner password.pdf", lambda: _encrypted("", "other"), (PIXELS,)),
    Hostile("cut.pdf", lambda: _cut(scan()), ("truncated",)),
    Hostile("cut.jpg", lambda: _cut(saved(page_of_print(), "JPEG")), ("truncated",)),
    Hostile("cut.png", lambda: _cut(saved(page_of_print(), "PNG")), ("truncated",)),
    Hostile("cut.tif", lambda: _cut(saved(page_of_print(), "TIFF")), ("truncated",)),
    Hostile("cut.heic", lambda: _cut(_heic()), ("truncated", "broken")),
    Hostile("empty.pdf", lambda: b"", ("empty",)),
    Hostile("a picture.pdf", lambda: saved(page_of_print(), "JPEG"), (PIXELS,)),
    Hostile("pdf and zip.pdf", lambda: scan() + _zip({"x.exe": b"MZ"}), (PIXELS,)),
    Hostile("jpeg and html.jpg", lambda: saved(page_of_print(), "JPEG") + _HTML, (PIXELS,)),
    Hostile("jpeg and pdf.pdf", lambda: saved(page_of_print(), "JPEG", comment=scan()[:60_000]), (PIXELS,)),
    Hostile("script.pdf", lambda: _action(_SCRIPT), (PIXELS,)),
    Hostile("launch.pdf", lambda: _action(b"/S/Launch/F(/bin/sh)"), (PIXELS,)),
    Hostile("uri.pdf", lambda: _action(b"/S/URI/URI(http://192.0.2.1/)"), (PIXELS,)),
    Hostile(
        "embedded.pdf",
        lambda: one_page(
            catalogue=b"/Names<</EmbeddedFiles<</Names[(x.exe)<</Type/Filespec/F(x.exe)/EF<</F 6 0 R>>>>]>>>>",
            more={6: stream(b"MZ" * 100, b"/Type/EmbeddedFile")},
        ),
        (PIXELS,),
    ),
    Hostile("xfa.pdf", _form_field, (PIXELS,)),
    Hostile("external.pdf", _external, (PIXELS, "broken")),
    Hostile("recursive forms.pdf", _recursive_form, (PIXELS, "broken", "too_slow", "too_much_memory")),
    Hostile("forms in forms.pdf", _laughing_forms, ("broken", "too_slow", "too_much_memory")),
    Hostile("nested filters.pdf", lambda: _flate_image(9000, 9000, 30), (PIXELS, "broken", "too_slow")),
    Hostile("filters of every kind.pdf", _filters_of_every_kind, (PIXELS, "broken", "too_slow")),
    Hostile("xrefs in a ring.pdf", _xref_loop, (PIXELS, "broken")),
    Hostile("page tree in a ring.pdf", _page_tree_loop, ("broken", "no_pages")),
    Hostile("strokes.pdf", _many_strokes, ("too_slow",)),
    Hostile("pages that hang.pdf", lambda: hanging_pages(300), ("too_slow",)),
    Hostile("huge.png", lambda: _png(30_000, 40_000, 10), ("too_many_pixels",)),
    Hostile("huge.tif", lambda: _tiff(30_000, 40_000, 1, strip=bytes(1000)), ("too_many_pixels",)),
    Hostile("huge.jpg", _huge_jpeg, ("too_many_pixels",)),
    Hostile("huge.pdf", lambda: _flate_image(30_000, 40_000, 1), ("too_many_pixels",)),
    Hostile("5 metres.pdf", lambda: one_page(box=b"0 0 14174 14174"), ("page_too_large",)),
    Hostile("100,000 pages.pdf", lambda: _many_pages(100_000), ("too_many_pages",)),
    Hostile("5,000 frames.tif", lambda: _tiff(100, 100, 5000), ("too_many_pages",)),
    Hostile("frames in a ring.tif", lambda: _tiff(200, 200, 3, loop=True), (PIXELS, "too_many_pages", "truncated")),
    Hostile("bomb.png", lambda: _png(10_000, 12_000, 12_000), (PIXELS,)),
    Hostile("text bomb.png", _png_with_text_bomb, (PIXELS, "broken")),
    Hostile("content bomb.pdf", _flate_content, (PIXELS, "broken", "too_slow", "too_much_memory")),
    Hostile("jpx bomb.pdf", lambda: _jpx(30_000, 40_000), (PIXELS, "broken", "too_slow", "too_much_memory")),
    Hostile("jbig2 bomb.pdf", lambda: _jbig2(60_000, 60_000), (PIXELS, "broken", "too_slow", "too_much_memory")),
    Hostile("300 scans.jpg", _many_scans, (PIXELS, "too_slow")),
    Hostile("zip slip.zip", lambda: _zip({"../../etc/cron.d/x": b"x"}), ("unsupported_type",)),
    Hostile(
        "script.svg",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        ("unsupported_type",),
    ),
    Hostile(
        "macros.docx",
        lambda: _zip({"[Content_Types].xml": b"<Types/>", "word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
        ("unsupported_type",),
    ),
    Hostile("page.pdf", lambda: _HTML, ("unsupported_type",)),
    Hostile("broken.jpg", _broken_jpeg, (PIXELS, "broken", "truncated")),
    Hostile("test virus.com", _test_virus, ("unsupported_type",)),
    Hostile("noise.bin", lambda: random.Random(7).randbytes(50_000), ("unsupported_type",)),
    Hostile("noise.pdf", lambda: b"%PDF-1.7\n" + random.Random(7).randbytes(50_000) + b"\n%%EOF\n", ("broken",)),
    Hostile("noise.tif", lambda: b"II*\0" + random.Random(8).randbytes(50_000), ("broken", "truncated", "no_pages")),
    Hostile("noise.jpg", lambda: b"\xff\xd8\xff" + random.Random(9).randbytes(50_000), ("broken", "truncated")),
)


def _heic() -> bytes:
    import pillow_heif

    target = io.BytesIO()
    pillow_heif.from_pillow(page_of_print().convert("RGB")).save(target, quality=60)
    return target.getvalue()
