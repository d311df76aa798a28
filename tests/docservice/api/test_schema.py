"""The published schema is true: schemathesis attacks the running API with what it allows and forbids."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from docservice.cases.intake import example_case
from tests.support.live_api import LiveApi
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


# What a schema cannot say: rules between the fields of a case, and which bundles can be tried again. Requests to these
# may be refused although the schema allows them; everything else it says must hold for them, too.
RULED = ("POST /api/v1/cases", "PATCH /api/v1/cases/{case_id}", "POST /api/v1/bundles/{bundle_id}/retry")

REFUSALS = ["400", "401", "404", "405", "409", "412", "415", "422", "428"]


@pytest.mark.timeout(180)
def test_schemathesis_finds_nothing(api: LiveApi, tmp_path: Path) -> None:
    bundle_id = api.new_bundle(api.new_case())
    api.run_jobs()
    bundle = api.client.get(f"/api/v1/bundles/{bundle_id}").json
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        # a stale If-Match is refused before the body is judged
        f"checks.negative_data_rejection.expected-statuses = {REFUSALS}\n"
        "[parameters]\n"
        f'"path.case_id" = "{bundle["case_id"]}"\n'
        f'"path.bundle_id" = "{bundle_id}"\n'
        f'"path.document_id" = "{bundle["documents"][0]["document_id"]}"\n'
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
        *("--max-time", "25", "--exclude-path-regex", "events$", "--generation-database=none"),
    ]
    run(command, seconds=150)
