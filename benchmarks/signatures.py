"""Signatures by class of scan: what is left to a person of what was surely signed, and documents without a question.

    python -m benchmarks.signatures DOCUMENTS SEED...

scans so many fully signed documents on each machine, by hands, pens and stamps that nothing was fitted to, for each
seed, with as many signature pages that nobody signed, and prints the figures seed by seed.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import cache

import cv2

from benchmarks.report import Figure, Ratio, Section
from docservice.domain.returned.scans import PageReading, ZoneVerdict
from docservice.scans.reading.page_reader import PageReader
from docservice.scans.reading.reference_pages import KnownDocument, ReferencePages
from docservice.tools.codes import CodeReader
from tests.support.scan_simulator import (
    PHONES,
    PROFILES,
    GeneratedDocument,
    PageTruth,
    Simulator,
    documents,
    everyone_signs,
)

_CORPUS = 77
_SURE = 0.6  # share of a signature's path that stands out where a zone is surely signed
_WANTED = {
    "shades": (2.0, 95.0),
    "1-bit": (8.0, 80.0),
    "photos": (6.0, 92.0),
}  # left at most, without question at least


@dataclass(slots=True)
class Signed:
    """Counts of one class of scans."""

    sure: int = 0  # zones that are surely signed
    left: int = 0  # of them to a person
    missed: int = 0  # of them said to be unsigned
    documents: int = 0  # all of whose zones are surely signed
    without_question: int = 0  # of them
    unsigned: int = 0  # zones that are not signed
    said_signed: int = 0  # of them

    def merged(self, other: Signed) -> Signed:
        """Both together."""
        return Signed(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


def class_of(profile: str) -> str:
    """The class of scans a machine makes."""
    return "photos" if profile in PHONES else "1-bit" if PROFILES[profile].bilevel else "shades"


def measured(count: int, seed: int) -> dict[str, Signed]:
    """So many documents of each machine, by class of scan."""
    found = {name: Signed() for name in _WANTED}
    seeds = [seed + number for number in range(len(PROFILES))]
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        for profile, counted in zip(PROFILES, pool.map(_machine, PROFILES, [count] * len(seeds), seeds), strict=True):
            found[class_of(profile)] = found[class_of(profile)].merged(counted)
    return found


def report(section: Section, *, quick: bool, seed: int) -> None:
    """Two documents of each machine, or one."""
    found = measured(1 if quick else 2, seed)
    for name, counted in found.items():
        left, whole = _WANTED[name]
        unasked = _percent(counted.without_question, counted.documents)
        section.figures += [
            Figure(f"surely signed, left to a person, {name}", _percent(counted.left, counted.sure), "%",
                   f"of {counted.sure}; wanted {left:g}"),
            Figure(f"signed documents without a question, {name}", unasked, "%",
                   f"of {counted.documents}; wanted {whole:g}"),
        ]  # fmt: skip
    unsigned = sum(counted.unsigned for counted in found.values())
    said = sum(counted.said_signed for counted in found.values())
    section.figures.append(
        Figure("hard unsigned zones said to be signed", _percent(said, unsigned), "%", f"of {unsigned}; wanted 0.3")
    )
    missed = sum(counted.missed for counted in found.values())
    section.ratios.append(Ratio("surely signed zones said to be unsigned", missed, "zones", at_most=0))


def main() -> None:
    """One line of JSON for each seed."""
    count, *seeds = (int(each) for each in sys.argv[1:])
    for seed in seeds:
        found = {
            name: {field.name: getattr(counted, field.name) for field in fields(counted)}
            | {"left %": round(_percent(counted.left, counted.sure), 2),
               "without question %": round(_percent(counted.without_question, counted.documents), 1)}
            for name, counted in measured(count, seed).items()
        }  # fmt: skip
        print(json.dumps({"seed": seed} | found), flush=True)


@cache
def _corpus() -> tuple[GeneratedDocument, ...]:
    return tuple(documents(_CORPUS))


def _machine(profile: str, count: int, seed: int) -> Signed:
    cv2.setNumThreads(1)
    corpus, codes, simulator = _corpus(), CodeReader(), Simulator(seed, held_out=True)
    known = {each.document_id: KnownDocument(each.document_id, each.pdf, each.pages, each.zones) for each in corpus}
    reader = PageReader(codes, ReferencePages(known.get, codes))
    found = Signed()
    for index in simulator.rng.choice(len(corpus), count, replace=False):
        _document(simulator, reader, corpus[int(index)], profile, found)
        _nobody(simulator, reader, corpus[int(index)], profile, found)
    return found


def _document(
    simulator: Simulator, reader: PageReader, document: GeneratedDocument, profile: str, found: Signed
) -> None:
    sure, asked = True, False
    for page in range(1, document.pages + 1):
        scan = simulator.page(document, page, profile, signatures=everyone_signs(document, page))
        reading = reader.read(scan.picture()).reading
        asked |= (reading.document_id, reading.page) != (document.document_id, page) or bool(reading.amendments)
        for visible, verdict in _verdicts(scan.truth, reading):
            if visible < _SURE:
                sure = False
                continue
            found.sure += 1
            found.left += verdict is ZoneVerdict.UNCERTAIN
            found.missed += verdict is ZoneVerdict.UNSIGNED
            asked |= verdict is not ZoneVerdict.SIGNED
    if sure:
        found.documents += 1
        found.without_question += not asked


def _verdicts(truth: PageTruth, reading: PageReading) -> Iterator[tuple[float, ZoneVerdict]]:
    said = {zone.zone_id: zone.verdict for zone in reading.zones}
    for zone_id, zone in truth.zones.items():
        yield zone.visible, said.get(zone_id, ZoneVerdict.UNCERTAIN)


def _nobody(simulator: Simulator, reader: PageReader, document: GeneratedDocument, profile: str, found: Signed) -> None:
    """One page of it that nobody signs, with something else in every zone."""
    page = document.zones[-1].page
    plan = simulator.signatures(document, page, unsigned=1.0, distracted=1.0)
    read = reader.read(simulator.page(document, page, profile, signatures=plan).picture())
    found.unsigned += len(plan)
    found.said_signed += sum(zone.verdict is ZoneVerdict.SIGNED for zone in read.reading.zones)


def _percent(part: int, of: int) -> float:
    return 100 * part / of if of else 0.0


if __name__ == "__main__":
    main()
