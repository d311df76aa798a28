"""What a Word template must not hold, by the table of constructs: each fault at its place, with its mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote, urlsplit

from lxml import etree

from docservice.domain.errors import DocserviceError
from docservice.templates.word.constructs import OWN_FIELDS, Construct, Fate, W, elements, named, of_relation
from docservice.templates.word.language import Place, Reading, WordFinding, WordPart, part_place
from docservice.templates.word.parts import Part, Parts, Relation, parsed
from docservice.templates.word.properties import CORE, tags_beside_title

WORD_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml."
DOCUMENT_TYPE = f"{WORD_PART}document.main+xml"
_REFERENCES = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[{%]", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")
_ADDRESSES = ("http", "https", "mailto", "tel")
_FIELD_WORD = re.compile(r"\s*(=|[A-Za-z]+)")
_FIELD_ADDRESS = re.compile(r'HYPERLINK\s+(?:"([^"]*)"|([^\s"\\]\S*))', re.IGNORECASE)
_REFUSED = elements(Fate.REFUSED)
_FILLED_BESIDE_MAIN = ("header", "footer", "footnotes")


def refusals(members: Mapping[str, bytes], parts: Parts) -> list[WordFinding]:
    """Every construct of the file that the table refuses; empty when there is none."""
    main = parts.main
    if main is None or main.content_type != DOCUMENT_TYPE:
        return [_no_document(parts, main)]
    checks = _Checks(members, parts, main)
    checks.run()
    return list(dict.fromkeys(checks.found))


def filled_parts(members: Mapping[str, bytes], parts: Parts) -> list[WordPart]:
    """The parts whose tags are filled, the document first: those docxtpl fills, found by relation as it finds them."""
    main = parts.main
    if main is None:
        return []
    found = [main, *parts.related(main, *_FILLED_BESIDE_MAIN)]
    found += [part for part in parts.by_name.values() if part.kind == CORE]
    return [WordPart(part.name, part.kind, parsed(members[part.name])) for part in found]


def _no_document(parts: Parts, main: Part | None) -> WordFinding:
    if main is not None:
        construct = named("macros" if "macroEnabled" in main.content_type else "not_docx")
        return _finding(construct, part_place(main.name))
    if any(relation.kind.startswith("strict:") for relation in parts.root):
        return _finding(named("not_docx"), part_place("_rels/.rels"))
    return WordFinding(
        "not_a_word_file",
        part_place("_rels/.rels"),
        "",
        "führt zu keinem Dokument: das ist keine Word-Datei (.docx); in Word als .docx speichern.",
        "leads to no document: this is no Word file (.docx); save it in Word as .docx.",
    )


def _finding(construct: Construct, place: Place, tag: str = "") -> WordFinding:
    return WordFinding(construct.key, place, tag, construct.de, construct.en)


@dataclass(slots=True)
class _Field:
    """A complex field while it is read; `start` is the element it begins with."""

    start: etree._Element
    code: str = ""
    answered: bool = False


@dataclass
class _WordPart:
    """One part that reaches the documents."""

    part: Part
    root: etree._Element

    @cached_property
    def reading(self) -> Reading:
        return WordPart(self.part.name, self.part.kind, self.root).reading

    @cached_property
    def references(self) -> dict[str, etree._Element]:
        """The first element that names each relation."""
        found: dict[str, etree._Element] = {}
        for element in self.root.iter(etree.Element):
            for name, value in element.attrib.items():
                if str(name).startswith(_REFERENCES):
                    found.setdefault(str(value), element)
        return found


@dataclass
class _Checks:
    members: Mapping[str, bytes]
    parts: Parts
    main: Part
    found: list[WordFinding] = field(default_factory=list)
    whole: list[WordFinding] = field(default_factory=list)  # of parts that no element leads to

    def run(self) -> None:
        filled = {self.main.name, *(part.name for part in self.parts.related(self.main, *_FILLED_BESIDE_MAIN))}
        kept = self._kept()
        hidden = self._hidden_styles(kept)
        for name, word in kept.items():
            self._relations(self.parts.by_name[name].relations, word, part_place(name, self.parts.by_name[name].kind))
            if word is not None:
                if name in filled and word.root.prefix != "w":  # docxtpl finds tags by Word's own prefix
                    self.found.append(_finding(named("not_docx"), word.reading.part))
                self._markup(word)
                self._fields(word)
                self._hidden(word, hidden)
        self._relations(self.parts.root, None, part_place("_rels/.rels"))
        for part in self.parts.by_name.values():
            self._tags(part, kept.get(part.name), part.name in filled)
        located = {finding.code for finding in self.found}
        self.found += [finding for finding in self.whole if finding.code not in located]

    def _kept(self) -> dict[str, _WordPart | None]:
        """The parts that reach the documents; Word's own parsed, of the others nothing is looked into."""
        kept: dict[str, _WordPart | None] = {}
        waiting = [self.main.name]
        while waiting:
            name = waiting.pop(0)
            part = self.parts.by_name.get(name)
            if part is None or name in kept:
                continue
            is_word = part.content_type.startswith(WORD_PART) and part.content_type.endswith("+xml")
            kept[name] = _WordPart(part, parsed(self.members[name])) if is_word else None
            waiting += [relation.target for relation in part.relations if not relation.external and not _gone(relation)]
        return kept

    # -- relations -------------------------------------------------------------------------------------------------

    def _relations(self, relations: tuple[Relation, ...], word: _WordPart | None, place: Place) -> None:
        for relation in relations:
            construct, tag = self._judged(relation, root=word is None and place.en == "_rels/.rels")
            if construct is None:
                continue
            element = word.references.get(relation.id) if word is not None else None
            if word is not None and element is not None:
                self.found.append(_finding(construct, word.reading.place_of(element), tag))
            else:
                target = self.parts.by_name.get(relation.target)
                whole = part_place(target.name, target.kind) if target is not None else place
                self.whole.append(_finding(construct, whole, tag))

    def _judged(self, relation: Relation, *, root: bool) -> tuple[Construct | None, str]:
        """Why a relation is refused, if it is, and the tag to be named."""
        construct = of_relation(relation.kind)
        if relation.external and relation.kind == "hyperlink":
            return _link(relation.target)
        if construct is not None and construct.fate is Fate.REFUSED:
            return (None if self._empty_comments(construct) else construct), ""
        if construct is not None and construct.fate is Fate.REMOVED:
            return None, ""
        if relation.external:
            return (None if root else named("outside")), ""
        return (named("unknown") if construct is None and not root else None), ""

    def _empty_comments(self, construct: Construct) -> bool:
        if construct.key != "comments":
            return False
        comments = self.parts.related(self.main, "comments")
        return not any(len(parsed(self.members[part.name])) for part in comments)

    # -- markup ----------------------------------------------------------------------------------------------------

    def _markup(self, word: _WordPart) -> None:
        for element in word.root.iter(*_REFUSED):
            construct = _REFUSED[str(element.tag)]
            if construct.key != "comments" or not self._empty_comments(construct):
                self.found.append(_finding(construct, word.reading.place_of(element)))

    def _fields(self, word: _WordPart) -> None:
        for element, code in _field_codes(word.root):
            construct, tag = _judged_field(code)
            if construct is not None:
                self.found.append(_finding(construct, word.reading.place_of(element), tag))

    def _hidden_styles(self, kept: Mapping[str, _WordPart | None]) -> frozenset[str]:
        """The styles that hide their text, also those based on them."""
        styles = {
            str(style.get(f"{{{W}}}styleId")): style
            for part in self.parts.related(self.main, "styles")
            if (word := kept.get(part.name)) is not None
            for style in word.root.iter(f"{{{W}}}style")
        }
        hidden = {name for name, style in styles.items() if _is_on(style.find(f"{{{W}}}rPr/{{{W}}}vanish"))}
        while True:
            based = {
                name
                for name, style in styles.items()
                if (base := style.find(f"{{{W}}}basedOn")) is not None
                and base.get(f"{{{W}}}val") in hidden
                and style.find(f"{{{W}}}rPr/{{{W}}}vanish") is None
            }
            if based <= hidden:
                return frozenset(hidden)
            hidden |= based

    def _hidden(self, word: _WordPart, styles: frozenset[str]) -> None:
        for run in word.root.iter(f"{{{W}}}r"):
            if not any((text.text or "").strip() for text in run.findall(f"{{{W}}}t")):
                continue
            own = run.find(f"{{{W}}}rPr/{{{W}}}vanish")
            paragraph = next(run.iterancestors(f"{{{W}}}p"), None)
            style = run.find(f"{{{W}}}rPr/{{{W}}}rStyle")
            around = paragraph.find(f"{{{W}}}pPr/{{{W}}}pStyle") if paragraph is not None else None
            named_style = any(one is not None and one.get(f"{{{W}}}val") in styles for one in (style, around))
            if _is_on(own) or (own is None and named_style):
                self.found.append(_finding(named("hidden"), word.reading.place_of(run)))

    # -- tags where nobody fills them ------------------------------------------------------------------------------

    def _tags(self, part: Part, word: _WordPart | None, filled: bool) -> None:
        construct = named("tags_elsewhere")
        if part.kind == CORE:
            texts = tags_beside_title(self.members[part.name])
            self.found += [_finding(construct, part_place(part.name, part.kind), text) for text in texts]
        elif filled:
            if word is not None and part is self.main:
                self._tags_outside_of_body(word)
        elif word is not None and word.reading.tags:
            self.found += [_finding(construct, tag.place, tag.text) for tag in word.reading.tags]
        else:
            tag = _tag_in(part, self.members[part.name])
            if tag:
                self.found.append(_finding(construct, part_place(part.name, part.kind), tag))

    def _tags_outside_of_body(self, word: _WordPart) -> None:
        for child in word.root.iterchildren(etree.Element):
            match = None if child.tag == f"{{{W}}}body" else _TAG.search(etree.tostring(child, encoding="unicode"))
            if match:
                self.found.append(_finding(named("tags_elsewhere"), word.reading.part, match.group(0)))


def _gone(relation: Relation) -> bool:
    construct = of_relation(relation.kind)
    return construct is not None and construct.fate is Fate.REMOVED


def _is_on(switch: etree._Element | None) -> bool:
    return switch is not None and switch.get(f"{{{W}}}val") not in ("0", "false", "off")


def _link(address: str) -> tuple[Construct | None, str]:
    """Why the address of a link is refused, if it is, and the tag in it."""
    tag = _TAG.search(unquote(address))
    if tag:
        return named("link_tags"), tag.group(0)
    scheme = ""
    with suppress(ValueError):
        scheme = urlsplit(address.strip()).scheme
    return (None if scheme in _ADDRESSES or address.startswith("#") else named("link_files")), ""


def _judged_field(code: str) -> tuple[Construct | None, str]:
    tag = _TAG.search(unquote(code))
    if tag:
        return named("field_tags"), tag.group(0)
    word = _FIELD_WORD.match(code)
    name = word.group(1).upper() if word else ""
    if name == "HYPERLINK":
        address = _FIELD_ADDRESS.search(code)
        return _link((address.group(1) or address.group(2) or "#") if address else "#")
    if name in OWN_FIELDS or not code.strip():
        return None, ""
    return named("foreign_fields"), " ".join(code.split()[: 2 if name == "MERGEFIELD" else 1])


def _field_codes(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The codes of all fields, simple and complex, nested ones too, each with the element it begins with."""
    open_fields: list[_Field] = []
    for element in root.iter(f"{{{W}}}fldSimple", f"{{{W}}}fldChar", f"{{{W}}}instrText", f"{{{W}}}delInstrText"):
        kind = etree.QName(element).localname
        if kind == "fldSimple":
            yield element, str(element.get(f"{{{W}}}instr", ""))
        elif kind != "fldChar":
            if open_fields and not open_fields[-1].answered:
                open_fields[-1].code += element.text or ""
        elif element.get(f"{{{W}}}fldCharType") == "begin":
            open_fields.append(_Field(element))
        elif open_fields:
            open_fields[-1].answered = True
            if element.get(f"{{{W}}}fldCharType") == "end":
                done = open_fields.pop()
                yield done.start, done.code
    yield from ((left.start, left.code) for left in open_fields)


def _tag_in(part: Part, data: bytes) -> str:
    """The first tag in a part that is not Word's own or holds no paragraphs, or nothing."""
    if not (part.content_type.endswith("xml") or part.name.endswith(".xml")):
        return ""
    try:
        written = etree.tostring(parsed(data), encoding="unicode")
    except DocserviceError:
        return ""
    match = _TAG.search(written) or _TAG.search(_MARKUP.sub("", written))
    return match.group(0) if match else ""
