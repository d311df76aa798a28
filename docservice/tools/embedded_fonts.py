"""Whether a PDF carries the fonts it shows text with, as PDF/A demands (ISO 19005-2, 6.2.11.4)."""

from __future__ import annotations

import pikepdf

_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")


def is_embedded(font: pikepdf.Object) -> bool:
    """Whether the program of a font, or of all fonts that it is made of, is in the file; drawn glyphs always are."""
    if "/CharProcs" in font:
        return True
    descendants = font.get("/DescendantFonts", pikepdf.Array()).as_list()
    return all(
        any(program in each.get("/FontDescriptor", pikepdf.Dictionary()) for program in _PROGRAMS)
        for each in (list(descendants) or [font])
    )
