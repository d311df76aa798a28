"""The published schema is true: schemathesis attacks the running API with what it allows and forbids."""

from __future__ import annotations

import sys

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


@pytest.mark.timeout(180)
def test_schemathesis_finds_nothing(api: LiveApi) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{api.url}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {api.token}"),
        *("--max-examples", "15", "--seed", "1", "--request-timeout", "10", "--no-color"),
        *("--exclude-path-regex", "events$"),
        "--generation-database=none",
    ]
    run(command, seconds=170)
