"""The register of templates (templates/versions.toml): versions, their validity, their translations, frozen hashes.

Valid time and publication are two things. The agreement date picks the version (validity); `published_on` says since
when its files are frozen. From then on a file whose hash has changed is a fault. A version is its German wording and
its layouts; a translation is an entry of its own, and may be published when its version has long been (see
docs/decisions/0030).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from docservice.domain.dates.validity import Period, coverage_faults
from docservice.domain.errors import DocserviceError, Fault, InvalidInput, NotFound
from docservice.domain.kinds import USUAL, Kind
from docservice.domain.languages import LANGUAGES

FILE_NAME = "versions.toml"
FILE_MISSING = "file_missing"
SOURCE_LANGUAGE = "de"


class Status(StrEnum):
    """A draft may still change; what is published never does."""

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
class Translation:
    """One translation of one version; `sha256` is the frozen hash of its catalogue ("" while never frozen)."""

    language: str
    status: Status
    published_on: date | None
    path: Path
    sha256: str
    approvals: tuple[Approval, ...]


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version of the template of one kind. `outline` names the recipe that puts its texts in order.

    `word` maps a layout (de, ltr, rtl) to its Word template, `translations` a language to what the register says of it.
    `sha256` maps each file of the version itself, relative to the templates folder, to its frozen hash ("" while never
    frozen).
    """

    kind: Kind
    version: str
    outline: str
    status: Status
    published_on: date | None
    validity: Period
    word: Mapping[str, Path]
    pdf: Path
    source: Path
    translations: Mapping[str, Translation]
    sha256: Mapping[str, str]

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

    @property
    def texts(self) -> Mapping[str, Path]:
        """The catalogue of each language, German first, drafts too."""
        return {SOURCE_LANGUAGE: self.source, **{code: each.path for code, each in self.translations.items()}}

    @property
    def languages(self) -> tuple[str, ...]:
        """The second languages that may be ordered: of a published version those whose translation is published."""
        return tuple(
            code
            for code, each in self.translations.items()
            if self.status is Status.DRAFT or each.status is Status.PUBLISHED
        )

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """What certified translators have approved, in the order of the translations."""
        return tuple(approval for each in self.translations.values() for approval in each.approvals)

    def approved_sha256(self, language: str) -> frozenset[str]:
        """The hashes of this language's catalogue that a certified translator has approved."""
        return frozenset(approval.sha256 for approval in self.translations[language].approvals)

    def frozen(self, languages: Collection[str]) -> dict[str, str]:
        """The files that stand behind a document in these languages, with their hashes: those of the version, the
        translations that were published with it, and those of its languages. One that came later is no part of it."""
        return dict(self.sha256) | {
            f"texts/{self.name}/{code}.po": each.sha256
            for code, each in self.translations.items()
            if code in languages or each.published_on == self.published_on
        }


@dataclass(frozen=True, slots=True)
class Register:
    """All template versions of a templates folder."""

    root: Path
    versions: tuple[TemplateVersion, ...]

    @classmethod
    def load(cls, root: Path) -> Register:
        """Read the register of a templates folder; nothing is checked yet but its form."""
        data = tomllib.loads((root / FILE_NAME).read_text(encoding="utf-8"))
        if any("languages" in entry for entry in data["version"]):
            raise _of_earlier_form()
        translations = data.get("translation", ())
        return cls(root, tuple(_version(root, entry, translations) for entry in data["version"]))

    def version(self, name: str) -> TemplateVersion:
        """The version of this name ("agreement/2026-01"); NotFound when there is none."""
        for version in self.versions:
            if version.name == name:
                return version
        raise NotFound.told("templates.template_unknown", name=name, register=FILE_NAME)

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
        """What is wrong: a gap or an overlap, a missing file, a published file that has changed, drafts too."""
        found = [f"{kind.value}: {fault}" for kind in Kind for fault in self._coverage_faults(kind)]
        for version in self.versions:
            faults = self.file_faults(version, version.translations)
            found.extend(f"{version.name}: {fault.path} {fault.en}" for fault in faults)
        return tuple(found)

    def file_faults(self, version: TemplateVersion, languages: Iterable[str] | None = None) -> tuple[Fault, ...]:
        """What is wrong with the files of one version: missing, not listed, or changed since they were published.

        With its translations into these languages; without any, into those that may be ordered. `path` of a fault is
        the file in the templates folder.
        """
        found = list(_file_faults(self.root, version))
        for code in version.languages if languages is None else languages:
            found += _translation_faults(self.root, version, version.translations[code])
        return tuple(found)

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


def sha256_of(path: Path) -> str:
    """The hash of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _version(root: Path, entry: Mapping[str, Any], translations: Iterable[Mapping[str, Any]]) -> TemplateVersion:
    kind, version = Kind(entry["kind"]), entry["version"]
    texts = root / "texts" / kind.value / version
    ours = [each for each in translations if each["version"] == f"{kind.value}/{version}"]
    return TemplateVersion(
        kind=kind,
        version=version,
        outline=entry["outline"],
        status=Status(entry["status"]),
        published_on=entry.get("published_on"),
        validity=Period(entry["valid_from"], entry.get("valid_to")),
        word=MappingProxyType(
            {layout: root / "docx" / kind.value / f"{version}-{layout}.docx" for layout in entry["layouts"]}
        ),
        pdf=root / "pdf" / kind.value / f"{version}.typ",
        source=texts / f"{SOURCE_LANGUAGE}.po",
        translations=MappingProxyType({each["language"]: _translation(texts, each) for each in ours}),
        sha256=MappingProxyType(dict(entry["sha256"])),
    )


def _translation(texts: Path, entry: Mapping[str, Any]) -> Translation:
    language = entry["language"]
    return Translation(
        language=language,
        status=Status(entry["status"]),
        published_on=entry.get("published_on"),
        path=texts / f"{language}.po",
        sha256=entry["sha256"],
        approvals=tuple(Approval(language, **approval) for approval in entry.get("approval", ())),
    )


def _file_faults(root: Path, version: TemplateVersion) -> Iterator[Fault]:
    for path in (*version.word.values(), version.pdf, version.source):
        relative = path.relative_to(root).as_posix()
        if relative not in version.sha256:
            yield Fault.told(relative, "pieces.file_not_listed")
    for relative, frozen in version.sha256.items():
        yield from _file_fault(root / relative, relative, frozen, version.status)


def _translation_faults(root: Path, version: TemplateVersion, translation: Translation) -> Iterator[Fault]:
    relative = translation.path.relative_to(root).as_posix()
    yield from _file_fault(translation.path, relative, translation.sha256, translation.status)
    language = LANGUAGES.get(translation.language)
    if language is None:
        yield Fault.told(relative, "pieces.language_unknown")
    elif language.layout not in version.word:
        yield Fault.told(relative, "pieces.layout_missing", layout=language.layout)


def _file_fault(path: Path, relative: str, frozen: str, status: Status) -> Iterator[Fault]:
    if not path.is_file():
        yield Fault.told(relative, "pieces.file_missing")
    elif status is Status.PUBLISHED and sha256_of(path) != frozen:
        yield Fault.told(relative, "pieces.file_changed")


def _period_fault(said: str) -> Fault:
    return Fault.told(FILE_NAME, "templates.validity", said=said)


def _of_earlier_form() -> DocserviceError:
    return DocserviceError.told("templates.register_form", register=FILE_NAME)


def _no_version() -> Fault:
    return Fault.told("agreement.date", "templates.no_template", example="2026-12-03")
