"""The tasks "archive.package" and "archive.fixity" as the job runner knows them."""

from __future__ import annotations

from dataclasses import dataclass

from docservice.archive.service import ArchiveService
from docservice.db.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class PackageAttachment:
    """Archives the attachment whose id the job carries."""

    archive: ArchiveService

    def perform(self, subject_id: str) -> None:
        self.archive.package(subject_id)

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        self.archive.postpone(tx, subject_id, code)


@dataclass(frozen=True, slots=True)
class CheckFixity:
    """Compares stored bytes with the chain; the job carries the day, and brings the next night's job about."""

    archive: ArchiveService

    def perform(self, subject_id: str) -> None:
        self.archive.schedule_fixity()
        self.archive.check_fixity()

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        """Nothing is lost: the next night's job is there, and takes what waited longest."""
