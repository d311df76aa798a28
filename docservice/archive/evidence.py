"""What is kept beside a package to prove it: files that an index names. Whether they are whole and of this package.

Only `docservice verify` asks: the program itself keeps no evidence yet.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from docservice.domain.errors import DocserviceError

INDEX = "evidence.json"
_MOST = 1 << 20  # bytes of an index
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class Holding(StrEnum):
    """What is known of a file of evidence. Nothing is proved by it: what it says is not evaluated."""

    KEPT = "kept_not_evaluated"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file as the index names it: its kind and moment are the index' words."""

    path: str
    kind: str
    at: str
    holding: Holding


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of a folder. `of_package`: whether its index names the hash of the package."""

    of_package: bool
    files: tuple[EvidenceFile, ...]

    @property
    def whole(self) -> bool:
        """Whether all of it is there, unchanged, and of this package."""
        return self.of_package and all(file.holding is Holding.KEPT for file in self.files)


def evidence_of(package: Path, folder: Path) -> Evidence:
    """Compare the files of a folder with its index, and the index with the package.

    DocserviceError "evidence_unreadable" when there is no index of the known form.
    """
    try:
        with (folder / INDEX).open("rb") as file:
            stated = json.loads(file.read(_MOST))
        files = tuple(_file(folder, each) for each in stated["files"])
        return Evidence(stated["package_sha256"] == _sha256(package), files)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DocserviceError.told("archive.evidence_unreadable", folder=folder, index=INDEX) from error


def _file(folder: Path, stated: Mapping[str, object]) -> EvidenceFile:
    path, sha256, kind, at = (stated[name] for name in ("path", "sha256", "kind", "at"))
    if not all(isinstance(each, str) for each in (path, sha256, kind, at)) or not _NAME.fullmatch(str(path)):
        raise ValueError("a file of evidence is named in another form")
    return EvidenceFile(str(path), str(kind), str(at), _holding(folder / str(path), str(sha256)))


def _holding(path: Path, sha256: str) -> Holding:
    if not path.is_file():
        return Holding.MISSING
    return Holding.KEPT if _sha256(path) == sha256 else Holding.CHANGED


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
