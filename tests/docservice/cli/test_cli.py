"""The command line: quick, one clear line for a user's error, and with --json nothing but JSON on standard output."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from docservice import __version__
from tests.support.command_line import docservice, refused
from tests.support.content import TEMPLATES
from tests.support.live_api import CASES, miller
from tests.support.word_files import written_in_word

MILLER = str(CASES / "01-miller.json")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bundle",),
        ("template",),
        ("token", "create"),
        ("token", "list"),
        ("token", "revoke"),
        ("doctor",),
        ("serve",),
        ("scan",),
        ("reviews",),
        ("decide",),
        ("verify",),
        ("register",),
        ("report",),
        ("report", "interim"),
        ("report", "returns"),
        ("report", "evaluation"),
        ("report", "compare"),
    ],
)
def test_every_command_explains_itself(tmp_path: Path, arguments: Sequence[str]) -> None:
    result = docservice(tmp_path, *arguments, "--help")
    assert result.returncode == 0, result.stderr
    assert "Usage: docservice" in result.stdout
    assert not (tmp_path / "data").exists()


def test_the_program_tells_its_version(tmp_path: Path) -> None:
    assert docservice(tmp_path, "--version").stdout == f"{__version__}\n"


def test_help_is_quick_because_it_loads_nothing_heavy(tmp_path: Path) -> None:
    """0.3 s on the clock of a quiet machine; each of these packages would cost half as much or more."""
    start = "import sys; sys.argv = ['docservice', '--help']\ntry:\n import docservice.cli as c; c.main()\n"
    code = start + "except SystemExit:\n print(*sys.modules, file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    loaded = {name.partition(".")[0] for name in result.stderr.split()}
    assert "docservice" in loaded
    assert not loaded & {
        "alembic",
        "celery",
        "cv2",
        "docx",
        "docxtpl",
        "fastapi",
        "lxml",
        "numpy",
        "pikepdf",
        "pydantic",
    }
    assert not loaded & {"pypdfium2", "redis", "sqlalchemy", "typst", "uvicorn", "zxingcpp"}


def test_a_bundle_from_a_case_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = docservice(tmp_path, "bundle", MILLER, "--lang", "ru", "--out", str(out), "--json")
    assert result.returncode == 0, result.stderr
    manifest: dict[str, Any] = json.loads(result.stdout)
    assert json.loads((out / "bundle.json").read_text("utf-8")) == manifest
    assert [document["kind"] for document in manifest["documents"]] == ["agreement", "annex", "help_plan"]
    assert manifest["languages"] == ["de", "ru"]
    for document in manifest["documents"]:
        for ending in ("docx", "pdf"):
            data = (out / document[ending]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == document["sha256"][ending]
    assert (out / manifest["print_set"]).read_bytes().startswith(b"%PDF-")
    names = {"agreement", "annex", "help_plan"}
    expected = {f"{name}.{ending}" for name in names for ending in ("docx", "pdf")} | {"bundle.json", "bundle.pdf"}
    assert {path.name for path in out.iterdir()} == expected
    assert "Miller" not in result.stderr


def test_a_bundle_of_what_is_named_only(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = docservice(tmp_path, "bundle", MILLER, "--documents", "annex:1, help_plan", "--out", str(out), "--json")
    assert result.returncode == 0, result.stderr
    assert [each["kind"] for each in json.loads(result.stdout)["documents"]] == ["annex", "help_plan"]
    assert not (out / "agreement.pdf").exists()


def test_an_unlikely_appointment_is_told_and_stops_nothing(tmp_path: Path) -> None:
    payload = miller()
    payload["annex"]["next_appointment"]["start"] = "2026-12-13T10:00+01:00"
    (tmp_path / "case.json").write_text(json.dumps(payload), encoding="utf-8")
    result = docservice(
        tmp_path, "bundle", str(tmp_path / "case.json"), "--lang", "de", "--out", str(tmp_path / "out"), "--json"
    )
    assert result.returncode == 0, result.stderr
    assert "annex.next_appointment.start: The next appointment is on a Sunday." in result.stderr
    (warning,) = json.loads(result.stdout)["warnings"]
    assert set(warning) == {"path", "code", "detail", "detail_de"}
    assert warning["code"] == "appointment_on_sunday"


def test_all_faults_of_a_case_file_are_listed_without_their_values(tmp_path: Path) -> None:
    payload = miller()
    payload["persons"][0]["legal_family_name"] = "Canary\u200bOne"
    payload["persons"][1]["birth_date"] = "31.02.1984"
    payload["agreement"]["parties"] = []
    case = tmp_path / "case.json"
    case.write_text(json.dumps(payload), encoding="utf-8")
    told = refused(tmp_path, "bundle", str(case), "--out", str(tmp_path / "out"))
    assert "persons[0].legal_family_name" in told
    assert "persons[1].birth_date" in told
    assert "agreement.parties" in told
    assert "Canary" not in told
    assert "31.02.1984" not in told
    german = refused(tmp_path, "bundle", str(case), "--out", str(tmp_path / "out"), LANG="de_DE.UTF-8")
    assert "Fehler in" in german


def test_with_json_an_error_is_json_too(tmp_path: Path) -> None:
    result = docservice(tmp_path, "bundle", str(tmp_path / "none.json"), "--out", str(tmp_path), "--json")
    assert result.returncode == 2
    assert json.loads(result.stdout)["error"]["code"] == "case_file"
    assert result.stderr.count("\n") == 1


def test_each_wrong_use_has_one_line(tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "out"))
    broken = tmp_path / "broken.json"
    broken.write_text('{"case_number": ', encoding="utf-8")
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    wrong = {
        ("bundle", str(tmp_path / "none.json"), *out): "none.json",
        ("bundle", str(tmp_path), *out): "directory",
        ("bundle", str(broken), *out): "line 1",
        ("bundle", MILLER): "--out",
        ("bundle", MILLER, "--out", str(in_the_way)): str(in_the_way),
        ("bundle", MILLER, *out, "--documents", "letter"): "documents[0].kind",
        ("bundle", MILLER, *out, "--documents", "annex:x"): "documents[0].number",
        ("bundle", MILLER, "--lang", "tlh", *out): "--lang",
        ("bnudle",): "bnudle",
        ("bundle", MILLER, *out, "--colour"): "--colour",
        ("token", "create", "Ännchen"): "name",
        ("token", "revoke", "nobody"): "token list",
        ("template", "lint", str(tmp_path / "none.docx")): "none.docx",
    }
    for arguments, says in wrong.items():
        told = refused(tmp_path, *arguments)
        assert says in told, told
        assert len(told.splitlines()) <= 2, told


def test_an_unusable_data_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    told = refused(tmp_path, "token", "create", "desk")
    assert str(tmp_path / "data") in told
    assert len(told.splitlines()) == 1


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in ("serve", "api"):
            told = refused(tmp_path, command, DOCSERVICE_PORT=str(port))
            assert f"127.0.0.1:{port}" in told
            assert len(told.splitlines()) == 1


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    assert "DOCSERVICE_COLOUR" in refused(tmp_path, "db", "upgrade", DOCSERVICE_COLOUR="red")


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = docservice(tmp_path, "bundle", str(tmp_path / "none.json"), "--out", str(tmp_path), "--debug")
    assert result.returncode != 0
    assert "Traceback" in result.stderr


def test_a_token_is_made_and_shown_once(tmp_path: Path) -> None:
    made = docservice(tmp_path, "token", "create", "front-desk", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["token"].startswith("dst_")
    assert "front-desk" in refused(tmp_path, "token", "create", "front-desk")


def test_tokens_are_listed_without_their_secrets_and_taken_back(tmp_path: Path) -> None:
    secret = json.loads(docservice(tmp_path, "token", "create", "front-desk", "--json").stdout)["token"]
    assert docservice(tmp_path, "token", "revoke", "front-desk").stdout == "front-desk: revoked\n"
    plain, listed = docservice(tmp_path, "token", "list"), docservice(tmp_path, "token", "list", "--json")
    (token,) = json.loads(listed.stdout)["tokens"]
    assert set(token) == {"id", "name", "created_at", "revoked_at"}
    assert token["revoked_at"] is not None
    assert plain.stdout.startswith("front-desk  made ")
    assert "revoked" in plain.stdout
    assert secret not in plain.stdout + listed.stdout


def test_the_database_is_upgraded_and_says_so(tmp_path: Path) -> None:
    for _ in range(2):
        result = docservice(tmp_path, "db", "upgrade", "--json")
        assert (result.returncode, set(json.loads(result.stdout))) == (0, {"version"})


def test_the_doctor_finds_a_healthy_installation(tmp_path: Path) -> None:
    result = docservice(tmp_path, "doctor", "--json")
    told = json.loads(result.stdout)
    assert [check for check in told["checks"] if not check["ok"]] == []
    assert (result.returncode, told["ok"]) == (0, True)


def test_templates_are_listed_and_checked(tmp_path: Path) -> None:
    listed = json.loads(docservice(tmp_path, "template", "list", "--json").stdout)["templates"]
    current = next(row for row in listed if row["template"].startswith("agreement/2026"))
    assert set(current["languages"]) == {"de", "ru", "uk", "pl", "en", "ar"}
    checked = docservice(tmp_path, "template", "lint", "--json")
    assert (checked.returncode, json.loads(checked.stdout)) == (0, {"faults": []})


def test_a_word_template_is_checked_by_the_names_it_may_use(tmp_path: Path) -> None:
    """What a person who edited one in Word gets told; hints come after the faults."""
    shipped = str(TEMPLATES / "docx" / "agreement" / "2026-01-ltr.docx")
    sound = docservice(tmp_path, "template", "lint", shipped)
    assert (sound.returncode, sound.stdout) == (0, "")
    mine = tmp_path / "form.docx"
    mine.write_bytes(written_in_word("{{ titel_de }}", "Achtung: {%p if note_de %}", "x", "{%p endif %}"))
    checked = docservice(tmp_path, "template", "lint", str(mine))
    assert checked.returncode == 1
    unknown, beside = checked.stdout.splitlines()
    assert unknown.startswith('document, paragraph 1: {{ titel_de }}: there is no placeholder "titel_de"; "title_de"')
    assert beside.startswith("document, paragraph 2: {%p if note_de %}: ")
    as_json = json.loads(docservice(tmp_path, "template", "lint", str(mine), "--json").stdout)
    assert as_json == {"faults": [unknown, beside]}
    mine.write_bytes(b"%PDF-1.7")
    assert "This is no Word file" in docservice(tmp_path, "template", "lint", str(mine)).stdout


def test_a_template_is_previewed_as_word_and_pdf(tmp_path: Path) -> None:
    result = docservice(tmp_path, "template", "preview", "agreement/2026-01", "--lang", "ar", "--out", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert {path.name for path in tmp_path.iterdir()} >= {"agreement.docx", "agreement.pdf"}
