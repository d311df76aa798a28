"""A font whose glyphs draw the signs above and below right-to-left letters, or nothing, and say what they stand for.

A sign that the typesetter sets above or below the line is a line of its own to those who read by place. A glyph of
this font stands on the line beside its letter and draws the sign where it belongs, with the glyphs of the text's font.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docservice.bundles.pdf.plain_pdf import PlainPdf, stream, utf16_digits

_CODES = 255  # of one font: a code has one byte
_INKLESS = 100  # thousandths of the size: what has no ink and no width has an extent all the same


@dataclass(frozen=True, slots=True)
class Drawn:
    """A glyph of a font of the file (the number of its object), moved right and up by thousandths of the size."""

    font: int
    code: int
    right: int
    up: int


@dataclass(frozen=True, slots=True)
class Sign:
    """What a glyph draws, the text it stands for, and how far it moves the pen (thousandths of the size)."""

    drawn: tuple[Drawn, ...]
    text: str
    width: int = 0


class SignFont:
    """Collects signs, and writes them into a file as fonts of 255 codes each."""

    def __init__(self) -> None:
        self._numbers: dict[Sign, int] = {}

    def code(self, sign: Sign) -> tuple[bytes, int]:
        """The name of the font that has a sign, and its code there."""
        number = self._numbers.setdefault(sign, len(self._numbers))
        return b"s%d" % (number // _CODES), number % _CODES

    def add_to(self, pdf: PlainPdf) -> bytes:
        """Write the fonts; returns the entries with which resources name them, nothing when there are no signs."""
        signs = list(self._numbers)
        names = b""
        for font, start in enumerate(range(0, len(signs), _CODES)):
            names += b"/s%d %d 0 R" % (font, _add(pdf, signs[start : start + _CODES]))
        return names


def _add(pdf: PlainPdf, signs: Sequence[Sign]) -> int:
    first = pdf.next_number
    for sign in signs:
        drawing = _drawing(sign)
        pdf.add(b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawing), drawing))
    pdf.add(stream(_texts(signs), b"/Type/CMap/Filter/FlateDecode/WMode 0"))
    pdf.add(_font(signs, first))
    return pdf.next_number - 1


def _drawing(sign: Sign) -> bytes:
    if not sign.drawn:
        return b"%d 0 0 0 %d 500 d1" % (sign.width, sign.width or _INKLESS)
    shown = b"".join(
        b"/f%d 1000 Tf 1 0 0 1 %d %d Tm<%04X>Tj\n" % (glyph.font, glyph.right, glyph.up, glyph.code)
        for glyph in sign.drawn
    )
    return b"%d 0 d0\nBT\n%sET" % (sign.width, shown)


def _texts(signs: Sequence[Sign]) -> bytes:
    lines = [b"<%02X> <%s>" % (code, utf16_digits(sign.text)) for code, sign in enumerate(signs)]
    sections = b"".join(
        b"%d beginbfchar\n%s\nendbfchar\n" % (len(part), b"\n".join(part))
        for part in (lines[at : at + 100] for at in range(0, len(lines), 100))
    )
    return (
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        b"/CIDSystemInfo 3 dict dup begin\n/Registry (Adobe) def\n/Ordering (UCS) def\n/Supplement 0 def\nend def\n"
        b"/CMapName /Signs def\n/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        + sections
        + b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )


def _font(signs: Sequence[Sign], first: int) -> bytes:
    glyphs = b"".join(b"/g%d" % code for code in range(len(signs)))
    drawings = b"".join(b"/g%d %d 0 R" % (code, first + code) for code in range(len(signs)))
    widths = b" ".join(b"%d" % sign.width for sign in signs)
    fonts = b"".join(
        b"/f%d %d 0 R" % (font, font) for font in sorted({glyph.font for sign in signs for glyph in sign.drawn})
    )
    return (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 0/LastChar %d"
        b"/Widths[%s]/Encoding<</Type/Encoding/Differences[0%s]>>/CharProcs<<%s>>"
        b"/Resources<</Font<<%s>>>>/ToUnicode %d 0 R>>"
        % (len(signs) - 1, widths, glyphs, drawings, fonts, first + len(signs))
    )
