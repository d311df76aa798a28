"""Cases are searched; a name is asked for in a body, and never stands in an address, a log or an error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.live_api import LiveApi, miller
from tests.support.problem_documents import check_problem

SEARCH = "/api/v1/cases/search"


@pytest.fixture(scope="module")
def case_id(api: LiveApi) -> str:
    file = miller() | {"case_number": "S-77"}
    file["persons"] = [dict(each) for each in file["persons"]]
    file["persons"][0]["legal_family_name"] = "Zilpzälp"
    return api.new_case(file)


def found(api: LiveApi, asked: object, query: str = "") -> list[dict[str, Any]]:
    answer = api.client.request("POST", f"{SEARCH}{query}", asked)
    assert answer.status == 200, answer.body
    cases: list[dict[str, Any]] = answer.json["cases"]
    return cases


def test_a_case_is_found_by_somebody_s_name_and_says_who_belongs_to_it(api: LiveApi, case_id: str) -> None:
    (case,) = found(api, {"name": "zilpzaelp anna", "birth_year": 1984, "number": "s-"})
    assert (case["case_id"], case["case_number"], case["case"]) == (case_id, "S-77", f"/api/v1/cases/{case_id}")
    anna = case["persons"][0]
    assert (anna["name"], anna["family_name"], anna["birth_date"], anna["left_on"]) == (
        *("anna", "Zilpzälp", "1984-03-09"),
        None,
    )
    assert found(api, {"name": "Zilpzalp"}) == []


def test_the_same_filters_without_names_stand_in_an_address(api: LiveApi, case_id: str) -> None:
    query = "q=s-77&state=in_preparation&appointment_from=2020-01-01"
    (listed,) = api.client.get(f"/api/v1/cases?{query}").json["cases"]
    assert listed["case_id"] == case_id
    assert "persons" not in listed
    assert api.client.get("/api/v1/cases?q=S-77&state=ended").json == {"cases": [], "next": None}
    assert api.client.get("/api/v1/cases?q=S-77&papers=printed").json["cases"] == []
    for name, value, code in (
        ("state", "none", "unknown_value"),
        ("appointment_to", "1.2.2026", "date_form"),
        ("papers", "", "unknown_value"),
    ):
        refused = api.client.request("GET", f"/api/v1/cases?{name}={value}")
        check_problem(refused, 422, "invalid_input")
        assert [(each["path"], each["code"]) for each in refused.json["faults"]] == [(name, code)]


def test_what_follows_is_asked_for_with_the_same_body(api: LiveApi, case_id: str) -> None:
    for number in range(4):
        api.new_case(miller() | {"case_number": f"S-8{number}"})
    asked, address, told = {"number": "S-8", "name": "miller"}, f"{SEARCH}?limit=3", list[str]()
    while address:
        answer = api.client.request("POST", address, asked)
        told += [each["case_number"] for each in answer.json["cases"]]
        address = answer.json["next"]
        assert ("link" in answer.headers) == bool(address)
    assert told == ["S-83", "S-82", "S-81", "S-80"]


def test_a_name_stands_in_no_address_no_log_and_no_error(api: LiveApi, case_id: str) -> None:
    asked = {"name": "Zilpzälp", "birth_year": 1984}
    answer = api.client.request("POST", f"{SEARCH}?limit=1", asked)
    refused = [
        api.client.request("POST", SEARCH, {"name": f"Zilpzälp \x00 {'z' * 300}"}),
        api.client.request("POST", SEARCH, {"state": "Zilpzälp", "Zilpzälp": "Zilpzälp", "papers": "Zilpzälp"}),
        api.client.request("POST", SEARCH, "Zilpzälp"),
        api.client.request("GET", "/api/v1/cases?state=Zilpz%C3%A4lp&papers=Zilpz%C3%A4lp"),
    ]
    for each in refused:
        check_problem(each, 422, "invalid_input")
        assert "zilpz" not in each.body.decode().lower()
    assert "Zilpz" not in str(answer.headers)
    assert "zilpz" not in api.log.getvalue().lower()
    assert any(line["status"] == 422 for line in api.log_lines)  # they were logged
