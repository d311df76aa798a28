"""Persons over time: no two benefits on one day, names of before, one person in two cases."""

from __future__ import annotations

from typing import Any

from tests.support.live_api import LiveApi, miller


def faults(answer: Any) -> set[tuple[str, str]]:
    assert answer.status == 422, answer.body
    return {(fault["path"], fault["code"]) for fault in answer.json["faults"]}


def test_a_person_lives_on_benefits_and_then_no_longer(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}/persons/anna/benefits"
    assert api.client.get(address).json == {"periods": []}
    full = api.client.request("POST", address, {"code": "full", "valid_from": "2026-01-01", "source": "told"})
    assert (full.status, full.json["number"], full.headers["etag"]) == (201, 1, '"1"')
    later = {"code": "supplementary", "valid_from": "2026-07-01"}
    assert faults(api.client.request("POST", address, later)) == {("valid_from", "periods_overlap")}
    end = {"valid_to": "2026-06-30"}
    assert api.client.request("PATCH", f"{address}/1", end).status == 428
    ended = api.client.request("PATCH", f"{address}/1", end, {"If-Match": '"1"'})
    assert (ended.status, ended.json["valid_to"], ended.headers["etag"]) == (200, "2026-06-30", '"2"')
    assert api.client.request("PATCH", f"{address}/1", end, {"If-Match": '"1"'}).status == 412
    assert api.client.request("POST", address, later).status == 201
    assert [each["code"] for each in api.client.get(address).json["periods"]] == ["full", "supplementary"]
    wrong = {"code": "rich", "valid_from": "2026-02-30", "more": 1}
    assert faults(api.client.request("POST", address, wrong)) == {
        ("code", "unknown_value"),
        ("valid_from", "no_such_day"),
        ("more", "unknown_field"),
    }
    backwards = {"code": "none", "valid_from": "2028-01-01", "valid_to": "2027-01-01"}
    assert faults(api.client.request("POST", address, backwards)) == {("valid_to", "ends_before_it_begins")}
    assert faults(api.client.request("POST", address, [])) == {("body", "not_an_object")}
    assert api.client.request("PATCH", f"{address}/9", end, {"If-Match": "*"}).status == 404


def test_what_the_file_says_is_changed_in_the_file(api: LiveApi) -> None:
    case = f"/api/v1/cases/{api.new_case()}"
    listed = api.client.get(f"{case}/persons/anna/legal-status").json["periods"]
    assert [each["filed"] for each in listed] == [True] * len(listed)
    assert listed
    change = api.client.request("PATCH", f"{case}/persons/anna/legal-status/1", {"evidence": "x"}, {"If-Match": "*"})
    assert (change.status, change.json["code"]) == (409, "period_filed")


def test_a_former_name_is_kept(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}/persons/igor/names"
    former = {"code": "bvfg_94", "family_name": "Миллер", "valid_to": "2025-05-01"}
    assert faults(api.client.request("POST", address, former)) == {("family_name", "character_not_allowed")}
    made = api.client.request("POST", address, former | {"family_name": "Mueller"})
    assert (made.status, made.json["period"]["family_name"]) == (201, "Mueller")


def test_one_person_may_belong_to_two_cases_and_be_bound_in_one(api: LiveApi) -> None:
    first, second = api.new_case(), api.new_case(miller() | {"case_number": "2026-0990"})
    persons = {each["name"]: each for each in api.client.get(f"/api/v1/cases/{first}/persons").json["persons"]}
    address = f"/api/v1/cases/{second}/persons"
    lena = {"person_id": persons["lena"]["person_id"]}
    known = api.client.request("PATCH", f"{address}/lena", lena)
    assert known.status == 200
    told = {each["name"]: each for each in known.json["persons"]}["lena"]
    assert (told["person_id"], set(told["cases"])) == (lena["person_id"], {first, second})
    assert faults(api.client.request("PATCH", f"{address}/max", lena)) == {("person_id", "not_this_person")}
    assert faults(api.client.request("PATCH", f"{address}/max", {"person_id": "x"})) == {
        ("person_id", "not_this_person")
    }
    anna = {"person_id": persons["anna"]["person_id"]}
    assert faults(api.client.request("PATCH", f"{address}/anna", anna)) == {("person_id", "second_agreement")}
    assert api.client.request("PATCH", f"{address}/nobody", anna).status == 404
    for missing in (f"{address}/nobody/benefits", f"{address}/anna/horses", f"/api/v1/cases/{'0' * 20}/persons"):
        assert api.client.request("GET", missing).status == 404

    agreement = {"parties": ["lena"], "representatives": [{"family_name": "Sander"}]}
    assert api.client.request("POST", f"/api/v1/cases/{second}/agreements", agreement).status == 201
    refused = api.client.request("POST", f"/api/v1/cases/{first}/agreements", agreement)
    assert faults(refused) == {("parties[0]", "second_agreement")}
