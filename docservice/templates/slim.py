"""Slimming: a Word template without what its documents never show (unused styles, theme, thumbnail, custom XML).

Looks stay: theme fonts are written out by name before the theme goes.
"""

from __future__ import annotations

import posixpath
import re

from lxml import etree

from docservice.templates import package
from docservice.templates.word_language import W

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_USED_STYLE = re.compile(rb'<w:(?:pStyle|rStyle|tblStyle|styleLink|numStyleLink) w:val="([^"]+)"')
_THEME_FONT = {"ascii": "asciiTheme", "hAnsi": "hAnsiTheme", "eastAsia": "eastAsiaTheme", "cs": "cstheme"}
_SCRIPT = {"ascii": "latin", "hAnsi": "latin", "eastAsia": "ea", "cs": "cs"}
_THEME_COLOURS = tuple(
    f"{{{W}}}{name}"
    for name in ("themeColor", "themeTint", "themeShade", "themeFill", "themeFillTint", "themeFillShade")
)
_NEVER_NEEDED = ("customXml/", "docProps/thumbnail", "word/stylesWithEffects.xml", "word/webSettings.xml")
_NEXT_STYLES = ("basedOn", "link", "next")


def slim(data: bytes) -> bytes:
    """The template slimmed; bytes with nothing to slim come back as they are."""
    members = package.read(data)
    before = dict(members)
    if not any(b"schemeClr" in part for name, part in members.items() if _drawn(name)):
        _drop_theme(members)
    _drop_styles(members)
    for name in [name for name in members if name.startswith(_NEVER_NEEDED)]:
        del members[name]
    _drop_dangling(members)
    return data if members == before else package.repack(members)


def _drawn(name: str) -> bool:
    return name.startswith("word/") and name.endswith(".xml") and not name.startswith("word/theme/")


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _drop_theme(members: dict[str, bytes]) -> None:
    themes = [name for name in members if name.startswith("word/theme/") and name.endswith(".xml")]
    fonts = _theme_fonts(members[themes[0]]) if themes else {}
    for name in [name for name in members if _drawn(name) and b"heme" in members[name]]:
        root = etree.fromstring(members[name])
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
        members[name] = _written(root)
    for name in [name for name in members if name.startswith("word/theme/")]:
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


def _drop_styles(members: dict[str, bytes]) -> None:
    source = members.get("word/styles.xml")
    if source is None:
        return
    root = etree.fromstring(source)
    styles = {str(style.get(f"{{{W}}}styleId")): style for style in root.iter(f"{{{W}}}style")}
    waiting = {
        name.decode()
        for part, data in members.items()
        if _drawn(part) and part != "word/styles.xml"
        for name in _USED_STYLE.findall(data)
    }
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
        members["word/styles.xml"] = _written(root)


def _drop_dangling(members: dict[str, bytes]) -> None:
    """Relations and content types of members that are gone."""
    for name in [name for name in members if name.endswith(".rels")]:
        root = etree.fromstring(members[name])
        base = posixpath.dirname(posixpath.dirname(name))
        dangling = [
            relation
            for relation in root.iter(f"{{{_RELATIONS}}}Relationship")
            if relation.get("TargetMode") != "External" and _target(base, str(relation.get("Target"))) not in members
        ]
        for relation in dangling:
            root.remove(relation)
        if dangling:
            members[name] = _written(root)
    types = etree.fromstring(members["[Content_Types].xml"])
    dangling = [part for part in types if part.get("PartName") and str(part.get("PartName")).lstrip("/") not in members]
    for part in dangling:
        types.remove(part)
    if dangling:
        members["[Content_Types].xml"] = _written(types)


def _target(base: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
