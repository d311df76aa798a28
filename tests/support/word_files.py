"""Word files for tests: small templates written by hand, the oracle (docxtpl itself), and what a file says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

from docx import Document as WordDocument
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from docservice.domain.documents import Document
from docservice.templates.word.compile import CompiledWord
from tests.support.content import TEMPLATES

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCUMENT_ID = "0123456789ABCDEFGHJK"


class _Oracle(DocxTemplate):  # type: ignore[misc]
    """docxtpl, remembering how it patches a part: the same templates are filled hundreds of times."""

    _patched: ClassVar[dict[str, str]] = {}

    def patch_xml(self, src_xml: str) -> str:
        if src_xml not in self._patched:
            self._patched[src_xml] = super().patch_xml(src_xml)
        return self._patched[src_xml]


class _Sandbox(SandboxedEnvironment):
    """The stock sandbox, remembering what it compiled: most of the oracle's time would go into compiling again."""

    @cache  # noqa: B019 - there is one sandbox, and it lives as long as the tests
    def from_string(self, source: str) -> Template:  # type: ignore[override]
        return super().from_string(source)


_SANDBOX = _Sandbox(autoescape=True, undefined=StrictUndefined)


def layout_of(document: Document) -> str:
    """Which of the Word templates of a version a document is made with."""
    if document.language is None:
        return "de"
    return "rtl" if document.language.right_to_left else "ltr"


def template_path(document: Document) -> Path:
    """The shipped Word template of a document."""
    return TEMPLATES / "docx" / f"{document.template}-{layout_of(document)}.docx"


def written_in_word(*paragraphs: str, table: list[list[str]] | None = None, header: str = "") -> bytes:
    """A template as somebody writes it in Word: with all the styles, theme and thumbnail that Word puts in."""
    file = WordDocument()
    for text in paragraphs:
        file.add_paragraph(text)
    if table:
        grid = file.add_table(len(table), len(table[0]))
        for row, texts in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if header:
        file.sections[0].header.paragraphs[0].text = header
    saved = io.BytesIO()
    file.save(saved)
    return saved.getvalue()


def compiled(*paragraphs: str, table: list[list[str]] | None = None, header: str = "") -> CompiledWord:
    """Such a template, compiled."""
    return CompiledWord(written_in_word(*paragraphs, table=table, header=header), "template.docx")


def filled_by_docxtpl(
    template: bytes, context: Mapping[str, object], pictures: Mapping[str, bytes], title: str = ""
) -> bytes:
    """The oracle: docxtpl with the stock sandbox, escaping, and unknown names as errors; `title` of the properties."""
    tpl = _Oracle(io.BytesIO(template))
    for name, picture in pictures.items():
        tpl.replace_pic(name, io.BytesIO(picture))
    tpl.render(dict(context), _SANDBOX)
    if title:
        tpl.core_properties.title = title
    saved = io.BytesIO()
    tpl.save(saved)
    return saved.getvalue()


def canonical(data: bytes) -> dict[str, bytes]:
    """The members of a Word file, XML in its canonical form."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {
            name: etree.tostring(etree.fromstring(file.read(name)), method="c14n")
            if name.endswith((".xml", ".rels"))
            else file.read(name)
            for name in file.namelist()
        }


def part(data: bytes, name: str = "word/document.xml") -> etree._Element:
    """One part of a Word file, parsed."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return etree.fromstring(file.read(name))


def texts(data: bytes, name: str = "word/document.xml") -> list[str]:
    """The texts of a part's paragraphs, in reading order, breaks and tabs as they are."""
    found = ("".join(_characters(paragraph)) for paragraph in part(data, name).iter(f"{{{W}}}p"))
    return [text for text in found if text]


def words(text: str) -> list[str]:
    """Text as the words of it."""
    return text.split()


def _characters(paragraph: etree._Element) -> Iterator[str]:
    for node in paragraph.iter(f"{{{W}}}t", f"{{{W}}}br", f"{{{W}}}tab"):
        kind = etree.QName(node).localname
        yield (node.text or "") if kind == "t" else "\n" if kind == "br" else "\t"
