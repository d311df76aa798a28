"""The published schema is true: schemathesis attacks the running API with what it allows and forbids."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from docservice.api.routes.records import DRAWERS
from docservice.bootstrap import build
from docservice.cases.intake import example_case
from tests.support.content import library
from tests.support.live_api import LiveApi, live_api, settings_in, whole_scan
from tests.support.plain_scans import PlainFiles, PlainReader
from tests.support.programs import run


def test_the_schema_is_open_and_holds_the_case_with_an_example(api: LiveApi) -> None:
    document = api.stranger.get("/api/v1/openapi.json").json
    schemas = document["components"]["schemas"]
    assert schemas["Case"]["examples"] == [example_case()]
    assert "HTTPValidationError" not in schemas
    create = document["paths"]["/api/v1/cases"]["post"]
    assert create["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Case"}
    assert create["security"] == [{"token": []}]
    assert "security" not in document["paths"]["/api/v1/health/live"]["get"]


def test_nothing_in_an_address_or_a_header_is_said_to_be_null(api: LiveApi) -> None:
    """Sent as text, "null" would be a tag or a cursor of that name, which the patterns rightly refuse."""
    paths = api.stranger.get("/api/v1/openapi.json").json["paths"]
    parameters = [
        parameter
        for operations in paths.values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
    ]
    assert all(each["schema"]["type"] == "string" for each in parameters if each["name"].lower() == "if-match")
    assert "null" not in json.dumps([parameter["schema"] for parameter in parameters])


# What a schema cannot say: rules between the fields of a case, which Idempotency-Key came before with another body,
# which state is the present one, what can be tried again, what a review asks, which places of
# a list were given out. Requests to these may be refused although the schema allows them; everything else it says must
# hold for them, too.
RULED = (
    "POST /api/v1/cases",
    "GET /api/v1/cases",
    "POST /api/v1/cases/search",
    "GET /api/v1/cases/{case_id}",
    "GET /api/v1/cases/{case_id}/attachments",
    "PATCH /api/v1/cases/{case_id}",
    "POST /api/v1/cases/{case_id}/bundles",
    "POST /api/v1/bundles/{bundle_id}/retry",
    "POST /api/v1/scans/{upload_id}/retry",
    "GET /api/v1/bundles",
    "GET /api/v1/scans",
    "GET /api/v1/scans/{upload_id}/pages",
    "GET /api/v1/archive",
    "GET /api/v1/reviews",
    "POST /api/v1/reviews/{review_id}/decision",
    *(
        f"{operation} /api/v1/cases/{{case_id}}/{drawer}"
        for drawer in DRAWERS.values()
        for operation in ("GET", "POST")
    ),
    *(
        f"{operation} /api/v1/cases/{{case_id}}/{drawer}/{{number}}"
        for drawer in DRAWERS.values()
        for operation in ("GET", "PATCH")
    ),
    "POST /api/v1/cases/{case_id}/annexes/next",
    "POST /api/v1/cases/{case_id}/help-plans/next",
    "PATCH /api/v1/cases/{case_id}/persons/{name}",
    "POST /api/v1/cases/{case_id}/persons/{name}/{drawer}",
    "PATCH /api/v1/cases/{case_id}/persons/{name}/{drawer}/{number}",
    "POST /api/v1/documents/{document_id}/reissue",
    "GET /api/v1/partners",
    "POST /api/v1/partners",
    "GET /api/v1/partners/{partner_id}",
    "PATCH /api/v1/partners/{partner_id}",
    "GET /api/v1/reports/interim",
    "GET /api/v1/reports/returns",
)

REFUSALS = ["400", "401", "404", "405", "409", "412", "413", "415", "422", "428"]


@pytest.mark.extra
@pytest.mark.timeout(180)
def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    services = build(settings_in(tmp_path), templates=library(), picture_files=PlainFiles(), page_reader=PlainReader())
    with live_api(tmp_path, services) as api:
        attack(api, tmp_path)


def attack(api: LiveApi, tmp_path: Path) -> None:
    bundle_id = api.new_bundle(api.new_case())
    api.run_jobs()
    bundle = api.client.get(f"/api/v1/bundles/{bundle_id}").json
    document = bundle["documents"][0]
    signed = {"document": document["document_id"], "page": document["pages"], "signed": ["party-1"]}
    scanned = json.dumps([signed, {"letter": "of somebody"}]).encode()
    upload_id = api.client.upload("/api/v1/scans", {"scan.pdf": scanned}).json["upload_id"]
    api.run_jobs()
    upload = whole_scan(api.client, f"/api/v1/scans/{upload_id}")
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        # a stale If-Match is refused before the body is judged
        f"checks.negative_data_rejection.expected-statuses = {REFUSALS}\n"
        "[parameters]\n"
        f'"path.case_id" = "{bundle["case_id"]}"\n'
        f'"path.bundle_id" = "{bundle_id}"\n'
        f'"path.document_id" = "{document["document_id"]}"\n'
        f'"path.upload_id" = "{upload_id}"\n'
        f'"path.page_id" = "{upload["pages"][0]["page_id"]}"\n'
        '"path.zone_id" = "party-1"\n'
        '"path.number" = "1"\n'
        '"path.name" = "anna"\n'
        f'"path.review_id" = "{upload["reviews"][0]}"\n'
        + "".join(
            f'[[operations]]\ninclude-name = "{name}"\nchecks.positive_data_acceptance.enabled = false\n'
            for name in RULED
        ),
        encoding="utf-8",
    )
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", f"{api.url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {api.token}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1", "--request-timeout", "10"),
        *("--max-time", "30", "--exclude-path-regex", "events$", "--generation-database=none"),
    ]
    run(command, seconds=150)
