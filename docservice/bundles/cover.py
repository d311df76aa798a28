"""The optional cover sheet of a copy: for whom it is, and how many pages of what lie beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from babel.dates import format_date

from docservice.domain.documents import Letterhead
from docservice.domain.kinds import KINDS, Kind
from docservice.tools.typst import Typesetter

_COPIES = {"city": "Exemplar für die Stadt", "family": "Exemplar für die Familie"}
_HINTS = {
    "city": "Bitte vollständig unterschrieben zurückgeben; dieses Exemplar wird eingescannt.",
    "family": "Dieses Exemplar bleibt bei Ihnen.",
}


def cover_page(
    letterhead: Letterhead,
    reference: str,
    copy: str,
    parts: Sequence[tuple[Kind, int]],
    day: date,
    layout: Path,
    typesetter: Typesetter,
) -> bytes:
    """One page as PDF for the copy ("city" or "family"); `parts` are kinds with their page counts.

    It carries the reference and no name. It is German, for the office and the copying room, and has no page code:
    a cover that comes back with the stack is a foreign page.
    """
    data = {
        "authority": letterhead.authority,
        "unit": letterhead.unit,
        "reference": reference,
        "title": _COPIES[copy],
        "hint": _HINTS[copy],
        "date": [day.year, day.month, day.day],
        "day": format_date(day, "long", locale="de"),
        "parts": [{"name": KINDS[kind].name, "pages": _pages(pages)} for kind, pages in parts],
    }
    return typesetter.typeset(layout, data)


def _pages(count: int) -> str:
    return "1 Seite" if count == 1 else f"{count} Seiten"
