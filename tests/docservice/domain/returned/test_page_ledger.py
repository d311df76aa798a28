"""The page ledger: which scan stands for which page, whatever the order, and what the others are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.documents import Role
from docservice.domain.returned.page_ledger import (
    DuplicateKind,
    ExpectedDocument,
    ExpectedZone,
    SeenPage,
    ZoneDecision,
    page_ledger,
)
from docservice.domain.returned.scans import (
    Amendment,
    Grade,
    PageFinding,
    PageReading,
    PageVerdict,
    Quality,
    Registration,
    ZoneReading,
    ZoneVerdict,
)

UPRIGHT = Registration((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), 0.9, 40)
DOCUMENT = ExpectedDocument(
    "D" * 20,
    3,
    (
        ExpectedZone("party-1", Role.PARTY, 3, True),
        ExpectedZone("city-1", Role.CITY, 3, True),
        ExpectedZone("interpreter-1", Role.INTERPRETER, 3, False),
    ),
)


def seen(
    scan_id: str,
    page: int,
    *,
    grade: Grade = Grade.GOOD,
    sharpness: float = 0.5,
    amended: bool = False,
    registered: bool = True,
    decisions: Mapping[str, ZoneDecision] | None = None,
    pixels: str | None = None,
    **zones: str,
) -> SeenPage:
    """A scan; zones are given as party_1="signed"."""
    reading = PageReading(
        finding=PageFinding.IDENTIFIED,
        rotation=0,
        quality=Quality(grade, 300, False, sharpness, 0.9),
        registration=UPRIGHT if registered else None,
        zones=tuple(
            ZoneReading(name.replace("_", "-"), ZoneVerdict(verdict), 0.9, "ink") for name, verdict in zones.items()
        ),
        amendments=(Amendment((0.0, 0.0, 1.0, 1.0), 1.0),) if amended else (),
    )
    return SeenPage(scan_id, page, reading, pixels or scan_id, decisions or {})


def test_a_page_that_was_not_seen_is_missing() -> None:
    ledger = page_ledger(DOCUMENT, [seen("a", 3), seen("b", 1)], before={})
    assert (ledger.present, ledger.missing, ledger.duplicates) == ((1, 3), (2,), ())
    assert ledger.scans == {1: "b", 3: "a"}


@given(st.permutations([seen(f"{page}", page, sharpness=page / 10) for page in (1, 2, 3)]))
def test_the_order_of_the_pages_changes_nothing(scans: list[SeenPage]) -> None:
    assert page_ledger(DOCUMENT, scans, before={}).scans == {1: "1", 2: "2", 3: "3"}


SCANS = [
    seen("poor", 3, grade=Grade.POOR, party_1="signed", city_1="signed"),
    seen("half", 3, party_1="signed", city_1="unsigned"),
    seen("loose", 3, registered=False, party_1="signed", city_1="signed"),
    seen("blurred", 3, sharpness=0.2, party_1="signed", city_1="signed"),
    seen("best", 3, party_1="signed", city_1="signed"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(SCANS))[::7])
def test_signatures_count_before_registration_before_grade_before_sharpness(order: tuple[SeenPage, ...]) -> None:
    """The scan with most signatures stands, wherever it lies in the stack."""
    ledger = page_ledger(DOCUMENT, order, before={})
    assert ledger.scans == {3: "best"}
    assert ledger.verdict("best") == (PageVerdict.MATCHED, None)
    assert {ledger.verdict(scan.scan_id)[0] for scan in SCANS[:-1]} == {PageVerdict.DUPLICATE}


def test_duplicates_are_told_apart() -> None:
    scans = [
        seen("first", 1, grade=Grade.POOR),
        seen("second", 1, pixels="same"),
        seen("third", 1, pixels="same"),
        seen("fourth", 1, grade=Grade.FAIR),
    ]
    ledger = page_ledger(DOCUMENT, scans, before={})
    assert {scan_id: kind for scan_id, (_, kind) in ledger.copies.items()} == {
        "first": DuplicateKind.BETTER_SCAN,
        "third": DuplicateKind.SAME_BYTES,
        "fourth": DuplicateKind.SAME_PAGE_AGAIN,
    }
    assert ledger.duplicates == (1,)


def test_what_stands_is_replaced_only_by_what_is_plainly_better() -> None:
    stood = seen("stood", 1, grade=Grade.FAIR, sharpness=0.1)
    sharper, good = seen("sharper", 1, grade=Grade.FAIR, sharpness=1.0), seen("good", 1)
    assert page_ledger(DOCUMENT, [stood, sharper], before={}).scans == {1: "sharper"}
    assert page_ledger(DOCUMENT, [stood, sharper], before={1: "stood"}).scans == {1: "stood"}
    assert page_ledger(DOCUMENT, [stood, sharper, good], before={1: "stood"}).scans == {1: "good"}


@pytest.mark.parametrize(
    ("again", "stands"),
    [
        (seen("again", 3, party_1="signed", city_1="signed"), "again"),
        (seen("again", 3, party_1="signed", city_1="signed", amended=True), "stood"),
        (seen("again", 3, party_1="signed", city_1="uncertain"), "stood"),
        (seen("again", 3, grade=Grade.POOR, party_1="signed", city_1="signed"), "stood"),
    ],
)
def test_what_was_accepted_is_replaced_only_by_what_needs_no_person(again: SeenPage, stands: str) -> None:
    stood = seen("stood", 3, grade=Grade.FAIR, party_1="signed", city_1="signed")
    assert page_ledger(DOCUMENT, [stood, again], before={3: "stood"}, accepted=True).scans == {3: stands}


def test_a_decision_belongs_to_the_scan_it_was_made_on_and_keeps_it() -> None:
    decided = seen("decided", 3, city_1="signed", party_1="uncertain", decisions={"party-1": ZoneDecision.SIGNED})
    ledger = page_ledger(DOCUMENT, [decided, seen("new", 3, city_1="signed", party_1="uncertain")], before={})
    assert ledger.scans == {3: "decided"}
    assert [(zone.zone.zone_id, zone.settled) for zone in ledger.zones] == [
        ("party-1", True),
        ("city-1", True),
        ("interpreter-1", False),
    ]


UNSIGNED = {"party-1": ZoneDecision.UNSIGNED}


@pytest.mark.parametrize("again", ["signed", "uncertain", "unsigned"])
@pytest.mark.parametrize("before", [{}, {3: "missed"}])
def test_a_scan_on_which_a_person_missed_a_signature_gives_way(again: str, before: dict[int, str]) -> None:
    missed = seen("missed", 3, city_1="signed", party_1="uncertain", decisions=UNSIGNED)
    later = seen("again", 3, grade=Grade.FAIR, city_1="signed", party_1=again)
    assert page_ledger(DOCUMENT, [missed, later], before=before).scans == {3: "again"}


def test_a_rejected_scan_gives_way_where_signatures_are_needed() -> None:
    scans = [
        seen("front", 1),
        seen("rejected", 3, party_1="signed", city_1="signed"),
        seen("front-again", 1),
        seen("anew", 3, grade=Grade.FAIR, party_1="signed", city_1="signed"),
    ]
    stood = {1: "front", 3: "rejected"}
    ledger = page_ledger(DOCUMENT, scans, before=stood, refused={"front", "rejected"})
    assert ledger.scans == {1: "front", 3: "anew"}
    assert ledger.verdict("rejected") == (PageVerdict.DUPLICATE, "refused")
    assert ledger.verdict("front-again") == (PageVerdict.DUPLICATE, "same_page_again")
    assert page_ledger(DOCUMENT, scans[:2], before=stood, refused={"front", "rejected"}).scans == stood


@pytest.mark.parametrize(("decisions", "refused"), [(UNSIGNED, set[str]()), ({}, {"first"})])
def test_the_very_picture_that_was_refused_is_not_asked_about_again(
    decisions: dict[str, ZoneDecision], refused: set[str]
) -> None:
    first = seen("first", 3, city_1="signed", party_1="uncertain", decisions=decisions, pixels="same")
    copy = seen("copy", 3, city_1="signed", party_1="uncertain", pixels="same")
    ledger = page_ledger(DOCUMENT, [first, copy], before={3: "first"}, refused=refused)
    assert ledger.scans == {3: "first"}
    assert ledger.verdict("copy") == (PageVerdict.DUPLICATE, "same_bytes")


def test_a_zone_that_was_not_read_is_uncertain_and_one_on_another_copy_is_said_to_be() -> None:
    ledger = page_ledger(
        DOCUMENT, [seen("a", 3, party_1="signed"), seen("b", 3, city_1="signed", party_1="unsigned")], before={}
    )
    found = {zone.zone.zone_id: (zone.verdict, zone.reason) for zone in ledger.zones}
    assert found == {
        "party-1": (ZoneVerdict.SIGNED, "ink"),
        "city-1": (ZoneVerdict.UNCERTAIN, "on_another_copy"),
        "interpreter-1": (ZoneVerdict.UNCERTAIN, "not_read"),
    }


@pytest.mark.parametrize(
    ("accepted", "said_to_count", "outdated"), [(False, False, True), (True, False, False), (False, True, False)]
)
def test_pages_of_a_superseded_revision_stand_for_nothing(accepted: bool, said_to_count: bool, outdated: bool) -> None:
    old = ExpectedDocument("D" * 20, 1, (), superseded=True)
    ledger = page_ledger(old, [seen("a", 1)], before={}, accepted=accepted, outdated_accepted=said_to_count)
    assert ledger.outdated is outdated
    assert ledger.verdict("a")[0] is (PageVerdict.OUTDATED if outdated else PageVerdict.MATCHED)
    assert ledger.missing == (), "a revision that does not count lacks nothing"
