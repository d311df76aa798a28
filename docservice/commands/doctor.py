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

from docservice.commands.installation import in_german, opened, operator
from docservice.domain.errors import DocserviceError
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.states import JobState
from docservice.domain.text.messages import Sentence, say

if TYPE_CHECKING:
    from docservice.bootstrap import Services
    from docservice.storage.service import BlobStore

_PATIENCE = timedelta(seconds=30)
_LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found; `seconds` is how long it took."""

    check: str
    ok: bool
    detail: Sentence
    seconds: float


def doctor(*, json: bool = False) -> int:
    """Look at everything this installation needs; ends with 0 when all is well, with 1 otherwise.

    Parameters
    ----------
    json
        Print one JSON document.
    """
    results: list[CheckResult] = []
    with opened() as services:
        for name, check in _checks(services):
            if not json:
                print(f"{name} ...", file=sys.stderr)
            results.append(_checked(name, check))
    well = all(result.ok for result in results)
    if json:
        rows = [
            {"check": result.check, "ok": result.ok, "detail": result.detail.en, "seconds": round(result.seconds, 3)}
            for result in results
        ]
        print(json_text.dumps({"ok": well, "checks": rows}, ensure_ascii=False, indent=1))
    else:
        _show(results)
    return 0 if well else 1


def _checks(services: Services) -> Iterator[tuple[str, Callable[[], Sentence]]]:
    yield "python", lambda: _as_it_is(".".join(str(part) for part in sys.version_info[:3]))
    yield "data folder", lambda: _writable(services.settings.data_dir)
    yield "database", lambda: say("pieces.doctor_database", version=services.database.version())
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


def _checked(name: str, check: Callable[[], Sentence]) -> CheckResult:
    started = time.perf_counter()
    try:
        ok, detail = True, check()
    except DocserviceError as error:
        ok, detail = False, Sentence(error.code, error.detail_de, error.detail)
    except Exception as error:  # noqa: BLE001 - a check that breaks is a result, too; the others go on
        ok, detail = False, _as_it_is(f"{type(error).__name__}: {error}")
    return CheckResult(name, ok, detail, time.perf_counter() - started)


def _writable(folder: Path) -> Sentence:
    probe = folder / ".doctor"
    probe.write_bytes(b"x")
    probe.unlink()
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        raise DocserviceError.told("doctor.check_failed.space", folder=folder, free=free // 2**20)
    return say("pieces.doctor_data_folder", folder=folder, free=free // 2**20)


def _written_and_read(store: BlobStore) -> Sentence:
    store.put("health/doctor", b"written by docservice doctor\n")
    return say("pieces.doctor_store", size=len(store.get("health/doctor")))


def _vault(services: Services) -> Sentence:
    packages = services.archive.packages
    packages.make_sure_that_places_differ()
    found, waiting = _written_and_read(services.vault), len(packages.outside())
    return say("pieces.doctor_vault", found=found, waiting=waiting) if waiting else found


def _broker(url: str) -> Sentence:
    if url:
        from docservice.tools.broker import ping

        ping(url)
        return say("pieces.doctor_broker")
    from docservice.tools.valkey import server_command

    program = Path(server_command(Path(), Path())[0])
    if not program.is_file():
        raise DocserviceError.told("doctor.check_failed.broker")
    return say("pieces.doctor_broker_embedded")


def _jobs(services: Services) -> Sentence:
    waiting = sum(count for (_, state), count in services.jobs.count_by_state().items() if state is JobState.QUEUED)
    since = services.jobs.neglected_since()
    if since is None or services.clock.now() - since < _PATIENCE:
        return say("pieces.doctor_jobs", waiting=waiting)
    raise DocserviceError.told("doctor.check_failed.jobs", waiting=waiting, since=since.astimezone(OFFICE_ZONE))


def _templates(services: Services) -> Sentence:
    faults = services.templates.faults()
    if faults:
        raise DocserviceError.told("doctor.check_failed.templates", count=len(faults), first=faults[0])
    return say("pieces.doctor_templates", count=len(services.templates.register.versions))


def _fonts(folder: Path) -> Sentence:
    found = sorted(path.stem for path in folder.glob("*.ttf"))
    if not any(name.startswith("NotoSans-") for name in found):
        raise DocserviceError.told("doctor.check_failed.fonts", folder=folder)
    return say("pieces.doctor_fonts", count=len(found), folder=folder)


def _allocator() -> Sentence:
    from docservice.tools.typst import fast_allocator

    found = fast_allocator()
    return _as_it_is(str(found)) if found else say("pieces.doctor_plain_allocator")


def _formats() -> Sentence:
    import pillow_heif
    import pypdfium2
    from PIL import features

    if not features.check_codec("libtiff") or not features.check_codec("jpg"):
        raise DocserviceError.told("doctor.check_failed.formats")
    heif = pillow_heif.libheif_version()
    return _as_it_is(f"PDF (pdfium {pypdfium2.PDFIUM_INFO.build}), TIFF, JPEG, PNG, HEIC (libheif {heif})")


def _sandbox() -> Sentence:
    from docservice.tools.untrusted.pictures import PictureFiles

    locks = PictureFiles().locks()
    if not locks:
        raise DocserviceError.told("doctor.check_failed.sandbox")
    return say("pieces.doctor_sandbox", locks=", ".join(locks))


def _scanned(services: Services) -> Sentence:
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
        raise DocserviceError.told("doctor.check_failed.code")
    return say("pieces.doctor_scanned")


def _tesseract() -> Sentence:
    from docservice.tools.tesseract import Tesseract

    version = Tesseract(shutil.which("tesseract")).version()
    return _as_it_is(version) if version else say("pieces.doctor_no_tesseract")


def _page(services: Services) -> Sentence:
    from docservice.cases.intake import example_case, parse_case
    from docservice.domain.languages import GERMAN, USUAL
    from docservice.domain.sources import office_day

    today = office_day(services.clock.now())
    first = services.templates.kinds(today)[0]
    name = services.templates.select(first, today, USUAL).name
    preview = services.bundles.preview(operator(), name, parse_case(example_case()), USUAL)
    return say("pieces.doctor_page", name=name, first=GERMAN.code, second=USUAL.code, pages=preview.pages)


def _as_it_is(text: str) -> Sentence:
    return Sentence("found", text, text)


def _show(results: Sequence[CheckResult]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    german = in_german()
    table = Table("", "check", "found", "ms")
    for result in results:
        mark = Text("ok", "green") if result.ok else Text("bad", "red")
        detail = result.detail.de if german else result.detail.en
        table.add_row(mark, result.check, detail, f"{result.seconds * 1000:.0f}")
    Console(markup=False).print(table)
