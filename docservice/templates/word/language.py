"""The language of Word templates: docxtpl's tags, where each one stands, and what may be said in them.

Compiling and linting share this file, so that both see the same tags at the same places and judge them alike.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from docservice.templates.word.constructs import W

_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_BOX = f"{{{W}}}txbxContent"
_FALLBACK = f"{{{_MC}}}Fallback"
_DELETED = frozenset({f"{{{W}}}del", f"{{{W}}}moveFrom"})
_WRAPPERS = ("sdt", "sdtContent", "customXml", "ins", "moveTo", "AlternateContent", "Choice", "Fallback")
_SEPARATORS = ("separator", "continuationSeparator", "continuationNotice")
_NOTES = {"footnote": "Fußnote", "endnote": "Endnote", "comment": "Kommentar"}
_PARTS = {
    "header": ("Kopfzeile", "header"),
    "footer": ("Fußzeile", "footer"),
    "footnotes": ("Fußnoten", "footnotes"),
    "endnotes": ("Endnoten", "endnotes"),
    "comments": ("Kommentare", "comments"),
    "settings": ("Einstellungen", "settings"),
    "core-properties": ("Eigenschaften", "properties"),
    "extended-properties": ("Eigenschaften", "properties"),
    "custom-properties": ("Eigenschaften", "properties"),
}
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
"""One tag as it is typed."""
"""One tag, or what looks like one."""
_SCOPED = re.compile(r"\{([{%#])(p|tr|tc|r)\s(.*)\Z", re.DOTALL)
_DICT_METHODS = frozenset(dir(dict))
_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})  # Word types these by itself; docxtpl too


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja for Word templates: sandboxed, escaping XML, an unknown name is an error, and nothing to call.

    Plain dictionaries, which is what contexts are made of, are read without a detour; a key named like a method of
    dict is out of reach, as in Jinja itself.
    """

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What `obj.attribute` means in a template: for plain dictionaries the entry of that name."""
        if type(obj) is dict and attribute in obj and attribute not in _DICT_METHODS:
            return obj[attribute]
        return super().getattr(obj, attribute)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, in words: the part of the file, and the paragraph or table cell in it."""

    de: str
    en: str

    def inside(self, de: str, en: str) -> Place:
        """A place within this one."""
        return Place(f"{self.de}, {de}", f"{self.en}, {en}")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag as the author wrote it. `scope` is p, tr, tc, r or nothing; `body` the expression or statement."""

    text: str
    mark: Literal["{{", "{%", "{#"]
    scope: str
    body: str
    place: Place
    paragraph: int  # running numbers of what holds the tag, to see whether two tags share it
    container: int
    table: int
    row: int
    position: int  # of the element it begins in, counted through the part
    torn: bool  # over several elements of which docxtpl does not put together what it is made of

    @property
    def word(self) -> str:
        """The statement's first word ("for", "endif"), or nothing for an output."""
        return self.body.split(None, 1)[0] if self.mark == "{%" and self.body else ""


@dataclass(frozen=True, slots=True)
class WordFinding:
    """Something wrong (or, as a hint, worth knowing) in a Word template: where, which tag, what, and the mend."""

    code: str
    place: Place
    tag: str
    de: str
    en: str
    hint: bool = False

    def line(self, language: Literal["de", "en"] = "en") -> str:
        """One line for people: place, tag, what is wrong and how to mend it."""
        where, what = (self.place.de, self.de) if language == "de" else (self.place.en, self.en)
        return f"{where}: {self.tag}: {what}" if self.tag else f"{where}: {what}"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph's text with its tags; `row_text` is the text of the whole table row around it, if any.

    Text boxes in it are paragraphs of their own; deleted text that is still tracked does not count.
    """

    text: str
    place: Place
    tags: tuple[Tag, ...]
    row_text: str | None
    cell_text: str | None


@dataclass(frozen=True)
class WordPart:
    """A part of a Word file, parsed; `kind` is that of the relation that leads to it."""

    name: str
    kind: str
    root: etree._Element

    @property
    def place(self) -> Place:
        """The part as a whole."""
        return part_place(self.name, self.kind)

    @cached_property
    def reading(self) -> Reading:
        """Its paragraphs and the places of its elements."""
        reader = _Reader(self.root)
        body = self.root.find(f"{{{W}}}body")
        top = body if body is not None else self.root
        found = [*reader.container(top, self.place, None, None, (0, 0))]
        found += reader.loose(top, self.place)
        return Reading(self.place, tuple(found), reader.places)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is said in a part, and where: its paragraphs, tables included, and the places of its elements."""

    part: Place
    paragraphs: tuple[Paragraph, ...]
    places: Mapping[etree._Element, Place]

    @property
    def tags(self) -> list[Tag]:
        """All tags in the order of the file."""
        return sorted((tag for paragraph in self.paragraphs for tag in paragraph.tags), key=lambda tag: tag.position)

    def place_of(self, element: etree._Element) -> Place:
        """The paragraph, cell or table an element stands in, or else the part."""
        around = (self.places.get(one) for one in (element, *element.iterancestors()))
        return next((place for place in around if place is not None), self.part)


def part_place(name: str, kind: str = "") -> Place:
    """The place of a whole part, by its name inside the file and the kind of the relation that leads to it."""
    if kind == "officeDocument":
        return Place("Dokument", "document")
    de, en = _PARTS.get(kind, ("", ""))
    return Place(f"{de} ({name})", f"{en} ({name})") if de else Place(name, name)


class _Reader:
    """Walks a part, counting paragraphs, tables, rows, cells, notes and text boxes as a person would count them."""

    def __init__(self, root: etree._Element) -> None:
        self.serial = 0
        self.places: dict[etree._Element, Place] = {}
        self.positions = {node: number for number, node in enumerate(root.iter())}
        self._read: set[etree._Element] = set()
        self._texts: dict[etree._Element, str] = {}

    def container(
        self, element: etree._Element, place: Place, row: str | None, cell: str | None, inside: tuple[int, int]
    ) -> Iterator[Paragraph]:
        """The paragraphs of a body, header, note, text box or cell; `row` and `cell` are the texts around them."""
        self.serial += 1
        serial, counts = self.serial, dict.fromkeys(("p", "tbl", "footnote", "endnote", "comment"), 0)
        for child in _blocks(element):
            kind = etree.QName(child).localname
            if child.get(f"{{{W}}}type") in _SEPARATORS:
                continue
            counts[kind] += 1
            number = counts[kind]
            if kind == "tbl":
                yield from self._table(child, place.inside(f"Tabelle {number}", f"table {number}"))
            elif kind == "p":
                here = place if cell is not None else place.inside(f"Absatz {number}", f"paragraph {number}")
                yield from self._paragraph(child, here, row, cell, (serial, *inside))
            else:
                here = place.inside(f"{_NOTES[kind]} {number}", f"{kind} {number}")
                yield from self.container(child, here, None, None, (0, 0))

    def loose(self, top: etree._Element, place: Place) -> Iterator[Paragraph]:
        """Tags in properties of tables, rows and sections, outside of any paragraph."""
        for node in top.iter(etree.Element):
            text = "" if node in self._read else "".join((*_attributes(node), node.text or ""))
            if "{{" in text or "{%" in text:
                here = next((self.places[one] for one in node.iterancestors() if one in self.places), place)
                yield Paragraph(text, here, self._tags([(node, text)], here, (0, 0, 0, 0)), None, None)

    def _table(self, table: etree._Element, place: Place) -> Iterator[Paragraph]:
        self.serial += 1
        table_serial = self.serial
        self.places[table] = place
        for row_number, row in enumerate(table.iter(f"{{{W}}}tr"), start=1):
            if _nearest(row, "tbl") is not table:
                continue
            self.serial += 1
            row_serial, row_text = self.serial, self._text(row)
            cells = [cell for cell in row.iter(f"{{{W}}}tc") if _nearest(cell, "tr") is row]
            self.places[row] = place.inside(f"Zeile {row_number}", f"row {row_number}")
            for number, cell in enumerate(cells, start=1):
                here = place.inside(f"Zeile {row_number}, Zelle {number}", f"row {row_number}, cell {number}")
                self.places[cell] = here
                yield from self.container(cell, here, row_text, self._text(cell), (table_serial, row_serial))

    def _paragraph(
        self, element: etree._Element, place: Place, row: str | None, cell: str | None, inside: tuple[int, int, int]
    ) -> Iterator[Paragraph]:
        self.serial += 1
        self.places[element] = place
        self._read.update(element.iter())
        pieces = list(_pieces(element))
        tags = self._tags(pieces, place, (self.serial, *inside))
        yield Paragraph("".join(text for _, text in pieces), place, tags, row, cell)
        counts = {True: 0, False: 0}
        for box in element.iter(_BOX):
            if next(box.iterancestors(_BOX, f"{{{W}}}p"), None) is not element:
                continue
            again = next(box.iterancestors(_FALLBACK), None) is not None  # the same box for older programs
            counts[again] += 1
            here = place.inside(f"Textfeld {counts[again]}", f"text box {counts[again]}")
            yield from self.container(box, here, None, None, (0, 0))

    def _text(self, element: etree._Element) -> str:
        """All text of a row or cell and its tables, put together once."""
        if element not in self._texts:
            inside = (self._text(child) for child in element.iterchildren(etree.Element) if child.tag not in _DELETED)
            self._texts[element] = "".join((*_attributes(element), element.text or "", *inside))
        return self._texts[element]

    def _tags(
        self, pieces: list[tuple[etree._Element, str]], place: Place, inside: tuple[int, int, int, int]
    ) -> tuple[Tag, ...]:
        starts, text = [], ""
        for _, piece in pieces:
            starts.append(len(text))
            text += piece
        found = []
        for match in TAG.finditer(text):
            first, last = (bisect.bisect_right(starts, at) - 1 for at in (match.start(), match.end() - 1))
            nodes = [node for node, piece in pieces[first : last + 1] if piece]
            torn = len(nodes) > 1 and any(node.tag != f"{{{W}}}t" for node in nodes)
            found.append(_tag(match.group(0), place, inside, self.positions[nodes[0]], torn))
        return tuple(found)


def _blocks(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if not isinstance(child.tag, str):
            continue
        kind = etree.QName(child).localname
        if kind in ("p", "tbl", *_NOTES):
            yield child
        elif kind in _WRAPPERS:
            yield from _blocks(child)


def _nearest(element: etree._Element, kind: str) -> etree._Element | None:
    return next(element.iterancestors(f"{{{W}}}{kind}"), None)


def _pieces(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Attribute values with tags and all text but that of text boxes, as docxtpl meets them in the XML."""
    for value in _attributes(element):
        yield element, value
    if element.text:
        yield element, element.text
    for child in element.iterchildren(etree.Element):
        if child.tag not in _DELETED and child.tag != _BOX:
            yield from _pieces(child)


def _attributes(node: etree._Element) -> Iterator[str]:
    return (str(value) for value in node.attrib.values() if "{{" in str(value) or "{%" in str(value))


def _tag(text: str, place: Place, inside: tuple[int, int, int, int], position: int, torn: bool) -> Tag:
    mark: Literal["{{", "{%", "{#"] = "{{" if text[1] == "{" else "{%" if text[1] == "%" else "{#"
    scoped = _SCOPED.match(text[:-2])
    scope, body = (scoped.group(2), scoped.group(3)) if scoped else ("", text[2:-2])
    return Tag(text, mark, scope, body.strip(" \t\n-+").translate(_TYPOGRAPHIC), place, *inside, position, torn)


def fallback_reason(tag: Tag) -> str:
    """Why a tag needs docxtpl itself (which repairs tables and joins documents while filling), or nothing."""
    if tag.scope == "tc" and tag.mark == "{%":
        return "{%tc %} changes the number of columns"
    if tag.word in ("colspan", "hm"):
        return f"{{% {tag.word} %}} joins table cells"
    if tag.mark == "{{" and tag.scope:
        return f"{{{{{tag.scope} }}}} inserts Word content"
    return ""
