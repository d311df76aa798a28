"""Scores what the reader says of scanned pages against the truth of the simulator."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from docservice.domain.returned.scans import PageFinding, PageReading, Rect, ZoneVerdict
from tests.support.scan_simulator import NOTHING, PROFILES, PageKind, PageTruth

SEEN = 0.6
"""The share of a signature's path that has to stand out for asking a person to be needless."""


@dataclass(slots=True)
class Score:
    """Counts over pages. `errors` names each page that went wrong: its number and what was wrong."""

    pages: int = 0
    forms: int = 0  # whose code a person could read
    routed: int = 0
    wrong_routes: int = 0
    turned_wrong: int = 0  # routed, but not seen which way up
    others: int = 0  # blank and foreign pages, and unreadable forms
    foreign_accepted: int = 0
    blanks: int = 0
    blanks_right: int = 0
    forms_said_blank: int = 0
    signed: int = 0  # zones that are signed
    found: int = 0
    signed_uncertain: int = 0
    missed: int = 0  # said to be unsigned
    unsigned: int = 0  # zones that are not
    unsigned_said_signed: int = 0
    unsigned_uncertain: int = 0
    needless: int = 0  # pages sent to a person without need
    amended: int = 0  # places changed by hand
    amended_found: int = 0
    false_amendments: int = 0  # pages
    cpu_ms: list[float] = field(default_factory=list)
    offsets: list[float] = field(default_factory=list)  # of the registration, in points
    errors: list[tuple[int, str]] = field(default_factory=list)

    def add(self, truth: PageTruth, reading: PageReading, cpu_ms: float) -> None:
        """Count one page."""
        self.pages += 1
        self.cpu_ms.append(cpu_ms)
        if truth.kind is PageKind.FORM and truth.readable:
            self._form(truth, reading)
        else:
            self._other(truth, reading)

    def merged(self, other: Score) -> Score:
        """Both together."""
        both = Score()
        for name in self.__dataclass_fields__:
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both

    # -- rates ----------------------------------------------------------------------------------------------------

    @property
    def routing(self) -> float:
        return _percent(self.routed, self.forms)

    @property
    def recall(self) -> float:
        """Of the signed zones that got an answer: said to be signed. "Uncertain" is a question, counted apart."""
        return _percent(self.found, self.found + self.missed)

    @property
    def precision(self) -> float:
        return _percent(self.found, self.found + self.unsigned_said_signed)

    @property
    def said_signed(self) -> float:
        return _percent(self.unsigned_said_signed, self.unsigned, empty=0.0)

    @property
    def uncertain(self) -> float:
        return _percent(self.signed_uncertain, self.signed, empty=0.0)

    @property
    def needless_reviews(self) -> float:
        return _percent(self.needless, self.pages, empty=0.0)

    @property
    def blank_right(self) -> float:
        return _percent(self.blanks_right, self.blanks)

    @property
    def changes_found(self) -> float:
        return _percent(self.amended_found, self.amended)

    @property
    def mean_ms(self) -> float:
        return statistics.mean(self.cpu_ms) if self.cpu_ms else 0.0

    @property
    def p95_ms(self) -> float:
        return float(np.percentile(self.cpu_ms, 95)) if self.cpu_ms else 0.0

    # -- pages ----------------------------------------------------------------------------------------------------

    def _form(self, truth: PageTruth, reading: PageReading) -> None:
        self.forms += 1
        routed = reading.finding is PageFinding.IDENTIFIED
        needless: list[str] = []
        if routed and (reading.document_id, reading.page) != (truth.document_id, truth.page):
            self.wrong_routes += 1
            self._error("WRONG ROUTE")
        elif not routed:
            self.forms_said_blank += reading.finding is PageFinding.BLANK
            needless.append(f"not routed: {reading.finding}")
        else:
            self.routed += 1
            if reading.rotation != truth.rotation:
                self.turned_wrong += 1
                self._error(f"turned by {reading.rotation}, not {truth.rotation}")
            self._registration(truth, reading)
            needless += self._zones(truth, reading)
            needless += self._amendments(truth, reading)
        if needless:
            self.needless += 1
            for what in needless:
                self._error(what)

    def _other(self, truth: PageTruth, reading: PageReading) -> None:
        self.others += 1
        if truth.kind is PageKind.BLANK:
            self.blanks += 1
            right = reading.finding is PageFinding.BLANK
            self.blanks_right += right
            if not right:
                self.needless += 1
                self._error(f"blank ({truth.what}) said to be {reading.finding}")
        if reading.finding is PageFinding.IDENTIFIED and not _is_so(truth, reading):
            self.foreign_accepted += 1
            self._error(f"{truth.kind} ({truth.what}) ACCEPTED")

    def _zones(self, truth: PageTruth, reading: PageReading) -> list[str]:
        verdicts = {zone.zone_id: zone for zone in reading.zones}
        needless = []
        for zone_id, zone in truth.zones.items():
            said = verdicts.get(zone_id)
            verdict = said.verdict if said else None
            why = f"{said.reason}, {said.score:.2f}" if said else "not there"
            told = f"{zone_id} ({zone.what}, seen {zone.visible:.2f}) {verdict}: {why}"
            if zone.signed:
                self._signed_zone(verdict, told)
                if verdict is not ZoneVerdict.SIGNED and zone.visible >= SEEN:
                    needless.append(told)
            else:
                self.unsigned += 1
                self.unsigned_uncertain += verdict is ZoneVerdict.UNCERTAIN
                if verdict is ZoneVerdict.UNCERTAIN and zone.what == NOTHING and _is_plain(truth):
                    needless.append(told)
                if verdict is ZoneVerdict.SIGNED:
                    self.unsigned_said_signed += 1
                    self._error(f"UNSIGNED SAID SIGNED {told}")
        return needless

    def _signed_zone(self, verdict: ZoneVerdict | None, told: str) -> None:
        self.signed += 1
        if verdict is ZoneVerdict.SIGNED:
            self.found += 1
        elif verdict is ZoneVerdict.UNSIGNED:
            self.missed += 1
            self._error(f"MISSED {told}")
        else:
            self.signed_uncertain += 1

    def _amendments(self, truth: PageTruth, reading: PageReading) -> list[str]:
        self.amended += len(truth.amended)
        found = [rect for rect in truth.amended if any(_meet(rect, said.rect) for said in reading.amendments)]
        self.amended_found += len(found)
        if len(found) < len(truth.amended):
            self._error("CHANGE BY HAND not seen")
        allowed = (*truth.amended, *truth.expected_writing)
        false = [said for said in reading.amendments if not any(_meet(_grown(rect), said.rect) for rect in allowed)]
        if not false:
            return []
        self.false_amendments += 1
        needless = f"false amendment at {tuple(round(value) for value in false[0].rect)}, {false[0].ink:.1f} mm2"
        return [] if _writing_elsewhere(truth) else [needless]

    def _registration(self, truth: PageTruth, reading: PageReading) -> None:
        if reading.registration is None or truth.page_to_scan is None:
            self._error("routed, but not registered")
            return
        corners = np.array([[x, y, 1.0] for x in (60, 300, 535) for y in (60, 420, 780)])
        there, said = (
            _applied(np.array(matrix).reshape(3, 3), corners)
            for matrix in (truth.page_to_scan, reading.registration.page_to_scan)
        )
        scale = float(np.linalg.norm(there[0] - there[-1]) / np.linalg.norm(corners[0, :2] - corners[-1, :2]))
        off = float(np.linalg.norm(there - said, axis=1).max()) / scale
        self.offsets.append(off)
        if off > 4:
            self._error(f"registration off by {off:.1f} points")

    def _error(self, what: str) -> None:
        self.errors.append((self.pages - 1, what))


def row(name: str, score: Score) -> dict[str, str | float]:
    """The score as a row of the table; shares are in per cent, CPU in ms a page."""
    return {
        "profile": name,
        "pages": score.pages,
        "routed": score.routing,
        "wrong": score.wrong_routes,
        "foreign accepted": score.foreign_accepted,
        "blank": score.blank_right,
        "zones": score.signed + score.unsigned,
        "recall": score.recall,
        "precision": score.precision,
        "unsigned said signed": score.said_signed,
        "uncertain": score.uncertain,
        "needless": score.needless_reviews,
        "changes found": score.changes_found,
        "CPU": score.mean_ms,
        "CPU p95": score.p95_ms,
    }


def total(scores: Sequence[Score]) -> Score:
    """All together."""
    whole = Score()
    for score in scores:
        whole = whole.merged(score)
    return whole


def _percent(part: int, of: int, *, empty: float = 100.0) -> float:
    return 100 * part / of if of else empty


def _meet(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _grown(rect: Rect, by: float = 6) -> Rect:
    return (rect[0] - by, rect[1] - by, rect[2] + by, rect[3] + by)


def _is_so(truth: PageTruth, reading: PageReading) -> bool:
    """Whether a page that no person could assign was rightly assigned all the same, or to a document nobody knows."""
    same = (reading.document_id, reading.page) == (truth.document_id, truth.page)
    return same if truth.kind is PageKind.FORM else truth.kind is PageKind.FOREIGN and reading.registration is None


def _is_plain(truth: PageTruth) -> bool:
    """Whether an empty line can be seen to be empty: on a scan with shades, and nothing shines through."""
    behind = truth.what == "bleed" or any(zone.what == "mirrored" for zone in truth.zones.values())
    return not PROFILES[truth.profile].bilevel and not behind


def _writing_elsewhere(truth: PageTruth) -> bool:
    """Whether there is ink outside the zones that nobody meant as a change: a stamp, a neighbour's long strokes."""
    told = " ".join(zone.what for zone in truth.zones.values()) + truth.what
    return any(word in told for word in ("stamp", "neighbour", "coffee", "stain", "scribble"))


def _applied(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    mapped = points @ matrix.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:])
