"""Files handed in together: how far each is, and the parts it is read in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    func,
    select,
    update,
)

from docservice.db.base import Repository, by_age, many, one
from docservice.db.columns.types import EnumText, Id, JsonList, UtcDateTime, metadata
from docservice.domain.cursors import Position
from docservice.domain.errors import DocserviceError
from docservice.domain.states import ScanFileState, ScanPartState, UploadState


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """Files handed in together. `fingerprint` is the SHA-256 over the files' hashes in order: unique, so that the
    same bytes are one upload. `operator` is who handed them in, with their id where it was kept; `device` the scanner
    as told."""

    id: str
    fingerprint: str
    operator: str
    device: str | None
    files: int
    size: int
    created_at: datetime
    state: UploadState = UploadState.READING
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    finished_at: datetime | None = None
    operator_id: str | None = None


@dataclass(frozen=True, slots=True)
class ScanFileRecord:
    """One file of an upload; `name` is as the user gave it, so never logged. Its bytes are kept under `blob_key`.

    `hints`: codes of `tools.untrusted.picture_hints`.
    """

    id: str
    upload_id: str
    position: int
    name: str
    sha256: str
    size: int
    blob_key: str
    state: ScanFileState = ScanFileState.WAITING
    media_type: str | None = None
    pages: int | None = None
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanPartRecord:
    """Some consecutive pages of a file: what one job reads. `first` counts from 0."""

    id: str
    upload_id: str
    file_id: str
    first: int
    pages: int
    state: ScanPartState = ScanPartState.WAITING


scan_upload_table = Table(
    "scan_upload",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("operator", Text, nullable=False),
    Column("device", Text),
    Column("files", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", EnumText(UploadState), nullable=False),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("operator_id", Text),
    UniqueConstraint("fingerprint"),
    Index(None, "created_at", "id"),
    Index(None, "state", "created_at", "id"),
)


scan_file_table = Table(
    "scan_file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("blob_key", Text, nullable=False),
    Column("state", EnumText(ScanFileState), nullable=False),
    Column("media_type", Text),
    Column("pages", Integer),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("hints", JsonList, nullable=False, server_default="[]"),
    UniqueConstraint("upload_id", "position"),
)


scan_part_table = Table(
    "scan_part",
    metadata,
    Column("id", Id, primary_key=True),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False, index=True),
    Column("file_id", Id, ForeignKey("scan_file.id"), nullable=False),
    Column("first", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("state", EnumText(ScanPartState), nullable=False),
    UniqueConstraint("file_id", "first"),
)


class Uploads(Repository):
    """Files handed in together: reading -> settling -> done, or failed. What failed may be tried again."""

    def add(self, record: UploadRecord) -> bool:
        """False when its bytes are an upload already; waits for a transaction that is just adding it."""
        return self._insert_new(scan_upload_table, record)

    def get(self, upload_id: str) -> UploadRecord | None:
        return self._with_id(UploadRecord, scan_upload_table, upload_id)

    def some(
        self, limit: int, after: Position | None = None, *, state: UploadState | None = None
    ) -> tuple[UploadRecord, ...]:
        """Uploads that come after that moment and id, newest first; those in a state."""
        table = scan_upload_table
        query = select(table)
        if state is not None:
            query = query.where(table.c.state == state)
        return many(UploadRecord, self._connection.execute(by_age(query, table, limit, after, newest_first=True)))

    def by_fingerprint(self, fingerprint: str) -> UploadRecord | None:
        query = select(scan_upload_table).where(scan_upload_table.c.fingerprint == fingerprint)
        return one(UploadRecord, self._connection.execute(query).first())

    def lock(self, upload_id: str) -> UploadRecord | None:
        """The upload, which nobody else can change or lock until this transaction ends."""
        query = select(scan_upload_table).where(scan_upload_table.c.id == upload_id)
        return one(UploadRecord, self._connection.execute(query.with_for_update(key_share=True)).first())

    def move(self, upload_id: str, before: Iterable[UploadState], after: UploadState, at: datetime) -> bool:
        """False when it was in none of the states `before`. The end states keep the time; an error is forgotten."""
        ended = after in (UploadState.DONE, UploadState.FAILED)
        return self._change(
            upload_id,
            before,
            state=after,
            finished_at=at if ended else None,
            error_code=None,
            error_detail=None,
            error_detail_de=None,
        )

    def fail(self, upload_id: str, error: DocserviceError, at: datetime) -> bool:
        """Given up; False when it is done or failed already."""
        return self._change(
            upload_id,
            (UploadState.READING, UploadState.SETTLING),
            state=UploadState.FAILED,
            finished_at=at,
            error_code=error.code,
            error_detail=error.detail,
            error_detail_de=error.detail_de,
        )

    def list_unfinished(self, created_before: datetime, limit: int = 1000) -> tuple[UploadRecord, ...]:
        """Uploads that are still worked on and are older than that, oldest first."""
        table = scan_upload_table
        query = (
            select(table)
            .where(table.c.state.in_((UploadState.READING, UploadState.SETTLING)), table.c.created_at < created_before)
            .order_by(table.c.created_at)
            .limit(limit)
        )
        return many(UploadRecord, self._connection.execute(query))

    def _change(self, upload_id: str, before: Iterable[UploadState], **values: object) -> bool:
        return self._change_in_state(scan_upload_table, upload_id, before, values)


class ScanFiles(Repository):
    """The files of the uploads: waiting -> opened | rejected."""

    def add_all(self, records: Iterable[ScanFileRecord]) -> None:
        self._insert_all(scan_file_table, records)

    def get(self, file_id: str) -> ScanFileRecord | None:
        return self._with_id(ScanFileRecord, scan_file_table, file_id)

    def known(self, file_ids: Iterable[str]) -> tuple[ScanFileRecord, ...]:
        """Those of the files that exist, in any order."""
        table = scan_file_table
        return many(ScanFileRecord, self._rows_in(select(table), table.c.id, file_ids))

    def of_upload(self, upload_id: str) -> tuple[ScanFileRecord, ...]:
        """In the order of the upload."""
        table = scan_file_table
        query = select(table).where(table.c.upload_id == upload_id).order_by(table.c.position)
        return many(ScanFileRecord, self._connection.execute(query))

    def pages(self, upload_ids: Iterable[str]) -> Mapping[str, int]:
        """How many pages the files of these uploads have; those uploads are left out of which a file waits to be
        opened."""
        table = scan_file_table
        pages = func.sum(func.coalesce(table.c.pages, 0)).label("pages")
        waiting = func.sum(case((table.c.state == ScanFileState.WAITING, 1), else_=0)).label("waiting")
        query = select(table.c.upload_id, pages, waiting).group_by(table.c.upload_id)
        rows = self._rows_in(query, table.c.upload_id, upload_ids)
        return {row.upload_id: int(row.pages) for row in rows if not row.waiting}

    def opened(self, file_id: str, media_type: str, pages: int, hints: tuple[str, ...]) -> bool:
        """False when it was not waiting."""
        return self._finish(file_id, state=ScanFileState.OPENED, media_type=media_type, pages=pages, hints=hints)

    def rejected(self, file_id: str, error: DocserviceError) -> bool:
        """It cannot be read, with the reason; False when it was not waiting."""
        return self._finish(
            file_id,
            state=ScanFileState.REJECTED,
            error_code=error.code,
            error_detail=error.detail,
            error_detail_de=error.detail_de,
        )

    def retry(self, file_id: str) -> bool:
        """A rejected file waits again; False when it was not rejected."""
        table = scan_file_table
        change = (
            update(table)
            .where(table.c.id == file_id, table.c.state == ScanFileState.REJECTED)
            .values(state=ScanFileState.WAITING, error_code=None, error_detail=None, error_detail_de=None)
        )
        return self._connection.execute(change).rowcount == 1

    def _finish(self, file_id: str, **values: object) -> bool:
        table = scan_file_table
        change = update(table).where(table.c.id == file_id, table.c.state == ScanFileState.WAITING).values(values)
        return self._connection.execute(change).rowcount == 1

    def keys_of(self, sha256s: Sequence[str]) -> frozenset[str]:
        """Where the originals with these hashes are kept; for as many as one statement may name."""
        table = scan_file_table
        query = select(table.c.blob_key).where(table.c.sha256.in_(sha256s))
        return frozenset(self._connection.execute(query).scalars())


class ScanParts(Repository):
    """Parts of files: waiting -> read | failed."""

    def add_all(self, records: Iterable[ScanPartRecord]) -> None:
        self._insert_all(scan_part_table, records)

    def get(self, part_id: str) -> ScanPartRecord | None:
        return self._with_id(ScanPartRecord, scan_part_table, part_id)

    def of_upload(self, upload_id: str) -> tuple[ScanPartRecord, ...]:
        table = scan_part_table
        query = select(table).where(table.c.upload_id == upload_id).order_by(table.c.file_id, table.c.first)
        return many(ScanPartRecord, self._connection.execute(query))

    def move(self, part_id: str, before: ScanPartState, after: ScanPartState) -> bool:
        """False when it was not in the state `before`."""
        table = scan_part_table
        change = update(table).where(table.c.id == part_id, table.c.state == before).values(state=after)
        return self._connection.execute(change).rowcount == 1
