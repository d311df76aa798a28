"""Pages by themselves: taken out of a stack once, the same bytes, and from then on used instead of the stack."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest

from docservice.db.scan_pages import ScanPageRecord
from docservice.domain.errors import DocserviceError
from docservice.domain.kinds import Kind
from docservice.domain.returned.scans import PageReading
from docservice.scans.intake.part_reader import PartReader
from docservice.scans.reading.page_reader import ReadPage
from docservice.storage.local_copies import LocalCopies
from docservice.tools.untrusted.pictures import Picture, PictureFiles
from tests.support.actors import SOMEBODY
from tests.support.archive_office import BILEVEL, ArchiveOffice, Sheet
from tests.support.counted_blobs import CountedBlobs
from tests.support.plain_scans import PlainReader
from tests.support.sources import StatedClock

ORIGINALS, OWN = "scans/originals", "scans/streams"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchiveOffice]:
    office = ArchiveOffice(tmp_path_factory.mktemp("office"), clock=StatedClock())
    yield office
    office.close()


def mixed(office: ArchiveOffice, **how: object) -> tuple[str, list[str]]:
    """A stack with the annexes of two families and an empty page: the upload and the two attachments."""
    documents = [office.printed(case)[Kind.ANNEX] for case in ("01-miller", "02-jaeger-gross-szulc")]
    first, second = (office.sheets(document, dpi=80) for document in documents)
    upload_id = office.received([*first, Sheet(dpi=80), *second], seen=True, **how)  # type: ignore[arg-type]
    return upload_id, [office.attached(document, upload_id) for document in documents]


def pages(office: ArchiveOffice, upload_id: str) -> tuple[ScanPageRecord, ...]:
    with office.database.reading() as tx:
        return tx.scan_pages.of_upload(upload_id)


def file_of(office: ArchiveOffice, upload_id: str) -> tuple[str, str]:
    """The only file of an upload and its key."""
    with office.database.reading() as tx:
        (file,) = tx.scan_files.of_upload(upload_id)
    return file.id, file.blob_key


def own_files(office: ArchiveOffice) -> set[Path]:
    return {path for path in (office.folder / "blobs" / OWN).rglob("*") if path.is_file()}


def test_every_page_of_a_stack_is_kept_with_the_bytes_it_has_there(office: ArchiveOffice) -> None:
    upload_id, _ = mixed(office)
    file_id, key = file_of(office, upload_id)
    assert office.own_pages().keep_all(file_id)
    with pikepdf.Pdf.open(office.folder / "blobs" / key) as stack:
        for page in pages(office, upload_id):
            kept = office.folder / "blobs" / str(page.stream_key)
            assert kept.name == f"{hashlib.sha256(kept.read_bytes()).hexdigest()}.pdf"
            raw = stack.pages[page.position].Resources.XObject.Im.read_raw_bytes()
            assert page.stream_sha256 == hashlib.sha256(raw).hexdigest()
            with pikepdf.Pdf.open(kept) as alone:
                assert alone.pages[0].Resources.XObject.Im.read_raw_bytes() == raw
    before, rows = own_files(office), pages(office, upload_id)
    assert office.own_pages().keep_all(file_id)
    assert (own_files(office), pages(office, upload_id)) == (before, rows)


def test_a_package_is_the_same_whether_its_pages_were_kept_or_are_taken_from_the_stack(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    first = ArchiveOffice(tmp_path / "one", clock=StatedClock())
    upload_id, attachments = mixed(first)
    first.database.close()
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    second = ArchiveOffice(tmp_path / "other", clock=StatedClock(), typesetter=first.typesetter)
    file_id, key = file_of(second, upload_id)
    assert second.own_pages().keep_all(file_id)
    second.blobs.delete(key)
    for attachment_id in attachments:
        first.archive.package(SOMEBODY, attachment_id)
        second.archive.package(SOMEBODY, attachment_id)
        assert second.bytes_of(attachment_id) == first.bytes_of(attachment_id)
    used = [page for page in pages(first, upload_id) if page.document_id is not None]
    kept = {page.id: (page.stream_key, page.stream_sha256) for page in pages(second, upload_id)}
    assert {page.id: (page.stream_key, page.stream_sha256) for page in used}.items() <= kept.items()
    assert all(page.stream_key for page in used)  # taken from the stack once, and kept then
    second.database.close()
    first.close()


@pytest.mark.parametrize("harm", ["altered", "missing", "of another page"])
def test_a_page_that_is_not_what_was_read_is_taken_from_the_stack_again(office: ArchiveOffice, harm: str) -> None:
    upload_id, (attachment_id, _) = mixed(office)
    assert office.own_pages().keep_all(file_of(office, upload_id)[0])
    first, other = pages(office, upload_id)[0], pages(office, upload_id)[-1]
    kept = office.folder / "blobs" / str(first.stream_key)
    sound = kept.read_bytes()
    if harm == "altered":
        kept.write_bytes(sound[:-1] + b"?")
    elif harm == "missing":
        kept.unlink()
    else:
        shown = replace(first, stream_key=other.stream_key)
        with office.own_pages().opened(shown, PictureFiles()) as own:
            assert own is None
        return
    office.archive.package(SOMEBODY, attachment_id)
    assert kept.read_bytes() == sound


def test_a_stack_that_was_altered_gives_no_page(office: ArchiveOffice) -> None:
    upload_id, _ = mixed(office)
    file_id, key = file_of(office, upload_id)
    path = office.folder / "blobs" / key
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(DocserviceError) as told:
        office.own_pages().keep_all(file_id)
    assert told.value.code == "original_altered"
    assert not any(page.stream_key for page in pages(office, upload_id))


def test_a_file_of_one_document_is_no_stack(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.ANNEX]
    upload_id = office.received([*office.sheets(document, dpi=80), Sheet(dpi=80)], seen=True)
    assert office.own_pages().keep_all(file_of(office, upload_id)[0])
    assert not any(page.stream_key for page in pages(office, upload_id))


def test_frames_of_a_tiff_are_kept_without_loss_when_they_are_first_used(office: ArchiveOffice) -> None:
    upload_id, (attachment_id, _) = mixed(office, tiff=True)
    file_id, key = file_of(office, upload_id)
    assert office.own_pages().keep_all(file_id)
    assert not any(page.stream_key for page in pages(office, upload_id))
    office.archive.package(SOMEBODY, attachment_id)
    used = [page for page in pages(office, upload_id) if page.stream_key]
    assert {str(page.stream_key).rpartition(".")[2] for page in used} == {"png"}
    office.blobs.delete(key)
    document = used[0].document_id
    with office.database.reading() as tx:
        record = tx.documents.get(str(document))
    assert record is not None
    again = office.attached(record, upload_id)  # another version with the same scans
    assert office.archive.package(SOMEBODY, again).package


def test_what_is_left_when_the_time_is_over_is_the_next_call_s(office: ArchiveOffice) -> None:
    upload_id, _ = mixed(office)
    file_id, _ = file_of(office, upload_id)
    calls = 1
    while not office.own_pages().keep_all(file_id, seconds=0):
        calls += 1
    assert calls == len(pages(office, upload_id))
    assert all(page.stream_key for page in pages(office, upload_id))


class Notes(PlainReader):
    """Notes the pictures it is given."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def read_as(self, picture: Picture, document_id: str, page: int) -> ReadPage:
        """See Reader."""
        self.pictures.append(picture)
        reading = self.reading
        return ReadPage(reading, {}, b"", "")

    reading: PageReading


def test_a_page_is_read_again_without_its_stack(office: ArchiveOffice) -> None:
    upload_id, _ = mixed(office)
    file_id, key = file_of(office, upload_id)
    with office.database.reading() as tx:
        file = tx.scan_files.get(file_id)
    assert file is not None
    reader = Notes()
    part_reader = PartReader(office.blobs, PictureFiles(), reader, office.clock, office.own_pages())
    for kept in (False, True):
        page = pages(office, upload_id)[-1]
        assert page.reading is not None
        reader.reading = page.reading
        part_reader.read_as(page, file, str(page.document_id), 1)
        if not kept:
            office.own_pages().keep_all(file_id)
            office.blobs.delete(key)
    first, second = reader.pictures
    assert np.array_equal(first.pixels, second.pixels)
    assert (first.dpi, first.bilevel) == (second.dpi, second.bilevel)


@pytest.mark.parametrize("remote", [False, True])
def test_a_stack_is_copied_once_at_most(office: ArchiveOffice, tmp_path: Path, *, remote: bool) -> None:
    """To read it, keep its pages and archive its documents: from a folder not at all, from elsewhere once."""
    upload_id, attachments = mixed(office, device=None)
    file_id, key = file_of(office, upload_id)
    blobs = CountedBlobs(office.blobs, LocalCopies(tmp_path, 1 << 30) if remote else None)
    with office.database.reading() as tx:
        file, parts = tx.scan_files.get(file_id), tx.scan_parts.of_upload(upload_id)
    assert file is not None
    size = office.blobs.size(key)
    files, own_pages = PictureFiles(), office.own_pages(blobs)
    part_reader = PartReader(blobs, files, PlainReader(), office.clock, own_pages)
    part_reader.inspect(file)
    for first in range(len(pages(office, upload_id))):
        part_reader.read(replace(parts[0], first=first, pages=1), file)
    own_pages.keep_all(file_id)
    assert blobs.copied[ORIGINALS] == (size if remote else 0)
    opened = blobs.opened[ORIGINALS]
    archive = office.with_stores(lambda store: blobs if store is office.blobs else store)
    for attachment_id in attachments:
        archive.package(SOMEBODY, attachment_id)
    assert blobs.opened[ORIGINALS] == opened  # not once for archiving
    assert blobs.copied[ORIGINALS] == (size if remote else 0)
    assert blobs.copied[OWN] <= (1.1 * size if remote else 0)


def test_black_and_white_pages_are_kept_as_such(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.ANNEX]
    sheets = [Sheet(office.printed()[Kind.ANNEX].id, mode=BILEVEL), *office.sheets(document, mode=BILEVEL)]
    upload_id = office.received(sheets, tiff=True, seen=True)
    office.archive.package(SOMEBODY, office.attached(document, upload_id))
    used = [page for page in pages(office, upload_id) if page.stream_key]
    assert [page.document_id for page in used] == [document.id] * (document.pages or 0)
    for page in used:
        with office.own_pages().opened(page, PictureFiles()) as own:
            assert own is not None
            assert (own.ending, own.picture.bilevel, own.stream_sha256) == ("tif", True, None)
