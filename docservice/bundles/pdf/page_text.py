"""What a tagged PDF says: the text of its structure, read from the codes of the glyphs on its pages.

Extractors guess the order of right-to-left text from where it stands; this does not. Each glyph is read through the
map of its own font (/ToUnicode) or what is stated in its place (/ActualText), each run in the order that the page
states for it (/ReversedChars), the runs of a line as the bidirectional algorithm laid them, lines and paragraphs as
the structure tree has them.

Only a file as the typesetter writes it is read: of what is written in another way nothing is said.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from docservice.bundles.pdf.plain_pdf import STATED, PlainPage, PlainPdf, stated, string_at, unescaped
from docservice.domain.text.bidi import (
    ARABIC_DIGITS,
    direction,
    has_right_to_left,
    is_right_to_left,
    read_order,
    resolved,
)

_ROOT = re.compile(rb"/Type/StructTreeRoot[^\n]*/K\[(\d+) 0 R\]")
_DOCUMENT_LANGUAGE = re.compile(rb"/Type/Catalog[^\n]*/Lang\(([\w-]+)\)")
_ELEMENT = re.compile(rb"\n(\d+) 0 obj\n<</Type/StructElem/S/\w+/P \d+ 0 R([^\n]*)>>\nendobj")
_KIDS = re.compile(rb"/K\[([^\[\]]*)\](?:/Pg (\d+) 0 R)?$")
_KID = re.compile(rb"(\d+) 0 R|/MCID (\d+)/Pg (\d+) 0 R|(\d+)")
_TITLE = re.compile(rb"/T(?:<[^>]*>|\((?:[^\\()]|\\[\s\S])*\))")
_LANGUAGE = re.compile(rb"/Lang\(([\w-]+)")
_NEXT = re.compile(  # from one text to the next, as a rule
    rb"Q\nEMC/Span<</MCID (?P<number>\d+)(?:/Lang\((?P<language>\w+)[^)]*\))?>>BDC\n"
    rb"q 1 0 0 -1 (?P<x>[-\d.]+) (?P<y>[-\d.]+) cm[^\n]*"
)
_MARKED = re.compile(rb"/MCID (\d+)(?:/Lang\((\w+)[^)]*\))?>>BDC\n[^\n]*$")
_PLACED = re.compile(rb"q 1 0 0 -1 ([-\d.]+) ([-\d.]+) cm[^\n]*$")
_SHOWN = re.compile(
    rb"(?P<stating>%s)?"
    rb"(?P<turned>/ReversedChars BMC)? 0 Tr/(?P<font>\w+) (?P<size>[\d.]+) Tf"
    rb" 1 0 0 -1 (?P<shift>[-\d.]+) [-\d.]+ Tm"
    rb"(?:\[?(?P<strings>(?:\((?:[^\\()]++|\\[\s\S])*+\)(?P<moved>-?[\d.]++(?!\]))?)++)\]?T[jJ](?:\nEMC)*"
    rb"|(?P<operand>[\[(<]))" % STATED
)
_AFTER = re.compile(rb"\n?(?:T[jJ])?(?:\nEMC)*")
_STRING = re.compile(rb"\(((?:[^\\()]++|\\[\s\S])*+)\)")
_UNKNOWN = "\ufffd"
_RAISED = 0.7  # of the size of a font: so far, signs may be set above and below the line of their letters
_ARABIC_NUMBER = re.compile(f"[{ARABIC_DIGITS}]+")

_Pages = Mapping[int, Mapping[int, "_Content"]]


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


class _Font(dict[int, str]):
    """What the codes of a font say. They have two bytes, or a `single` one."""

    def __init__(self, texts: Mapping[int, str], *, single: bool) -> None:
        super().__init__(texts)
        self.single = single
        self.turns = has_right_to_left("".join(texts.values()))  # whether anything is read from right to left

    def __missing__(self, code: int) -> str:
        return _UNKNOWN


@dataclass(slots=True)
class _Run:
    """Glyphs from left to right, as they are read one by one. `turned` is set when the page says that they stand in
    reversed order, `mixing` when directions matter."""

    x: float
    y: float
    size: float
    turned: bool
    mixing: bool
    codes: str  # a letter for each code
    font: _Font | None  # none when the codes are the text itself

    @property
    def glyphs(self) -> list[str]:
        """The texts of the glyphs."""
        return [self.font[ord(code)] for code in self.codes] if self.font is not None else [self.codes]

    @property
    def text(self) -> str:
        """The texts of the glyphs in one."""
        return self.codes.translate(self.font) if self.font is not None else self.codes


@dataclass(slots=True)
class _Content:
    """What stands under one mark of a page."""

    language: str = ""
    runs: list[_Run] = field(default_factory=list)


def said(pdf: bytes) -> Said:
    """Read a tagged PDF. A glyph that its font does not map is U+FFFD; without structure there are no paragraphs.

    Raises ValueError when the file is no PDF as the typesetter writes it.
    """
    plain = PlainPdf(pdf)
    fonts: dict[int, _Font] = {}
    pages = {page.number: _contents(plain, page, fonts) for page in plain.pages()}
    outside = tuple(_text([page.pop(-1, _Content())], "") for page in pages.values())
    return Said(tuple(_Structure(pdf, pages).paragraphs()), outside)


# -- the structure -----------------------------------------------------------------------------------------------------


class _Structure:
    """The elements of a file by their numbers, and what stands under the marks that they name."""

    def __init__(self, pdf: bytes, pages: _Pages) -> None:
        self._root, self._language = _ROOT.search(pdf), _DOCUMENT_LANGUAGE.search(pdf)
        self._elements = dict(_ELEMENT.findall(pdf))
        self._pages = pages

    def paragraphs(self) -> Iterator[Paragraph]:
        """All texts in the order of the structure."""
        if self._root:
            yield from self._under(self._root[1], self._language[1].decode() if self._language else "")

    def _under(self, number: bytes, language: str) -> Iterator[Paragraph]:
        """The texts of an element and of those under it: what it says itself, from one element under it to the next."""
        element = self._elements.get(number, b"")
        if b"/T" in element:
            element = _TITLE.sub(b"", element)
        if b"/Lang" in element and (found := _LANGUAGE.search(element)):
            language = found[1].decode()
        kids = _KIDS.search(element)
        own: list[_Content] = []
        for kid, elsewhere, page, here in _KID.findall(kids[1]) if kids else ():
            if kid:
                if own:
                    yield _text(own, language)
                    own = []
                yield from self._under(kid, language)
            else:
                place = int(page or kids[2] or -1)  # type: ignore[index]  # it has kids
                own.append(self._pages.get(place, {}).get(int(elsewhere or here)) or _Content())
        if own:
            yield _text(own, language)


# -- lines in the order in which they are read -------------------------------------------------------------------------


def _text(contents: Sequence[_Content], language: str) -> Paragraph:
    language = contents[0].language or language
    base = int(is_right_to_left(language))
    lines: list[list[_Run]] = []
    height = float("-inf")
    for content in contents:
        for run in content.runs:
            if not abs(height - run.y) <= _RAISED * run.size:
                lines.append([])
            height = run.y
            lines[-1].append(run)
    return tuple(_line_of(line, base) for line in lines)


def _line_of(runs: list[_Run], base: int) -> Line:
    if len(runs) > 1:
        runs = sorted(runs, key=lambda run: run.x)
    if base == 0 and not any(run.mixing for run in runs):
        return Line("".join([run.text for run in runs]), (), right_to_left=False)
    runs = list(_with_whole_numbers(_without_raised(runs)))
    pieces = tuple(
        Piece("".join(reversed(run.glyphs) if _turned(run) else run.glyphs), right_to_left=_turned(run)) for run in runs
    )
    return Line(_line(runs, base), pieces, right_to_left=base == 1)


def _with_whole_numbers(runs: Sequence[_Run]) -> Iterator[_Run]:
    """The runs, those with the digits of one number as one: Arabic digits are shown one by one."""
    for _, part in groupby(runs, key=lambda run: id(run.font) if _ARABIC_NUMBER.fullmatch(run.text) else id(run)):
        first, *others = part
        yield replace(first, codes="".join([first.codes, *(run.codes for run in others)])) if others else first


def _turned(run: _Run) -> bool:
    return run.turned or direction(run.glyphs[0]) == "R"


def _line(runs: list[_Run], base: int) -> str:
    """Undo what the bidirectional algorithm did to a line: turning is its own inverse (UAX #9, rule L2)."""
    glyphs, levels = _levels(runs, base)
    return "".join(glyphs[place] for place in read_order(levels))


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


def _levels(runs: list[_Run], base: int) -> tuple[list[str], list[int]]:
    """The glyphs with their embedding levels: as its run states it, else as its letters have it, else as what is on
    both sides has it (UAX #9, rules N1 and N2)."""
    glyphs: list[str] = []
    levels: list[int | None] = []
    for run in runs:
        glyphs += run.glyphs
        for glyph in run.glyphs:
            kind = direction(glyph)
            if run.turned or kind == "R":
                levels.append(1)
            elif kind == "N" and len(run.glyphs) == 1:
                levels.append(None)
            else:
                levels.append(2 if base else 0)
    return glyphs, resolved(levels, base)


# -- the content of a page ---------------------------------------------------------------------------------------------


def _contents(pdf: PlainPdf, page: PlainPage, fonts: dict[int, _Font]) -> dict[int, _Content]:
    """What stands under each mark of a page; under -1 what belongs to no element."""
    named = _named_fonts(pdf, page.resources, fonts)
    contents: dict[int, _Content] = {}
    content = contents[-1] = _Content()
    before, *texts = pdf.stream(page.content).split(b"\nBT")
    for text in texts:
        place = _NEXT.fullmatch(before)
        if place:
            content = contents.setdefault(int(place["number"]), _Content())
            content.language = (place["language"] or b"").decode()
            x, y = float(place["x"]), float(place["y"])
        else:
            if marked := _MARKED.search(before):
                content = contents.setdefault(int(marked[1]), _Content())
                content.language = (marked[2] or b"").decode()
            elif b"EMC" in before:
                content = contents[-1]
            placed = _PLACED.search(before)
            if not placed:
                raise ValueError("Text of the PDF has no place.")
            x, y = float(placed[1]), float(placed[2])
        shown, _, before = text.partition(b"\nET\n")
        content.runs += _runs(shown, named, x, y)
    return contents


def _runs(text: bytes, fonts: Mapping[bytes, _Font], x: float, y: float) -> Iterator[_Run]:
    """The runs between the beginning and the end of a text."""
    at = 0
    while at < len(text):
        shown = _SHOWN.match(text, at)
        if not shown:
            raise ValueError("Text of the PDF is not written as it is known to be.")
        font = fonts[shown["font"]]
        codes, at = _codes(text, shown)
        place, size, turned = x + float(shown["shift"]), float(shown["size"]), shown["turned"] is not None
        if shown["stating"]:
            said = stated(shown)
            yield _Run(place, y, size, turned, turned or has_right_to_left(said), said, None)
        elif codes:
            letters = codes.decode("latin-1") if font.single else codes.decode("utf-16-be", "surrogatepass")
            yield _Run(place, y, size, turned, turned or font.turns, letters, font)


def _codes(text: bytes, shown: re.Match[bytes]) -> tuple[bytes, int]:
    """The codes that an operator shows, and where it has ended."""
    if strings := shown["strings"]:
        return unescaped(b"".join(_STRING.findall(strings)) if shown["moved"] else strings[1:-1]), shown.end()
    codes, at = _any_codes(text, shown.start("operand"))
    return codes, _AFTER.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too


def _any_codes(text: bytes, at: int) -> tuple[bytes, int]:
    """The codes of an operand that opens there, and where it has ended."""
    found: list[bytes] = []
    inside = at + (text[at] == ord("["))
    while True:
        if text[inside] in b"(<":
            string, inside = string_at(text, inside)
            found.append(string)
        if text[at] != ord("["):
            return b"".join(found), inside
        while text[inside] not in b"(<]":
            inside += 1
        if text[inside] == ord("]"):
            return b"".join(found), inside + 1


def _named_fonts(pdf: PlainPdf, resources: int, fonts: dict[int, _Font]) -> dict[bytes, _Font]:
    named: dict[bytes, _Font] = {}
    for name, number in pdf.fonts(resources).items():
        if number not in fonts:
            mapped = pdf.map_of(number)
            texts = pdf.mapped(mapped) if mapped is not None else {}
            fonts[number] = _Font(texts, single=b"/Subtype/Type3" in pdf[number])
        named[name] = fonts[number]
    return named
