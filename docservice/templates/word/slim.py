"""Slimming: a Word template cleaned, and without what its documents never show (unused styles, the theme).

Looks stay: theme fonts are written out by name before the theme goes.
"""

from __future__ import annotations

import posixpath
import re

from lxml import etree

from docservice.templates.word import opc as package
from docservice.templates.word.clean import cleaned
from docservice.templates.word.constructs import W
from docservice.templates.word.parts import (
    CONTENT_TYPES,
    Parts,
    is_external,
    parsed,
    read_parts,
    relation_elements,
    target_of,
    written,
)

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_USED_STYLE = re.compile(rb'<w:(?:pStyle|rStyle|tblStyle|styleLink|numStyleLink) w:val="([^"]+)"')
_THEME_FONT = {"ascii": "asciiTheme", "hAnsi": "hAnsiTheme", "eastAsia": "eastAsiaTheme", "cs": "cstheme"}
_SCRIPT = {"ascii": "latin", "hAnsi": "latin", "eastAsia": "ea", "cs": "cs"}
_THEME_COLOURS = tuple(
    f"{{{W}}}{name}"
    for name in ("themeColor", "themeTint", "themeShade", "themeFill", "themeFillTint", "themeFillShade")
)
_WORD_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_NEXT_STYLES = ("basedOn", "link", "next")


def slim(data: bytes) -> bytes:
    """The template slimmed; bytes with nothing to slim come back as they are."""
    before = package.read(data)
    members = cleaned(before)
    parts = read_parts(members)
    drawn = [part.name for part in parts.by_name.values() if part.content_type.startswith(_WORD_PART)]
    if not any(b"schemeClr" in members[name] for name in drawn):
        _drop_theme(members, parts, drawn)
    _drop_styles(members, parts, drawn)
    _drop_dangling(members)
    return data if members == before else package.repack(members)


def _drop_theme(members: dict[str, bytes], parts: Parts, drawn: list[str]) -> None:
    themes = [part.name for part in parts.by_name.values() if part.kind == "theme"]
    fonts = _theme_fonts(members[themes[0]]) if themes else {}
    for name in drawn:
        if b"heme" not in members[name]:
            continue
        root = parsed(members[name])
        for element in root.iter(f"{{{W}}}rFonts"):
            _name_fonts(element, fonts)
        for element in root.iter(etree.Element):
            for colour in _THEME_COLOURS:
                if colour in element.attrib:
                    del element.attrib[colour]
        for element in list(root.iter(f"{{{W}}}themeFontLang", f"{{{W}}}clrSchemeMapping")):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
        members[name] = written(root)
    for name in themes:
        del members[name]


def _theme_fonts(theme: bytes) -> dict[str, str]:
    """Font names by theme word and script: {"minor latin": "Calibri"}."""
    root = etree.fromstring(theme)
    found: dict[str, str] = {}
    for kind in ("major", "minor"):
        for script in ("latin", "ea", "cs"):
            font = root.find(f".//{{{_DRAWING}}}{kind}Font/{{{_DRAWING}}}{script}")
            if font is not None and font.get("typeface"):
                found[f"{kind} {script}"] = str(font.get("typeface"))
    return found


def _name_fonts(element: etree._Element, fonts: dict[str, str]) -> None:
    for plain, theme in _THEME_FONT.items():
        if element.get(f"{{{W}}}{theme}") is None:
            continue
        word = str(element.attrib.pop(f"{{{W}}}{theme}"))  # "minorHAnsi", "majorBidi"
        name = fonts.get(f"{word[:5]} {_SCRIPT[plain]}")
        if name:
            element.set(f"{{{W}}}{plain}", name)


def _drop_styles(members: dict[str, bytes], parts: Parts, drawn: list[str]) -> None:
    main = parts.main
    sources = parts.related(main, "styles") if main is not None else []
    if not sources:
        return
    source = sources[0].name
    root = parsed(members[source])
    styles = {str(style.get(f"{{{W}}}styleId")): style for style in root.iter(f"{{{W}}}style")}
    waiting = {name.decode() for part in drawn if part != source for name in _USED_STYLE.findall(members[part])}
    waiting |= {name for name, style in styles.items() if style.get(f"{{{W}}}default") == "1"}
    kept: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in styles and name not in kept:
            kept.add(name)
            links = (styles[name].find(f"{{{W}}}{link}") for link in _NEXT_STYLES)
            waiting |= {str(link.get(f"{{{W}}}val")) for link in links if link is not None}
    unused = [style for name, style in styles.items() if name not in kept]
    unused += root.findall(f"{{{W}}}latentStyles")
    for element in unused:
        root.remove(element)
    if unused:
        members[source] = written(root)


def _drop_dangling(members: dict[str, bytes]) -> None:
    """Relations and content types of members that are gone."""
    for name in [name for name in members if name.endswith(".rels")]:
        root = parsed(members[name])
        folder, _, file = name.rpartition("/")
        source = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        dangling = [
            relation
            for relation in relation_elements(root)
            if not is_external(relation) and target_of(source, relation) not in members
        ]
        for relation in dangling:
            root.remove(relation)
        if dangling:
            members[name] = written(root)
    types = parsed(members[CONTENT_TYPES])
    dangling = [part for part in types if part.get("PartName") and str(part.get("PartName")).lstrip("/") not in members]
    for part in dangling:
        types.remove(part)
    if dangling:
        members[CONTENT_TYPES] = written(types)
