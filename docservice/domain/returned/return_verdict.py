"""Whether a document that came back is accepted, and what a person has to be asked first.

By default a person confirms the signatures of a complete document. A question is named by its subject, which says
what it is about, down to the very scans: an answer counts for as long as the same question would be asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from docservice.domain.returned.page_ledger import Ledger, ZoneDecision, ZoneOutcome
from docservice.domain.returned.scans import ReturnState, ReviewKind

CERTAIN_SCORE = 0.9
"""From here on a zone is signed without a doubt."""
GOOD_REGISTRATION = 0.5
"""From this share of agreeing patches on a page surely lies where it was measured."""


class SignaturePolicy(StrEnum):
    """Who says that a document is signed."""

    PERSON = "person"
    AUTOMATIC = "automatic"  # the machine where it is certain, a person where it is not


@dataclass(frozen=True, slots=True)
class Question:
    """A review that is needed. `subject` is unique among what may be asked."""

    kind: ReviewKind
    subject: str
    reason: str
    scan_id: str | None = None
    page: int | None = None
    zone_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnVerdict:
    """Where the document stands, what has to be asked, and what it waits for when nothing is to be asked.

    Reasons: pages_missing, outdated, question_open, signature_missing, signatures_rejected, reissue.
    """

    state: ReturnState
    questions: tuple[Question, ...] = ()
    reasons: tuple[str, ...] = ()


def zone_subject(scan_id: str, zone_id: str) -> str:
    """What the review of one zone on one scan is about."""
    return f"{ReviewKind.ZONE}:{scan_id}:{zone_id}"


def outdated_subject(document_id: str) -> str:
    """What the review of a superseded document is about."""
    return f"{ReviewKind.OUTDATED}:{document_id}"


def confirmation_subject(document_id: str, scans: Mapping[int, str]) -> str:
    """What the review of all signatures is about: the document on these very scans, by page."""
    digest = hashlib.sha256(" ".join(scan_id for _, scan_id in sorted(scans.items())).encode()).hexdigest()[:16]
    return f"{ReviewKind.CONFIRM_SIGNATURES}:{document_id}:{digest}"


def amendment_subject(scan_id: str) -> str:
    """What the review of changes by hand on one scan is about."""
    return f"{ReviewKind.HAND_AMENDED}:{scan_id}"


def page_subject(scan_id: str) -> str:
    """What the review of a scan without a place is about."""
    return f"{ReviewKind.PAGE}:{scan_id}"


def file_subject(file_or_part_id: str) -> str:
    """What the review of a file, of some of its pages or of an upload that could not be read is about."""
    return f"{ReviewKind.FILE}:{file_or_part_id}"


def return_verdict(
    ledger: Ledger, policy: SignaturePolicy, decisions: Mapping[str, str], accepted: Mapping[int, str] | None = None
) -> ReturnVerdict:
    """The verdict on a document. `decisions` maps subjects of reviews to what was decided; `accepted` are the scans
    by page on which the document was accepted before: it stays so, on the scans that stand now."""
    if accepted is not None and set(accepted) <= set(ledger.standing):
        return ReturnVerdict(ReturnState.ACCEPTED)
    if ledger.outdated:
        return _outdated(ledger, decisions)
    if ledger.missing:
        return ReturnVerdict(ReturnState.INCOMPLETE, reasons=("pages_missing",))
    required = [zone for zone in ledger.zones if zone.zone.required]
    questions = [*_unsettled(required), *_amended(ledger, decisions)]
    reasons = [*_refused(required), *_reissue(ledger, decisions)]
    if not questions and not reasons:
        if _all_confirmed(ledger, policy, required, decisions):
            return ReturnVerdict(ReturnState.ACCEPTED)
        subject = confirmation_subject(ledger.document_id, ledger.scans)
        if subject in decisions:
            reasons.append("signatures_rejected")
        else:
            questions.append(Question(ReviewKind.CONFIRM_SIGNATURES, subject, "all_signed"))
    if questions:
        reasons.append("question_open")
    return ReturnVerdict(ReturnState.NEEDS_REVIEW, tuple(questions), tuple(reasons))


def _outdated(ledger: Ledger, decisions: Mapping[str, str]) -> ReturnVerdict:
    subject = outdated_subject(ledger.document_id)
    if subject in decisions:
        return ReturnVerdict(ReturnState.INCOMPLETE, reasons=("outdated",))
    question = Question(ReviewKind.OUTDATED, subject, "superseded")
    return ReturnVerdict(ReturnState.NEEDS_REVIEW, (question,), ("outdated", "question_open"))


def _unsettled(required: list[ZoneOutcome]) -> Iterator[Question]:
    for each in required:
        if not each.settled and each.decision is None:
            subject = zone_subject(each.scan_id, each.zone.zone_id)
            yield Question(ReviewKind.ZONE, subject, each.reason, each.scan_id, each.zone.page, each.zone.zone_id)


def _refused(required: list[ZoneOutcome]) -> tuple[str, ...]:
    return ("signature_missing",) if any(each.decision is ZoneDecision.UNSIGNED for each in required) else ()


def _amended(ledger: Ledger, decisions: Mapping[str, str]) -> Iterator[Question]:
    for page, scan in sorted(ledger.standing.items()):
        subject = amendment_subject(scan.scan_id)
        if scan.reading.amendments and subject not in decisions:
            yield Question(ReviewKind.HAND_AMENDED, subject, "ink_outside_zones", scan.scan_id, page)


def _reissue(ledger: Ledger, decisions: Mapping[str, str]) -> tuple[str, ...]:
    subjects = (amendment_subject(scan.scan_id) for scan in ledger.standing.values())
    return ("reissue",) if any(decisions.get(subject) == "reissue" for subject in subjects) else ()


def _all_confirmed(
    ledger: Ledger, policy: SignaturePolicy, required: list[ZoneOutcome], decisions: Mapping[str, str]
) -> bool:
    said = decisions.get(confirmation_subject(ledger.document_id, ledger.scans))
    if said is not None:
        return said == "accept"  # whatever else would have been enough
    if all(each.decision is not None for each in required):
        return True  # a person has looked at every one, or nobody signs it
    return policy is SignaturePolicy.AUTOMATIC and _certain(ledger, required) and not _rejected(ledger, decisions)


def _rejected(ledger: Ledger, decisions: Mapping[str, str]) -> bool:
    """Whether a person has rejected the signatures on any scans of the document: after that, a person confirms."""
    about = f"{ReviewKind.CONFIRM_SIGNATURES}:{ledger.document_id}:"
    return any(choice == "reject" and subject.startswith(about) for subject, choice in decisions.items())


def _certain(ledger: Ledger, required: list[ZoneOutcome]) -> bool:
    for each in required:
        registration = ledger.standing[each.zone.page].reading.registration
        if each.decision is None and (
            each.score < CERTAIN_SCORE or registration is None or registration.score < GOOD_REGISTRATION
        ):
            return False
    return True
