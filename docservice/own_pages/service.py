"""The pages of stacks by themselves: taken out of the file that came in once, and from then on used instead of it.

A stack holds the papers of several families. Whoever needs one page of it opens what is kept of this page alone; the
stack is opened again only for a page of which nothing is kept.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import structlog

from docservice.db.scan_pages import KeptStream, ScanPageRecord
from docservice.db.unit_of_work import Database
from docservice.db.uploads import ScanFileRecord
from docservice.domain.errors import Conflict, DocserviceError, NotFound
from docservice.domain.returned.scans import PageFinding
from docservice.jobs.service import JobService
from docservice.jobs.tasks import BATCH, Task, TaskName
from docservice.storage.service import BlobStore
from docservice.tools.untrusted.page_streams import PageStream, PageStreams
from docservice.tools.untrusted.pictures import PDF, FileRefused, Picture
from docservice.tools.untrusted.reading_size import shows

KEEP = TaskName("originals.keep", BATCH)  # its subject: a file
KEEP_SECONDS = 40.0
"""How long one call of `keep_all` goes on; what is left is another one's."""
_FOLDER = "scans/streams"
_AT_ONCE = 16  # pages whose rows are written together

log = structlog.get_logger("docservice.own_pages")


class PageFiles(Protocol):
    """Opens files of strangers: PictureFiles, or what a test hands in."""

    def pages(self, path: Path, first: int = 0, count: int | None = None) -> Iterator[Picture | FileRefused]:
        """See PictureFiles."""


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page by itself: its file, the `ending` that says what it is ("pdf", "tif", "png"), and what it shows.

    `stream_sha256`: the hash of the page's encoded picture, which is the same in the file that came in; None where
    its pixels are kept and not its encoded picture.
    """

    page: ScanPageRecord
    path: Path
    ending: str
    stream_sha256: str | None
    picture: Picture


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Takes, keeps and opens them. What is done again, at any point, keeps the same bytes under the same keys."""

    database: Database
    blobs: BlobStore
    streams: PageStreams
    jobs: JobService

    def tasks(self) -> tuple[Task, ...]:
        """Nothing is lost when it is given up: a page that is needed is taken from the file, and kept then."""
        return (Task(KEEP, self.go_on_keeping),)

    def go_on_keeping(self, file_id: str) -> None:
        """Keep all pages of a stack, for some time; what is left is another job's."""
        if not self.keep_all(file_id):
            with self.database.transaction() as tx:
                self.jobs.enqueue(tx, KEEP, file_id)

    def keep_all(self, file_id: str, seconds: float = KEEP_SECONDS) -> bool:
        """Keep the encoded pictures of all read pages of a stack; False when the time is over and there is more.

        Left out are pages that are not one picture of a PDF, and files with the pages of one document alone. The file
        is compared with the hash it came in with, once for all. Raises DocserviceError "original_altered", and what
        the store raises.
        """
        with self.database.reading() as tx:
            file = tx.scan_files.get(file_id)
            pages = () if file is None else tx.scan_pages.of_file(file_id)
        wanted = {page.position: page for page in pages if page.stream_key is None and _is_alone(page)}
        if file is None or file.media_type != PDF or not wanted or not _is_stack(pages):
            return True
        deadline, kept = time.monotonic() + seconds, 0
        with self.blobs.local(file.blob_key) as path:
            check_original(file, path)
            taken = self.streams.take(path, sorted(wanted))
            put = (self._put(wanted[each.position], each.pdf, "pdf", each.stream_sha256) for each in taken)
            while some := tuple(islice(_until(deadline, put), _AT_ONCE)):
                self._note(some)
                kept += len(some)
                if time.monotonic() > deadline:
                    return kept == len(wanted)
        return True

    def take(self, file: ScanFileRecord, path: Path, pages: Sequence[ScanPageRecord]) -> Iterator[PageStream]:
        """The encoded pictures of those of these pages of a file that consist of one."""
        positions = [page.position for page in pages if _is_alone(page)]
        if file.media_type == PDF and positions:
            yield from self.streams.take(path, positions)

    def keep(self, page: ScanPageRecord, data: bytes, ending: str, stream_sha256: str | None) -> None:
        """Keep a page by itself, unless that was done: first the bytes, then their key on the page's row."""
        self._note([self._put(page, data, ending, stream_sha256)])

    def _put(self, page: ScanPageRecord, data: bytes, ending: str, stream_sha256: str | None) -> KeptStream:
        key = f"{_FOLDER}/{page.id}/{hashlib.sha256(data).hexdigest()}.{ending}"
        try:
            self.blobs.put(key, data)
        except Conflict:
            log.error("own_page_altered", page=page.id)
            self.blobs.delete(key)
            self.blobs.put(key, data)
        return KeptStream(page.id, key, stream_sha256)

    def _note(self, kept: Sequence[KeptStream]) -> None:
        with self.database.transaction() as tx:
            tx.scan_pages.keep_streams(kept)

    @contextmanager
    def opened(self, page: ScanPageRecord, files: PageFiles) -> Iterator[OwnPage | None]:
        """The page by itself; None when nothing is kept of it, or not what was read: then the whole file is there.

        It is what was read when its bytes have the hash that was recorded and show the very pixels that were read.
        """
        if page.stream_key is None:
            yield None
            return
        with ExitStack() as held:
            try:
                path = held.enter_context(self.blobs.local(page.stream_key))
            except NotFound:
                log.error("own_page_missing", page=page.id)
                yield None
            else:
                yield _as_read(page, page.stream_key, path, files)


def _until(deadline: float, kept: Iterator[KeptStream]) -> Iterator[KeptStream]:
    """What is kept up to the first thing after the deadline."""
    for each in kept:
        yield each
        if time.monotonic() > deadline:
            return


def check_original(file: ScanFileRecord, path: Path) -> None:
    """DocserviceError "original_altered" when the file does not have, byte for byte, the hash that it came in with."""
    if _sha256(path) != file.sha256:
        raise DocserviceError.told("own_pages.original_altered", id=file.id)


def _as_read(page: ScanPageRecord, key: str, path: Path, files: PageFiles) -> OwnPage | None:
    """The kept page, if it is what was read."""
    digest, _, ending = key.rpartition("/")[2].partition(".")
    if _sha256(path) != digest:
        log.error("own_page_altered", page=page.id)
        return None
    try:
        picture = next(files.pages(path, 0, 1), None)
    except FileRefused:
        return None
    if not isinstance(picture, Picture) or not shows(picture, page.pixel_sha256):
        log.info("own_page_looks_different", page=page.id)  # it was cropped, say, or in a layer
        return None
    return OwnPage(page, path, ending, page.stream_sha256, picture)


def _is_stack(pages: Sequence[ScanPageRecord]) -> bool:
    """Whether there is more in a file than the pages of one document and empty ones."""
    written = [page for page in pages if page.reading is None or page.reading.finding is not PageFinding.BLANK]
    documents = {page.document_id for page in written}
    return len(documents) > 1 or None in documents


def _is_alone(page: ScanPageRecord) -> bool:
    """Whether the page was read and nothing but it lies on its picture."""
    return page.reading is not None and page.reading.outline is None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
