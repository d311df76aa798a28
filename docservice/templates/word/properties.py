"""The properties of a Word file: nothing of whoever wrote the template, the title of the document itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from lxml import etree

from docservice.templates.word.parts import parsed

CORE = "core-properties"
APP = "extended-properties"
TITLE = "document_title"  # the name under which the title is filled in
_DC = "http://purl.org/dc/elements/1.1/"
_CP = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_KEPT = ("title", "subject", "language")
_ORDER = ("title", "subject", "creator", "description", "identifier", "language")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[{%]", re.DOTALL)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_APP = (
    f'{_DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Microsoft Office Word</Application></Properties>"
)


def clean_core(data: bytes | None) -> bytes:
    """The core properties as documents may have them: title and language, a subject only where it is a tag."""
    found = {} if data is None else _texts(parsed(data))
    kept = {name: found.get(f"{{{_DC}}}{name}", "") for name in _KEPT}
    if not _TAG.search(kept["subject"]):
        kept["subject"] = ""
    if not _TAG.search(kept["language"]) and not _LANGUAGE_TAG.match(kept["language"]):
        kept["language"] = ""
    wanted = {f"{{{_DC}}}{name}": kept.get(name, "") for name in _ORDER}
    return data if data is not None and found == wanted else _core(kept)


def clean_app(data: bytes) -> bytes:
    """The extended properties without manager, company, template, times and counts."""
    names = {etree.QName(element).localname for element in parsed(data)}
    return data if names <= {"Application"} else _APP.encode()


def core_source(data: bytes) -> bytes:
    """The properties as a template: a title that is no tag gives way to the document's own."""
    root = parsed(data)
    title = root.find(f"{{{_DC}}}title")
    if title is None or _TAG.search("".join(map(str, title.itertext()))):
        return data
    title.text = f"{{{{ {TITLE} }}}}"
    return etree.tostring(root)


def tags_beside_title(data: bytes) -> list[str]:
    """The tags in properties that are not filled: any but title, subject and language."""
    texts = _texts(parsed(data))
    elsewhere = [text for name, text in texts.items() if name not in {f"{{{_DC}}}{kept}" for kept in _KEPT}]
    return [match.group(0) for text in elsewhere for match in _TAG.finditer(text)]


def _texts(root: etree._Element) -> dict[str, str]:
    return {str(element.tag): "".join(map(str, element.itertext())) for element in root.iterchildren(etree.Element)}


def _core(texts: Mapping[str, str]) -> bytes:
    inside = "".join(f"<dc:{name}>{escape(texts.get(name, ''), quote=False)}</dc:{name}>" for name in _ORDER)
    return (
        f'{_DECLARATION}<cp:coreProperties xmlns:cp="{_CP}" xmlns:dc="{_DC}" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{inside}</cp:coreProperties>"
    ).encode()
