"""Every question a person may be asked has words in both languages, and answers that fit it."""

from __future__ import annotations

import pytest

from docservice.domain.returned.scans import ReviewKind
from docservice.scans.asking.questions import CHOICES, choices, explanation, question

ZONE_REASONS = (
    "ink", "no_ink", "little_ink", "faint_ink", "bilevel_without_ink", "straight_lines", "solid_shape", "cross",
    "mirrored_ink", "not_registered", "outside_scan", "not_read", "on_another_copy",
)  # fmt: skip
PAGE_REASONS = (
    "no_code", "poor_quality", "conflicting_codes", "not_whole", "second_sheet", "mirrored", "no_likeness", "preview",
    "unknown_document", "page_unknown", "no_such_page", "broken", "internal_error",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        *((ReviewKind.ZONE, reason) for reason in ZONE_REASONS),
        *((ReviewKind.PAGE, reason) for reason in PAGE_REASONS),
        *((ReviewKind.FILE, reason) for reason in ("rejected", "part_failed", "upload_failed")),
        (ReviewKind.CONFIRM_SIGNATURES, "all_signed"),
        (ReviewKind.OUTDATED, "superseded"),
        (ReviewKind.HAND_AMENDED, "ink_outside_zones"),
    ],
)
def test_a_question_has_words(kind: ReviewKind, reason: str) -> None:
    said = question(kind, reason)
    assert said.en.endswith(".")
    assert said.de.endswith(".")
    assert said.en != said.de


@pytest.mark.parametrize("reason", [*PAGE_REASONS, "dismissed", "rescan", "same_bytes", "same_page_again"])
def test_a_page_that_does_not_stand_is_explained(reason: str) -> None:
    assert explanation(reason) is not None


def test_a_page_that_needs_no_word_gets_none() -> None:
    assert explanation(None) is explanation("blank") is None


def test_every_kind_has_answers_and_a_page_only_those_that_make_sense() -> None:
    assert set(CHOICES) == set(ReviewKind)
    assert choices(ReviewKind.PAGE, proposal=True, picture=True) == CHOICES[ReviewKind.PAGE]
    assert choices(ReviewKind.PAGE, proposal=False, picture=False) == ("dismiss", "rescan")
    assert choices(ReviewKind.ZONE, proposal=False, picture=False) == CHOICES[ReviewKind.ZONE]
