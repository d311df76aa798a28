"""When a document is accepted, and what has to be asked before."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from docservice.domain.documents import Role
from docservice.domain.returned.page_ledger import (
    ExpectedDocument,
    ExpectedZone,
    Ledger,
    SeenPage,
    ZoneDecision,
    page_ledger,
)
from docservice.domain.returned.return_verdict import (
    SignaturePolicy,
    confirmation_subject,
    outdated_subject,
    return_verdict,
)
from docservice.domain.returned.scans import (
    Amendment,
    Grade,
    PageFinding,
    PageReading,
    Quality,
    Registration,
    ReturnState,
    ReviewKind,
    ZoneReading,
    ZoneVerdict,
)

ZONES = (
    ExpectedZone("party-1", Role.PARTY, 2, True),
    ExpectedZone("city-1", Role.CITY, 2, True),
    ExpectedZone("interpreter-1", Role.INTERPRETER, 2, False),
)
SIGNED = {"party-1": ("signed", 0.99), "city-1": ("signed", 0.99), "interpreter-1": ("unsigned", 0.0)}
PERSON, AUTOMATIC = SignaturePolicy.PERSON, SignaturePolicy.AUTOMATIC


def scan(
    scan_id: str,
    page: int,
    zones: Mapping[str, tuple[str, float]] | None = None,
    *,
    amended: bool = False,
    registration: float | None = 0.9,
    decisions: Mapping[str, ZoneDecision] | None = None,
) -> SeenPage:
    matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    reading = PageReading(
        finding=PageFinding.IDENTIFIED,
        rotation=0,
        quality=Quality(Grade.GOOD, 300, False, 0.5, 0.9),
        registration=None if registration is None else Registration(matrix, registration, 40),
        zones=tuple(
            ZoneReading(zone_id, ZoneVerdict(verdict), score, "ink")
            for zone_id, (verdict, score) in (zones or {}).items()
        ),
        amendments=(Amendment((0.0, 0.0, 1.0, 1.0), 1.0),) if amended else (),
    )
    return SeenPage(scan_id, page, reading, scan_id, decisions or {})


def ledger(*scans: SeenPage, superseded: bool = False) -> Ledger:
    return page_ledger(ExpectedDocument("D" * 20, 2, ZONES, superseded), scans, before={})


@pytest.mark.parametrize("policy", SignaturePolicy)
def test_what_nobody_signs_is_accepted_when_it_is_all_there_and_asked_about_when_somebody_wrote_on_it(
    policy: SignaturePolicy,
) -> None:
    unsigned = ExpectedDocument("D" * 20, 1, (), superseded=False)
    plain, written_on = (page_ledger(unsigned, [scan("a", 1, amended=amended)], before={}) for amended in (False, True))
    assert return_verdict(plain, policy, {}).state is ReturnState.ACCEPTED
    (question,) = return_verdict(written_on, policy, {}).questions
    assert question.kind is ReviewKind.HAND_AMENDED


def test_a_document_with_a_gap_waits_and_nobody_is_asked() -> None:
    verdict = return_verdict(ledger(scan("b", 2)), PERSON, {})
    assert (verdict.state, verdict.questions, verdict.reasons) == (ReturnState.INCOMPLETE, (), ("pages_missing",))


def test_by_default_a_person_confirms_with_one_click() -> None:
    complete = ledger(scan("a", 1), scan("b", 2, SIGNED))
    verdict = return_verdict(complete, PERSON, {})
    (question,) = verdict.questions
    assert (verdict.state, question.kind) == (ReturnState.NEEDS_REVIEW, ReviewKind.CONFIRM_SIGNATURES)
    assert return_verdict(complete, PERSON, {question.subject: "accept"}).state is ReturnState.ACCEPTED
    rejected = return_verdict(complete, PERSON, {question.subject: "reject"})
    assert (rejected.state, rejected.questions) == (ReturnState.NEEDS_REVIEW, ())


def test_a_confirmation_is_of_these_very_scans() -> None:
    before = return_verdict(ledger(scan("a", 1), scan("b", 2, SIGNED)), PERSON, {}).questions[0].subject
    after = return_verdict(ledger(scan("a", 1), scan("c", 2, SIGNED)), PERSON, {before: "accept"})
    assert after.state is ReturnState.NEEDS_REVIEW
    assert after.questions[0].subject != before


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (scan("b", 2, SIGNED), "accepted"),
        (scan("b", 2, {**SIGNED, "city-1": ("signed", 0.7)}), "needs_review"),
        (scan("b", 2, SIGNED, registration=0.2), "needs_review"),
        (scan("b", 2, SIGNED, registration=None), "needs_review"),
        (scan("b", 2, SIGNED, amended=True), "needs_review"),
        (scan("b", 2, {**SIGNED, "city-1": ("uncertain", 0.99)}), "needs_review"),
    ],
)
def test_the_machine_decides_only_where_it_is_certain(last: SeenPage, state: str) -> None:
    assert return_verdict(ledger(scan("a", 1), last), AUTOMATIC, {}).state == state


def test_the_machine_never_overrules_a_person() -> None:
    complete = ledger(scan("a", 1), scan("b", 2, SIGNED))
    assert return_verdict(complete, AUTOMATIC, {}).state is ReturnState.ACCEPTED
    said = {confirmation_subject("D" * 20, complete.scans): "reject"}
    rejected = return_verdict(complete, AUTOMATIC, said)
    assert (rejected.state, rejected.reasons) == (ReturnState.NEEDS_REVIEW, ("signatures_rejected",))
    (question,) = return_verdict(ledger(scan("a", 1), scan("c", 2, SIGNED)), AUTOMATIC, said).questions
    assert question.kind == ReviewKind.CONFIRM_SIGNATURES


@pytest.mark.parametrize("policy", [PERSON, AUTOMATIC])
@pytest.mark.parametrize("verdict", ["unsigned", "uncertain"])
def test_every_required_zone_without_a_signature_is_asked_about(policy: SignaturePolicy, verdict: str) -> None:
    zones = {**SIGNED, "party-1": (verdict, 0.1), "city-1": (verdict, 0.1)}
    found = return_verdict(ledger(scan("a", 1), scan("b", 2, zones)), policy, {})
    assert found.state is ReturnState.NEEDS_REVIEW
    assert {(question.kind, question.zone_id) for question in found.questions} == {
        (ReviewKind.ZONE, "party-1"),
        (ReviewKind.ZONE, "city-1"),
    }


def test_a_zone_that_a_person_settled_leaves_the_others_to_be_confirmed() -> None:
    zones = {**SIGNED, "party-1": ("uncertain", 0.4)}
    one = scan("b", 2, zones, decisions={"party-1": ZoneDecision.SIGNED})
    asked = return_verdict(ledger(scan("a", 1), one), PERSON, {}).questions
    assert [question.kind for question in asked] == [ReviewKind.CONFIRM_SIGNATURES]
    all_of_them = {"party-1": ZoneDecision.SIGNED, "city-1": ZoneDecision.NOT_APPLICABLE}
    both = scan("b", 2, zones, decisions=all_of_them)
    assert return_verdict(ledger(scan("a", 1), both), PERSON, {}).state is ReturnState.ACCEPTED


def test_a_signature_that_a_person_misses_is_waited_for() -> None:
    last = scan("b", 2, SIGNED, decisions={"party-1": ZoneDecision.UNSIGNED})
    verdict = return_verdict(ledger(scan("a", 1), last), AUTOMATIC, {})
    assert (verdict.state, verdict.reasons) == (ReturnState.NEEDS_REVIEW, ("signature_missing",))


def test_a_change_by_hand_is_asked_about_once_and_then_confirmed_or_reissued() -> None:
    amended = ledger(scan("a", 1, amended=True), scan("b", 2, SIGNED))
    (question,) = return_verdict(amended, AUTOMATIC, {}).questions
    assert (question.kind, question.page, question.scan_id) == (ReviewKind.HAND_AMENDED, 1, "a")
    assert return_verdict(amended, AUTOMATIC, {question.subject: "accept"}).state is ReturnState.ACCEPTED
    assert return_verdict(amended, AUTOMATIC, {question.subject: "reissue"}).reasons == ("reissue",)


def test_an_outdated_document_is_asked_about_whatever_is_on_it() -> None:
    old = ledger(scan("a", 1), scan("b", 2, SIGNED), superseded=True)
    verdict = return_verdict(old, AUTOMATIC, {})
    assert (verdict.state, verdict.questions[0].kind) == (ReturnState.NEEDS_REVIEW, ReviewKind.OUTDATED)
    dismissed = return_verdict(old, AUTOMATIC, {outdated_subject("D" * 20): "dismiss"})
    assert (dismissed.state, dismissed.reasons) == (ReturnState.INCOMPLETE, ("outdated",))


def test_what_was_accepted_stays_so() -> None:
    worse = ledger(scan("a", 1), scan("b", 2, {"party-1": ("uncertain", 0.3)}, amended=True))
    assert return_verdict(worse, PERSON, {}, accepted={1: "a", 2: "b"}).state is ReturnState.ACCEPTED
