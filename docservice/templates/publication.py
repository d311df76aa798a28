"""Changes the register: freezes a version or a translation, records an approval. Its comments and order are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from docservice.domain.errors import Conflict, Fault, InvalidInput
from docservice.templates.register import (
    FILE_NAME,
    Approval,
    Register,
    Status,
    TemplateVersion,
    Translation,
    sha256_of,
)

_ENTRIES = re.compile(r"(?m)^(?=\[\[(?:version|translation)\]\])")
_HASHED = re.compile(r'(?m)^"([^"]+)" = "[0-9a-f]*"$')
_HASH = re.compile(r'(?m)^sha256 = "[0-9a-f]*"$')


def publish(root: Path, name: str, on: date) -> None:
    """Freeze a draft and its translations: write hashes, status and the day into the register.

    Conflict when the version is published already: a correction is a new version. FileNotFoundError names a file that
    is missing.
    """
    version = Register.load(root).version(name)
    if version.status is Status.PUBLISHED:
        raise Conflict.told("templates.template_published.publish", name=name)
    drafts = [each for each in version.translations.values() if each.status is Status.DRAFT]

    def frozen(entry: str) -> str:
        if _is_version(entry, version):
            return _dated(_HASHED.sub(lambda found: f'"{found[1]}" = "{sha256_of(root / found[1])}"', entry), on)
        for translation in drafts:
            if _is_translation(entry, version, translation.language):
                return _frozen(entry, translation, on)
        return entry

    _rewrite(root, frozen)


def publish_translation(root: Path, name: str, language: str, on: date) -> None:
    """Freeze the draft of one translation of a published version; nothing else of the version changes.

    InvalidInput when the register has no such translation. Conflict when it is published already, or its version is
    not yet. FileNotFoundError when its file is missing.
    """
    version = Register.load(root).version(name)
    translation = version.translations.get(language)
    if translation is None:
        raise InvalidInput([_not_listed(name)])
    if version.status is Status.DRAFT:
        raise Conflict.told("templates.template_draft", name=name)
    if translation.status is Status.PUBLISHED:
        raise Conflict.told("templates.template_published.publish_translation", name=name, language=language)
    _rewrite(
        root, lambda entry: _frozen(entry, translation, on) if _is_translation(entry, version, language) else entry
    )


def approve(root: Path, name: str, approval: Approval) -> None:
    """Write a certified translator's approval of one translation, as it stands, into the register.

    InvalidInput when the version has no such translation, or when `approval.sha256` is not the hash of its file:
    what was read is what is approved.
    """
    version = Register.load(root).version(name)
    translation = version.translations.get(approval.language)
    if translation is None or sha256_of(translation.path) != approval.sha256:
        raise InvalidInput([_not_approvable()])

    def approved(entry: str) -> str:
        ours = _is_translation(entry, version, approval.language)
        return f"{entry.rstrip()}\n\n{_written(approval)}\n" if ours else entry

    _rewrite(root, approved)


def _rewrite(root: Path, changed: Callable[[str], str]) -> None:
    path = root / FILE_NAME
    entries = re.split(_ENTRIES, path.read_text(encoding="utf-8"))
    path.write_text("".join(map(changed, entries)).rstrip() + "\n", encoding="utf-8")


def _is_version(entry: str, version: TemplateVersion) -> bool:
    return f'\nkind = "{version.kind.value}"\n' in entry and f'\nversion = "{version.version}"\n' in entry


def _is_translation(entry: str, version: TemplateVersion, language: str) -> bool:
    return f'\nversion = "{version.name}"\n' in entry and f'\nlanguage = "{language}"\n' in entry


def _frozen(entry: str, translation: Translation, on: date) -> str:
    """The entry of a translation; the hashes of what was approved, further down, stay."""
    return _dated(_HASH.sub(f'sha256 = "{sha256_of(translation.path)}"', entry, count=1), on)


def _dated(entry: str, on: date) -> str:
    return entry.replace('\nstatus = "draft"\n', f'\nstatus = "published"\npublished_on = {on.isoformat()}\n')


def _written(approval: Approval) -> str:
    return (
        "[[translation.approval]]\n"
        f"translator = {json.dumps(approval.translator, ensure_ascii=False)}\n"
        f"approved_on = {approval.approved_on.isoformat()}\n"
        f"seal_number = {json.dumps(approval.seal_number, ensure_ascii=False)}\n"
        f"sha256 = {json.dumps(approval.sha256)}\n"
    )


def _not_listed(name: str) -> Fault:
    return Fault.told(FILE_NAME, "templates.not_this_translation.listed", name=name)


def _not_approvable() -> Fault:
    return Fault.told("approval", "templates.not_this_translation.approvable", example="agreement/2026-01 ru")
