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
    """Compares stored bytes with the chain; the job carries the day, and brings the next night's job about.

    While there is more to check than one pass can do, it also brings the next pass about. Then it erases bodies
    nobody needs, and moves packages of earlier releases into the vault.
    """

    archive: ArchiveService
    most_objects: int = 1000  # in one pass

    def perform(self, subject_id: str) -> None:
        self.archive.schedule_fixity()
        # A pass that could read nothing says that the store is down: the next night is soon enough then.
        if self.archive.check_fixity(self.most_objects).checked and self.archive.fixity_is_due():
            self.archive.continue_fixity(subject_id)
        self.archive.sweep_bodies()
        self.archive.move_packages()

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        """Nothing is lost: the next night's job is there, and takes what waited longest."""
