"""The office's figures over the wire: JSON, and files for people by `format` or `Accept`."""

from __future__ import annotations

import pytest

from tests.support.live_api import LiveApi
from tests.support.problem_documents import check_problem

INTERIM = "/api/v1/reports/interim?from=2026-01-01&to=2026-03-31"
RETURNS = "/api/v1/reports/returns?from=2026-01-01&to=2026-03-31"


def test_an_office_without_cases_reports_zeros(api: LiveApi) -> None:
    answer = api.client.get(INTERIM).json
    assert (answer["from"], answer["contacts"], answer["off_benefit_share"]) == ("2026-01-01", 0, None)
    assert [month["month"] for month in answer["by_month"]] == ["2026-01", "2026-02", "2026-03"]
    assert api.client.get(RETURNS).json["printed"] == 0


@pytest.mark.parametrize(
    ("form", "media_type", "begin"),
    [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("pdf", "application/pdf", b"%PDF"),
        ("svg", "image/svg+xml", b"<svg"),
    ],
)
def test_files_by_their_name_or_their_type(api: LiveApi, form: str, media_type: str, begin: bytes) -> None:
    for answer in (
        api.client.get(f"{INTERIM}&format={form}"),
        api.client.request("GET", INTERIM, headers={"Accept": f"text/html, {media_type};q=0.9"}),
    ):
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(media_type)
        assert answer.headers["content-disposition"].startswith('attachment; filename="interim-')
        assert answer.body.startswith(begin)


def test_other_types_are_answered_as_json(api: LiveApi) -> None:
    for accept in ("*/*", "text/html,application/json"):
        answer = api.client.request("GET", RETURNS, headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/json"


def test_a_period_that_cannot_be_is_refused(api: LiveApi) -> None:
    for query, path, code in (
        ("from=2026-02-29&to=2026-03-31", "from", "no_such_day"),
        ("from=2026-03-31&to=2026-01-01", "to", "ends_before_it_begins"),
        ("from=2099-01-01&to=2099-12-31", "from", "in_the_future"),
        ("from=2026-01-01", "query.to", "missing"),
    ):
        refused = api.client.request("GET", f"/api/v1/reports/interim?{query}")
        check_problem(refused, 422, "invalid_input")
        assert [(fault["path"], fault["code"]) for fault in refused.json["faults"]] == [(path, code)]


def test_nobody_is_told_without_a_token(api: LiveApi) -> None:
    assert api.stranger.request("GET", INTERIM).status == 401
