"""Values inside right-to-left text of a Word file stand in runs of their own, which run from left to right."""

from __future__ import annotations

import re

from docservice.domain.languages import LRM
from docservice.domain.text.bidi import RIGHT_TO_LEFT

_VALUE = re.compile(f"{LRM}[^{LRM}<>{RIGHT_TO_LEFT}]+{LRM}")
_TEXT = re.compile(r"<w:t(?: [^>]*)?>[^<]*</w:t>")
_PROPERTIES = re.compile(r"<w:rPr>.*?</w:rPr>", re.DOTALL)
_TURNED = re.compile(r'<w:rtl(?: w:val="(?:1|true|on)")?/>')
_OF_SECOND_LANGUAGE = re.compile(r"<w:(?:rtl|cs|lang|noProof)(?: [^>]*)?/>")
_BEFORE_NO_PROOF = re.compile(  # what the schema wants in front of it
    r"<w:rPr>(?:<w:(?:rStyle|rFonts|bCs|b|iCs|i|caps|smallCaps|strike|dstrike|outline|shadow|emboss|imprint)"
    r"(?: [^>]*)?/>)*"
)


def values_apart(xml: str, start: int) -> str:
    """The XML of a part, in which each value between left-to-right marks in a right-to-left run (`w:rtl`), from
    `start` on, is a run without that, and without spelling marks; all else about the runs stays.

    Word turns brackets, hyphens and dots at the edge of a right-to-left run round, whatever the marks say.
    """
    pieces: list[str] = []
    done = start
    while (at := xml.find(LRM, done)) >= 0:
        opened = max(xml.rfind("<w:r>", done, at), xml.rfind("<w:r ", done, at))
        closed = xml.find("</w:r>", at)
        if opened < 0 or closed < 0:
            pieces.append(xml[done : at + 1])
            done = at + 1
            continue
        pieces += (xml[done:opened], _parted(xml[opened:closed]))
        done = closed
    return "".join((xml[:start], *pieces, xml[done:])) if pieces else xml


def _parted(run: str) -> str:
    found = _PROPERTIES.search(run)
    if found is None or not _TURNED.search(found.group()):
        return run
    around = found.group()
    own = _BEFORE_NO_PROOF.sub(r"\g<0><w:noProof/>", _OF_SECOND_LANGUAGE.sub("", around), count=1)
    before, after = (f'</w:t></w:r><w:r>{properties}<w:t xml:space="preserve">' for properties in (own, around))
    return _TEXT.sub(lambda text: _VALUE.sub(rf"{before}\g<0>{after}", text.group()), run)
