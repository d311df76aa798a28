"""`docservice bundle`: one bundle from a case file, made by this process."""

from __future__ import annotations

import json as json_text
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from docservice.commands.files import SecondLanguage, known_language, make_folder, write_file
from docservice.commands.installation import opened, operator
from docservice.commands.work import runner_and_pool, stop_at_outage
from docservice.domain.errors import DocserviceError
from docservice.domain.languages import GERMAN, USUAL

if TYPE_CHECKING:
    from docservice.bootstrap import Services
    from docservice.bundles.views import BundleView
    from docservice.domain.languages import Language
    from docservice.jobs.runner import JobRunner

_MAX_CASE_BYTES = 1024 * 1024
_LONGEST_SECONDS = 180.0
_LOOK_SECONDS = 0.03


def bundle(
    case: Path,
    /,
    *,
    out: Path,
    lang: SecondLanguage = USUAL.code,
    cover: bool = False,
    duplex: Annotated[bool, Parameter(negative="--simplex")] = True,
    documents: str | None = None,
    json: bool = False,
) -> int:
    """Make one bundle from a case file: Word and PDF of each document, the print set, and bundle.json.

    The case and its documents are kept in the data folder, so that their scanned pages are recognised later.

    Parameters
    ----------
    case
        The case as JSON, in the form of POST /api/v1/cases.
    out
        The folder for the files; made if missing.
    cover
        Put a cover sheet on each copy of the print set.
    duplex
        Pad documents to even page counts, so that each starts on a new sheet.
    documents
        Only these documents, with a comma between several: "annex", "agreement,help_plan".
    json
        Print the content of bundle.json, and nothing else, on standard output.
    """
    payload = _read_case(case)
    language = known_language(lang)
    options = {"cover": cover, "duplex": duplex, **({} if documents is None else {"documents": _named(documents)})}
    make_folder(out)
    with opened() as services:
        view = _make(services, payload, language, options)
        manifest = view.manifest()
        files = _files(services, view, manifest)
    for name, data in files.items():
        write_file(out / name, data)
    if json:
        print(json_text.dumps(manifest, ensure_ascii=False, indent=1))
    return _report(view, out, quiet=json)


def _read_case(path: Path) -> object:
    from docservice.tools.strict_json import parse_json

    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_CASE_BYTES + 1)
    except OSError as error:
        raise DocserviceError.told("commands.case_file", path=path, why=error.strerror) from error
    if len(raw) > _MAX_CASE_BYTES:
        raise DocserviceError.told("commands.body_too_large", path=path, most=_MAX_CASE_BYTES)
    try:
        return parse_json(raw).payload
    except DocserviceError as error:
        raise DocserviceError(error.code, f"{path}: {error.detail}", detail_de=f"{path}: {error.detail_de}") from error


def _named(documents: str) -> list[dict[str, object]]:
    """What an order says for "annex,help_plan"; "annex:2" is the second annex."""
    named: list[dict[str, object]] = []
    for each in documents.split(","):
        kind, numbered, number = (part.strip() for part in each.partition(":"))
        which = {"number": int(number) if number.isdecimal() else number} if numbered else {}
        named.append({"kind": kind, **which})
    return named


def _make(services: Services, payload: object, language: Language | None, options: Mapping[str, object]) -> BundleView:
    """Keep the case, order the bundle, and do its job here, unless a running service is quicker to take it."""
    from docservice.bundles.orders import read_order

    languages = [GERMAN.code, language.code] if language else [GERMAN.code]
    order = read_order({"languages": languages, **options})
    view = services.bundles.request(operator(), services.cases.create(operator(), payload).case_id, order)
    with services.database.reading() as tx:
        record = tx.bundles.get(view.bundle_id)
    assert record is not None
    job_id = record.job_id

    def work(runner: JobRunner) -> BundleView:
        deadline = time.monotonic() + _LONGEST_SECONDS
        while not (current := services.bundles.get(operator(), view.bundle_id)).final:
            if time.monotonic() > deadline:
                raise _too_slow()
            stop_at_outage(services, job_id, runner.run(job_id))
            time.sleep(_LOOK_SECONDS)
        return current

    with runner_and_pool(services, threads=1) as (runner, pool):
        working = pool.submit(work, runner)
        _show_progress(services, view, working)
        return working.result()


def _show_progress(services: Services, view: BundleView, working: Future[BundleView]) -> None:
    """A bar on a terminal until the work is done; nothing elsewhere."""
    if not sys.stderr.isatty():
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("documents", total=len(view.documents))
        while not working.done():
            documents = services.bundles.get(operator(), view.bundle_id).documents
            bar.update(task, completed=sum(document.pages is not None for document in documents))
            time.sleep(_LOOK_SECONDS)


def _files(services: Services, view: BundleView, manifest: Mapping[str, object]) -> dict[str, bytes]:
    """All files of the bundle, bundle.json last, so that whoever finds it finds the others complete."""
    from docservice.domain.states import DocumentState

    files: dict[str, bytes] = {}
    for document in view.documents:
        if document.state is DocumentState.READY:
            for ending in ("docx", "pdf"):
                stored = services.bundles.content(operator(), document.document_id, ending)
                files[f"{view.file_name(document)}.{ending}"] = services.blobs.get(stored.key)
    if view.print_set:
        stored = services.bundles.print_set(operator(), view.bundle_id)
        files[str(manifest["print_set"])] = services.blobs.get(stored.key)
    files["bundle.json"] = (json_text.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    return files


def _report(view: BundleView, out: Path, *, quiet: bool) -> int:
    """Say what was made and what to look at; 1 when a document failed."""
    for notice in view.warnings:
        print(f"docservice: {notice.path}: {notice.detail}", file=sys.stderr)
    for document in view.documents:
        if document.error:
            print(f"docservice: {document.kind}: {document.error.detail}", file=sys.stderr)
        elif not quiet:
            print(f"{out / view.file_name(document)}.docx, .pdf: {document.pages} page(s), {document.template}")
    if view.print_set and not quiet:
        print(f"{out / 'bundle.pdf'}: the print set, {out / 'bundle.json'}: what was made")
    return 0 if view.print_set else 1


def _too_slow() -> DocserviceError:
    return DocserviceError.told("commands.too_slow", seconds=_LONGEST_SECONDS)
