"""From an attached document to its package: complete, once, provable, and with nothing in it that is not its own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdf
import pytest
from PIL import Image

from docservice import __version__
from docservice.archive.service import FIXITY
from docservice.archive.verify import State, verify_package
from docservice.domain.errors import Conflict, DocserviceError, NotFound
from docservice.domain.hash_chain import chain_faults
from docservice.domain.kinds import Kind
from docservice.domain.states import JobState
from docservice.jobs.runner import JobRunner, Outcome
from docservice.jobs.tasks import PACKAGE, TaskName
from docservice.storage.service import BlobStore
from tests.support.actors import SOMEBODY
from tests.support.archive_office import BILEVEL, COLOUR, ArchiveOffice, Sheet
from tests.support.sources import StatedClock
from tests.support.verapdf import validate


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchiveOffice]:
    office = ArchiveOffice(tmp_path_factory.mktemp("office"), clock=StatedClock())
    yield office
    office.close()


def opened(office: ArchiveOffice, archive_id: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(office.bytes_of(archive_id)))


def data(package: zipfile.ZipFile, name: str) -> Any:
    return json.loads(package.read(name))


@pytest.mark.needs("verapdf")
def test_an_attached_document_becomes_a_package_that_proves_itself(office: ArchiveOffice, tmp_path: Path) -> None:
    attachment_id = office.returned("05-dhahabi", "ar", tilt=1.0, quarter=2, dpi=80)
    view = office.archive.package(SOMEBODY, attachment_id)
    assert (view.archive_id, view.package is not None, view.check_result) == (attachment_id, True, None)
    path = tmp_path / "package.zip"
    path.write_bytes(office.bytes_of(attachment_id))
    verdict = verify_package(path, list(office.archive.chain_entries(SOMEBODY)))
    assert (verdict.state, verdict.in_register, verdict.entry) == (State.INTACT, True, view.entry)
    assert path.stat().st_size == view.bytes
    with opened(office, attachment_id) as package:
        assert package.namelist() == [
            "manifest.json",
            "manifest-sha256.txt",
            "README.txt",
            "derived/document.pdf",
            "original/file-1.pdf",
            "generated/document.pdf",
            "generated/document.docx",
            "transfer-note/transfer-note.json",
            "transfer-note/transfer-note.pdf",
            "data/snapshot.json",
            "data/template.json",
            "checks.json",
            "evidence/README.txt",
            "chain.json",
        ]
        assert data(package, "checks.json")["all_passed"]
        template = data(package, "data/template.json")
        assert template["name"] == "agreement/2026-11"
        assert set(map(len, template["files"].values())) == {64}
        note = tmp_path / "transfer-note.pdf"
        note.write_bytes(package.read("transfer-note/transfer-note.pdf"))
    assert [found.faults for found in validate([note])] == [(), ()]


def test_archiving_again_changes_nothing(office: ArchiveOffice) -> None:
    attachment_id = office.returned()
    first = office.archive.package(SOMEBODY, attachment_id)
    entries = len(list(office.archive.chain_entries(SOMEBODY)))
    assert office.archive.package(SOMEBODY, attachment_id) == first
    assert len(list(office.archive.chain_entries(SOMEBODY))) == entries


def test_the_chain_grows_by_one_with_each_package(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.AGREEMENT]
    for _ in range(3):
        office.archive.package(SOMEBODY, office.attached(document, office.received(office.sheets(document))))
    entries = list(office.archive.chain_entries(SOMEBODY))
    assert list(chain_faults(entries)) == []


def test_of_a_mixed_stack_only_the_own_pages_are_in_the_package(office: ArchiveOffice) -> None:
    """A stack of two families, a foreign letter and an empty page: each package holds what its readers may see."""
    first = office.printed("01-miller")[Kind.ANNEX]
    second = office.printed("02-jaeger-gross-szulc", "pl")[Kind.ANNEX]
    own, others = office.sheets(first), office.sheets(second, quarter=2)
    stack = [*own, Sheet(), *others, Sheet(letter="FREMDER BRIEF")]
    upload_id = office.received(stack)
    shown = [office.scan(sheet).picture.pixels for sheet in stack]
    between = len(own) + 1
    for document, positions in ((first, range(len(own))), (second, range(between, between + len(others)))):
        attachment_id = office.attached(document, upload_id)
        office.archive.package(SOMEBODY, attachment_id)
        with opened(office, attachment_id) as package:
            originals = [name for name in package.namelist() if name.startswith("original/")]
            assert originals == [f"original/file-1-page-{position + 1}.pdf" for position in positions]
            (described,) = data(package, "manifest.json")["originals"]
            assert (described["whole"], described["pages_in_file"]) == (False, len(stack))
            whole = office.blobs.get(f"scans/originals/{described['sha256']}")
            with pikepdf.Pdf.open(io.BytesIO(whole)) as source:
                for name, position, taken in zip(originals, positions, described["taken"], strict=True):
                    assert taken["form"] == "encoded_picture"
                    with pikepdf.Pdf.open(io.BytesIO(package.read(name))) as single:
                        (page,) = single.pages
                        raw = page.Resources.XObject.Im.read_raw_bytes()
                        assert len(single.objects) <= 6
                    assert raw == source.pages[position].Resources.XObject.Im.read_raw_bytes()
                    pixels = np.asarray(Image.open(io.BytesIO(raw))).astype(int)
                    assert np.abs(pixels - shown[position]).mean() < 3
            everything = b"".join(package.read(name) for name in package.namelist())
            for other in (place for place in range(len(stack)) if place not in positions and place != len(own)):
                with pikepdf.Pdf.open(io.BytesIO(whole)) as source:
                    assert telling(source.pages[other].Resources.XObject.Im.read_raw_bytes()) not in everything
            assert b"Geheim" not in everything


def telling(picture: bytes) -> bytes:
    """The part of an encoded picture that no other picture has: the one with the most different bytes."""
    parts = (picture[start : start + 200] for start in range(700, len(picture) - 200, 50))
    return max(parts, key=lambda part: len(set(part)))


def test_frames_of_a_mixed_tiff_are_copied_without_loss(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.ANNEX]
    for mode, form in ((BILEVEL, "image/tiff"), (COLOUR, "image/png")):
        stack = [Sheet(office.printed()[Kind.ANNEX].id, mode=mode), *office.sheets(document, mode=mode)]
        attachment_id = office.attached(document, office.received(stack, tiff=True))
        office.archive.package(SOMEBODY, attachment_id)
        with opened(office, attachment_id) as package:
            taken = data(package, "manifest.json")["originals"][0]["taken"]
            assert [each["form"] for each in taken] == ["lossless_pixels"] * (document.pages or 0)
            for each, sheet in zip(taken, stack[1:], strict=True):
                image = Image.open(io.BytesIO(package.read(each["path"])))
                assert (each["width"], each["height"]) == image.size
                assert Image.MIME[str(image.format)] == form
                pixels = np.asarray(image.convert("RGB" if mode == COLOUR else "L"))
                assert (pixels == office.scan(sheet).picture.pixels).all()


def test_a_document_that_came_in_two_uploads_has_both_files(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.AGREEMENT]
    sheets = office.sheets(document)
    first, second = office.received(sheets[:1], device=None), office.received(sheets[1:])
    attachment_id = office.attached(document, first, second)
    office.archive.package(SOMEBODY, attachment_id)
    with opened(office, attachment_id) as package:
        assert [name for name in package.namelist() if name.startswith("original/")] == [
            "original/file-1.pdf",
            "original/file-2.pdf",
        ]
        note = data(package, "transfer-note/transfer-note.json")
    assert [page["page"] for page in note["pages"]] == [1, 2, 3]
    assert {capture["device"] for capture in note["captured"]} == {None, "Scanner Flur 2"}


def test_the_transfer_note_says_who_when_with_what_and_what_was_left_out(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.ANNEX]
    sheets = office.sheets(document, tilt=0.5)
    attachment_id = office.attached(document, office.received([sheets[0], Sheet(), *sheets[1:], sheets[0]]))
    office.archive.package(SOMEBODY, attachment_id)
    with opened(office, attachment_id) as package:
        note = data(package, "transfer-note/transfer-note.json")
        page = package.read("transfer-note/transfer-note.pdf")
    (capture,) = note["captured"]
    assert (capture["operator"], capture["device"]) == ("Petra Scan", "Scanner Flur 2")
    assert capture["at"].endswith("+01:00")
    assert note["attachment"]["accepted_by"] == "Ute Prüfer"
    assert [(each["question"], each["decision"], each["by"]) for each in note["decisions"]] == [
        ("confirm_signatures", {"choice": "accept"}, "Ute Prüfer")
    ]
    assert [(each["position"], each["reason"]) for each in note["left_out"]] == [
        (1, "blank"),
        (len(sheets) + 1, "another_scan_stands_for_it"),
    ]
    assert {each["text_layer"] for each in note["pages"]} == {"copied"}
    assert note["pages"][0]["registration"]["score"] == 0.95
    assert note["software"]["docservice"] == __version__
    assert {"pikepdf", "typst", "opencv-python-headless"} <= set(note["software"])
    said = texts(page)
    for word in (
        "Transfervermerk",
        "Petra Scan",
        "Scanner Flur 2",
        "Ute Prüfer",
        "1 leere Seite(n)",
        "weitere Aufnahme",
    ):
        assert word in said


def texts(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_device_with_letters_that_no_font_has_does_not_stop_the_note(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.ANNEX]
    upload_id = office.received(office.sheets(document), device="複合機 🖨 №1")
    attachment_id = office.attached(document, upload_id, reviewed=False)
    office.archive.package(SOMEBODY, attachment_id)
    with opened(office, attachment_id) as package:
        note = data(package, "transfer-note/transfer-note.json")
        assert note["captured"][0]["device"] == "複合機 🖨 №1"
        assert "??? ? ?1" in texts(package.read("transfer-note/transfer-note.pdf"))


@pytest.mark.parametrize("kind", [Kind.AGREEMENT, Kind.HELP_PLAN])
def test_the_data_snapshot_holds_what_the_document_may_show_and_no_more(office: ArchiveOffice, kind: Kind) -> None:
    """The Millers' file has internal and health data, and a help plan that the agreement must not show."""
    document = office.printed()[kind]
    attachment_id = office.attached(document, office.received(office.sheets(document)))
    office.archive.package(SOMEBODY, attachment_id)
    with opened(office, attachment_id) as package:
        snapshot = data(package, "data/snapshot.json")["data"]
        everything = b"".join(package.read(name) for name in package.namelist() if name.endswith(".json"))
    assert snapshot["agreement"]["parties"]
    assert bool(snapshot.get("help_plan", {}).get("goals")) == (kind is Kind.HELP_PLAN)
    for canary in ("Bildschirmarbeit", "vormittags", "Am Förderturm", "BVFG_4"):
        assert canary.encode() not in everything


def test_altered_bytes_are_not_archived(office: ArchiveOffice) -> None:
    document = office.printed()[Kind.ANNEX]
    attachment_id = office.attached(document, office.received(office.sheets(document)))
    with office.database.reading() as tx:
        (scan, *_) = tx.scan_pages.of_document(document.id)
        file = tx.scan_files.get(scan.file_id)
    assert file is not None
    for key, code in ((file.blob_key, "original_altered"), (str(document.docx_key), "generated_altered")):
        path = office.folder / "blobs" / key
        good = path.read_bytes()
        path.write_bytes(good[:-1] + b"?")
        with pytest.raises(DocserviceError) as caught:
            office.archive.package(SOMEBODY, attachment_id)
        assert (caught.value.code, caught.value.retryable) == (code, False)
        path.write_bytes(good)
    with pytest.raises(NotFound):
        office.archive.get(SOMEBODY, attachment_id)
    assert office.archive.package(SOMEBODY, attachment_id).package


def test_what_is_not_there_is_told(office: ArchiveOffice) -> None:
    for ask in (office.archive.package, office.archive.get, office.archive.package_file):
        with pytest.raises(NotFound):
            ask(SOMEBODY, "0" * 20)


def test_nothing_stays_in_the_folder_for_temporary_files(office: ArchiveOffice) -> None:
    """Also of processes whose number another one has by now."""
    for name in ("archive-999999999-abc", "archive-1-abc", "archive-abc"):
        left = office.folder / "scratch" / name
        left.mkdir(parents=True)
        (left / "original-1").write_bytes(b"of a process that was killed")
    office.archive.package(SOMEBODY, office.returned())
    assert list((office.folder / "scratch").iterdir()) == []


# -- jobs ------------------------------------------------------------------------------------------------------------


def due_of(office: ArchiveOffice, task: TaskName) -> list[str]:
    return [job.id for job in office.jobs.due() if job.task == task.name]


def test_a_job_that_is_given_up_comes_back_an_hour_later(tmp_path: Path) -> None:
    clock = StatedClock()
    office = ArchiveOffice(tmp_path, clock=clock)
    attachment_id = office.returned()
    runner = JobRunner(office.jobs, office.with_stores(Unwritable).tasks(), "w")
    with office.database.transaction() as tx:
        office.jobs.enqueue(tx, PACKAGE, attachment_id, max_attempts=1)
    (job_id,) = due_of(office, PACKAGE)
    assert runner.run(job_id) is Outcome.DEAD
    assert due_of(office, PACKAGE) == []
    clock.advance(timedelta(hours=1, seconds=1))
    (again,) = due_of(office, PACKAGE)
    mended = JobRunner(office.jobs, office.archive.tasks(), "w")
    assert mended.run(again) is Outcome.DONE
    assert office.archive.get(SOMEBODY, attachment_id).package
    assert len(list(office.archive.chain_entries(SOMEBODY))) == 1
    office.close()


class Unwritable:
    """A store in which nothing new can be kept."""

    def __init__(self, store: BlobStore) -> None:
        self._blobs = store

    def put_file(self, key: str, path: Path) -> None:
        raise Conflict("blob_exists", "Other bytes are already kept.")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)


def test_the_nightly_check_is_there_once_and_brings_the_next_one_about(tmp_path: Path) -> None:
    clock = StatedClock()
    office = ArchiveOffice(tmp_path, clock=clock)
    for _ in range(3):
        office.archive.schedule_fixity()
    assert due_of(office, FIXITY) == []
    runner = JobRunner(office.jobs, office.archive.tasks(), "w")
    for day in (4, 5, 6):
        clock.advance(timedelta(days=1))
        (job_id,) = due_of(office, FIXITY)
        assert job_id == f"fixity-2026-12-{day:02d}"
        assert runner.run(job_id) is Outcome.DONE
    with office.database.reading() as tx:
        waiting = tx.jobs.get("fixity-2026-12-07")
    assert waiting is not None
    assert (waiting.state, waiting.subject_id) == (JobState.QUEUED, "2026-12-07")
    office.close()
