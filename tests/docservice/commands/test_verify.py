"""`docservice verify`: three answers with three exit statuses, in two languages, and what is not proved."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from docservice.archive.container.package import pack
from docservice.archive.content.model import PackedObject
from docservice.commands.verify import check
from docservice.domain.errors import DocserviceError
from docservice.domain.hash_chain import ChainEntry, following


@pytest.fixture
def package(tmp_path: Path) -> tuple[Path, ChainEntry]:
    path = tmp_path / "package.zip"
    made = pack(path, {}, [PackedObject("derived/document.pdf", "derived", "application/pdf", b"%PDF" * 500)])
    entry = following(None, made.manifest_sha256, datetime(2026, 12, 3, 9, 22, 31, tzinfo=UTC))
    made.close(made.end(entry))
    return path, entry


def test_an_intact_package(package: tuple[Path, ChainEntry], capsys: pytest.CaptureFixture[str]) -> None:
    assert check(package[0]) == 0
    said = capsys.readouterr().out
    assert "Unverändert seit der Archivierung am 03.12.2026 10:22:31 CET" in said
    assert "Intact since it was archived at 2026-12-03 10:22:31 +0100" in said
    assert "wer unterschrieben hat" in said
    assert "that the whole package was not made anew" in said


def test_a_package_with_one_flipped_byte(package: tuple[Path, ChainEntry], capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(package[0].read_bytes())
    data[1200] ^= 1
    package[0].write_bytes(data)
    assert check(package[0], json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["state"] == "altered"
    assert {"object": "derived/document.pdf", "trouble": "changed"} in told["findings"]


def test_a_name_that_cannot_be_written_is_told_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half a surrogate pair: JSON can say it, no encoding can."""
    path = tmp_path / "package.zip"
    made = pack(path, {}, [PackedObject("??.pdf", "derived", "application/pdf", b"%PDF")])
    made.close(made.end(following(None, made.manifest_sha256, datetime(2026, 12, 3, tzinfo=UTC))))
    path.write_bytes(path.read_bytes().replace(b'"path": "??.pdf"', b'"path": "\\ud800"'))
    assert check(path, json=True) in (1, 4)
    said = capsys.readouterr().out
    assert "\ud800" in {finding["object"] for finding in json.loads(said)["findings"]}
    assert said.isascii()
    assert check(path) in (1, 4)


def test_half_a_package(package: tuple[Path, ChainEntry], capsys: pytest.CaptureFixture[str]) -> None:
    package[0].write_bytes(package[0].read_bytes()[:1200])
    assert check(package[0]) == 4
    said = capsys.readouterr().out
    assert "Nicht prüfbar: das Ende der Datei fehlt; derived/document.pdf fehlt; chain.json fehlt." in said
    assert "Cannot be checked: the end of the file is missing; derived/document.pdf is missing" in said


def test_the_register_is_compared_when_it_is_there(
    package: tuple[Path, ChainEntry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register = tmp_path / "register.jsonl"
    register.write_text(json.dumps(package[1].as_json()) + "\n")
    assert check(package[0], chain=register) == 0
    assert "steht so im Register" in capsys.readouterr().out
    other = following(None, "ab" * 32, package[1].at)
    register.write_text(json.dumps(other.as_json()) + "\n")
    assert check(package[0], chain=register) == 1
    assert "steht so nicht im Register" in capsys.readouterr().out
    register.write_text("")
    assert check(package[0], chain=register) == 4


@pytest.mark.parametrize("content", ["no json\n", "{}\n", "[" * 100_000, None])
def test_a_register_that_cannot_be_read_is_the_users_error(
    package: tuple[Path, ChainEntry], tmp_path: Path, content: str | None
) -> None:
    register = tmp_path / "register.jsonl"
    if content is not None:
        register.write_text(content)
    with pytest.raises(DocserviceError) as caught:
        check(package[0], chain=register)
    assert caught.value.code == "register_unreadable"


def test_evidence_beside_a_package_is_told_and_not_believed(
    package: tuple[Path, ChainEntry], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "first.tsr").write_bytes(b"invented timestamp")

    def kept(**change: str) -> None:
        file = {
            "path": "first.tsr",
            "sha256": hashlib.sha256(b"invented timestamp").hexdigest(),
            "kind": "timestamp",
            "at": "2026-12-04T00:00:00+00:00",
        }
        index = {"package_sha256": hashlib.sha256(package[0].read_bytes()).hexdigest(), "files": [{**file, **change}]}
        (folder / "evidence.json").write_text(json.dumps(index))

    def told() -> tuple[int, list[str], bool]:
        status = check(package[0], evidence=folder, json=True)
        evidence = json.loads(capsys.readouterr().out)["evidence"]
        return status, [file["holding"] for file in evidence["files"]], evidence["of_package"]

    kept()
    assert told() == (0, ["kept_not_evaluated"], True)
    assert check(package[0], evidence=folder) == 0
    assert "first.tsr (timestamp, 2026-12-04T00:00:00+00:00): aufbewahrt, nicht" in capsys.readouterr().out
    kept(sha256="ab" * 32)
    assert told() == (1, ["changed"], True)
    kept(path="second.tsr")
    assert told() == (1, ["missing"], True)
    (folder / "evidence.json").write_text('{"package_sha256": "ab", "files": []}')
    assert told() == (1, [], False)
    kept(path="../package.zip")
    with pytest.raises(DocserviceError, match=r"evidence\.json"):
        check(package[0], evidence=folder)
