"""The styles of the Word templates: the looks of the PDF layouts, as named styles that a person can go on using."""

from __future__ import annotations

from dataclasses import dataclass, replace

from authoring.xml import DECLARATION, GAP, NAMESPACES, mm

HANGING = 369  # 6.5 mm: the column of clause numbers
BULLET = 284  # 5 mm
RTL_BULLET = 57  # a right-to-left bullet hangs out a little: 1 mm more


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a version: `line` of tables, `rule` beneath header rows."""

    ink: str = "1C2430"
    accent: str = "123F6D"
    muted: str = "4A5564"
    line: str = "AAB4C0"
    rule: str = "123F6D"


MODERN = Palette()
PLAIN = Palette("000000", "000000", "404040", "000000", "000000")  # the form of 2003: black on white


_LINES = {
    "hair": ' w:line="20" w:lineRule="exact"',
    "exact": ' w:line="120" w:lineRule="exact"',
    "single": ' w:line="240" w:lineRule="auto"',
}


@dataclass(frozen=True, slots=True)
class _Look:
    """A paragraph style in short. Sizes in half points, spaces in twips; "" and 0 leave what Normal says."""

    name: str
    size: int = 0
    colour: str = ""
    bold: bool = False
    before: int = 0
    after: int = 60
    left: int = 0
    right: int = 0
    hanging: int = 0
    keep_next: bool = False
    jc: str = ""
    outline: int | None = None
    num: int = 0
    base: str = "Normal"
    line: str = ""
    underlined: bool = False
    own: bool = True  # a style of ours, not one of Word's


def _looks(palette: Palette, layout: str) -> dict[str, _Look]:
    """All paragraph styles by id. In two columns text is a little smaller and keeps clear of the line between."""
    columns = layout != "de"
    size, right, after = (20, GAP, 30) if columns else (21, 0, 60)
    tr_left, tr_right = (0, GAP) if layout == "rtl" else (GAP, 0)  # right-to-left: "left" is where lines begin
    tr_bullet = BULLET + (RTL_BULLET if layout == "rtl" else tr_left)
    accent, muted = palette.accent, palette.muted
    looks = {
        "Heading1": _Look("heading 1", 34, accent, True, 0, 0, keep_next=True, outline=0, own=False),
        "Heading2": _Look("heading 2", 24, accent, True, 200, 40, keep_next=True, outline=1, own=False),
        "Heading3": _Look("heading 3", 21, accent, True, 120, 40, keep_next=True, outline=2, own=False),
        "Subtitle": _Look("Subtitle", 21, "", False, 60, 0, keep_next=True, own=False),
        "SmallNote": _Look("Small Note", 18, muted, False, 60, 40, keep_next=True),
        "Party": _Look("Party", size, "", True, 40, after, right=right, keep_next=True),
        "ClauseHeading": _Look(
            "Clause Heading", 24 if not columns else 21, accent, True, 80, 40, right=right, keep_next=True, outline=1
        ),
        "ClauseText": _Look("Clause Text", size, after=after, right=right),
        "ClauseNumbered": _Look("Clause Numbered", size, left=HANGING, hanging=HANGING, right=right),
        "ClauseLead": _Look(
            "Clause Lead", size, "", True, left=HANGING, hanging=HANGING, right=right, keep_next=True
        ),
        "ClauseOpener": _Look("Clause Opener", size, right=right, keep_next=True),
        "ListBullet": _Look(
            "List Bullet", size, after=after, left=BULLET, hanging=BULLET, right=right, num=1, own=False
        ),
        "SmallPrint": _Look("Small Print", 18, muted, right=right),
        "FactLabel": _Look("Fact Label", 19, "", True, right=GAP, after=0),
        "FactValue": _Look("Fact Value", 20, left=GAP, after=0),
        "CellHead": _Look("Cell Head", 19, accent, True, after=0, keep_next=True),
        "CellText": _Look("Cell Text", 19, after=0),
        "PlaceAndDate": _Look("Place and Date", 21, before=160, after=0, keep_next=True),
        "SignatureSpace": _Look("Signature Space", 18, after=0, keep_next=True),
        "SignatureLabel": _Look("Signature Label", 18, before=40, after=0, keep_next=True),
        "SignatureLast": _Look("Signature Last", 2, after=0, line="hair"),
        "Authority": _Look("Authority", 30, accent, True, after=0),
        "Unit": _Look("Unit", 20, after=0),
        "Address": _Look("Address", 18, muted, after=0, jc="right"),
        "RunningHead": _Look("Running Head", 18, muted, after=0),
        "PageCode": _Look("Page Code", 18, after=0, jc="center", line="single"),
        "Footer": _Look("footer", 17, muted, after=0, own=False),
        "PageNumber": _Look("Page Label", 17, muted, after=0, jc="right"),
        "Spacer": _Look("Spacer", 8, after=0, keep_next=True, line="exact"),
    }  # fmt: skip
    if columns:
        looks |= {
            "ColumnHead": _Look("Column Head", 19, accent, True, 20, 40, 0, GAP, keep_next=True),
            "ColumnHeadTranslation": _Look(
                "Column Head Translation", 19, accent, True, 20, 40, tr_left, tr_right, keep_next=True
            ),
            "TitleTranslation": _Look("Title Translation", 25, muted, after=40, keep_next=True),
            "HeadingTranslation": _Look("Heading Translation", 20, muted, after=40, keep_next=True),
            "SubtitleTranslation": _Look("Subtitle Translation", 20, muted, after=0, keep_next=True),
            "PartyTranslation": _Look(
                "Party Translation", size, "", True, 40, after, left=tr_left, right=tr_right, keep_next=True
            ),
            "ClauseHeadingTranslation": _Look(
                "Clause Heading Translation", 21, accent, True, 80, 40, tr_left, tr_right, keep_next=True
            ),
            "ClauseTranslation": _Look("Clause Translation", size, after=after, left=tr_left, right=tr_right),
            "NumberedTranslation": _Look(
                "Numbered Translation", size, left=tr_left + HANGING, hanging=HANGING, right=tr_right
            ),
            "LeadTranslation": _Look(
                "Lead Translation", size, "", True, left=tr_left + HANGING, hanging=HANGING, right=tr_right,
                keep_next=True,
            ),
            "OpenerTranslation": _Look(
                "Opener Translation", size, left=tr_left, right=tr_right, keep_next=True
            ),
            "BulletTranslation": _Look(
                "Bullet Translation", size, after=after, left=tr_bullet, hanging=BULLET, right=tr_right, num=2
            ),
            "SmallPrintTranslation": _Look("Small Print Translation", 18, muted, left=tr_left, right=tr_right),
            "FactLabelTranslation": _Look(
                "Fact Label Translation", 18, muted, True, after=0,
                left=GAP if layout == "rtl" else 0, right=0 if layout == "rtl" else GAP,
            ),
            "FactTranslation": _Look(
                "Fact Translation", 19, muted, after=0,
                left=0 if layout == "rtl" else GAP, right=GAP if layout == "rtl" else 0,
            ),
            "CellHeadTranslation": _Look("Cell Head Translation", 18, muted, True, after=0, keep_next=True),
            "CellTranslation": _Look("Cell Translation", 18, muted, after=0),
            "PlaceTranslation": _Look("Place Translation", 20, muted, after=0, keep_next=True),
            "SignatureTranslation": _Look("Signature Translation", 18, muted, after=0, keep_next=True),
        }  # fmt: skip
    return looks if palette is not PLAIN else looks | _plain(looks)


def _plain(looks: dict[str, _Look]) -> dict[str, _Look]:
    """Where the form of 2003 looks otherwise: no bold but the parties, labels underlined, bullets set in."""
    return {
        "Heading1": replace(looks["Heading1"], size=28, after=100),
        "ClauseLead": replace(looks["ClauseLead"], bold=False, before=60),
        "ListBullet": replace(looks["ListBullet"], left=HANGING + BULLET, after=40),
        "FactLabel": replace(looks["FactLabel"], bold=False, underlined=True, right=0, size=21),
        "FactValue": replace(looks["FactValue"], left=0, size=21),
        "CellHead": replace(looks["CellHead"], bold=False, underlined=True, size=21),
        "CellText": replace(looks["CellText"], size=21),
        "Authority": replace(looks["Authority"], size=18, bold=False),
        "Unit": replace(looks["Unit"], size=18),
        "SignatureLabel": replace(looks["SignatureLabel"], size=19),
    }


def _paragraph_style(style_id: str, look: _Look, *, rtl: bool) -> str:
    spacing = f'<w:spacing w:before="{look.before}" w:after="{look.after}"'
    spacing += _LINES.get(look.line, "")
    paragraph = "<w:keepNext/>" if look.keep_next else ""
    paragraph += f'<w:numPr><w:numId w:val="{look.num}"/></w:numPr>' if look.num else ""
    paragraph += "<w:bidi/>" if rtl else ""
    paragraph += f"{spacing}/>"
    if look.left or look.right or look.hanging:
        hanging = f' w:hanging="{look.hanging}"' if look.hanging else ""
        paragraph += f'<w:ind w:left="{look.left}" w:right="{look.right}"{hanging}/>'
    paragraph += f'<w:jc w:val="{look.jc}"/>' if look.jc else ""
    paragraph += f'<w:outlineLvl w:val="{look.outline}"/>' if look.outline is not None else ""
    text = "<w:b/><w:bCs/>" if look.bold else ""
    text += f'<w:color w:val="{look.colour}"/>' if look.colour else ""
    text += f'<w:sz w:val="{look.size}"/><w:szCs w:val="{round(look.size * 1.08)}"/>' if look.size else ""
    text += '<w:u w:val="single"/>' if look.underlined else ""
    custom = ' w:customStyle="1"' if look.own else ""
    following = '<w:next w:val="Normal"/>' if look.outline is not None else ""
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{style_id}"><w:name w:val="{look.name}"/>'
        f'<w:basedOn w:val="{look.base}"/>{following}<w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{text}</w:rPr></w:style>"
    )


def _border(side: str, colour: str, size: int = 4) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'


def _table_style(
    style_id: str, name: str, borders: str, above: int, left: int, below: int = -1, right: int = -1
) -> str:
    """A table style; cells keep `above`, `left`, `below` (if not given, as above) and `right` (if not given, as left)
    free of text.
    """
    bottom, other = above if below < 0 else below, left if right < 0 else right
    free = (("top", above), ("left", left), ("bottom", bottom), ("right", other))
    margins = "".join(f'<w:{edge} w:w="{width}" w:type="dxa"/>' for edge, width in free)
    lines = f"<w:tblBorders>{borders}</w:tblBorders>" if borders else ""
    return (
        f'<w:style w:type="table" w:customStyle="1" w:styleId="{style_id}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="TableNormal"/><w:tblPr>{lines}<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr></w:style>'
    )


def _table_styles(palette: Palette, layout: str) -> str:
    line = palette.line
    sides = ("top", "bottom", "insideH")
    boxed = ("top", "left", "bottom", "right", "insideH", "insideV")
    calm = "".join(_border(side, line) for side in (boxed if palette is PLAIN else sides))
    paired = _table_style("Paired", "Paired Clauses", _border("insideV", line), 20, 0) if layout != "de" else ""
    return "".join(
        (
            paired,
            _table_style("Facts", "Facts", calm, 57, 113 if palette is PLAIN else 0),
            _table_style("Rows", "Rows", calm, 50, *((113,) if palette is PLAIN else (0, 50, 85))),
            _table_style("Signatures", "Signatures", "", 0, 0),
            _table_style("Head", "Page Head", _border("bottom", palette.accent, 10), 0, 0, 57),
            _table_style("QuietHead", "Quiet Page Head", "" if palette is PLAIN else _border("bottom", line), 0, 0, 57),
            _table_style("Foot", "Page Foot", _border("top", line), 57, 0, 0),
        )
    )


def styles(palette: Palette, layout: str) -> str:
    """styles.xml of one layout ("de", "ltr", "rtl")."""
    looks = _looks(palette, layout)
    body = "".join(
        _paragraph_style(style_id, look, rtl=layout == "rtl" and "Translation" in style_id)
        for style_id, look in looks.items()
    )
    return (
        f"{DECLARATION}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>"
        '<w:rFonts w:ascii="Noto Sans" w:hAnsi="Noto Sans" w:eastAsia="Noto Sans" w:cs="Noto Naskh Arabic"/>'
        f'<w:color w:val="{palette.ink}"/><w:sz w:val="21"/><w:szCs w:val="23"/>'
        '<w:lang w:val="de-DE" w:eastAsia="de-DE" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
        '<w:spacing w:after="60" w:line="228" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        f"{body}{_table_styles(palette, layout)}</w:styles>"
    )


def numbering(layout: str) -> str:
    """numbering.xml: a bullet for each column, a real character of the text's own font."""

    def bullet(number: int, left: int) -> str:
        return (
            f'<w:abstractNum w:abstractNumId="{number}"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0">'
            '<w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr>'
            f'<w:ind w:left="{left}" w:hanging="{BULLET}"/></w:pPr><w:rPr>'
            '<w:rFonts w:ascii="Noto Sans" w:hAnsi="Noto Sans" w:cs="Noto Sans"/></w:rPr></w:lvl></w:abstractNum>'
        )

    second = BULLET + (RTL_BULLET if layout == "rtl" else GAP)
    abstract = bullet(1, BULLET) + (bullet(2, second) if layout != "de" else "")
    numbers = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
        for number in ((1,) if layout == "de" else (1, 2))
    )
    return f"{DECLARATION}<w:numbering {NAMESPACES}>{abstract}{numbers}</w:numbering>"


FONT_TABLE = (
    f"{DECLARATION}<w:fonts {NAMESPACES}>"
    '<w:font w:name="Noto Sans"><w:altName w:val="Segoe UI"/><w:panose1 w:val="020B0502040504020204"/>'
    '<w:charset w:val="00"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>'
    '<w:font w:name="Noto Naskh Arabic"><w:altName w:val="Arial"/><w:charset w:val="B2"/><w:family w:val="auto"/>'
    '<w:pitch w:val="variable"/></w:font></w:fonts>'
)
SETTINGS = (
    f'{DECLARATION}<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="{HANGING}"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/><w:compat>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    '</w:compat><w:decimalSymbol w:val=","/>'
    '<w:listSeparator w:val=";"/></w:settings>'
)
PAGE = (
    '<w:pgSz w:w="11906" w:h="16838"/>'
    f'<w:pgMar w:top="{mm(34)}" w:right="{mm(20)}" w:bottom="{mm(32)}" w:left="{mm(24)}" '
    f'w:header="{mm(8.5)}" w:footer="{mm(8)}" w:gutter="0"/>'
)
