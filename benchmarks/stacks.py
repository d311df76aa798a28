"""What is copied of a stack to read it, to keep its pages by themselves, and to archive its documents."""

from __future__ import annotations

import resource
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from benchmarks.report import Figure, Ratio, Section
from docservice.db.uploads import ScanFileRecord
from docservice.domain.returned.scans import PageFinding, PageReading
from docservice.scans.intake.part_reader import PartReader
from docservice.scans.intake.upload_workflow import PART_PAGES
from docservice.scans.reading.page_reader import ReadPage
from docservice.storage.local_copies import LocalCopies
from docservice.storage.service import BlobStore
from docservice.tools.untrusted.pictures import Picture, PictureFiles
from tests.support.actors import SOMEBODY
from tests.support.archive_office import ArchiveOffice, Sheet
from tests.support.counted_blobs import CountedBlobs
from tests.support.plain_scans import PlainReader

_ORIGINALS, _OWN = "scans/originals", "scans/streams"
_CASES = ("01-miller", "02-jaeger-gross-szulc", "05-dhahabi")
_ROOM = 8 << 30


@dataclass(frozen=True, slots=True)
class _Stack:
    upload_id: str
    file: ScanFileRecord
    attachments: tuple[str, ...]


class _Looks(PlainReader):
    """Finds nothing on any page: it is counted what is opened, not what is read."""

    def __init__(self, reading: PageReading) -> None:
        self._read = ReadPage(reading, {}, b"\x89PNG", "")

    def read(self, picture: Picture) -> ReadPage:
        """See Reader."""
        return self._read


def run(*, quick: bool) -> Section:
    """A stack of 160 pages, 40 when `quick`: out of a folder, and as if out of a bucket."""
    pages = 40 if quick else 160
    section = Section(f"Stacks: bytes copied to read {pages} pages in one file and archive their documents")
    for name, remote in (("a store of files", False), ("a bucket", True)):
        with tempfile.TemporaryDirectory(prefix="ds-bench-") as folder:
            office = ArchiveOffice(Path(folder))
            stack = _stack(office, pages)
            _measure(section, office, stack, name, remote=remote)
            office.close()
    return section


def _stack(office: ArchiveOffice, pages: int) -> _Stack:
    """The documents of some families, and letters of nobody's up to so many pages."""
    documents = [document for case in _CASES for document in office.printed(case).values()]
    sheets = [sheet for document in documents for sheet in office.sheets(document, dpi=100)]
    sheets += [Sheet(letter=str(number)) for number in range(pages - len(sheets))]
    upload_id = office.received(sheets, seen=True)
    with office.database.reading() as tx:
        (file,) = tx.scan_files.of_upload(upload_id)
    return _Stack(upload_id, file, tuple(office.attached(document, upload_id) for document in documents))


def _measure(section: Section, office: ArchiveOffice, stack: _Stack, name: str, *, remote: bool) -> None:
    copies = LocalCopies(office.folder / "copies", _ROOM) if remote else None
    counted = CountedBlobs(office.blobs, copies)
    blobs = cast("BlobStore", counted)
    _read(office, stack, blobs)
    before = _cpu_seconds()
    office.own_pages(blobs).keep_all(stack.file.id, seconds=600)
    cpu = _cpu_seconds() - before
    opened = counted.opened[_ORIGINALS]
    archive = office.with_stores(lambda store: blobs if store is office.blobs else store)
    for attachment_id in stack.attachments:
        archive.package(SOMEBODY, attachment_id)
    size, pages = stack.file.size, stack.file.pages or 1
    old = 1 + -(-pages // PART_PAGES) + len(stack.attachments)
    section.figures += [
        Figure(f"{name}: CPU of keeping a page by itself, locked-in process included", 1000 * cpu / pages, "ms"),
        Figure(f"{name}: pages by themselves that archiving copied", counted.copied[_OWN] / size, "x the stack"),
        Figure(f"{name}: copies before, one for each opening", old, "x the stack", f"{size / 2**20:.0f} MiB"),
    ]
    section.ratios += [
        Ratio(f"{name}: the stack is copied", counted.copied[_ORIGINALS] / size, "x", at_most=1 if remote else 0),
        Ratio(f"{name}: archiving opens the stack", counted.opened[_ORIGINALS] - opened, "times", at_most=0),
    ]


def _cpu_seconds() -> float:
    """Of this process and of those it has started that have ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _read(office: ArchiveOffice, stack: _Stack, blobs: BlobStore) -> None:
    """Open the file and read it in parts, as jobs do; what is found is thrown away."""
    with office.database.reading() as tx:
        (part,) = tx.scan_parts.of_upload(stack.upload_id)
        page = tx.scan_pages.of_upload(stack.upload_id)[0]
    assert page.reading is not None
    reader = _Looks(replace(page.reading, finding=PageFinding.NO_CODE, document_id=None, page=None))
    part_reader = PartReader(blobs, PictureFiles(), reader, office.clock, office.own_pages(blobs))
    part_reader.inspect(stack.file)
    for first in range(0, part.pages, PART_PAGES):
        part_reader.read(replace(part, first=first, pages=min(PART_PAGES, part.pages - first)), stack.file)
