"""Sets a document tree as PDF: the tree becomes plain data for the layout, the typesetter does the rest.

The layout never evaluates a value. Three things are known only when the pages are, and cost another pass: that there
are more pages than page codes were supplied, that the signatures would stand alone at the top of a page, and that a
little less air may save the last page. Only what no further pass takes the place of is written as PDF.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from docservice.bundles.finish import finish
from docservice.domain.documents import (
    Block,
    Clauses,
    Document,
    Fact,
    Facts,
    Heading,
    Pair,
    PlacedZone,
    Row,
    RowKind,
    SignatureZone,
    Table,
    Typeset,
)
from docservice.domain.errors import DocserviceError
from docservice.domain.page_codes import PageCode
from docservice.domain.text.isolates import Piece, bound, pieces
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import LaidOut, Typesetter

_PAGE_LETTERS = 1600  # no page of rows has fewer, as a rule
_PASSES = 4
_WHOLE_LINES = 9  # rows of about so many lines are never torn by a page break; higher ones may be
_TOGETHER_LINES = 20  # the same for a lead with what follows it
_FULL_LETTERS = 84  # that fit on a line over the full width
_HALF_LETTERS = 39  # on a line of one of two columns
_CELL_LETTERS = 86  # on a line as wide as a table, shared by its columns
_LABEL_LETTERS, _VALUE_LETTERS = 26, 54  # on a line of a fact's label, of its value
_STICKY_LINES = 14  # a lower last block moves to the next page as a whole, with the signatures
_STICKY_ROWS = 4
_TWO_LINES = 90  # letters that fill more than a line of any column
_LONG_WORD = 8  # letters that fit into any column
_LONG_RUN = re.compile(rf"[^\s-]{{{_LONG_WORD},}}")
_WORD_END = re.compile(r"[\s-]")
_BREAKS = re.compile(r"[\s\-\u2010-\u2013/?]")
_TAIL = re.compile(r"(?:\u200e?[.,;:!?)»\"”“\u060c\u061b\u061f]+)?")
_PUNCTUATION = '()[],.;:„“”"«»\u200e'
_Said = Callable[[Pair], list[str | dict[str, Any]]]  # a pair as the layouts read it
_LEADING = (RowKind.HEADING, RowKind.LEAD)  # rows that never stand last on a page


def typeset(document: Document, document_id: str, layout: Path, typesetter: Typesetter, codes: CodeDrawer) -> Typeset:
    """The document as PDF/A-2a and PDF/UA-1 with a code on each page, and the places of its signature zones.

    The same input gives the same bytes. Raises DocserviceError "typeset_failed", "typeset_timeout" or
    "typeset_memory"; the first also when the layout has lost or doubled a zone.
    """
    data = layout_data(document)
    supplied = 2 + sum(map(len, document.texts())) // _PAGE_LETTERS
    for _ in range(_PASSES):
        data["codes"] = [codes.svg(PageCode(document_id, page).payload()) for page in range(1, supplied + 1)]
        laid = typesetter.lay_out(layout, data)
        lonely = laid.closing_alone and not data["keep"]
        if laid.pages <= supplied and not lonely:
            laid, data = _tighter(laid, layout, data, typesetter) or (laid, data)
            zones = _placed(document.zones, laid)
            return Typeset(finish(typesetter.typeset(layout, data)), laid.pages, zones)
        supplied = max(supplied, laid.pages + 1)
        data["keep"] = data["keep"] or lonely
    raise DocserviceError.told("bundles.typeset_failed.typeset", name=layout.name)


def _tighter(
    loose: LaidOut, layout: Path, data: dict[str, Any], typesetter: Typesetter
) -> tuple[LaidOut, dict[str, Any]] | None:
    """The document with less air, where that saves a page and leaves the signatures in company."""
    if not loose.page_to_spare:
        return None
    less = data | {"tight": True, "keep": False}
    tight = typesetter.lay_out(layout, less)
    return (tight, less) if tight.pages < loose.pages and not tight.closing_alone else None


def layout_data(document: Document) -> dict[str, Any]:
    """The tree as the JSON data the layouts read; "codes" is left for the caller to fill."""
    language = document.language
    pair = _Texts(document).pair
    return {
        "lang": language.code if language else None,
        "rtl": bool(language and language.right_to_left),
        "date": [document.date.year, document.date.month, document.date.day],
        "authority": document.letterhead.authority,
        "unit": document.letterhead.unit,
        "address": list(document.letterhead.address),
        "reference": document.reference,
        "title": pair(document.title),
        "subtitle": pair(document.subtitle) if document.subtitle else None,
        "note": pair(document.translation_note) if document.translation_note else None,
        "headers": pair(document.column_headers),
        "footer": document.footer_line,
        "label": document.page_label,
        "blocks": list(_blocks(document, pair)),
        "place": pair(document.place_and_date),
        "zones": [{"id": zone.zone_id, "label": pair(zone.label)} for zone in document.zones],
        "codes": [],
        "keep": False,
        "tight": False,
    }


class _Texts:
    """Texts as the layouts read them: a string or, where the layout has to look at its words, a record."""

    def __init__(self, document: Document) -> None:
        self._names = frozenset(_words(_names(document)))

    def pair(self, pair: Pair) -> list[str | dict[str, Any]]:
        return [self._text(pair.de)] if pair.tr is None else [self._text(pair.de), self._text(pair.tr)]

    def _text(self, text: str) -> str | dict[str, Any]:
        text = bound(text)
        runs = [run.strip(_PUNCTUATION) for run in _LONG_RUN.findall(text)]
        long = [run for run in runs if len(run) >= _LONG_WORD]
        values = [piece for piece in pieces(text) if _tearable(piece)]
        if not long and not values:
            return text
        return {
            "text": text,
            "longest": max(map(len, long), default=0),
            "names": sorted(self._names.union(_words(value.text for value in values)).intersection(long)),
            "pieces": _run_together(pieces(text)) if values else [text],
        }


def _tearable(piece: Piece) -> bool:
    """Whether a line could end inside a value where it should not, or not at all."""
    return bool(piece.parts) and (len(piece.text) >= _LONG_WORD or bool(_BREAKS.search(piece.text)))


def _run_together(found: Iterable[Piece]) -> list[str | dict[str, Any]]:
    """Words as they are; each value that could be torn as its parts and its tail, the signs after it that stay with
    it. A hyphen after it ("50 %-Stelle") is one of its own signs."""
    runs: list[str | dict[str, Any]] = [""]
    for piece in found:
        text, last = piece.text, runs[-1]
        if _tearable(piece):
            runs.append({"parts": list(piece.parts), "tail": ""})
        elif isinstance(last, dict):
            hyphens = len(text) - len(text.lstrip("-"))
            last["parts"][-1] += text[:hyphens]
            last["tail"] = _TAIL.match(text, hyphens).group()  # type: ignore[union-attr]  # it matches nothing, too
            runs.append(text[hyphens + len(last["tail"]) :])
        else:
            runs[-1] = last + text
    return [run for run in runs if run]


def _names(document: Document) -> Iterator[str]:
    """The names of who signs and of who is a party, as they are printed."""
    yield from (zone.signer for zone in document.zones)
    for block in document.blocks:
        if isinstance(block, Clauses):
            for row in block.rows:
                if row.kind is RowKind.PARTY:
                    yield from row.text.texts()


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (word.strip(_PUNCTUATION) for word in _WORD_END.split(text))


def _blocks(document: Document, pair: _Said) -> Iterator[dict[str, Any]]:
    level = 1
    for number, block in enumerate(document.blocks, start=1):
        if isinstance(block, Heading):
            level = min(block.level, level + 1)  # a skipped level is an error in PDF/UA
        last = number == len(document.blocks)
        kept = 0 if not last or _small(block) else _kept(block)
        yield _block(block, level, pair, paired=document.language is not None) | {
            "last": last,
            "announces": not last and isinstance(document.blocks[number], Table | Facts),
            "small": _small(block),
            "kept": kept,
        }


def _block(block: Block, level: int, pair: _Said, *, paired: bool) -> dict[str, Any]:
    match block:
        case Heading():
            return {"type": "heading", "level": level, "text": pair(block.text)}
        case Clauses():
            groups = _groups_paired(block.rows) if paired else _groups_alone(block.rows)
            letters = _HALF_LETTERS if paired else _FULL_LETTERS
            return {"type": "clauses", "groups": [_group(rows, pair, letters) for rows in groups]}
        case Facts():
            return {
                "type": "facts",
                "rows": [
                    {
                        "label": pair(row.label),
                        "value": pair(row.value),
                        "long": _fact_lines(row) > _WHOLE_LINES,
                        "blank": not any(row.value.texts()),
                    }
                    for row in block.rows
                ],
            }
        case Table():
            return {
                "type": "table",
                "columns": [{"header": pair(column.header), "weight": column.weight} for column in block.columns],
                "rows": [
                    {"cells": [pair(cell) for cell in row], "long": lines > _WHOLE_LINES, "blank": not lines}
                    for row, lines in zip(block.rows, _row_lines(block), strict=True)
                ],
            }


def _group(rows: list[Row], pair: _Said, letters: int) -> dict[str, Any]:
    return {
        "long": any(_beside(row.text, letters) > _WHOLE_LINES for row in rows),
        "rows": [{"kind": row.kind.value, "number": row.number, "text": pair(row.text)} for row in rows],
    }


def _groups_paired(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Each row alone, but a heading or lead together with the row that follows it, and a party with its notes.

    What is too high to stay on one page is parted into rows: the columns are in step at the beginning of a row, and a
    page break inside several rows would put them out of it. A heading stays with what is under it.
    """
    groups: list[list[Row]] = []
    for row in rows:
        of_party = groups and groups[-1][0].kind is RowKind.PARTY and row.kind is RowKind.NOTE
        if of_party or (groups and groups[-1][-1].kind in _LEADING):
            groups[-1].append(row)
        else:
            groups.append([row])
    for group in groups:
        heights = [_beside(row.text, _HALF_LETTERS) for row in group]
        if max(heights) <= _WHOLE_LINES and sum(heights) <= _TOGETHER_LINES:
            yield group
            continue
        under_heading = 2 if group[0].kind is RowKind.HEADING else 1
        yield group[:under_heading]
        yield from ([row] for row in group[under_heading:])


def _groups_alone(rows: Iterable[Row]) -> list[list[Row]]:
    """Each row alone, but items that follow each other as one list."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and row.kind is RowKind.ITEM and groups[-1][-1].kind is RowKind.ITEM:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _lines(text: str, letters: int) -> int:
    """About how many lines a text takes where so many letters fit on one."""
    return sum(max(1, -(-len(line) // max(letters, 1))) for line in text.split("\n")) if text else 0


def _beside(pair: Pair, letters: int) -> int:
    """The lines of two texts side by side."""
    return max((_lines(text, letters) for text in pair.texts()), default=0)


def _above(pair: Pair, letters: int) -> int:
    """The lines of two texts one above the other."""
    return sum(_lines(text, letters) for text in pair.texts())


def _fact_lines(fact: Fact) -> int:
    return max(_above(fact.label, _LABEL_LETTERS), _above(fact.value, _VALUE_LETTERS))


def _row_lines(table: Table) -> list[int]:
    """The lines of each row of a table."""
    total = sum(column.weight for column in table.columns)
    letters = [_CELL_LETTERS * column.weight // total - 2 for column in table.columns]
    return [max(map(_above, row, letters), default=0) for row in table.rows]


def _small(block: Block) -> bool:
    match block:
        case Facts():
            heights = [max(1, _fact_lines(row)) for row in block.rows]
        case Table():
            heights = [max(1, lines) for lines in _row_lines(block)]
        case Clauses():
            heights = [_beside(row.text, _HALF_LETTERS) for row in block.rows]
        case Heading():
            return True
    return len(heights) <= _STICKY_ROWS and sum(heights) <= _STICKY_LINES


def _kept(block: Block) -> int:
    """The fewest rows at the end of a longer block that are no less than two lines: they go with the signatures."""
    alone = isinstance(block, Clauses) and len(block.rows[-1].text.de) >= _TWO_LINES
    return 1 if alone else 2


def _placed(zones: tuple[SignatureZone, ...], laid: LaidOut) -> tuple[PlacedZone, ...]:
    found = {zone.zone_id: zone for zone in laid.zones}
    wanted = [zone.zone_id for zone in zones]
    if sorted(zone.zone_id for zone in laid.zones) != sorted(wanted):
        raise DocserviceError.told("bundles.typeset_failed.placed", found=sorted(found), wanted=sorted(wanted))
    return tuple(found[zone_id] for zone_id in wanted)
