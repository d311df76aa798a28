"""`python -m tests.support.release_fixture OUT`: a small installation of the release this runs in, as a zip file.

Its database (as SQL) and blobs hold what a later release has to go on with: a case with a finished bundle, a scan of
it that is attached and archived and another one whose review is open, and a case with a bundle that nobody has made
yet. Everything in it is invented. Needs nothing of a release but what its services promise.
"""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from PIL import Image

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder
from docservice.bundles.views import DocumentView
from docservice.demo.paper import DPI, SheetOf, scanned
from docservice.domain.errors import DocserviceError, InvalidInput
from docservice.domain.kinds import Kind
from docservice.jobs.runner import JobRunner
from docservice.reviews.decisions import Decision
from docservice.settings import PROJECT, Settings
from tests.support.actors import SOMEBODY, person

CLERK = "Petra Sander"
SCANNED_DPI = 110
ORDER = BundleOrder(("de", "ru"))

Json = dict[str, Any]


def make(out: Path) -> None:
    """Write the zip file."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir()
        services = build(Settings.from_environment({"DOCSERVICE_DATA_DIR": str(data)}))
        try:
            services.database.upgrade()
            _fill(services)
        finally:
            services.close()
        _pack(data, out)


def _fill(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, _case("06-sommer")).case_id
    bundle_id = services.bundles.request(SOMEBODY, case_id, ORDER).bundle_id
    work(services)
    ready = {document.kind: document for document in services.bundles.get(SOMEBODY, bundle_id).documents}
    for kind in (Kind.ANNEX, Kind.AGREEMENT):
        hand_in(services, ready[kind])
        if kind is Kind.ANNEX:
            accept(services)
    services.bundles.request(SOMEBODY, _of_its_day(services), ORDER)


def _of_its_day(services: Services) -> str:
    """The first of some cases that this release accepts: what a release accepted, all later ones have to read."""
    for case in _odd_cases():
        try:
            return str(services.cases.create(SOMEBODY, case).case_id)
        except InvalidInput:
            continue
    raise DocserviceError("no_case", "This release accepts none of the cases.")


def _odd_cases() -> Iterator[Json]:
    """Those that break most of the later rules come first."""
    grown = _case("08-lea")
    grown["persons"][0] |= {"birth_date": "1975-00-15"}
    grown["persons"][1] |= {"legal_given_names": "XXX", "birth_date": "1950-00-00"}
    yield grown
    represented = _case("08-lea")
    lea, anna = represented["persons"]
    igor = {field: value for field, value in anna.items() if field != "legal_family_name"}
    represented["persons"].append(igor | {"id": "igor", "legal_given_names": "Igor", "salutation": "herr"})
    lea |= {"guardian": ["anna", "igor"], "guardian_kind": "parents"}
    yield represented


def _case(name: str) -> Json:
    case: Json = json.loads((PROJECT / "fixtures" / "cases" / f"{name}.json").read_text("utf-8"))
    return case


def work(services: Services) -> None:
    """Do every job that is due, until none is left."""
    runner = JobRunner(services.jobs, services.tasks, "release-fixture")
    while due := services.jobs.due():
        for job in due:
            runner.run(job.id)


def hand_in(services: Services, document: DocumentView) -> None:
    """The document signed and scanned as one file, read to its end."""
    pdf = services.blobs.get(services.bundles.content(SOMEBODY, document.document_id, "pdf").key)
    facts = {"document_id": document.document_id, "signature_zones": document.signature_zones}
    with services.incoming.reception() as reception:
        reception.begin("scan.pdf")
        reception.write(_scan(pdf, facts, document.pages or 0))
        reception.end()
        services.scans.receive(person(CLERK), reception.files)
    work(services)


def _scan(pdf: bytes, facts: Mapping[str, Any], pages: int) -> bytes:
    sheets = scanned([SheetOf(facts, page) for page in range(1, pages + 1)], {facts["document_id"]: pdf}, seed=7)
    first, *others = [
        Image.fromarray(sheet[:, :, ::-1])
        .convert("L")
        .resize((sheet.shape[1] * SCANNED_DPI // DPI, sheet.shape[0] * SCANNED_DPI // DPI), Image.Resampling.LANCZOS)
        for sheet in sheets
    ]
    file = io.BytesIO()
    first.save(file, "PDF", save_all=True, append_images=others, resolution=SCANNED_DPI, quality=40)
    return file.getvalue()


def accept(services: Services) -> None:
    """Accept what every open review asks about, and do what follows."""
    with services.database.reading() as tx:
        open_ones = [review.id for review in tx.reviews.list_open(limit=100)]
    for review_id in open_ones:
        services.reviews.decide(person(CLERK), review_id, Decision("accept"))
    work(services)


def _pack(data: Path, out: Path) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as packed:
        with closing(sqlite3.connect(data / "docservice.sqlite")) as connection:
            packed.writestr("database.sql", "\n".join(connection.iterdump()))
        for path in sorted(
            path for store in ("blobs", "vault") for path in (data / store).rglob("*") if path.is_file()
        ):
            packed.write(path, str(path.relative_to(data)))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
