"""The register of template versions (templates/versions.toml): validity, files with their hashes, approvals.

Valid time and publication are two things. The agreement date picks the version (validity); `published_on` says since
when its files are frozen. From then on a file whose hash has changed is a fault.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from docservice.domain.errors import Conflict, Fault, InvalidInput, NotFound
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.validity import Period, coverage_faults

FILE_NAME = "versions.toml"
FILE_MISSING = "file_missing"
SOURCE_LANGUAGE = "de"
_ENTRIES = re.compile(r"(?m)^(?=\[\[version\]\])")


class Status(StrEnum):
    """A draft may still change; a published version never does."""

    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Approval:
    """A certified translator's word for one translation: it covers the file with exactly this hash."""

    language: str
    translator: str
    approved_on: date
    seal_number: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version of the template of one kind. `outline` names the recipe that puts its texts in order.

    `word` maps a layout (de, ltr, rtl) to its Word template, `texts` a language (de is the source) to its catalogue.
    `sha256` maps each file, relative to the templates folder, to its frozen hash ("" while never frozen).
    """

    kind: Kind
    version: str
    outline: str
    status: Status
    published_on: date | None
    validity: Period
    languages: tuple[str, ...]
    word: Mapping[str, Path]
    pdf: Path
    texts: Mapping[str, Path]
    sha256: Mapping[str, str]
    approvals: tuple[Approval, ...]

    @property
    def name(self) -> str:
        """ "agreement/2026-01"."""
        return f"{self.kind.value}/{self.version}"

    @property
    def valid_from(self) -> date:
        return self.validity.valid_from

    @property
    def valid_to(self) -> date | None:
        return self.validity.valid_to

    def approved_sha256(self, language: str) -> frozenset[str]:
        """The hashes of this language's catalogue that a certified translator has approved."""
        return frozenset(approval.sha256 for approval in self.approvals if approval.language == language)


@dataclass(frozen=True, slots=True)
class Register:
    """All template versions of a templates folder."""

    root: Path
    versions: tuple[TemplateVersion, ...]

    @classmethod
    def load(cls, root: Path) -> Register:
        """Read the register of a templates folder; nothing is checked yet but its form."""
        data = tomllib.loads((root / FILE_NAME).read_text(encoding="utf-8"))
        return cls(root, tuple(_version(root, entry) for entry in data["version"]))

    def version(self, name: str) -> TemplateVersion:
        """The version of this name ("agreement/2026-01"); NotFound when there is none."""
        for version in self.versions:
            if version.name == name:
                return version
        raise NotFound("template_unknown", f"There is no template {name}; see templates/{FILE_NAME}.")

    def select(self, kind: Kind, on: date) -> TemplateVersion:
        """The version of a kind that is valid on a day (the agreement date); InvalidInput when there is none."""
        for version in self._live(kind):
            if on in version.validity:
                return version
        raise InvalidInput([_no_version()])

    def kinds(self, on: date) -> tuple[Kind, ...]:
        """The usual kinds of which there were templates on a day already; all of them before the first of any kind."""
        begins = {kind: min(version.valid_from for version in self._live(kind)) for kind in USUAL if self._live(kind)}
        return tuple(kind for kind, begin in begins.items() if begin <= on) or USUAL

    def faults(self) -> tuple[str, ...]:
        """What is wrong: a gap or an overlap, a missing file, a file of a published version that has changed."""
        found = [f"{kind.value}: {fault}" for kind in Kind for fault in self._coverage_faults(kind)]
        for version in self.versions:
            found.extend(f"{version.name}: {fault.path} {fault.en}" for fault in self.file_faults(version))
        return tuple(found)

    def file_faults(self, version: TemplateVersion) -> tuple[Fault, ...]:
        """What is wrong with the files of one version: missing, not listed, or changed since it was published.

        `path` of a fault is the file in the templates folder.
        """
        return tuple(_file_faults(self.root, version))

    def period_faults(self, version: TemplateVersion) -> tuple[Fault, ...]:
        """What would be wrong with the periods of the kind once this version is published, too."""
        public = [each for each in self.versions if each.kind is version.kind and each.status is Status.PUBLISHED]
        periods = [each.validity for each in public if each is not version]
        return tuple(map(_period_fault, coverage_faults([*periods, version.validity])))

    def _live(self, kind: Kind) -> list[TemplateVersion]:
        """Published versions; while a kind has none at all, its drafts."""
        of_kind = [version for version in self.versions if version.kind is kind]
        return [version for version in of_kind if version.status is Status.PUBLISHED] or of_kind

    def _coverage_faults(self, kind: Kind) -> tuple[str, ...]:
        return coverage_faults(version.validity for version in self._live(kind))


def publish(root: Path, name: str, on: date) -> None:
    """Freeze a draft: write the hashes of its files, its status and the day into the register.

    Comments and order of the register are kept. Conflict when the version is published already: a correction is a
    new version. FileNotFoundError names a file that is missing.
    """
    version = Register.load(root).version(name)
    if version.status is Status.PUBLISHED:
        raise Conflict("template_published", f"{name} is published and never changes; make a new version.")
    path = root / FILE_NAME
    entries = re.split(_ENTRIES, path.read_text(encoding="utf-8"))
    written = [_frozen(entry, root, on) if _is_entry_of(entry, version) else entry for entry in entries]
    path.write_text("".join(written), encoding="utf-8")


def approve(root: Path, name: str, approval: Approval) -> None:
    """Write a certified translator's approval of one translation, as it stands, into the register.

    InvalidInput when the version has no such translation, or when `approval.sha256` is not the hash of its file:
    what was read is what is approved.
    """
    version = Register.load(root).version(name)
    path = version.texts.get(approval.language) if approval.language != SOURCE_LANGUAGE else None
    if path is None or _sha256(path) != approval.sha256:
        raise InvalidInput([_not_approvable()])
    register = root / FILE_NAME
    entries = re.split(_ENTRIES, register.read_text(encoding="utf-8"))
    written = [
        f"{entry.rstrip()}\n\n{_written(approval)}\n" if _is_entry_of(entry, version) else entry for entry in entries
    ]
    register.write_text("".join(written).rstrip() + "\n", encoding="utf-8")


def _written(approval: Approval) -> str:
    return (
        "[[version.approval]]\n"
        f"language = {json.dumps(approval.language)}\n"
        f"translator = {json.dumps(approval.translator, ensure_ascii=False)}\n"
        f"approved_on = {approval.approved_on.isoformat()}\n"
        f"seal_number = {json.dumps(approval.seal_number, ensure_ascii=False)}\n"
        f"sha256 = {json.dumps(approval.sha256)}\n"
    )


def _is_entry_of(entry: str, version: TemplateVersion) -> bool:
    return f'\nkind = "{version.kind.value}"\n' in entry and f'\nversion = "{version.version}"\n' in entry


def _frozen(entry: str, root: Path, on: date) -> str:
    entry = entry.replace('\nstatus = "draft"\n', f'\nstatus = "published"\npublished_on = {on.isoformat()}\n')
    return re.sub(r'(?m)^"([^"]+)" = "[0-9a-f]*"$', lambda match: f'"{match[1]}" = "{_sha256(root / match[1])}"', entry)


def _version(root: Path, entry: Mapping[str, Any]) -> TemplateVersion:
    kind, version = Kind(entry["kind"]), entry["version"]
    texts = root / "texts" / kind.value / version
    languages = tuple(entry["languages"])
    return TemplateVersion(
        kind=kind,
        version=version,
        outline=entry["outline"],
        status=Status(entry["status"]),
        published_on=entry.get("published_on"),
        validity=Period(entry["valid_from"], entry.get("valid_to")),
        languages=languages,
        word=MappingProxyType(
            {layout: root / "docx" / kind.value / f"{version}-{layout}.docx" for layout in entry["layouts"]}
        ),
        pdf=root / "pdf" / kind.value / f"{version}.typ",
        texts=MappingProxyType({code: texts / f"{code}.po" for code in (SOURCE_LANGUAGE, *languages)}),
        sha256=MappingProxyType(dict(entry["sha256"])),
        approvals=tuple(Approval(**approval) for approval in entry.get("approval", ())),
    )


def _file_faults(root: Path, version: TemplateVersion) -> Iterator[Fault]:
    used = (*version.word.values(), version.pdf, *version.texts.values())
    for path in used:
        relative = path.relative_to(root).as_posix()
        if relative not in version.sha256:
            yield Fault(relative, "file_not_listed", "steht nicht im Register", "is not listed")
    for relative, frozen in version.sha256.items():
        path = root / relative
        if not path.is_file():
            yield Fault(relative, FILE_MISSING, "fehlt", "is missing")
        elif version.status is Status.PUBLISHED and _sha256(path) != frozen:
            yield Fault(
                relative,
                "file_changed",
                "hat sich seit der Veröffentlichung geändert",
                "has changed since it was published",
            )


def _period_fault(said: str) -> Fault:
    return Fault(
        path=FILE_NAME,
        code="validity",
        de=f"danach gälte an manchen Tagen keine oder mehr als eine Fassung ({said}); bitte valid_from und valid_to "
        "anpassen.",
        en=f"then no version or more than one would be valid on some days ({said}); mend valid_from and valid_to.",
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _no_version() -> Fault:
    return Fault(
        path="agreement.date",
        code="no_template",
        de="Für diesen Tag gilt keine Vorlage. Bitte das Datum prüfen.",
        en="No template is valid on this day. Please check the date.",
        example="2026-12-03",
    )


def _not_approvable() -> Fault:
    return Fault(
        path="approval",
        code="not_this_translation",
        de="Diese Übersetzung gibt es nicht, oder ihre Datei hat sich seither geändert. Bitte neu lesen.",
        en="There is no such translation, or its file has changed since it was read. Please read it again.",
        example="agreement/2026-01 ru",
    )
