"""Verifying a package: every byte counts, and whoever reads the answer knows what is wrong with what."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import time
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docservice.archive.container.layout import FORMAT, VERSION, Member, as_json, directory, hash_lines, local_header
from docservice.archive.container.package import pack
from docservice.archive.content.model import PackedObject
from docservice.archive.verify import (
    CONTAINER,
    REGISTER,
    Discrepancy,
    State,
    Trouble,
    read_register,
    sentence,
    verify_package,
)
from docservice.domain.hash_chain import ChainEntry, following

START = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
OBJECTS = (
    PackedObject("derived/document.pdf", "derived", "application/pdf", bytes(range(256))),
    PackedObject("data/snapshot.json", "data", "application/json", b'{"a": 1}\n'),
    PackedObject("empty.txt", "explanation", "text/plain", b""),
)


def made(path: Path, last: ChainEntry | None = None) -> ChainEntry:
    """A small package at `path`; its entry in the chain."""
    package = pack(path, {"document_id": "D"}, OBJECTS)
    entry = following(last, package.manifest_sha256, START + timedelta(days=1 if last else 0))
    end = package.end(entry)
    package.close(end)
    assert path.stat().st_size == end.size
    return entry


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("package") / "package.zip"
    made(path)
    return path.read_bytes()


def judged(folder: Path, data: bytes) -> tuple[State, set[Discrepancy]]:
    path = folder / "judged.zip"
    path.write_bytes(data)
    verdict = verify_package(path)
    return verdict.state, set(verdict.findings)


def test_a_package_is_intact_and_an_ordinary_zip(whole: bytes, tmp_path: Path) -> None:
    assert judged(tmp_path, whole) == (State.INTACT, set())
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        names = [packed.path for packed in OBJECTS]
        assert opened.namelist() == ["manifest.json", "manifest-sha256.txt", *names, "chain.json"]
        assert opened.read("data/snapshot.json") == b'{"a": 1}\n'


EARLIER = Path(__file__).with_name("package-form-1.zip")
"""A package of invented data in version 1 of the form, as the program packed it on 27 November 2026."""


def test_a_package_of_version_1_is_intact_for_ever(tmp_path: Path) -> None:
    verdict = verify_package(EARLIER)
    assert (verdict.state, verdict.findings, verdict.objects) == (State.INTACT, (), 4)
    assert verdict.entry is not None
    assert verify_package(EARLIER, [verdict.entry]).in_register
    whole = EARLIER.read_bytes()
    assert b'"version": 1' in whole
    for place in range(0, len(whole), 5):
        state, findings = judged(tmp_path, whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert state is State.ALTERED, place
        assert findings
    assert judged(tmp_path, rezipped(whole))[1] == {Discrepancy(CONTAINER, Trouble.CHANGED)}


def test_sha256sum_proves_every_object(whole: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        opened.extractall(tmp_path)
    command = ["sha256sum", "--check", "--strict", "manifest-sha256.txt"]

    def checked() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)

    sound = checked()
    assert (sound.returncode, sound.stdout) == (0, "".join(f"{each.path}: OK\n" for each in OBJECTS))
    for each in OBJECTS:
        path = tmp_path / each.path
        before = path.read_bytes()
        path.write_bytes(before + b"?")
        altered = checked()
        assert (altered.returncode, f"{each.path}: FAILED" in altered.stdout) == (1, True)
        path.write_bytes(before)


def sealed(hashes: bytes | None, *, version: int = VERSION) -> bytes:
    """A package that is sound in itself, with this list of hashes beside its one object."""
    contents = {"a.txt": b"a", **({} if hashes is None else {"manifest-sha256.txt": hashes})}
    objects = [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in contents.items()
    ]
    manifest = as_json({"format": FORMAT, "version": version, "hash": "sha256", "objects": objects})
    return container(manifest, chain_json(manifest), contents)


def test_a_list_of_hashes_that_says_otherwise_than_the_manifest_is_an_alteration(tmp_path: Path) -> None:
    """Even where manifest and chain seal it: whoever believes the list would believe something else."""
    right = hash_lines([("a.txt", hashlib.sha256(b"a").hexdigest())])
    assert judged(tmp_path, sealed(right))[0] is State.INTACT
    assert judged(tmp_path, sealed(None, version=1))[0] is State.INTACT
    for wrong in (b"", right.upper(), right + right, right.replace(b"a.txt", b"b.txt"), right[:-1]):
        found = judged(tmp_path, sealed(wrong))
        assert found == (State.ALTERED, {Discrepancy("manifest-sha256.txt", Trouble.CHANGED)}), wrong
    gone = judged(tmp_path, sealed(None))
    assert gone == (State.ALTERED, {Discrepancy("manifest-sha256.txt", Trouble.MISSING)})


def test_every_single_altered_byte_is_found(whole: bytes, tmp_path: Path) -> None:
    """Every byte of the file, with one bit flipped or all of them."""
    path = tmp_path / "flipped.zip"
    path.write_bytes(whole)
    with path.open("r+b", buffering=0) as file:
        for position, byte in enumerate(whole):
            for flipped in (byte ^ (1 << position % 8), byte ^ 0xFF):
                os.pwrite(file.fileno(), bytes([flipped]), position)
                verdict = verify_package(path)
                assert verdict.state is State.ALTERED, (position, flipped, verdict)
                assert verdict.findings
            os.pwrite(file.fileno(), bytes([byte]), position)


def test_the_altered_object_is_named(whole: bytes, tmp_path: Path) -> None:
    place = whole.index(OBJECTS[0].content)  # type: ignore[arg-type]  # bytes
    altered = whole[: place + 100] + b"!" + whole[place + 101 :]
    state, findings = judged(tmp_path, altered)
    assert state is State.ALTERED
    assert Discrepancy("derived/document.pdf", Trouble.CHANGED) in findings
    told = sentence(verify_package(tmp_path / "judged.zip"))
    german, english = told.de, told.en
    assert german.startswith("Verändert: derived/document.pdf wurde verändert")
    assert english.startswith("Altered: derived/document.pdf was changed")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_bytes_put_in_taken_out_or_changed_anywhere_are_found(
    whole: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    new = data.draw(st.binary(max_size=40))
    changed = whole[:start] + new + whole[end:]
    state, findings = judged(tmp_path, changed)
    assert (state is State.INTACT) == (changed == whole)
    assert bool(findings) == (changed != whole)


def test_whatever_is_cut_off_cannot_be_checked_and_what_is_missing_is_named(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(whole)
    for length in reversed(range(len(whole))):
        os.truncate(path, length)
        verdict = verify_package(path)
        assert verdict.state is State.CANNOT_BE_CHECKED, length
        assert verdict.findings
    place = whole.index(OBJECTS[0].content) + 10  # type: ignore[arg-type]  # bytes
    _, findings = judged(tmp_path, whole[:place])
    names = {finding.name for finding in findings if finding.trouble is Trouble.MISSING}
    assert names == {"derived/document.pdf", "data/snapshot.json", "empty.txt", "chain.json"}
    assert Discrepancy(CONTAINER, Trouble.CUT_OFF) in findings


def rezipped(whole: bytes, left_out: str = "", more: dict[str, bytes] | None = None, packing: int = 0) -> bytes:
    """The package as another program writes it."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(result, "w", packing) as new:
        for name in old.namelist():
            if name != left_out:
                new.writestr(name, old.read(name))
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return result.getvalue()


def test_a_missing_and_an_additional_object_are_named(whole: bytes, tmp_path: Path) -> None:
    state, findings = judged(tmp_path, rezipped(whole, left_out="data/snapshot.json", more={"more.txt": b"x"}))
    assert state is State.ALTERED
    assert {Discrepancy("data/snapshot.json", Trouble.MISSING), Discrepancy("more.txt", Trouble.EXTRA)} <= findings


@pytest.mark.parametrize("name", ["manifest.json", "chain.json"])
def test_without_manifest_or_chain_entry_nothing_can_be_checked(whole: bytes, tmp_path: Path, name: str) -> None:
    state, findings = judged(tmp_path, rezipped(whole, left_out=name))
    assert state is State.CANNOT_BE_CHECKED
    assert Discrepancy(name, Trouble.MISSING) in findings


def in_a_folder(whole: bytes) -> bytes:
    """As a file manager packs the folder it was unpacked to: compressed, with entries for folders and things beside."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        new.mkdir("paket")
        for name in sorted(old.namelist()):
            new.writestr(f"paket/{name}", old.read(name))
            new.writestr(f"__MACOSX/paket/._{name.rpartition('/')[2]}", b"icon")
        new.writestr("paket/.DS_Store", b"places of windows")
    return result.getvalue()


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, -1])
def test_a_package_packed_anew_is_intact_in_content_alone(whole: bytes, tmp_path: Path, packing: int) -> None:
    anew = in_a_folder(whole) if packing == -1 else rezipped(whole, packing=packing)
    assert judged(tmp_path, anew) == (State.ALTERED, {Discrepancy(CONTAINER, Trouble.CHANGED)})
    verdict = verify_package(tmp_path / "judged.zip")
    assert (verdict.content_intact, verdict.objects) == (True, len(OBJECTS) + 1)
    told = sentence(verdict)
    german, english = told.de, told.en
    assert german.startswith("Inhalt unverändert, ZIP-Hülle verändert: alle 4 Objekte")
    assert english.startswith("Content intact, container changed: all 4 objects")
    assert verdict.entry is not None
    assert verify_package(tmp_path / "judged.zip", [verdict.entry]).in_register


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_was_changed_while_it_was_packed_anew_is_named(whole: bytes, tmp_path: Path, packing: int) -> None:
    changed = rezipped(whole, "data/snapshot.json", {"data/snapshot.json": b'{"a": 2}\n', "more.txt": b"x"}, packing)
    state, findings = judged(tmp_path, changed)
    assert state is State.ALTERED
    assert {Discrepancy("data/snapshot.json", Trouble.CHANGED), Discrepancy("more.txt", Trouble.EXTRA)} <= findings
    assert not verify_package(tmp_path / "judged.zip").content_intact
    gone = rezipped(whole, "empty.txt", packing=packing)
    assert Discrepancy("empty.txt", Trouble.MISSING) in judged(tmp_path, gone)[1]
    forged = rezipped(whole, "manifest.json", {"manifest.json": stating()}, packing)
    assert judged(tmp_path, forged)[0] is State.ALTERED


def test_a_byte_that_is_changed_in_a_compressed_package_is_found(whole: bytes, tmp_path: Path) -> None:
    anew = rezipped(whole, packing=zipfile.ZIP_DEFLATED)
    for position in range(0, len(anew), 7):
        flipped = anew[:position] + bytes([anew[position] ^ 0x10]) + anew[position + 1 :]
        state, findings = judged(tmp_path, flipped)
        assert state is not State.INTACT
        assert findings


def encrypted(whole: bytes) -> bytes:
    """With the sign that says so at each member, in the header and in the directory."""
    data = bytearray(rezipped(whole, packing=zipfile.ZIP_DEFLATED))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = -1
        while (position := data.find(signature, position + 1)) >= 0:
            data[position + offset] |= 1
    return bytes(data)


def test_what_is_no_package_is_told_as_what_it_is(whole: bytes, tmp_path: Path) -> None:
    letter = io.BytesIO()
    with zipfile.ZipFile(letter, "w", zipfile.ZIP_DEFLATED) as other:
        other.writestr("word/document.xml", b"<w:document/>")
    half = rezipped(whole, packing=zipfile.ZIP_DEFLATED)
    for data, trouble in (
        (b"%PDF-1.7 and more", Trouble.NO_ZIP),
        (b"", Trouble.NO_ZIP),
        (letter.getvalue(), Trouble.NO_PACKAGE),
        (encrypted(whole), Trouble.ENCRYPTED),
        (half[: len(half) // 2], Trouble.CUT_OFF),
    ):
        state, findings = judged(tmp_path, data)
        assert (state, Discrepancy(CONTAINER, trouble) in findings) == (State.CANNOT_BE_CHECKED, True), (
            trouble,
            findings,
        )
        told = sentence(verify_package(tmp_path / "judged.zip"))
        assert all("ZIP" in said or "end" in said.lower() for said in (told.de, told.en))
    assert verify_package(tmp_path).findings == (Discrepancy(CONTAINER, Trouble.NO_FILE),)


def test_bytes_before_and_behind_the_package_are_found(whole: bytes, tmp_path: Path) -> None:
    assert judged(tmp_path, whole + b"\0")[0] is State.ALTERED
    assert judged(tmp_path, whole + whole)[0] is not State.INTACT
    assert judged(tmp_path, b"\0" + whole)[0] is not State.INTACT


def test_a_package_made_anew_by_somebody_is_found_only_by_the_register(tmp_path: Path) -> None:
    """Whoever has this program can make a package that is sound in itself; the entry is not in the register."""
    path = tmp_path / "package.zip"
    first = made(path)
    second = following(first, "ab" * 32, START + timedelta(days=2))
    assert verify_package(path, [first, second]).in_register
    forged = following(None, first.manifest_sha256, START + timedelta(hours=1))
    package = pack(path, {"document_id": "D"}, OBJECTS)
    package.close(package.end(forged))
    assert verify_package(path).state is State.INTACT
    verdict = verify_package(path, [first, second])
    assert (verdict.state, verdict.in_register) == (State.ALTERED, False)
    assert verdict.findings == (Discrepancy("chain.json", Trouble.NOT_IN_REGISTER),)


def test_a_register_that_is_not_whole_or_too_old_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    first = following(None, "ab" * 32, START)
    second = made(path, last=first)
    assert verify_package(path, [first, second]).state is State.INTACT
    for register, trouble in (([second], Trouble.CHANGED), ([first], Trouble.MISSING), ([], Trouble.MISSING)):
        verdict = verify_package(path, register)
        assert verdict.state is State.CANNOT_BE_CHECKED
        assert verdict.findings == (Discrepancy(REGISTER, trouble),)


def test_the_register_is_read_from_lines_of_json() -> None:
    first = following(None, "ab" * 32, START)
    second = following(first, "cd" * 32, START)
    lines = [json.dumps(entry.as_json()) + "\n" for entry in (first, second)]
    assert read_register(lines) == (first, second)
    with pytest.raises(ValueError, match=r"."):
        read_register(["{}"])
    with pytest.raises(ValueError, match="deep"):
        read_register(["[" * 100_000])


def test_a_version_of_the_form_that_is_not_known_cannot_be_checked(tmp_path: Path) -> None:
    manifest = b'{"format": "docservice archive package", "version": 3, "hash": "sha256", "objects": []}'
    path = tmp_path / "future.zip"
    package = pack(path, {}, [])

    entry = following(None, hashlib.sha256(manifest).hexdigest(), START)
    end = package.end(entry)
    content = end.data[: end.data.index(b"PK\x01\x02")][len(local_header(Member("chain.json", 0, 0))) :]
    members = [Member("manifest.json", len(manifest), zlib.crc32(manifest))]
    members.append(Member("chain.json", len(content), zlib.crc32(content)))
    parts = (local_header(members[0]), manifest, local_header(members[1]), content, directory(members))
    state, findings = judged(tmp_path, b"".join(parts))
    assert (state, findings) == (State.CANNOT_BE_CHECKED, {Discrepancy("manifest.json", Trouble.UNKNOWN_FORM)})


def container(manifest: bytes, chain: bytes, objects: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """A container with these members and nothing else."""
    contents = {"manifest.json": manifest, **objects, "chain.json": chain}
    members = [Member(name, len(content), zlib.crc32(content)) for name, content in contents.items()]
    parts = (local_header(member) + contents[member.name] for member in members)
    return b"".join(parts) + directory(members)


def chain_json(manifest: bytes, **change: object) -> bytes:
    """The entry of a manifest as it stands in a package, with some values exchanged."""
    entry = following(None, hashlib.sha256(manifest).hexdigest(), START)
    return as_json({**entry.as_json(), "hash": "sha256", **change})


def stating(path: str = '"a"', size: str = "1", digest: str = '"x"') -> bytes:
    """A manifest of one object, stated in these words."""
    head = '{"format": "docservice archive package", "version": 1, "hash": "sha256", "objects": '
    return f'{head}[{{"path": {path}, "size": {size}, "sha256": {digest}}}]}}'.encode()


@pytest.mark.parametrize("size", ["1e999", "-1e999", "NaN", "1.0", "true", '"1"', "null", "[]"])
def test_a_size_that_is_no_whole_number_is_of_no_known_form(tmp_path: Path, size: str) -> None:
    manifest = stating(size=size)
    state, findings = judged(tmp_path, container(manifest, chain_json(manifest)))
    assert (state, findings) == (State.CANNOT_BE_CHECKED, {Discrepancy("manifest.json", Trouble.UNKNOWN_FORM)})


@pytest.mark.parametrize("manifest", [stating(path="1"), stating(path="null"), stating(digest="7")])
def test_names_and_hashes_that_are_no_text_are_of_no_known_form(tmp_path: Path, manifest: bytes) -> None:
    assert judged(tmp_path, container(manifest, chain_json(manifest)))[0] is State.CANNOT_BE_CHECKED


@pytest.mark.parametrize(
    "at",
    ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59.000000+00:00", "9999-12-31T23:59:59-01:00", "0000", 7, None],
)
def test_a_moment_that_no_clock_tells_is_a_changed_entry(tmp_path: Path, at: object) -> None:
    manifest = as_json({"format": FORMAT, "version": 1, "hash": "sha256", "objects": []})
    state, findings = judged(tmp_path, container(manifest, chain_json(manifest, at=at)))
    assert (state, findings) == (State.ALTERED, {Discrepancy("chain.json", Trouble.CHANGED)})
    assert sentence(verify_package(tmp_path / "judged.zip")).de


def test_an_entry_at_the_end_of_time_that_is_sound_in_itself_is_answered(tmp_path: Path) -> None:
    manifest = as_json({"format": FORMAT, "version": 1, "hash": "sha256", "objects": []})
    digest = hashlib.sha256(manifest).hexdigest()
    entry = following(None, digest, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    data = container(manifest, as_json({**entry.as_json(), "hash": "sha256"}))
    assert judged(tmp_path, data) == (State.ALTERED, {Discrepancy("chain.json", Trouble.CHANGED)})
    assert sentence(verify_package(tmp_path / "judged.zip")).de


def bomb() -> bytes:
    """Ten megabytes of zeros in ten kilobytes, under the names of a package."""
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in ("manifest.json", "derived/document.pdf", "chain.json"):
            new.writestr(name, bytes(10 << 20))
    return result.getvalue()


def crowd(count: int = 300_000) -> bytes:
    """Very many empty files."""
    members = [Member(f"{number:06d}", 0, 0) for number in range(count)]
    return b"".join(map(local_header, members))


def lying_over_each_other() -> bytes:
    """A directory whose entries all point to the same bytes (a bomb without compression)."""
    content = random.Random(1).randbytes(1 << 20)
    first = Member("manifest.json", len(content), zlib.crc32(content))
    again = [Member(f"{number:013d}", len(content), 0) for number in range(1000)]
    whole = directory([first, *again])
    return b"broken" + local_header(first) + content + whole


HOSTILE = {
    "nothing": b"",
    "text": b"no package at all" * 100,
    "random": random.Random(2).randbytes(1 << 20),
    "bomb": bomb(),
    "overlap": lying_over_each_other(),
    "end only": b"PK\x05\x06" + b"\xff" * 18,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_answered_at_once(tmp_path: Path, name: str) -> None:
    start = time.process_time()
    state, findings = judged(tmp_path, HOSTILE[name])
    assert state is State.CANNOT_BE_CHECKED
    assert findings
    assert time.process_time() - start < 1.0


def test_very_many_entries_are_answered_at_once(tmp_path: Path) -> None:
    data = crowd()
    start = time.process_time()
    assert judged(tmp_path, data)[0] is State.CANNOT_BE_CHECKED
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\x1b[2J", "C:\\x", "a" * 200])
def test_hostile_names_are_told_and_harmless(whole: bytes, tmp_path: Path, name: str) -> None:
    state, findings = judged(tmp_path, rezipped(whole, more={name: b"x"}))
    assert state is State.ALTERED
    assert Discrepancy(name, Trouble.EXTRA) in findings
    told = sentence(verify_package(tmp_path / "judged.zip"))
    german, english = told.de, told.en
    assert german.isprintable()
    assert english.isprintable()


def test_doubled_names_are_found(whole: bytes, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        doubled = rezipped(whole, more={"derived/document.pdf": b"another one"})
    state, findings = judged(tmp_path, doubled)
    assert state is State.ALTERED
    assert Discrepancy("derived/document.pdf", Trouble.EXTRA) in findings


def test_a_file_that_is_not_there_cannot_be_checked(tmp_path: Path) -> None:
    verdict = verify_package(tmp_path / "none.zip")
    assert verdict.state is State.CANNOT_BE_CHECKED
    assert verdict.findings == (Discrepancy(CONTAINER, Trouble.UNREADABLE),)
