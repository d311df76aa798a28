"""A case is handed in, read and changed; what is wrong with it comes back at once, and never as it was sent."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from docservice.client import ApiClient
from tests.support.actors import SOMEBODY
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


def test_a_change_may_be_asked_about_before_it_is_made(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}"
    change = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}
    asked = api.client.request("PATCH", f"{address}?dry_run=true", {"case_number": "2026-0999"}, change)
    assert (asked.status, asked.json["dry_run"], asked.json["touched"]) == (200, True, [])
    assert (asked.json["case"]["case_number"], asked.headers["etag"]) == ("2026-0999", '"1"')
    assert api.client.get(address).json["case"]["case_number"] == miller()["case_number"]
    refused = api.client.request("PATCH", f"{address}?dry_run=true", {"case_number": 7}, change)
    assert (refused.status, refused.json["faults"][0]["path"]) == (422, "case_number")
    unknown = api.client.request("PATCH", f"{address}?name_reason=whim", {"case_number": "2026-0999"}, change)
    assert unknown.status == 422


def test_a_tag_that_cannot_be_meant_is_not_called_a_change_by_somebody_else(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}"
    for header, status, says in (
        ('W/"1"', 412, "weak tag"),
        ('"7"', 412, "no version"),
        ("1", 400, "double quotes"),
    ):
        refused = api.client.request("PATCH", address, {"case_number": "2026-0998"}, {"If-Match": header})
        assert (refused.status, refused.json["status"]) == (status, status)
        assert says in refused.json["en"]["detail"]
        assert "omebody" not in refused.json["en"]["detail"]
    assert api.client.request("GET", address, headers={"If-Match": '"1"'}).status == 200
    assert api.client.request("GET", address, headers={"If-Match": '"2"'}).status == 412
    assert api.client.get(address).headers["etag"] == '"1"'


def test_the_same_key_and_body_are_one_case_for_each_account(api: LiveApi) -> None:
    key = {"Idempotency-Key": "a-new-family"}
    payload = miller()
    first = api.client.request("POST", "/api/v1/cases", payload, key)
    again = api.client.request("POST", "/api/v1/cases", b"\xef\xbb\xbf" + json.dumps(payload, indent=3).encode(), key)
    assert (again.status, again.body) == (201, first.body)
    assert (again.headers["location"], again.headers["etag"]) == (first.headers["location"], '"1"')

    other = api.client.request("POST", "/api/v1/cases", payload | {"case_number": "2026-0997"}, key)
    assert (other.status, other.json["code"]) == (409, "idempotency_key_reused")
    colleague = ApiClient(api.url, api.services.accounts.create(SOMEBODY, "colleague"))
    theirs = colleague.post("/api/v1/cases", payload, key)
    assert theirs.json["case_id"] != first.json["case_id"]
    bad = api.client.request("POST", "/api/v1/cases", payload, {"Idempotency-Key": "two words"})
    assert (bad.status, bad.json["code"]) == (400, "invalid_header")

    patch = {"case_number": "2026-0996"}
    assert api.client.request("PATCH", first.headers["location"], patch, {"If-Match": '"1"'}).status == 200
    late = api.client.request("POST", "/api/v1/cases", payload, key)
    assert (late.status, late.headers["etag"], late.json["case_id"]) == (201, '"2"', first.json["case_id"])


def test_the_same_key_at_the_same_moment_is_one_case(api: LiveApi) -> None:
    key = {"Idempotency-Key": "everybody-at-once"}
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: api.client.post("/api/v1/cases", miller(), key).json["case_id"], range(16)))
    assert len(set(found)) == 1


def test_a_refused_case_does_not_use_up_its_key(api: LiveApi) -> None:
    key = {"Idempotency-Key": "second-try"}
    assert api.client.request("POST", "/api/v1/cases", miller() | {"persons": []}, key).status == 422
    assert api.client.request("POST", "/api/v1/cases", miller(), key).status == 201


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


def test_an_unlikely_appointment_is_told_until_it_is_confirmed(api: LiveApi) -> None:
    payload = miller()
    payload["annex"]["next_appointment"]["start"] = "2027-05-27T10:00+02:00"
    created = api.client.request("POST", "/api/v1/cases", payload)
    assert created.status == 201
    (warning,) = created.json["warnings"]
    assert (warning["path"], warning["code"]) == ("annex.next_appointment.start", "appointment_on_holiday")
    assert "Fronleichnam" in warning["detail_de"]
    assert "Corpus Christi" in warning["detail"]
    address = created.headers["location"]
    assert api.client.get(address).json["warnings"] == [warning]

    ordered = api.client.post(f"{address}/bundles", {"languages": ["de"]})
    assert ordered.json["warnings"] == [warning]
    assert api.client.get(ordered.headers["location"]).json["warnings"] == [warning]

    headers = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}
    changed = api.client.request("PATCH", address, {"confirmed_warnings": [warning["code"]]}, headers)
    assert (changed.status, changed.json["warnings"]) == (200, [])
    assert api.client.post(f"{address}/bundles", {"languages": ["de"]}).json["warnings"] == []
    assert api.client.get(ordered.headers["location"]).json["warnings"] == [warning], "ordered as it was then"
