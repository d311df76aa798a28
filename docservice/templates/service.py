"""The document templates as a product: which version is valid, in which languages, with which files."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from docservice.domain.documents import Letterhead
from docservice.domain.errors import DocserviceError, Fault, InvalidInput, NotFound
from docservice.domain.kinds import Kind
from docservice.domain.languages import LANGUAGES, Language
from docservice.domain.text.messages import Sentence
from docservice.templates.lint import lint_texts, read_glossary
from docservice.templates.publication import approve, publish, publish_translation
from docservice.templates.register import (
    FILE_MISSING,
    SOURCE_LANGUAGE,
    Approval,
    Register,
    Status,
    TemplateVersion,
)
from docservice.templates.texts import ClauseTexts
from docservice.templates.word.compile import CompiledWord
from docservice.templates.word.lint import lint as lint_word


class TemplateLibrary:
    """The templates folder, read once. Word templates and clause texts are compiled at first use and kept.

    A version of which a published file has changed is refused (DocserviceError "template_changed"), at its first use.
    """

    def __init__(self, root: Path, placeholders: Collection[str] | None = None) -> None:
        """`placeholders` are the names that Word templates may use; without them no name counts as unknown."""
        self.root = root
        self._placeholders = placeholders
        self.register = Register.load(root)
        self._texts: dict[tuple[str, str | None], ClauseTexts] = {}
        self._word: dict[Path, CompiledWord] = {}
        self._sound: set[str] = set()

    def version(self, name: str) -> TemplateVersion:
        """The version of this name ("agreement/2026-01"), valid or not; NotFound when there is none."""
        return self._unchanged(self.register.version(name))

    def kinds(self, on: date) -> tuple[Kind, ...]:
        """The kinds of documents of a bundle of this day, in stapling order: a kind that came later is none of them."""
        return self.register.kinds(on)

    def select(self, kind: Kind, on: date, language: Language | None = None) -> TemplateVersion:
        """The version valid on a day, the agreement date.

        InvalidInput when no version is, or when it has no complete translation into `language`.
        """
        version = self._unchanged(self.register.select(kind, on))
        if language is not None:
            self._require_language(version, language)
        return version

    def languages(self, version: TemplateVersion) -> tuple[Language, ...]:
        """The second languages a version is offered in: those without a missing unit."""
        return tuple(LANGUAGES[code] for code in version.languages if not self.texts(version, LANGUAGES[code]).missing)

    def texts(self, version: TemplateVersion, language: Language | None) -> ClauseTexts:
        """The clause texts of a version in German and, unless it is None, a second language.

        InvalidInput when the version has no translation into it, not even a draft.
        """
        if language is not None and language.code not in version.translations:
            raise InvalidInput([_not_offered(version, language, None)])
        code = None if language is None else language.code
        key = version.name, code
        if key not in self._texts:
            self._texts[key] = ClauseTexts.load(
                version.texts[SOURCE_LANGUAGE],
                None if code is None else version.texts[code],
                () if code is None else version.approved_sha256(code),
            )
        return self._texts[key]

    def word(self, version: TemplateVersion, layout: str) -> CompiledWord:
        """The compiled Word template of a version for a layout: de, ltr or rtl; WordTemplateError when lint refuses
        it."""
        path = version.word[layout]
        if path not in self._word:
            self._word[path] = CompiledWord.from_path(path, self._placeholders)
        return self._word[path]

    def warm_up(self, today: date) -> None:
        """Compile the templates in force from a day on (about half a second each), for instance before a server forks
        its workers. Older ones are compiled when they are first asked for.

        One that cannot be compiled is left out: whoever asks for it is told.
        """
        for version in self.register.versions:
            if version.valid_to is not None and version.valid_to < today:
                continue
            for layout in version.word:
                with suppress(Exception):
                    self.word(version, layout)
            for code in version.languages:
                with suppress(Exception):
                    self.texts(version, LANGUAGES[code])

    @property
    def cover(self) -> Path:
        """The layout of the cover sheet of a print set."""
        return self.root / "pdf" / "cover" / "2026-01.typ"

    def letterhead(self, authority: str = "dortmund") -> Letterhead:
        """The sender, from the authority profile of this name; NotFound when there is none."""
        path = self.root / "authorities" / f"{authority}.toml"
        if not authority.isidentifier() or not path.is_file():
            raise NotFound.told("templates.authority_unknown")
        profile = tomllib.loads(path.read_text(encoding="utf-8"))
        return Letterhead(profile["authority"], profile["unit"], tuple(profile["address"]))

    def lint(self) -> tuple[tuple[str, Fault], ...]:
        """What is wrong in the texts of all versions and in the Word templates of drafts, where their files are there.

        Each with the name of its version; `path` of a fault is the file in the templates folder.
        """
        found: list[tuple[str, Fault]] = []
        for version in self.register.versions:
            if any(fault.code == FILE_MISSING for fault in self.register.file_faults(version, version.translations)):
                continue
            found += [(version.name, fault) for fault in self._text_faults(version, version.texts)]
            if version.status is Status.DRAFT:  # those of the others were clean when they were published
                found += [(version.name, fault) for fault in self._word_faults(version)]
        return tuple(found)

    def faults(self) -> tuple[str, ...]:
        """Everything wrong with the register: gaps, overlaps, missing files, changed published files."""
        return self.register.faults()

    def faults_of(self, name: str) -> tuple[Fault, ...]:
        """Everything wrong with one version, also a draft: with its files, else in its Word templates and texts.

        `path` of a fault is the file in the templates folder. NotFound when there is no such version.
        """
        version = self.register.version(name)
        return self.register.file_faults(version, version.translations) or self._content_faults(version)

    def publish(self, name: str, on: date) -> None:
        """Freeze a draft version and its translations by writing their hashes into the register; see
        `publication.publish`.

        InvalidInput with all of them when the version has faults, or would leave days without a version or with two.
        """
        version = self.register.version(name)
        if version.status is Status.DRAFT:
            faults = (*self.faults_of(name), *self.register.period_faults(version))
            if faults:
                raise InvalidInput(faults, code="template_faults")
        publish(self.root, name, on)
        self._read_again()

    def publish_translation(self, name: str, language: str, on: date) -> None:
        """Freeze a new translation of a published version; see `publication.publish_translation`.

        InvalidInput with all faults of the translation.
        """
        version = self.register.version(name)
        translation = version.translations.get(language)
        if translation is not None and translation.status is Status.DRAFT:
            faults = self.register.file_faults(version, [language]) or tuple(self._text_faults(version, [language]))
            if faults:
                raise InvalidInput(faults, code="template_faults")
        publish_translation(self.root, name, language, on)
        self._read_again()

    def approve(self, name: str, approval: Approval) -> None:
        """Record that a certified translator has approved a translation as it stands; see `publication.approve`.

        InvalidInput when lint finds faults in it.
        """
        version = self.register.version(name)
        of_ours = [language for language in version.translations if language == approval.language]
        if faults := tuple(self._text_faults(version, of_ours)):
            raise InvalidInput(faults, code="template_faults")
        approve(self.root, name, approval)
        self._read_again()

    def _read_again(self) -> None:
        self.register = Register.load(self.root)
        self._texts.clear()

    def _unchanged(self, version: TemplateVersion) -> TemplateVersion:
        if version.name not in self._sound:
            faults = self.register.file_faults(version) if version.status is Status.PUBLISHED else ()
            if faults:
                raise _changed(version, faults)
            self._sound.add(version.name)
        return version

    def _content_faults(self, version: TemplateVersion) -> tuple[Fault, ...]:
        return (*self._word_faults(version), *self._text_faults(version, version.texts))

    def _word_faults(self, version: TemplateVersion) -> Iterator[Fault]:
        for path in version.word.values():
            for finding in lint_word(path, self._placeholders):
                if not finding.hint:
                    yield Fault(self._relative(path), finding.code, finding.line("de"), finding.line("en"))

    def _text_faults(self, version: TemplateVersion, languages: Iterable[str]) -> Iterator[Fault]:
        glossary = read_glossary(self.root / "texts" / "glossary.toml")
        for language in languages:
            path = version.texts[language]
            for message in lint_texts(version.texts[SOURCE_LANGUAGE], path, glossary):
                german, english = f"{message.unit}: {message.text_de}", f"{message.unit}: {message.text}"
                yield Fault(self._relative(path), "text_fault", german, english)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _require_language(self, version: TemplateVersion, language: Language) -> None:
        if language.code not in version.languages:
            raise InvalidInput([_not_offered(version, language, None)])
        missing = len(self.texts(version, language).missing)
        if missing:
            raise InvalidInput([_not_offered(version, language, missing)])


def _changed(version: TemplateVersion, faults: Collection[Fault]) -> DocserviceError:
    english = "; ".join(f"{version.name}: {fault.path} {fault.en}" for fault in faults)
    german = "; ".join(f"{version.name}: {fault.path} {fault.de}" for fault in faults)
    return DocserviceError.told("templates.template_changed", faults=Sentence("faults", german, english))


def _not_offered(version: TemplateVersion, language: Language, missing: int | None) -> Fault:
    """Why a version is not offered in a language: there is no translation at all, or units of it are missing."""
    path, example = "languages[1]", next(iter(version.languages), SOURCE_LANGUAGE)
    named = Sentence("language", language.german_name, language.code)
    if missing is None:
        return Fault.told(
            path, "templates.language_not_offered.untranslated", example=example, template=version.name, language=named
        )
    return Fault.told(
        path,
        "templates.language_not_offered.incomplete",
        example=example,
        template=version.name,
        language=named,
        missing=missing,
    )
