"""A bundle is ordered once, followed to its end, and handed out byte for byte."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from docservice.client import Answer, ApiClient
from docservice.domain.states import BundleState
from tests.support.live_api import LiveApi, live_api

KINDS = ["agreement", "annex", "help_plan"]


@pytest.fixture(scope="module")
def ready(api: LiveApi) -> str:
    """The id of a finished bundle."""
    bundle_id = api.new_bundle(api.new_case())
    api.run_jobs()
    return bundle_id


def test_an_order_is_accepted_at_once_and_says_where_to_look(api: LiveApi) -> None:
    case_id = api.new_case()
    accepted = api.client.request("POST", f"/api/v1/cases/{case_id}/bundles", {"languages": ["de", "ru"]})
    assert accepted.status == 202
    bundle = api.client.get(accepted.headers["location"]).json
    assert accepted.headers["location"] == f"/api/v1/bundles/{bundle['bundle_id']}"
    assert (bundle["state"], bundle["case_id"], bundle["languages"]) == ("queued", case_id, ["de", "ru"])
    assert bundle["progress"] == {"done": 0, "total": 3, "percent": 0}
    assert [document["kind"] for document in bundle["documents"]] == KINDS
    assert all(document["pdf"] is None for document in bundle["documents"])


def test_a_finished_bundle_names_pages_hashes_and_zones_of_each_document(api: LiveApi, ready: str) -> None:
    bundle = api.client.get(f"/api/v1/bundles/{ready}").json
    assert bundle["state"] == "ready", bundle
    assert bundle["progress"] == {"done": 3, "total": 3, "percent": 100}
    for document in bundle["documents"]:
        assert document["error"] is None
        pdf = api.client.get(document["pdf"]).body
        docx = api.client.get(document["docx"]).body
        assert hashlib.sha256(pdf).hexdigest() == document["sha256"]["pdf"]
        assert hashlib.sha256(docx).hexdigest() == document["sha256"]["docx"]
        assert len(PdfReader(io.BytesIO(pdf)).pages) == document["pages"]
        for zone in document["signature_zones"]:
            assert {"zone_id", "role", "signer", "required", "page", "rect"} <= set(zone)
            assert 1 <= zone["page"] <= document["pages"]
    print_set = api.client.get(bundle["print_set"]["href"])
    assert hashlib.sha256(print_set.body).hexdigest() == bundle["print_set"]["sha256"]
    assert print_set.headers["content-type"] == "application/pdf"


def test_who_asks_again_is_told_only_of_changes(api: LiveApi) -> None:
    bundle_id = api.new_bundle(api.new_case())
    address = f"/api/v1/bundles/{bundle_id}"
    first = api.client.get(address)
    seen = {"If-None-Match": first.headers["etag"]}
    assert api.client.request("GET", address, headers=seen).status == 304
    api.run_jobs()
    changed = api.client.request("GET", address, headers=seen)
    assert changed.status == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_the_same_request_twice_is_one_bundle_and_the_key_with_another_body_is_refused(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}/bundles"
    key = {"Idempotency-Key": "5b0fdc0a-canary"}
    first = api.client.request("POST", address, b'{"languages": ["de", "ru"], "duplex": true}', key)
    api.run_jobs()
    again = api.client.request("POST", address, b'{ "duplex":true, "languages":["de","ru"] }', key)
    assert (again.status, again.body, again.headers["location"]) == (202, first.body, first.headers["location"])
    other = api.client.request("POST", address, {"languages": ["de", "pl"]}, key)
    assert (other.status, other.json["code"]) == (409, "idempotency_key_reused")
    elsewhere = api.client.request("POST", f"/api/v1/cases/{api.new_case()}/bundles", {"languages": ["de"]}, key)
    assert elsewhere.status == 202
    bad = api.client.request("POST", address, {}, {"Idempotency-Key": "x" * 256})
    assert (bad.status, bad.json["code"]) == (400, "invalid_header")


def test_the_same_key_at_the_same_moment_is_one_bundle(api: LiveApi) -> None:
    case_id = api.new_case()
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: api.new_bundle(case_id, key="rush-hour"), range(16)))
    assert len(found) == 1


def test_every_fault_of_an_order_comes_at_once(api: LiveApi) -> None:
    order = {"languages": ["ru", "tlh"], "copies": "Canary", "duplex": 1, "canary": True}
    refused = api.client.request("POST", f"/api/v1/cases/{api.new_case()}/bundles", order)
    assert refused.status == 422
    paths = {fault["path"] for fault in refused.json["faults"]}
    assert {"languages", "languages[1]", "copies", "duplex", "canary"} <= paths
    assert b"Canary" not in refused.body


@pytest.mark.parametrize("body", [b"[]", b"null", b'"de"', b"3"])
def test_an_order_that_is_no_object_is_refused(api: LiveApi, body: bytes) -> None:
    assert api.client.request("POST", f"/api/v1/cases/{api.new_case()}/bundles", body).status == 422


# -- events ------------------------------------------------------------------------------------------------------------


def test_a_follower_hears_every_step_and_the_stream_ends_with_the_bundle(api: LiveApi) -> None:
    bundle_id = api.new_bundle(api.new_case())
    with ThreadPoolExecutor(1) as pool:
        heard = pool.submit(lambda: list(api.client.events(f"/api/v1/bundles/{bundle_id}/events")))
        api.run_jobs()
        events = heard.result(timeout=30)
    names = [event.name for event in events]
    assert names[0] == "bundle.queued"
    assert names[-1] == "bundle.ready"
    assert names.count("document.ready") == 3
    numbers = [int(event.id) for event in events]
    assert numbers == sorted(set(numbers))


def test_a_follower_who_lost_the_connection_goes_on_after_the_last_event(api: LiveApi, ready: str) -> None:
    address = f"/api/v1/bundles/{ready}/events"
    events = list(api.client.events(address))
    half = len(events) // 2
    assert list(api.client.events(address, last_event_id=events[half - 1].id)) == events[half:]
    assert list(api.client.events(address, last_event_id=events[-1].id)) == []


def test_who_has_heard_all_of_it_is_told_not_to_come_back(api: LiveApi, ready: str) -> None:
    address = f"/api/v1/bundles/{ready}/events"
    last = list(api.client.events(address))[-1].id
    ended = api.client.request("GET", address, headers={"Last-Event-ID": last})
    assert (ended.status, ended.body) == (204, b"")
    assert not {"content-length", "content-type"} & set(ended.headers)
    assert api.client.request("GET", address, headers={"Last-Event-ID": str(int(last) - 1)}).status == 200


def test_a_waiting_follower_hears_a_heartbeat(api: LiveApi) -> None:
    bundle_id = api.new_bundle(api.new_case())
    parts = urlsplit(api.url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    connection.request("GET", f"/api/v1/bundles/{bundle_id}/events", headers={"Authorization": f"Bearer {api.token}"})
    response = connection.getresponse()
    assert response.getheader("content-type", "").startswith("text/event-stream")
    assert response.getheader("cache-control") == "no-store"
    assert any(line.startswith(b":") for line, _ in zip(response, range(20), strict=False))
    connection.close()
    api.run_jobs()


def test_a_hundred_followers_leave_the_service_free_for_others(api: LiveApi) -> None:
    bundle_id = api.new_bundle(api.new_case())
    with ThreadPoolExecutor(100) as pool:
        streams = [
            pool.submit(lambda: list(api.client.events(f"/api/v1/bundles/{bundle_id}/events"))) for _ in range(100)
        ]
        assert api.client.get(f"/api/v1/bundles/{bundle_id}").status == 200
        api.run_jobs()
        assert {stream.result(timeout=60)[-1].name for stream in streams} == {"bundle.ready"}


# -- bytes -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pdf_address(api: LiveApi, ready: str) -> str:
    return str(api.client.get(f"/api/v1/bundles/{ready}").json["documents"][0]["pdf"])


def ranged(api: LiveApi, address: str, value: str, **headers: str) -> Answer:
    return api.client.request("GET", address, headers={"Range": value, **headers})


def test_the_bytes_come_with_digest_tag_and_a_name_that_tells_nothing(api: LiveApi, pdf_address: str) -> None:
    answer = api.client.get(pdf_address)
    digest = base64.b64encode(hashlib.sha256(answer.body).digest()).decode()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["digest"] == f"sha-256={digest}"
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.body).hexdigest()}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert "no-store" in answer.headers["cache-control"]
    document_id = pdf_address.split("/")[4]
    assert answer.headers["content-disposition"] == f'attachment; filename="agreement-{document_id}.pdf"'
    head = api.client.request("HEAD", pdf_address)
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(answer.body)))
    assert api.client.request("GET", pdf_address, headers={"If-None-Match": answer.headers["etag"]}).status == 304


def test_head_tells_what_get_would_and_knows_no_range(api: LiveApi, ready: str, pdf_address: str) -> None:
    case_id = api.client.get(f"/api/v1/bundles/{ready}").json["case_id"]
    own = {"date", "x-request-id", "transfer-encoding"}  # no length is known of a stream
    for address in (
        pdf_address,
        f"/api/v1/bundles/{ready}",
        f"/api/v1/bundles/{ready}/events",
        f"/api/v1/cases/{case_id}",
        f"/api/v1/cases/{case_id}/attachments",
        "/api/v1/reviews",
        "/api/v1/health/live",
        "/api/v1/openapi.json",
        f"/api/v1/bundles/{'0' * 20}",
    ):
        got = api.client.request("GET", address)
        told = api.client.request("HEAD", address, headers={"Range": "bytes=0-9"})
        assert (told.status, told.body) == (got.status, b""), address
        assert {name: told.headers[name] for name in told.headers if name not in own} == {
            name: got.headers[name] for name in got.headers if name not in own
        }
    waiting = api.new_bundle(api.new_case())
    assert api.client.request("HEAD", f"/api/v1/bundles/{waiting}/events").status == 200
    seen = {"If-None-Match": f"W/{api.client.get(pdf_address).headers['etag']}"}
    assert api.client.request("HEAD", pdf_address, headers=seen).status == 304
    refused = api.client.request("DELETE", pdf_address)
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
    api.run_jobs()


def test_ranges_put_together_are_the_file(api: LiveApi, pdf_address: str) -> None:
    whole = api.client.get(pdf_address).body
    size = len(whole)
    first, rest, last = (ranged(api, pdf_address, value) for value in ("bytes=0-999", "bytes=1000-", "bytes=-100"))
    assert [answer.status for answer in (first, rest, last)] == [206, 206, 206]
    assert first.body + rest.body == whole
    assert last.body == whole[-100:]
    assert first.headers["content-range"] == f"bytes 0-999/{size}"
    assert first.headers["content-length"] == "1000"
    beyond = ranged(api, pdf_address, f"bytes={size}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert beyond.headers["content-type"] == "application/problem+json"


def test_a_range_of_another_state_of_the_file_gives_the_whole(api: LiveApi, pdf_address: str) -> None:
    tag = api.client.get(pdf_address).headers["etag"]
    assert ranged(api, pdf_address, "bytes=0-9", **{"If-Range": tag}).status == 206
    assert ranged(api, pdf_address, "bytes=0-9", **{"If-Range": '"other"'}).status == 200
    assert ranged(api, pdf_address, "bytes=0-9", **{"If-Range": f"W/{tag}"}).status == 200  # strong comparison only
    assert ranged(api, pdf_address, "bytes=0-9", **{"If-Match": tag}).status == 206
    assert ranged(api, pdf_address, "bytes=0-9", **{"If-Match": '"other"'}).status == 412
    assert ranged(api, pdf_address, "bytes=0-1,4-5").status == 200


def test_word_and_pdf_have_their_media_types(api: LiveApi, pdf_address: str) -> None:
    word = api.client.get(pdf_address.replace("format=pdf", "format=docx"))
    assert word.headers["content-type"].endswith("wordprocessingml.document")
    assert word.headers["content-disposition"].endswith('.docx"')


def test_a_file_that_does_not_exist_yet_is_a_conflict_not_a_miss(api: LiveApi) -> None:
    bundle_id = api.new_bundle(api.new_case())
    document_id = api.client.get(f"/api/v1/bundles/{bundle_id}").json["documents"][0]["document_id"]
    for path in (f"/api/v1/documents/{document_id}/content", f"/api/v1/bundles/{bundle_id}/print-set"):
        answer = api.client.request("GET", path)
        assert (answer.status, answer.json["code"]) == (409, "not_ready")
    retried = api.client.request("POST", f"/api/v1/bundles/{bundle_id}/retry")
    assert (retried.status, retried.json["code"]) == (409, "not_failed")
    api.run_jobs()


# -- many at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh_api(tmp_path: Path) -> Iterator[LiveApi]:
    with live_api(tmp_path) as live:
        yield live


@pytest.mark.extra
@pytest.mark.timeout(120)
def test_430_requests_at_once_are_all_accepted_and_none_is_lost(fresh_api: LiveApi) -> None:
    patient = replace(fresh_api, client=ApiClient(fresh_api.url, fresh_api.token, timeout_seconds=100))
    case_id = patient.new_case()
    with ThreadPoolExecutor(430) as pool:
        bundle_ids = list(pool.map(lambda number: patient.new_bundle(case_id, key=f"row-{number}"), range(430)))
    assert len(set(bundle_ids)) == 430
    with fresh_api.services.database.reading() as tx:
        waiting = {bundle.id for bundle in tx.bundles.list_unfinished()}
        assert {bundle.state for bundle in tx.bundles.list_unfinished()} == {BundleState.QUEUED}
    assert waiting == set(bundle_ids)
    jobs = fresh_api.services.jobs.due(1000)
    assert {job.subject_id for job in jobs} == set(bundle_ids)
    assert len(jobs) == 430
