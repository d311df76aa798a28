"""The watch over what is kept: stored bytes are compared with the hash chain and with the recorded hashes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from docservice.archive.open_bodies import OpenBodies
from docservice.archive.packages import Packages
from docservice.archive.verify import CONTAINER, Discrepancy, State, Trouble, verify_package
from docservice.archive.views import entry_of
from docservice.db.archive import ArchiveRecord, ChainRecord, FixityRecord
from docservice.db.unit_of_work import Database
from docservice.db.uploads import ScanFileRecord
from docservice.domain.errors import DocserviceError, NotFound
from docservice.domain.hash_chain import ChainEntry, chain_faults
from docservice.domain.sources import Clock
from docservice.storage.service import BlobStore

_FRESH = timedelta(days=7)  # objects that were checked since are left alone
_SOON = timedelta(hours=12)  # what could not be read is tried again the next night
_OWN_DISK = "disk_full"  # of the folder for temporary files: it says nothing about the object

log = structlog.get_logger("docservice.archive")


class Result(StrEnum):
    """What a check of one archived object says."""

    INTACT = "intact"
    PACKAGE_ALTERED = "package_altered"
    PACKAGE_MISSING = "package_missing"
    ORIGINAL_ALTERED = "original_altered"
    ORIGINAL_MISSING = "original_missing"
    CHAIN_BROKEN = "chain_broken"  # its entry, or one before it, is not as it was written
    ERASED = "erased"  # on purpose: its tombstone stays, its bytes are gone
    UNREADABLE = "unreadable"  # the store has bytes and does not hand them out: nothing is known about them


_AS_IT_SHOULD_BE = (Result.INTACT, Result.ERASED)


@dataclass(slots=True)
class Watch:
    """One pass; an original that many packages refer to is read once."""

    database: Database
    blobs: BlobStore
    packages: Packages
    clock: Clock
    _originals: dict[str, Result] = field(default_factory=dict)

    def look(self, run_id: str, limit: int, seconds: float) -> tuple[FixityRecord, tuple[str, ...]]:
        """Check the objects that waited longest, and keep what was found; also the objects without a package.

        An object that cannot be read does not keep the others from being checked.
        """
        started = self.clock.now()
        broken = self._first_broken_entry()
        deadline = time.monotonic() + seconds
        found: dict[str, Result] = {}
        for record in self.due(limit):
            if time.monotonic() > deadline:
                break
            result = self._checked(record, broken)
            found[record.id] = result
            with self.database.transaction() as tx:
                tx.archive.checked(record.id, self.clock.now(), result.value)
            if result not in _AS_IT_SHOULD_BE:
                log.error("fixity_finding", archive_id=record.id, seq=record.seq, result=result.value)
        run = self._told(run_id, started, list(found.values()), broken)
        return run, tuple(name for name, result in found.items() if result is Result.PACKAGE_MISSING)

    def due(self, limit: int) -> tuple[ArchiveRecord, ...]:
        """The objects that are to be checked now, those that waited longest first."""
        now = self.clock.now()
        with self.database.reading() as tx:
            return tx.archive.to_check(
                now - _FRESH, limit, result=Result.UNREADABLE.value, sooner=now - _SOON, erased=Result.ERASED.value
            )

    def _told(self, run_id: str, started: datetime, results: Sequence[Result], broken: int | None) -> FixityRecord:
        """The record of the pass. An object that could not be read counts as one that was not checked."""
        unreadable = results.count(Result.UNREADABLE)
        missing = sum(result in (Result.PACKAGE_MISSING, Result.ORIGINAL_MISSING) for result in results)
        checked = len(results) - unreadable
        altered = checked - missing - sum(result in _AS_IT_SHOULD_BE for result in results)
        run = FixityRecord(run_id, started, self.clock.now(), checked, altered, missing)
        with self.database.transaction() as tx:
            tx.fixity.add(run)
        log.info(
            "fixity_checked",
            checked=checked,
            altered=altered,
            missing=missing,
            unreadable=unreadable,
            chain_broken_at=broken,
        )
        return run

    def _checked(self, record: ArchiveRecord, broken: int | None) -> Result:
        if record.erased_at is not None:
            return self._erased(record)
        with self.database.reading() as tx:
            link = tx.chain.get(record.seq)
        if link is None or (broken is not None and record.seq >= broken):
            return Result.CHAIN_BROKEN
        package = self._package(record, link)
        if package is not Result.INTACT:
            return package
        for file in self._files(record):
            if file.id not in self._originals:
                self._originals[file.id] = self._original(file)
            if self._originals[file.id] is not Result.INTACT:
                return self._originals[file.id]
        return Result.INTACT

    def _erased(self, record: ArchiveRecord) -> Result:
        """End an erasure that was killed between its tombstone and the bytes."""
        try:
            self.packages.erase(record.package_key)
            OpenBodies(self.blobs).erase(record.id)
        except DocserviceError as error:
            return _unreadable(error)
        return Result.ERASED

    def _package(self, record: ArchiveRecord, link: ChainRecord) -> Result:
        try:
            with self.packages.local(record.package_key) as path:
                verdict = verify_package(path)
        except NotFound:
            return Result.PACKAGE_MISSING
        except DocserviceError as error:
            return _unreadable(error)
        if Discrepancy(CONTAINER, Trouble.UNREADABLE) in verdict.findings:
            return Result.UNREADABLE
        as_recorded = link.manifest_sha256 == record.manifest_sha256
        intact = verdict.state is State.INTACT and verdict.entry == entry_of(link) and as_recorded
        return Result.INTACT if intact else Result.PACKAGE_ALTERED

    def _original(self, file: ScanFileRecord) -> Result:
        digest = hashlib.sha256()
        try:
            for piece in self.blobs.stream(file.blob_key):
                digest.update(piece)
        except NotFound:
            return Result.ORIGINAL_MISSING
        except DocserviceError as error:
            return _unreadable(error)
        return Result.INTACT if digest.hexdigest() == file.sha256 else Result.ORIGINAL_ALTERED

    def _files(self, record: ArchiveRecord) -> Iterator[ScanFileRecord]:
        """The originals the package refers to."""
        with self.database.reading() as tx:
            attachment = tx.attachments.get(record.attachment_id)
            scans = attachment.scans.values() if attachment is not None else ()
            pages = [page for page in (tx.scan_pages.get(str(scan)) for scan in scans) if page is not None]
            files = [tx.scan_files.get(file_id) for file_id in sorted({page.file_id for page in pages})]
        yield from (file for file in files if file is not None)

    def _first_broken_entry(self) -> int | None:
        """The number of the first entry of the chain that is not as it was written."""
        before: ChainEntry | None = None
        while True:
            with self.database.reading() as tx:
                entries = [entry_of(link) for link in tx.chain.after(before.seq if before is not None else 0)]
            if not entries:
                return None
            for seq, _ in chain_faults(entries, before):
                return seq
            before = entries[-1]


def _unreadable(error: DocserviceError) -> Result:
    """What is found when bytes cannot be read; raises the error again when that is not the store's fault."""
    if error.code == _OWN_DISK:
        raise error
    log.warning("fixity_read_failed", code=error.code)
    return Result.UNREADABLE
