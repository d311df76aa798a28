"""From what the document was made: the data it may show, and the template and clause versions with their hashes."""

from __future__ import annotations

from docservice.cases.intake import case_to_json
from docservice.cases.snapshots import load
from docservice.db.bundles import BundleRecord, DocumentRecord
from docservice.domain.confidentiality import printable
from docservice.templates.register import Register, TemplateVersion


def data_snapshot(bundle: BundleRecord, document: DocumentRecord) -> dict[str, object]:
    """The case as of the order, without every field that the document must not show (domain rule R11).

    The hash is of the whole snapshot as it is kept with the bundle.
    """
    return {
        "case_revision": bundle.case_revision,
        "snapshot_sha256": bundle.snapshot_sha256,
        "data": case_to_json(printable(load(bundle.snapshot_version, document.snapshot(bundle)), document.kind)),
    }


def template_state(register: Register, bundle: BundleRecord, document: DocumentRecord) -> dict[str, object]:
    """Which template the document was made from: its files with their frozen hashes, the state of the translation."""
    version = register.version(document.template)
    return {
        "name": version.name,
        "status": version.status.value,
        "published_on": version.published_on.isoformat() if version.published_on else None,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "files": version.frozen(bundle.languages),
        "languages": list(bundle.languages),
        "translation_checked": document.translation_checked,
        "approvals": _approvals(version, bundle.languages),
    }


def _approvals(version: TemplateVersion, languages: tuple[str, ...]) -> list[dict[str, object]]:
    return [
        {
            "language": approval.language,
            "translator": approval.translator,
            "approved_on": approval.approved_on.isoformat(),
            "seal_number": approval.seal_number,
            "sha256": approval.sha256,
        }
        for approval in version.approvals
        if approval.language in languages
    ]
