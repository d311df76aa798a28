"""One document as a tree of paired texts: what both renderings, Word and PDF, say word for word.

The tree holds finished text only: names are formed, dates written out, translations chosen. Renderers add nothing
but the page numbers and the page codes. Blocks stand in reading order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from docservice.domain.kinds import Kind
from docservice.domain.languages import Language


@dataclass(frozen=True, slots=True)
class Pair:
    """The same text in German and in the second language; `tr` is None in a document in German alone."""

    de: str
    tr: str | None = None

    def texts(self) -> Iterator[str]:
        """The texts that are printed, German first."""
        if self.de:
            yield self.de
        if self.tr:
            yield self.tr


class RowKind(StrEnum):
    """What a row of the paired text is, and so how it is set and tagged."""

    HEADING = "heading"
    TEXT = "text"
    PARTY = "party"  # a party's name, emphasised
    LEAD = "lead"  # the opening sentence of a numbered clause
    ITEM = "item"  # a bullet under the last lead
    NOTE = "note"  # small print


@dataclass(frozen=True, slots=True)
class Row:
    """One row of paired text. `number` is printed as text in both columns (never automatic numbering)."""

    kind: RowKind
    text: Pair
    number: str = ""


@dataclass(frozen=True, slots=True)
class Clauses:
    """Paired text, German in the left column and the second language in the right one."""

    rows: tuple[Row, ...]

    def texts(self) -> Iterator[str]:
        for row in self.rows:
            for text in row.text.texts():
                if row.number:
                    yield row.number
                yield text


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over the full width; German above the second language. Level 2 or 3 (1 is the title)."""

    text: Pair
    level: int = 2

    def texts(self) -> Iterator[str]:
        yield from self.text.texts()


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value ("Überprüfung am": "3. Juni 2027"). An empty value is a line for handwriting."""

    label: Pair
    value: Pair


@dataclass(frozen=True, slots=True)
class Facts:
    """A calm two-column table of labels (row headers) and values; the languages stand one above the other."""

    rows: tuple[Fact, ...]

    def texts(self) -> Iterator[str]:
        for row in self.rows:
            yield from row.label.texts()
            yield from row.value.texts()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `weight` is its share of the width."""

    header: Pair
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header row; in each cell the languages stand one above the other.

    A row of empty cells is a line for handwriting.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Pair, ...], ...]

    def texts(self) -> Iterator[str]:
        for column in self.columns:
            yield from column.header.texts()
        for row in self.rows:
            for cell in row:
                yield from cell.texts()


Block = Heading | Clauses | Facts | Table


class Role(StrEnum):
    """In which capacity somebody signs."""

    PARTY = "party"
    GUARDIAN = "guardian"
    CITY = "city"
    INTERPRETER = "interpreter"


@dataclass(frozen=True, slots=True)
class SignatureZone:
    """A line to sign on: who signs, in which role, and what stands beneath the line."""

    zone_id: str  # "party-1", "city-1", "interpreter-1"
    role: Role
    signer: str  # as printed in German; a name of the case, so never logged
    required: bool
    label: Pair


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The sender as the authority profile states it."""

    authority: str  # "Stadt Dortmund"
    unit: str  # "Zentrales Integrationsbüro"
    address: tuple[str, ...]  # one line each


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a rendering of one document needs, but its identity (id and page codes).

    `language` is the second language or None. `column_headers` head the two columns of every `Clauses` block.
    `translation_note` is set while any unit used is not approved by a certified translator. `footer_line` is the
    human-readable page identity; renderers append the page label with {page} and {pages} filled in.
    """

    kind: Kind
    template: str  # "agreement/2026-01"
    language: Language | None
    date: date  # agreement date, or the generation date when that is left blank
    letterhead: Letterhead
    reference: str  # "IV-2026-0815"
    title: Pair
    subtitle: Pair | None
    column_headers: Pair
    translation_note: Pair | None
    footer_line: str
    page_label: str  # "Seite {page} von {pages}"
    blocks: tuple[Block, ...]
    place_and_date: Pair
    zones: tuple[SignatureZone, ...]

    def texts(self) -> Iterator[str]:
        """Every text of the body in reading order (letterhead, footer and repeated table headers left out)."""
        yield from self.title.texts()
        if self.subtitle is not None:
            yield from self.subtitle.texts()
        if self.translation_note is not None:
            yield from self.translation_note.texts()
        for block in self.blocks:
            if isinstance(block, Clauses) and self.language is not None:
                yield from self.column_headers.texts()
            yield from block.texts()
        yield from self.place_and_date.texts()
        for zone in self.zones:
            yield from zone.label.texts()


@dataclass(frozen=True, slots=True)
class PlacedZone:
    """Where a signature zone stands in a finished PDF.

    `page` counts from 1. `rect` is (x0, y0, x1, y1) in points, origin bottom-left: the area above the line in which
    ink counts.
    """

    zone_id: str
    page: int
    rect: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Typeset:
    """A finished PDF (PDF/A-2a and PDF/UA-1), its number of pages, and its zones in the order of `Document.zones`."""

    pdf: bytes
    pages: int
    zones: tuple[PlacedZone, ...]
