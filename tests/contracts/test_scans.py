"""What returned scans rely on, on both databases: everything once, whoever comes at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from docservice.db.events import SubjectKind
from docservice.db.migrations.run import configuration
from docservice.db.reviews import ReviewRecord
from docservice.db.scan_pages import KeptStream, PlaceOfPage, ScanPageRecord, ScanZoneRecord
from docservice.db.unit_of_work import Database
from docservice.db.uploads import ScanFileRecord, ScanPartRecord, UploadRecord
from docservice.domain.errors import Conflict, DocserviceError
from docservice.domain.returned.scans import (
    Amendment,
    Grade,
    PageFinding,
    PageReading,
    PageVerdict,
    Proposal,
    Quality,
    Registration,
    ReviewKind,
    ReviewState,
    ZoneReading,
    ZoneVerdict,
)
from docservice.domain.sources import RandomIds, SystemClock
from docservice.domain.states import UploadState
from docservice.reviews.decisions import Decision
from docservice.reviews.views import ReviewView
from docservice.scans.intake.upload_workflow import PART_PAGES, SETTLE
from tests.support.actors import SOMEBODY, person
from tests.support.scan_office import ScanOffice, both_pages

T = TypeVar("T")
new_id = RandomIds().new
NOW = SystemClock().now()


@pytest.fixture
def office(database: Database, tmp_path: Path) -> ScanOffice:
    return ScanOffice(tmp_path, database)


def at_once(asks: Sequence[Callable[[], T]]) -> list[T]:
    """What they answer when all are asked at the same moment."""
    with ThreadPoolExecutor(len(asks)) as pool:
        return [future.result() for future in [pool.submit(ask) for ask in asks]]


def an_upload(database: Database) -> ScanPageRecord:
    """The rows down to a page, which is not added."""
    upload = UploadRecord(new_id(), new_id(), "operator", None, 1, 3_000_000_000, NOW)
    file = ScanFileRecord(new_id(), upload.id, 0, "größe.pdf", "0" * 64, 3_000_000_000, "scans/originals/0")
    part = ScanPartRecord(new_id(), upload.id, file.id, 0, 1)
    with database.transaction() as tx:
        assert tx.uploads.add(upload)
        tx.scan_files.add_all([file])
        tx.scan_parts.add_all([part])
    return ScanPageRecord(new_id(), upload.id, file.id, part.id, 0, NOW, None)


def test_a_page_is_kept_by_itself_once(database: Database) -> None:
    page = an_upload(database)
    other = replace(page, id=new_id(), position=1)
    keys = [f"scans/streams/{each.id}/{'0' * 64}.pdf" for each in (page, other)]
    with database.transaction() as tx:
        tx.scan_pages.add_all([page, other], ())
        tx.scan_pages.keep_streams([KeptStream(page.id, keys[0], "1" * 64), KeptStream(other.id, keys[1], None)])
        tx.scan_pages.keep_streams([KeptStream(page.id, "scans/streams/of-later", None)])
    with database.reading() as tx:
        first, second = tx.scan_pages.of_file(page.file_id)
        assert (first, second) == (
            replace(page, stream_key=keys[0], stream_sha256="1" * 64),
            replace(other, stream_key=keys[1]),
        )
        assert tx.scan_pages.keys_of([page.id, other.id]) == set(keys)


def test_what_was_read_comes_back_as_it_went_in(database: Database) -> None:
    reading = PageReading(
        finding=PageFinding.IDENTIFIED,
        rotation=270,
        quality=Quality(Grade.FAIR, 203.5, True, 0.25, 0.5),
        codes=("D1X",),
        document_id="X" * 20,
        page=2,
        registration=Registration((1.5, 0.0, 3.0, 0.0, 1.5, 4.0, 0.0, 0.0, 1.0), 0.875, 12),
        zones=(ZoneReading("party-1", ZoneVerdict.UNCERTAIN, 0.5, "little_ink"),),
        amendments=(Amendment((1.0, 2.0, 3.0, 4.0), 7.5),),
        outline=((-4, -3), (1650, 0), (1660, 2340), (0, 2330)),
    )
    page = replace(an_upload(database), reading=reading, proposal=Proposal("X" * 20, 1, 0.5, "by_picture"))
    unread = replace(page, id=new_id(), position=1, reading=None, proposal=None, error_code="broken")
    zone = ScanZoneRecord(page.id, "party-1", ZoneVerdict.UNCERTAIN, 0.5, "little_ink", None)
    with database.transaction() as tx:
        tx.scan_pages.add_all([page, unread], [zone])
    with database.reading() as tx:
        assert tx.scan_pages.of_upload(page.upload_id) == (page, unread)
        assert tx.scan_pages.zones([page.id, unread.id]) == (zone,)


def test_pages_that_were_read_before_pictures_showed_several_are_kept(database: Database, database_url: str) -> None:
    """The tables are changed under rows that others point at; afterwards two pages may share a picture."""
    page = an_upload(database)
    zone = ScanZoneRecord(page.id, "party-1", ZoneVerdict.SIGNED, 0.9, "ink", None)
    review = ReviewRecord(
        new_id(), ReviewKind.PAGE, new_id(), "no_code", NOW, upload_id=page.upload_id, page_id=page.id
    )
    with database.transaction() as tx:
        tx.scan_pages.add_all([page], [zone])
        tx.reviews.open(review)
    migrated(database_url, "0003")
    database.upgrade()
    beside = replace(page, id=new_id(), region=1)
    with database.transaction() as tx:
        assert tx.scan_pages.of_upload(page.upload_id) == (page,)
        assert tx.scan_pages.zones([page.id]) == (zone,)
        assert tx.reviews.of_upload(page.upload_id) == (review,)
        tx.scan_pages.add_all([beside], ())
        assert tx.scan_pages.of_upload(page.upload_id) == (page, beside)
        assert tx.scan_pages.count(page.upload_id) == 1
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.scan_pages.add_all([replace(beside, id=new_id())], ())
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.scan_pages.add_all([replace(beside, id=new_id(), region=2, file_id=new_id())], ())


def migrated(database_url: str, version: str) -> None:
    """Take the tables back to an earlier version."""
    config, engine = configuration(), create_engine(database_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, version)
    engine.dispose()


def test_a_verdict_is_written_when_it_is_another_one_and_the_page_has_not_moved(database: Database) -> None:
    page = an_upload(database)
    with database.transaction() as tx:
        tx.scan_pages.add_all([page], ())
        assert tx.scan_pages.judge(page, PageVerdict.FOREIGN, "no_likeness")
        judged = tx.scan_pages.get(page.id)
        assert judged is not None
        assert not tx.scan_pages.judge(judged, PageVerdict.FOREIGN, "no_likeness")
        assert tx.scan_pages.judge(judged, PageVerdict.FOREIGN, "dismissed")
        assert not tx.scan_pages.judge(replace(judged, document_id="X" * 20), PageVerdict.MATCHED, None)


def test_a_page_that_is_taken_back_has_no_place_and_may_be_put_somewhere_again(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    there = PlaceOfPage(document_id, case_id, 2, "Kim", "user:Kim")
    page = an_upload(office.database)
    reading = PageReading(PageFinding.NO_CODE, 0, Quality(Grade.FAIR, 200.0, False, 0.5, 0.5))
    zone = ScanZoneRecord(page.id, "party-1", ZoneVerdict.UNCERTAIN, 0.5, "little_ink", None)
    with office.database.transaction() as tx:
        tx.scan_pages.add_all([page], ())
        for _ in range(2):
            assert tx.scan_pages.assign(page.id, there, reading, [zone])
            assert not tx.scan_pages.assign(page.id, replace(there, page=1), reading, ())
            tx.scan_pages.take_back(page.id, reading)
            assert tx.scan_pages.get(page.id) == replace(page, reading=reading)
            assert tx.scan_pages.zones([page.id]) == ()


def test_an_upload_moves_from_where_it_stands_or_not_at_all(database: Database) -> None:
    upload_id = an_upload(database).upload_id
    with database.transaction() as tx:
        assert not tx.uploads.move(upload_id, (UploadState.SETTLING,), UploadState.DONE, NOW)
        assert tx.uploads.move(upload_id, (UploadState.READING,), UploadState.SETTLING, NOW)
        assert tx.uploads.fail(upload_id, DocserviceError("gave_up", "x"), NOW)
        assert not tx.uploads.fail(upload_id, DocserviceError("gave_up", "x"), NOW)
        assert tx.uploads.move(upload_id, (UploadState.FAILED,), UploadState.READING, NOW)
        upload = tx.uploads.get(upload_id)
        assert upload is not None
        assert (upload.state, upload.finished_at, upload.error_code) == (UploadState.READING, None, None)
        assert upload_id in {each.id for each in tx.uploads.list_unfinished(NOW + timedelta(seconds=1))}
        assert upload_id not in {each.id for each in tx.uploads.list_unfinished(NOW)}


def test_of_one_subject_one_review_is_open_and_it_is_closed_once(database: Database) -> None:
    subject = new_id()

    def ask() -> bool:
        with database.transaction() as tx:
            return tx.reviews.open(ReviewRecord(new_id(), ReviewKind.FILE, subject, "rejected", NOW))

    assert sum(at_once([ask] * 6)) == 1
    with database.transaction() as tx:
        (review,) = tx.reviews.of_subject(subject)
        assert not tx.reviews.correct(review.id, {"choice": "retry"}, person("Kim"), NOW)
        assert tx.reviews.decide(review.id, {"choice": "dismiss"}, person("Kim"), NOW)
        assert tx.reviews.correct(review.id, {"choice": "retry"}, person("Robin"), NOW)
        corrected = tx.reviews.get(review.id)
        assert corrected is not None
        assert (corrected.decision, corrected.closed_by) == ({"choice": "retry"}, "Robin")
        assert corrected.closed_by_id == person("Robin").id
        assert not tx.reviews.withdraw(review.id, NOW)
    assert ask()
    with database.reading() as tx:
        assert [each.state for each in tx.reviews.of_subject(subject)].count(ReviewState.OPEN) == 1


def test_one_upload_comes_of_the_same_bytes_from_many_hands(office: ScanOffice) -> None:
    document_id = office.printed(office.case())
    uploads = at_once([lambda: office.upload(both_pages(document_id)).upload_id] * 6)
    assert len(set(uploads)) == 1
    office.work()
    assert len(office.scans.whole(SOMEBODY, uploads[0]).pages) == 2


def test_parts_that_end_at_once_settle_their_upload_once(office: ScanOffice, database: Database) -> None:
    letters = [{"letter": str(number)} for number in range(PART_PAGES * 6)]
    upload = office.upload(letters[: PART_PAGES * 3], letters[PART_PAGES * 3 :])
    at_once([office.work] * 4)
    office.work()
    view = office.scans.whole(SOMEBODY, upload.upload_id)
    assert (view.state, len(view.pages)) == (UploadState.DONE, PART_PAGES * 6)
    with database.reading() as tx:
        names = Counter(event.name for event in tx.events.after(SubjectKind.UPLOAD, upload.upload_id))
    assert (names["part.read"], names["upload.done"]) == (6, 1)
    assert SETTLE.name not in {job.task for job in office.jobs.due()}


def test_uploads_that_complete_documents_at_once_complete_each_once(office: ScanOffice) -> None:
    case_id = office.case()
    ids = [office.printed(case_id) for _ in range(5)]
    first, second = ([both_pages(document_id)[half] for document_id in ids] for half in (0, 1))
    uploads = [office.upload(first), office.upload(list(reversed(second)))]
    at_once([office.work] * 4)
    office.work()
    for upload in uploads:
        assert {document.missing for document in office.scans.get(SOMEBODY, upload.upload_id).documents} == {()}
    mine = [review for review in office.reviews.list(SOMEBODY, 1000).reviews if review.document_id in ids]
    assert Counter(review.kind for review in mine) == {ReviewKind.CONFIRM_SIGNATURES: 5}


def test_of_two_decisions_at_once_one_counts(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    office.scan(both_pages(document_id))
    (review_id,) = [
        each.review_id for each in office.reviews.list(SOMEBODY, 1000).reviews if each.document_id == document_id
    ]

    def decide(choice: str, by: str) -> str:
        try:
            return str(office.reviews.decide(person(by), review_id, Decision(choice)).closed_by)
        except Conflict as conflict:
            return conflict.code

    told = at_once([lambda: decide("accept", "Kim"), lambda: decide("reject", "Robin")] * 3)
    assert Counter(told) in (
        Counter({"Kim": 3, "already_decided": 3}),
        Counter({"Robin": 3, "already_decided": 3}),
    )
    office.work()
    assert len(office.scans.attachments(SOMEBODY, case_id).items) == (1 if "Kim" in told else 0)


def test_a_page_that_is_corrected_by_many_at_once_ends_in_one_place(office: ScanOffice) -> None:
    case_id = office.case()
    ids = [office.printed(case_id) for _ in range(3)]
    upload = office.scan([{"letter": case_id}])
    (review_id,) = upload.reviews
    office.reviews.decide(person("Kim"), review_id, Decision("assign", ids[0], 1))

    def put(document_id: str) -> None:
        office.reviews.decide(person("Kim"), review_id, Decision("assign", document_id, 1))

    asks: list[Callable[[], None]] = [office.work, *(partial(put, document_id) for document_id in ids[1:]), office.work]
    at_once(asks)
    office.work()
    said = office.reviews.get(SOMEBODY, review_id).decision
    (page,) = office.scans.whole(SOMEBODY, upload.upload_id).pages
    assert said is not None
    assert (page.document_id, page.verdict) == (said["document_id"], PageVerdict.MATCHED)
    with office.database.reading() as tx:
        documents = [tx.scan_documents.get(document_id) for document_id in ids]
    holding = [each.document_id for each in documents if each is not None and each.present]
    assert holding == [page.document_id]


def test_questions_are_decided_while_new_scans_come(office: ScanOffice) -> None:
    """Uploads lock their documents, decisions lock theirs: nobody waits for ever, and the outcome is the same."""
    case_id = office.case()
    ids = [office.printed(case_id) for _ in range(4)]
    for document_id in ids:
        office.scan(both_pages(document_id))
    waiting = [review for review in office.reviews.list(SOMEBODY, 1000).reviews if review.document_id in ids]
    office.upload([both_pages(document_id, rotation=90)[1] for document_id in ids])

    def confirm(review: ReviewView) -> None:
        office.reviews.decide(person("Kim"), review.review_id, Decision("accept"))

    asks: list[Callable[[], None]] = [office.work, *(partial(confirm, review) for review in waiting), office.work]
    at_once(asks)
    office.work()
    assert Counter(each.document_id for each in office.scans.attachments(SOMEBODY, case_id).items) == dict.fromkeys(
        ids, 1
    )
