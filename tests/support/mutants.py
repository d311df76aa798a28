"""Good files with something changed in their structure, as by accident or malice. The same seed, the same files."""

from __future__ import annotations

import random
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from docservice.tools.untrusted.pictures import HEIC, JPEG, PDF, PNG, TIFF
from tests.support.hostile_files import one_page, saved
from tests.support.odd_files import (
    BLACK,
    COLOUR,
    FAX,
    GREY,
    ODD,
    Odd,
    group_4,
    heic,
    jpeg,
    tiled,
    with_data,
)

_TYPES = {"pdf": PDF, "tif": TIFF, "jpg": JPEG, "png": PNG, "heic": HEIC}
_NUMBERS = (
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    127,
    128,
    255,
    256,
    4096,
    32767,
    65535,
    1 << 24,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
)
_THINGS = (
    b"null", b"true", b"-1", b"0", b"1e38", b"-0.00001", b"99999999999", b"()", b"<FEFF0041>", b"/Name", b"/", b"[]",
    b"[0 0 0 0]", b"<<>>", b"1 0 R", b"3 0 R", b"5 0 R", b"99 0 R", b"[1 0 R]", b"/DeviceCMYK", b"/Indexed", b"/Image",
    b"[/Indexed/DeviceRGB 255<00>]", b"[/ICCBased 5 0 R]", b"/JBIG2Decode", b"/JPXDecode", b"/Form", b"/Crypt",
)  # fmt: skip
_TOKEN = re.compile(
    rb"/[A-Za-z0-9]+|-?\d+\.?\d*|\[[^\[\]]*\]|<[0-9A-Fa-f]*>|\b(?:obj|endobj|stream|R|cm|Do|BDC|EMC|q|Q)\b"
)
_TAGS = (
    256,
    257,
    258,
    259,
    262,
    266,
    273,
    274,
    277,
    278,
    279,
    282,
    283,
    284,
    292,
    296,
    317,
    320,
    322,
    324,
    338,
    339,
    347,
    700,
    34665,
    34675,
)

Change = Callable[[bytes, random.Random], bytes]


class Mutant(NamedTuple):
    """A changed file: what it was made of, its media type, and its bytes."""

    name: str
    media_type: str
    data: bytes


def mutants(seed: int, count: int) -> Iterator[Mutant]:
    """So many changed files of all kinds."""
    chance = random.Random(seed)
    good = list(_good())
    for number in range(count):
        kind, data, changes = good[number % len(good)]
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            data = chance.choice(changes)(data, chance)
        yield Mutant(f"{number} of {kind}", _TYPES[kind.rpartition(".")[2]], data)


def _good() -> Iterator[tuple[str, bytes, tuple[Change, ...]]]:
    """Good files, and what may be changed in each kind."""
    anywhere = (_flip, _cut_out, _double, _insert)
    by_kind: dict[str, tuple[Change, ...]] = {
        "pdf": (_pdf, _pdf, _pdf, _pdf, *anywhere),
        "tif": (_tiff, _tiff, _tiff, _tiff, *anywhere),
        "jpg": (_jpeg, _jpeg, *anywhere),
        "png": (_png, _png, *anywhere),
        "heic": (_box, _box, *anywhere),
    }
    for odd in (*ODD, *_more()):
        yield odd.name, odd.make(), by_kind[odd.name.rpartition(".")[2]]
    for kind, encoded, entries, change in _encoded():
        inner = _within(entries, change)
        yield f"{kind} within.pdf", encoded, (inner,)


def _more() -> tuple[Odd, ...]:
    return (
        Odd("plain.pdf", lambda: one_page()),
        Odd("plain.jpg", jpeg),
        Odd("in steps.jpg", lambda: jpeg(progressive=True)),
        Odd("colour.jpg", lambda: saved(COLOUR, "JPEG", dpi=(300, 300), exif=_exif())),
        Odd("plain.png", lambda: saved(COLOUR, "PNG", dpi=(300, 300))),
        Odd("one bit.png", lambda: saved(BLACK, "PNG")),
        Odd("one.heic", lambda: heic(COLOUR.resize((248, 351)))),
        Odd("strips.tif", lambda: saved(GREY, "TIFF", compression="tiff_lzw", tiffinfo={278: 50, 274: 3})),
        Odd("fax.tif", lambda: saved(BLACK, "TIFF", compression="group4")),
        Odd("fax 3.tif", lambda: saved(BLACK, "TIFF", compression="group3")),
        Odd("jpeg.tif", lambda: saved(COLOUR, "TIFF", compression="jpeg")),
        Odd("deflate.tif", lambda: saved(COLOUR, "TIFF", compression="tiff_adobe_deflate")),
        Odd("frames.tif", lambda: saved(GREY, "TIFF", save_all=True, append_images=[BLACK, COLOUR])),
        Odd("tiles again.tif", tiled),
    )


def _exif() -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A] = 6, "Canary", 300.0
    return exif.tobytes()


def _encoded() -> Iterator[tuple[str, bytes, bytes, Change]]:
    """Encoded pictures that are changed within a good PDF."""
    grey = b"/BitsPerComponent 8/ColorSpace/DeviceGray"
    bilevel = b"/BitsPerComponent 1/ColorSpace/DeviceGray"
    yield "JPEG", jpeg(), grey + b"/Filter/DCTDecode", _jpeg
    yield "JPEG 2000", saved(GREY.resize((248, 351)), "JPEG2000"), b"/Filter/JPXDecode", _box
    yield "fax", group_4(), bilevel + FAX, _flip
    yield "packed", zlib.compress(GREY.tobytes()), grey + b"/Filter/FlateDecode", _flip


def _within(entries: bytes, change: Change) -> Change:
    def changed(data: bytes, chance: random.Random) -> bytes:
        for _ in range(3):
            data = change(data, chance)
        return one_page(image=with_data(data, entries)) if not data.startswith(b"%PDF") else data

    return changed


# -- changes of any file


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 4, 30))):
        if changed:
            changed[_place(changed, chance)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(changed)


def _cut_out(data: bytes, chance: random.Random) -> bytes:
    start = _place(data, chance)
    return data[:start] + data[start + chance.choice((1, 2, 8, 500, len(data))) :]


def _double(data: bytes, chance: random.Random) -> bytes:
    start = _place(data, chance)
    piece = data[start : start + chance.choice((4, 40, 4000))]
    return data[:start] + piece * chance.choice((2, 2, 30)) + data[start:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    start = _place(data, chance)
    return data[:start] + chance.randbytes(chance.choice((1, 2, 100))) + data[start:]


def _place(data: bytes | bytearray, chance: random.Random) -> int:
    """Somewhere, and often near the beginning or the end, where the structure is."""
    reach = chance.choice((64, 1024, len(data)))
    place = chance.randrange(max(1, min(reach, len(data))))
    return place if chance.random() < 0.7 else max(0, len(data) - 1 - place)


# -- changes of one format


def _pdf(data: bytes, chance: random.Random) -> bytes:
    """One word of the objects is another."""
    words = [
        found for found in _TOKEN.finditer(data) if not data[found.start() - 9 : found.start()].startswith(b"%PDF")
    ]
    if not words:
        return data
    word, other = chance.choice(words), chance.choice(words)
    new = chance.choice((chance.choice(_THINGS), other.group(), b"", b"%d" % chance.choice(_NUMBERS)))
    return data[: word.start()] + new + data[word.end() :]


def _tiff(data: bytes, chance: random.Random) -> bytes:
    """One field of a directory has another tag, type, count or value."""
    order, big = (">" if data[:2] == b"MM" else "<"), b"\x2b" in data[2:4]
    room, entry = (8, order + "HHQQ") if big else (4, order + "HHII")
    try:
        (start,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
        (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, start)
        size = struct.calcsize(entry)
        place = start + (8 if big else 2) + size * chance.randrange(max(1, min(count, 100)))
        fields = list(struct.unpack_from(entry, data, place))
        number = chance.randrange(4)
        choices = (_TAGS, range(20), _NUMBERS, (*_NUMBERS, start, 8, len(data) - 4))
        fields[number] = chance.choice(choices[number])
        changed = struct.pack(entry, *fields)
    except (struct.error, OverflowError):
        return _flip(data, chance)
    return data[:place] + changed + data[place + len(changed) :] if room else data


def _jpeg(data: bytes, chance: random.Random) -> bytes:
    """One segment is changed, gone, doubled or elsewhere."""
    segments, position = [data[:2]], 2
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        segments.append(data[position:end])
        position = end
    return b"".join(_pieces_changed(segments, chance)) + data[position:]


def _png(data: bytes, chance: random.Random) -> bytes:
    """One chunk is changed, gone, doubled, elsewhere or of another kind; its check value is right."""
    chunks, position = [], 8
    while position + 12 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        chunks.append(data[position + 4 : position + 8 + size])
        position += 12 + size
    if chance.random() < 0.4:
        kind = chance.choice((b"PLTE", b"tRNS", b"gAMA", b"iCCP", b"pHYs", b"eXIf", b"acTL", b"fcTL", b"tEXt", b"sRGB"))
        chunks.insert(chance.randrange(1, max(2, len(chunks))), kind + chance.randbytes(chance.choice((0, 3, 9, 300))))
    changed = [chunk for chunk in _pieces_changed(chunks, chance) if len(chunk) >= 4]
    return data[:8] + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in changed
    )


def _box(data: bytes, chance: random.Random) -> bytes:
    """A number near the name of a box (HEIC, JPEG 2000) is another."""
    names = [found.start() for found in re.finditer(rb"[a-z][a-zA-Z0-9 ]{3}", data[:4096])]
    if not names:
        return _flip(data, chance)
    place = max(0, chance.choice(names) + chance.choice((-4, 4, 6, 8, 12, 16)))
    size = chance.choice((1, 2, 4))
    number = chance.choice(_NUMBERS) % (1 << 8 * size)
    return data[:place] + number.to_bytes(size, "big") + data[place + size :]


def _pieces_changed(pieces: list[bytes], chance: random.Random) -> list[bytes]:
    if not pieces:
        return pieces
    place, what = chance.randrange(len(pieces)), chance.randrange(4)
    if what == 0:
        pieces[place] = _flip(pieces[place], chance)
    elif what == 1:
        del pieces[place]
    elif what == 2:
        pieces.insert(chance.randrange(len(pieces)), pieces[place])
    else:
        pieces[place] = _cut_out(pieces[place], chance)
    return pieces
