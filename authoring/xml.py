"""Small builders of WordprocessingML, each keeping the order of elements that the schema asks for."""

from __future__ import annotations

from collections.abc import Iterable

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
BODY_WIDTH = 9411  # twips: A4 less margins of 24 and 20 mm
GAP = 227  # 4 mm between a column's text and the line between the columns


def mm(value: float) -> int:
    """Millimetres in twips."""
    return round(value * 1440 / 25.4)


def run(text: str, properties: str = "") -> str:
    """One run of text; `properties` is the inside of its w:rPr."""
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inside}<w:t xml:space="preserve">{text}</w:t></w:r>'


def tab(properties: str = "") -> str:
    """A tabulator."""
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f"<w:r>{inside}<w:tab/></w:r>"


def field(name: str) -> str:
    """A field that Word computes: PAGE or NUMPAGES."""
    return f'<w:fldSimple w:instr=" {name} ">{run("1")}</w:fldSimple>'


def paragraph(style: str, *runs: str, keep: bool | None = None, rtl: bool = False) -> str:
    """A paragraph of a style; `keep` keeps it whole and on one page with what follows (False: lets it go, whatever
    its style says), `rtl` sets it right-to-left.
    """
    properties = f'<w:pStyle w:val="{style}"/>'
    if keep is not None:
        properties += "<w:keepNext/><w:keepLines/>" if keep else '<w:keepNext w:val="0"/>'
    properties += "<w:bidi/>" if rtl else ""
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def control(tag: str) -> str:
    """A paragraph that holds a {%p %} tag and vanishes when the template is filled."""
    return f"<w:p><w:r><w:t>{tag}</w:t></w:r></w:p>"


def control_row(tag: str, columns: int) -> str:
    """A table row that holds a {%tr %} tag and vanishes when the template is filled."""
    span = f'<w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr>' if columns > 1 else ""
    return f"<w:tr><w:tc>{span}<w:p><w:r><w:t>{tag}</w:t></w:r></w:p></w:tc></w:tr>"


def cell(width: int, content: str, *, bottom_line: str = "", align: str = "") -> str:
    """A table cell; `bottom_line` is the colour of a line beneath it."""
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    if bottom_line:
        line = f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{bottom_line}"/>'
        properties += f"<w:tcBorders>{line}</w:tcBorders>"
    if align:
        properties += f'<w:vAlign w:val="{align}"/>'
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(cells: Iterable[str], *, whole: bool = True, header: bool = False, height: int = 0, exact: bool = False) -> str:
    """A table row; `whole` rows are not torn by a page break, a `header` row is repeated on each page."""
    properties = "<w:cantSplit/>" if whole else ""
    rule = "exact" if exact else "atLeast"
    properties += f'<w:trHeight w:val="{height}" w:hRule="{rule}"/>' if height else ""
    properties += "<w:tblHeader/>" if header else ""
    inside = f"<w:trPr>{properties}</w:trPr>" if properties else ""
    return f"<w:tr>{inside}{''.join(cells)}</w:tr>"


def table(style: str, widths: Iterable[int], rows: Iterable[str], title: str, *, first_row: bool = False) -> str:
    """A table of fixed column widths; `title` is its alternative text."""
    columns = tuple(widths)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
    value, first = ("0020", "1") if first_row else ("0000", "0")
    look = (
        f'<w:tblLook w:val="{value}" w:firstRow="{first}" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        'w:noHBand="1" w:noVBand="1"/>'
    )
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/>{look}<w:tblCaption w:val="{title}"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def picture(number: int, name: str, description: str, relation: str, size_mm: float) -> str:
    """A square picture in the line of text, by the relation that names its file."""
    side = round(size_mm * 36000)
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{side}" cy="{side}"/>'
        f'<wp:docPr id="{number}" name="{name}" descr="{description}"/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="{number}" name="{name}" descr="{description}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{side}" cy="{side}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )
