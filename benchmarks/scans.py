"""Reading scans back: simulated scans with hands, pens and stamps that nothing was tuned on, scored by profile."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from benchmarks import returned, signatures
from benchmarks.report import Figure, Ratio, Section
from benchmarks.scan_scores import Score, row, total
from docservice.scans.reading.page_reader import PageReader
from docservice.scans.reading.reference_pages import KnownDocument, ReferencePages
from docservice.tools.codes import CodeReader
from docservice.tools.untrusted.pictures import Picture, PictureFiles
from tests.support.scan_simulator import (
    CODES_LOST,
    PHONES,
    PROFILES,
    SCANNERS,
    SPOILS,
    GeneratedDocument,
    ScannedPage,
    Simulator,
    documents,
    files,
)

_PROCESSES = 2
_CORPUS = 77
_SEED = 4_000
_CHUNK = 8  # pages in a file


def run(*, quick: bool) -> Section:
    """24 pages of each profile, 6 when `quick`; then a whole stack through real workers."""
    section = Section("Scans: reading and judging pages that nothing was tuned on; signatures by hands never seen")
    returned.hostile(section, quick=quick)
    returned.derivative(section, corpus(), quick=quick)
    scores = scored(6 if quick else 24, seed=_SEED)
    section.rows += [row(name, score) for name, score in scores.items()]
    _reading(section, scores)
    signatures.report(section, quick=quick, seed=_SEED + 5_000)
    ours = scores["grey200"].mean_ms
    returned.against_ocr(section, [scan.picture() for scan in mixed_pages("grey200", 4, _SEED, held_out=True)], ours)
    returned.whole_stack(section, quick=quick)
    return section


def _reading(section: Section, scores: dict[str, Score]) -> None:
    scanners = total([scores[name] for name in SCANNERS])
    phones = total([scores[name] for name in PHONES])
    everything = scanners.merged(phones)
    section.figures += [
        Figure("pages read", everything.pages, ""),
        Figure("signature zones judged", everything.signed + everything.unsigned, ""),
        Figure("signed zones said to be uncertain, scanners", scanners.uncertain, "%"),
        Figure("signed zones said to be unsigned", everything.missed, ""),
        Figure(
            "unsigned zones said to be uncertain, scanners", _share(scanners.unsigned_uncertain, scanners.unsigned), "%"
        ),
        Figure("changes by hand found, scanners", scanners.changes_found, "%"),
        Figure("blank pages seen as blank, scanners", scanners.blank_right, "%"),
        Figure("registration, p95 of the largest error on a page", _p95(scanners.offsets), "points"),
    ]
    section.ratios += [
        Ratio("wrong routes", everything.wrong_routes, "pages", at_most=0),
        Ratio("foreign, blank or unreadable pages accepted", everything.foreign_accepted, "pages", at_most=0),
        Ratio("forms said to be blank", everything.forms_said_blank, "pages", at_most=0),
        Ratio("routed, all scanners", scanners.routing, "%", at_least=99.8),
        Ratio("routed, bad phone photos", scores["phone-bad"].routing, "%", at_least=85),
        Ratio("signature recall", everything.recall, "%", at_least=99),
        Ratio("signature precision", everything.precision, "%", at_least=99.7),
        Ratio("unsigned zones said to be signed", everything.said_signed, "%", at_most=0.3),
        Ratio("sent to a person without need, scanners", scanners.needless_reviews, "%", at_most=3),
        Ratio("CPU of reading a page, mean", everything.mean_ms, "ms", at_most=150),
        Ratio("CPU of reading a page, p95", everything.p95_ms, "ms", at_most=600),
    ]


def _share(part: int, of: int) -> float:
    return 100 * part / of if of else 0.0


def _p95(values: list[float]) -> float:
    return float(np.percentile(values, 95)) if values else 0.0


# -- pages --------------------------------------------------------------------------------------------------------


def scored(pages: int, *, seed: int, held_out: bool = True) -> dict[str, Score]:
    """So many pages of each profile, made and read by two processes."""
    chunks = [
        (name, min(_CHUNK, pages - start), seed + 101 * number + start, held_out)
        for start in range(0, pages, _CHUNK)
        for number, name in enumerate(PROFILES)
    ]
    scores = {name: Score() for name in PROFILES}
    with ProcessPoolExecutor(_PROCESSES, multiprocessing.get_context("spawn")) as pool:
        for (name, *_), score in zip(chunks, pool.map(_scored, *zip(*chunks, strict=True)), strict=True):
            scores[name] = scores[name].merged(score)
    return scores


@cache
def corpus() -> tuple[GeneratedDocument, ...]:
    """All documents that are scanned."""
    return tuple(documents(_CORPUS))


def reader() -> PageReader:
    """A page reader that knows the corpus, as a worker has it."""
    known = {
        document.document_id: KnownDocument(document.document_id, document.pdf, document.pages, document.zones)
        for document in corpus()
    }
    codes = CodeReader()
    return PageReader(codes, ReferencePages(known.get, codes))


def _scored(profile: str, pages: int, seed: int, held_out: bool) -> Score:
    """One file of scans, made, written, opened in a process of its own and read."""
    cv2.setNumThreads(1)
    score, page_reader = Score(), reader()
    scans = list(mixed_pages(profile, pages, seed, held_out=held_out))
    for scan, picture in zip(scans, opened(scans), strict=True):
        start = time.process_time()
        read = page_reader.read(picture)
        score.add(scan.truth, read.reading, 1000 * (time.process_time() - start))
    return score


def mixed_pages(profile: str, count: int, seed: int, *, held_out: bool) -> Iterator[ScannedPage]:
    """Pages as they come: most of them with zones, some spoiled, blank, foreign, or without a code."""
    simulator = Simulator(seed, held_out=held_out)
    rng = simulator.rng
    for _ in range(count):
        lot = rng.random()
        if lot < 0.06:
            yield simulator.blank(profile, str(rng.choice(["clean", "dirty"])))
        elif lot < 0.12:
            yield simulator.foreign(profile)
        else:
            document = corpus()[int(rng.integers(len(corpus())))]
            page = document.zones[-1].page if rng.random() < 0.65 else int(rng.integers(1, document.pages + 1))
            spoil = CODES_LOST if lot < 0.15 else str(rng.choice(SPOILS)) if lot < 0.25 else ""
            amend = int(rng.random() < 0.06)
            paper = simulator.paper(document, page, profile, amend=amend, spoil=spoil)
            if lot > 0.97:
                yield simulator.blank(profile, "bleed", paper)
            else:
                yield simulator.capture(paper, profile)


def opened(scans: list[ScannedPage]) -> Iterator[Picture]:
    """The scans as they are read back from a file: a fax from a TIFF, a photo as it is, all others from a PDF."""
    profile = scans[0].truth.profile
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        for written in _files(profile, scans):
            path = Path(folder) / written.name
            path.write_bytes(written.data)
            for picture in PictureFiles().pages(path):
                if not isinstance(picture, Picture):
                    raise picture
                yield picture


def _files(profile: str, scans: list[ScannedPage]) -> list[files.ScanFile]:
    if profile in PHONES:
        return [(files.heic if number % 3 == 0 else files.jpeg)(f"{number}", scan) for number, scan in enumerate(scans)]
    return [files.tiff("scan", scans) if profile.startswith("fax") else files.pdf("scan", scans)]
