"""Sets a document tree as PDF: the tree becomes plain data for the layout, the typesetter does the rest.

The layout never evaluates a value. Two things are known only when the pages are, and cost another pass: that there
are more pages than page codes were supplied, and that the signatures would stand alone at the top of a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from docservice.domain.documents import (
    Block,
    Clauses,
    Document,
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
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import RawTypeset, Typesetter

_SUPPLIED_CODES = 4  # most documents have no more pages
_PASSES = 4
_LONG_ROW = 600  # letters in one language; a longer row may be torn between pages
_LONG_HALF_ROW = 320  # the same in a column beside the other language
_STICKY_LETTERS = 500  # a shorter last block moves to the next page as a whole, with the signatures
_STICKY_ROWS = 4
_TWO_LINES = 90  # letters that fill more than a line of any column
_LONG_WORD = 8  # letters that fit into any column
_LONG_RUN = re.compile(rf"[^\s-]{{{_LONG_WORD},}}")
_WORD_END = re.compile(r"[\s-]")
_PUNCTUATION = '()[],.;:„“”"«»\u200e'
_Said = Callable[[Pair], list[str | dict[str, Any]]]  # a pair as the layouts read it
_LEADING = (RowKind.HEADING, RowKind.LEAD)  # rows that never stand last on a page


def typeset(document: Document, document_id: str, layout: Path, typesetter: Typesetter, codes: CodeDrawer) -> Typeset:
    """The document as PDF/A-2a and PDF/UA-1 with a code on each page, and the places of its signature zones.

    The same input gives the same bytes. Raises DocserviceError "typeset_failed", "typeset_timeout" or
    "typeset_memory"; the first also when the layout has lost or doubled a zone.
    """
    data = layout_data(document)
    supplied = _SUPPLIED_CODES
    for _ in range(_PASSES):
        data["codes"] = [codes.svg(PageCode(document_id, page).payload()) for page in range(1, supplied + 1)]
        raw = typesetter.typeset(layout, data)
        lonely = raw.closing_alone and not data["keep"]
        if raw.pages <= supplied and not lonely:
            return Typeset(raw.pdf, raw.pages, _placed(document.zones, raw))
        supplied = max(supplied, raw.pages + 1)
        data["keep"] = data["keep"] or lonely
    raise DocserviceError("typeset_failed", f"The layout {layout.name} gives another number of pages on each pass.")


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
    }


class _Texts:
    """Texts as the layouts read them: a string or, where the layout has to look at its words, a record."""

    def __init__(self, document: Document) -> None:
        self._names = frozenset(_words(_names(document)))

    def pair(self, pair: Pair) -> list[str | dict[str, Any]]:
        return [self._text(pair.de)] if pair.tr is None else [self._text(pair.de), self._text(pair.tr)]

    def _text(self, text: str) -> str | dict[str, Any]:
        found = (run.strip(_PUNCTUATION) for run in _LONG_RUN.findall(text))
        long = [word for word in found if len(word) >= _LONG_WORD]
        if not long:
            return text
        return {"text": text, "longest": max(map(len, long)), "names": sorted(self._names.intersection(long))}


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
            return {"type": "clauses", "groups": [_group(rows, pair, paired=paired) for rows in groups]}
        case Facts():
            return {
                "type": "facts",
                "rows": [
                    {
                        "label": pair(row.label),
                        "value": pair(row.value),
                        "long": _long((row.label, row.value)),
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
                    {"cells": [pair(cell) for cell in row], "long": _long(row), "blank": not any(_letters(row))}
                    for row in block.rows
                ],
            }


def _group(rows: list[Row], pair: _Said, *, paired: bool) -> dict[str, Any]:
    return {
        "long": _long((row.text for row in rows), _LONG_HALF_ROW if paired else _LONG_ROW),
        "rows": [{"kind": row.kind.value, "number": row.number, "text": pair(row.text)} for row in rows],
    }


def _groups_paired(rows: Iterable[Row]) -> list[list[Row]]:
    """Each row alone, but a heading or lead together with the row that follows it, and a party with its notes."""
    groups: list[list[Row]] = []
    for row in rows:
        of_party = groups and groups[-1][0].kind is RowKind.PARTY and row.kind is RowKind.NOTE
        if of_party or (groups and groups[-1][-1].kind in _LEADING):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _groups_alone(rows: Iterable[Row]) -> list[list[Row]]:
    """Each row alone, but items that follow each other as one list."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and row.kind is RowKind.ITEM and groups[-1][-1].kind is RowKind.ITEM:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _letters(pairs: Iterable[Pair]) -> Iterator[int]:
    for pair in pairs:
        yield from (len(text) for text in pair.texts())


def _long(pairs: Iterable[Pair], letters: int = _LONG_ROW) -> bool:
    return max(_letters(pairs), default=0) > letters


def _small(block: Block) -> bool:
    rows = len(block.columns) and len(block.rows) if isinstance(block, Table) else len(getattr(block, "rows", ()))
    return rows <= _STICKY_ROWS and sum(len(text) for text in block.texts()) <= 2 * _STICKY_LETTERS


def _kept(block: Block) -> int:
    """The fewest rows at the end of a longer block that are no less than two lines: they go with the signatures."""
    alone = isinstance(block, Clauses) and len(block.rows[-1].text.de) >= _TWO_LINES
    return 1 if alone else 2


def _placed(zones: tuple[SignatureZone, ...], raw: RawTypeset) -> tuple[PlacedZone, ...]:
    found = {zone.zone_id: zone for zone in raw.zones}
    wanted = [zone.zone_id for zone in zones]
    if sorted(zone.zone_id for zone in raw.zones) != sorted(wanted):
        raise DocserviceError(
            "typeset_failed", f"The layout placed the zones {sorted(found)}, the document has {sorted(wanted)}."
        )
    return tuple(found[zone_id] for zone_id in wanted)
