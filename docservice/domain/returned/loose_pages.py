"""Scanned pages that belong to no document yet: what they are, and where they probably belong. Nothing is assigned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docservice.domain.page_codes import NO_DOCUMENT, WHOLE_DOCUMENT
from docservice.domain.returned.scans import Grade, PageFinding, PageReading, PageVerdict, Proposal

Place = tuple[str, int]
"""A page of a document."""
_BY_NEIGHBOURS = 0.7
_LEFT_TO_A_PERSON = {
    PageFinding.CONFLICTING: "conflicting_codes",
    PageFinding.NOT_WHOLE: "not_whole",
    PageFinding.BESIDE: "second_sheet",
    PageFinding.MIRRORED: "mirrored",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A page of a stack as its neighbours see it: its place when it has one; blank pages are left out.

    `clear`: its picture is good, so that it would have been found by likeness.
    """

    scan_id: str
    place: Place | None
    clear: bool


def loose_verdict(
    reading: PageReading, proposal: Proposal | None, *, known: bool, choice: str | None
) -> tuple[PageVerdict, str]:
    """The verdict on a page without a place, and the reason. `known`: the document it names exists; `choice`: what a
    person said about it.

    Reasons: blank, dismissed, rescan, conflicting_codes, not_whole, second_sheet (beside a page that was read),
    mirrored, preview, unknown_document, page_unknown (the code of a Word document), no_such_page, no_code (but it looks
    like one of ours), poor_quality, no_likeness.
    """
    if choice == "dismiss":
        return PageVerdict.FOREIGN, "dismissed"
    if choice == "rescan":
        return PageVerdict.UNREADABLE, "rescan"
    if reading.finding is PageFinding.BLANK:
        return PageVerdict.BLANK, "blank"
    if reading.finding in _LEFT_TO_A_PERSON:
        return PageVerdict.UNREADABLE, _LEFT_TO_A_PERSON[reading.finding]
    if reading.finding is PageFinding.IDENTIFIED:
        return _named(reading, known)
    if proposal is not None:
        return PageVerdict.UNREADABLE, "no_code"
    if reading.quality.grade is Grade.POOR:
        return PageVerdict.UNREADABLE, "poor_quality"
    return PageVerdict.FOREIGN, "no_likeness"


def by_neighbours(stack: Sequence[Neighbour], missing: Mapping[str, Sequence[int]]) -> Mapping[str, Proposal]:
    """Proposals for single pages without a place, by the pages before and after them; `missing` by document.

    A page is proposed when exactly one missing page fits: the one between two pages of a document (in either order),
    or, for a page that is not clear, the only one that completes a document beside it.
    """
    found: dict[str, Proposal] = {}
    for position, page in enumerate(stack):
        if page.place is None:
            before = stack[position - 1].place if position > 0 else None
            after = stack[position + 1].place if position + 1 < len(stack) else None
            fitting = _between(before, after, missing) or (set() if page.clear else _beside(before, after, missing))
            if len(fitting) == 1:
                ((document_id, number),) = fitting
                found[page.scan_id] = Proposal(document_id, number, _BY_NEIGHBOURS, "by_neighbours")
    return found


def _named(reading: PageReading, known: bool) -> tuple[PageVerdict, str]:
    if reading.document_id == NO_DOCUMENT:
        return PageVerdict.FOREIGN, "preview"
    if not known:
        return PageVerdict.FOREIGN, "unknown_document"
    if reading.page == WHOLE_DOCUMENT:
        return PageVerdict.UNREADABLE, "page_unknown"
    return PageVerdict.UNREADABLE, "no_such_page"


def _between(before: Place | None, after: Place | None, missing: Mapping[str, Sequence[int]]) -> set[Place]:
    if before is None or after is None or before[0] != after[0] or abs(before[1] - after[1]) != 2:
        return set()
    middle = (before[1] + after[1]) // 2
    return {(before[0], middle)} if middle in missing.get(before[0], ()) else set()


def _beside(before: Place | None, after: Place | None, missing: Mapping[str, Sequence[int]]) -> set[Place]:
    fitting: set[Place] = set()
    for document_id, number in filter(None, (before, after)):
        gaps = missing.get(document_id, ())
        if len(gaps) == 1 and abs(gaps[0] - number) == 1:
            fitting.add((document_id, gaps[0]))
    return fitting
