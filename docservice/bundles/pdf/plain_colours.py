"""A finished PDF for eyes that see shapes alone: its colours without the profiles that say how they look on paper.

Reading the two profiles takes pdfium longer than reading the pages of a document.
"""

from __future__ import annotations

import re

_PROFILED = re.compile(rb"\[/ICCBased (\d+) 0 R\](?=\nendobj)")
_COMPONENTS = rb"\n%s 0 obj\n<<[^\n]*/N (\d)"
_PLAIN = {b"1": b"/DeviceGray", b"3": b"/DeviceRGB"}


def without_profiles(pdf: bytes) -> bytes:
    """The PDF with plain grey and plain red, green and blue; what is not written as the typesetter writes it stays.

    Nothing in it moves: what is put in has as many bytes as what it takes the place of.
    """
    return _PROFILED.sub(lambda found: _plain(pdf, found), pdf)


def _plain(pdf: bytes, found: re.Match[bytes]) -> bytes:
    profile = re.search(_COMPONENTS % found[1], pdf)
    plain = _PLAIN.get(profile[1]) if profile else None
    return plain.ljust(len(found[0])) if plain else found[0]
