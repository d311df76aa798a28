"""The page ledger of a document that comes back: which pages are there, and which scan stands for each.

Order, rotation and blank backs do not matter: a page is what its code says. All scans are kept; of several scans of
one page the best one stands for it, and the others are duplicates. A scan that stands is replaced only by one that
shows more signatures or is plainly better to read, so that a mere rescan changes nothing. Only what a person has
refused gives way to any other picture of the page: that one may be signed anew, and has to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from docservice.domain.documents import Role
from docservice.domain.returned.scans import Grade, PageReading, PageVerdict, ZoneReading, ZoneVerdict


class ZoneDecision(StrEnum):
    """What a person said about a zone."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    NOT_APPLICABLE = "not_applicable"  # nobody has to sign here


class DuplicateKind(StrEnum):
    """Why a scan does not stand for its page."""

    SAME_BYTES = "same_bytes"  # the very same picture
    SAME_PAGE_AGAIN = "same_page_again"  # a later scan that is no better
    BETTER_SCAN = "better_scan"  # a later scan was better
    REFUSED = "refused"  # a person has refused its signatures


@dataclass(frozen=True, slots=True)
class ExpectedZone:
    """A signature zone as printed. Required are the zones of all clients and of the city; an interpreter's is not."""

    zone_id: str
    role: Role
    page: int
    required: bool


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """What was printed. `superseded`: a later revision (Fassung) of the same kind exists for the case."""

    document_id: str
    pages: int
    zones: tuple[ExpectedZone, ...]
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A scan of one page of the document. `decisions`: what a person said about zones on this very scan."""

    scan_id: str
    page: int
    reading: PageReading
    pixel_sha256: str | None
    decisions: Mapping[str, ZoneDecision]


@dataclass(frozen=True, slots=True)
class ZoneOutcome:
    """A zone on the scan that stands for its page; a zone that was not read is uncertain."""

    zone: ExpectedZone
    scan_id: str
    verdict: ZoneVerdict
    score: float
    reason: str
    decision: ZoneDecision | None

    @property
    def settled(self) -> bool:
        """Nothing is left to ask: it reads as signed, or a person said so or that nobody has to sign."""
        if self.decision is None:
            return self.verdict is ZoneVerdict.SIGNED
        return self.decision is not ZoneDecision.UNSIGNED


@dataclass(frozen=True, slots=True)
class Ledger:
    """The pages of one document over all uploads. `standing` maps each page to the scan that stands for it."""

    document_id: str
    pages: int
    standing: Mapping[int, SeenPage]
    copies: Mapping[str, tuple[int, DuplicateKind]]  # scans that stand for nothing: their page, and why
    zones: tuple[ZoneOutcome, ...]
    outdated: bool

    @property
    def present(self) -> tuple[int, ...]:
        """The pages that came back."""
        return tuple(sorted(self.standing))

    @property
    def missing(self) -> tuple[int, ...]:
        """The pages that did not. Of a revision that does not count any more none is missed."""
        if self.outdated:
            return ()
        return tuple(page for page in range(1, self.pages + 1) if page not in self.standing)

    @property
    def duplicates(self) -> tuple[int, ...]:
        """Pages of which there is more than one scan."""
        return tuple(sorted({page for page, _ in self.copies.values()}))

    @property
    def scans(self) -> Mapping[int, str]:
        """Each page's scan by id."""
        return {page: scan.scan_id for page, scan in sorted(self.standing.items())}

    def verdict(self, scan_id: str) -> tuple[PageVerdict, str | None]:
        """What became of a scan of this document, and the kind of duplicate it is."""
        if self.outdated:
            return PageVerdict.OUTDATED, None
        copy = self.copies.get(scan_id)
        return (PageVerdict.MATCHED, None) if copy is None else (PageVerdict.DUPLICATE, copy[1].value)


_GRADES = {Grade.POOR: 0, Grade.FAIR: 1, Grade.GOOD: 2}
NOT_READ = "not_read"
ON_ANOTHER_COPY = "on_another_copy"


def page_ledger(
    document: ExpectedDocument,
    scans: Sequence[SeenPage],
    *,
    before: Mapping[int, str],
    accepted: bool = False,
    outdated_accepted: bool = False,
    refused: Set[str] = frozenset(),
) -> Ledger:
    """The ledger from all scans of the document, given in the order in which they came.

    `before` maps pages to the scans that stood for them until now. `accepted`: the document was accepted on these;
    they are then replaced only by clean scans that need no person. `outdated_accepted`: a person said that this
    revision counts although there is a later one. `refused` are scans of a document whose signatures a person has
    rejected as a whole; it tells only on pages that have to be signed. The same scans always give the same ledger.
    """
    outdated = bool(scans) and document.superseded and not accepted and not outdated_accepted
    if outdated:
        return Ledger(document.document_id, document.pages, {}, {}, (), outdated=True)
    required = {zone.zone_id: zone.page for zone in document.zones if zone.required}
    standing: dict[int, SeenPage] = {}
    others: dict[str, tuple[int, DuplicateKind]] = {}
    zones: list[ZoneOutcome] = []
    for page in sorted({scan.page for scan in scans}):
        copies = [scan for scan in scans if scan.page == page]
        needed = frozenset(zone_id for zone_id, where in required.items() if where == page)
        rejected = _rejected(copies, refused) if needed else frozenset()
        best = _best(copies, needed, rejected, before.get(page), accepted)
        standing[page] = best
        others |= {scan_id: (page, kind) for scan_id, kind in _duplicates(copies, rejected, best).items()}
        zones += (_outcome(zone, best, copies) for zone in document.zones if zone.page == page)
    return Ledger(document.document_id, document.pages, standing, others, tuple(zones), outdated=False)


def _rejected(copies: Sequence[SeenPage], refused: Set[str]) -> Set[str]:
    """Those whose picture a person has refused, under whichever name it came."""
    return {scan.scan_id for scan in copies if any(same.scan_id in refused for same in _same(scan, copies))}


def _best(
    copies: Sequence[SeenPage], needed: Set[str], rejected: Set[str], before: str | None, accepted: bool
) -> SeenPage:
    rank = {
        scan.scan_id: (-_unsigned(scan, copies, needed) - (scan.scan_id in rejected), *_rank(scan, needed))
        for scan in copies
    }
    stood = next((scan for scan in copies if scan.scan_id == before), None)
    if stood is None:
        return max(copies, key=lambda scan: (*rank[scan.scan_id], round(scan.reading.quality.sharpness, 1)))
    better = [scan for scan in copies if rank[scan.scan_id] > rank[stood.scan_id]]
    if accepted:
        better = [scan for scan in better if _clean(scan, needed)]
    return max(better, key=lambda scan: rank[scan.scan_id], default=stood)  # of equals the first one


def _rank(scan: SeenPage, needed: Set[str]) -> tuple[int, bool, int]:
    signed = sum(_signed(scan, zone_id) for zone_id in needed)
    return signed, scan.reading.registration is not None, _GRADES[scan.reading.quality.grade]


def _unsigned(scan: SeenPage, copies: Sequence[SeenPage], needed: Set[str]) -> int:
    """How many signatures a person has missed on this picture."""
    same = _same(scan, copies)
    return sum(any(copy.decisions.get(zone_id) is ZoneDecision.UNSIGNED for copy in same) for zone_id in needed)


def _clean(scan: SeenPage, needed: Set[str]) -> bool:
    read = {zone.zone_id for zone in scan.reading.zones if zone.verdict is ZoneVerdict.SIGNED}
    return needed <= read and scan.reading.registration is not None and not scan.reading.amendments


def _signed(scan: SeenPage, zone_id: str) -> bool:
    decision = scan.decisions.get(zone_id)
    if decision is not None:
        return decision is not ZoneDecision.UNSIGNED
    reading = _reading(scan, zone_id)
    return reading is not None and reading.verdict is ZoneVerdict.SIGNED


def _duplicates(copies: Iterable[SeenPage], rejected: Set[str], best: SeenPage) -> dict[str, DuplicateKind]:
    found: dict[str, DuplicateKind] = {}
    kind = DuplicateKind.BETTER_SCAN  # until the one that stands is met
    for scan in copies:
        if scan is best:
            kind = DuplicateKind.SAME_PAGE_AGAIN
        elif _same_picture(scan, best):
            found[scan.scan_id] = DuplicateKind.SAME_BYTES
        elif scan.scan_id in rejected:
            found[scan.scan_id] = DuplicateKind.REFUSED
        else:
            found[scan.scan_id] = kind
    return found


def _same(scan: SeenPage, copies: Iterable[SeenPage]) -> list[SeenPage]:
    """The scan, and all others with the very same picture."""
    return [copy for copy in copies if copy is scan or _same_picture(copy, scan)]


def _same_picture(one: SeenPage, other: SeenPage) -> bool:
    return one.pixel_sha256 is not None and one.pixel_sha256 == other.pixel_sha256


def _outcome(zone: ExpectedZone, best: SeenPage, copies: Sequence[SeenPage]) -> ZoneOutcome:
    read, decision = _reading(best, zone.zone_id), best.decisions.get(zone.zone_id)
    if read is None:
        read = ZoneReading(zone.zone_id, ZoneVerdict.UNCERTAIN, 0.0, NOT_READ)
    reason = read.reason
    if read.verdict is not ZoneVerdict.SIGNED and any(_signed(scan, zone.zone_id) for scan in copies):
        reason = ON_ANOTHER_COPY if decision is None else reason
    return ZoneOutcome(zone, best.scan_id, read.verdict, read.score, reason, decision)


def _reading(scan: SeenPage, zone_id: str) -> ZoneReading | None:
    return next((zone for zone in scan.reading.zones if zone.zone_id == zone_id), None)
