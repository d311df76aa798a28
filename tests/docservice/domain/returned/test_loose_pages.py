"""Pages without a place: what they are said to be, and what their neighbours propose."""

from __future__ import annotations

import pytest

from docservice.domain.page_codes import NO_DOCUMENT
from docservice.domain.returned.loose_pages import Neighbour, Place, by_neighbours, loose_verdict
from docservice.domain.returned.scans import Grade, PageFinding, PageReading, PageVerdict, Proposal, Quality

A, B = "A" * 20, "B" * 20


def reading(finding: PageFinding, grade: Grade = Grade.GOOD, document: str | None = None, page: int = 1) -> PageReading:
    return PageReading(finding, 0, Quality(grade, 300, False, 0.5, 0.9), (), document, page)


@pytest.mark.parametrize(
    ("read", "known", "verdict", "reason"),
    [
        (reading(PageFinding.BLANK), False, PageVerdict.BLANK, "blank"),
        (reading(PageFinding.CONFLICTING), False, PageVerdict.UNREADABLE, "conflicting_codes"),
        (reading(PageFinding.BESIDE), False, PageVerdict.UNREADABLE, "second_sheet"),
        (reading(PageFinding.MIRRORED), False, PageVerdict.UNREADABLE, "mirrored"),
        (reading(PageFinding.IDENTIFIED, document=NO_DOCUMENT), False, PageVerdict.FOREIGN, "preview"),
        (reading(PageFinding.IDENTIFIED, document=A), False, PageVerdict.FOREIGN, "unknown_document"),
        (reading(PageFinding.IDENTIFIED, document=A, page=0), True, PageVerdict.UNREADABLE, "page_unknown"),
        (reading(PageFinding.IDENTIFIED, document=A, page=9), True, PageVerdict.UNREADABLE, "no_such_page"),
        (reading(PageFinding.NO_CODE), False, PageVerdict.FOREIGN, "no_likeness"),
        (reading(PageFinding.NO_CODE, Grade.POOR), False, PageVerdict.UNREADABLE, "poor_quality"),
    ],
)
def test_what_a_page_says_by_itself(read: PageReading, known: bool, verdict: PageVerdict, reason: str) -> None:
    assert loose_verdict(read, None, known=known, choice=None) == (verdict, reason)


def test_a_likeness_makes_it_one_of_ours_perhaps_and_a_person_has_the_last_word() -> None:
    read, proposal = reading(PageFinding.NO_CODE), Proposal(A, 1, 0.9, "by_picture")
    assert loose_verdict(read, proposal, known=False, choice=None) == (PageVerdict.UNREADABLE, "no_code")
    assert loose_verdict(read, proposal, known=False, choice="dismiss") == (PageVerdict.FOREIGN, "dismissed")
    assert loose_verdict(read, proposal, known=False, choice="rescan") == (PageVerdict.UNREADABLE, "rescan")


@pytest.mark.parametrize(
    ("before", "after", "missing", "clear", "expected"),
    [
        ((A, 1), (A, 3), {A: (2,)}, True, (A, 2)),
        ((A, 3), (A, 1), {A: (2,)}, True, (A, 2)),
        ((A, 1), (A, 3), {A: ()}, True, None),
        ((A, 1), (A, 4), {A: (2, 3)}, True, None),
        ((A, 1), (B, 1), {A: (2,)}, False, (A, 2)),
        ((A, 1), (B, 1), {A: (2,)}, True, None),
        ((A, 1), (B, 2), {A: (2,), B: (1,)}, False, None),
        ((A, 1), None, {A: (2,)}, False, (A, 2)),
        (None, (B, 2), {B: (1,)}, False, (B, 1)),
        ((A, 1), None, {A: (2, 3)}, False, None),
        (None, None, {A: (2,)}, False, None),
    ],
)
def test_neighbours_propose_a_page_when_exactly_one_fits(
    before: Place | None, after: Place | None, missing: dict[str, tuple[int, ...]], clear: bool, expected: Place | None
) -> None:
    stack = [Neighbour("before", before, True), Neighbour("x", None, clear), Neighbour("after", after, True)]
    if before is None:
        stack = stack[1:]
    if after is None:
        stack = stack[:-1]
    proposal = by_neighbours(stack, missing).get("x")
    assert (None if proposal is None else (proposal.document_id, proposal.page)) == expected
