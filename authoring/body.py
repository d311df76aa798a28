"""The body, headers and footers of the Word templates, with docxtpl's tags.

What can be said in them is what `docservice.bundles.word` hands over; every text may be empty, and the rows of a
block tell by their kind how they are set:

    clauses   kind, number, de, tr       text numbered lead opener item note heading party;
                                         *_long may be torn by a page break, *_last stays with what follows
    facts     kind, label_de, label_tr, de, tr       fact fact_long fact_blank fact_last fact_blank_last
    table     kind, cells (pairs de, tr)             row row_long row_blank row_last row_blank_last
    signatures   kind, left_de, left_tr, right_de, right_tr    two one two_free one_free
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from authoring.styles import PAGE, PLAIN, Palette
from authoring.xml import (
    BODY_WIDTH,
    DECLARATION,
    NAMESPACES,
    cell,
    control,
    control_row,
    field,
    mm,
    paragraph,
    picture,
    row,
    run,
    tab,
    table,
)

HALF = (BODY_WIDTH - BODY_WIDTH // 2, BODY_WIDTH // 2)
FACT_WIDTHS = (3388, BODY_WIDTH - 3388)
CODE_MM = 19.8  # 33 modules of 0.6 mm
CODE_WIDTH = mm(CODE_MM) + 1
SIGNATURE_WIDTHS = (mm(74), BODY_WIDTH - 2 * mm(74), mm(74))
SIGNATURE_HEIGHT = mm(18)
BLANK_HEIGHT = mm(9.5)
PICTURE_NAME = "page-code.png"
PICTURE_TEXT = "Seitenkennung"
LONGEST_TABLE = 6  # columns

# Rows that stay with what follows keep their paragraphs whole; cantSplit on top would make LibreOffice, which cannot
# move the only row of a table then, leave the signatures alone.
_LONG = ("text", "numbered", "lead", "item", "note")
_LAST = ("text", "numbered", "item", "note")
_STYLES = {
    "text": ("ClauseText", "ClauseTranslation"),
    "numbered": ("ClauseNumbered", "NumberedTranslation"),
    "lead": ("ClauseLead", "LeadTranslation"),
    "opener": ("ClauseOpener", "OpenerTranslation"),
    "item": ("ListBullet", "BulletTranslation"),
    "note": ("SmallPrint", "SmallPrintTranslation"),
    "heading": ("ClauseHeading", "ClauseHeadingTranslation"),
    "party": ("Party", "PartyTranslation"),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """How the second language is set in one layout; `de` has none."""

    layout: str

    @property
    def second(self) -> bool:
        """Whether there is a second language at all."""
        return self.layout != "de"

    @property
    def properties(self) -> str:
        """Run properties of the second language: its own tag, and its direction."""
        if self.layout == "rtl":
            return '<w:rtl/><w:cs/><w:lang w:bidi="{{ language }}"/>'
        return '<w:lang w:val="{{ language }}"/>'

    def paragraph(self, style: str, text: str, *, number: str = "", keep: bool | None = None) -> str:
        """A paragraph in the second language."""
        runs = (run(number, self.properties), tab(self.properties)) if number else ()
        return paragraph(style, *runs, run(text, self.properties), keep=keep, rtl=self.layout == "rtl")

    def optional(self, style: str, name: str, *, keep: bool | None = None) -> str:
        """A paragraph in the second language that vanishes when there is no text; nothing in German alone."""
        if not self.second:
            return ""
        return (
            control(f"{{%p if {name} %}}")
            + self.paragraph(style, f"{{{{ {name} }}}}", keep=keep)
            + control("{%p endif %}")
        )


def document(voice: Voice, palette: Palette, shapes: Iterable[tuple[int, ...]], *, signed: bool) -> str:
    """word/document.xml. `shapes` are the column weights of the tables that the kind of document has."""
    body = "".join(
        (
            _opening(voice),
            control("{%p for block in blocks %}"),
            control('{%p if block.kind == "heading2" %}'),
            _heading(voice, "Heading2"),
            control('{%p elif block.kind == "heading3" %}'),
            _heading(voice, "Heading3"),
            control('{%p elif block.kind == "clauses" %}'),
            _clauses(voice, palette),
            control('{%p elif block.kind == "facts" %}'),
            _facts(voice),
            _tables(voice, palette, shapes),
            control("{%p endif %}"),
            control("{%p if block.apart %}"),
            paragraph("Spacer"),  # two tables without a paragraph between them would become one
            control("{%p endif %}"),
            control("{%p endfor %}"),
            _place_and_date(voice),
            _lines_to_sign_on(voice, palette) if signed else "",
        )
    )
    references = (
        '<w:headerReference w:type="default" r:id="rId11"/><w:headerReference w:type="first" r:id="rId12"/>'
        '<w:footerReference w:type="default" r:id="rId13"/><w:footerReference w:type="first" r:id="rId14"/>'
    )
    section = f"<w:sectPr>{references}{PAGE}<w:titlePg/></w:sectPr>"
    return f"{DECLARATION}<w:document {NAMESPACES}><w:body>{body}{section}</w:body></w:document>"


def _opening(voice: Voice) -> str:
    note = run("{{ note_de }}")
    if voice.second:
        note += run(" · ") + run("{{ note_tr }}", voice.properties)
    return "".join(
        (
            paragraph("Heading1", run("{{ title_de }}")),
            voice.optional("TitleTranslation", "title_tr"),
            control("{%p if subtitle_de %}"),
            paragraph("Subtitle", run("{{ subtitle_de }}")),
            control("{%p endif %}"),
            voice.optional("SubtitleTranslation", "subtitle_tr"),
            control("{%p if note_de %}"),
            paragraph("SmallNote", note),
            control("{%p endif %}"),
            paragraph("Spacer"),
        )
    )


def _heading(voice: Voice, style: str) -> str:
    return paragraph(style, run("{{ block.de }}")) + voice.optional("HeadingTranslation", "block.tr")


def _variants(kinds: dict[str, str], wrap: Callable[[str], str]) -> str:
    """An if with a branch for each kind."""
    pieces = []
    for number, (kind, content) in enumerate(kinds.items()):
        pieces += [wrap(f'if kind == "{kind}"' if number == 0 else f'elif kind == "{kind}"'), content]
    return "".join((*pieces, wrap("endif")))


def _clauses(voice: Voice, palette: Palette) -> str:
    loop = "for kind, number, de, tr in block.rows"
    if not voice.second:
        kinds = {kind: _german(kind) for kind in _STYLES} | {f"{kind}_last": _german(kind, keep=True) for kind in _LAST}
        return (
            control(f"{{%p {loop} %}}")
            + _variants(kinds, lambda tag: control(f"{{%p {tag} %}}"))
            + control("{%p endfor %}")
        )

    def pair(kind: str, *, whole: bool = True, keep: bool | None = None) -> str:
        number = "{{ number }}" if kind in ("lead", "numbered") else ""
        translated = voice.paragraph(_STYLES[kind][1], "{{ tr }}", number=number, keep=keep)
        return row((cell(HALF[0], _german(kind, keep=keep)), cell(HALF[1], translated)), whole=whole)

    kinds = {kind: pair(kind) for kind in _STYLES}
    kinds |= {f"{kind}_long": pair(kind, whole=False, keep=False if kind == "lead" else None) for kind in _LONG}
    kinds |= {f"{kind}_last": pair(kind, whole=False, keep=True) for kind in _LAST}
    heads = (
        cell(HALF[0], paragraph("ColumnHead", run("{{ header_de }}")), bottom_line=palette.rule),
        cell(HALF[1], voice.paragraph("ColumnHeadTranslation", "{{ header_tr }}"), bottom_line=palette.rule),
    )
    rows = (
        row(heads, header=True),
        control_row(f"{{%tr {loop} %}}", 2),
        _variants(kinds, lambda tag: control_row(f"{{%tr {tag} %}}", 2)),
        control_row("{%tr endfor %}", 2),
    )
    return table("Paired", HALF, rows, "Text in zwei Sprachen", first_row=True)


def _german(kind: str, *, keep: bool | None = None) -> str:
    runs = (run("{{ number }}"), tab()) if kind in ("lead", "numbered") else ()
    return paragraph(_STYLES[kind][0], *runs, run("{{ de }}"), keep=keep)


def _facts(voice: Voice) -> str:
    def fact(*, whole: bool = True, keep: bool | None = None, blank: bool = False) -> str:
        label = paragraph("FactLabel", run("{{ label_de }}"), keep=keep)
        label += voice.optional("FactLabelTranslation", "label_tr", keep=keep)
        value = paragraph("FactValue", *(() if blank else (run("{{ de }}"),)), keep=keep)
        value += "" if blank else voice.optional("FactTranslation", "tr", keep=keep)
        cells = (cell(FACT_WIDTHS[0], label), cell(FACT_WIDTHS[1], value))
        return row(cells, whole=whole, height=BLANK_HEIGHT if blank else 0)

    kinds = {
        "fact": fact(),
        "fact_blank": fact(blank=True),
        "fact_long": fact(whole=False),
        "fact_last": fact(whole=False, keep=True),
        "fact_blank_last": fact(whole=False, blank=True, keep=True),
    }
    rows = (
        control_row("{%tr for kind, label_de, label_tr, de, tr in block.rows %}", 2),
        _variants(kinds, lambda tag: control_row(f"{{%tr {tag} %}}", 2)),
        control_row("{%tr endfor %}", 2),
    )
    return table("Facts", FACT_WIDTHS, rows, "Angaben")


def _tables(voice: Voice, palette: Palette, shapes: Iterable[tuple[int, ...]]) -> str:
    """A branch for each known shape of table, then one of equal columns for each number of columns."""
    branches = [
        control(f'{{%p elif block.shape == "{"-".join(map(str, shape))}" %}}') + _table(voice, palette, shape)
        for shape in shapes
    ]
    branches += [
        control(f"{{%p elif block.width == {count} %}}") + _table(voice, palette, (1,) * count)
        for count in range(1, LONGEST_TABLE + 1)
    ]
    return "".join(branches)


def column_widths(shape: Sequence[int]) -> tuple[int, ...]:
    """The widths of a table's columns by their weights; the last one takes what rounding leaves."""
    widths = [BODY_WIDTH * weight // sum(shape) for weight in shape]
    return (*widths[:-1], BODY_WIDTH - sum(widths[:-1]))


def _table(voice: Voice, palette: Palette, shape: Sequence[int]) -> str:
    widths, count = column_widths(shape), len(shape)

    def line(*, whole: bool = True, keep: bool | None = None, blank: bool = False) -> str:
        cells = []
        for number, width in enumerate(widths):
            text = paragraph("CellText", *(() if blank else (run(f"{{{{ cells[{number}].de }}}}"),)), keep=keep)
            text += "" if blank else voice.optional("CellTranslation", f"cells[{number}].tr", keep=keep)
            cells.append(cell(width, text))
        return row(cells, whole=whole, height=BLANK_HEIGHT if blank else 0)

    heads = [
        cell(
            width,
            paragraph("CellHead", run(f"{{{{ block.columns[{number}].de }}}}"))
            + voice.optional("CellHeadTranslation", f"block.columns[{number}].tr"),
            bottom_line=palette.rule,
        )
        for number, width in enumerate(widths)
    ]
    kinds = {
        "row": line(),
        "row_blank": line(blank=True),
        "row_long": line(whole=False),
        "row_last": line(whole=False, keep=True),
        "row_blank_last": line(whole=False, blank=True, keep=True),
    }
    rows = (
        row(heads, header=True),
        control_row("{%tr for kind, cells in block.rows %}", count),
        _variants(kinds, lambda tag: control_row(f"{{%tr {tag} %}}", count)),
        control_row("{%tr endfor %}", count),
    )
    return table("Rows", widths, rows, "Aufstellung", first_row=True)


def _place_and_date(voice: Voice) -> str:
    return paragraph("PlaceAndDate", run("{{ place_de }}")) + voice.optional("PlaceTranslation", "place_tr")


def _lines_to_sign_on(voice: Voice, palette: Palette) -> str:
    """The signature lines; a line never parts from its label, nor the first one from place and date."""
    loop = "for kind, left_de, left_tr, right_de, right_tr in signatures"
    kinds = {
        "two": _signatures(voice, palette, both=True, keep=None),
        "one": _signatures(voice, palette, both=False, keep=None),
        "two_free": _signatures(voice, palette, both=True, keep=False),
        "one_free": _signatures(voice, palette, both=False, keep=False),
    }
    rows = (
        control_row(f"{{%tr {loop} %}}", 3),
        _variants(kinds, lambda tag: control_row(f"{{%tr {tag} %}}", 3)),
        control_row("{%tr endfor %}", 3),
    )
    return table("Signatures", SIGNATURE_WIDTHS, rows, "Unterschriften") + paragraph("SignatureLast")


def _signatures(voice: Voice, palette: Palette, *, both: bool, keep: bool | None) -> str:
    """One or two lines to sign on, and a row of labels beneath; the labels stay with the next lines unless `keep`
    is False.
    """
    left, gap, right = SIGNATURE_WIDTHS
    empty = paragraph("SignatureSpace")
    apart = paragraph("SignatureSpace", keep=keep)

    def zone(side: str) -> str:
        label = paragraph("SignatureLabel", run(f"{{{{ {side}_de }}}}"), keep=keep)
        return label + voice.optional("SignatureTranslation", f"{side}_tr", keep=keep)

    line = cell(left, empty, bottom_line=palette.ink)
    second = cell(right, empty, bottom_line=palette.ink if both else "")
    drawn = row((line, cell(gap, empty), second), height=SIGNATURE_HEIGHT, exact=True)
    return drawn + row((cell(left, zone("left")), cell(gap, apart), cell(right, zone("right") if both else apart)))


def _page_bar(style: str, number: int, left: str, right: str) -> str:
    side = (BODY_WIDTH - CODE_WIDTH) // 2
    widths = (side, CODE_WIDTH, BODY_WIDTH - CODE_WIDTH - side)
    code = paragraph("PageCode", picture(number, PICTURE_NAME, PICTURE_TEXT, "rId1", CODE_MM))
    cells = (
        cell(widths[0], left, align="center"),
        cell(widths[1], code, align="center"),
        cell(widths[2], right, align="center"),
    )
    title = "Seitenkopf" if style != "Foot" else "Seitenfuß"
    return table(style, widths, [row(cells)], title) + paragraph("SignatureLast")


def header(*, first: bool, palette: Palette) -> str:
    """The letterhead of the first page, or the quiet reminder of it on the others."""
    if first:
        left = paragraph("Authority", run("{{ authority }}")) + paragraph("Unit", run("{{ unit }}"))
        right = "".join(
            (
                control("{%p for line in address %}"),
                paragraph("Address", run("{{ line }}")),
                control("{%p endfor %}"),
                paragraph("Address", run("{{ reference }}")),
            )
        )
    else:
        left = paragraph("RunningHead", run("{{ authority }}"))
        right = paragraph("Address", run("{{ reference }}"))
    style = "Head" if first and palette is not PLAIN else "QuietHead"
    return f"{DECLARATION}<w:hdr {NAMESPACES}>{_page_bar(style, 1 if first else 2, left, right)}</w:hdr>"


def footer(*, first: bool) -> str:
    """Identity of the document, page code and page number."""
    label = paragraph(
        "PageNumber",
        run("{{ page_before }}"),
        field("PAGE"),
        run("{{ page_between }}"),
        field("NUMPAGES"),
        run("{{ page_after }}"),
    )
    bar = _page_bar("Foot", 3 if first else 4, paragraph("Footer", run("{{ footer_line }}")), label)
    return f"{DECLARATION}<w:ftr {NAMESPACES}>{bar}</w:ftr>"
