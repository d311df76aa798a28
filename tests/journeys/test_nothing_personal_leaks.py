"""No personal value reaches a log line, an address or the broker, whether all goes well or not."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from docservice.bootstrap import build
from docservice.client import ApiClient
from docservice.demo.paper import SheetOf, pdf_of, scanned
from docservice.embedded import EmbeddedStack
from docservice.settings import PROJECT, Settings
from docservice.tools.typst import LaidOut, SupervisedTypst
from tests.support.content import library
from tests.support.live_api import live_api, miller, settings_in, whole_scan
from tests.support.wait import wait_until

pytestmark = pytest.mark.timeout(180)

BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}
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
    return canaries(b"\n".join(path.read_bytes() for path in paths if path.is_file()))


def canaries(everything: bytes) -> set[str]:
    """The canaries in these bytes, as UTF-8 or escaped as JSON may have them."""
    forms = {name: (name.encode(), json.dumps(name)[1:-1].encode()) for name in CANARIES}
    return {name for name, variants in forms.items() if any(variant in everything for variant in variants)}


def rows(folder: Path, *tables: str) -> bytes:
    """All that is kept in these tables of the database in `folder`."""
    (file,) = folder.glob("*.sqlite")
    with sqlite3.connect(file) as database:
        kept = [database.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    database.close()
    assert all(kept), "a table is empty"
    return repr(kept).encode()


def test_a_case_with_canaries_leaves_none_outside_database_and_blobs(tmp_path: Path) -> None:
    said: list[str] = []
    settings = Settings.from_environment(
        {"DOCSERVICE_DATA_DIR": str(tmp_path), "DOCSERVICE_PORT": "0", "DOCSERVICE_WARM_UP": "no"}
    )
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
        returned, followed, problems = come_back(office, bundle)
        office.upload("/api/v1/scans", {"of no known scanner.pdf": b"-"})
        addresses += returned
        events += followed

    told = json.dumps([addresses, events, said, refused.json, problems], ensure_ascii=False)
    assert not [name for name in CANARIES if name in told]
    logs = [path for path in (tmp_path / "logs").rglob("*") if path.is_file()]
    broker = [path for path in (tmp_path / "broker").rglob("*") if path.is_file()]
    assert {path.stem for path in logs} >= {"api", "worker", "relay"}
    for message in (b"bundles.render", b"scans.read", b"archive.package"):
        assert any(message in path.read_bytes() for path in broker), "the dump of the broker shows no message"
    assert found_in(iter(logs)) == set()
    assert found_in(iter(broker)) == set()
    assert canaries(rows(tmp_path, "job", "event", "chain_entry", "archive_object")) == set()
    assert not [path for path in tmp_path.rglob("*") if canaries(str(path).encode())]
    assert b"'None'" not in rows(tmp_path, "scan_upload"), "a setting that is not set came through as a word"
    # the search itself works: the case is where it belongs
    assert "Zilpzalp" in found_in(path for path in tmp_path.glob("*sqlite*"))


def come_back(office: ApiClient, bundle: Mapping[str, Any]) -> tuple[list[str], list[Any], list[Any]]:
    """The agreement of the bundle comes back signed, in files with names, and is archived; and whatever goes wrong.

    All addresses that were given out, all events, all problems.
    """
    document = bundle["documents"][0]
    sheets = [SheetOf(document, page) for page in range(1, document["pages"] + 1)]
    scan = pdf_of(scanned(sheets, {document["document_id"]: office.get(document["pdf"]).body}, 1))
    files = {"Zilpzalp, Goldammer.pdf": scan, "Пеночка.pdf": b"", "Rohrsänger.html": b"<html>Zilpzalp</html>"}
    accepted = office.upload("/api/v1/scans", files, {"device": "Zilpzalp"})
    events = [(event.name, event.data) for event in office.events(accepted.json["events"])]
    upload = whole_scan(office, accepted.json["scan"])
    assert upload["documents"][0]["missing"] == []
    addresses = [accepted.headers["location"], *(page["picture"] for page in upload["pages"])]
    while reviews := office.get("/api/v1/reviews").json["reviews"]:
        for review in reviews:
            answer = {"confirm_signatures": "accept", "zone": "signed", "file": "dismiss"}[review["kind"]]
            address = f"/api/v1/reviews/{review['review_id']}/decision"
            office.post(address, {"decision": answer})
            addresses += [address, *(zone["crop"] for zone in review["zones"])]
    case = f"/api/v1/cases/{bundle['case_id']}/attachments"
    archived = wait_until(lambda: office.get(case).json["attachments"][0]["archive"], 60, "the archive")
    package = wait_until(lambda: office.get(archived).json["package"], 60, "the package")
    addresses += [archived, package, office.get(package).headers["content-disposition"]]
    part = 'Content-Disposition: form-data; name="Zilpzalp"; filename="Goldammer"'
    refusals = [
        office.request("POST", "/api/v1/scans", f"--b\r\n{part}\r\n\r\nZilpzalp\r\n--b--\r\n".encode(), BOUNDARY),
        office.request("POST", "/api/v1/scans", b"--b\r\nZilpzalp\x00: Goldammer\r\n\r\n", BOUNDARY),
        office.request("GET", "/api/v1/scan-pages/Zilpzalp/zones/Goldammer/crop"),
        office.request("GET", "/api/v1/reviews?kind=Zilpzalp&cursor=Goldammer"),
        office.request("POST", f"/api/v1/reviews/{'0' * 20}/decision", {"decision": "Zilpzalp"}),
    ]
    assert [refusal.status for refusal in refusals] == [422, 400, 404, 422, 404]
    return addresses, events, [refusal.json for refusal in refusals]


class Tattling:
    """A typesetter that fails on some layouts as badly as a part can: with all it was given in its exceptions."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        templates = PROJECT / "templates"
        self._sound = SupervisedTypst(templates / "pdf", templates / "fonts")

    def lay_out(self, layout: Path, data: Mapping[str, Any]) -> LaidOut:
        self._fail_on(layout, data)
        return self._sound.lay_out(layout, data)

    def typeset(self, layout: Path, data: Mapping[str, Any]) -> bytes:
        self._fail_on(layout, data)
        return self._sound.typeset(layout, data)

    def _fail_on(self, layout: Path, data: Mapping[str, Any]) -> None:
        if self._kind in layout.parts:
            try:
                raise ValueError(f"{' '.join(CANARIES)}: {data}")
            except ValueError as error:
                raise KeyError(CANARIES[0], str(data)) from error

    def close(self) -> None:
        self._sound.close()


@pytest.mark.parametrize(("kind", "state"), [("annex", "partly_failed"), ("cover", "failed")])
def test_a_part_that_fails_with_names_in_its_exceptions_gives_none_away(
    tmp_path: Path, process_log: io.StringIO, capfd: pytest.CaptureFixture[str], kind: str, state: str
) -> None:
    """Once within a document, once after all of them, where it ends the job."""
    services = build(settings_in(tmp_path), typesetter=Tattling(kind), templates=library())
    with live_api(tmp_path, services) as api:
        bundle_id = api.new_bundle(api.new_case(with_canaries()), {"languages": ["de", "ru"], "cover": True})
        bundle = api.finished(bundle_id)
        events = [(event.name, event.data) for event in api.client.events(f"/api/v1/bundles/{bundle_id}/events")]
        refused = api.client.request("GET", f"/api/v1/bundles/{bundle_id}/print-set")
    assert refused.status == 409
    assert bundle["state"] == state
    assert bundle["print_set"] is None
    errors = [document["error"] for document in bundle["documents"]]
    assert ("internal_error" in str(errors)) == (kind == "annex")
    printed = capfd.readouterr()
    said = [process_log.getvalue(), api.log.getvalue(), printed.out, printed.err]
    assert "KeyError" in said[0]
    told = json.dumps([events, errors, said, refused.json], ensure_ascii=False)
    assert canaries(told.encode()) == set()
    assert canaries(rows(tmp_path, "job", "event")) == set()
    assert "Zilpzalp" in canaries(rows(tmp_path, "case_record"))


@pytest.mark.extra
def test_templates_that_fail_on_a_case_with_canaries_leave_none_in_the_running_office(tmp_path: Path) -> None:
    """The whole stack with two broken templates, of which one stops with all it was given in its message. The
    documents of the third are made nevertheless."""
    templates = shutil.copytree(PROJECT / "templates", tmp_path / "templates")
    register = templates / "versions.toml"
    register.write_text(register.read_text("utf-8").replace('"published"', '"draft"'), encoding="utf-8")
    (templates / "pdf" / "annex" / "2026-11.typ").write_text('#panic(read("/document.json"))', encoding="ascii")
    (templates / "docx" / "help_plan" / "2026-11-ltr.docx").write_bytes(b"no longer a Word file")
    data = tmp_path / "data"
    settings = {
        "DOCSERVICE_DATA_DIR": str(data),
        "DOCSERVICE_PORT": "0",
        "DOCSERVICE_WARM_UP": "no",
        "DOCSERVICE_TEMPLATES_DIR": str(templates),
    }
    said: list[str] = []
    with EmbeddedStack(Settings.from_environment(settings), say=said.append) as stack:
        office = ApiClient(stack.url, stack.token_file.read_text("ascii").strip())
        created = office.post("/api/v1/cases", with_canaries())
        accepted = office.post(f"{created.headers['location']}/bundles", {"languages": ["de", "ru"]})
        events = [(event.name, event.data) for event in office.events(accepted.json["events"])]
        bundle = office.get(accepted.headers["location"]).json
    errors = [document["error"] for document in bundle["documents"]]
    assert [document["state"] for document in bundle["documents"]] == ["ready", "failed", "failed"]
    assert errors[1]["code"] == "typeset_failed"
    assert "panicked" in errors[1]["detail"]
    assert canaries(json.dumps([events, errors, said], ensure_ascii=False).encode()) == set()
    assert canaries(rows(data, "job", "event")) == set()
    assert found_in((data / "logs").rglob("*")) == set()
    assert found_in((data / "broker").rglob("*")) == set()
