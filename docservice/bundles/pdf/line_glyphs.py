"""What of a line with right-to-left text is read when: its glyphs in blocks, the letters and signs that they show, and
where each has to stand so that readers find it in its turn."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise, takewhile

from docservice.bundles.pdf.plain_pdf import PlainPdf, utf16_digits
from docservice.bundles.pdf.sign_font import Drawn, Sign
from docservice.domain.text.bidi import direction, has_right_to_left, resolved

AFTER = 0.02  # points to the left of what is read before: some readers go by the place alone
_THIN = 1  # thousandths of the size: the width of what stands on others
WORD = -1  # the code of a word that is taken for one glyph
_UNKNOWN = "\ufffd"
_MARK = "\u200e"
_WEAK = frozenset({"EN", "AN", "ES", "ET", "CS", "NSM", "BN"})
_WIDTHS = re.compile(rb"/W\[([^\]]*)\]")
_DESCENDANT = re.compile(rb"/DescendantFonts\[(\d+) 0 R\]")


@dataclass(slots=True)
class Font:
    """A font of the file: what its codes say, and how far each moves the pen (thousandths of the size)."""

    number: int
    texts: dict[int, str]
    widths: dict[int, float]
    map_number: int
    mended: dict[int, str] = field(default_factory=dict)
    words: dict[bytes, bool] = field(default_factory=dict)

    @classmethod
    def read(cls, pdf: PlainPdf, number: int) -> Font:
        """A font of the text of a page."""
        mapped, descendant = pdf.map_of(number), _DESCENDANT.search(pdf[number])
        if mapped is None or descendant is None:
            raise ValueError(f"The font {number} is not written as it is known to be.")
        return cls(number, pdf.mapped(mapped), _widths(pdf[int(descendant[1])]), mapped)

    @property
    def right_to_left(self) -> bool:
        return has_right_to_left("".join(self.texts.values()))

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
            old = b"<%04X> <%s>" % (code, utf16_digits(self.texts[code]))
            content = content.replace(old, b"<%04X> <%s>" % (code, utf16_digits(text)), 1)
        if content:
            pdf.put_stream(self.map_number, content)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph at its place in a line; `text` is what the file says of it, mostly the text of its whole cluster."""

    font: Font
    name: bytes
    size: float
    code: int
    text: str
    x: float
    width: float
    raised: int  # thousandths of the size above the line
    block: int  # of the line, from left to right


@dataclass(frozen=True, slots=True)
class Block:
    """Marked content with one run of glyphs, from left to right; `turned` when it is read from right to left,
    `clustered` when a text is stated for several glyphs at once."""

    found: re.Match[bytes]
    glyphs: tuple[Glyph, ...]
    turned: bool
    clustered: bool

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is read next: a glyph, or a sign that is made for it. `apart` when it is shown alone, `moved` when it does
    not stand left of what is read before, `lifted` when it does not stand on the line."""

    x: float
    text: str
    glyph: Glyph
    sign: Sign | None = None
    apart: bool = False
    moved: bool = False
    lifted: bool = False


def levels_of(blocks: Sequence[Block], base: int) -> list[int]:
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


def _is_number(block: Block) -> bool:
    return direction(block.text) == "D"


def shown_in(blocks: Sequence[Block], order: Sequence[int]) -> list[list[Shown]]:
    """For each block of a line what of it is read from right to left, in this order, where readers find it in its
    turn; `order`: the places of the blocks as they are read."""
    return _told_apart(_shown(blocks), blocks, order)


def _shown(blocks: Sequence[Block]) -> list[list[Shown]]:
    shown: list[list[Shown]] = [[] for _ in blocks]
    for turned, part in groupby(blocks, key=lambda block: block.turned):
        if turned:
            for base, marks in _clusters([glyph for block in part for glyph in block.glyphs]):
                for show in _cluster_shown(base, marks):
                    shown[show.glyph.block].append(show)
    return shown


def _told_apart(shown: list[list[Shown]], blocks: Sequence[Block], order: Sequence[int]) -> list[list[Shown]]:
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


def _put_signs_first(told: list[list[Shown]], blocks: Sequence[Block], order: Sequence[int]) -> None:
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
            told[place][number] = _shifted(show, x - AFTER)


def _after_number(number: Block, following: Sequence[Shown]) -> list[Shown]:
    """The punctuation that is read after a number, standing at its right end."""
    last = number.glyphs[-1]
    if number.turned or not all(map(_is_weak, number.text)) or not following or following[0].x > last.x:
        return []
    punctuation = list(takewhile(_is_punctuation, following))
    return [
        _shifted(
            replace(show, sign=Sign((Drawn(show.glyph.font.number, show.glyph.code, 0, 0),), show.text, _THIN)),
            last.x + last.width - AFTER * (len(punctuation) - at),
        )
        for at, show in enumerate(punctuation)
    ]


def _all(blocks: Sequence[Block], shown: Sequence[list[Shown]], place: int) -> Sequence[Shown]:
    """What is shown in a block, turned or not."""
    if blocks[place].turned or shown[place]:
        return shown[place]
    return [Shown(glyph.x, glyph.text, glyph) for glyph in blocks[place].glyphs]


def _is_punctuation(show: Shown) -> bool:
    return show.sign is None and _is_weak(show.text) and direction(show.text) != "D"


def _shifted(show: Shown, x: float) -> Shown:
    """A sign that stands elsewhere and draws where it drew."""
    assert show.sign
    right = round((show.x - x) / show.glyph.size * 1000)
    drawn = tuple(replace(glyph, right=glyph.right + right) for glyph in show.sign.drawn)
    return replace(show, x=x, sign=replace(show.sign, drawn=drawn), moved=True)


def lifted_blanks(
    blocks: Sequence[Block], levels: Sequence[int], order: Sequence[int], shown: list[list[Shown]], base: int
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
                mark = Shown(near.x, _MARK, near.glyph, Sign((), _MARK), moved=True, lifted=True)
                shown[place].insert(len(shown[place]) if beside else 0, mark)
    return frozenset(lifted)


def _is_many(text: str) -> bool:
    """Whether readers that go by the letters see more than one stretch."""
    return len(list(groupby(_visible(text), key=_kind))) > 1


def is_marked_number(block: Block) -> bool:
    """Whether a block is a number with marks of its direction, which make a word of it for some readers."""
    seen = _visible(block.text)
    return seen != block.text and all(map(_is_weak, seen)) and direction(seen) == "D"


def _kind(letter: str) -> str:
    kind = unicodedata.bidirectional(letter)
    return "W" if kind in _WEAK else kind if kind == "L" else "N"


def _is_weak(text: str) -> bool:
    return unicodedata.bidirectional(text[0]) in _WEAK


def _is_joiner(text: str) -> bool:
    return unicodedata.category(text[0]) == "Cf"


def _clusters(glyphs: list[Glyph]) -> Iterator[tuple[Glyph, list[Glyph]]]:
    """Letters with the signs at them, from right to left: the signs stand to the left, with the text of the cluster."""
    while glyphs:
        base = glyphs.pop()
        marks: list[Glyph] = []
        signs = sum(not is_letter(letter) for letter in base.text)
        while glyphs and len(marks) < signs and glyphs[-1].text == base.text and not glyphs[-1].width:
            marks.append(glyphs.pop())
        yield base, marks


def _cluster_shown(base: Glyph, marks: Sequence[Glyph]) -> Iterator[Shown]:
    """The letters of a cluster in their order, each with the signs at it after it."""
    letters = _letters(base.text)
    before = letters.pop(0) if not is_letter(base.text[0]) else ""  # joiners
    if before:
        yield Shown(base.x + base.width, before, base, Sign((), before))
    if base.raised or not letters:
        yield _drawn(base.x, base.text[len(before) :], (base, *marks), base.x, base.width)
        return
    width = base.width / len(letters)
    for place, letter in enumerate(letters[:-1], start=1):
        x = base.x + base.width - place * width
        yield _drawn(x, letter[0], (), base.x, width, base)
        if letter[1:]:
            yield _drawn(x - AFTER, letter[1:], (), base.x, 0.0, base)
    yield _shown_as(base, letters[-1][0])
    if letters[-1][1:]:
        yield _drawn(base.x, letters[-1][1:], marks, base.x, 0.0, (*marks, base)[0])


def _shown_as(glyph: Glyph, text: str) -> Shown:
    """A glyph with its text: as it is, where its code can say the text, else drawn by a sign."""
    if glyph.code == WORD or glyph.font.says(glyph.code, text):
        return Shown(glyph.x, text, glyph)
    return _drawn(glyph.x, text, (glyph,), glyph.x, glyph.width)


def _drawn(x: float, text: str, glyphs: Sequence[Glyph], around: float, width: float, of: Glyph | None = None) -> Shown:
    glyph = of or glyphs[0]
    drawn = tuple(
        Drawn(each.font.number, each.code, round((each.x - around) / each.size * 1000), each.raised) for each in glyphs
    )
    return Shown(x, text, glyph, Sign(drawn, text, max(round(width / glyph.size * 1000), _THIN)))


def is_simple(block: Block, shown: Sequence[Shown]) -> bool:
    """Whether a block says each letter in its place as it is written."""
    return (
        len(shown) == len(block.glyphs)
        and (len(shown) == 1 or any(direction(show.text) == "R" for show in shown))
        and not any(show.sign or show.apart for show in shown)
        and block.found["text"].count(b" Tf ") == 1
        and b"/ActualText" not in block.found["text"]
    )


def shown_straight(glyph: Glyph) -> Shown:
    """A glyph that is read from left to right, without what is not seen of its text."""
    return _shown_as(glyph, _visible(glyph.text))


def _visible(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf") or text


def _letters(text: str) -> list[str]:
    """The letters of a cluster, each with the signs after it."""
    letters: list[str] = []
    for letter in text:
        if letters and not is_letter(letter):
            letters[-1] += letter
        else:
            letters.append(letter)
    return letters


def is_letter(letter: str) -> bool:
    """Whether a code point has a width of its own: no vowel sign, no joiner, no direction mark."""
    return unicodedata.category(letter) not in ("Mn", "Me", "Cf")


def _widths(font: bytes) -> dict[int, float]:
    numbers = _WIDTHS.search(font)[1].split()  # type: ignore[index]  # every font has widths
    widths: dict[int, float] = {}
    for first, last, width in zip(*[iter(numbers)] * 3, strict=True):
        widths.update(dict.fromkeys(range(int(first), int(last) + 1), float(width)))
    return widths
