"""Whole stacks as an office scans them: sheets of several documents, shuffled, dropped, doubled, mixed with others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tests.support.scan_simulator import files
from tests.support.scan_simulator.documents import GeneratedDocument
from tests.support.scan_simulator.files import ScanFile
from tests.support.scan_simulator.filling import NOTHING, SIGNED
from tests.support.scan_simulator.profiles import PROFILES, SCANNERS, Group
from tests.support.scan_simulator.simulator import CODES_LOST, SPOILS, Paper, ScannedPage, Simulator
from tests.support.scan_simulator.truth import PlacedPage, StackTruth

SAME_BYTES, SAME_PAGE_AGAIN, BETTER_SCAN = "same_bytes", "same_page_again", "better_scan"
CONTAINERS = ("pdf", "tiff", "pictures", "mixed")


@dataclass(frozen=True, slots=True)
class Mishaps:
    """What goes wrong with a stack. Shares are likelihoods for each page, counts are whole numbers for the stack.

    `backs`: empty backs that were scanned with their fronts, which shine through; `shuffled`: 0 leaves all pages in
    order, 1 mixes everything, and between them only so many pages are out of place.
    """

    missing: int = 0
    same_bytes: int = 0
    scanned_again: int = 0
    blanks: int = 0
    backs: float = 0.0
    foreign: int = 0
    codes_lost: int = 0
    spoiled: float = 0.05
    amended: float = 0.0
    unsigned: float = 0.04
    distracted: float = 0.5
    shuffled: float = 0.0


ORDERLY = Mishaps(spoiled=0.0, unsigned=0.0)
"""Everything signed, nothing out of place."""
OFFICE = Mishaps(
    missing=1, same_bytes=1, scanned_again=1, blanks=3, backs=0.5, foreign=3, codes_lost=1, spoiled=0.06, amended=0.02
)
"""The stack of the office: a page missing, some unsigned, some doubled, letters of others between."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Files to upload and what is true of them. `pages` are the scans in the order of the files."""

    files: tuple[ScanFile, ...]
    truth: StackTruth
    pages: tuple[ScannedPage, ...]


class StackMaker:
    """Makes stacks with one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.rng = simulator.rng

    def make(
        self,
        documents: Sequence[GeneratedDocument],
        *,
        profile: str | None = None,
        mishaps: Mishaps = OFFICE,
        container: str = "pdf",
        outdated: Sequence[GeneratedDocument] = (),
        name: str = "scan",
    ) -> Stack:
        """A stack of all pages of the documents and of `outdated` (superseded) ones, with the mishaps.

        `profile` None lets every document come from a scanner of its own. `container`: one of CONTAINERS; a TIFF holds
        pages of one machine, so that a stack of several machines becomes several files.
        """
        missing = self._missing(documents, mishaps.missing)
        scans = self._forms([*documents, *outdated], profile, mishaps, missing)
        old = {document.document_id for document in outdated}
        scans = [
            replace(scan, truth=replace(scan.truth, outdated=scan.truth.document_id in old)) if old else scan
            for scan in scans
        ]
        scans = self._shuffled(self._with_others(scans, profile, mishaps), mishaps.shuffled)
        scans = _copies_linked(scans)
        return _filed(scans, container, name, self.rng, tuple(missing))

    # -- pages ----------------------------------------------------------------------------------------------------

    def _missing(self, documents: Sequence[GeneratedDocument], count: int) -> list[tuple[str, int]]:
        pages = [(d.document_id, page) for d in documents if d.pages > 1 for page in range(1, d.pages + 1)]
        return [pages[index] for index in self._some(len(pages), count)]

    def _forms(
        self,
        documents: Sequence[GeneratedDocument],
        profile: str | None,
        mishaps: Mishaps,
        missing: Sequence[tuple[str, int]],
    ) -> list[ScannedPage]:
        wanted = [
            (d, page) for d in documents for page in range(1, d.pages + 1) if (d.document_id, page) not in missing
        ]
        chosen = self._some(len(wanted), mishaps.codes_lost + mishaps.scanned_again + mishaps.same_bytes)
        lost, others = chosen[: mishaps.codes_lost], chosen[mishaps.codes_lost :]
        again, twice = others[: mishaps.scanned_again], others[mishaps.scanned_again :]
        scans: list[ScannedPage] = []
        for index, (document, page) in enumerate(wanted):
            machine = profile or self._machine(document.document_id)
            spoil = CODES_LOST if index in lost else self._spoil(mishaps)
            paper = self._paper(document, page, machine, mishaps, spoil)
            scan = self.simulator.capture(paper, machine)
            scans.append(scan)
            if index in twice:
                scans.append(replace(scan, truth=replace(scan.truth, copy_kind=SAME_BYTES)))
            if index in again:
                scans.append(self._again(paper, machine))
            if self.rng.random() < mishaps.backs:
                scans.append(self.simulator.blank(machine, "bleed", paper))
        return scans

    def _paper(self, document: GeneratedDocument, page: int, machine: str, mishaps: Mishaps, spoil: str) -> Paper:
        plan = self.simulator.signatures(document, page, unsigned=mishaps.unsigned, distracted=mishaps.distracted)
        amend = int(self.rng.random() < mishaps.amended)
        return self.simulator.paper(document, page, machine, signatures=plan, amend=amend, spoil=spoil)

    def _again(self, paper: Paper, machine: str) -> ScannedPage:
        """The same sheet once more, by the same machine or a better one."""
        better = self.rng.random() < 0.5
        scan = self.simulator.capture(paper, "grey300" if better else machine)
        kind = BETTER_SCAN if better and machine != "grey300" else SAME_PAGE_AGAIN
        return replace(scan, truth=replace(scan.truth, copy_kind=kind))

    def _spoil(self, mishaps: Mishaps) -> str:
        if self.rng.random() >= mishaps.spoiled:
            return ""
        return str(self.rng.choice(SPOILS))

    def _machine(self, document_id: str) -> str:
        return SCANNERS[sum(document_id.encode("ascii")) % len(SCANNERS)]

    def _some(self, of: int, count: int) -> list[int]:
        return [int(index) for index in self.rng.choice(of, min(count, of), replace=False)] if of and count else []

    def _with_others(self, scans: list[ScannedPage], profile: str | None, mishaps: Mishaps) -> list[ScannedPage]:
        mixed = list(scans)
        machine = profile or "grey200"
        for _ in range(mishaps.blanks):
            sort = str(self.rng.choice(["clean", "dirty"]))
            mixed.insert(int(self.rng.integers(len(mixed) + 1)), self.simulator.blank(machine, sort))
        for _ in range(mishaps.foreign):
            mixed.insert(int(self.rng.integers(len(mixed) + 1)), self.simulator.foreign(machine))
        return mixed

    def _shuffled(self, scans: list[ScannedPage], share: float) -> list[ScannedPage]:
        moved = [index for index in range(len(scans)) if self.rng.random() < share]
        order = list(range(len(scans)))
        for index, other in zip(moved, self.rng.permutation(moved), strict=True):
            order[index] = int(other)
        return [scans[index] for index in order]


def everyone_signs(document: GeneratedDocument, page: int) -> dict[str, str]:
    """All zones of a page signed."""
    return {zone.zone_id: SIGNED for zone in document.zones_on(page)}


def nobody_signs(document: GeneratedDocument, page: int) -> dict[str, str]:
    """All zones of a page left empty."""
    return {zone.zone_id: NOTHING for zone in document.zones_on(page)}


def _copies_linked(scans: Sequence[ScannedPage]) -> list[ScannedPage]:
    """Each copy told which page it repeats: the index of the other scan of the same page."""
    linked = list(scans)
    for index, scan in enumerate(scans):
        if not scan.truth.copy_kind:
            continue
        for other, original in enumerate(scans):
            same = (original.truth.document_id, original.truth.page) == (scan.truth.document_id, scan.truth.page)
            if same and not original.truth.copy_kind:
                linked[index] = replace(scan, truth=replace(scan.truth, copy_of=other))
    return linked


# -- files --------------------------------------------------------------------------------------------------------


def _filed(
    scans: Sequence[ScannedPage],
    container: str,
    name: str,
    rng: np.random.Generator,
    missing: tuple[tuple[str, int], ...],
) -> Stack:
    groups = _groups(scans, container, rng)
    written: list[ScanFile] = []
    placed: list[PlacedPage] = []
    for number, (kind, members) in enumerate(groups, start=1):
        file = _written(f"{name}-{number:04d}", kind, members)
        written.append(file)
        placed += [PlacedPage(file.name, index, scan.truth) for index, scan in enumerate(members)]
    return Stack(tuple(written), StackTruth(tuple(placed), missing), tuple(scans))


def _groups(
    scans: Sequence[ScannedPage], container: str, rng: np.random.Generator
) -> list[tuple[str, list[ScannedPage]]]:
    if container == "pdf":
        return [("pdf", list(scans))] if scans else []
    if container == "pictures":
        return [(_picture_kind(scan, rng), [scan]) for scan in scans]
    runs: list[tuple[str, list[ScannedPage]]] = []
    for scan in scans:
        phone = PROFILES[scan.truth.profile].group is Group.PHONE
        run_on = runs and runs[-1][0] != "single" and runs[-1][1][-1].truth.profile == scan.truth.profile
        if run_on and not phone:
            runs[-1][1].append(scan)
        else:
            runs.append(("single" if phone else "run", [scan]))
    return [(_container_of(kind, members, container, rng), members) for kind, members in runs]


def _container_of(kind: str, members: list[ScannedPage], container: str, rng: np.random.Generator) -> str:
    if kind == "single":
        return _picture_kind(members[0], rng)
    return "tiff" if container == "tiff" or rng.random() < 0.5 else "pdf"


def _picture_kind(scan: ScannedPage, rng: np.random.Generator) -> str:
    if PROFILES[scan.truth.profile].group is Group.PHONE:
        return str(rng.choice(["jpeg", "across", "heic"]))
    if scan.bilevel:
        return "tiff" if scan.dpi[0] != scan.dpi[1] else str(rng.choice(["png", "tiff"]))
    return str(rng.choice(["jpeg", "jpeg", "png"]))


def _written(name: str, kind: str, members: list[ScannedPage]) -> ScanFile:
    if kind == "pdf":
        return files.pdf(name, members)
    if kind == "tiff":
        return files.tiff(name, members)
    makers = {"jpeg": files.jpeg, "across": files.jpeg_held_across, "png": files.png, "heic": files.heic}
    return makers[kind](name, members[0])
