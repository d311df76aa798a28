"""Returned scans on the command line: read, asked about, decided, archived, verified."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from docservice.demo.paper import SheetOf, jpeg_of, pdf_of, scanned
from tests.support.command_line import docservice, refused
from tests.support.fixtures import CASES

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def agreement(folder: Path) -> dict[str, Any]:
    """The agreement of a bundle that was made here, as in bundle.json."""
    case = str(CASES / "06-sommer.json")
    made = docservice(folder, "bundle", case, "--lang", "de", "--out", str(folder / "out"), "--json")
    assert made.returncode == 0, made.stderr
    return dict(json.loads(made.stdout)["documents"][0])


def paper(folder: Path, agreement: dict[str, Any], pages: Sequence[int], seed: int = 3) -> list[Any]:
    """Pages of the agreement as they come out of a scanner, signed, the first one upside down."""
    pdf = (folder / "out" / agreement["pdf"]).read_bytes()
    sheets = [SheetOf(agreement, page, upside_down=page == 1) for page in pages]
    return scanned(sheets, {agreement["document_id"]: pdf}, seed)


def review_kinds(folder: Path) -> dict[str, str]:
    """What waits for a person, by id."""
    listed = json.loads(docservice(folder, "reviews", "--json").stdout)["reviews"]
    return {review["review_id"]: review["kind"] for review in listed}


def test_a_document_comes_back_in_two_scans_and_is_archived(folder: Path, agreement: dict[str, Any]) -> None:
    count = agreement["pages"]
    assert count > 1
    first, last = folder / "first.pdf", folder / "last.jpg"
    first.write_bytes(pdf_of(paper(folder, agreement, range(1, count))))
    last.write_bytes(jpeg_of(paper(folder, agreement, [count])[0]))

    result = docservice(folder, "scan", str(first), "--device", "Hall 2", "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["state"] == "done"
    assert [page["verdict"] for page in told["pages"]] == ["matched"] * (count - 1)
    assert told["pages"][0]["rotation"] == 180
    (document,) = told["documents"]
    assert (document["missing"], document["state"]) == ([count], "incomplete")

    completed = json.loads(docservice(folder, "scan", str(last), "--json").stdout)
    assert completed["documents"][0]["missing"] == []
    for review_id in completed["reviews"]:
        kind = review_kinds(folder)[review_id]
        decided = docservice(folder, "decide", review_id, {"confirm_signatures": "accept", "zone": "signed"}[kind])
        assert decided.returncode == 0, decided.stderr
    assert list((folder / "data" / "vault").rglob("*.zip")), "who accepts the last page need not come back for that"

    # the same bytes again show the first upload, and what has become of it
    again = json.loads(docservice(folder, "scan", str(first), "--json").stdout)
    assert again["upload_id"] == told["upload_id"]
    assert again["documents"][0]["state"] == "accepted"
    assert again["documents"][0]["archive_id"]

    package = folder / "package.zip"
    (stored,) = (folder / "data" / "vault").rglob("*.zip")
    package.write_bytes(stored.read_bytes())
    register = folder / "register.jsonl"
    assert docservice(folder, "register", str(register)).returncode == 0
    intact = docservice(folder, "verify", str(package), "--chain", str(register), "--json")
    assert (intact.returncode, json.loads(intact.stdout)["state"]) == (0, "intact"), intact.stderr
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    package.write_bytes(data)
    assert docservice(folder, "verify", str(package)).returncode == 1


def test_what_is_missing_is_said_plainly(tmp_path: Path) -> None:
    case = str(CASES / "06-sommer.json")
    made = docservice(tmp_path, "bundle", case, "--lang", "de", "--out", str(tmp_path / "out"), "--json")
    document = json.loads(made.stdout)["documents"][0]
    scan = tmp_path / "scan.jpg"
    scan.write_bytes(jpeg_of(paper(tmp_path, document, [1])[0]))
    (tmp_path / "empty.pdf").write_bytes(b"")
    shown = docservice(tmp_path, "scan", str(scan), str(tmp_path / "empty.pdf"), environment={"COLUMNS": "200"})
    assert shown.returncode == 0, shown.stderr
    assert f"agreement, page 2 of {document['pages']} is missing" in shown.stdout
    assert "empty.pdf: " in shown.stdout
    assert "question(s) wait for a person" in shown.stdout
    asked = docservice(tmp_path, "reviews", environment={"COLUMNS": "200"})
    assert "empty.pdf" in asked.stdout


def test_each_wrong_use_has_one_line_and_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    wrong = {
        ("scan",): "at least one file",
        ("scan", str(tmp_path / "none.pdf")): "none.pdf",
        ("scan", str(tmp_path / "scan.pdf"), str(tmp_path / "none.pdf")): "none.pdf",
        ("scan", str(tmp_path)): "folder",
        ("decide", "0" * 20, "accept"): "no such review",
        ("decide", "0" * 20): "DECISION",
    }
    for arguments, says in wrong.items():
        told = refused(tmp_path, *arguments)
        assert says in told, told
        assert len(told.splitlines()) == 1, told
    told = refused(tmp_path, "scan", str(tmp_path / "none.pdf"), LANG="de_DE.UTF-8")
    assert "keine solche Datei" in told
    with sqlite3.connect(next((tmp_path / "data").glob("*.sqlite"))) as database:
        assert database.execute("SELECT count(*) FROM scan_upload").fetchone() == (0,)
    database.close()


def test_too_much_is_refused(tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(bytes(3 << 20))
    assert "2 MiB" in refused(tmp_path, "scan", str(scan), DOCSERVICE_SCAN_MEBIBYTES="2")
    assert "at most 1 files" in refused(tmp_path, "scan", str(scan), str(scan), DOCSERVICE_SCAN_FILES="1")


def test_verify_needs_neither_data_nor_database(tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(b"PK")
    result = docservice(tmp_path, "verify", str(tmp_path / "package.zip"))
    assert result.returncode == 4
    assert not (tmp_path / "data").exists()
