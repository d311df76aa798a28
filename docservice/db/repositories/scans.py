"""Uploads of returned scans: their files, parts, pages and zones, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Text, and_, case, cast, delete, func, insert, select, tuple_, update

from docservice.db import tables
from docservice.db.records import (
    JsonObject,
    ScanEventRecord,
    ScanFileRecord,
    ScanFileState,
    ScanPageRecord,
    ScanPartRecord,
    ScanPartState,
    ScanZoneRecord,
    UploadRecord,
    UploadState,
)
from docservice.db.repositories.base import Repository, many, one
from docservice.domain.errors import DocserviceError
from docservice.domain.returned.scans import PageReading, PageVerdict, Proposal


class Uploads(Repository):
    """Files handed in together: reading -> settling -> done, or failed. What failed may be tried again."""

    def add(self, record: UploadRecord) -> bool:
        """False when its bytes are an upload already; waits for a transaction that is just adding it."""
        return self._insert_new(tables.scan_upload, record)

    def get(self, upload_id: str) -> UploadRecord | None:
        query = select(tables.scan_upload).where(tables.scan_upload.c.id == upload_id)
        return one(UploadRecord, self._connection.execute(query).first())

    def by_fingerprint(self, fingerprint: str) -> UploadRecord | None:
        query = select(tables.scan_upload).where(tables.scan_upload.c.fingerprint == fingerprint)
        return one(UploadRecord, self._connection.execute(query).first())

    def lock(self, upload_id: str) -> UploadRecord | None:
        """The upload, which nobody else can change or lock until this transaction ends."""
        query = select(tables.scan_upload).where(tables.scan_upload.c.id == upload_id)
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
        table = tables.scan_upload
        query = (
            select(table)
            .where(table.c.state.in_((UploadState.READING, UploadState.SETTLING)), table.c.created_at < created_before)
            .order_by(table.c.created_at)
            .limit(limit)
        )
        return many(UploadRecord, self._connection.execute(query))

    def _change(self, upload_id: str, before: Iterable[UploadState], **values: object) -> bool:
        table = tables.scan_upload
        change = update(table).where(table.c.id == upload_id, table.c.state.in_(tuple(before))).values(values)
        return self._connection.execute(change).rowcount == 1


class ScanFiles(Repository):
    """The files of the uploads: waiting -> opened | rejected."""

    def add_all(self, records: Iterable[ScanFileRecord]) -> None:
        self._insert_all(tables.scan_file, records)

    def get(self, file_id: str) -> ScanFileRecord | None:
        query = select(tables.scan_file).where(tables.scan_file.c.id == file_id)
        return one(ScanFileRecord, self._connection.execute(query).first())

    def known(self, file_ids: Iterable[str]) -> tuple[ScanFileRecord, ...]:
        """Those of the files that exist, in any order."""
        table = tables.scan_file
        return many(ScanFileRecord, self._rows_in(select(table), table.c.id, file_ids))

    def of_upload(self, upload_id: str) -> tuple[ScanFileRecord, ...]:
        """In the order of the upload."""
        table = tables.scan_file
        query = select(table).where(table.c.upload_id == upload_id).order_by(table.c.position)
        return many(ScanFileRecord, self._connection.execute(query))

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
        table = tables.scan_file
        change = (
            update(table)
            .where(table.c.id == file_id, table.c.state == ScanFileState.REJECTED)
            .values(state=ScanFileState.WAITING, error_code=None, error_detail=None, error_detail_de=None)
        )
        return self._connection.execute(change).rowcount == 1

    def _finish(self, file_id: str, **values: object) -> bool:
        table = tables.scan_file
        change = update(table).where(table.c.id == file_id, table.c.state == ScanFileState.WAITING).values(values)
        return self._connection.execute(change).rowcount == 1

    def keys_of(self, sha256s: Sequence[str]) -> frozenset[str]:
        """Where the originals with these hashes are kept; for as many as one statement may name."""
        table = tables.scan_file
        query = select(table.c.blob_key).where(table.c.sha256.in_(sha256s))
        return frozenset(self._connection.execute(query).scalars())


class ScanParts(Repository):
    """Parts of files: waiting -> read | failed."""

    def add_all(self, records: Iterable[ScanPartRecord]) -> None:
        self._insert_all(tables.scan_part, records)

    def get(self, part_id: str) -> ScanPartRecord | None:
        query = select(tables.scan_part).where(tables.scan_part.c.id == part_id)
        return one(ScanPartRecord, self._connection.execute(query).first())

    def of_upload(self, upload_id: str) -> tuple[ScanPartRecord, ...]:
        table = tables.scan_part
        query = select(table).where(table.c.upload_id == upload_id).order_by(table.c.file_id, table.c.first)
        return many(ScanPartRecord, self._connection.execute(query))

    def move(self, part_id: str, before: ScanPartState, after: ScanPartState) -> bool:
        """False when it was not in the state `before`."""
        table = tables.scan_part
        change = update(table).where(table.c.id == part_id, table.c.state == before).values(state=after)
        return self._connection.execute(change).rowcount == 1


class ScanPages(Repository):
    """Scanned pages and the zones read on them. What was read never changes, unless a person said what it is."""

    def add_all(self, records: Iterable[ScanPageRecord], zones: Iterable[ScanZoneRecord]) -> None:
        self._insert_all(tables.scan_page, records)
        self._insert_all(tables.scan_zone, zones)

    def get(self, page_id: str) -> ScanPageRecord | None:
        query = select(tables.scan_page).where(tables.scan_page.c.id == page_id)
        return one(ScanPageRecord, self._connection.execute(query).first())

    def of_upload(self, upload_id: str) -> tuple[ScanPageRecord, ...]:
        """In the order of the files and their pages."""
        table, files = tables.scan_page, tables.scan_file
        query = (
            select(table)
            .join(files, files.c.id == table.c.file_id)
            .where(table.c.upload_id == upload_id)
            .order_by(files.c.position, table.c.position, table.c.region)
        )
        return many(ScanPageRecord, self._connection.execute(query))

    def some_of_upload(
        self, upload_id: str, limit: int, after: tuple[int, int, int] | None = None
    ) -> tuple[tuple[ScanPageRecord, tuple[int, int, int]], ...]:
        """Pages in the order of the files and their pages, each with its place in it, that come after such a place."""
        table, files = tables.scan_page, tables.scan_file
        query = (
            select(table, files.c.position.label("file_position"))
            .join(files, files.c.id == table.c.file_id)
            .where(table.c.upload_id == upload_id)
            .order_by(files.c.position, table.c.position, table.c.region)
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(files.c.position, table.c.position, table.c.region) > after)
        found = []
        for row in self._connection.execute(query):
            columns = dict(row._mapping)
            file_position = columns.pop("file_position")
            record = ScanPageRecord(**columns)
            found.append((record, (file_position, record.position, record.region)))
        return tuple(found)

    def with_hints(self, upload_id: str) -> tuple[ScanPageRecord, ...]:
        """The pages at which something odd was found, file by file."""
        table, files = tables.scan_page, tables.scan_file
        query = (
            select(table)
            .join(files, files.c.id == table.c.file_id)
            .where(table.c.upload_id == upload_id, cast(table.c.reading, Text).like('%"hints": ["%'))
            .order_by(files.c.position, table.c.position, table.c.region)
        )
        return many(ScanPageRecord, self._connection.execute(query))

    def pictures_by_document(self, upload_id: str) -> Mapping[str | None, int]:
        """How many pages of the files of the upload count as pages of each document, or of none; of several on one
        picture the first."""
        table = tables.scan_page
        first = func.sum(case((table.c.region == 0, 1), else_=0))
        query = select(table.c.document_id, first).where(table.c.upload_id == upload_id).group_by(table.c.document_id)
        return {document_id: int(count) for document_id, count in self._connection.execute(query)}

    def of_document(self, document_id: str) -> tuple[ScanPageRecord, ...]:
        """All scans that count as pages of the document, of all uploads, in the order in which they were handed in."""
        table, files, uploads = tables.scan_page, tables.scan_file, tables.scan_upload
        query = (
            select(table)
            .join(files, files.c.id == table.c.file_id)
            .join(uploads, uploads.c.id == table.c.upload_id)
            .where(table.c.document_id == document_id)
            .order_by(uploads.c.created_at, uploads.c.id, files.c.position, table.c.position, table.c.region)
        )
        return many(ScanPageRecord, self._connection.execute(query))

    def of_documents(self, document_ids: Iterable[str]) -> tuple[ScanPageRecord, ...]:
        """All scans that count as pages of these documents, in any order."""
        table = tables.scan_page
        return many(ScanPageRecord, self._rows_in(select(table), table.c.document_id, document_ids))

    def known(self, page_ids: Iterable[str]) -> tuple[ScanPageRecord, ...]:
        """Those of the pages that exist, in any order."""
        table = tables.scan_page
        return many(ScanPageRecord, self._rows_in(select(table), table.c.id, page_ids))

    def zones(self, page_ids: Iterable[str]) -> tuple[ScanZoneRecord, ...]:
        """The zones read on these pages, page by page."""
        table = tables.scan_zone
        query = select(table).order_by(table.c.page_id, table.c.zone_id)
        return many(ScanZoneRecord, self._rows_in(query, table.c.page_id, page_ids))

    def judge(self, page: ScanPageRecord, verdict: PageVerdict, reason: str | None) -> bool:
        """Write the verdict; False when it stands there already, or the page has got another place meanwhile."""
        if (page.verdict, page.reason) == (verdict, reason):
            return False
        table = tables.scan_page
        same = and_(table.c.id == page.id, table.c.document_id.is_not_distinct_from(page.document_id))
        change = update(table).where(same).values(verdict=verdict, reason=reason)
        return self._connection.execute(change).rowcount == 1

    def consider(self, page_id: str, proposal: Proposal | None) -> None:
        """A proposal was looked for, and perhaps found."""
        table = tables.scan_page
        change = update(table).where(table.c.id == page_id).values(considered=True, proposal=proposal)
        self._connection.execute(change)

    def drop_unopened(self, part_id: str) -> None:
        """Forget the pages of a part that was given up, so that it can be read again."""
        table = tables.scan_page
        self._connection.execute(delete(table).where(table.c.part_id == part_id, table.c.reading.is_(None)))

    def assign(
        self, page_id: str, document_id: str, page: int, by: str, reading: PageReading, zones: Iterable[ScanZoneRecord]
    ) -> bool:
        """A person said which page this is, and it was read again as that; False when it was assigned before."""
        table = tables.scan_page
        change = (
            update(table)
            .where(table.c.id == page_id, table.c.document_id.is_(None))
            .values(document_id=document_id, page=page, assigned_by=by, reading=reading)
        )
        if self._connection.execute(change).rowcount != 1:
            return False
        self._insert_all(tables.scan_zone, zones)
        return True

    def take_back(self, page_id: str, reading: PageReading | None) -> None:
        """A person said that it is not that page after all: it has no place, and nothing read as that page counts."""
        table, zones = tables.scan_page, tables.scan_zone
        nothing = {"document_id": None, "page": None, "assigned_by": None, "verdict": None, "reason": None}
        self._connection.execute(update(table).where(table.c.id == page_id).values(**nothing, reading=reading))
        self._connection.execute(delete(zones).where(zones.c.page_id == page_id))

    def count(self, upload_id: str) -> int:
        """How many pages of the files of the upload were read, however many pages lie on one."""
        table = tables.scan_page
        query = select(func.count()).select_from(table).where(table.c.upload_id == upload_id, table.c.region == 0)
        return int(self._connection.execute(query).scalar_one())

    def keys_of(self, page_ids: Sequence[str]) -> frozenset[str]:
        """Where the pictures of these pages and of their zones are kept; for as many as one statement may name."""
        pages, zones = tables.scan_page, tables.scan_zone
        pictures = select(pages.c.picture_key).where(pages.c.id.in_(page_ids), pages.c.picture_key.is_not(None))
        crops = select(zones.c.crop_key).where(zones.c.page_id.in_(page_ids), zones.c.crop_key.is_not(None))
        return frozenset(self._connection.execute(pictures.union_all(crops)).scalars())


class ScanEvents(Repository):
    """The steps of the uploads, in the order in which they were written."""

    def add(self, upload_id: str, name: str, data: JsonObject, at: datetime) -> int:
        """The number of the event."""
        table = tables.scan_event
        new = insert(table).values(upload_id=upload_id, name=name, data=data, at=at).returning(table.c.seq)
        return int(self._connection.execute(new).scalar_one())

    def after(self, upload_id: str, seq: int = 0, limit: int = 1000) -> tuple[ScanEventRecord, ...]:
        """Events of the upload with a higher number, oldest first."""
        table = tables.scan_event
        query = select(table).where(table.c.upload_id == upload_id, table.c.seq > seq).order_by(table.c.seq)
        return many(ScanEventRecord, self._connection.execute(query.limit(limit)))
