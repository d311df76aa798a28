"""Scanned pages and the signature zones on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    tuple_,
    update,
)

from docservice.db.base import Repository, columns_of, many
from docservice.db.columns.types import EnumText, Id, ProposalJson, ReadingJson, UtcDateTime, metadata
from docservice.db.uploads import scan_file_table, scan_upload_table
from docservice.domain.returned.scans import (
    PageReading,
    PageVerdict,
    Proposal,
    ZoneVerdict,
)


@dataclass(frozen=True, slots=True)
class ScanPageRecord:
    """One scanned page. `reading` is what was read from it by itself, None when the page could not be opened (then
    the error columns are filled). `document_id` and `page` are what it counts as: by its codes, or as a person said
    (`assigned_by`, with their id where it was kept); `case_id` is that of the document. `verdict`, `reason` and
    `proposal` are found when all is read, and change as other scans come.
    """

    id: str
    upload_id: str
    file_id: str
    part_id: str
    position: int  # in its file, from 0
    created_at: datetime
    reading: PageReading | None
    pixel_sha256: str | None = None
    picture_key: str | None = None
    document_id: str | None = None
    page: int | None = None
    assigned_by: str | None = None
    verdict: PageVerdict | None = None
    reason: str | None = None
    proposal: Proposal | None = None
    considered: bool = False  # a proposal was looked for
    error_code: str | None = None
    error_detail: str | None = None
    error_detail_de: str | None = None
    region: int = 0  # of several pages on one picture, which one
    stream_key: str | None = None  # where the page is kept by itself
    stream_sha256: str | None = None  # of its encoded picture, there and in the file that came in
    assigned_by_id: str | None = None
    case_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceOfPage:
    """What a scanned page counts as because somebody said so."""

    document_id: str
    case_id: str
    page: int
    assigned_by: str
    assigned_by_id: str | None


@dataclass(frozen=True, slots=True)
class KeptStream:
    """Where a page is kept by itself, and the hash of its encoded picture, if that is what is kept."""

    page_id: str
    key: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class ScanZoneRecord:
    """A signature zone as read on one scanned page, with the key of its cropped picture."""

    page_id: str
    zone_id: str
    verdict: ZoneVerdict
    score: float
    reason: str
    crop_key: str | None


scan_page_table = Table(
    "scan_page",
    metadata,
    Column("id", Id, primary_key=True),
    Column("upload_id", Id, ForeignKey("scan_upload.id"), nullable=False, index=True),
    Column("file_id", Id, ForeignKey("scan_file.id"), nullable=False),
    Column("part_id", Id, ForeignKey("scan_part.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reading", ReadingJson),
    Column("pixel_sha256", String(64)),
    Column("picture_key", Text),
    Column("document_id", Id, ForeignKey("document.id"), index=True),
    Column("page", Integer),
    Column("assigned_by", Text),
    Column("verdict", EnumText(PageVerdict)),
    Column("reason", String(40)),
    Column("proposal", ProposalJson),
    Column("considered", Boolean, nullable=False),
    Column("error_code", Text),
    Column("error_detail", Text),
    Column("error_detail_de", Text),
    Column("region", Integer, nullable=False, server_default="0"),
    Column("stream_key", Text),
    Column("stream_sha256", String(64)),
    Column("assigned_by_id", Text),
    Column("case_id", Id, ForeignKey("case_record.id"), index=True),
    UniqueConstraint("file_id", "position", "region"),
)


scan_zone_table = Table(
    "scan_zone",
    metadata,
    Column("page_id", Id, ForeignKey("scan_page.id"), primary_key=True),
    Column("zone_id", String(40), primary_key=True),
    Column("verdict", EnumText(ZoneVerdict), nullable=False),
    Column("score", Float, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("crop_key", Text),
)


class ScanPages(Repository):
    """Scanned pages and the zones read on them. What was read never changes, unless a person said what it is."""

    def add_all(self, records: Iterable[ScanPageRecord], zones: Iterable[ScanZoneRecord]) -> None:
        self._insert_all(scan_page_table, records)
        self._insert_all(scan_zone_table, zones)

    def get(self, page_id: str) -> ScanPageRecord | None:
        return self._with_id(ScanPageRecord, scan_page_table, page_id)

    def of_upload(self, upload_id: str) -> tuple[ScanPageRecord, ...]:
        """In the order of the files and their pages."""
        table, files = scan_page_table, scan_file_table
        query = (
            select(table)
            .join(files, files.c.id == table.c.file_id)
            .where(table.c.upload_id == upload_id)
            .order_by(files.c.position, table.c.position, table.c.region)
        )
        return many(ScanPageRecord, self._connection.execute(query))

    def of_file(self, file_id: str) -> tuple[ScanPageRecord, ...]:
        """In the order of the file."""
        table = scan_page_table
        query = select(table).where(table.c.file_id == file_id).order_by(table.c.position, table.c.region)
        return many(ScanPageRecord, self._connection.execute(query))

    def some_of_upload(
        self, upload_id: str, limit: int, after: tuple[int, ...] | None = None
    ) -> tuple[tuple[ScanPageRecord, tuple[int, int, int]], ...]:
        """Pages in the order of the files and their pages, each with its place in it, that come after such a place."""
        table, files = scan_page_table, scan_file_table
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
        table, files = scan_page_table, scan_file_table
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
        table = scan_page_table
        first = func.sum(case((table.c.region == 0, 1), else_=0))
        query = select(table.c.document_id, first).where(table.c.upload_id == upload_id).group_by(table.c.document_id)
        return {document_id: int(count) for document_id, count in self._connection.execute(query)}

    def of_document(self, document_id: str) -> tuple[ScanPageRecord, ...]:
        """All scans that count as pages of the document, of all uploads, in the order in which they were handed in."""
        table, files, uploads = scan_page_table, scan_file_table, scan_upload_table
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
        table = scan_page_table
        return many(ScanPageRecord, self._rows_in(select(table), table.c.document_id, document_ids))

    def known(self, page_ids: Iterable[str]) -> tuple[ScanPageRecord, ...]:
        """Those of the pages that exist, in any order."""
        table = scan_page_table
        return many(ScanPageRecord, self._rows_in(select(table), table.c.id, page_ids))

    def zones(self, page_ids: Iterable[str]) -> tuple[ScanZoneRecord, ...]:
        """The zones read on these pages, page by page."""
        table = scan_zone_table
        query = select(table).order_by(table.c.page_id, table.c.zone_id)
        return many(ScanZoneRecord, self._rows_in(query, table.c.page_id, page_ids))

    def judge(self, page: ScanPageRecord, verdict: PageVerdict, reason: str | None) -> bool:
        """Write the verdict; False when it stands there already, or the page has got another place meanwhile."""
        if (page.verdict, page.reason) == (verdict, reason):
            return False
        table = scan_page_table
        same = and_(table.c.id == page.id, table.c.document_id.is_not_distinct_from(page.document_id))
        change = update(table).where(same).values(verdict=verdict, reason=reason)
        return self._connection.execute(change).rowcount == 1

    def consider(self, page_id: str, proposal: Proposal | None) -> None:
        """A proposal was looked for, and perhaps found."""
        table = scan_page_table
        change = update(table).where(table.c.id == page_id).values(considered=True, proposal=proposal)
        self._connection.execute(change)

    def keep_streams(self, kept: Iterable[KeptStream]) -> None:
        """The pages are kept by themselves; what was kept of one before stays."""
        table = scan_page_table
        missing = and_(table.c.id == bindparam("kept"), table.c.stream_key.is_(None))
        change = update(table).where(missing).values(stream_key=bindparam("key"), stream_sha256=bindparam("sha256"))
        rows = [{"kept": each.page_id, "key": each.key, "sha256": each.sha256} for each in kept]
        self._connection.execute(change, rows)

    def drop_unopened(self, part_id: str) -> None:
        """Forget the pages of a part that was given up, so that it can be read again."""
        table = scan_page_table
        self._connection.execute(delete(table).where(table.c.part_id == part_id, table.c.reading.is_(None)))

    def assign(self, page_id: str, place: PlaceOfPage, reading: PageReading, zones: Iterable[ScanZoneRecord]) -> bool:
        """A person said which page this is, and it was read again as that; False when it was assigned before."""
        table = scan_page_table
        change = (
            update(table)
            .where(table.c.id == page_id, table.c.document_id.is_(None))
            .values(**columns_of(place), reading=reading)
        )
        if self._connection.execute(change).rowcount != 1:
            return False
        self._insert_all(scan_zone_table, zones)
        return True

    def take_back(self, page_id: str, reading: PageReading | None) -> None:
        """A person said that it is not that page after all: it has no place, and nothing read as that page counts."""
        table, zones = scan_page_table, scan_zone_table
        nowhere: dict[str, object] = {field.name: None for field in fields(PlaceOfPage)}
        unjudged = update(table).where(table.c.id == page_id).values(**nowhere, verdict=None, reason=None)
        self._connection.execute(unjudged.values(reading=reading))
        self._connection.execute(delete(zones).where(zones.c.page_id == page_id))

    def count(self, upload_id: str) -> int:
        """How many pages of the files of the upload were read, however many pages lie on one."""
        table = scan_page_table
        query = select(func.count()).select_from(table).where(table.c.upload_id == upload_id, table.c.region == 0)
        return int(self._connection.execute(query).scalar_one())

    def counts(self, upload_ids: Iterable[str]) -> Mapping[str, int]:
        """How many pages of each of these uploads were read, as `count` counts them; of none of them: left out."""
        table = scan_page_table
        query = select(table.c.upload_id, func.count().label("pages")).where(table.c.region == 0)
        query = query.group_by(table.c.upload_id)
        return {row.upload_id: int(row.pages) for row in self._rows_in(query, table.c.upload_id, upload_ids)}

    def keys_of(self, page_ids: Sequence[str]) -> frozenset[str]:
        """Where these pages, their pictures and those of their zones are kept; for as many as a statement may name."""
        pages, zones = scan_page_table, scan_zone_table
        pictures = select(pages.c.picture_key).where(pages.c.id.in_(page_ids), pages.c.picture_key.is_not(None))
        crops = select(zones.c.crop_key).where(zones.c.page_id.in_(page_ids), zones.c.crop_key.is_not(None))
        streams = select(pages.c.stream_key).where(pages.c.id.in_(page_ids), pages.c.stream_key.is_not(None))
        return frozenset(self._connection.execute(pictures.union_all(crops, streams)).scalars())
