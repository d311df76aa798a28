"""What a tagged PDF says: the text of its structure, read from the codes of the glyphs on its pages.

Extractors guess the order of right-to-left text from where it stands; this does not. Each glyph is read through the
map of its own font (/ToUnicode) or what is stated in its place (/ActualText), each run in the order that the page
states for it (/ReversedChars), the runs of a line as the bidirectional algorithm laid them, lines and paragraphs as
the structure tree has them.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pikepdf

_TOKEN = re.compile(  # every branch begins with a letter of its own, so that paths are skipped fast
    rb"\((?P<string>(?:[^\\()]+|\\[\s\S])*)(?P<close>[()])"
    rb"|<(?P<hex>[0-9A-Fa-f]*)>"
    rb"|/(?:(?P<font>\w+) (?P<size>[\d.]+) Tf(?: [-\d.]+){4} (?P<shift>[-\d.]+) [-\d.]+ Tm"
    rb"|(?P<tag>\w+)\s*(?:<<(?P<properties>(?:[^<>]+|<<[^<>]*>>|<[^<>]*>)*)>>\s*BDC|BMC))"
    rb"|q(?: [-\d.]+){4} (?P<x>[-\d.]+) (?P<y>[-\d.]+) cm"
    rb"|E(?P<end>MC)"
)
_IN_STRING = re.compile(rb"\\[\s\S]|[()]")
_MCID = re.compile(rb"/MCID (\d+)")
_LANGUAGE = re.compile(rb"/Lang\((\w+)")
_ACTUAL = re.compile(rb"/ActualText\s*<([0-9A-Fa-f]*)>")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\s\S])")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_MAPPED = re.compile(r"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>")
_SECTION = re.compile(r"beginbfchar(.*?)endbfchar", re.DOTALL)
_UNKNOWN = "\ufffd"
_RAISED = 0.7  # of the size of a font: so far, signs may be set above and below the line of their letters
_ARABIC_NUMBER = re.compile("[\u0660-\u0669]")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur", "yi"})

_Place = tuple[int, int]  # number and generation of an object
_Pages = Mapping[_Place, Mapping[int, "_Content"]]


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of a line in the order in which it is read, and its direction."""

    text: str
    right_to_left: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a paragraph: its pieces from left to right, and which way the paragraph runs."""

    text: str  # as it is read, as far as directions alone tell
    pieces: tuple[Piece, ...]
    right_to_left: bool


Paragraph = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a PDF says: its `paragraphs` in the order of its structure, and what stands on each page outside of them."""

    paragraphs: tuple[Paragraph, ...]
    outside: tuple[Paragraph, ...]


@dataclass(slots=True)
class _Run:
    """Glyphs from left to right, as they are read one by one. `turned` is set when the page says that they stand in
    reversed order."""

    x: float
    y: float
    size: float
    turned: bool
    glyphs: list[str]


@dataclass(slots=True)
class _Content:
    """What stands under one mark of a page."""

    language: str = ""
    runs: list[_Run] = field(default_factory=list)


def said(pdf: pikepdf.Pdf) -> Said:
    """Read a tagged PDF. A glyph that its font does not map is U+FFFD; without structure there are no paragraphs."""
    maps: dict[_Place, dict[int, str]] = {}
    pages = {page.obj.objgen: _contents(page, maps) for page in pdf.pages}
    outside = tuple(_text([page.pop(-1, _Content())], "") for page in pages.values())
    root = pdf.Root.get("/StructTreeRoot")
    return Said(
        tuple(_paragraphs(root, pages, None, str(pdf.Root.get("/Lang", "")))) if root is not None else (), outside
    )


# -- the structure -----------------------------------------------------------------------------------------------------


def _paragraphs(
    element: pikepdf.Object, pages: _Pages, page: pikepdf.Object | None, language: str
) -> Iterator[Paragraph]:
    """The texts of an element and of those under it: what it says itself, from one element under it to the next."""
    language = str(element.get("/Lang", language))
    page = element.get("/Pg", page)
    kids = element.get("/K", pikepdf.Array())
    own: list[_Content] = []
    for kid in kids if isinstance(kids, pikepdf.Array) else (kids,):
        if isinstance(kid, int):
            own.append(_content(pages, page, kid))
        elif "/MCID" in kid:
            own.append(_content(pages, kid.get("/Pg", page), int(kid.MCID)))
        else:
            if own:
                yield _text(own, language)
                own = []
            yield from _paragraphs(kid, pages, page, language)
    if own:
        yield _text(own, language)


def _content(pages: _Pages, page: pikepdf.Object | None, number: int) -> _Content:
    return (pages.get(page.objgen, {}).get(number) if page is not None else None) or _Content()


# -- lines in the order in which they are read -------------------------------------------------------------------------


def _text(contents: Sequence[_Content], language: str) -> Paragraph:
    language = contents[0].language or language
    base = 1 if language.partition("-")[0] in _RIGHT_TO_LEFT else 0
    lines: list[list[_Run]] = []
    for content in contents:
        for run in content.runs:
            if not lines or abs(lines[-1][-1].y - run.y) > _RAISED * run.size:
                lines.append([])
            lines[-1].append(run)
    return tuple(_line_of(sorted(line, key=lambda run: run.x), base) for line in lines)


def _line_of(runs: list[_Run], base: int) -> Line:
    if base == 0 and not any(_turned(run) or _ARABIC_NUMBER.match(run.glyphs[0]) for run in runs):
        return Line("".join(glyph for run in runs for glyph in run.glyphs), (), right_to_left=False)
    runs = _without_raised(runs)
    pieces = tuple(
        Piece("".join(reversed(run.glyphs) if _turned(run) else run.glyphs), right_to_left=_turned(run)) for run in runs
    )
    return Line(_line(runs, base), pieces, right_to_left=base == 1)


def _turned(run: _Run) -> bool:
    return run.turned or _direction(run.glyphs[0]) == "R"


def _line(runs: list[_Run], base: int) -> str:
    """Undo what the bidirectional algorithm did to a line: turning is its own inverse (UAX #9, rule L2)."""
    placed = _levels(runs, base)
    for level in range(max((level for _, level in placed), default=0), 0, -1):
        turned: list[tuple[str, int]] = []
        for inside, part in groupby(placed, key=lambda glyph: glyph[1] >= level):
            stretch = list(part)
            turned += reversed(stretch) if inside else stretch
        placed = turned
    return "".join(glyph for glyph, _ in placed)


def _without_raised(runs: list[_Run]) -> list[_Run]:
    """Signs that are set apart, above or below the line, say their whole letter again: it is read once."""
    heights = Counter[float]()
    for run in runs:
        heights[run.y] += len(run.glyphs)
    (line, _), *others = heights.most_common()
    if not others:
        return runs
    kept: list[_Run] = []
    for place, run in enumerate(runs):
        if run.y == line or not _said_beside(runs, place, line):
            kept.append(run)
    return kept


def _said_beside(runs: list[_Run], place: int, line: float) -> bool:
    after = next((run for run in runs[place + 1 :] if run.y == line), None)
    before = next((run for run in reversed(runs[:place]) if run.y == line), None)
    beside = {after.glyphs[0] if after else "", before.glyphs[-1] if before else ""}
    return all(glyph in beside and any(map(unicodedata.combining, glyph)) for glyph in runs[place].glyphs)


def _levels(runs: list[_Run], base: int) -> list[tuple[str, int]]:
    """Each glyph with its embedding level: as its run states it, else as its letters have it, else as what is on both
    sides has it (UAX #9, rules N1 and N2)."""
    glyphs: list[str] = []
    levels: list[int | None] = []
    for run in runs:
        glyphs += run.glyphs
        for glyph in run.glyphs:
            kind = _direction(glyph)
            if run.turned or kind == "R":
                levels.append(1)
            elif kind == "N" and len(run.glyphs) == 1:
                levels.append(None)
            else:
                levels.append(2 if base else 0)
    return list(zip(glyphs, _resolved(levels, base), strict=True))


def _resolved(levels: list[int | None], base: int) -> list[int]:
    following: list[int] = []
    after = base
    for level in reversed(levels):
        after = after if level is None else level
        following.append(after)
    resolved: list[int] = []
    before = base
    for level, after in zip(levels, reversed(following), strict=True):
        if level is not None:
            before = level
            resolved.append(level)
        else:
            resolved.append(before if before == after else base)
    return resolved


def _direction(glyph: str) -> str:
    """Which way a glyph is read: "R" right to left, "L" left to right, "D" a digit, "N" as those beside it."""
    for letter in glyph:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL"):
            return "R"
        if kind == "L":
            return "L"
        if kind in ("EN", "AN"):
            return "D"
    return "N"


# -- the content of a page ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Mark:
    """A mark of the content that is open."""

    number: int = -1  # of the element's content; -1 is what belongs to no element
    turned: bool = False
    stated: list[str] | None = None  # the text in place of the glyphs under it, until the first of them has taken it


def _contents(page: pikepdf.Page, maps: dict[_Place, dict[int, str]]) -> dict[int, _Content]:
    fonts = _fonts(page, maps)
    contents: dict[int, _Content] = {}
    font: Mapping[int, str] = {}
    size = x = y = shift = 0.0
    marks = [_Mark()]
    for token, codes in _tokens(_data(page)):
        match token.lastgroup:
            case "close" | "hex":
                glyphs = _read(codes, font) if marks[-1].stated is None else _taken(marks[-1].stated)
                if glyphs:
                    content = contents.setdefault(marks[-1].number, _Content())
                    content.runs.append(_Run(x + shift, y, size, marks[-1].turned, glyphs))
            case "y":
                x, y = float(token["x"]), float(token["y"])
            case "shift":
                font, size, shift = fonts.get(token["font"], {}), float(token["size"]), float(token["shift"])
            case "end":
                marks = marks[:-1] or [_Mark()]
            case _:
                marks.append(_opened(token, marks[-1], contents))
    return contents


def _opened(token: re.Match[bytes], around: _Mark, contents: dict[int, _Content]) -> _Mark:
    properties = token["properties"] or b""
    number, language = _MCID.search(properties), _LANGUAGE.search(properties)
    stated = _ACTUAL.search(properties)
    mark = _Mark(
        int(number[1]) if number else around.number,
        around.turned or token["tag"] == b"ReversedChars",
        [_unicode(stated[1].decode())] if stated and around.stated is None else around.stated,
    )
    if number and language:
        contents[mark.number] = _Content(language[1].decode())
    return mark


def _taken(stated: list[str]) -> list[str]:
    return [stated.pop()] if stated else []


def _tokens(data: bytes) -> Iterator[tuple[re.Match[bytes], bytes]]:
    """What matters of a content stream, in its order, each with the bytes that it holds when it is a string."""
    at = 0
    while token := _TOKEN.search(data, at):
        at = token.end()
        codes = b""
        if token.lastgroup == "close":
            codes = token["string"]
            if token["close"] == b"(":
                end = _string_end(data, at)
                codes, at = data[token.start() + 1 : end], end + 1
            if b"\\" in codes:
                codes = _unescaped(codes)
        elif token.lastgroup == "hex":
            codes = bytes.fromhex(token["hex"].decode())
        yield token, codes


def _string_end(data: bytes, start: int) -> int:
    """Where the string ends that a second parenthesis was opened in before `start`: they may stand there in pairs."""
    depth = 2
    for found in _IN_STRING.finditer(data, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    return len(data)


def _read(codes: bytes, font: Mapping[int, str]) -> list[str]:
    return [font.get(code, _UNKNOWN) for code in struct.unpack(f">{len(codes) // 2}H", codes[: len(codes) // 2 * 2])]


def _unescaped(codes: bytes) -> bytes:
    if b"\\\\" not in codes:
        codes = codes.replace(b"\\000", b"\0")  # every second byte, as a rule
    return _ESCAPE.sub(_sign, codes)


def _sign(escape: re.Match[bytes]) -> bytes:
    sign = escape[1]
    return _ESCAPED[sign] if sign in _ESCAPED else bytes([int(sign, 8) & 255]) if sign.isdigit() else sign


def _data(page: pikepdf.Page) -> bytes:
    contents = page.obj.get("/Contents")
    parts = contents if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(part.read_bytes() for part in parts if part is not None)


def _fonts(page: pikepdf.Page, maps: dict[_Place, dict[int, str]]) -> dict[bytes, Mapping[int, str]]:
    fonts: dict[bytes, Mapping[int, str]] = {}
    for name, font in page.obj.get("/Resources", pikepdf.Dictionary()).get("/Font", pikepdf.Dictionary()).items():
        if font.objgen not in maps:
            maps[font.objgen] = _map(font.ToUnicode.read_bytes().decode("latin-1")) if "/ToUnicode" in font else {}
        fonts[name[1:].encode()] = maps[font.objgen]
    return fonts


def _map(text: str) -> dict[int, str]:
    sections = _SECTION.findall(text)
    return {int(code, 16): _unicode(read) for section in sections for code, read in _MAPPED.findall(section)}


def _unicode(digits: str) -> str:
    return bytes.fromhex(digits).decode("utf-16-be", "replace").removeprefix("\ufeff")
