"""One PDF for the printer: every copy of the bundle in stapling order."""

from __future__ import annotations

import io
from collections.abc import Sequence

from pypdf import PageObject, PdfWriter
from pypdf.generic import NameObject

from docservice.bundles.pdf.copied_pages import PagesToCopy

_DROPPED = ("/StructParents", "/Tabs")  # the structure tree stays with the single documents


def print_set(documents: Sequence[bytes], *, covers: Sequence[bytes | None], duplex: bool) -> bytes:
    """Join finished documents (PDF bytes in stapling order) once per entry of `covers`, that is per copy.

    A cover is a PDF put before its copy, or None for a copy without one. With `duplex` every document starts on
    a front side: odd page counts are padded with a blank page. The same input gives the same bytes. The result is
    for printing only: a joined file is no longer tagged, so the single documents are what is archived.
    """
    writer = PdfWriter()
    first_copy: list[PageObject] = []
    for cover in covers:
        if cover is not None:
            _append(writer, cover, duplex)
        if first_copy:
            _repeat(writer, first_copy)
        else:
            start = len(writer.pages)
            for document in documents:
                _append(writer, document, duplex)
            first_copy = [writer.pages[number] for number in range(start, len(writer.pages))]
    writer.metadata = None
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _append(writer: PdfWriter, document: bytes, duplex: bool) -> None:
    for page in PagesToCopy(document).pages:
        writer.add_page(page, _DROPPED)
    if duplex and len(writer.pages) % 2:
        writer.add_blank_page()


def _repeat(writer: PdfWriter, pages: Sequence[PageObject]) -> None:
    """Print the pages again: new page objects that share contents and fonts with the first ones."""
    for page in pages:
        again = PageObject()
        for key in page:
            if key != "/Parent":
                again[NameObject(key)] = page.raw_get(key)
        writer.add_page(again)
