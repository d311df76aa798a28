"""The questions of the review queue in words (`messages`), and the answers each of them takes."""

from __future__ import annotations

from collections.abc import Iterable

from docservice.domain.returned.scans import ReviewKind
from docservice.domain.text.messages import Sentence, catalogue, say

CHOICES = {
    ReviewKind.CONFIRM_SIGNATURES: ("accept", "reject"),
    ReviewKind.ZONE: ("signed", "unsigned", "not_applicable"),
    ReviewKind.PAGE: ("confirm_proposal", "assign", "dismiss", "rescan"),
    ReviewKind.OUTDATED: ("accept", "dismiss"),
    ReviewKind.HAND_AMENDED: ("accept", "reissue"),
    ReviewKind.FILE: ("retry", "dismiss"),
}


def question(kind: ReviewKind, reason: str) -> Sentence:
    """The question of a review."""
    key = f"questions.{kind}.{reason}"
    return say(key) if key in catalogue("de") else say(f"questions.{kind}.otherwise")


def other_revisions(own: int, accepted: Iterable[int]) -> Sentence | None:
    """What whoever accepts a revision has to know of the others that are accepted."""
    latest = max(accepted, default=None)
    if latest is None:
        return None
    if latest > own:
        return say("questions.other_revisions.later", latest=latest, own=own)
    return say("questions.other_revisions.earlier", latest=latest, own=own)


def explanation(reason: str | None) -> Sentence | None:
    """Why a page has its verdict, where that needs a word."""
    if reason is None or reason == "blank":
        return None
    key = f"questions.settled.{reason}"
    return say(key) if key in catalogue("de") else question(ReviewKind.PAGE, reason)


def choices(kind: ReviewKind, *, proposal: bool, picture: bool) -> tuple[str, ...]:
    """What may be decided. A page is only confirmed where one is proposed, and only assigned where it can be seen."""
    if kind is not ReviewKind.PAGE:
        return CHOICES[kind]
    left_out = {name for name, there in (("confirm_proposal", proposal), ("assign", picture)) if not there}
    return tuple(choice for choice in CHOICES[kind] if choice not in left_out)
