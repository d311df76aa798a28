"""Puts right-to-left text of a finished PDF in the order in which it is read, for those who read it without seeing it.

The typesetter writes the words of a line from left to right, says each sign above or below a letter together with the
letter again, and a ligature is one glyph with the text of several letters. Readers make of that words in the wrong
order, doubled letters, and letters in reversed order. Here the words of a line are written in the order of reading,
and each glyph says what it shows: signs stand on the line, after their letter (see `sign_font`); those letters of a
ligature that have no glyph get one without ink. Nothing is seen of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise, takewhile

from docservice.bundles.plain_pdf import PlainPdf, string_at
from docservice.bundles.sign_font import Drawn, Sign, SignFont
from docservice.domain.bidi import RIGHT_TO_LEFT_LANGUAGES, direction, read_order, resolved

_FONT = re.compile(
    rb"\n(\d+) 0 obj\n<</Type/Font/Subtype/Type0/[^\n]*/DescendantFonts\[(\d+) 0 R\]/ToUnicode (\d+) 0 R>>\nendobj"
)
_PAGE = re.compile(
    rb"\n\d+ 0 obj\n<</Type/Page/Resources (\d+) 0 R[^\n]*/StructParents (\d+)[^\n]*/Contents (\d+) 0 R>>\nendobj"
)
_FONTS = re.compile(rb"/Font<<([^>]*)>>")
_NAMED = re.compile(rb"/(\w+) (\d+) 0 R")
_PARENTS = re.compile(rb"/ParentTree<</Nums\[([^\]]*)\]")
_PARENT = re.compile(rb"(\d+) (\d+) 0 R")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_ABOVE = re.compile(rb"/P (\d+) 0 R")
_LANGUAGE = re.compile(rb"/Lang\((\w+)")
_WIDTHS = re.compile(rb"/W\[([^\]]*)\]")
_MAPPED = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_BLOCK = re.compile(
    rb"/Span<</MCID (?P<number>\d+)(?P<language>(?:/Lang\([\w-]+\))?)>>BDC\n"
    rb"q 1 0 0 -1 (?P<x>[-\d.]+) (?P<y>[-\d.]+) cm(?P<colour>[^\n]*)\n"
    rb"BT(?P<text>.*?Tr/(?P<font>\w+) (?P<size>[\d.]+) Tf.*?)\nET\nQ\nEMC",
    re.DOTALL,
)
_PIECE = re.compile(
    rb"(?:/Span<</ActualText(?:<FEFF(?P<stated>[0-9A-F]*)>|(?P<plain>\((?:[^\\()]|\\.)*\)))>>BDC)?"
    rb"(?:/ReversedChars BMC)? 0 Tr/(?P<font>\w+) (?P<size>[\d.]+) Tf 1 0 0 -1 (?P<x>[-\d.]+) 0 Tm(?=[\[(<])"
)
_RUN = re.compile(  # one run of glyphs, each saying its own text
    rb"(?P<turned>/ReversedChars BMC)? 0 Tr/\w+ [\d.]+ Tf 1 0 0 -1 0 0 Tm"
    rb"\[?(?P<shown>(?:\((?:[^\\()]++|\\[\s\S])*+\)|<[0-9A-F]*+>|-?[\d.]++)*+)\]?T[jJ](?:\nEMC)?"
)
_SHIFT = re.compile(rb"-?[\d.]+")
_END = re.compile(rb"T[jJ](?:\nEMC)*")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ARABIC_DIGIT = re.compile("[\u0660-\u0669\u06f0-\u06f9]")
_RAISED = 0.7  # of the size of a font: so far, signs may be set above and below the line of their letters
_AFTER = 0.02  # points to the left of what is read before: some readers go by the place alone
_FAR = float("inf")
_LIFT = 0.65  # of the size of a font: far enough to be no part of the line for readers that go by the place
_BESIDE = 5.0  # points of height by which texts beside each other differ at most
_THIN = 1  # thousandths of the size: the width of what stands on others
_WORD, _ANY_LETTER = -1, "\u0627"  # of a word that is taken for one glyph
_UNKNOWN = "\ufffd"
_MARK = "\u200e"
_BLANK = Sign((), " ", 200)
_WEAK = frozenset({"EN", "AN", "ES", "ET", "CS", "NSM", "BN"})


def in_reading_order(data: bytes) -> bytes:
    """The PDF with its right-to-left text in reading order; one without such text comes back as it is.

    Takes a file as the typesetter writes it. What is seen stays as it is; the same bytes give the same bytes.
    """
    pdf = PlainPdf(data)
    fonts = {int(font[1]): _Font.read(pdf, font) for font in _FONT.finditer(data)}
    if not any(font.right_to_left for font in fonts.values()):
        return data
    signs = SignFont()
    pages = [_Page(pdf, page, fonts, signs) for page in _PAGE.finditer(data)]
    for page in pages:
        page.put_in_order()
    names = signs.add_to(pdf)
    for number in {page.resources for page in pages}:
        pdf.put(number, pdf[number].replace(b"/Font<<", b"/Font<<" + names, 1))
    for font in fonts.values():
        font.mend(pdf)
    return pdf.written()


class _UnknownForm(Exception):
    """A line is not written as it is known to be: it stays as it is."""


@dataclass(slots=True)
class _Font:
    """A font of the file: what its codes say, and how far each moves the pen (thousandths of the size)."""

    number: int
    texts: dict[int, str]
    widths: dict[int, float]
    map_number: int
    mended: dict[int, str] = field(default_factory=dict)
    words: dict[bytes, bool] = field(default_factory=dict)

    @classmethod
    def read(cls, pdf: PlainPdf, found: re.Match[bytes]) -> _Font:
        texts = {int(code, 16): _unicode(text) for code, text in _MAPPED.findall(pdf.stream(int(found[3])))}
        return cls(int(found[1]), texts, _widths(pdf[int(found[2])]), int(found[3]))

    @property
    def right_to_left(self) -> bool:
        return bool(_RIGHT_TO_LEFT.search("".join(self.texts.values())))

    def text(self, code: int) -> str:
        """What a code says in the file as it was read."""
        return self.texts.get(code, _UNKNOWN)

    def says(self, code: int, text: str) -> bool:
        """Whether the code says the text, or can be made to: where the file has it say a whole cluster."""
        known = self.mended.get(code, self.text(code))
        if known != text and len(known) > 1 and code not in self.mended:
            self.mended[code] = text
            return True
        return known == text

    def mend(self, pdf: PlainPdf) -> None:
        """Have the codes say in the file what they were made to say."""
        content = pdf.stream(self.map_number) if self.mended else b""
        for code, text in self.mended.items():
            old = b"<%04X> <%s>" % (code, _digits(self.texts[code]))
            content = content.replace(old, b"<%04X> <%s>" % (code, _digits(text)), 1)
        if content:
            pdf.put_stream(self.map_number, content)


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A glyph at its place in a line; `text` is what the file says of it, mostly the text of its whole cluster."""

    font: _Font
    name: bytes
    size: float
    code: int
    text: str
    x: float
    width: float
    raised: int  # thousandths of the size above the line
    block: int  # of the line, from left to right


@dataclass(frozen=True, slots=True)
class _Block:
    """Marked content with one run of glyphs, from left to right; `turned` when it is read from right to left,
    `clustered` when a text is stated for several glyphs at once."""

    found: re.Match[bytes]
    glyphs: tuple[_Glyph, ...]
    turned: bool
    clustered: bool

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is read next: a glyph, or a sign that is made for it. `apart` when it is shown alone, `moved` when it does
    not stand left of what is read before, `lifted` when it does not stand on the line."""

    x: float
    text: str
    glyph: _Glyph
    sign: Sign | None = None
    apart: bool = False
    moved: bool = False
    lifted: bool = False


class _Page:
    """The content of a page whose lines are put in order."""

    def __init__(self, pdf: PlainPdf, found: re.Match[bytes], fonts: Mapping[int, _Font], signs: SignFont) -> None:
        self.resources = int(found[1])
        self._pdf = pdf
        self._number = int(found[3])
        self._signs = signs
        named = _NAMED.findall(_FONTS.search(pdf[self.resources])[1])  # type: ignore[index]  # there is text
        self._fonts = {name: fonts[int(number)] for name, number in named}
        self._parents = _parents(pdf, int(found[2]))

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

    def _lifted(self, glyph: _Glyph) -> bytes:
        blank = Sign((), glyph.text, round(glyph.width / glyph.size * 1000))
        return self._operator([_Shown(glyph.x, glyph.text, glyph, blank, lifted=True)], 0.0)

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
                    yield line, languages[parent] in RIGHT_TO_LEFT_LANGUAGES, abs(beside - heights[0]) < _BESIDE
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
        levels = _levels(blocks, int(right_to_left))
        order = read_order(levels)
        shown = _told_apart(_shown(blocks), blocks, order)
        lifted = _lifted(blocks, levels, order, shown, int(right_to_left))
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

    def _word(self, found: re.Match[bytes], place: int) -> _Block:
        """A word as if it was one glyph: nothing in it has to be looked at."""
        font, size = self._fonts[found["font"]], float(found["size"])
        turned = b"/ReversedChars" in found["text"]
        if not turned:
            return self._block(found, place, float(found["y"]))
        glyph = _Glyph(font, found["font"], size, _WORD, _ANY_LETTER, float(found["x"]), 0.0, 0, place)
        return _Block(found, (glyph,), turned, clustered=False)

    def _block(self, found: re.Match[bytes], place: int, line: float) -> _Block:
        glyphs: list[_Glyph] = []
        clustered = False
        text, at = found["text"], 0
        while at >= 0 and (piece := _PIECE.match(text, at)):
            font, size = self._fonts[piece["font"]], float(piece["size"])
            stated = _stated(piece)
            pen = float(found["x"]) + float(piece["x"])
            raised = round((float(found["y"]) - line) / size * 1000)
            shown, at = _codes(text, piece.end())
            clustered |= bool(stated) and len(shown) > 1
            for moved, code in shown:
                width = font.widths.get(code, 0.0) / 1000 * size
                pen -= moved / 1000 * size
                glyphs.append(
                    _Glyph(font, piece["font"], size, code, stated or font.text(code), pen, width, raised, place)
                )
                pen += width
            ended = _END.match(text, at)
            at = ended.end() if ended else -1
        if at != len(text):
            raise _UnknownForm
        turned = b"/ReversedChars" in text or direction(glyphs[0].text) == "R"
        return _Block(found, tuple(glyphs), turned, clustered)

    def _text(self, block: _Block, shown: Sequence[_Shown], before: float) -> tuple[bytes, float]:
        """The operators that show a turned block to the left of `before`, and where the last of it begins."""
        if _is_simple(block, shown) and block.glyphs[0].x < before - _AFTER:
            return block.found["text"], block.glyphs[0].x
        start = float(block.found["x"])
        shown = [letter for show in shown for letter in self._letters(block, show)]
        parts: list[bytes] = []
        words = any(direction(show.text) == "R" for show in shown)  # readers do not know which way signs alone are read
        for alone, part in groupby(shown, key=lambda show: show.sign is not None or show.apart or not words):
            for shows in [[show] for show in part] if alone else [list(part)]:
                first = shows[-1]  # from left to right
                x = first.x if first.moved else min(first.x, before - _AFTER)
                before = before if first.moved else x
                parts.append(b"/ReversedChars BMC%s\nEMC" % self._operator(shows[::-1], x - start))
        return b"".join(parts), before

    def _letters(self, block: _Block, show: _Shown) -> Iterable[_Shown]:
        """What is shown, with the letters of a word that was taken for one glyph."""
        if show.glyph.code != _WORD or show.sign:
            return (show,)
        word = self._block(block.found, show.glyph.block, float(block.found["y"]))
        return [_Shown(glyph.x, glyph.text, glyph) for glyph in reversed(word.glyphs)]

    def _operator(self, shows: Sequence[_Shown], x: float) -> bytes:
        """The operator that shows a sign, or glyphs from left to right."""
        glyph, sign = shows[0].glyph, shows[0].sign
        if sign:
            font, code = self._signs.code(sign)
            string = b"<%02X>Tj" % code
        else:
            font, string = glyph.name, _string([show.glyph for show in shows])
        y = _number(-_LIFT * glyph.size) if shows[0].lifted else b"0"
        return b" 0 Tr/%s %s Tf 1 0 0 -1 %s %s Tm%s" % (font, _number(glyph.size), _number(x), y, string)

    def _straight(self, block: _Block) -> bytes:
        """The operators that show a block that is not turned: as they are, but for digits that some readers turn, and
        glyphs whose codes say something else."""
        shown = [_shown_as(glyph, _visible(glyph.text)) for glyph in block.glyphs]
        digits = any(_ARABIC_DIGIT.match(show.text) for show in shown)
        if block.clustered or not (digits or any(show.sign for show in shown)):
            return block.found["text"]
        start = float(block.found["x"])
        parts: list[bytes] = []
        for alone, part in groupby(shown, key=lambda show: digits or show.sign is not None):
            for shows in [[show] for show in part] if alone else [list(part)]:
                parts.append(self._operator(shows, shows[0].x - start))
        return b"".join(parts)


def _is_word(text: bytes, font: _Font) -> bool:
    run = _RUN.fullmatch(text)
    if not run:
        return False
    said = [font.text(code) for _, code in _codes(b"[%s]" % run["shown"], 0)[0]]
    if not run["turned"]:
        return len(said) == 1 and direction(said[0]) == "N"
    return all(len(letter) == 1 and _is_letter(letter) for letter in said) and direction("".join(said)) == "R"


# -- what is read next -------------------------------------------------------------------------------------------------


def _levels(blocks: Sequence[_Block], base: int) -> list[int]:
    """The level of embedding of each block: as it is written, numbers and signs as what is on both sides has it."""
    levels: list[int | None] = []
    for block in blocks:
        kind = direction(block.text)
        neutral = (kind == "N" and len(block.glyphs) == 1) or (kind == "D" and not base)
        levels.append(1 if block.turned else None if neutral else 2 * base)
    found = resolved(levels, base)
    return [
        level + 1 if known is None and level == 1 and _is_number(block) else level
        for level, known, block in zip(found, levels, blocks, strict=True)
    ]


def _is_number(block: _Block) -> bool:
    return direction(block.text) == "D"


def _shown(blocks: Sequence[_Block]) -> list[list[_Shown]]:
    """For each block of a line what of it is read from right to left, in this order."""
    shown: list[list[_Shown]] = [[] for _ in blocks]
    for turned, part in groupby(blocks, key=lambda block: block.turned):
        if turned:
            for base, marks in _clusters([glyph for block in part for glyph in block.glyphs]):
                for show in _cluster_shown(base, marks):
                    shown[show.glyph.block].append(show)
    return shown


def _told_apart(shown: list[list[_Shown]], blocks: Sequence[_Block], order: Sequence[int]) -> list[list[_Shown]]:
    """What is shown, each thing at a place that keeps it in its order for readers that take digits, signs at letters
    and punctuation for one left-to-right word. Where things are drawn stays as it is."""
    told = [list(shows) for shows in shown]
    for at, (left, right) in enumerate(pairwise(order)):
        following = _all(blocks, shown, right)
        punctuation = _after_number(blocks[left], following)
        ends = at + 2 == len(order) or not _is_number(blocks[order[at + 2]])  # else it stands between two numbers
        if punctuation and (ends or len(punctuation) < len(following)):
            told[right] = [*punctuation, *following[len(punctuation) :]]
    _put_signs_first(told, blocks, order)
    return told


def _put_signs_first(told: list[list[_Shown]], blocks: Sequence[_Block], order: Sequence[int]) -> None:
    """Have signs stand to the left of the punctuation that is read after them."""
    line = [(place, number, show) for place in order for number, show in enumerate(_all(blocks, told, place))]
    for at, (place, number, show) in enumerate(line):
        if show.sign is None or show.moved or not _is_weak(show.text) or _is_joiner(show.text):
            continue
        x = show.x
        for other, others, following in takewhile(lambda each: _is_punctuation(each[2]), line[at + 1 :]):
            x = min(x, following.x)
            if told[other]:
                told[other][others] = replace(following, apart=True)
        if x < show.x:
            told[place][number] = _shifted(show, x - _AFTER)


def _after_number(number: _Block, following: Sequence[_Shown]) -> list[_Shown]:
    """The punctuation that is read after a number, standing at its right end."""
    last = number.glyphs[-1]
    if number.turned or not all(map(_is_weak, number.text)) or not following or following[0].x > last.x:
        return []
    punctuation = list(takewhile(_is_punctuation, following))
    return [
        _shifted(
            replace(show, sign=Sign((Drawn(show.glyph.font.number, show.glyph.code, 0, 0),), show.text, _THIN)),
            last.x + last.width - _AFTER * (len(punctuation) - at),
        )
        for at, show in enumerate(punctuation)
    ]


def _all(blocks: Sequence[_Block], shown: Sequence[list[_Shown]], place: int) -> Sequence[_Shown]:
    """What is shown in a block, turned or not."""
    if blocks[place].turned or shown[place]:
        return shown[place]
    return [_Shown(glyph.x, glyph.text, glyph) for glyph in blocks[place].glyphs]


def _is_punctuation(show: _Shown) -> bool:
    return show.sign is None and _is_weak(show.text) and direction(show.text) != "D"


def _shifted(show: _Shown, x: float) -> _Shown:
    """A sign that stands elsewhere and draws where it drew."""
    assert show.sign
    right = round((show.x - x) / show.glyph.size * 1000)
    drawn = tuple(replace(glyph, right=glyph.right + right) for glyph in show.sign.drawn)
    return replace(show, x=x, sign=replace(show.sign, drawn=drawn), moved=True)


def _lifted(
    blocks: Sequence[_Block], levels: Sequence[int], order: Sequence[int], shown: list[list[_Shown]], base: int
) -> frozenset[int]:
    """The blanks around what runs against its line and is more than one word.

    They are lifted off the line: readers that lay lines anew by their letters would turn its words about, and take it
    for a line of its own now. Where there is no blank, a mark without ink stands for it.
    """
    lifted: set[int] = set()
    for against, part in groupby(range(len(order)), key=lambda at: levels[order[at]] > base):
        stretch = list(part)
        if not against or not _is_many("".join(show.text for at in stretch for show in _all(blocks, shown, order[at]))):
            continue
        for at, beside in ((stretch[0] - base, -base), (stretch[-1] + base, base - 1)):
            if not 0 <= at < len(order):
                continue
            place = order[at]
            if blocks[place].text == " ":
                lifted.add(place)
            elif shown[place]:
                near = shown[place][beside]
                mark = _Shown(near.x, _MARK, near.glyph, Sign((), _MARK), moved=True, lifted=True)
                shown[place].insert(len(shown[place]) if beside else 0, mark)
    return frozenset(lifted)


def _is_many(text: str) -> bool:
    """Whether readers that go by the letters see more than one stretch."""
    return len(list(groupby(text, key=_kind))) > 1


def _kind(letter: str) -> str:
    kind = unicodedata.bidirectional(letter)
    return "W" if kind in _WEAK else kind if kind == "L" else "N"


def _is_weak(text: str) -> bool:
    return unicodedata.bidirectional(text[0]) in _WEAK


def _is_joiner(text: str) -> bool:
    return unicodedata.category(text[0]) == "Cf"


def _clusters(glyphs: list[_Glyph]) -> Iterator[tuple[_Glyph, list[_Glyph]]]:
    """Letters with the signs at them, from right to left: the signs stand to the left, with the text of the cluster."""
    while glyphs:
        base = glyphs.pop()
        marks: list[_Glyph] = []
        signs = sum(not _is_letter(letter) for letter in base.text)
        while glyphs and len(marks) < signs and glyphs[-1].text == base.text and not glyphs[-1].width:
            marks.append(glyphs.pop())
        yield base, marks


def _cluster_shown(base: _Glyph, marks: Sequence[_Glyph]) -> Iterator[_Shown]:
    """The letters of a cluster in their order, each with the signs at it after it."""
    letters = _letters(base.text)
    before = letters.pop(0) if not _is_letter(base.text[0]) else ""  # joiners
    if before:
        yield _Shown(base.x + base.width, before, base, Sign((), before))
    if base.raised or not letters:
        yield _drawn(base.x, base.text[len(before) :], (base, *marks), base.x, base.width)
        return
    width = base.width / len(letters)
    for place, letter in enumerate(letters[:-1], start=1):
        x = base.x + base.width - place * width
        yield _drawn(x, letter[0], (), base.x, width, base)
        if letter[1:]:
            yield _drawn(x - _AFTER, letter[1:], (), base.x, 0.0, base)
    yield _shown_as(base, letters[-1][0])
    if letters[-1][1:]:
        yield _drawn(base.x, letters[-1][1:], marks, base.x, 0.0, (*marks, base)[0])


def _shown_as(glyph: _Glyph, text: str) -> _Shown:
    """A glyph with its text: as it is, where its code can say the text, else drawn by a sign."""
    if glyph.code == _WORD or glyph.font.says(glyph.code, text):
        return _Shown(glyph.x, text, glyph)
    return _drawn(glyph.x, text, (glyph,), glyph.x, glyph.width)


def _drawn(
    x: float, text: str, glyphs: Sequence[_Glyph], around: float, width: float, of: _Glyph | None = None
) -> _Shown:
    glyph = of or glyphs[0]
    drawn = tuple(
        Drawn(each.font.number, each.code, round((each.x - around) / each.size * 1000), each.raised) for each in glyphs
    )
    return _Shown(x, text, glyph, Sign(drawn, text, max(round(width / glyph.size * 1000), _THIN)))


def _is_simple(block: _Block, shown: Sequence[_Shown]) -> bool:
    """Whether a block says each letter in its place as it is written."""
    return (
        len(shown) == len(block.glyphs)
        and (len(shown) == 1 or any(direction(show.text) == "R" for show in shown))
        and not any(show.sign or show.apart for show in shown)
        and block.found["text"].count(b" Tf ") == 1
        and b"/ActualText" not in block.found["text"]
    )


def _visible(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf") or text


def _letters(text: str) -> list[str]:
    """The letters of a cluster, each with the signs after it."""
    letters: list[str] = []
    for letter in text:
        if letters and not _is_letter(letter):
            letters[-1] += letter
        else:
            letters.append(letter)
    return letters


def _is_letter(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Mn", "Me", "Cf")


# -- how it is written -------------------------------------------------------------------------------------------------


def _parents(pdf: PlainPdf, page: int) -> list[int]:
    """The numbers of the elements that the marked contents of a page belong to."""
    trees = dict(_PARENT.findall(_PARENTS.search(pdf.read)[1]))  # type: ignore[index]  # the file is tagged
    return [int(number) for number in _REFERENCE.findall(pdf[int(trees[b"%d" % page])])]


def _widths(font: bytes) -> dict[int, float]:
    numbers = _WIDTHS.search(font)[1].split()  # type: ignore[index]  # every font has widths
    widths: dict[int, float] = {}
    for first, last, width in zip(*[iter(numbers)] * 3, strict=True):
        widths.update(dict.fromkeys(range(int(first), int(last) + 1), float(width)))
    return widths


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


def _string(glyphs: Sequence[_Glyph]) -> bytes:
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


def _stated(piece: re.Match[bytes]) -> str:
    """The text that is stated in place of glyphs; nothing when their codes say it."""
    if piece["plain"]:
        return string_at(piece["plain"], 0)[0].decode("latin-1")
    return _unicode(piece["stated"]) if piece["stated"] else ""


def _unicode(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")


def _digits(text: str) -> bytes:
    return text.encode("utf-16-be").hex().upper().encode()
