"""A whole stack through real workers, the archive's derivative of its pages, and files that mean harm."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import cv2

from benchmarks.bundle import new_case
from benchmarks.documents import current_cases
from benchmarks.measure import cpu_seconds, descendants, resident_mebibytes
from benchmarks.report import Figure, Ratio, Section
from docservice.archive.content.derivative import derive
from docservice.archive.content.model import SourcePage
from docservice.bootstrap import build
from docservice.client import ApiClient
from docservice.domain.returned.scans import Registration
from docservice.embedded import EmbeddedStack
from docservice.scans.reading.printed_documents import KnownDocuments
from docservice.settings import Settings
from docservice.tools.untrusted.pictures import FileRefused, Picture, PictureFiles
from tests.support.hostile_files import HOSTILE, PIXELS
from tests.support.scan_simulator import (
    OFFICE,
    GeneratedDocument,
    PageKind,
    PlacedPage,
    Simulator,
    Stack,
    StackMaker,
)

_WORKERS = 2
_POLL_SECONDS = 0.1
_LONGEST_SECONDS = 300.0
_BOUNDARY = b"stack-of-scans"
_SEED = 9_100
_MACHINES = ("grey200", "colour300", "bilevel300", "fax", "phone-good")

Json = dict[str, Any]

# -- a stack through real workers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a stack: the public answer, how long it took, and the most memory a worker held (MiB).

    `waited`: the seconds from sending the first byte until everything was settled; `cpu`: the CPU seconds that all
    programs together have spent in them.
    """

    answer: Json
    waited: float
    sent: float
    cpu: float
    worker: float
    with_child: float


def whole_stack(section: Section, *, quick: bool) -> None:
    """The stack of the office: 12 mixed cases in one file, or 4 when `quick`."""
    wanted = 40 if quick else 170
    with _installation() as (client, settings):
        current, outdated = _printed(client, settings, 4 if quick else 12)
        stack = _stack(current, outdated, wanted)
        outcome = _through(client, stack)
    _judge(section, stack, outcome)


def _judge(section: Section, stack: Stack, outcome: Outcome) -> None:
    pages = len(stack.truth.pages)
    said = {(page["file"], page["index"]): page for page in outcome.answer["pages"]}
    documents = {document["document_id"]: document for document in outcome.answer["documents"]}
    section.figures += [
        Figure("stack: pages in one file", pages, "", f"{len(stack.files[0].data) / 2**20:.0f} MiB"),
        Figure("stack: sending it", outcome.sent, "s"),
        Figure("stack: pages a second", pages / outcome.waited, "pages/s"),
        Figure("stack: CPU of all programs together", 1000 * outcome.cpu / pages, "ms a page"),
        Figure("stack: worker and the process that opens files, most", outcome.with_child, "MiB"),
        Figure("stack: page verdicts right", _verdicts_right(stack.truth.pages, said), "%"),
        Figure("stack: outdated pages told", _outdated_told(stack.truth.pages, said), "%"),
        Figure("stack: questions to people", len(outcome.answer["reviews"]), ""),
    ]
    section.ratios += [
        Ratio("stack: wrong routes", _wrong_routes(stack.truth.pages, said), "pages", at_most=0),
        Ratio("stack: missing pages found", _missing_found(stack, documents), "%", at_least=100),
        Ratio("stack: document states right", _states_right(stack, documents), "%", at_least=100),
        Ratio(f"stack: from sending {pages} pages to settled", outcome.waited, "s", at_most=30 * max(1, pages / 170)),
        Ratio("stack: a worker process, most", outcome.worker, "MiB", at_most=600),
    ]


@contextmanager
def _installation() -> Iterator[tuple[ApiClient, Settings]]:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        settings = replace(Settings.from_environment({"DOCSERVICE_DATA_DIR": folder}), port=0, workers=_WORKERS)
        with EmbeddedStack(settings) as stack:
            token = stack.token_file.read_text(encoding="ascii").strip()
            yield ApiClient(stack.url, token, timeout_seconds=120), settings


def _printed(
    client: ApiClient, settings: Settings, count: int
) -> tuple[list[GeneratedDocument], list[GeneratedDocument]]:
    """The documents of so many cases, and those of one case that were printed anew since."""
    families = current_cases()
    ids: list[str] = []
    old: list[str] = []
    for number in range(count):
        case_id = new_case(client, families[number % len(families)])
        languages = ["de"] if number % 4 == 3 else ["de", "ru"]
        if number == 0:
            old = _bundle(client, case_id, languages)
        ids += _bundle(client, case_id, languages)
    services = build(settings)
    try:
        known = KnownDocuments(services.database, services.blobs)
        return _generated(known, ids), _generated(known, old)
    finally:
        services.close()


def _bundle(client: ApiClient, case_id: str, languages: Sequence[str]) -> list[str]:
    bundle = client.post(f"/api/v1/cases/{case_id}/bundles", {"languages": languages}).json
    end = time.monotonic() + 60
    while bundle.get("state") != "ready":
        if time.monotonic() > end:
            raise TimeoutError("a bundle was not ready in time")
        time.sleep(_POLL_SECONDS)
        bundle = client.get(f"/api/v1/bundles/{bundle['bundle_id']}").json
    return [str(document["document_id"]) for document in bundle["documents"]]


def _generated(known: KnownDocuments, ids: Sequence[str]) -> list[GeneratedDocument]:
    found = []
    for document_id in ids:
        document = known(document_id)
        if document is None:
            raise RuntimeError("a printed document is not there")
        found.append(GeneratedDocument(document_id, document.pdf, document.pages, document.zones))
    return found


def _stack(current: Sequence[GeneratedDocument], outdated: Sequence[GeneratedDocument], wanted: int) -> Stack:
    """About so many pages, the backs of some sheets among them."""
    forms = sum(document.pages for document in (*current, *outdated))
    backs = max(0.0, min(1.0, (wanted - forms - 8) / forms))
    mishaps = replace(OFFICE, backs=backs, shuffled=0.1)
    maker = StackMaker(Simulator(_SEED, held_out=True))
    return maker.make(current, profile="grey200", mishaps=mishaps, outdated=outdated)


def _through(client: ApiClient, stack: Stack) -> Outcome:
    body = b"".join(
        b'--%b\r\nContent-Disposition: form-data; name="files"; filename="%b"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%b\r\n" % (_BOUNDARY, file.name.encode("ascii"), file.data)
        for file in stack.files
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY.decode('ascii')}"}
    with _Watch() as watch:
        before, start = cpu_seconds(os.getpid()), time.perf_counter()
        answer = client.post("/api/v1/scans", body + b"--%b--\r\n" % _BOUNDARY, headers).json
        sent = time.perf_counter() - start
        while answer.get("state") not in ("done", "failed"):
            if time.perf_counter() - start > _LONGEST_SECONDS:
                raise TimeoutError("the stack was not read in time")
            time.sleep(_POLL_SECONDS)
            answer = client.get(f"/api/v1/scans/{answer['upload_id']}").json
        waited, cpu = time.perf_counter() - start, cpu_seconds(os.getpid()) - before
        answer |= {"pages": client.listed(f"/api/v1/scans/{answer['upload_id']}/pages", "pages")}
    return Outcome(cast("Json", answer), waited, sent, cpu, watch.worker, watch.with_child)


class _Watch:
    """Looks at the memory of the workers until left."""

    def __init__(self) -> None:
        self.worker = self.with_child = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            for pid in descendants_of_self():
                if "workers.worker" in _command(pid):
                    own = resident_mebibytes(pid)
                    others = [other for other in descendants(pid)[1:] if "workers.worker" not in _command(other)]
                    self.worker = max(self.worker, own)
                    self.with_child = max(self.with_child, own + sum(map(resident_mebibytes, others)))


def descendants_of_self() -> list[int]:
    """All processes below this one."""
    return descendants(os.getpid())[1:]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


# -- what is right ------------------------------------------------------------------------------------------------


def _wrong_routes(pages: Sequence[PlacedPage], said: Mapping[tuple[str, int], Json]) -> int:
    wrong = 0
    for page in pages:
        answer = said[page.file, page.index]
        placed = answer["verdict"] in ("matched", "duplicate")
        wrong += placed and (answer["document_id"], answer["page"]) != (page.truth.document_id, page.truth.page)
    return wrong


def _verdicts_right(pages: Sequence[PlacedPage], said: Mapping[tuple[str, int], Json]) -> float:
    right = [said[page.file, page.index]["verdict"] in _expected(page) for page in pages]
    return 100 * sum(right) / len(right) if right else 100.0


def _expected(page: PlacedPage) -> tuple[str, ...]:
    truth = page.truth
    if truth.kind is PageKind.BLANK:
        return ("blank",)
    if truth.kind is PageKind.FOREIGN:
        return ("foreign", "unreadable")  # without a code, nobody can know that it is not ours
    if not truth.readable:
        return ("unreadable", "foreign")
    return ("outdated",) if truth.outdated else ("matched", "duplicate")


def _outdated_told(pages: Sequence[PlacedPage], said: Mapping[tuple[str, int], Json]) -> float:
    old = [page for page in pages if page.truth.outdated and page.truth.readable]
    told = [said[page.file, page.index]["verdict"] == "outdated" for page in old]
    return 100 * sum(told) / len(told) if told else 100.0


def _gone(stack: Stack) -> set[tuple[str, int]]:
    """Pages of which there is no scan that can be read."""
    lost = {
        (str(page.truth.document_id), int(page.truth.page or 0))
        for page in stack.truth.pages
        if page.truth.kind is PageKind.FORM and not page.truth.readable and not page.truth.outdated
    }
    return lost | set(stack.truth.missing)


def _missing_found(stack: Stack, documents: Mapping[str, Json]) -> float:
    gone = _gone(stack)
    found = [page in documents.get(document_id, {"missing": []})["missing"] for document_id, page in gone]
    return 100 * sum(found) / len(found) if found else 100.0


def _states_right(stack: Stack, documents: Mapping[str, Json]) -> float:
    """Incomplete when a page is gone; otherwise a person confirms the signatures, as the policy is by default."""
    gone = {document_id for document_id, _ in _gone(stack)}
    ids = {str(page.truth.document_id) for page in stack.truth.pages if page.truth.kind is PageKind.FORM}
    old = {str(page.truth.document_id) for page in stack.truth.pages if page.truth.outdated}
    right = [
        documents.get(document_id, {}).get("state") == ("incomplete" if document_id in gone else "needs_review")
        for document_id in sorted(ids - old)
    ]
    return 100 * sum(right) / len(right) if right else 100.0


# -- the archive's derivative -------------------------------------------------------------------------------------


class _NoOcr:
    """Stands for an installation without OCR."""

    def text_layer(self, picture: Picture) -> bytes | None:
        return None


def derivative(section: Section, corpus: Sequence[GeneratedDocument], *, quick: bool) -> None:
    """PDF/A-2b of whole documents, with the registration as it truly is."""
    simulator = Simulator(_SEED + 1, held_out=True)
    chosen = corpus[:5] if quick else corpus[:15]
    pages, spent = 0, 0.0
    for document in chosen:
        machine = _MACHINES[chosen.index(document) % len(_MACHINES)]
        sources = [_source(simulator, document, page, machine) for page in range(1, document.pages + 1)]
        start = time.process_time()
        derive(iter(sources), document.pdf, document.document_id, datetime(2026, 12, 4, tzinfo=UTC), _NoOcr())
        spent += time.process_time() - start
        pages += len(sources)
    section.ratios.append(
        Ratio("PDF/A derivative with its text layer, CPU a page", 1000 * spent / pages, "ms", at_most=60)
    )


def _source(simulator: Simulator, document: GeneratedDocument, page: int, machine: str) -> SourcePage:
    scan = simulator.page(document, page, machine)
    assert scan.truth.page_to_scan is not None
    return SourcePage(page, scan.picture(), scan.truth.rotation, Registration(scan.truth.page_to_scan, 1.0, 40))


# -- files that mean harm -----------------------------------------------------------------------------------------


def hostile(section: Section, *, quick: bool) -> None:
    """Each hostile file opened to its end: how long until it was answered, and the most memory its process took."""
    chosen = HOSTILE[::4] if quick else HOSTILE
    slowest, wrong = 0.0, []
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        path = Path(folder) / "file"
        for file in chosen:
            path.write_bytes(file.make())
            start = time.perf_counter()
            if not _answered(path) & set(file.ends):
                wrong.append(file.name)
            slowest = max(slowest, time.perf_counter() - start)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    section.figures.append(Figure("hostile files opened", len(chosen), "", f"unexpected answers: {wrong or 'none'}"))
    section.ratios += [
        Ratio("hostile files: the slowest answer", slowest, "s", at_most=10),
        Ratio("hostile files: the most memory", most, "MiB", at_most=1024),
        Ratio("hostile files: not answered as they should be", len(wrong), "", at_most=0),
    ]


def _answered(path: Path) -> set[str]:
    """What was said of a file and of its pages."""
    files = PictureFiles()
    try:
        files.inspect(path)
        return {page.code if isinstance(page, FileRefused) else PIXELS for page in files.pages(path)}
    except FileRefused as refusal:
        return {refusal.code}


# -- what one would use instead -----------------------------------------------------------------------------------


def against_ocr(section: Section, pages: Sequence[Picture], our_ms: float) -> None:
    """Tesseract reads the words of a page: what most archives of scans do to find out what a page is."""
    program = shutil.which("tesseract")
    if program is None:
        section.skipped.append("tesseract is not installed; apt-get install tesseract-ocr tesseract-ocr-deu")
        return
    installed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=True, timeout=20).stdout
    language = "deu" if "deu" in installed.split() else "eng"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
        for picture in pages:
            page = Path(folder) / "page.png"
            cv2.imwrite(str(page), picture.grey)
            command = [program, str(page), "-", "-l", language, "--dpi", str(round(picture.dpi or 200))]
            subprocess.run(command, capture_output=True, check=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    milliseconds = 1000 * spent / len(pages)
    section.figures.append(Figure("tesseract, CPU a page (words alone, no zones judged)", milliseconds, "ms", language))
    section.ratios.append(Ratio("CPU of reading a page against tesseract", milliseconds / our_ms))
