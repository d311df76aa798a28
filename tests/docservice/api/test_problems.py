"""Every error is a problem document with a stable code, in German and English, and tells nothing it should not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from docservice.api.problems import prefers_german
from docservice.bootstrap import build
from docservice.cases.service import CaseService
from docservice.cases.views import CaseView
from docservice.domain.actors import Actor
from tests.support.live_api import LiveApi, live_api, settings_in
from tests.support.problem_documents import check_problem
from tests.support.wait import wait_until


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("POST", "/api/v1/cases", b'{"a": ', {}, 400, "malformed_json"),
        ("POST", "/api/v1/cases", b"", {}, 400, "malformed_json"),
        ("POST", "/api/v1/cases", b"\xff\xfe", {}, 400, "malformed_json"),
        ("POST", "/api/v1/cases", b"[]", {}, 422, "invalid_input"),
        ("POST", "/api/v1/cases", b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/api/v1/cases", b"{}", {"Content-Type": "application/xml"}, 415, "unsupported_media_type"),
        (
            "POST",
            "/api/v1/cases",
            b"{}",
            {"Content-Type": "application/json; charset=latin-1"},
            415,
            "unsupported_media_type",
        ),
        ("POST", "/api/v1/cases", b"{}", {"Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
        ("POST", "/api/v1/scans", b"{}", {"Content-Encoding": "br"}, 415, "unsupported_media_type"),
        ("POST", "/api/v1/cases", "{}".encode("utf-16"), {}, 400, "malformed_json"),
        ("POST", "/api/v1/cases", b'"' + b"x" * 1_100_000 + b'"', {}, 413, "body_too_large"),
        ("POST", "/api/v1/cases", b'"' + b"x" * 5_000_000 + b'"', {}, 413, "body_too_large"),
        ("GET", "/api/v1/nothing", None, {}, 404, "unknown_route"),
        ("GET", "/", None, {}, 404, "unknown_route"),
        ("GET", "/api/v1/cases/", None, {}, 404, "unknown_route"),
        ("DELETE", "/api/v1/cases", None, {}, 405, "method_not_allowed"),
        ("GET", f"/api/v1/cases/{'0' * 20}", None, {}, 404, "not_found"),
        ("GET", f"/api/v1/bundles/{'0' * 20}", None, {}, 404, "not_found"),
        ("GET", f"/api/v1/bundles/{'0' * 20}/events", None, {}, 404, "not_found"),
        ("GET", f"/api/v1/documents/{'0' * 20}/content", None, {}, 404, "not_found"),
        ("GET", f"/api/v1/documents/{'0' * 20}/content?format=odt", None, {}, 422, "invalid_input"),
        ("GET", f"/api/v1/bundles/{'0' * 20}/events", None, {"Last-Event-ID": "x"}, 400, "invalid_header"),
        ("POST", f"/api/v1/cases/{'0' * 20}/bundles", b"{}", {}, 404, "not_found"),
    ],
)
def test_each_wrong_request_has_its_own_answer(
    api: LiveApi, method: str, path: str, body: bytes | None, headers: Mapping[str, str], status: int, code: str
) -> None:
    check_problem(api.client.request(method, path, body, headers), status, code)


@pytest.mark.parametrize(
    "media_type",
    ["APPLICATION/JSON", "application/json;", 'application/json ; Charset="UTF-8"', "application/json; profile=x"],
)
def test_a_media_type_is_read_as_the_rfc_has_it(api: LiveApi, media_type: str) -> None:
    headers = {"Content-Type": media_type, "Content-Encoding": "identity"}
    assert api.client.request("POST", "/api/v1/cases", b"{}", headers).status == 422


def test_a_body_without_length_is_cut_off_all_the_same(api: LiveApi) -> None:
    parts = urlsplit(api.url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/cases", iter([b'"'] + [b"x" * 65536] * 20), headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer dst_wrong", "Basic YTpi", "bearer dst_" + "A" * 43, "Bearer \xe9"]
)
def test_without_a_valid_token_nothing_opens_and_the_answer_says_where_one_is(api: LiveApi, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in (
        ("GET", f"/api/v1/cases/{'0' * 20}"),
        ("POST", "/api/v1/cases"),
        ("GET", "/api/v1/documents/x/content"),
    ):
        answer = api.stranger.request(method, path, b"not json" if method == "POST" else None, headers)
        check_problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith('Bearer realm="docservice"')


def test_the_scheme_is_read_without_regard_to_case(api: LiveApi) -> None:
    address = f"/api/v1/cases/{api.new_case()}"
    assert api.stranger.request("GET", address, headers={"Authorization": f"bearer {api.token}"}).status == 200


def test_the_caller_chooses_the_language_and_gets_both(api: LiveApi) -> None:
    german = api.client.request("GET", "/api/v1/nothing", headers={"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"})
    english = api.client.request("GET", "/api/v1/nothing", headers={"Accept-Language": "en-GB,en;q=0.9,de;q=0.1"})
    assert (german.headers["content-language"], german.json["title"]) == ("de", "Nicht gefunden")
    assert (english.headers["content-language"], english.json["title"]) == ("en", "Not found")
    assert german.json["en"] == english.json["en"]


@pytest.mark.parametrize(
    ("header", "german"),
    [
        ("", True),
        ("de", True),
        ("en", False),
        ("fr", True),
        ("fr, en;q=0.5", False),
        ("en;q=0.3, de;q=0.7", True),
        ("*", True),
    ],
)
def test_german_is_the_offices_default(header: str, german: bool) -> None:
    assert prefers_german(header) is german


class LeakingCases(CaseService):
    """A part with a fault whose message holds a personal value."""

    def get(self, actor: Actor, case_id: str) -> CaseView:
        raise ValueError(f"cannot read Canary Person of {case_id}")


def test_an_unforeseen_failure_tells_neither_caller_nor_log_what_it_was_about(tmp_path: Path) -> None:
    services = build(settings_in(tmp_path))
    leaking = LeakingCases(services.database, services.clock, services.ids)
    with live_api(tmp_path, replace(services, cases=leaking)) as api:
        answer = api.client.request("GET", f"/api/v1/cases/{'0' * 20}")
        check_problem(answer, 500, "internal_error")
        # the line is written after the answer
        line = wait_until(lambda: next((line for line in api.log_lines if line["status"] == 500), None), 20, "a line")
    assert line is not None
    assert b"Canary" not in answer.body
    assert b"Traceback" not in answer.body
    assert "Canary" not in api.log.getvalue()
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["error"] == "ValueError"
    assert "test_problems" in line["place"]


def test_the_log_names_routes_and_never_addresses(api: LiveApi) -> None:
    case_id = api.new_case()
    api.client.request("GET", f"/api/v1/cases/{case_id}?note=Canary")
    api.client.request("GET", "/api/v1/Canary")

    def case_route() -> list[dict[str, Any]]:
        return [line for line in api.log_lines if line["route"].endswith("/cases/{case_id}")]

    wait_until(lambda: case_route() and "unknown" in str(api.log_lines[-1]), 20, "the lines, which follow the answers")
    assert {"timestamp", "level", "event", "request_id", "method", "status", "ms"} <= set(case_route()[-1])
    assert case_id not in api.log.getvalue()
    assert "Canary" not in api.log.getvalue()
