"""The score of the reader counts what was said against what is true, and nothing in favour of the reader."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.scan_scores import Score, total
from docservice.domain.returned.scans import (
    Amendment,
    Grade,
    PageFinding,
    PageReading,
    Quality,
    Registration,
    ZoneReading,
    ZoneVerdict,
)
from tests.support.scan_simulator import PageKind, PageTruth, ZoneTruth

_PLACE = (1.0, 0.0, 0.0, 0.0, -1.0, 842.0, 0.0, 0.0, 1.0)
_TRUTH = PageTruth(
    PageKind.FORM,
    "grey200",
    180,
    "A" * 20,
    2,
    {"party-1": ZoneTruth(True, "latin:gel", 1.0), "city-1": ZoneTruth(False, "nothing")},
    page_to_scan=_PLACE,
)
_QUALITY = Quality(Grade.GOOD, 200.0, False, 0.9, 0.9)


def _zone(zone_id: str, verdict: ZoneVerdict) -> ZoneReading:
    return ZoneReading(zone_id, verdict, 0.5, "ink")


_RIGHT = PageReading(
    PageFinding.IDENTIFIED,
    180,
    _QUALITY,
    (),
    "A" * 20,
    2,
    Registration(_PLACE, 0.9, 40),
    (_zone("party-1", ZoneVerdict.SIGNED), _zone("city-1", ZoneVerdict.UNSIGNED)),
)


def _scored(truth: PageTruth, reading: PageReading) -> Score:
    score = Score()
    score.add(truth, reading, 12.0)
    return score


def test_a_page_read_rightly_has_no_error() -> None:
    score = _scored(_TRUTH, _RIGHT)
    assert score.errors == []
    assert (score.routing, score.recall, score.precision, score.said_signed, score.needless_reviews) == (
        100, 100, 100, 0, 0,
    )  # fmt: skip


def test_another_page_is_a_wrong_route_and_not_routed() -> None:
    score = _scored(_TRUTH, replace(_RIGHT, page=1))
    assert (score.wrong_routes, score.routed) == (1, 0)


def test_signatures_are_missed_made_up_or_asked_about() -> None:
    swapped = (_zone("party-1", ZoneVerdict.UNSIGNED), _zone("city-1", ZoneVerdict.SIGNED))
    score = _scored(_TRUTH, replace(_RIGHT, zones=swapped))
    assert (score.recall, score.precision, score.said_signed) == (0, 0, 100)
    asked = (_zone("party-1", ZoneVerdict.UNCERTAIN), _zone("city-1", ZoneVerdict.UNCERTAIN))
    score = _scored(_TRUTH, replace(_RIGHT, zones=asked))
    assert (score.uncertain, score.needless) == (100, 1)


def test_asking_about_ink_that_nobody_can_see_is_not_needless() -> None:
    zones = {"party-1": ZoneTruth(True, "latin:turquoise", 0.1)}
    asked = (_zone("party-1", ZoneVerdict.UNCERTAIN),)
    score = _scored(replace(_TRUTH, zones=zones), replace(_RIGHT, zones=asked))
    assert (score.uncertain, score.needless) == (100, 0)


def test_a_change_by_hand_is_found_or_not_and_one_made_up_is_needless() -> None:
    changed = replace(_TRUTH, amended=((100.0, 400.0, 160.0, 420.0),))
    seen = replace(_RIGHT, amendments=(Amendment((110, 405, 150, 418), 9.0),))
    assert _scored(changed, seen).changes_found == 100
    assert _scored(changed, _RIGHT).changes_found == 0
    assert _scored(_TRUTH, seen).needless == 1


def test_what_is_not_ours_must_not_be_accepted() -> None:
    blank = PageTruth(PageKind.BLANK, "grey200", readable=False)
    foreign = PageTruth(PageKind.FOREIGN, "grey200", readable=False)
    nothing = PageReading(PageFinding.BLANK, 0, _QUALITY)
    assert _scored(blank, nothing).blank_right == 100
    assert _scored(blank, _RIGHT).foreign_accepted == 1
    assert _scored(foreign, _RIGHT).foreign_accepted == 1
    unknown = replace(_RIGHT, registration=None, zones=())
    assert _scored(foreign, unknown).foreign_accepted == 0


def test_scores_add_up() -> None:
    both = total([_scored(_TRUTH, _RIGHT), _scored(_TRUTH, replace(_RIGHT, page=1))])
    assert (both.pages, both.routed, both.routing) == (2, 1, 50)
    assert both.mean_ms == 12


def test_asking_about_an_empty_line_is_needless_where_the_scan_has_shades() -> None:
    asked = replace(_RIGHT, zones=(_RIGHT.zones[0], _zone("city-1", ZoneVerdict.UNCERTAIN)))
    assert _scored(_TRUTH, asked).needless == 1
    assert _scored(replace(_TRUTH, profile="fax"), asked).needless == 0
    stamped = {**_TRUTH.zones, "city-1": ZoneTruth(False, "stamp")}
    assert _scored(replace(_TRUTH, zones=stamped), asked).needless == 0
