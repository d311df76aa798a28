"""One PDF for the printer: every copy of the bundle in stapling order."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pikepdf

_VERSION = "1.7"  # of the documents
_DROPPED = ("/StructParents", "/Tabs")  # the structure tree stays with the single documents


def print_set(documents: Sequence[bytes], *, covers: Sequence[bytes | None], duplex: bool) -> bytes:
    """Join finished documents (PDF bytes in stapling order) once per entry of `covers`, that is per copy.

    A cover is a PDF put before its copy, or None for a copy without one. With `duplex` every document starts on
    a front side: odd page counts are padded with a blank page. The same input gives the same bytes. The result is
    for printing only: a joined file is no longer tagged, so the single documents are what is archived.
    """
    joined = pikepdf.new()
    first_copy: list[pikepdf.Page] = []
    for cover in covers:
        if cover is not None:
            _append(joined, cover, duplex)
        if first_copy:
            joined.pages.extend(first_copy)  # pages of their own, which share contents and fonts with the first ones
        else:
            start = len(joined.pages)
            for document in documents:
                _append(joined, document, duplex)
            first_copy = list(joined.pages)[start:]
    return _written(joined)


def _append(joined: pikepdf.Pdf, document: bytes, duplex: bool) -> None:
    start = len(joined.pages)
    with pikepdf.open(BytesIO(document)) as pdf:
        joined.pages.extend(pdf.pages)
    for page in list(joined.pages)[start:]:
        for key in _DROPPED:
            if key in page:
                del page[key]
    if duplex and len(joined.pages) % 2:
        joined.add_blank_page(page_size=_size(joined.pages[-1]))


def _size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = map(float, page.mediabox)
    return right - left, top - bottom


def _written(pdf: pikepdf.Pdf) -> bytes:
    """The file with its streams as they are: each document has packed its own."""
    output = BytesIO()
    pdf.save(
        output,
        min_version=_VERSION,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        deterministic_id=True,
    )
    return output.getvalue()
