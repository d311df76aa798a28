"""The Word rendering of a document tree: the tree as the names a Word template may use, filled in."""

from __future__ import annotations

from collections.abc import Sequence

from docservice.domain.documents import Block, Clauses, Document, Facts, Heading, Pair, Row, RowKind, Table
from docservice.domain.errors import DocserviceError
from docservice.domain.page_codes import WHOLE_DOCUMENT, PageCode
from docservice.domain.text.isolates import bound
from docservice.templates.word.compile import CompiledWord
from docservice.tools.codes import CodeDrawer

PICTURE = "page-code.png"  # the picture of the templates that the document code takes the place of
PLACEHOLDERS = frozenset(
    {
        *("title_de", "title_tr", "subtitle_de", "subtitle_tr", "note_de", "note_tr", "language"),
        *("authority", "unit", "address", "reference", "footer_line", "page_before", "page_between", "page_after"),
        *("header_de", "header_tr", "blocks", "place_de", "place_tr", "signatures"),
    }
)
LONGEST_TABLE = 6  # columns a Word template has room for
_WHOLE_LINES = 8  # rows of up to so many lines are never torn by a page break
_LAST_LINES = 24  # a last row of up to so many lines goes with the signatures to the next page
_HALF_LETTERS = 44  # that fit on a line of one of two columns
_FULL_LETTERS = 84  # on a line over the full width, in tables
_SIGNATURES_TOGETHER = 8
_LABEL_SHARE, _VALUE_SHARE = 0.34, 0.64
_MAY_BE_LONG = frozenset(("text", "numbered", "lead", "item", "note"))
_MAY_BE_LAST = frozenset(("text", "numbered", "item", "note"))


def fill(document: Document, document_id: str, template: CompiledWord, codes: CodeDrawer) -> bytes:
    """The document as a Word file; header and footer carry its code (page 0: the document as a whole).

    The same document and id give the same bytes. What the template can raise is raised (WordTemplateError).
    """
    payload = PageCode(document_id, WHOLE_DOCUMENT).payload()
    return template.render(context(document), {PICTURE: codes.png(payload)}, document.title.de)


def context(document: Document) -> dict[str, object]:
    """Everything a Word template can name: plain texts, dictionaries and tuples, no objects of ours."""
    before, _, rest = document.page_label.partition("{page}")
    between, _, after = rest.partition("{pages}")
    title_de, title_tr = _said(document.title)
    subtitle_de, subtitle_tr = _said(document.subtitle or _NOTHING)
    note_de, note_tr = _said(document.translation_note or _NOTHING)
    header_de, header_tr = _said(document.column_headers)
    place_de, place_tr = _said(document.place_and_date)
    letterhead = document.letterhead
    return {
        "title_de": title_de,
        "title_tr": title_tr,
        "subtitle_de": subtitle_de,
        "subtitle_tr": subtitle_tr,
        "note_de": note_de,
        "note_tr": note_tr,
        "authority": letterhead.authority,
        "unit": letterhead.unit,
        "address": letterhead.address,
        "reference": document.reference,
        "footer_line": document.footer_line,
        "page_before": before,
        "page_between": between,
        "page_after": after,
        "language": document.language.tag if document.language else "de-DE",
        "header_de": header_de,
        "header_tr": header_tr,
        "blocks": _blocks(document),
        "place_de": place_de,
        "place_tr": place_tr,
        "signatures": _signatures([zone.label for zone in document.zones]),
    }


_NOTHING = Pair("")


def _said(pair: Pair) -> tuple[str, str]:
    """Both texts as the templates take them; a missing one is empty."""
    return bound(pair.de), bound(pair.tr or "")


def _blocks(document: Document) -> list[dict[str, object]]:
    paired = document.language is not None
    following = (*document.blocks[1:], None)
    return [_block(block, paired, after) for block, after in zip(document.blocks, following, strict=True)]


def _block(block: Block, paired: bool, after: Block | None) -> dict[str, object]:
    """A block; after the last one (`after` is None) come the signatures, and its last row has to stay with them."""
    last = after is None
    if isinstance(block, Heading):
        level = min(max(block.level, 2), 3)
        return {"kind": f"heading{level}", **_cell(block.text), "apart": False}
    if isinstance(block, Clauses):
        rows = _clauses(block, paired, keep=last or isinstance(after, Table | Facts))
        return {"kind": "clauses", "rows": rows, "apart": paired and not last}
    if isinstance(block, Facts):
        return {"kind": "facts", "rows": _facts(block, last), "apart": not last}
    return {**_table(block, last), "apart": not last}


def _clauses(block: Clauses, paired: bool, keep: bool) -> list[tuple[str, str, str, str]]:
    """The rows of a block; `keep` keeps the last one on the page of what follows (it often announces a table)."""
    rows = [_clause(row, paired) for row in block.rows]
    if keep and rows and rows[-1][0] in _MAY_BE_LAST:
        kind, number, de, tr = rows[-1]
        rows[-1] = (f"{kind}_last", number, de, tr)
    return rows


def _clause(row: Row, paired: bool) -> tuple[str, str, str, str]:
    kind, number, (de, tr) = row.kind.value, row.number, _said(row.text)
    if number and row.kind is RowKind.TEXT:
        kind = "numbered"
    elif number and row.kind is not RowKind.LEAD:  # such rows have no column for numbers
        de, tr, number = f"{number} {de}", f"{number} {tr}" if tr else "", ""
    elif not number and row.kind is RowKind.LEAD:
        kind = "opener"
    if paired and kind in _MAY_BE_LONG and _lines(row.text, _HALF_LETTERS) > _WHOLE_LINES:
        kind = f"{kind}_long"
    return kind, number, de, tr


def _facts(block: Facts, last: bool) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for number, fact in enumerate(block.rows, start=1):
        label, value = fact.label, fact.value
        blank = not value.de and not value.tr
        lines = max(_stacked(label, _LABEL_SHARE), _stacked(value, _VALUE_SHARE))
        kind = _row_kind("fact", blank, lines, last and number == len(block.rows))
        rows.append((kind, *_said(label), *_said(value)))
    return rows


def _table(block: Table, last: bool) -> dict[str, object]:
    if not 1 <= len(block.columns) <= LONGEST_TABLE:
        raise DocserviceError.told("bundles.table_too_wide", columns=len(block.columns), most=LONGEST_TABLE)
    total = sum(column.weight for column in block.columns)
    shares = [column.weight / total for column in block.columns]
    rows = []
    for number, cells in enumerate(block.rows, start=1):
        blank = not any(cell.de or cell.tr for cell in cells)
        lines = max(_stacked(cell, share) for cell, share in zip(cells, shares, strict=True))
        kind = _row_kind("row", blank, lines, last and number == len(block.rows))
        rows.append((kind, [_cell(cell) for cell in cells]))
    return {
        "kind": "table",
        "shape": "-".join(str(column.weight) for column in block.columns),
        "width": len(block.columns),
        "columns": [_cell(column.header) for column in block.columns],
        "rows": rows,
    }


def _cell(pair: Pair) -> dict[str, str]:
    de, tr = _said(pair)
    return {"de": de, "tr": tr}


def _row_kind(kind: str, blank: bool, lines: int, last: bool) -> str:
    if lines > (_LAST_LINES if last else _WHOLE_LINES):
        return f"{kind}_long"
    return f"{kind}{'_blank' if blank else ''}{'_last' if last else ''}"


def _lines(pair: Pair, letters: int) -> int:
    """About how many lines the longer of two texts side by side takes."""
    return max(_text_lines(text, letters) for text in (pair.de, pair.tr or ""))


def _stacked(pair: Pair, share: float) -> int:
    """About how many lines two texts above each other take in a cell with this share of the width."""
    letters = max(int(_FULL_LETTERS * share), 1)
    return _text_lines(pair.de, letters) + _text_lines(pair.tr or "", letters)


def _text_lines(text: str, letters: int) -> int:
    if "\n" not in text:
        return -(-len(text) // letters)
    return sum(max(-(-len(line) // letters), 1) for line in text.split("\n"))


def _signatures(labels: Sequence[Pair]) -> list[tuple[str, str, str, str, str]]:
    """Two signature lines a row: how it is set, left label, right label.

    A few rows stay on one page; more of them ("free") may go on on the next page, but for a line and its label, and
    but for the last row, which takes the one before it along.
    """
    rows = []
    for number in range(0, len(labels), 2):
        free = "_free" if len(labels) > _SIGNATURES_TOGETHER and number + 4 < len(labels) else ""
        left = labels[number]
        right = labels[number + 1] if number + 1 < len(labels) else _NOTHING
        kind = f"one{free}" if right is _NOTHING else f"two{free}"
        rows.append((kind, *_said(left), *_said(right)))
    return rows
