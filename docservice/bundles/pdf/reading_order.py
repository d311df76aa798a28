"""Puts right-to-left text of a finished PDF in the order in which it is read, for those who read it without seeing it.

The typesetter writes the words of a line from left to right, says each sign above or below a letter together with the
letter again, and a ligature is one glyph with the text of several letters. Readers make of that words in the wrong
order, doubled letters, and letters in reversed order. Here the words of a line are written in the order of reading,
and each glyph says what it shows: signs stand on the line, after their letter (see `sign_font`); those letters of a
ligature that have no glyph get one without ink. Nothing is seen of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from docservice.bundles.pdf.line_glyphs import (
    AFTER,
    WORD,
    Block,
    Font,
    Glyph,
    Shown,
    is_letter,
    is_marked_number,
    is_simple,
    levels_of,
    lifted_blanks,
    shown_in,
    shown_straight,
)
from docservice.bundles.pdf.plain_pdf import STATED, PlainPage, PlainPdf, stated, string_at
from docservice.bundles.pdf.sign_font import Sign, SignFont
from docservice.domain.text.bidi import ARABIC_DIGITS, direction, is_right_to_left, read_order

_PARENTS = re.compile(rb"/ParentTree<</Nums\[([^\]]*)\]")
_PARENT = re.compile(rb"(\d+) (\d+) 0 R")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_ABOVE = re.compile(rb"/P (\d+) 0 R")
_LANGUAGE = re.compile(rb"/Lang\((\w+)")
_BLOCK = re.compile(
    rb"/Span<</MCID (?P<number>\d+)(?P<language>(?:/Lang\([\w-]+\))?)>>BDC\n"
    rb"q 1 0 0 -1 (?P<x>[-\d.]+) (?P<y>[-\d.]+) cm(?P<colour>[^\n]*)\n"
    rb"BT(?P<text>.*?Tr/(?P<font>\w+) (?P<size>[\d.]+) Tf.*?)\nET\nQ\nEMC",
    re.DOTALL,
)
_PIECE = re.compile(
    rb"(?:%s)?(?:/ReversedChars BMC)? 0 Tr"
    rb"/(?P<font>\w+) (?P<size>[\d.]+) Tf 1 0 0 -1 (?P<x>[-\d.]+) 0 Tm(?=[\[(<])" % STATED
)
_RUN = re.compile(  # one run of glyphs, each saying its own text
    rb"(?P<turned>/ReversedChars BMC)? 0 Tr/\w+ [\d.]+ Tf 1 0 0 -1 0 0 Tm"
    rb"\[?(?P<shown>(?:\((?:[^\\()]++|\\[\s\S])*+\)|<[0-9A-F]*+>|-?[\d.]++)*+)\]?T[jJ](?:\nEMC)?"
)
_SHIFT = re.compile(rb"-?[\d.]+")
_END = re.compile(rb"T[jJ](?:\nEMC)*")
_ARABIC_DIGIT = re.compile(f"[{ARABIC_DIGITS}]")
_RAISED = 0.7  # of the size of a font: so far, signs may be set above and below the line of their letters
_FAR = float("inf")
_LIFT = 0.65  # of the size of a font: far enough to be no part of the line for readers that go by the place
_BESIDE = 5.0  # points of height by which texts beside each other differ at most
_ANY_LETTER = "\u0627"  # of a word that is taken for one glyph
_BLANK = Sign((), " ", 200)


def in_reading_order(data: bytes) -> bytes:
    """The PDF with its right-to-left text in reading order; one without such text comes back as it is.

    Takes a file as the typesetter writes it. What is seen stays as it is; the same bytes give the same bytes.
    """
    pdf = PlainPdf(data)
    pages = list(pdf.pages())
    numbers = {number for page in pages for number in pdf.fonts(page.resources).values()}
    fonts = {number: Font.read(pdf, number) for number in sorted(numbers)}
    if not any(font.right_to_left for font in fonts.values()):
        return data
    signs = SignFont()
    for page in pages:
        _Page(pdf, page, fonts, signs).put_in_order()
    names = signs.add_to(pdf)
    for number in {page.resources for page in pages}:
        pdf.put(number, pdf[number].replace(b"/Font<<", b"/Font<<" + names, 1))
    for font in fonts.values():
        font.mend(pdf)
    return pdf.written()


class _UnknownForm(Exception):
    """A line is not written as it is known to be: it stays as it is."""


class _Page:
    """The content of a page whose lines are put in order."""

    def __init__(self, pdf: PlainPdf, page: PlainPage, fonts: Mapping[int, Font], signs: SignFont) -> None:
        self._pdf = pdf
        self._number = page.content
        self._signs = signs
        self._fonts = {name: fonts[number] for name, number in pdf.fonts(page.resources).items()}
        self._parents = _parents(pdf, page.parents)

    def put_in_order(self) -> None:
        """Write the content anew, if a line of it has to be put in order."""
        content = self._pdf.stream(self._number)
        parts: list[bytes] = []
        done = 0
        for line, right_to_left, joined in self._lines(content):
            try:
                ordered = list(self._ordered(line, right_to_left=right_to_left))
            except _UnknownForm:
                continue
            parts += (content[done : line[0].start()], self._blank(line) if joined else b"", *ordered)
            done = line[-1].end()
        if parts:
            self._pdf.put_stream(self._number, b"".join((*parts, content[done:])))

    def _blank(self, line: Sequence[re.Match[bytes]]) -> bytes:
        """A blank that parts a line from what stands beside it."""
        last = max(line, key=lambda block: float(block["x"]))
        font, code = self._signs.code(_BLANK)
        size = last["size"]
        return b"/Artifact BMC\nq 1 0 0 -1 %s %s cm\nBT 0 Tr/%s %s Tf 1 0 0 -1 0 %s Tm<%02X>Tj\nET\nQ\nEMC" % (
            last["x"], last["y"], font, size, _number(-_LIFT * float(size)), code,
        )  # fmt: skip

    def _lifted(self, glyph: Glyph) -> bytes:
        blank = Sign((), glyph.text, round(glyph.width / glyph.size * 1000))
        return self._operator([Shown(glyph.x, glyph.text, glyph, blank, lifted=True)], 0.0)

    def _lines(self, content: bytes) -> Iterator[tuple[list[re.Match[bytes]], bool, bool]]:
        """The blocks of each line in which something is read from right to left, whether its paragraph is, and whether
        other text stands beside it."""
        turning = frozenset(name for name, font in self._fonts.items() if font.right_to_left)
        languages: dict[int, str] = {}
        line: list[re.Match[bytes]] = []
        turned = False
        beside = reach = -_FAR
        heights: list[float] = []
        end = parent = -1
        for block in (*_BLOCK.finditer(content), None):
            y = float(block["y"]) if block else 0.0
            if line and not (
                block
                and block.start() == end
                and self._parents[int(block["number"])] == parent
                and (abs(y - heights[0]) <= reach or abs(y - heights[-1]) <= reach)
            ):
                if parent not in languages:
                    languages[parent] = self._language(line[0], parent)
                if turned:
                    yield line, is_right_to_left(languages[parent]), abs(beside - heights[0]) < _BESIDE
                beside = heights[-1]
                line, heights, turned = [], [], False
            if block:
                line.append(block)
                heights.append(y)
                end, parent = block.end(), self._parents[int(block["number"])]
                reach = _RAISED * float(block["size"])
                turned = turned or block["font"] in turning or b"/ReversedChars" in block["text"]

    def _language(self, block: re.Match[bytes], parent: int) -> str:
        """The language of marked content, its own or that of the elements around it."""
        element = self._pdf[parent]
        found = _LANGUAGE.search(block["language"]) or _LANGUAGE.search(element)
        while not found and (above := _ABOVE.search(element)):
            element = self._pdf[int(above[1])]
            found = _LANGUAGE.search(element)
        return found[1].decode() if found else ""

    # -- one line ------------------------------------------------------------------------------------------------------

    def _ordered(self, line: Sequence[re.Match[bytes]], *, right_to_left: bool) -> Iterator[bytes]:
        """The blocks of a line in reading order, under the numbers that stand for this order."""
        line = sorted(line, key=lambda block: float(block["x"]))
        if right_to_left and all(map(self._is_word, line)):
            yield from _reversed(line)
            return
        y = max({block["y"] for block in line}, key=lambda y: sum(len(each["text"]) for each in line if each["y"] == y))
        blocks = [
            self._word(found, place) if right_to_left and self._is_word(found) else self._block(found, place, float(y))
            for place, found in enumerate(line)
        ]
        levels = levels_of(blocks, int(right_to_left))
        order = read_order(levels)
        shown = shown_in(blocks, order)
        lifted = lifted_blanks(blocks, levels, order, shown, int(right_to_left))
        numbers = sorted(int(found["number"]) for found in line)
        before = _FAR
        for number, place in zip(numbers, order, strict=True):
            block = blocks[place]
            if block.turned or shown[place]:
                text, before = self._text(block, shown[place], before)
                yield _marked(block.found, number, y, text)
            else:
                before = _FAR
                text = self._lifted(block.glyphs[0]) if place in lifted else self._straight(block)
                yield _marked(block.found, number, block.found["y"], text)

    def _is_word(self, block: re.Match[bytes]) -> bool:
        """Whether a block is a word whose glyphs each say a letter in its place, or a blank or sign between words."""
        font = self._fonts[block["font"]]
        known = font.words.get(block["text"])
        if known is None:
            known = font.words[block["text"]] = _is_word(block["text"], font)
        return known

    def _word(self, found: re.Match[bytes], place: int) -> Block:
        """A word as if it was one glyph: nothing in it has to be looked at."""
        font, size = self._fonts[found["font"]], float(found["size"])
        turned = b"/ReversedChars" in found["text"]
        if not turned:
            return self._block(found, place, float(found["y"]))
        glyph = Glyph(font, found["font"], size, WORD, _ANY_LETTER, float(found["x"]), 0.0, 0, place)
        return Block(found, (glyph,), turned, clustered=False)

    def _block(self, found: re.Match[bytes], place: int, line: float) -> Block:
        glyphs: list[Glyph] = []
        clustered = False
        text, at = found["text"], 0
        while at >= 0 and (piece := _PIECE.match(text, at)):
            font, size = self._fonts[piece["font"]], float(piece["size"])
            text_of = stated(piece)
            pen = float(found["x"]) + float(piece["x"])
            raised = round((float(found["y"]) - line) / size * 1000)
            shown, at = _codes(text, piece.end())
            clustered |= bool(text_of) and len(shown) > 1
            for moved, code in shown:
                width = font.widths.get(code, 0.0) / 1000 * size
                pen -= moved / 1000 * size
                glyphs.append(
                    Glyph(font, piece["font"], size, code, text_of or font.text(code), pen, width, raised, place)
                )
                pen += width
            ended = _END.match(text, at)
            at = ended.end() if ended else -1
        if at != len(text):
            raise _UnknownForm
        turned = b"/ReversedChars" in text or direction(glyphs[0].text) == "R"
        return Block(found, tuple(glyphs), turned, clustered)

    def _text(self, block: Block, shown: Sequence[Shown], before: float) -> tuple[bytes, float]:
        """The operators that show a turned block to the left of `before`, and where the last of it begins."""
        if is_simple(block, shown) and block.glyphs[0].x < before - AFTER:
            return block.found["text"], block.glyphs[0].x
        start = float(block.found["x"])
        shown = [letter for show in shown for letter in self._letters(block, show)]
        parts: list[bytes] = []
        words = any(direction(show.text) == "R" for show in shown)  # readers do not know which way signs alone are read
        for alone, part in groupby(shown, key=lambda show: show.sign is not None or show.apart or not words):
            for shows in [[show] for show in part] if alone else [list(part)]:
                first = shows[-1]  # from left to right
                x = first.x if first.moved else min(first.x, before - AFTER)
                before = before if first.moved else x
                parts.append(b"/ReversedChars BMC%s\nEMC" % self._operator(shows[::-1], x - start))
        return b"".join(parts), before

    def _letters(self, block: Block, show: Shown) -> Iterable[Shown]:
        """What is shown, with the letters of a word that was taken for one glyph."""
        if show.glyph.code != WORD or show.sign:
            return (show,)
        word = self._block(block.found, show.glyph.block, float(block.found["y"]))
        return [Shown(glyph.x, glyph.text, glyph) for glyph in reversed(word.glyphs)]

    def _operator(self, shows: Sequence[Shown], x: float) -> bytes:
        """The operator that shows a sign, or glyphs from left to right."""
        glyph, sign = shows[0].glyph, shows[0].sign
        if sign:
            font, code = self._signs.code(sign)
            string = b"<%02X>Tj" % code
        else:
            font, string = glyph.name, _string([show.glyph for show in shows])
        y = _number(-_LIFT * glyph.size) if shows[0].lifted else b"0"
        return b" 0 Tr/%s %s Tf 1 0 0 -1 %s %s Tm%s" % (font, _number(glyph.size), _number(x), y, string)

    def _straight(self, block: Block) -> bytes:
        """The operators that show a block that is not turned: as they are, but for digits that some readers turn, marks
        at numbers, and glyphs whose codes say something else."""
        shown = [shown_straight(glyph) for glyph in block.glyphs]
        digits = any(_ARABIC_DIGIT.match(show.text) for show in shown)
        if block.clustered or not (digits or is_marked_number(block) or any(show.sign for show in shown)):
            return block.found["text"]
        start = float(block.found["x"])
        parts: list[bytes] = []
        for alone, part in groupby(shown, key=lambda show: digits or show.sign is not None):
            for shows in [[show] for show in part] if alone else [list(part)]:
                parts.append(self._operator(shows, shows[0].x - start))
        return b"".join(parts)


def _is_word(text: bytes, font: Font) -> bool:
    run = _RUN.fullmatch(text)
    if not run:
        return False
    said = [font.text(code) for _, code in _codes(b"[%s]" % run["shown"], 0)[0]]
    if not run["turned"]:
        return len(said) == 1 and direction(said[0]) == "N"
    return all(len(letter) == 1 and is_letter(letter) for letter in said) and direction("".join(said)) == "R"


def _parents(pdf: PlainPdf, page: int | None) -> list[int]:
    """The numbers of the elements that the marked contents of a page belong to."""
    if page is None:
        return []
    trees = dict(_PARENT.findall(_PARENTS.search(pdf.read)[1]))  # type: ignore[index]  # the file is tagged
    return [int(number) for number in _REFERENCE.findall(pdf[int(trees[b"%d" % page])])]


def _codes(text: bytes, at: int) -> tuple[list[tuple[float, int]], int]:
    """The codes that an operator shows, each with how far the pen moves back before it, and where its name begins."""
    codes: list[tuple[float, int]] = []
    moved = 0.0
    several = text[at] == ord("[")
    inside = at + several
    while text[inside] != ord("]"):
        if text[inside] in b"(<":
            string, inside = string_at(text, inside)
            for place in range(0, len(string), 2):
                codes.append((moved, string[place] << 8 | string[place + 1]))
                moved = 0.0
            if not several:
                return codes, inside
        else:
            shift = _SHIFT.match(text, inside)
            if not shift:
                raise _UnknownForm
            moved += float(shift[0])
            inside = shift.end()
    return codes, inside + 1


def _reversed(line: Sequence[re.Match[bytes]]) -> Iterator[bytes]:
    """The blocks of a line of words from right to left, as they are but for their numbers."""
    numbers = sorted(int(found["number"]) for found in line)
    for number, block in zip(numbers, reversed(line), strict=True):
        yield b"/Span<</MCID %d" % number + block[0][block.end("number") - block.start() :]


def _marked(found: re.Match[bytes], number: int, y: bytes, text: bytes) -> bytes:
    if not text:
        return b"/Span<</MCID %d%s>>BDC\nEMC" % (number, found["language"])
    return b"/Span<</MCID %d%s>>BDC\nq 1 0 0 -1 %s %s cm%s\nBT%s\nET\nQ\nEMC" % (
        number, found["language"], found["x"], y, found["colour"], text,
    )  # fmt: skip


def _string(glyphs: Sequence[Glyph]) -> bytes:
    """The operator that shows glyphs from left to right, each at its place."""
    pen = glyphs[0].x
    shown = b""
    for glyph in glyphs:
        moved = _number((pen - glyph.x) / glyph.size * 1000, 1)
        shown += b"%04X" % glyph.code if moved == b"0" else b">%s<%04X" % (moved, glyph.code)
        pen = glyph.x + glyph.width
    return b"[<%s>]TJ" % shown


def _number(value: float, places: int = 4) -> bytes:
    return f"{round(value, places) + 0.0:.{places}f}".rstrip("0").rstrip(".").encode()
