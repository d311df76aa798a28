"""A case is handed in, read and changed; what is wrong with it comes back at once, and never as it was sent."""

from __future__ import annotations

from tests.support.live_api import LiveApi, miller


def test_a_case_that_was_handed_in_can_be_read_where_location_says(api: LiveApi) -> None:
    created = api.client.request("POST", "/api/v1/cases", miller())
    assert created.status == 201
    assert created.headers["etag"] == '"1"'
    read = api.client.get(created.headers["location"])
    assert read.json == created.json
    assert read.headers["etag"] == '"1"'
    assert read.json["case"]["case_number"] == miller()["case_number"]


def test_an_unchanged_case_is_not_sent_again(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}"
    answer = api.client.request("GET", address, headers={"If-None-Match": '"1"'})
    assert (answer.status, answer.body) == (304, b"")


def test_a_change_needs_the_revision_it_was_made_on(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}"
    patch = {"case_number": "2026-0999"}
    missing = api.client.request("PATCH", address, patch)
    assert (missing.status, missing.json["code"]) == (428, "precondition_required")

    merge_patch = {"Content-Type": "application/merge-patch+json"}
    changed = api.client.request("PATCH", address, patch, merge_patch | {"If-Match": '"1"'})
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert api.client.get(address).json["case"]["case_number"] == "2026-0999"

    stale = api.client.request("PATCH", address, patch, merge_patch | {"If-Match": '"1"'})
    assert (stale.status, stale.json["code"]) == (412, "stale_revision")
    assert api.client.get(address).headers["etag"] == '"2"'


def test_a_change_that_breaks_the_case_is_refused_and_leaves_it_as_it_was(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}"
    refused = api.client.request("PATCH", address, {"agreement": {"parties": ["nobody"]}}, {"If-Match": '"1"'})
    assert refused.status == 422
    assert api.client.get(address).headers["etag"] == '"1"'


def test_all_faults_of_a_case_come_at_once_in_both_languages_without_the_values(api: LiveApi) -> None:
    payload = miller()
    payload["case_number"] = ["Canary-Zero"]
    payload["persons"][0]["legal_family_name"] = "Canary\u202eOne"
    payload["persons"][1]["birth_date"] = "1984-02-31-Canary"
    payload["agreement"]["parties"].append("canary-two")
    payload["canary_three"] = "Canary"
    refused = api.client.request("POST", "/api/v1/cases", payload)
    assert refused.status == 422
    assert refused.headers["content-type"] == "application/problem+json"
    paths = {fault["path"] for fault in refused.json["faults"]}
    assert {"case_number", "persons[0].legal_family_name", "persons[1].birth_date"} <= paths
    assert len(paths) >= 5
    assert all(fault["de"] and fault["en"] and fault["code"] for fault in refused.json["faults"])
    assert b"Canary" not in refused.body
    assert b"canary-two" not in refused.body
    assert "Canary" not in api.log.getvalue()


def test_what_cannot_be_an_id_is_not_found_like_an_id_that_does_not_exist(api: LiveApi) -> None:
    for strange in ("0" * 20, "x", "%00", "Anna%20Miller", "%F0%9F%92%A9", "'%20OR%201=1"):
        answer = api.client.request("GET", f"/api/v1/cases/{strange}")
        assert answer.status == 404, strange
        assert answer.headers["content-type"] == "application/problem+json"
        assert "Anna" not in answer.body.decode()
