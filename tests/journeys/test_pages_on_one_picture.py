"""Several pages on one picture, from the glass to the archive: each goes where it belongs, and nothing of another."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from docservice.domain.documents import PlacedZone
from docservice.tools.untrusted.pictures import Pixels
from tests.support.fixtures import load_case
from tests.support.live_api import LiveApi, live_api, whole_scan
from tests.support.scan_simulator import GeneratedDocument, Simulator, everyone_signs
from tests.support.shared_pictures import on_a_table, side_by_side

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApi]:
    with live_api(tmp_path_factory.mktemp("office")) as live:
        yield live


@pytest.fixture(scope="module")
def printed(api: LiveApi) -> dict[tuple[str, str], GeneratedDocument]:
    """The documents of two families by family and kind."""
    made = {}
    for family in ("01-miller", "06-sommer"):
        bundle = api.finished(api.new_bundle(api.new_case(load_case(family)), {"languages": ["de"]}))
        for document in bundle["documents"]:
            zones = tuple(
                PlacedZone(zone["zone_id"], zone["page"], tuple(zone["rect"])) for zone in document["signature_zones"]
            )
            pdf = api.client.get(document["pdf"]).body
            made[family, document["kind"]] = GeneratedDocument(document["document_id"], pdf, document["pages"], zones)
    return made


def scanned(simulator: Simulator, document: GeneratedDocument, page: int) -> Pixels:
    signatures = everyone_signs(document, page)
    pixels = simulator.page(document, page, "grey200", signatures=signatures, rotation=0).picture().pixels
    return np.ascontiguousarray(pixels[:2300, :1630])


def as_jpeg(pixels: Pixels) -> bytes:
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert done
    return encoded.tobytes()


def handed_in(api: LiveApi, name: str, pixels: Pixels) -> dict[str, Any]:
    accepted = api.client.upload("/api/v1/scans", {name: as_jpeg(pixels)}).json
    api.run_jobs()
    return seen(api, accepted["scan"])


def seen(api: LiveApi, address: str) -> dict[str, Any]:
    told = whole_scan(api.client, address)
    assert told["state"] == "done"
    return told


def accepted(api: LiveApi, upload: dict[str, Any]) -> dict[str, Any]:
    """The upload after a person has said yes to all that was asked."""
    address = f"/api/v1/scans/{upload['upload_id']}"
    answers = {"confirm_signatures": "accept", "zone": "signed", "hand_amended": "accept"}
    for _ in range(3):
        for review_id in seen(api, address)["reviews"]:
            kind = api.client.get(f"/api/v1/reviews/{review_id}").json["kind"]
            api.client.post(f"/api/v1/reviews/{review_id}/decision", {"decision": answers[kind]})
        api.run_jobs()
    return seen(api, address)


def packages(api: LiveApi, upload: dict[str, Any]) -> dict[str, zipfile.ZipFile]:
    """The archived packages by document."""
    return {
        document["document_id"]: zipfile.ZipFile(
            io.BytesIO(api.client.get(f"/api/v1/archive/{document['archive_id']}/package").body)
        )
        for document in upload["documents"]
    }


def test_a_booklet_becomes_a_whole_document(api: LiveApi, printed: dict[tuple[str, str], GeneratedDocument]) -> None:
    """The agreement's two pages on one glass: all is there, and the package holds the file as it came."""
    agreement = printed["01-miller", "agreement"]
    simulator = Simulator(21)
    pages = [scanned(simulator, agreement, page) for page in range(1, agreement.pages + 1)]
    glass = side_by_side(*pages)
    read = handed_in(api, "booklet.jpg", glass)
    assert [(page["document_id"], page["page"], page["verdict"]) for page in read["pages"]] == [
        (agreement.document_id, page, "matched") for page in range(1, agreement.pages + 1)
    ]
    assert [(page["index"], page["region"]) for page in read["pages"]] == [(0, place) for place in range(len(pages))]
    assert read["progress"] == {"pages_read": 1, "pages": 1}
    read = accepted(api, read)
    assert [(document["state"], document["missing"]) for document in read["documents"]] == [("accepted", [])]
    package = packages(api, read)[agreement.document_id]
    originals = [name for name in package.namelist() if name.startswith("original/")]
    assert [package.read(name) for name in originals] == [as_jpeg(glass)]
    derived = drawn(package)
    assert len(derived) == agreement.pages
    for page, original in zip(derived, pages, strict=True):
        assert likeness(page, original) > 0.6


def test_sheets_of_two_families_on_a_table_go_apart(
    api: LiveApi, printed: dict[tuple[str, str], GeneratedDocument]
) -> None:
    """Each package holds its own page alone: what lies outside its outline is white."""
    ours, theirs = printed["01-miller", "annex"], printed["06-sommer", "annex"]
    simulator = Simulator(22)
    pages = {document.document_id: scanned(simulator, document, 1) for document in (ours, theirs)}
    read = handed_in(api, "table.jpg", on_a_table(*pages.values()))
    assert sorted((page["document_id"], page["page"], page["verdict"]) for page in read["pages"]) == sorted(
        (document.document_id, 1, "matched") for document in (ours, theirs)
    )
    read = accepted(api, read)
    assert {document["state"] for document in read["documents"]} == {"accepted"}
    for document_id, package in packages(api, read).items():
        (described,) = json.loads(package.read("manifest.json"))["originals"]
        assert (described["whole"], described["pages_in_file"]) == (False, 1)
        (taken,) = described["taken"]
        assert (taken["form"], len(taken["outline"])) == ("lossless_pixels", 4)
        kept = np.asarray(Image.open(io.BytesIO(package.read(taken["path"]))))
        assert kept.shape[:2] == (taken["height"], taken["width"])
        assert kept.shape[1] < 1.3 * 1630
        (derived,) = drawn(package)
        like = {other: likeness(derived, page) for other, page in pages.items()}
        assert max(like, key=lambda other: like[other]) == document_id, like


def test_a_page_that_is_cut_off_waits_for_a_person(
    api: LiveApi, printed: dict[tuple[str, str], GeneratedDocument]
) -> None:
    agreement = printed["06-sommer", "agreement"]
    simulator = Simulator(23)
    whole, cut = scanned(simulator, agreement, 1), scanned(simulator, agreement, 2)
    read = handed_in(api, "cut.jpg", side_by_side(whole, cut[:, :1200]))
    taken, rest = read["pages"]
    assert (taken["verdict"], taken["document_id"], taken["page"]) == ("matched", agreement.document_id, 1)
    assert (rest["verdict"], rest["document_id"], rest["reason"]) == ("unreadable", None, "not_whole")
    (review,) = (api.client.get(f"/api/v1/reviews/{review_id}").json for review_id in read["reviews"])
    assert (review["page_id"], review["kind"]) == (rest["page_id"], "page")
    assert api.client.get(review["picture"]).headers["content-type"] == "image/jpeg"
    decision = {"decision": "assign", "document_id": agreement.document_id, "page": 2}
    api.client.post(f"/api/v1/reviews/{review['review_id']}/decision", decision)
    api.run_jobs()
    taken, rest = seen(api, f"/api/v1/scans/{read['upload_id']}")["pages"]
    assert (rest["verdict"], rest["document_id"], rest["page"]) == ("matched", agreement.document_id, 2)
    assert {zone["verdict"] for zone in rest["zones"]} <= {"uncertain", "signed"}


def drawn(package: zipfile.ZipFile) -> list[Pixels]:
    """The pages of the reading copy."""
    document = pdfium.PdfDocument(package.read("derived/document.pdf"))
    try:
        return [np.asarray(page.render(scale=1).to_pil().convert("L"), np.uint8) for page in document]
    finally:
        document.close()


def likeness(one: Pixels, other: Pixels) -> float:
    """How much two pictures show the same page, by where print stands: 1 is all."""
    size = 150, 210
    small = [cv2.resize(page, size, interpolation=cv2.INTER_AREA) for page in (one, other)]
    first, second = (cv2.GaussianBlur(page, (0, 0), 2)[8:-8, 8:-8].ravel() for page in small)
    return float(np.corrcoef(first, second)[0, 1])
