"""Sets a document tree as PDF: the tree becomes plain data for the layout, the typesetter does the rest.

The layout never evaluates a value. Two things are decided only once the pages are known, and cost another pass: more
page codes than were supplied, and a signature block that would stand alone at the top of a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docservice.domain.documents import (
    Block,
    Clauses,
    Document,
    Facts,
    Heading,
    Pair,
    PlacedZone,
    Row,
    RowKind,
    SignatureZone,
    Table,
    Typeset,
)
from docservice.domain.errors import DocserviceError
from docservice.domain.page_codes import PageCode
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import RawTypeset, Typesetter

_CODES = 4  # pages most documents stay within
_LONG_ROW = 600  # letters in one language: above it a row may be torn
_STICKY_LETTERS = 500  # a last block shorter than this moves as a whole with the signatures
_STICKY_ROWS = 4
_UNBROKEN = 18  # letters of a word that fit into the narrowest column


def typeset(
    document: Document, document_id: str, layout: Path, typesetter: Typesetter, codes: CodeDrawer
) -> Typeset:
    """The document as PDF/A-2a and PDF/UA-1 with its page codes, and the places of its signature zones.

    The same input gives the same bytes. Raises DocserviceError: "typeset_failed", "typeset_timeout",
    "typeset_memory" from the typesetter, "typeset_failed" when the layout lost a zone.
    """
    data = layout_data(document)
    data["codes"] = [_drawing(codes, document_id, page) for page in range(1, _CODES + 1)]
    raw = typesetter.typeset(layout, data)
    for _ in range(3):
        wanted = _mend(data, raw)
        if not wanted:
            break
        data |= wanted
        data["codes"] += [
            _drawing(codes, document_id, page) for page in range(len(data["codes"]) + 1, raw.pages + 3)
        ]
        raw = typesetter.typeset(layout, data)
    return Typeset(raw.pdf, raw.pages, tuple(_placed(document.zones, raw)))
