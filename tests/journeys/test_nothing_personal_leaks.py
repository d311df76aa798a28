"""No personal value reaches a log line, an address or the broker, whether all goes well or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docservice.client import ApiClient
from docservice.embedded import EmbeddedStack
from docservice.settings import Settings
from tests.support.live_api import miller

pytestmark = pytest.mark.timeout(180)

CANARIES = ("Zilpzalp", "Пеночка", "Goldammer", "Rohrsänger")


def with_canaries() -> dict[str, Any]:
    payload = miller()
    person = payload["persons"][0]
    person["legal_family_name"], person["legal_given_names"] = "Zilpzalp", "Goldammer"
    person["original_script_names"] = [
        {"script": "Cyrl", "language": "ru", "family_name": "Пеночка", "given_names": "Анна"}
    ]
    person["notes"] = "Rohrsänger"
    return payload


def found_in(paths: Iterator[Path]) -> set[str]:
    """The canaries in these files, as UTF-8 or escaped as JSON may have them."""
    everything = b"\n".join(path.read_bytes() for path in paths if path.is_file())
    forms = {name: (name.encode(), json.dumps(name)[1:-1].encode()) for name in CANARIES}
    return {name for name, variants in forms.items() if any(variant in everything for variant in variants)}


def test_a_case_with_canaries_leaves_none_outside_database_and_blobs(tmp_path: Path) -> None:
    said: list[str] = []
    settings = Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path), "DOCSERVICE_PORT": "0"})
    with EmbeddedStack(settings, say=said.append) as stack:
        office = ApiClient(stack.url, stack.token_file.read_text("ascii").strip())
        addresses = []
        created = office.post("/api/v1/cases", with_canaries())
        addresses.append(created.headers["location"])
        accepted = office.post(f"{created.headers['location']}/bundles", {"languages": ["de", "ru"]})
        addresses.append(accepted.headers["location"])
        events = [(event.name, event.data) for event in office.events(accepted.json["events"])]
        bundle = office.get(accepted.headers["location"]).json
        assert bundle["state"] == "ready", bundle
        for document in bundle["documents"]:
            content = office.get(document["pdf"])
            addresses += [document["pdf"], document["docx"], content.headers["content-disposition"]]
        # and whatever goes wrong
        faulty = with_canaries()
        faulty["persons"][0]["legal_given_names"] = "Goldammer\u202e"
        faulty["persons"][0]["birth_date"] = "Zilpzalp"
        refused = office.request("POST", "/api/v1/cases", faulty)
        assert refused.status == 422
        office.request("POST", "/api/v1/cases", b'{"name": "Zilpzalp')
        office.request("GET", "/api/v1/Zilpzalp?name=Goldammer")
        office.request("POST", f"{created.headers['location']}/bundles", {"languages": ["Zilpzalp"]})
        stale = office.request("PATCH", created.headers["location"], with_canaries(), {"If-Match": '"9"'})
        assert stale.status == 412

    told = json.dumps([addresses, events, said, refused.json], ensure_ascii=False)
    assert not [name for name in CANARIES if name in told]
    logs = [path for path in (tmp_path / "logs").rglob("*") if path.is_file()]
    broker = [path for path in (tmp_path / "broker").rglob("*") if path.is_file()]
    assert {path.stem for path in logs} >= {"api", "worker", "relay"}
    assert any(b"bundles.render" in path.read_bytes() for path in broker), "the dump of the broker shows no message"
    assert found_in(iter(logs)) == set()
    assert found_in(iter(broker)) == set()
    # the search itself works: the case is where it belongs
    assert "Zilpzalp" in found_in(path for path in tmp_path.glob("*sqlite*"))
