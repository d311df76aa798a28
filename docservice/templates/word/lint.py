"""Checks a Word template before anybody fills it: every fault at its place, with its tag and how to mend it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from docservice.domain.errors import DocserviceError
from docservice.templates.word.compile import CompiledWord, template_findings
from docservice.templates.word.language import WordFinding, part_place


def lint(path: Path, allowed_names: Collection[str] | None = None) -> list[WordFinding]:
    """Everything wrong in the Word template, faults first, then hints; empty when there is nothing to say.

    `allowed_names` are the placeholders the template may use (for ours, `docservice.bundles.word.PLACEHOLDERS`);
    without them no name counts as unknown. A file that is no Word file is a finding too, never an exception; a file
    that cannot be opened raises OSError.
    """
    data = path.read_bytes()
    try:
        found = template_findings(data, allowed_names)
        if not any(not finding.hint for finding in found):
            CompiledWord(data, path.name)  # what only the whole can show: parts missing, tags torn by formatting
    except DocserviceError as error:
        found = [*getattr(error, "findings", ())] or [
            WordFinding(error.code, part_place(path.name), "", error.detail_de, error.detail)
        ]
    except (KeyError, ValueError) as error:  # python-docx on a package whose parts contradict each other
        found = [
            WordFinding(
                "damaged",
                part_place(path.name),
                "",
                f"die Datei ist in sich widersprüchlich ({type(error).__name__}); in Word öffnen und neu speichern.",
                f"the file contradicts itself ({type(error).__name__}); open it in Word and save it again.",
            )
        ]
    return sorted(found, key=lambda finding: finding.hint)
