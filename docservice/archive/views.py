"""What an archived object looks like from outside: these are the answers of the API, too.

Where its package lies is told by its id; who hands a view out makes an address of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

from docservice import __version__
from docservice.db.archive import ArchiveRecord, ChainRecord
from docservice.db.returns import superseder
from docservice.db.unit_of_work import Transaction
from docservice.domain.hash_chain import ChainEntry
from docservice.domain.returned.scans import Superseder
from docservice.tools.tesseract import Tesseract

_PROGRAMS = ("pikepdf", "opencv-python-headless", "pypdfium2", "pillow", "zxing-cpp", "typst")


class Erasure(StrEnum):
    """Why a package was erased: a code, so that a tombstone never says anything personal."""

    RETENTION_OVER = "retention_over"
    ORDERED = "ordered"  # by a court, or as the right of somebody
    ARCHIVED_BY_MISTAKE = "archived_by_mistake"


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """An archived object. `package` is its address, null between its entry in the chain and its package being kept.

    `check_result`: intact, package_altered, package_missing, original_altered, original_missing, chain_broken or
    unreadable (`checked_at` is when that was found); null until the first check. `superseded_at` and `superseded_by`
    are those of its attachment: since when something else counts, and what.
    """

    archive_id: str
    attachment_id: str
    document_id: str
    case_id: str
    revision: int
    created_at: datetime
    superseded_at: datetime | None
    superseded_by: Superseder | None
    entry: ChainEntry
    package: str | None
    sha256: str
    bytes: int
    checked_at: datetime | None
    check_result: str | None

    @classmethod
    def of(cls, tx: Transaction, record: ArchiveRecord, link: ChainRecord) -> ArchiveView:
        """A kept object by its row, with its entry in the chain and what its attachment says."""
        attachment = tx.attachments.get(record.attachment_id)
        document = tx.documents.get(record.document_id)
        assert attachment is not None
        assert document is not None
        accepted = tx.attachments.of_revisions([document.id])[document.id]
        return cls(
            archive_id=record.id,
            attachment_id=record.attachment_id,
            document_id=record.document_id,
            case_id=record.case_id,
            revision=document.revision,
            created_at=record.created_at,
            superseded_at=attachment.superseded_at,
            superseded_by=superseder(attachment, document.revision, accepted),
            entry=entry_of(link),
            package=record.id,
            sha256=record.package_sha256,
            bytes=record.package_size,
            checked_at=record.checked_at,
            check_result=record.check_result,
        )


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """An archived object in a list; `archive` is its address, `seq` its number in the chain."""

    archive_id: str
    attachment_id: str
    document_id: str
    case_id: str
    created_at: datetime
    seq: int
    sha256: str
    bytes: int
    checked_at: datetime | None
    check_result: str | None
    erased_at: datetime | None
    erased_reason: str | None
    archive: str

    @classmethod
    def of(cls, record: ArchiveRecord) -> ArchiveEntry:
        return cls(
            archive_id=record.id,
            attachment_id=record.attachment_id,
            document_id=record.document_id,
            case_id=record.case_id,
            created_at=record.created_at,
            seq=record.seq,
            sha256=record.package_sha256,
            bytes=record.package_size,
            checked_at=record.checked_at,
            check_result=record.check_result,
            erased_at=record.erased_at,
            erased_reason=record.erased_reason,
            archive=record.id,
        )


def entry_of(record: ChainRecord) -> ChainEntry:
    """The entry that a row of the chain holds."""
    return ChainEntry(record.seq, record.previous_sha256, record.manifest_sha256, record.at, record.entry_sha256)


def software(recogniser: Tesseract) -> Mapping[str, str]:
    """The programs that take part in archiving, with their versions; those that are not installed are left out."""
    found = {"docservice": __version__}
    for name in _PROGRAMS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    recognising = recogniser.version()
    return found if recognising is None else {**found, "tesseract": recognising}
