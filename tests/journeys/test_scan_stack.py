"""The stack of the office scanner, handed in as it is: mixed cases, upside down, blanks, a letter, a missing page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from docservice.domain.documents import PlacedZone
from tests.support.fixtures import load_case
from tests.support.hostile_files import HOSTILE
from tests.support.live_api import LiveApi, live_api, whole_scan
from tests.support.scan_simulator import (
    GeneratedDocument,
    Mishaps,
    PageKind,
    PlacedPage,
    Simulator,
    Stack,
    StackMaker,
    everyone_signs,
)

pytestmark = pytest.mark.timeout(240)

FAMILIES = ("06-sommer", "08-lea")
MISHAPS = Mishaps(
    missing=1, scanned_again=1, blanks=2, backs=0.2, foreign=1, codes_lost=1, spoiled=0.0, unsigned=0.3, distracted=0.0
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApi]:
    with live_api(tmp_path_factory.mktemp("office")) as live:
        yield live


@pytest.fixture(scope="module")
def printed(api: LiveApi) -> list[GeneratedDocument]:
    """The documents of two families, made by the service itself."""
    made = []
    for family in FAMILIES:
        case_id = api.new_case(load_case(family))
        bundle = api.finished(api.new_bundle(case_id, {"languages": ["de"]}))
        for document in bundle["documents"]:
            zones = tuple(
                PlacedZone(zone["zone_id"], zone["page"], tuple(zone["rect"])) for zone in document["signature_zones"]
            )
            pdf = api.client.get(document["pdf"]).body
            made.append(GeneratedDocument(document["document_id"], pdf, document["pages"], zones))
    return made


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(7)


@pytest.fixture(scope="module")
def stack(printed: list[GeneratedDocument], simulator: Simulator) -> Stack:
    return StackMaker(simulator).make(printed, profile="grey200", mishaps=MISHAPS)


@pytest.fixture(scope="module")
def read(api: LiveApi, stack: Stack) -> dict[str, Any]:
    """What the service says of the stack, handed in between two files that are none."""
    (locked,) = [hostile.make() for hostile in HOSTILE if hostile.name == "password.pdf"]
    files = {"locked.pdf": locked, **{file.name: file.data for file in stack.files}, "empty.pdf": b""}
    return handed_in(api, files)


def handed_in(api: LiveApi, files: Mapping[str, bytes | Path]) -> dict[str, Any]:
    accepted = api.client.upload("/api/v1/scans", files).json
    api.run_jobs()
    told = whole_scan(api.client, accepted["scan"])
    assert told["state"] == "done"
    return told


def with_truth(stack: Stack, read: Mapping[str, Any]) -> list[tuple[PlacedPage, dict[str, Any]]]:
    pages = {(page["file"], page["index"]): page for page in read["pages"]}
    return [(placed, pages[placed.file, placed.index]) for placed in stack.truth.pages]


def test_every_page_is_where_it_belongs_or_waits_for_a_person(stack: Stack, read: Mapping[str, Any]) -> None:
    """No page is ever put on another document; upside down or not, in whatever order."""
    for placed, page in with_truth(stack, read):
        truth = placed.truth
        if page["document_id"] is not None:
            assert (page["document_id"], page["page"]) == (truth.document_id, truth.page)
            assert page["rotation"] == truth.rotation
        if truth.kind is PageKind.BLANK:
            assert page["verdict"] == "blank", truth
        elif truth.kind is PageKind.FOREIGN:
            assert page["verdict"] in ("foreign", "unreadable")
        elif truth.readable:
            assert page["verdict"] in ("matched", "duplicate"), truth
        else:
            assert page["verdict"] == "unreadable"


def test_the_missing_page_is_named(stack: Stack, read: Mapping[str, Any]) -> None:
    unread = [p.truth for p in stack.truth.pages if p.truth.kind is PageKind.FORM and not p.truth.readable]
    seen = {p.truth.document_id for p in stack.truth.pages if p.truth.kind is PageKind.FORM and p.truth.readable}
    lost = {*stack.truth.missing, *((truth.document_id, truth.page) for truth in unread)}
    expected = {(document_id, page) for document_id, page in lost if document_id in seen}  # others came back not at all
    assert expected
    assert {(d["document_id"], page) for d in read["documents"] for page in d["missing"]} == expected
    for document in read["documents"]:
        assert (document["state"] == "incomplete") == bool(document["missing"])


def test_no_line_without_a_signature_is_said_to_be_signed(stack: Stack, read: Mapping[str, Any]) -> None:
    for placed, page in with_truth(stack, read):
        verdicts = {zone["zone_id"]: zone["verdict"] for zone in page["zones"]}
        for zone_id, zone in placed.truth.zones.items():
            if not zone.signed:
                assert verdicts.get(zone_id) != "signed", (placed.file, placed.index, zone_id)


def test_a_bad_file_stops_nobody(read: Mapping[str, Any]) -> None:
    assert [(file["file"], file["code"]) for file in read["rejected_files"]] == [
        ("locked.pdf", "encrypted"),
        ("empty.pdf", "empty"),
    ]


def test_whatever_is_open_waits_with_a_picture_and_a_reason(api: LiveApi, read: Mapping[str, Any]) -> None:
    asked = {review_id: api.client.get(f"/api/v1/reviews/{review_id}").json for review_id in read["reviews"]}
    for page in read["pages"]:
        if page["verdict"] in ("foreign", "unreadable"):
            (review,) = [review for review in asked.values() if review["page_id"] == page["page_id"]]
            assert review["kind"] == "page"
            assert api.client.get(review["picture"]).headers["content-type"] == "image/jpeg"
            assert review["detail"]
            assert review["detail_de"]
    waiting = {document["document_id"] for document in read["documents"] if document["state"] == "needs_review"}
    assert waiting <= {review["document_id"] for review in asked.values()}


def test_the_originals_are_kept_as_they_came(api: LiveApi, stack: Stack, read: Mapping[str, Any]) -> None:
    for file in stack.files:
        digest = hashlib.sha256(file.data).hexdigest()
        assert api.services.blobs.get(f"scans/originals/{digest}") == file.data


def test_a_page_without_code_is_proposed_and_confirmed_by_one_click(
    api: LiveApi, stack: Stack, read: Mapping[str, Any]
) -> None:
    truths = [(p.truth, page) for p, page in with_truth(stack, read) if p.truth.kind is PageKind.FORM]
    ((truth, page),) = [(truth, page) for truth, page in truths if not truth.readable]
    review = next(
        review
        for review_id in read["reviews"]
        if (review := api.client.get(f"/api/v1/reviews/{review_id}").json)["page_id"] == page["page_id"]
    )
    assert (review["proposal"]["document_id"], review["proposal"]["page"]) == (truth.document_id, truth.page)
    api.client.post(f"/api/v1/reviews/{review['review_id']}/decision", {"decision": "confirm_proposal"})
    api.run_jobs()
    again = whole_scan(api.client, f"/api/v1/scans/{read['upload_id']}")
    placed = next(each for each in again["pages"] if each["page_id"] == page["page_id"])
    assert (placed["verdict"], placed["document_id"], placed["page"]) == ("matched", truth.document_id, truth.page)


def test_the_missing_page_comes_later_and_completes_its_document(
    api: LiveApi, printed: list[GeneratedDocument], simulator: Simulator, stack: Stack, read: Mapping[str, Any]
) -> None:
    ((document_id, number),) = stack.truth.missing
    document = next(document for document in printed if document.document_id == document_id)
    scan = simulator.page(document, number, "grey200", signatures=everyone_signs(document, number), rotation=180)
    assert scan.jpeg is not None
    later = handed_in(api, {"later.jpg": scan.jpeg})
    (found,) = later["documents"]
    assert (found["document_id"], found["missing"]) == (document_id, [])
    assert found["state"] != "incomplete"
