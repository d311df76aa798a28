"""The way back: the documents are signed on paper and scanned, one page is forgotten, found, and all is archived."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docservice.archive.verify import Verdict, verify_package
from docservice.client import ApiClient
from docservice.demo.orders import Steps, file_name
from docservice.demo.paper import SheetOf, jpeg_of, pdf_of, scanned
from docservice.domain.errors import DocserviceError

_SEED = 20261122
_FORGOTTEN = 2  # page of the last document
_ANSWERS = {"confirm_signatures": "accept", "zone": "signed"}
_ARCHIVE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Archived:
    """A package of the archive, checked as it came and with one byte changed."""

    file: Path
    seq: int
    intact: Verdict
    altered: Verdict


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of the scans. `before` and `after` are the states of the documents around the missing page."""

    before: Sequence[Mapping[str, Any]]
    after: Sequence[Mapping[str, Any]]
    questions: Sequence[Mapping[str, Any]]
    packages: Sequence[Archived]


def bring_back(demo: Steps, client: ApiClient, bundle: Mapping[str, Any]) -> Returned:
    """Sign, scan, hand in, confirm, archive, verify. Raises DocserviceError when it does not turn out as it should."""
    kinds = {document["document_id"]: document["kind"] for document in bundle["documents"]}
    with demo.step("sign the documents and scan them, one page forgotten, one upside down"):
        stack, forgotten = _scans(demo.out, bundle["documents"])
    with demo.step("hand in the scan and follow it until it is read"):
        before = _read(client, stack, kinds)
    with demo.step("scan the missing page, too"):
        _read(client, forgotten, kinds)
    with demo.step("confirm the signatures"):
        questions = _confirm(client, demo.out)
    with demo.step("wait for the archive, download the packages"):
        packages, attachments = _packages(client, demo.out, bundle)
        after = _documents(client, attachments, kinds)
    return Returned(before, after, questions, packages)


def return_at_once(demo: Steps, client: ApiClient, bundle: Mapping[str, Any]) -> Sequence[Archived]:
    """The documents of a bundle, signed and scanned as one stack, confirmed and archived; their packages."""
    kinds = {document["document_id"]: document["kind"] for document in bundle["documents"]}
    sheets, pdfs = _sheets(demo.out, bundle["documents"])
    stack = demo.out / f"scan-{file_name(bundle['documents'][0])}.pdf"
    stack.write_bytes(pdf_of(scanned(sheets, pdfs, _SEED)))
    _read(client, stack, kinds)
    _confirm(client, demo.out)
    packages, _ = _packages(client, demo.out, bundle)
    return packages


def _scans(out: Path, documents: Sequence[Mapping[str, Any]]) -> tuple[Path, Path]:
    sheets, pdfs = _sheets(out, documents)
    sheets = [replace(sheet, upside_down=sheet.document is documents[1] and sheet.page == 1) for sheet in sheets]
    is_there = [(sheet.document, sheet.page) != (documents[-1], _FORGOTTEN) for sheet in sheets]
    pictures = scanned(sheets, pdfs, _SEED)
    stack, forgotten = out / "scan.pdf", out / "scan-missing-page.jpg"
    stack.write_bytes(pdf_of([picture for picture, there in zip(pictures, is_there, strict=True) if there]))
    forgotten.write_bytes(
        jpeg_of(next(picture for picture, there in zip(pictures, is_there, strict=True) if not there))
    )
    return stack, forgotten


def _sheets(out: Path, documents: Sequence[Mapping[str, Any]]) -> tuple[list[SheetOf], dict[str, bytes]]:
    """Every page of the documents, and their PDFs by id."""
    pdfs = {document["document_id"]: (out / f"{file_name(document)}.pdf").read_bytes() for document in documents}
    return [SheetOf(each, page) for each in documents for page in range(1, each["pages"] + 1)], pdfs


def _read(client: ApiClient, file: Path, kinds: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Hand in a file; the documents of its pages, in stapling order, once it is read."""
    accepted = client.upload("/api/v1/scans", {file.name: file}, {"device": "demo"}).json
    for event in client.events(accepted["events"]):
        print(f"  {event.name}", file=sys.stderr, flush=True)
    answer, pages = client.get(accepted["scan"]).json, client.listed(f"{accepted['scan']}/pages", "pages")
    if answer["state"] != "done" or any(page["verdict"] != "matched" for page in pages):
        raise DocserviceError.told("demo.demo_failed.recognised")
    return sorted(answer["documents"], key=lambda document: list(kinds).index(document["document_id"]))


def _confirm(client: ApiClient, out: Path) -> list[Mapping[str, Any]]:
    """Answer every question as whoever held the pen can; the questions, and a picture of the first one."""
    asked: list[Mapping[str, Any]] = []
    while questions := client.get("/api/v1/reviews").json["reviews"]:
        for question in questions:
            if question["kind"] not in _ANSWERS:
                raise DocserviceError.told("demo.demo_failed.question", reason=question["reason"])
            picture = out / "signature.jpg"
            if question["zones"] and not picture.exists():
                picture.write_bytes(client.get(question["zones"][0]["crop"]).body)
            decision = {"decision": _ANSWERS[question["kind"]]}
            asked.append(client.post(f"/api/v1/reviews/{question['review_id']}/decision", decision).json)
    return asked


def _packages(
    client: ApiClient, out: Path, bundle: Mapping[str, Any]
) -> tuple[list[Archived], list[Mapping[str, Any]]]:
    """The packages of the documents of a bundle, and their attachments, once all are kept."""
    names = {document["document_id"]: file_name(document) for document in bundle["documents"]}
    attachments = _archived(client, bundle["case_id"], names)
    return [_package(client, out, each, names[each["document_id"]]) for each in attachments], attachments


def _archived(client: ApiClient, case_id: str, documents: Collection[str]) -> list[Mapping[str, Any]]:
    """The attachments of these documents, once all of them are attached and their packages are kept."""
    deadline = time.monotonic() + _ARCHIVE_SECONDS
    while time.monotonic() < deadline:
        found = client.get(f"/api/v1/cases/{case_id}/attachments").json["attachments"]
        attachments = [attachment for attachment in found if attachment["document_id"] in documents]
        kept = [each for each in attachments if each["archive"] and client.get(each["archive"]).json["package"]]
        if len(kept) == len(documents):
            return kept
        time.sleep(0.1)
    raise DocserviceError.told("demo.demo_failed.archive")


def _documents(
    client: ApiClient, attachments: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]
) -> list[Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for upload_id in {attachment["upload_id"] for attachment in attachments}:
        for document in client.get(f"/api/v1/scans/{upload_id}").json["documents"]:
            found[document["document_id"]] = document
    return [found[document_id] for document_id in kinds]


def _package(client: ApiClient, out: Path, attachment: Mapping[str, Any], name: str) -> Archived:
    told = client.get(attachment["archive"]).json
    file, changed = out / f"{name}.zip", out / f"{name}-one-byte-changed.zip"
    data = bytearray(client.get(told["package"]).body)
    file.write_bytes(data)
    data[len(data) // 3] ^= 1
    changed.write_bytes(data)
    return Archived(file, told["entry"]["seq"], verify_package(file), verify_package(changed))
