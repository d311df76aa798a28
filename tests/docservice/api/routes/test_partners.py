"""The directory of partners over the API."""

from __future__ import annotations

from tests.support.live_api import LiveApi


def test_a_partner_is_added_found_and_changed(api: LiveApi) -> None:
    school = {"kind": "language_school", "name": "Sprachschule Beispiel"}
    added = api.client.request("POST", "/api/v1/partners", school)
    assert (added.status, added.headers["etag"]) == (201, '"1"')
    address = added.headers["location"]
    assert api.client.get(address).json["partner"] == school
    listed = api.client.get("/api/v1/partners?kind=language_school&on=2026-12-01").json
    assert added.json["partner_id"] in [each["partner_id"] for each in listed["partners"]]
    assert len({each["kind"] for each in listed["kinds"]}) == 13
    assert api.client.request("PATCH", address, {"phone": "0231 1"}).status == 428
    changed = api.client.request("PATCH", address, {"phone": "0231 1"}, {"If-Match": '"1"'})
    assert (changed.status, changed.json["partner"]["phone"]) == (200, "0231 1")
    assert api.client.request("PATCH", address, {"phone": "0231 2"}, {"If-Match": '"1"'}).status == 412
    assert api.client.request("GET", "/api/v1/partners?kind=bank").status == 422
    assert api.client.request("GET", "/api/v1/partners/0123456789ABCDEFGHJK").status == 404
    assert api.stranger.request("GET", "/api/v1/partners").status == 401
