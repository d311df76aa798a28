"""A caseworker's day with the whole embedded stack: real broker, relay, Celery worker and API."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from docservice.client import ApiClient
from docservice.embedded import EmbeddedStack
from docservice.settings import Settings
from tests.support.live_api import CASES, miller

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def office(folder: Path) -> Iterator[ApiClient]:
    """A client of a running office that speaks with the token of its first start."""
    with EmbeddedStack(settings_of(folder, warm_up="yes")) as stack:
        yield client_of(stack)


def settings_of(folder: Path, warm_up: str = "no") -> Settings:
    return Settings.from_environment(
        {"DOCSERVICE_DATA_DIR": str(folder), "DOCSERVICE_PORT": "0", "DOCSERVICE_WARM_UP": warm_up}
    )


def client_of(stack: EmbeddedStack) -> ApiClient:
    return ApiClient(stack.url, stack.token_file.read_text("ascii").strip())


def finished(office: ApiClient, bundle_id: str) -> dict[str, Any]:
    """The bundle, once its events say that it is finished."""
    for _ in office.events(f"/api/v1/bundles/{bundle_id}/events"):
        pass
    bundle: dict[str, Any] = office.get(f"/api/v1/bundles/{bundle_id}").json
    return bundle


def text_of(pdf: bytes) -> str:
    return unicodedata.normalize("NFC", "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def test_the_millers_bundle_from_the_case_to_the_printer(office: ApiClient) -> None:
    case_id = office.post("/api/v1/cases", miller()).json["case_id"]
    order = {"languages": ["de", "ru"], "copies": ["city", "family"], "duplex": True}
    bundle_id = office.post(f"/api/v1/cases/{case_id}/bundles", order, {"Idempotency-Key": "click"}).json["bundle_id"]
    bundle = finished(office, bundle_id)
    assert bundle["state"] == "ready", bundle

    pages = []
    for document in bundle["documents"]:
        text = text_of(office.get(document["pdf"]).body)
        assert "Anna Miller" in text
        assert any("\u0400" <= letter <= "\u04ff" for letter in text), "no Russian in it"
        pages.append(document["pages"])
    # each document starts on a front side, once per copy
    print_set = PdfReader(io.BytesIO(office.get(bundle["print_set"]["href"]).body))
    assert len(print_set.pages) == 2 * sum(count + count % 2 for count in pages)

    # a second click is the same bundle, and a second look gives the same bytes
    again = office.post(f"/api/v1/cases/{case_id}/bundles", order, {"Idempotency-Key": "click"}).json["bundle_id"]
    assert again == bundle_id
    for document in bundle["documents"]:
        assert office.get(document["pdf"]).body == office.get(document["pdf"]).body

    # minors never sign: the daughter and the son of this family are no parties
    signers = {zone["signer"] for document in bundle["documents"] for zone in document["signature_zones"]}
    assert not any(name.startswith(("Lena", "Max")) for name in signers)


def test_a_typing_error_is_mended_in_a_second_revision_while_the_first_stays_as_it_was(office: ApiClient) -> None:
    payload = miller()
    payload["persons"][0]["legal_given_names"] = "Ana"
    created = office.post("/api/v1/cases", payload)
    case_id = created.json["case_id"]
    first = finished(office, office.post(f"/api/v1/cases/{case_id}/bundles", {"languages": ["de"]}).json["bundle_id"])
    before = office.get(first["documents"][0]["pdf"]).body

    persons = [
        person | {"legal_given_names": "Anna"} if number == 0 else person
        for number, person in enumerate(payload["persons"])
    ]
    patched = office.request(
        "PATCH", f"/api/v1/cases/{case_id}", {"persons": persons}, {"If-Match": created.headers["etag"]}
    )
    assert patched.status == 200
    second = finished(office, office.post(f"/api/v1/cases/{case_id}/bundles", {"languages": ["de"]}).json["bundle_id"])
    assert [document["revision"] for document in second["documents"]] == [2, 2, 2]
    assert "Ana Miller" in text_of(before)
    assert "Anna Miller" in text_of(office.get(second["documents"][0]["pdf"]).body)
    assert office.get(first["documents"][0]["pdf"]).body == before


def test_what_was_made_is_there_after_a_restart(tmp_path: Path) -> None:
    with EmbeddedStack(settings_of(tmp_path)) as stack:
        office = client_of(stack)
        case_id = office.post("/api/v1/cases", miller()).json["case_id"]
        accepted = office.post(f"/api/v1/cases/{case_id}/bundles", {"languages": ["de", "ru"]}).json
        bundle = finished(office, accepted["bundle_id"])
        before = {document["pdf"]: office.get(document["pdf"]).body for document in bundle["documents"]}
    with EmbeddedStack(settings_of(tmp_path)) as stack:
        office = client_of(stack)  # the token of the first start is still the one
        assert office.get(accepted["bundle"]).json == bundle
        assert {address: office.get(address).body for address in before} == before


def test_the_command_line_works_on_the_data_of_a_running_office(
    office: ApiClient, folder: Path, tmp_path: Path
) -> None:
    """Whoever is quicker, the command or the office's worker, does the job; the documents are known to both."""
    command = ["bundle", str(CASES / "01-miller.json"), "--lang", "uk", "--out", str(tmp_path), "--json"]
    result = subprocess.run(
        [sys.executable, "-m", "docservice", *command],
        capture_output=True,
        timeout=90,
        check=False,
        env=os.environ | {"DOCSERVICE_DATA_DIR": str(folder)},
    )
    assert result.returncode == 0, result.stderr
    manifest = json.loads(result.stdout)
    bundle = office.get(f"/api/v1/bundles/{manifest['bundle_id']}").json
    assert bundle["state"] == "ready"
    for document, known in zip(manifest["documents"], bundle["documents"], strict=True):
        assert (tmp_path / document["pdf"]).read_bytes() == office.get(known["pdf"]).body
