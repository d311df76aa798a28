"""The tasks of the room as the job runner knows them."""

from __future__ import annotations

from dataclasses import dataclass

from docservice.db.unit_of_work import Transaction
from docservice.scans.intake.orphans import Leftovers
from docservice.scans.service import ScanService


@dataclass(frozen=True, slots=True)
class OpenFile:
    """Opens the file whose id the job carries."""

    scans: ScanService

    def perform(self, subject_id: str) -> None:
        self.scans.open(subject_id)

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        self.scans.abandon_file(tx, subject_id, code)


@dataclass(frozen=True, slots=True)
class ReadPart:
    """Reads the pages of the part whose id the job carries."""

    scans: ScanService

    def perform(self, subject_id: str) -> None:
        self.scans.read(subject_id)

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        self.scans.abandon_part(tx, subject_id, code)


@dataclass(frozen=True, slots=True)
class SettleUpload:
    """Judges the documents of the upload whose id the job carries."""

    scans: ScanService

    def perform(self, subject_id: str) -> None:
        self.scans.settle(subject_id)

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        self.scans.abandon_upload(tx, subject_id, code)


@dataclass(frozen=True, slots=True)
class RereadPage:
    """Reads the page whose id the job carries as what a person said it is."""

    scans: ScanService

    def perform(self, subject_id: str) -> None:
        self.scans.reread(subject_id)

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        self.scans.abandon_page(tx, subject_id, code)


@dataclass(frozen=True, slots=True)
class RescueUploads:
    """Goes on with uploads that nobody works on, and brings the next such job about; its subject is its own slot."""

    scans: ScanService

    def perform(self, subject_id: str) -> None:
        self.scans.schedule_rescue()
        self.scans.rescue()

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        """Nothing is lost: the next job is there."""


@dataclass(frozen=True, slots=True)
class SweepLeftovers:
    """Erases stored bytes that no record names, and brings the next night's job about; its subject is its own night."""

    leftovers: Leftovers

    def perform(self, subject_id: str) -> None:
        self.leftovers.schedule()
        self.leftovers.sweep()

    def abandon(self, tx: Transaction, subject_id: str, code: str, detail: str) -> None:
        """Nothing is lost: the next night's job is there."""
