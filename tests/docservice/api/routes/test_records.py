"""The record of a case over HTTP: lists, entries, drafts of what follows, states; all faults at once."""

from __future__ import annotations

import pytest

from tests.support.live_api import LiveApi

DRAWERS = ("agreements", "annexes", "help-plans", "assessments", "contacts", "appointments", "breaches")


@pytest.mark.parametrize("drawer", DRAWERS)
def test_every_drawer_has_a_list_and_says_what_it_does_not_have(api: LiveApi, drawer: str) -> None:
    address = f"/api/v1/cases/{api.new_case()}/{drawer}"
    listed = api.client.get(address)
    assert listed.status == 200
    assert listed.json["next"] is None
    for entry in listed.json["entries"]:
        one = api.client.get(f"{address}/{entry['number']}")
        assert one.json == entry
        assert one.headers["etag"] == f'"{entry["revision"]}"'
    for missing in ("99", "0", "x"):
        answer = api.client.request("GET", f"{address}/{missing}")
        assert (answer.status, answer.json["code"]) == (404, "not_found")
    nobody = api.client.request("GET", f"/api/v1/cases/{'0' * 20}/{drawer}")
    assert nobody.status == 404
    assert api.stranger.request("GET", address).status == 401


def test_annex_after_annex(api: LiveApi) -> None:
    case = f"/api/v1/cases/{api.new_case()}"
    key = {"Idempotency-Key": "second-talk"}
    reports = {"reports": [{"origin": "1-2", "done_on": "2020-01-01"}]}
    made = api.client.request("POST", f"{case}/annexes/next", reports, key)
    assert (made.status, made.headers["location"]) == (201, f"{case}/annexes/2")
    assert [each["origin"] for each in made.json["changes"]["finished"]] == ["1-2"]
    assert set(made.json["changes"]) == {"added", "changed", "finished", "dropped"}
    assert api.client.get(made.headers["location"]).json == made.json["entry"]
    assert api.client.request("POST", f"{case}/annexes/next", reports, key).json == made.json
    assert api.client.get(case).json["case"]["annex"] == made.json["entry"]["entry"]

    third = api.client.request("POST", f"{case}/annexes/next", b"")
    assert (third.status, third.json["entry"]["number"]) == (201, 3)
    first = api.client.get(f"{case}/annexes?limit=2")
    assert [each["number"] for each in first.json["entries"]] == [3, 2]
    assert [each["number"] for each in api.client.get(first.json["next"]).json["entries"]] == [1]


def test_a_plan_is_carried_forward(api: LiveApi) -> None:
    case = f"/api/v1/cases/{api.new_case()}"
    body = {"created_jointly_on": "2027-06-03", "reports": [{"origin": "1-1", "goal": "achieved"}]}
    made = api.client.request("POST", f"{case}/help-plans/next", body)
    assert (made.status, made.json["entry"]["number"]) == (201, 2)
    assert made.json["changes"]["finished"][0]["fields"] == [{"field": "state", "before": "open", "after": "achieved"}]
    assert "result_missing" in {warning["code"] for warning in made.json["entry"]["warnings"]}

    refused = api.client.request("POST", f"{case}/help-plans", {"version": 9, "goals": [{"area": "arbeit"}]})
    assert refused.status == 422
    found = {(fault["path"], fault["code"]) for fault in refused.json["faults"]}
    assert found == {("version", "number_not_next"), ("goals[0].title", "missing")}
    assert all(fault["de"] != fault["en"] for fault in refused.json["faults"])


def test_a_state_is_changed_by_whoever_has_read_the_entry(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}/agreements/1"
    change = {"state": "generated"}
    assert api.client.request("PATCH", address, change).status == 428
    changed = api.client.request("PATCH", address, change, {"If-Match": '"1"'})
    assert (changed.status, changed.json["state"], changed.headers["etag"]) == (200, "generated", '"2"')
    assert api.client.request("PATCH", address, change, {"If-Match": '"1"'}).status == 412
    again = api.client.request("PATCH", address, change, {"If-Match": '"2"'})
    assert (again.status, again.json["faults"][0]["code"]) == (422, "state_cannot_follow")
    frozen = api.client.request("PATCH", address, {"entry": {"place": "Lünen"}}, {"If-Match": '"2"'})
    assert (frozen.status, frozen.json["code"]) == (409, "entry_frozen")
    assert api.client.request("GET", address, headers={"If-None-Match": '"2"'}).status == 304


def test_what_is_ordered_is_frozen_and_its_correction_is_an_edition(api: LiveApi) -> None:
    case_id = api.new_case()
    case = f"/api/v1/cases/{case_id}"
    api.new_bundle(case_id)
    assert {api.client.get(f"{case}/{drawer}/1").json["state"] for drawer in DRAWERS[:3]} == {"generated"}
    patch = {"help_plan": {"review_date": "2027-09-01"}}
    assert api.client.request("PATCH", case, patch, {"If-Match": '"1"'}).status == 200
    plan = api.client.get(f"{case}/help-plans/1").json
    assert (plan["edition"], plan["state"], plan["until"]) == (2, "draft", "2027-09-01")


def test_every_drawer_and_each_of_its_bodies_is_in_the_schema(api: LiveApi) -> None:
    document = api.stranger.get("/api/v1/openapi.json").json
    schemas = document["components"]["schemas"]
    for drawer in DRAWERS:
        paths = document["paths"]
        post = paths[f"/api/v1/cases/{{case_id}}/{drawer}"]["post"]
        name = post["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert schemas[name]["type"] == "object"
        assert set(paths[f"/api/v1/cases/{{case_id}}/{drawer}/{{number}}"]) == {"get", "patch"}
    operations = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(set(operations)) == len(operations)


def test_the_file_is_asked_for_by_format_or_by_accept(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}/appointments/1"
    by_format = api.client.request("GET", f"{address}?format=ics&lang=pl")
    by_accept = api.client.request("GET", f"{address}?lang=pl", headers={"Accept": "text/calendar"})
    assert by_format.body == by_accept.body
    assert by_format.headers["content-type"].startswith("text/calendar")
    assert by_format.headers["content-disposition"] == 'attachment; filename="appointment-1.ics"'
    assert "Termin następnej rozmowy" in by_format.body.decode("utf-8")
    assert api.client.get(address).json["entry"]["annex"] == 1
    refused = api.client.request("GET", f"{address}?format=ics&lang=tlh")
    assert (refused.status, refused.json["faults"][0]["code"]) == (422, "unknown_language")
    assert api.client.request("GET", f"{address[:-1]}99?format=ics").status == 404
