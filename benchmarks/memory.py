"""Memory of a worker process over thousands of documents: the very work of a job, database and blobs included."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from benchmarks.documents import current_cases
from benchmarks.measure import descendants, resident_mebibytes
from benchmarks.report import Figure, Ratio, Section
from docservice.bootstrap import build
from docservice.bundles.orders import BundleOrder
from docservice.settings import Settings
from tests.support.actors import SOMEBODY

_DOCUMENTS = 3  # in a bundle
_MOST_SECONDS = 330.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory in MiB after so many documents: of the worker itself, and of it with its typesetter."""

    documents: int
    worker: float
    together: float


def run(*, quick: bool) -> Section:
    """3,000 documents (150 when `quick`), or what can be made in five and a half minutes."""
    section = Section("Memory of one worker process")
    samples = _in_own_process(50 if quick else 1000)
    early, last = samples[min(len(samples) - 1, len(samples) // 10)], samples[-1]
    section.figures.append(Figure("documents made", last.documents, ""))
    section.figures.append(Figure(f"worker after {early.documents} documents", early.worker, "MiB"))
    section.figures.append(Figure(f"worker after {last.documents} documents", last.worker, "MiB"))
    section.figures.append(Figure("worker and its typesetter together, most", max(s.together for s in samples), "MiB"))
    section.ratios.append(Ratio("worker process, most", max(s.worker for s in samples), "MiB", at_most=200))
    section.ratios.append(Ratio("growth since the first tenth", last.worker - early.worker, "MiB", at_most=15))
    return section


def _in_own_process(bundles: int) -> list[Sample]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_render, args=(bundles, theirs))
    child.start()
    theirs.close()
    try:
        if not ours.poll(_MOST_SECONDS + 60):
            raise TimeoutError("the worker process did not answer")
        return [Sample(*values) for values in ours.recv()]
    finally:
        child.join(20)
        if child.is_alive():
            child.kill()


def _render(bundles: int, pipe: Connection) -> None:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        settings = replace(Settings.from_environment({"DOCSERVICE_DATA_DIR": folder}), workers=1)
        services = build(settings)
        try:
            services.database.upgrade()
            cases = [services.cases.create(SOMEBODY, case).case_id for case in current_cases()]
            order, end, samples = BundleOrder(("de", "ru")), time.monotonic() + _MOST_SECONDS, []
            for number in range(bundles):
                view = services.bundles.request(SOMEBODY, cases[number % len(cases)], order)
                services.bundles.render(view.bundle_id)
                if services.bundles.get(SOMEBODY, view.bundle_id).state != "ready":
                    raise RuntimeError("a bundle failed")
                if number % 10 == 9:
                    samples.append(_sample(_DOCUMENTS * (number + 1)))
                if time.monotonic() > end:
                    break
            pipe.send(samples)
        finally:
            services.close()


def _sample(documents: int) -> tuple[int, float, float]:
    own = resident_mebibytes(os.getpid())
    return documents, own, sum(map(resident_mebibytes, descendants(os.getpid())))
