"""PDFs side by side: ours, with page codes, zones, PDF/A-2a and PDF/UA-1, against LibreOffice and Carbone.

The converters get the finished Word files of the same documents (docxtpl fills them first where it is named) and make
plain PDFs of them, without PDF/A, tags or codes: less work than ours, so that the ratios are a lower bound.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from docxtpl import DocxTemplate

from benchmarks.documents import LAYOUT, TEMPLATES, Sample, samples
from benchmarks.libreoffice import WarmLibreOffice, convert, is_installed
from benchmarks.measure import Measurement, Work, cpu_seconds, measure
from benchmarks.npm import node_modules
from benchmarks.report import Figure, Ratio, Section
from docservice.bundles.typeset import typeset
from docservice.bundles.word import context, fill
from docservice.templates.service import TemplateLibrary
from docservice.tools.codes import CodeDrawer
from docservice.tools.typst import SupervisedTypst, fast_allocator

_PROCESSES = 2
_PAGES = (2, 3)


def run(*, quick: bool) -> Section:
    """Measure all, with two processes on two cores each; about two minutes, half a minute when `quick`."""
    section = Section(
        "PDF: agreements, annexes and help plans of two or three pages, German and Russian; two processes"
    )
    chosen = _chosen()
    section.figures.append(Figure("different documents", len(chosen), ""))
    section.figures.append(Figure("pages of a document, on average", statistics.mean(n for _, n in chosen), "pages"))
    if fast_allocator() is None:
        section.skipped.append("our typesetter runs without jemalloc here; apt-get install libjemalloc2")
    ours = measure(_ours, pieces=60 if quick else 300, processes=_PROCESSES, warm_up=10)
    _add(section, "docservice (PDF/A-2a + PDF/UA-1, codes, zones)", ours)
    section.ratios.append(Ratio("docservice", ours.per_second, "documents/s", at_least=50))
    with _work_folder() as folder:
        files = _word_files([sample for sample, _ in chosen], folder)
        if is_installed():
            _against_libreoffice(section, ours, files, quick)
        else:
            section.skipped.append(
                "LibreOffice is not installed; apt-get install --no-install-recommends libreoffice-writer-nogui"
            )
        _against_carbone(section, ours, files, 12 if quick else 40)
    return section


def _against_libreoffice(section: Section, ours: Measurement, files: list[Path], quick: bool) -> None:
    cold = measure(_cold, pieces=2 if quick else 6, processes=_PROCESSES, warm_up=1)
    _add(section, "docxtpl + cold soffice for each file", cold)
    many = measure(functools.partial(_many, files), pieces=1, processes=_PROCESSES, warm_up=0)
    _add(section, f"one soffice call with {_MANY} files", _per_file(many))
    warm = measure(functools.partial(_warm, files), pieces=10 if quick else 40, processes=_PROCESSES, warm_up=4)
    _add(section, "warm LibreOffice (LibreOfficeKit)", warm)
    _ratios(section, "docxtpl + cold soffice", ours, cold, 40)
    _ratios(section, "one soffice call with many files", ours, _per_file(many), None)
    _ratios(section, "warm LibreOffice", ours, warm, 4)


def _add(section: Section, name: str, measured: Measurement) -> None:
    note = f"CPU {measured.cpu_ms:.0f} ms a document"
    section.figures.append(Figure(name, measured.per_second, "documents/s", note))


def _ratios(section: Section, name: str, ours: Measurement, peer: Measurement, at_least: float | None) -> None:
    section.ratios.append(Ratio(f"documents/s against {name}", ours.per_second / peer.per_second, at_least=at_least))
    if peer.cpu_ms:
        section.ratios.append(Ratio(f"CPU against {name}", peer.cpu_ms / ours.cpu_ms))


# -- ours ---------------------------------------------------------------------------------------------------------


def _ours() -> tuple[Work, Callable[[], None]]:
    codes = CodeDrawer()
    typesetter = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts", allocator=fast_allocator())
    documents = [sample for sample, _ in _usual(typesetter)]

    def work(number: int) -> None:
        sample = documents[number % len(documents)]
        typeset(sample.tree, sample.document_id, sample.version.pdf, typesetter, codes)

    return work, typesetter.close


def _usual(typesetter: SupervisedTypst) -> list[tuple[Sample, int]]:
    """The documents of two or three pages among the samples, each with its pages."""
    codes = CodeDrawer()
    counted = [
        (sample, typeset(sample.tree, sample.document_id, sample.version.pdf, typesetter, codes).pages)
        for sample in samples(TemplateLibrary(TEMPLATES))
    ]
    return [(sample, pages) for sample, pages in counted if pages in _PAGES]


def _chosen() -> list[tuple[Sample, int]]:
    typesetter = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")
    try:
        return _usual(typesetter)
    finally:
        typesetter.close()


# -- LibreOffice --------------------------------------------------------------------------------------------------

_MANY = 20


def _cold() -> tuple[Work, Callable[[], None]]:
    """What most people do: docxtpl fills the template, a new soffice converts the file."""
    folder = Path(tempfile.mkdtemp(prefix="ds-bench-"))
    documents = [sample for sample, _ in _chosen()]

    def work(number: int) -> None:
        filled = folder / "filled.docx"
        sample = documents[number % len(documents)]
        template = DocxTemplate(sample.version.word[LAYOUT])
        template.render(context(sample.tree), autoescape=True)
        template.save(filled)
        convert([filled], folder, folder / "profile")

    return work, functools.partial(shutil.rmtree, folder, ignore_errors=True)


def _many(files: list[Path]) -> tuple[Work, Callable[[], None]]:
    folder = Path(tempfile.mkdtemp(prefix="ds-bench-"))
    copies = [folder / f"{number}.docx" for number in range(_MANY)]
    for number, copy in enumerate(copies):
        shutil.copyfile(files[number % len(files)], copy)

    def work(_: int) -> None:
        convert(copies, folder, folder / "profile")

    return work, functools.partial(shutil.rmtree, folder, ignore_errors=True)


def _per_file(measured: Measurement) -> Measurement:
    return Measurement(
        measured.pieces * _MANY, measured.per_second * _MANY, measured.wall_ms / _MANY, measured.cpu_ms / _MANY
    )


def _warm(files: list[Path]) -> tuple[Work, Callable[[], None]]:
    folder = Path(tempfile.mkdtemp(prefix="ds-bench-"))
    office = WarmLibreOffice(folder / "profile")

    def work(number: int) -> None:
        office.convert(files[number % len(files)], folder / "out.pdf")

    return work, functools.partial(shutil.rmtree, folder, ignore_errors=True)


# -- Carbone ------------------------------------------------------------------------------------------------------


def _against_carbone(section: Section, ours: Measurement, files: list[Path], pieces: int) -> None:
    modules = node_modules() if is_installed() else None
    if modules is None:
        section.skipped.append("Carbone needs node, npm and LibreOffice")
        return
    if subprocess.run(["/usr/bin/python3", "-c", "import uno"], capture_output=True, check=False).returncode:
        section.skipped.append("Carbone needs LibreOffice's bridge to Python; apt-get install python3-uno")
        return
    try:
        for converters in (1, _PROCESSES):
            measured = _carbone(modules, files, converters, pieces)
            name = f"Carbone CE, {converters} converter{'s' if converters > 1 else ''}"
            _add(section, name, measured)
            _ratios(section, name, ours, measured, 5)
    except (RuntimeError, subprocess.SubprocessError, OSError, ValueError) as error:
        section.skipped.append(f"Carbone did not run: {error}")


def _carbone(modules: Path, files: list[Path], converters: int, pieces: int) -> Measurement:
    command = [str(shutil.which("node")), str(modules.parent / "carbone.cjs"), str(converters), *map(str, files)]
    # Debian's LibreOffice, and the Python that its bridge belongs to, come first.
    environment = os.environ | {"PATH": "/usr/lib/libreoffice/program:/usr/bin:/bin"}
    process = subprocess.Popen(
        ["timeout", "--foreground", "150", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        _line(process.stdout, "ready")
        before = cpu_seconds(process.pid)
        process.stdin.write(f"{pieces}\n")
        process.stdin.flush()
        seconds = float(_line(process.stdout, "done"))
        cpu = cpu_seconds(process.pid) - before
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its converters, too
        process.communicate()
    return Measurement(pieces, pieces / seconds, 1000 * seconds / pieces, 1000 * cpu / pieces)


def _line(output: Iterator[str], word: str) -> str:
    for line in output:
        first, _, rest = line.strip().partition(" ")
        if first == word:
            return rest
        if first == "failed":
            raise RuntimeError(rest)
    raise RuntimeError("it ended early")


# -- what all peers work on ---------------------------------------------------------------------------------------


@contextmanager
def _work_folder() -> Iterator[Path]:
    """On a memory file system where there is one, so that no disk is measured."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="ds-bench-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def _word_files(chosen: Sequence[Sample], folder: Path) -> list[Path]:
    library, codes = TemplateLibrary(TEMPLATES), CodeDrawer()
    files = []
    for number, sample in enumerate(chosen):
        file = folder / f"document-{number}.docx"
        template = library.word(sample.version, LAYOUT)
        file.write_bytes(fill(sample.tree, sample.document_id, template, codes))
        files.append(file)
    return files
