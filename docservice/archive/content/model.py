"""What the steps of archiving hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from docservice.db.bundles import BundleRecord, DocumentRecord
from docservice.db.returns import AttachmentRecord
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import ScanPageRecord
from docservice.db.uploads import ScanFileRecord, UploadRecord
from docservice.domain.returned.scans import Registration
from docservice.tools.untrusted.pictures import Picture


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file that was handed in, with the pages of it that stand for pages of the document, in the file's order.

    `blank` are the empty pages between or beside them, `again` further scans of the document's pages; `whole` says
    that there is nothing else in the file, so that whoever may see the document may see the file.
    """

    record: ScanFileRecord
    upload: UploadRecord
    standing: tuple[ScanPageRecord, ...]
    again: tuple[ScanPageRecord, ...]
    blank: tuple[ScanPageRecord, ...]
    whole: bool

    @property
    def positions(self) -> tuple[int, ...]:
        """Where the standing pages are in the file, from 0; several may lie on one picture."""
        return tuple(dict.fromkeys(page.position for page in self.standing))


@dataclass(frozen=True, slots=True)
class Dossier:
    """An attached document with its generated files, its scans and what people decided about it."""

    attachment: AttachmentRecord
    document: DocumentRecord
    bundle: BundleRecord
    files: tuple[OriginalFile, ...]
    decisions: tuple[ReviewRecord, ...]

    @property
    def pages(self) -> tuple[ScanPageRecord, ...]:
        """The scans that stand for the pages of the document, in the order of the pages."""
        standing = {page.id: page for file in self.files for page in file.standing}
        return tuple(standing[self.attachment.scans[number]] for number in sorted(self.attachment.scans, key=int))


class TextSource(StrEnum):
    """Where the text layer of a page comes from."""

    COPIED = "copied"  # from the generated page, letter for letter
    RECOGNISED = "recognised"  # by OCR: may hold errors
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of the document as scanned. `rotation`: clockwise degrees by which it has to be turned."""

    page: int
    picture: Picture
    rotation: int
    registration: Registration | None


@dataclass(frozen=True, slots=True)
class DerivedPage:
    """How a page was derived. `off`: the most, in points, by which the text may lie beside the print; None without
    a copied text layer. `straightened`: its pixels were resampled because it was in perspective."""

    page: int
    text: TextSource
    off: float | None
    straightened: bool


@dataclass(frozen=True, slots=True)
class Derivative:
    """The PDF/A-2b and how each of its pages came about, in the order of the pages."""

    pdf: bytes
    pages: tuple[DerivedPage, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was made while archiving: what was compared, and whether it was as it should be."""

    name: str
    passed: bool
    de: str
    en: str


@dataclass(frozen=True, slots=True)
class PackedObject:
    """A file for the package: where it stands there, what it is, and its bytes or the file that holds them."""

    path: str
    role: str
    media_type: str
    content: bytes | Path
