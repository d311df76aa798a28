"""`docservice verify PACKAGE.zip`: whether an archive package is as it was archived, offline."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from docservice.archive.evidence import Evidence, evidence_of
from docservice.archive.verify import State, Verdict, not_proven, read_register, sentence, verify_package
from docservice.commands.files import write_file
from docservice.commands.installation import opened, operator
from docservice.domain.errors import DocserviceError
from docservice.domain.hash_chain import ChainEntry
from docservice.domain.text.messages import Sentence, say

_STATUS = {State.INTACT: 0, State.ALTERED: 1, State.CANNOT_BE_CHECKED: 4}


def check(
    package: Path,
    /,
    *,
    chain: Annotated[Path | None, Parameter(name="--chain")] = None,
    evidence: Annotated[Path | None, Parameter(name="--evidence")] = None,
    json: bool = False,
) -> int:
    """Check an archive package without the database: 0 intact, 1 altered (what), 4 cannot be checked (what is missing).

    A package that was packed anew is altered as a file, and told to be intact in content when it is.

    Parameters
    ----------
    package
        The ZIP file, as it was handed out.
    chain
        An export of the register (one entry as JSON on each line): is the package's entry in it?
    evidence
        A folder of what is kept beside the package (evidence.json names it): is it whole, and of this package? What it
        says is not evaluated. Altered evidence ends with 1, too.
    json
        Print one JSON document.
    """
    verdict = verify_package(package, None if chain is None else _register(chain))
    beside = None if evidence is None or verdict.state is State.CANNOT_BE_CHECKED else evidence_of(package, evidence)
    if json:
        told = _as_json(verdict) if beside is None else {**_as_json(verdict), "evidence": _evidence_as_json(beside)}
        print(json_text.dumps(told, indent=1))  # in ASCII: names may hold what no encoding can write
    else:
        _tell(verdict)
        _tell_evidence(beside)
    return 1 if beside is not None and not beside.whole else _STATUS[verdict.state]


def export(out: Path, /) -> int:
    """Write the register of archived packages to a file, for `verify --chain`: one entry as JSON on each line.

    Parameters
    ----------
    out
        The file to write.
    """
    with opened() as services:
        lines = [json_text.dumps(entry.as_json()) + "\n" for entry in services.archive.chain_entries(operator())]
    write_file(out, "".join(lines).encode())
    print(f"{out}: {len(lines)}")
    return 0


def _register(path: Path) -> tuple[ChainEntry, ...]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return read_register(lines)
    except (OSError, ValueError) as error:
        raise DocserviceError.told("commands.register_unreadable", path=path) from error


def _tell(verdict: Verdict) -> None:
    told = sentence(verdict)
    print(told.de)
    print(told.en)
    if verdict.entry is not None and (verdict.state is State.INTACT or verdict.content_intact):
        print(f"SHA-256 ({verdict.entry.seq}): {verdict.entry.sha256}")
    if verdict.in_register:
        print(_both(say("archive.in_register")))
    print(f"\n{_both(say('pieces.not_proven'))}:")
    for each in not_proven():
        print(f"- {each.de}\n  {each.en}")


def _tell_evidence(evidence: Evidence | None) -> None:
    if evidence is None:
        return
    print(f"\n{_both(say('pieces.beside_the_package'))}:")
    if not evidence.of_package:
        print(f"- {_both(say('pieces.evidence_of_another'))}")
    for file in evidence.files:
        print(ascii(f"- {file.path} ({file.kind}, {file.at}): ")[1:-1] + _both(say(f"pieces.evidence_{file.holding}")))


def _both(said: Sentence) -> str:
    return f"{said.de} / {said.en}"


def _evidence_as_json(evidence: Evidence) -> dict[str, object]:
    return {
        "of_package": evidence.of_package,
        "whole": evidence.whole,
        "files": [
            {"path": file.path, "kind": file.kind, "at": file.at, "holding": file.holding.value}
            for file in evidence.files
        ],
    }


def _as_json(verdict: Verdict) -> dict[str, object]:
    told = sentence(verdict)
    return {
        "state": verdict.state.value,
        "content_intact": verdict.state is State.INTACT or verdict.content_intact,
        "de": told.de,
        "en": told.en,
        "findings": [{"object": finding.name, "trouble": finding.trouble.value} for finding in verdict.findings],
        "objects": verdict.objects,
        "entry": None if verdict.entry is None else verdict.entry.as_json(),
        "in_register": verdict.in_register,
        "not_proven": [{"de": each.de, "en": each.en} for each in not_proven()],
    }
