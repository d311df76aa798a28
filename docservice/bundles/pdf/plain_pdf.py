"""A PDF as the typesetter writes it: plain objects one after another, and one table that says where each begins.

A PDF library would read and write the whole file, which takes a third of the time of setting it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

STATED = rb"/Span<</ActualText(?:<(?P<stated>[0-9A-F]*)>|(?P<plain>\((?:[^\\()]|\\.)*\)))>>BDC"
"""How marked content begins that states what its glyphs say; see `stated`."""
_PROFILED = re.compile(rb"\[/ICCBased (\d+) 0 R\](?=\nendobj)")
_COMPONENTS = rb"\n%s 0 obj\n<<[^\n]*/N (\d)"
_PLAIN_COLOURS = {b"1": b"/DeviceGray", b"3": b"/DeviceRGB"}
_PAGE = re.compile(
    rb"\n(\d+) 0 obj\n<</Type/Page/Resources (\d+) 0 R[^\n]*?(?:/StructParents (\d+)[^\n]*?)?/Contents (\d+) 0 R>>\n"
)
_FONTS = re.compile(rb"/Font<<([^>]*)>>")
_NAMED = re.compile(rb"/(\w+) (\d+) 0 R")
_TO_UNICODE = re.compile(rb"/ToUnicode (\d+) 0 R")
_MAPPED = re.compile(rb"<([0-9A-F]{2,4})> <([0-9A-F]+)>")
_LENGTH = re.compile(rb"<</Length (\d+)([^\n]*)>>\nstream\n")
_ENTRY = 20  # bytes of a line of the table
_STRING = re.compile(rb"\(((?:[^\\()]++|\\[\s\S])*+)([()])")
_IN_STRING = re.compile(rb"\\[\s\S]|[()]")
_RARE_ESCAPE = re.compile(rb"\\(?![0-3][0-7]{2}|[nrtbf()])")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_SIZE = re.compile(rb"/Size \d+")
_LEVEL = 5  # of compression: takes three quarters of the time of 6


@dataclass(frozen=True, slots=True)
class PlainPage:
    """The numbers of the objects of a page: its own, those of its resources and of its content; and under which number
    the tree of parents has it, if any of it is tagged."""

    number: int
    resources: int
    content: int
    parents: int | None


class PlainPdf:
    """Reads objects by their numbers, takes others in their places and further ones, and writes the file anew."""

    def __init__(self, pdf: bytes) -> None:
        self.read = pdf
        self._table = int(pdf[pdf.rindex(b"startxref") + 9 :].split(maxsplit=1)[0])
        first = pdf.index(b"\n", self._table + 5) + 1
        self._trailer = pdf.index(b"trailer\n", first)
        self._starts = [int(pdf[at : at + 10]) for at in range(first, self._trailer - 1, _ENTRY)]
        self._changed: dict[int, bytes] = {}
        self._added: list[bytes] = []

    def __getitem__(self, number: int) -> bytes:
        """An object that is no stream, as it was read."""
        start = self._starts[number]
        return self.read[self.read.index(b"obj\n", start) + 4 : self.read.index(b"\nendobj", start)]

    def stream(self, number: int) -> bytes:
        """The content of a stream, as it was read."""
        found = self._stream(number)
        return zlib.decompress(self.read[found.end() : found.end() + int(found[1])])

    def pages(self) -> Iterator[PlainPage]:
        """The pages in their order."""
        for page in _PAGE.finditer(self.read):
            yield PlainPage(int(page[1]), int(page[2]), int(page[4]), None if page[3] is None else int(page[3]))

    def fonts(self, resources: int) -> dict[bytes, int]:
        """The numbers of the fonts that resources name, by their names there."""
        found = _FONTS.search(self[resources])
        return {name: int(number) for name, number in _NAMED.findall(found[1])} if found else {}

    def map_of(self, font: int) -> int | None:
        """The number of the map that tells what the codes of a font say, if it has one."""
        found = _TO_UNICODE.search(self[font])
        return int(found[1]) if found else None

    def mapped(self, number: int) -> dict[int, str]:
        """What a map says of each code."""
        pairs = _MAPPED.findall(self.stream(number))
        return {int(code, 16): chr(int(text, 16)) if len(text) == 4 else utf16(text) for code, text in pairs}

    def put(self, number: int, content: bytes) -> None:
        """Write another object in the place of one."""
        self._changed[number] = content

    def put_stream(self, number: int, content: bytes) -> None:
        """Write a stream with another content in the place of one."""
        self._changed[number] = stream(content, self._stream(number)[2])

    @property
    def next_number(self) -> int:
        """The number of the object that is added next."""
        return len(self._starts) + len(self._added)

    def add(self, content: bytes) -> None:
        """Write a further object."""
        self._added.append(content)

    def written(self) -> bytes:
        """The file with all changes."""
        if not self._changed and not self._added:
            return self.read
        parts: list[bytes] = []
        starts = list(self._starts)
        done = moved = 0
        order = sorted(range(1, len(starts)), key=starts.__getitem__)
        for place, number in enumerate(order):
            start = self._starts[number]
            starts[number] = start + moved
            if number in self._changed:
                end = self._starts[order[place + 1]] if place + 1 < len(order) else self._table
                changed = _object(number, self._changed[number])
                parts += (self.read[done:start], changed)
                moved += len(changed) - (end - start)
                done = end
        parts.append(self.read[done : self._table])
        at = self._table + moved
        for content in self._added:
            starts.append(at)
            parts.append(_object(len(starts) - 1, content))
            at += len(parts[-1])
        lines = b"".join(b"%010d 00000 n\r\n" % start for start in starts[1:])
        ending = _SIZE.sub(b"/Size %d" % len(starts), self.read[self._trailer :], count=1)
        ending = ending[: ending.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF" % at
        return b"".join((*parts, b"xref\n0 %d\n0000000000 65535 f\r\n" % len(starts), lines, ending))

    def _stream(self, number: int) -> re.Match[bytes]:
        start = self._starts[number]
        found = _LENGTH.match(self.read, self.read.index(b"obj\n", start) + 4)
        if not found:
            raise ValueError(f"The object {number} is no stream.")
        return found


def stream(content: bytes, entries: bytes = b"/Filter/FlateDecode") -> bytes:
    """The object of a compressed stream with further entries in its dictionary."""
    packed = zlib.compress(content, _LEVEL)
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(packed), entries, packed)


def string_at(data: bytes, start: int) -> tuple[bytes, int]:
    """The bytes of the string that opens at `start`, by a parenthesis or in hexadecimal, and where it has ended."""
    if data.startswith(b"<", start):
        end = data.index(b">", start)
        return bytes.fromhex(data[start + 1 : end].decode()), end + 1
    found = _STRING.match(data, start)
    if not found:
        raise ValueError("A string of the PDF does not end.")
    end = found.end() if found[2] == b")" else _end(data, found.end())
    return unescaped(data[start + 1 : end - 1]), end


def _end(data: bytes, start: int) -> int:
    """The end of the string that a second parenthesis was opened in before `start`: they may stand there in pairs."""
    depth = 2
    for found in _IN_STRING.finditer(data, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(data)


def unescaped(codes: bytes) -> bytes:
    """What the bytes of a string say."""
    if b"\\" not in codes:
        return codes
    if _RARE_ESCAPE.search(codes):
        return _ESCAPE.sub(_sign, codes)
    # What is left Python writes in the same way, and reads many times faster.
    return codes.replace(b"\\(", b"(").replace(b"\\)", b")").decode("unicode_escape").encode("latin-1")


def _sign(escape: re.Match[bytes]) -> bytes:
    sign = escape[1]
    return _ESCAPED[sign] if sign in _ESCAPED else bytes([int(sign, 8) & 255]) if sign.isdigit() else sign


def utf16(digits: bytes) -> str:
    """The text of hexadecimal digits, in UTF-16."""
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace").removeprefix("\ufeff")


def utf16_digits(text: str) -> bytes:
    """A text as hexadecimal digits, in UTF-16."""
    return text.encode("utf-16-be").hex().upper().encode()


def stated(found: re.Match[bytes]) -> str:
    """The text that marked content states, by what STATED has found; nothing when it has found nothing."""
    if found["plain"]:
        return string_at(found["plain"], 0)[0].decode("latin-1")
    return utf16(found["stated"]) if found["stated"] else ""


def _object(number: int, content: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, content)


def without_profiles(pdf: bytes) -> bytes:
    """The PDF with plain grey and plain red, green and blue; what is not written as the typesetter writes it stays.

    It is for eyes that see shapes alone: reading the two profiles that say how colours look on paper takes pdfium
    longer than reading the pages of a document. Nothing in it moves: what is put in has as many bytes as what it takes
    the place of.
    """
    return _PROFILED.sub(lambda found: _plain_colour(pdf, found), pdf)


def _plain_colour(pdf: bytes, found: re.Match[bytes]) -> bytes:
    profile = re.search(_COMPONENTS % found[1], pdf)
    plain = _PLAIN_COLOURS.get(profile[1]) if profile else None
    return plain.ljust(len(found[0])) if plain else found[0]
