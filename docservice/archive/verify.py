"""Whether an archive package is as it was archived: offline, with nothing but the file.

Every byte counts. The container is made again from its members and compared, each object is hashed and compared with
the manifest, the manifest with the entry of the hash chain, and the entry with its own hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import IO

from docservice.archive.container.layout import (
    CHAIN,
    FORMAT,
    HASHES,
    LARGEST,
    LOCAL_SIGNATURE,
    MANIFEST,
    VERSIONS,
    Member,
    as_json,
    hash_lines,
)
from docservice.archive.container.other_packing import read_other_packing
from docservice.archive.container.reader import SMALL, Contents, ReadMember, read_container
from docservice.domain.hash_chain import ALGORITHM, ChainEntry, chain_faults
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.text.messages import Sentence, in_a_row, say

CONTAINER = "ZIP"
"""Stands for the container itself where an object is named."""
REGISTER = "register"
_MOST_FINDINGS = 50

_SAID: Mapping[tuple[str, str], str] = {
    (CONTAINER, "changed"): "pieces.zip_changed",
    (CONTAINER, "cut_off"): "pieces.zip_cut_off",
    (CONTAINER, "too_large"): "pieces.zip_too_large",
    (CONTAINER, "unreadable"): "pieces.zip_unreadable",
    (CONTAINER, "no_zip"): "pieces.zip_no_zip",
    (CONTAINER, "no_package"): "pieces.zip_no_package",
    (CONTAINER, "no_file"): "pieces.zip_no_file",
    (CONTAINER, "encrypted"): "pieces.zip_encrypted",
    (CONTAINER, "unknown_form"): "pieces.zip_unknown_form",
    (REGISTER, "changed"): "pieces.register_changed",
    (REGISTER, "missing"): "pieces.register_missing",
}
"""What is said of the container and of the register; an object has a sentence for each trouble it can have."""


class State(StrEnum):
    """The answer."""

    INTACT = "intact"
    ALTERED = "altered"
    CANNOT_BE_CHECKED = "cannot_be_checked"


class Trouble(StrEnum):
    """What is wrong with an object, with the container or with the register."""

    CHANGED = "changed"
    MISSING = "missing"
    EXTRA = "extra"
    UNKNOWN_FORM = "unknown_form"  # of another version, or none of ours
    CUT_OFF = "cut_off"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NO_ZIP = "no_zip"
    NO_PACKAGE = "no_package"
    NO_FILE = "no_file"
    ENCRYPTED = "encrypted"
    NOT_IN_REGISTER = "not_in_register"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is wrong. `name` is the path of an object in the package, CONTAINER or REGISTER."""

    name: str
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer with its reasons. `objects` were found as the manifest lists them; `entry` is the place in the chain
    as the package states it; `in_register` says whether the register has it, None when there was none to compare."""

    state: State
    findings: tuple[Discrepancy, ...]
    objects: int = 0
    entry: ChainEntry | None = None
    in_register: bool | None = None

    @property
    def content_intact(self) -> bool:
        """Whether all that was archived is there and unchanged, though the file is no longer the package byte for byte:
        somebody packed it anew, or put something around it."""
        return self.state is State.ALTERED and all(finding.name == CONTAINER for finding in self.findings)


def verify_package(path: Path, register: Sequence[ChainEntry] | None = None) -> Verdict:
    """Check a package; with the entries of a register (all, in order), also its place among them.

    Never raises for what the file holds, and reads it once, in bounded memory: hostile files are answered as quickly
    as others of their size.
    """
    try:
        if path.is_dir():
            return _cannot(Discrepancy(CONTAINER, Trouble.NO_FILE))
        with path.open("rb") as file:
            verdict = _checked(file, path.stat().st_size)
    except OSError:
        return _cannot(Discrepancy(CONTAINER, Trouble.UNREADABLE))
    return verdict if register is None or verdict.entry is None else _compared(verdict, verdict.entry, register)


def read_register(lines: Iterable[str]) -> tuple[ChainEntry, ...]:
    """The entries of an export of the register, one JSON object a line; ValueError when a line is none."""
    try:
        return tuple(ChainEntry.from_json(json.loads(line)) for line in lines if line.strip())
    except RecursionError:
        raise ValueError("a line is nested too deeply") from None


def not_proven() -> tuple[Sentence, ...]:
    """What even an intact package does not prove."""
    return say("pieces.not_proven_who"), say("pieces.not_proven_whole"), say("pieces.not_proven_when")


def sentence(verdict: Verdict) -> Sentence:
    """The answer in one sentence."""
    why = in_a_row(dict.fromkeys(map(_told, verdict.findings)), "; ")
    if verdict.state is State.ALTERED and not verdict.content_intact:
        return say("archive.altered", why=why)
    if verdict.state is State.CANNOT_BE_CHECKED:
        return say("archive.cannot_be_checked", why=why)
    assert verdict.entry is not None
    told = "archive.content_intact" if verdict.content_intact else "archive.intact"
    at = verdict.entry.at.astimezone(OFFICE_ZONE)
    return say(told, at=at, count=verdict.objects, seq=verdict.entry.seq)


def _told(finding: Discrepancy) -> Sentence:
    special = _SAID.get((finding.name, finding.trouble))
    return say(special) if special else say(f"pieces.object_{finding.trouble}", name=_shown(finding.name))


# -- the steps -------------------------------------------------------------------------------------------------------


def _checked(file: IO[bytes], size: int) -> Verdict:
    if size > LARGEST:
        return _cannot(Discrepancy(CONTAINER, Trouble.TOO_LARGE))
    contents = read_container(file, size)
    verdict = _judged(contents)
    if verdict.state is State.INTACT or verdict.content_intact:
        return verdict
    return _packed_otherwise(file, size, contents, verdict)


def _packed_otherwise(file: IO[bytes], size: int, contents: Contents, verdict: Verdict) -> Verdict:
    """The verdict, or a truer one when the file is a ZIP that another program packed, or none at all."""
    other = read_other_packing(file, size, top=MANIFEST, keep=(MANIFEST, CHAIN), most=SMALL)
    if other is None:
        return verdict if contents.members else _cannot(Discrepancy(CONTAINER, _of_no_zip(file)))
    if other.encrypted or not other.readable:
        return _cannot(Discrepancy(CONTAINER, Trouble.ENCRYPTED if other.encrypted else Trouble.UNKNOWN_FORM))
    unpacked = Contents(sound=False)
    for each in other.files:
        if each.name in unpacked.members:
            unpacked.doubled.append(each.name)
        else:
            unpacked.members[each.name] = ReadMember(Member(each.name, each.size, 0), each.sha256, each.content)
    manifest = _json(unpacked.members.get(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        missing = [Discrepancy(MANIFEST, Trouble.MISSING)] if MANIFEST not in unpacked.members else []
        named = verdict.state is State.ALTERED and not other.evident
        return verdict if named else _cannot(Discrepancy(CONTAINER, Trouble.NO_PACKAGE), *missing)
    judged = _judged(unpacked)
    return judged if other.evident or judged.content_intact else verdict


def _of_no_zip(file: IO[bytes]) -> Trouble:
    file.seek(0)
    return Trouble.CUT_OFF if file.read(4) == LOCAL_SIGNATURE else Trouble.NO_ZIP


def _judged(contents: Contents) -> Verdict:
    manifest = contents.members.get(MANIFEST)
    stated = _stated(manifest)
    if manifest is None:
        return _cannot(*_cut(contents), Discrepancy(MANIFEST, Trouble.MISSING))
    if contents.cut_off:
        gone = [name for name in (stated.objects if stated else ()) if name not in contents.members]
        gone += [CHAIN] if CHAIN not in contents.members else []
        return _cannot(*_cut(contents), *(Discrepancy(name, Trouble.MISSING) for name in gone))
    chain = contents.members.get(CHAIN)
    if chain is None:
        return _cannot(Discrepancy(CHAIN, Trouble.MISSING))
    entry = _entry(chain)
    findings = list(islice(_findings(contents, stated, entry, manifest.sha256), _MOST_FINDINGS))
    if stated is None and all(finding.name == CONTAINER for finding in findings):
        # sealed, and of a form that this program does not know
        return _cannot(Discrepancy(MANIFEST, Trouble.UNKNOWN_FORM))
    state = State.ALTERED if findings else State.INTACT
    listed = stated.objects if stated is not None else {}
    agreeing = sum(_agrees(contents.members.get(name), each) for name, each in listed.items())
    return Verdict(state, tuple(findings), agreeing, entry)


def _findings(
    contents: Contents, stated: _Stated | None, entry: ChainEntry | None, manifest_sha256: str
) -> Iterator[Discrepancy]:
    if entry is None or not entry.sound:
        yield Discrepancy(CHAIN, Trouble.CHANGED)
    elif entry.manifest_sha256 != manifest_sha256:
        yield Discrepancy(MANIFEST, Trouble.CHANGED)
    if stated is not None:
        yield from _object_findings(contents, stated.objects)
        yield from _hashes_findings(contents, stated)
    for name in contents.doubled:
        yield Discrepancy(name, Trouble.EXTRA)
    if not contents.sound:
        yield Discrepancy(CONTAINER, Trouble.CHANGED)


def _object_findings(contents: Contents, listed: Mapping[str, tuple[int, str]]) -> Iterator[Discrepancy]:
    for name, stated in listed.items():
        if name not in contents.members:
            yield Discrepancy(name, Trouble.MISSING)
        elif not _agrees(contents.members[name], stated):
            yield Discrepancy(name, Trouble.CHANGED)
    for name in contents.members:
        if name not in listed and name not in (MANIFEST, CHAIN):
            yield Discrepancy(name, Trouble.EXTRA)
    expected = [MANIFEST, *listed, CHAIN]
    if sorted(contents.members) == sorted(expected) and list(contents.members) != expected:
        yield Discrepancy(CONTAINER, Trouble.CHANGED)


def _hashes_findings(contents: Contents, stated: _Stated) -> Iterator[Discrepancy]:
    """What is wrong with the list of hashes, apart from what is wrong with it as with any object."""
    if stated.version == 1:
        return
    lines = hash_lines((name, digest) for name, (_, digest) in stated.objects.items() if name != HASHES)
    found, expected = contents.members.get(HASHES), (len(lines), hashlib.sha256(lines).hexdigest())
    if HASHES not in stated.objects and found is None:
        yield Discrepancy(HASHES, Trouble.MISSING)
    elif HASHES in stated.objects and _agrees(found, stated.objects[HASHES]) and not _agrees(found, expected):
        yield Discrepancy(HASHES, Trouble.CHANGED)


def _agrees(found: ReadMember | None, stated: tuple[int, str]) -> bool:
    return found is not None and (found.member.size, found.sha256) == stated


def _compared(verdict: Verdict, entry: ChainEntry, register: Sequence[ChainEntry]) -> Verdict:
    """The verdict with what the register says of the entry."""
    if verdict.state is State.CANNOT_BE_CHECKED:
        return verdict
    if any(chain_faults(register)):
        return _with(verdict, Discrepancy(REGISTER, Trouble.CHANGED), State.CANNOT_BE_CHECKED)
    if entry.seq > len(register):  # older than the package
        return _with(verdict, Discrepancy(REGISTER, Trouble.MISSING), State.CANNOT_BE_CHECKED)
    if register[entry.seq - 1] != entry:
        return _with(verdict, Discrepancy(CHAIN, Trouble.NOT_IN_REGISTER), State.ALTERED)
    return Verdict(verdict.state, verdict.findings, verdict.objects, entry, in_register=True)


def _with(verdict: Verdict, finding: Discrepancy, state: State) -> Verdict:
    worse = State.ALTERED if verdict.state is State.ALTERED else state
    known = False if finding.trouble is Trouble.NOT_IN_REGISTER else None
    return Verdict(worse, (*verdict.findings, finding), verdict.objects, verdict.entry, in_register=known)


def _cannot(*findings: Discrepancy) -> Verdict:
    return Verdict(State.CANNOT_BE_CHECKED, findings[:_MOST_FINDINGS])


def _cut(contents: Contents) -> tuple[Discrepancy, ...]:
    return (Discrepancy(CONTAINER, Trouble.CUT_OFF),) if contents.cut_off else ()


# -- what manifest and chain entry state -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a manifest says: the version of the form, and size and hash of each object in order."""

    version: int
    objects: Mapping[str, tuple[int, str]]


def _stated(manifest: ReadMember | None) -> _Stated | None:
    """What the manifest says; None when it cannot be read or is of another form."""
    data = _json(manifest)
    if not isinstance(data, dict):
        return None
    version = data.get("version")
    if (data.get("format"), data.get("hash")) != (FORMAT, ALGORITHM) or version not in VERSIONS:
        return None
    try:
        objects = dict(_object(each["path"], each["size"], each["sha256"]) for each in data["objects"])
        return _Stated(version, objects)
    except (KeyError, TypeError):
        return None


def _object(path: object, size: object, digest: object) -> tuple[str, tuple[int, str]]:
    if type(size) is not int or not isinstance(path, str) or not isinstance(digest, str):
        raise TypeError("an object of the manifest is stated in another form")
    return path, (size, digest)


def _entry(chain: ReadMember) -> ChainEntry | None:
    data = _json(chain)
    if not isinstance(data, dict) or data.pop("hash", None) != ALGORITHM:
        return None
    try:
        entry = ChainEntry.from_json(data)
    except ValueError:
        return None
    return entry if as_json({**entry.as_json(), "hash": ALGORITHM}) == chain.content else None


def _json(found: ReadMember | None) -> object:
    if found is None or found.content is None:
        return None
    try:
        return json.loads(found.content)
    except (ValueError, RecursionError):
        return None


def _shown(name: str) -> str:
    """A name from a file of strangers as it may be printed."""
    plain = name if name.isascii() and name.isprintable() else ascii(name)
    return plain if len(plain) <= 80 else f"{plain[:80]}…"
