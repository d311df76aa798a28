"""Cleaning: a Word template without what the table of constructs removes, so that nothing of its editor is left."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from docservice.templates.word.constructs import Fate, W, elements, of_relation
from docservice.templates.word.parts import (
    CONTENT_TYPES,
    PACKAGE,
    kind_of,
    parsed,
    read_parts,
    relation_elements,
    relations_name,
    with_settled_names,
    written,
)
from docservice.templates.word.picture_traces import without_traces
from docservice.templates.word.properties import APP, CORE, clean_app, clean_core

_REMOVED = {
    *elements(Fate.REMOVED),
    *(f"{{{W}}}{name}" for name in ("commentReference", "commentRangeStart", "commentRangeEnd")),
}
_UNWRAPPED = {f"{{{W}}}smartTag": f"{{{W}}}smartTagPr", f"{{{W}}}customXml": f"{{{W}}}customXmlPr"}
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_TRACES = frozenset({f"{{{_W14}}}paraId", f"{{{_W14}}}textId", "{urn:schemas-microsoft-com:office:office}gfxdata"})
_RSID = re.compile(re.escape(f"{{{W}}}rsid"))
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|\\\\|/(?:Users|home|Volumes)/|file:).*[\\/]([^\\/]*)\Z")
_OFFICE = "application/vnd.openxmlformats-officedocument"
_CORE_NAME = "docProps/core.xml"
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_CORE_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"


def cleaned(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """The members without what the table removes; what is clean already comes back byte by byte."""
    clean = with_settled_names(members)
    _drop_relations(clean)
    parts = read_parts(clean)
    for part in parts.by_name.values():
        data = clean[part.name]
        if part.kind == CORE:
            clean[part.name] = clean_core(data)
        elif part.kind == APP:
            clean[part.name] = clean_app(data)
        elif part.content_type.startswith(_OFFICE) and part.content_type.endswith("+xml"):
            clean[part.name] = _clean_markup(data)
        elif part.kind == "image":
            clean[part.name] = without_traces(data)
    if not any(part.kind == CORE for part in parts.by_name.values()):
        _add_core(clean)
    return clean


def _drop_relations(members: dict[str, bytes]) -> None:
    """Take out the relations to what is removed, then what no relation leads to any longer."""
    for source in (PACKAGE, *read_parts(members).by_name):
        name = relations_name(source)
        if name not in members:
            continue
        root = parsed(members[name])
        gone = [relation for relation in relation_elements(root) if _goes(kind_of(relation), source)]
        for relation in gone:
            root.remove(relation)
        if gone:
            members[name] = written(root)
    reached = read_parts(members).by_name
    used = {CONTENT_TYPES, *reached, *(relations_name(source) for source in (PACKAGE, *reached))}
    for name in [name for name in members if name not in used]:
        del members[name]


def _goes(kind: str, source: str) -> bool:
    construct = of_relation(kind)
    if construct is None:
        return source == PACKAGE and not kind.startswith("strict:")
    empty = construct.key == "comments"  # those with comments have been refused
    return empty or (construct.fate is Fate.REMOVED and kind not in (CORE, APP))


def _clean_markup(data: bytes) -> bytes:
    root = parsed(data)
    changed = _drop_elements(root)
    for element in root.iter(etree.Element):
        changed |= _unwrap(element)
        for name in [name for name in element.attrib if _RSID.match(str(name)) or name in _TRACES]:
            del element.attrib[name]
            changed = True
        changed |= _shorten_paths(element)
    return written(root) if changed else data


def _drop_elements(root: etree._Element) -> bool:
    notes = list(root.iter(etree.Comment, etree.PI))
    gone = [element for element in root.iter(*_REMOVED) if element.tag not in _UNWRAPPED]
    gone += [mark for mark in root.iter(f"{{{W}}}bookmarkStart") if mark.get(f"{{{W}}}name") == "_GoBack"]
    ends = {mark.get(f"{{{W}}}id") for mark in gone if mark.tag == f"{{{W}}}bookmarkStart"}
    gone += [mark for mark in root.iter(f"{{{W}}}bookmarkEnd") if mark.get(f"{{{W}}}id") in ends]
    for element in (*notes, *gone):
        parent = element.getparent()
        if parent is not None:
            _keep_tail(element, parent)
            parent.remove(element)
    return bool(notes or gone)


def _keep_tail(element: etree._Element, parent: etree._Element) -> None:
    """lxml takes the text behind an element along with it."""
    if not element.tail:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + element.tail
    else:
        parent.text = (parent.text or "") + element.tail


def _unwrap(element: etree._Element) -> bool:
    """Put the content of smart tags and custom XML tags among an element's children in the place of these tags."""
    changed = False
    while (wrapper := next(element.iterchildren(*_UNWRAPPED), None)) is not None:
        at = element.index(wrapper)
        element[at : at + 1] = [child for child in wrapper if child.tag != _UNWRAPPED[str(wrapper.tag)]]
        changed = True
    return changed


def _shorten_paths(element: etree._Element) -> bool:
    """Names and descriptions of pictures that are a path on somebody's computer: the file's name is left."""
    changed = False
    for name, value in element.attrib.items():
        path = _PATH.match(str(value))
        if path:
            element.set(str(name), path.group(1))
            changed = True
    return changed


def _add_core(members: dict[str, bytes]) -> None:
    """Properties for a file that has none, so that the title has a place (python-docx would sign them itself)."""
    name = relations_name(PACKAGE)
    if name not in members:
        return
    members[_CORE_NAME] = clean_core(None)
    root = parsed(members[name])
    taken = {str(relation.get("Id")) for relation in relation_elements(root)}
    free = next(f"rId{number}" for number in range(1, len(taken) + 2) if f"rId{number}" not in taken)
    attributes = {"Id": free, "Type": _CORE_RELATION, "Target": _CORE_NAME}
    etree.SubElement(root, f"{{{etree.QName(root).namespace}}}Relationship", attributes)
    members[name] = written(root)
    types = parsed(members[CONTENT_TYPES])
    override = {"PartName": f"/{_CORE_NAME}", "ContentType": _CORE_TYPE}
    etree.SubElement(types, f"{{{etree.QName(types).namespace}}}Override", override)
    members[CONTENT_TYPES] = written(types)
