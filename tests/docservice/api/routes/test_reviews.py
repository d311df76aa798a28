"""The queue of what waits for a person, and the decisions. What stands on the scans is told, not read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docservice.bootstrap import build
from docservice.client import ApiClient
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.live_api import LiveApi, live_api, settings_in, whole_scan
from tests.support.plain_scans import Page, PlainFiles, PlainReader
from tests.support.problem_documents import check_problem
from tests.support.scan_office import ScanOffice, both_pages

REVIEWS = "/api/v1/reviews"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[LiveApi]:
    services = build(settings_in(tmp_path), templates=library(), picture_files=PlainFiles(), page_reader=PlainReader())
    with live_api(tmp_path, services) as live:
        yield live


@pytest.fixture
def office(api: LiveApi, tmp_path: Path) -> ScanOffice:
    """Prints documents into the database of the API."""
    return ScanOffice(tmp_path, api.services.database)


def scan(api: LiveApi, *pages: Page) -> None:
    api.client.upload("/api/v1/scans", {"stack.pdf": json.dumps(pages).encode()})
    api.run_jobs()


def waiting(api: LiveApi, query: str = "") -> list[dict[str, Any]]:
    return list(api.client.get(f"{REVIEWS}{query}").json["reviews"])


def test_a_person_sees_the_lines_and_confirms_them_by_one_click(api: LiveApi, office: ScanOffice) -> None:
    case_id = office.case()
    scan(api, *both_pages(office.printed(case_id)))
    (review,) = waiting(api)
    assert (review["kind"], review["case_id"], review["choices"]) == (
        "confirm_signatures",
        case_id,
        ["accept", "reject"],
    )
    assert {zone["expected_signer"] for zone in review["zones"]} == {"Ana Példa"}
    for zone in review["zones"]:
        assert api.client.get(zone["crop"]).headers["content-type"].startswith("image/")
    address = f"{REVIEWS}/{review['review_id']}"
    assert api.client.get(address).json == review

    decided = api.client.post(f"{address}/decision", {"decision": "accept"}).json
    assert (decided["state"], decided["decision"], decided["closed_by"]) == ("decided", {"choice": "accept"}, "test")
    assert waiting(api) == []
    # a second click changes nothing, another answer is too late
    assert api.client.post(f"{address}/decision", {"decision": "accept"}).json == decided
    check_problem(api.client.request("POST", f"{address}/decision", {"decision": "reject"}), 409, "already_decided")
    (attachment,) = api.client.get(f"/api/v1/cases/{case_id}/attachments").json["attachments"]
    assert (attachment["version"], attachment["accepted_by"]) == (1, "test")
    assert [scan["page"] for scan in attachment["scans"]] == [1, 2]


def test_a_decision_is_recorded_in_the_name_of_its_token(api: LiveApi, office: ScanOffice) -> None:
    scan(api, *both_pages(office.printed(office.case())))
    desk = ApiClient(api.url, api.services.accounts.create(SOMEBODY, "front-desk"))
    (review,) = waiting(api)
    decided = desk.post(f"{REVIEWS}/{review['review_id']}/decision", {"decision": "reject"}).json
    assert decided["closed_by"] == "front-desk"


def test_a_page_is_put_elsewhere_until_a_document_is_accepted_with_it(api: LiveApi, office: ScanOffice) -> None:
    wrong, right = office.printed(office.case()), office.printed(office.case(), pages=1)
    scan(api, {"letter": "smudged", "signed": ["party-1", "city-1"]})
    (review,) = waiting(api, "?kind=page")
    address = f"{REVIEWS}/{review['review_id']}/decision"
    for document_id in (wrong, right):
        api.client.post(address, {"decision": "assign", "document_id": document_id, "page": 1})
        api.run_jobs()
    (confirmation,) = waiting(api)
    assert confirmation["document_id"] == right
    api.client.post(f"{REVIEWS}/{confirmation['review_id']}/decision", {"decision": "accept"})
    check_problem(api.client.request("POST", address, {"decision": "dismiss"}), 409, "attached_already")


def test_a_page_is_put_where_a_person_says(api: LiveApi, office: ScanOffice) -> None:
    document_id = office.printed(office.case())
    scan(api, {"document": document_id, "page": 2, "hidden": True, "unlike": True, "signed": ["party-1", "city-1"]})
    (review,) = waiting(api, "?kind=page")
    assert review["picture"]
    decision = {"decision": "assign", "document_id": document_id, "page": 2}
    api.client.post(f"{REVIEWS}/{review['review_id']}/decision", decision)
    api.run_jobs()
    (page,) = whole_scan(api.client, f"/api/v1/scans/{review['upload_id']}")["pages"]
    assert (page["verdict"], page["document_id"], page["page"]) == ("matched", document_id, 2)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ([], [("", "not_an_object")]),
        ({}, [("decision", "missing")]),
        ({"decision": "perhaps"}, [("decision", "not_a_choice")]),
        (
            {"decision": 7, "document_id": "x", "page": 0, "note": "Canary"},
            [("", "unknown_field"), ("decision", "wrong_type"), ("document_id", "wrong_type"), ("page", "wrong_type")],
        ),
        ({"decision": "assign", "page": True}, [("page", "wrong_type")]),
        ({"decision": "assign"}, [("document_id", "unknown_document")]),
    ],
)
def test_a_decision_that_is_none_is_refused_with_all_faults(
    api: LiveApi, body: object, faults: list[tuple[str, str]]
) -> None:
    scan(api, {"letter": "of somebody"})
    (review,) = waiting(api)
    answer = api.client.request("POST", f"{REVIEWS}/{review['review_id']}/decision", body)
    check_problem(answer, 422, "invalid_input")
    assert [(fault["path"], fault["code"]) for fault in answer.json["faults"]] == faults
    assert b"Canary" not in answer.body


def test_a_long_queue_is_read_in_pieces(api: LiveApi) -> None:
    scan(api, *({"letter": str(number)} for number in range(5)))
    everything = [review["review_id"] for review in waiting(api)]
    assert len(everything) == 5
    found, address = [], f"{REVIEWS}?limit=2&kind=page"
    while address:
        answer = api.client.get(address)
        found += [review["review_id"] for review in answer.json["reviews"]]
        address = answer.json["next"]
        assert answer.headers.get("link") == (f'<{address}>; rel="next"' if address else None)
    assert found == everything
    assert waiting(api, "?kind=zone") == []


FIRST_DAY = "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCAwMTIzNDU2Nzg5QUJDREVGR0hKSw"  # 0001-01-01T00:00:00+14:00, and an id


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "kind=none", "state=closed", "cursor=nothing", f"cursor={FIRST_DAY}"]
)
def test_a_list_that_cannot_be_had_is_refused(api: LiveApi, query: str) -> None:
    check_problem(api.client.request("GET", f"{REVIEWS}?{query}"), 422, "invalid_input")


def test_reviews_that_are_not_there(api: LiveApi) -> None:
    nobody = f"{REVIEWS}/{'0' * 20}"
    check_problem(api.client.request("GET", nobody), 404, "not_found")
    check_problem(api.client.request("POST", f"{nobody}/decision", {"decision": "accept"}), 404, "not_found")
    assert api.stranger.request("GET", REVIEWS).status == 401
