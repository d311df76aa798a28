"""What is checked while a document is archived, and told in its transfer note and in checks.json."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence

from pikepdf import Dictionary, Name, Pdf

from docservice.archive.content.model import Check, Derivative, Dossier, OriginalFile, TextSource
from docservice.domain.errors import DocserviceError
from docservice.tools.embedded_fonts import is_embedded

_ACTIVE = ("/OpenAction", "/AA", "/AcroForm", "/Names")


def original_named(file: OriginalFile) -> Check:
    """That what the package gets of a file is, byte for byte, what was handed in: all of it, or the document's pages.

    Who hands out the file or its pages has compared them with their recorded hashes by then.
    """
    short = file.record.sha256[:8]
    if file.whole:
        german = f"Originaldatei {short}…: Bytes wie bei der Anlieferung"
        english = f"original file {short}…: bytes as handed in"
    else:
        german = f"Seiten der Originaldatei {short}…: wie in der angelieferten Datei"
        english = f"pages of original file {short}…: as in the file that was handed in"
    return Check("original_bytes", True, german, english)


def generated_checked(dossier: Dossier, pdf: bytes, docx: bytes) -> Check:
    """That the generated files are the ones that were handed out; DocserviceError "generated_altered" otherwise."""
    for data, recorded in ((pdf, dossier.document.pdf_sha256), (docx, dossier.document.docx_sha256)):
        if hashlib.sha256(data).hexdigest() != recorded:
            raise DocserviceError.told("archive.generated_altered", id=dossier.document.id)
    return Check("generated_bytes", True, "gedruckte Fassung: Bytes wie erzeugt", "printed version: bytes as made")


def derivative_checks(dossier: Dossier, derivative: Derivative) -> Iterator[Check]:
    """Whether the readable copy is complete, has its text, and has what PDF/A-2b asks of a file's structure."""
    pages = [page.page for page in derivative.pages]
    expected = list(range(1, (dossier.document.pages or 0) + 1))
    yield Check("pages", pages == expected, f"alle {len(expected)} Seiten", f"all {len(expected)} pages")
    copied = sum(page.text is TextSource.COPIED for page in derivative.pages)
    yield Check(
        "text_layer",
        copied == len(pages),
        f"Text der gedruckten Fassung auf {copied} von {len(pages)} Seiten",
        f"text of the printed version on {copied} of {len(pages)} pages",
    )
    faults = list(_structure_faults(derivative.pdf))
    yield Check(
        "pdfa_structure",
        not faults,
        "Aufbau der Lesefassung (PDF/A-2b)" + (f": {', '.join(faults)}" if faults else ""),
        "structure of the readable copy (PDF/A-2b)" + (f": {', '.join(faults)}" if faults else ""),
    )


def as_data(checks: Sequence[Check]) -> dict[str, object]:
    """The report of the checks."""
    return {
        "all_passed": all(check.passed for check in checks),
        "checks": [{"name": check.name, "passed": check.passed, "de": check.de, "en": check.en} for check in checks],
    }


def _structure_faults(data: bytes) -> Iterator[str]:
    with Pdf.open(io.BytesIO(data)) as pdf:
        root = pdf.Root
        if pdf.is_encrypted:
            yield "encrypted"
        if not root.get(Name.OutputIntents):
            yield "no output intent"
        if b"<pdfaid:part>2</pdfaid:part>" not in root.Metadata.read_bytes():
            yield "not marked as PDF/A-2"
        yield from (f"has {key}" for key in _ACTIVE if key in root)
        fonts = (font for page in pdf.pages for font in page.resources.get(Name.Font, Dictionary()).values())
        if not all(map(is_embedded, fonts)):
            yield "a font is not embedded"
