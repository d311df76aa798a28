"""`docservice report`: tables for people, JSON for programs, files, and one sentence for a period that cannot be."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

from docservice.db.unit_of_work import Database
from tests.support.command_line import docservice, refused
from tests.support.report_office import FIGURES, YEAR, a_year

PERIOD = ("--from", YEAR[0], "--to", YEAR[1])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    (folder / "data").mkdir(mode=0o700)
    url = f"sqlite:///{folder / 'data' / 'docservice.sqlite'}"
    database = Database(url)
    database.upgrade()
    a_year(database, url)
    database.close()
    return folder


@pytest.mark.timeout(240)
def test_the_year_as_json_as_a_table_and_as_files(office: Path, tmp_path: Path) -> None:
    files = {ending: tmp_path / f"year.{ending}" for ending in ("xlsx", "pdf", "svg")}
    options = [part for ending, path in files.items() for part in (f"--{ending}", str(path))]
    result = docservice(office, "report", "interim", *PERIOD, "--json", *options)
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert list(answer) == ["from", "to", *FIGURES, "by_month"]
    assert {name: answer[name] for name in FIGURES} == FIGURES
    assert (answer["from"], answer["to"]) == YEAR
    begins = {ending: path.read_bytes()[:4] for ending, path in files.items()}
    assert begins == {"xlsx": b"PK\x03\x04", "pdf": b"%PDF", "svg": b"<svg"}
    told = docservice(office, "report", "interim", *PERIOD).stdout
    assert "1.550" in told
    assert "30,2" in told
    assert "Beispiel" not in told + result.stdout

    (tmp_path / "here.json").write_text(result.stdout, encoding="utf-8")
    (tmp_path / "there.json").write_text(result.stdout.replace("1550", "1551"), encoding="utf-8")
    compared = docservice(
        office, "report", "compare", str(tmp_path / "here.json"), str(tmp_path / "there.json"), "--json"
    )
    assert json.loads(compared.stdout)["rows"][0] == {"measure": "contacts", "values": [1550, 1551]}


@pytest.mark.timeout(240)
def test_an_export_leaves_its_key_only_where_it_is_told_to(office: Path, tmp_path: Path) -> None:
    key, folder = tmp_path / "key", tmp_path / "export"
    result = docservice(office, "report", "evaluation", *PERIOD, "--json", "--key", str(key), "--csv", str(folder))
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    secret = key.read_text("ascii").strip()
    assert len(bytes.fromhex(secret)) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    written = [path for folder in (office, tmp_path) for path in folder.rglob("*") if path.is_file() and path != key]
    assert not [path for path in written if secret.encode() in path.read_bytes()]
    with (folder / "personen.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert rows == answer["records"]
    assert {path.name for path in folder.iterdir()} >= {"codebuch.csv", "alter.csv"}
    again = refused(office, "report", "evaluation", *PERIOD, "--key", str(key))
    assert str(key) in again
    assert key.read_text("ascii").strip() == secret


@pytest.mark.parametrize("report", ["interim", "returns", "evaluation"])
def test_a_period_that_cannot_be_is_told_in_one_sentence(tmp_path: Path, report: str) -> None:
    for begin, end, says in (
        ("2003-12-31", "2003-01-01", "ends before"),
        ("2003-02-29", "2003-12-31", "no such day"),
        ("2099-01-01", "2099-12-31", "in the future"),
    ):
        told = refused(tmp_path, "report", report, "--from", begin, "--to", end)
        assert says in told
        assert len(told.splitlines()) == 2


def test_what_cannot_be_compared_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{}", encoding="utf-8")
    one, two = str(tmp_path / "no.json"), str(tmp_path / "none.json")
    assert "two reports" in refused(tmp_path, "report", "compare", one)
    assert "no.json" in refused(tmp_path, "report", "compare", one, one)
    assert "none.json" in refused(tmp_path, "report", "compare", two, one)
