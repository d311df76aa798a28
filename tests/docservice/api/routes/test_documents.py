"""A document issued again over the API: what is said, what comes back, and what is refused."""

from __future__ import annotations

import pytest

from tests.support.live_api import LiveApi


def test_a_document_is_issued_again_once_for_each_key(api: LiveApi) -> None:
    bundle_id = api.new_bundle(api.new_case(), {"languages": ["de"], "documents": [{"kind": "annex"}]})
    bundle = api.finished(bundle_id)
    (document,) = bundle["documents"]
    address = f"/api/v1/documents/{document['document_id']}/reissue"
    key = {"Idempotency-Key": "mended"}
    first = api.client.request("POST", address, {"reason": "typing_error"}, key)
    assert first.status == 202
    assert first.headers["location"] == f"/api/v1/bundles/{first.json['bundle_id']}"
    assert api.client.request("POST", address, {"reason": "typing_error"}, key).json == first.json
    (again,) = api.finished(first.json["bundle_id"])["documents"]
    assert (again["kind"], again["number"], again["revision"]) == ("annex", 1, 2)
    late = api.client.request("POST", address, {"reason": "typing_error"})
    assert (late.status, late.json["code"]) == (409, "superseded_already")
    unchanged = api.client.request(
        "POST", f"/api/v1/documents/{again['document_id']}/reissue", {"reason": "name_change"}
    )
    assert (unchanged.status, unchanged.json["code"]) == (409, "no_name_changed")


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"reason": "missing"}),
        ({"reason": "spite", "why": "x"}, {"reason": "wrong_type", "why": "unknown_field"}),
        ({"reason": ["typing_error"]}, {"reason": "wrong_type"}),
        ([], {"body": "not_an_object"}),
    ],
)
def test_why_it_is_issued_again_has_to_be_said(api: LiveApi, body: object, faults: dict[str, str]) -> None:
    answer = api.client.request("POST", "/api/v1/documents/0123456789ABCDEFGHJK/reissue", body)
    assert answer.status == 422
    assert {fault["path"]: fault["code"] for fault in answer.json["faults"]} == faults
    unknown = api.client.request("POST", "/api/v1/documents/0123456789ABCDEFGHJK/reissue", {"reason": "typing_error"})
    assert unknown.status == 404
