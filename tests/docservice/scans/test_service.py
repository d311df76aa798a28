"""The pipeline of returned paper, on scans without pixels: what becomes of pages, documents and questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from docservice.db.events import SubjectKind
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.errors import Conflict, DocserviceError, InvalidInput, NotFound
from docservice.domain.kinds import Kind
from docservice.domain.returned.loose_pages import Place
from docservice.domain.returned.return_verdict import SignaturePolicy
from docservice.domain.returned.scans import PageVerdict, Proposal, ReturnState, ReviewKind, ReviewState, ZoneVerdict
from docservice.domain.states import UploadState
from docservice.reviews.decisions import Decision
from docservice.reviews.views import ReviewView
from docservice.scans.reading.page_reader import ReadPage
from docservice.scans.views import WholeUploadView
from docservice.tools.untrusted.pictures import Picture
from tests.support.actors import SOMEBODY, person
from tests.support.plain_scans import PlainReader, plain_file
from tests.support.scan_office import CITY, PARTY, ScanOffice, both_pages
from tests.support.sources import StatedClock


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ScanOffice]:
    office = ScanOffice(tmp_path)
    yield office
    office.database.close()


@pytest.fixture
def document_id(office: ScanOffice) -> str:
    """A printed document of two pages."""
    return office.printed(office.case())


def open_reviews(office: ScanOffice) -> list[ReviewView]:
    return list(office.reviews.list(SOMEBODY, 100).reviews)


def the_review(office: ScanOffice) -> ReviewView:
    (review,) = open_reviews(office)
    return review


def verdicts(upload: WholeUploadView) -> list[PageVerdict | None]:
    return [page.verdict for page in upload.pages]


def test_a_signed_document_comes_back_and_a_person_confirms_it(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    upload = office.scan(both_pages(document_id, rotation=180))
    assert upload.state is UploadState.DONE
    assert verdicts(upload) == [PageVerdict.MATCHED, PageVerdict.MATCHED]
    assert upload.pages[1].rotation == 180
    assert [(zone.zone_id, zone.verdict) for zone in upload.pages[1].zones] == [
        (CITY, ZoneVerdict.SIGNED),
        (PARTY, ZoneVerdict.SIGNED),
    ]
    assert upload.documents[0].state is ReturnState.NEEDS_REVIEW
    assert office.scans.attachments(SOMEBODY, case_id).items == ()

    review = the_review(office)
    assert (review.kind, review.case_id, review.choices) == ("confirm_signatures", case_id, ("accept", "reject"))
    assert {zone.expected_signer for zone in review.zones} == {"Ana Példa"}
    assert upload.reviews == (review.review_id,)
    decided = office.reviews.decide(person("Kim"), review.review_id, Decision("accept"))
    assert (decided.state, decided.closed_by) == (ReviewState.DECIDED, "Kim")

    (attachment,) = office.scans.attachments(SOMEBODY, case_id).items
    assert (attachment.document_id, attachment.version, attachment.accepted_by) == (document_id, 1, "Kim")
    assert office.scans.get(SOMEBODY, upload.upload_id).documents[0].state is ReturnState.ACCEPTED
    office.work()
    assert office.archived == [attachment.attachment_id]
    assert open_reviews(office) == []


# -- the ledger over uploads -------------------------------------------------------------------------------------------


def test_a_missing_page_is_said_and_a_later_upload_fills_the_gap(office: ScanOffice, document_id: str) -> None:
    first, second = both_pages(document_id)
    upload = office.scan([second])
    (document,) = upload.documents
    assert (document.present, document.missing, document.state) == ((2,), (1,), ReturnState.INCOMPLETE)
    assert open_reviews(office) == []
    later = office.scan([first])
    assert later.documents[0].missing == ()
    assert the_review(office).kind == ReviewKind.CONFIRM_SIGNATURES
    assert office.scans.get(SOMEBODY, upload.upload_id).documents == later.documents


def test_the_order_of_a_mixed_stack_does_not_matter_and_blank_backs_are_known(office: ScanOffice) -> None:
    ids = [office.printed(office.case()) for _ in range(3)]
    sheets = [page for document_id in ids for page in both_pages(document_id)]
    stack = [side for page in reversed(sheets) for side in (page, {"blank": True})]
    upload = office.scan(stack)
    assert verdicts(upload) == [PageVerdict.MATCHED, PageVerdict.BLANK] * 6
    assert [document.missing for document in upload.documents] == [()] * 3
    assert [review.kind for review in open_reviews(office)] == ["confirm_signatures"] * 3


def test_the_same_page_twice_is_a_duplicate_of_its_kind(office: ScanOffice, document_id: str) -> None:
    first, second = both_pages(document_id)
    upload = office.scan([{**first, "grade": "poor"}, second, first, second, {**second, "grade": "fair"}])
    assert [(page.verdict, page.reason) for page in upload.pages] == [
        ("duplicate", "better_scan"),
        ("matched", None),
        ("matched", None),
        ("duplicate", "same_bytes"),
        ("duplicate", "same_page_again"),
    ]
    assert upload.documents[0].duplicates == (1, 2)
    assert len(open_reviews(office)) == 1


def test_the_same_bytes_again_are_the_first_upload_under_any_name(office: ScanOffice, document_id: str) -> None:
    first = office.upload(both_pages(document_id), names=["a.pdf"])
    again = office.upload(both_pages(document_id), names=["b.pdf"])
    assert again.upload_id == first.upload_id
    office.work()
    assert len(office.scans.whole(SOMEBODY, first.upload_id).pages) == 2
    assert office.upload(both_pages(document_id)).state is UploadState.DONE


def test_the_same_upload_from_many_hands_at_once_is_one(office: ScanOffice, document_id: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        uploads = list(pool.map(lambda _: office.upload(both_pages(document_id)).upload_id, range(12)))
    assert len(set(uploads)) == 1
    office.work()
    assert len(office.scans.whole(SOMEBODY, uploads[0]).pages) == 2


def test_an_upload_needs_a_file(office: ScanOffice) -> None:
    with pytest.raises(InvalidInput):
        office.scans.receive(SOMEBODY, [], "operator")


def test_a_file_that_cannot_be_read_is_rejected_and_its_neighbours_go_on(office: ScanOffice, document_id: str) -> None:
    upload = office.scan({"refused": "encrypted"}, both_pages(document_id))
    (rejected,) = upload.rejected_files
    assert (rejected.file, rejected.code) == ("stack-0.pdf", "encrypted")
    assert "password" in rejected.detail
    assert "Passwort" in rejected.detail_de
    assert verdicts(upload) == [PageVerdict.MATCHED, PageVerdict.MATCHED]
    assert {review.kind for review in open_reviews(office)} == {"file", "confirm_signatures"}
    file_review = next(review for review in open_reviews(office) if review.kind == ReviewKind.FILE)
    assert (file_review.file, file_review.detail) == ("stack-0.pdf", rejected.detail)


def test_a_page_that_cannot_be_read_is_told_and_its_neighbours_go_on(office: ScanOffice, document_id: str) -> None:
    first, second = both_pages(document_id)
    upload = office.scan([first, {"refused": "broken"}, {"crash": True}, second])
    assert verdicts(upload) == ["matched", "unreadable", "unreadable", "matched"]
    assert [page.reason for page in upload.pages] == [None, "broken", "internal_error", None]
    assert "KeyError" in str(upload.pages[2].detail)
    assert "Canary" not in str(upload.pages[2])
    questions = [review for review in open_reviews(office) if review.kind == ReviewKind.PAGE]
    assert [review.choices for review in questions] == [("dismiss", "rescan")] * 2


# -- pages without a place ---------------------------------------------------------------------------------------------


def test_a_page_without_a_readable_code_is_proposed_by_its_picture_and_confirmed(
    office: ScanOffice, document_id: str
) -> None:
    first, second = both_pages(document_id, hidden=True)
    upload = office.scan([first, second])
    page = upload.pages[1]
    assert (page.verdict, page.document_id, page.page) == (PageVerdict.UNREADABLE, None, None)
    assert page.proposal is not None
    assert (page.proposal.document_id, page.proposal.page, page.proposal.reason) == (document_id, 2, "by_picture")
    assert upload.documents[0].missing == (2,)

    review = the_review(office)
    assert (review.kind, review.page_id, review.picture) == (ReviewKind.PAGE, page.page_id, page.page_id)
    office.reviews.decide(person("Kim"), review.review_id, Decision("confirm_proposal"))
    office.work()
    page = office.scans.whole(SOMEBODY, upload.upload_id).pages[1]
    assert (page.verdict, page.document_id, page.page) == (PageVerdict.MATCHED, document_id, 2)
    assert [zone.verdict for zone in page.zones] == [ZoneVerdict.SIGNED] * 2
    assert the_review(office).kind == ReviewKind.CONFIRM_SIGNATURES


def test_a_page_is_proposed_by_its_neighbours_when_its_picture_says_nothing(office: ScanOffice) -> None:
    document_id = office.printed(office.case(), pages=3)
    stack = [{"document": document_id, "page": number} for number in (1, 2, 3)]
    upload = office.scan([stack[0], {"blank": True}, {"stain": True}, stack[2]])
    proposal = upload.pages[2].proposal
    assert proposal is not None
    assert (proposal.document_id, proposal.page, proposal.reason) == (document_id, 2, "by_neighbours")


def test_a_foreign_letter_waits_until_somebody_sets_it_aside(office: ScanOffice, document_id: str) -> None:
    upload = office.scan([*both_pages(document_id), {"letter": "Stadtwerke"}])
    assert (upload.pages[2].verdict, upload.pages[2].proposal) == (PageVerdict.FOREIGN, None)
    review = next(review for review in open_reviews(office) if review.kind == ReviewKind.PAGE)
    assert review.choices == ("assign", "dismiss", "rescan")
    office.reviews.decide(person("Kim"), review.review_id, Decision("dismiss"))
    assert office.scans.whole(SOMEBODY, upload.upload_id).pages[2].reason == "dismissed"
    assert [review.kind for review in open_reviews(office)] == ["confirm_signatures"]


def test_a_page_goes_where_a_person_says_and_nowhere_else(office: ScanOffice, document_id: str) -> None:
    first, _ = both_pages(document_id)
    office.scan([first], [{"letter": "smudged", "grade": "poor", "signed": [PARTY, CITY]}])
    review = the_review(office)
    assert review.reason == "poor_quality"
    for wrong in (
        Decision("assign"),
        Decision("assign", "0" * 20, 1),
        Decision("assign", document_id, 3),
        Decision("confirm_proposal"),
        Decision("accept"),
    ):
        with pytest.raises(InvalidInput):
            office.reviews.decide(person("Kim"), review.review_id, wrong)
    office.reviews.decide(person("Kim"), review.review_id, Decision("assign", document_id, 2))
    office.work()
    assert the_review(office).kind == ReviewKind.CONFIRM_SIGNATURES


def assigned(office: ScanOffice, document_id: str, page: int, **what: object) -> tuple[str, str]:
    """A scan without a place that Kim puts there: the question, and the upload."""
    upload = office.scan([{"letter": "smudged", **what}])
    review = next(review for review in open_reviews(office) if review.upload_id == upload.upload_id)
    office.reviews.decide(person("Kim"), review.review_id, Decision("assign", document_id, page))
    office.work()
    return review.review_id, upload.upload_id


def test_a_page_put_in_the_wrong_place_is_put_in_the_right_one(office: ScanOffice) -> None:
    case_id = office.case()
    wrong, right = office.printed(case_id), office.printed(case_id)
    office.scan([both_pages(wrong)[0], both_pages(right)[0]])
    review_id, upload_id = assigned(office, wrong, 2, signed=[PARTY], unsure=[CITY])
    assert (the_review(office).document_id, the_review(office).zones[0].zone_id) == (wrong, CITY)

    decided = office.reviews.get(SOMEBODY, review_id)
    corrected = office.reviews.decide(person("Robin"), review_id, Decision("assign", right, 2))
    assert (corrected.closed_by, corrected.decision) == (
        "Robin",
        {"choice": "assign", "document_id": right, "page": 2},
    )
    assert open_reviews(office) == []
    office.work()
    view = office.scans.whole(SOMEBODY, upload_id)
    assert (view.pages[0].document_id, view.pages[0].page, view.pages[0].verdict) == (right, 2, PageVerdict.MATCHED)
    with office.database.reading() as tx:
        left = tx.scan_documents.get(wrong)
    assert left is not None
    assert (left.state, left.missing, left.zones) == (ReturnState.INCOMPLETE, (2,), ())
    assert (the_review(office).document_id, the_review(office).zones[0].zone_id) == (right, CITY)
    with office.database.reading() as tx:
        event = tx.events.after(SubjectKind.REVIEW, review_id)[-1]
    assert (event.name, event.actor_id) == ("review.corrected", person("Robin").id)
    assert event.data["decision"] == corrected.decision
    assert event.data["before"] == {
        "decision": {"choice": "assign", "document_id": wrong, "page": 2},
        "by": "Kim",
        "at": None if decided.closed_at is None else decided.closed_at.isoformat(),
    }


@pytest.mark.parametrize(("choice", "verdict"), [("dismiss", "foreign"), ("rescan", "unreadable")])
def test_a_page_is_taken_off_its_document_and_put_there_again(
    office: ScanOffice, document_id: str, choice: str, verdict: str
) -> None:
    review_id, upload_id = assigned(office, document_id, 2, signed=[PARTY, CITY])
    office.reviews.decide(person("Kim"), review_id, Decision(choice))
    office.work()
    (page,) = office.scans.whole(SOMEBODY, upload_id).pages
    assert (page.document_id, page.page, page.verdict, page.zones) == (None, None, verdict, ())
    with office.database.reading() as tx:
        left = tx.scan_documents.get(document_id)
    assert left is not None
    assert (left.present, left.missing) == ((), (1, 2))

    office.reviews.decide(person("Kim"), review_id, Decision("assign", document_id, 2))
    office.work()
    (page,) = office.scans.whole(SOMEBODY, upload_id).pages
    assert (page.document_id, page.page, page.verdict, len(page.zones)) == (document_id, 2, "matched", 2)


def test_nothing_is_asked_of_a_superseded_document_whose_only_page_was_taken_off(office: ScanOffice) -> None:
    case_id = office.case()
    old = office.printed(case_id)
    office.printed(case_id, revision=2)
    review_id, _ = assigned(office, old, 2)
    assert the_review(office).kind == ReviewKind.OUTDATED
    office.reviews.decide(person("Kim"), review_id, Decision("dismiss"))
    assert open_reviews(office) == []


def test_a_page_with_which_a_document_was_accepted_stays_where_it_is(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    office.scan([both_pages(document_id)[0]])
    review_id, _ = assigned(office, document_id, 2, signed=[PARTY, CITY])
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("accept"))
    before = office.reviews.get(SOMEBODY, review_id)
    with pytest.raises(Conflict) as conflict:
        office.reviews.decide(person("Robin"), review_id, Decision("dismiss"))
    assert conflict.value.code == "attached_already"
    assert office.reviews.get(SOMEBODY, review_id) == before
    with office.database.reading() as tx:
        assert "review.corrected" not in {event.name for event in tx.events.after(SubjectKind.REVIEW, review_id)}


def test_a_page_that_is_just_read_as_the_wrong_one_goes_to_the_right_one(tmp_path: Path) -> None:
    reader = Interrupted()
    office = ScanOffice(tmp_path, reader=reader)
    wrong, right = office.printed(office.case()), office.printed(office.case())
    upload = office.scan([{"letter": "smudged"}])
    review_id = the_review(office).review_id
    office.reviews.decide(person("Kim"), review_id, Decision("assign", wrong, 1))
    reader.meanwhile = lambda: office.reviews.decide(person("Kim"), review_id, Decision("assign", right, 1))
    office.work()
    (page,) = office.scans.whole(SOMEBODY, upload.upload_id).pages
    assert (page.document_id, page.page) == (right, 1)
    with office.database.reading() as tx:
        assert tx.scan_documents.get(wrong) is None
    office.database.close()


@pytest.mark.parametrize(
    ("page", "verdict", "reason"),
    [
        ({"document": "0" * 20, "page": 1}, "foreign", "preview"),
        ({"document": "7" * 20, "page": 1}, "foreign", "unknown_document"),
        ({"page": 0}, "unreadable", "page_unknown"),
        ({"page": 3}, "unreadable", "no_such_page"),
        ({"page": 1, "conflicting": True, "unlike": True}, "unreadable", "conflicting_codes"),
    ],
)
def test_codes_that_lead_nowhere_are_never_followed(
    office: ScanOffice, document_id: str, page: dict[str, object], verdict: str, reason: str
) -> None:
    upload = office.scan([{"document": document_id, **page}])
    assert (upload.pages[0].verdict, upload.pages[0].reason) == (verdict, reason)
    assert upload.pages[0].document_id is None
    assert upload.documents == ()
    assert the_review(office).reason == reason


# -- signatures --------------------------------------------------------------------------------------------------------


def test_a_missing_signature_is_asked_about_with_the_crop_of_its_zone(office: ScanOffice, document_id: str) -> None:
    upload = office.scan(both_pages(document_id, signed=[CITY], unsigned=[PARTY]))
    review = the_review(office)
    assert (review.kind, review.zones[0].zone_id, review.reason, review.page) == ("zone", PARTY, "no_ink", 2)
    assert (review.zones[0].expected_signer, review.zones[0].crop) == ("Ana Példa", PARTY)
    crop = office.scans.crop(SOMEBODY, upload.pages[1].page_id, PARTY)
    assert office.blobs.get(crop.key).endswith(PARTY.encode())
    assert crop.media_type == "image/png"
    office.reviews.decide(person("Kim"), review.review_id, Decision("unsigned"))
    (document,) = office.scans.get(SOMEBODY, upload.upload_id).documents
    assert (document.state, document.reasons) == (ReturnState.NEEDS_REVIEW, ("signature_missing",))
    assert open_reviews(office) == []

    office.scan([both_pages(document_id)[1]])  # signed after all, and scanned again
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("accept"))
    assert office.scans.get(SOMEBODY, upload.upload_id).documents[0].state is ReturnState.ACCEPTED


def test_a_scan_after_a_missing_signature_stands_and_is_asked_about(office: ScanOffice, document_id: str) -> None:
    upload = office.scan(both_pages(document_id, signed=[CITY], unsigned=[PARTY]))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("unsigned"))
    again = office.scan([both_pages(document_id, signed=[CITY], unsure=[PARTY])[1]])
    review = the_review(office)
    assert (review.kind, review.page_id) == (ReviewKind.ZONE, again.pages[0].page_id)
    office.reviews.decide(person("Kim"), review.review_id, Decision("signed"))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("accept"))
    assert office.scans.get(SOMEBODY, upload.upload_id).documents[0].state is ReturnState.ACCEPTED


def test_zones_a_person_has_looked_at_need_no_second_look(office: ScanOffice, document_id: str) -> None:
    office.scan(both_pages(document_id, signed=[], unsure=[PARTY], unsigned=[CITY, "interpreter-1"]))
    choices = {PARTY: "signed", CITY: "not_applicable"}
    assert {review.zones[0].zone_id for review in open_reviews(office)} == set(choices)  # the interpreter may sign
    for review in open_reviews(office):
        office.reviews.decide(person("Kim"), review.review_id, Decision(choices[review.zones[0].zone_id]))
    office.work()
    assert len(office.archived) == 1


def test_a_better_scan_answers_the_question_by_itself(office: ScanOffice, document_id: str) -> None:
    office.scan(both_pages(document_id, signed=[CITY], unsure=[PARTY]))
    asked = the_review(office)
    office.scan([both_pages(document_id)[1]])
    assert office.reviews.get(SOMEBODY, asked.review_id).state is ReviewState.WITHDRAWN
    assert the_review(office).kind == ReviewKind.CONFIRM_SIGNATURES
    with pytest.raises(Conflict):
        office.reviews.decide(person("Kim"), asked.review_id, Decision("signed"))


def test_two_copies_with_one_signature_each_are_put_before_a_person(office: ScanOffice, document_id: str) -> None:
    office.scan(both_pages(document_id, signed=[PARTY], unsigned=[CITY]))
    office.scan([both_pages(document_id, signed=[CITY], unsigned=[PARTY])[1]])
    review = the_review(office)
    assert (review.kind, review.zones[0].zone_id, review.zones[0].verdict) == ("zone", CITY, ZoneVerdict.UNSIGNED)


def test_signatures_may_be_rejected_and_the_document_waits_for_others(office: ScanOffice, document_id: str) -> None:
    upload = office.scan(both_pages(document_id))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("reject"))
    (document,) = office.scans.get(SOMEBODY, upload.upload_id).documents
    assert (document.state, document.reasons) == (ReturnState.NEEDS_REVIEW, ("signatures_rejected",))


def test_signatures_given_anew_after_a_rejection_are_put_before_a_person(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    first = office.scan(both_pages(document_id))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("reject"))
    second = office.scan([both_pages(document_id, grade="fair")[1]])
    assert office.scans.whole(SOMEBODY, first.upload_id).pages[1].reason == "refused"
    assert the_review(office).kind == ReviewKind.CONFIRM_SIGNATURES
    office.scan([both_pages(document_id, grade="fair")[0]])  # settled again: what was rejected does not come back
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("accept"))
    office.scan([both_pages(document_id, grade="poor")[1]])
    (attachment,) = office.scans.attachments(SOMEBODY, case_id).items
    assert [scan["page_id"] for scan in attachment.scans] == [first.pages[0].page_id, second.pages[0].page_id]
    assert open_reviews(office) == []


@pytest.mark.parametrize(("choice", "state"), [("accept", "accepted"), ("reissue", "needs_review")])
def test_handwriting_beside_the_zones_is_put_before_a_person(
    office: ScanOffice, document_id: str, choice: str, state: str
) -> None:
    upload = office.scan(both_pages(document_id, amended=True))
    review = the_review(office)
    assert (review.kind, review.places[0]["rect"]) == ("hand_amended", [100.0, 200.0, 140.0, 220.0])
    office.reviews.decide(person("Kim"), review.review_id, Decision(choice))
    for confirmation in open_reviews(office):
        office.reviews.decide(person("Kim"), confirmation.review_id, Decision("accept"))
    assert office.scans.get(SOMEBODY, upload.upload_id).documents[0].state == state


def test_a_decision_is_made_once(office: ScanOffice, document_id: str) -> None:
    office.scan(both_pages(document_id))
    review = the_review(office)
    first = office.reviews.decide(person("Kim"), review.review_id, Decision("accept"))
    assert office.reviews.decide(person("Robin"), review.review_id, Decision("accept")) == first
    with pytest.raises(Conflict):
        office.reviews.decide(person("Robin"), review.review_id, Decision("reject"))
    office.work()
    assert len(office.archived) == 1


# -- what follows ------------------------------------------------------------------------------------------------------


def test_a_mere_rescan_reopens_nothing_and_a_better_one_supersedes(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    office.scan(both_pages(document_id, grade="poor"))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("accept"))

    office.scan([both_pages(document_id, grade="poor", sharpness=1.0)[1]])
    office.scan([both_pages(document_id, signed=[PARTY], grade="good")[1]])
    assert len(office.scans.attachments(SOMEBODY, case_id).items) == 1
    better = office.scan([both_pages(document_id, grade="good")[1]])
    first, second = office.scans.attachments(SOMEBODY, case_id).items
    assert first.superseded_at is not None
    assert (second.version, second.superseded_at, second.upload_id) == (2, None, better.upload_id)
    assert second.scans[1]["page_id"] == better.pages[0].page_id
    assert open_reviews(office) == []
    assert office.archived == [first.attachment_id, second.attachment_id]


def test_where_the_office_wants_it_certain_signatures_need_no_person(tmp_path: Path) -> None:
    office = ScanOffice(tmp_path, policy=SignaturePolicy.AUTOMATIC)
    case_id = office.case()
    sure, amended = office.printed(case_id), office.printed(case_id)
    office.scan(both_pages(sure), both_pages(amended, amended=True))
    assert [attachment.document_id for attachment in office.scans.attachments(SOMEBODY, case_id).items] == [sure]
    assert the_review(office).kind == ReviewKind.HAND_AMENDED
    office.database.close()


def test_nobody_is_named_who_has_not_accepted(tmp_path: Path) -> None:
    office = ScanOffice(tmp_path, policy=SignaturePolicy.AUTOMATIC)
    case_id = office.case()
    missed, amended = office.printed(case_id), office.printed(case_id)
    office.scan(both_pages(missed, signed=[CITY], unsigned=[PARTY]))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("unsigned"))
    office.scan([both_pages(missed)[1]])  # signed after all: the machine is certain
    office.scan(both_pages(amended, amended=True))
    office.reviews.decide(person("Robin"), the_review(office).review_id, Decision("accept"))
    accepted_by = {
        attachment.document_id: attachment.accepted_by
        for attachment in office.scans.attachments(SOMEBODY, case_id).items
    }
    assert accepted_by == {missed: None, amended: "Robin"}
    office.database.close()


@pytest.mark.parametrize("answers", [{PARTY: "signed"}, {PARTY: "not_applicable"}])
def test_who_has_looked_at_every_line_has_accepted(office: ScanOffice, answers: dict[str, str]) -> None:
    case_id = office.case()
    office.scan(both_pages(office.printed(case_id), signed=[], unsure=[PARTY, CITY]))
    for review in open_reviews(office):
        zone_id = review.zones[0].zone_id
        office.reviews.decide(person("Kim"), review.review_id, Decision(answers.get(zone_id, "not_applicable")))
    (attachment,) = office.scans.attachments(SOMEBODY, case_id).items
    assert attachment.accepted_by == "Kim"


@pytest.mark.parametrize(("choice", "state"), [("accept", "accepted"), ("dismiss", "incomplete")])
def test_a_superseded_revision_is_never_accepted_silently(office: ScanOffice, choice: str, state: str) -> None:
    case_id = office.case()
    old = office.printed(case_id)
    office.printed(case_id, revision=2)
    upload = office.scan(both_pages(old))
    assert verdicts(upload) == [PageVerdict.OUTDATED] * 2
    assert (upload.documents[0].state, upload.documents[0].present) == (ReturnState.NEEDS_REVIEW, ())
    review = the_review(office)
    assert review.kind == ReviewKind.OUTDATED
    office.reviews.decide(person("Kim"), review.review_id, Decision(choice))
    for confirmation in open_reviews(office):
        office.reviews.decide(person("Kim"), confirmation.review_id, Decision("accept"))
    assert office.scans.get(SOMEBODY, upload.upload_id).documents[0].state == state


def test_another_annex_supersedes_none(office: ScanOffice) -> None:
    case_id = office.case()
    first = office.printed(case_id, kind=Kind.ANNEX)
    second = office.printed(case_id, kind=Kind.ANNEX, number=2, revision=2)
    for document_id in (first, second):
        assert verdicts(office.scan(both_pages(document_id))) == [PageVerdict.MATCHED] * 2
    while waiting := open_reviews(office):
        office.reviews.decide(person("Kim"), waiting[0].review_id, Decision("accept"))
    attached = office.scans.attachments(SOMEBODY, case_id).items
    assert {each.document_id: each.superseded_at for each in attached} == {first: None, second: None}


def test_pages_of_a_superseded_revision_are_outdated_and_none_is_missing(office: ScanOffice) -> None:
    case_id = office.case()
    old = office.printed(case_id, pages=3)
    office.printed(case_id, revision=2)
    (document,) = office.scan(both_pages(old)).documents
    assert (document.revision, document.missing, document.reasons) == (1, (), ("outdated", "question_open"))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("accept"))
    (document,) = office.scan([{"blank": True}, *both_pages(old)]).documents
    assert document.missing == (3,), "once a person says that it counts, it lacks what has not come"


@pytest.mark.parametrize("first", [1, 2])
def test_of_two_accepted_revisions_the_older_one_is_superseded_and_who_accepts_is_told(
    office: ScanOffice, first: int
) -> None:
    case_id = office.case()
    documents = {1: office.printed(case_id)}
    if first == 2:
        documents[2] = office.printed(case_id, revision=2)
    _accepted(office, documents[first], "Ana")
    if first == 1:
        documents[2] = office.printed(case_id, revision=2)
    office.printed(case_id, kind=Kind.ANNEX, revision=3)
    second = 3 - first
    told = _accepted(office, documents[second], "Kim")
    assert all(f"Revision {first}" in english and f"Fassung {first}" in german for english, german in told)

    attached = {attachment.revision: attachment for attachment in office.scans.attachments(SOMEBODY, case_id).items}
    assert attached[2].superseded_at is None
    assert attached[1].superseded_at is not None
    by = attached[1].superseded_by
    assert by is not None
    assert (by.attachment_id, by.revision) == (attached[2].attachment_id, 2)
    assert by.accepted_by == ("Ana" if first == 2 else "Kim")
    (older,) = office.scan([{"blank": True}, *both_pages(documents[1])]).documents
    assert (older.state, older.accepted_revisions) == (ReturnState.ACCEPTED, (2,))
    assert older.superseded_at == attached[1].superseded_at


def test_one_revision_alone_is_told_of_no_other(office: ScanOffice, document_id: str) -> None:
    assert all("evision" not in english for english, _ in _accepted(office, document_id, "Kim"))


def _accepted(office: ScanOffice, document_id: str, by: str) -> list[tuple[str, str]]:
    """Scan a document and say yes to all that is asked; what was said with each question and its answer."""
    office.scan(both_pages(document_id))
    told = []
    while waiting := [review for review in open_reviews(office) if review.document_id == document_id]:
        answered = office.reviews.decide(person(by), waiting[0].review_id, Decision("accept"))
        told += [(view.detail, view.detail_de) for view in (waiting[0], answered)]
    return told


def test_a_later_revision_leaves_what_was_accepted_alone(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    office.scan(both_pages(document_id))
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("accept"))
    office.printed(case_id, revision=2)
    again = office.scan([both_pages(document_id)[0], {"blank": True}])
    assert again.documents[0].state is ReturnState.ACCEPTED
    assert verdicts(again) == [PageVerdict.DUPLICATE, PageVerdict.BLANK]


def test_two_uploads_that_complete_one_document_at_once_complete_it_once(office: ScanOffice) -> None:
    case_id = office.case()
    ids = [office.printed(case_id) for _ in range(4)]
    halves = [[both_pages(document_id)[half] for document_id in ids] for half in (0, 1)]
    for half in halves:
        office.upload(half)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: office.work(), range(4)))
    office.work()
    assert {(review.kind, review.document_id) for review in open_reviews(office)} == {
        (ReviewKind.CONFIRM_SIGNATURES, document_id) for document_id in ids
    }


# -- given up, and going on --------------------------------------------------------------------------------------------


def test_followers_hear_every_step(office: ScanOffice, document_id: str) -> None:
    upload = office.scan(both_pages(document_id))
    names = [event.name for event in office.scans.events(SOMEBODY, upload.upload_id)]
    assert names == ["upload.received", "file.opened", "part.read", "upload.done"]
    with pytest.raises(NotFound):
        office.scans.events(SOMEBODY, "unknown")


def test_reviews_are_listed_in_pieces(office: ScanOffice) -> None:
    office.scan([{"letter": str(number)} for number in range(5)])
    first = office.reviews.list(SOMEBODY, 2)
    second = office.reviews.list(SOMEBODY, 3, first.next_cursor)
    assert (len(first.reviews), len(second.reviews), second.next_cursor) == (2, 3, None)
    assert not {review.review_id for review in first.reviews} & {review.review_id for review in second.reviews}
    for wrong in ("", "x", "Zm9v", "ö"):
        with pytest.raises(InvalidInput):
            office.reviews.list(SOMEBODY, 2, wrong)


def test_what_happens_is_kept_with_who_did_it_and_of_which_case(office: ScanOffice) -> None:
    case_id = office.case()
    document_id = office.printed(case_id)
    office.scan([both_pages(document_id)[0]])
    assigned(office, document_id, 2, signed=[PARTY, CITY])
    review_id = the_review(office).review_id
    office.reviews.decide(person("Robin"), review_id, Decision("accept"))
    with office.database.reading() as tx:
        told = [(each.name, each.actor_id) for each in tx.events.of_case(case_id)]
        attachment = tx.attachments.latest(document_id)
        (page,) = [each for each in tx.scan_pages.of_document(document_id) if each.page == 2]
    assert told == [
        ("document.returned", "task:scans.settle"),
        ("page.placed", "task:scans.reread"),
        ("review.opened", "task:scans.reread"),
        ("document.returned", "task:scans.reread"),
        ("review.decided", person("Robin").id),
        ("attachment.added", person("Robin").id),
        ("document.returned", person("Robin").id),
    ]
    assert attachment is not None
    assert (attachment.accepted_by, attachment.accepted_by_id) == ("Robin", person("Robin").id)
    assert (page.assigned_by, page.assigned_by_id, page.case_id) == ("Kim", person("Kim").id, case_id)


def test_what_is_not_there_is_said(office: ScanOffice) -> None:
    for ask in (office.scans.get, office.scans.retry, office.reviews.get, office.scans.picture):
        with pytest.raises(NotFound):
            ask(SOMEBODY, "0" * 20)
    with pytest.raises(NotFound):
        office.scans.crop(SOMEBODY, "0" * 20, PARTY)
    with pytest.raises(NotFound):
        office.scans.attachments(SOMEBODY, "0" * 20)


class Interrupted(PlainReader):
    """Something happens once, `meanwhile`, while a place is looked for or a page is read again."""

    meanwhile: Callable[[], object] | None = None

    def propose(self, picture: Picture, places: Iterable[Place]) -> Proposal | None:
        """See Reader."""
        self._let_it_happen()
        return super().propose(picture, places)

    def read_as(self, picture: Picture, document_id: str, page: int) -> ReadPage:
        """See Reader."""
        self._let_it_happen()
        return super().read_as(picture, document_id, page)

    def _let_it_happen(self) -> None:
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()


def test_pages_that_come_while_an_upload_is_settled_are_settled_too(tmp_path: Path) -> None:
    reader = Interrupted()
    office = ScanOffice(tmp_path, reader=reader)
    document_id = office.printed(office.case())
    upload_id = office.upload([{"letter": "Stadtwerke"}], [*both_pages(document_id), {"letter": "Amt"}]).upload_id
    with office.database.reading() as tx:
        files = tx.scan_files.of_upload(upload_id)
    for file in files:
        office.scans.intake.open(file.id)
    with office.database.reading() as tx:
        parts = {part.file_id: part.id for part in tx.scan_parts.of_upload(upload_id)}
    letter, lost = (parts[file.id] for file in files)
    office.scans.intake.read(letter)
    with office.database.transaction() as tx:
        office.scans.intake.abandon_part(tx, lost, "gave_up", "Given up.")

    def try_again() -> None:
        office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("retry"))
        office.scans.intake.read(lost)

    reader.meanwhile = try_again
    office.scans.matching.settle(upload_id)
    assert office.scans.get(SOMEBODY, upload_id).state is UploadState.SETTLING
    office.work()
    view = office.scans.whole(SOMEBODY, upload_id)
    assert (view.state, verdicts(view)) == (UploadState.DONE, ["foreign", "matched", "matched", "foreign"])
    assert [document.document_id for document in view.documents] == [document_id]
    assert [event.name for event in office.scans.events(SOMEBODY, upload_id)].count("upload.done") == 1
    office.database.close()


class Watched(Database):
    """Tells how it was opened last."""

    opened = ""

    @contextmanager
    def transaction(self, *, kept: bool = True) -> Iterator[Transaction]:
        """See Database."""
        self.opened = "to write"
        with super().transaction(kept=kept) as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """See Database."""
        self.opened = "to read"
        with super().reading() as tx:
            yield tx


def test_nobody_waits_for_an_answer_that_is_put_together(
    unlucky: tuple[ScanOffice, StatedClock], tmp_path: Path
) -> None:
    office, clock = unlucky
    watched = Watched(f"sqlite:///{tmp_path / 'docservice.sqlite'}")
    scans = replace(office.scans, database=watched)
    file = plain_file(tmp_path, "a.pdf", both_pages(office.printed(office.case()), hidden=True))
    upload_id = scans.receive(SOMEBODY, [file], "operator").upload_id
    assert watched.opened == "to read"
    try_for_long(office, clock)
    scans.retry(SOMEBODY, upload_id)
    assert watched.opened == "to read"
    try_for_long(office, clock)
    replace(office.reviews, database=watched).decide(person("Kim"), the_review(office).review_id, Decision("retry"))
    assert watched.opened == "to read"
    watched.close()


class Unlucky(PlainReader):
    """Fails for as long as `failing` is set, in a way that could pass."""

    def __init__(self) -> None:
        self.failing = True

    def propose(self, picture: Picture, places: Iterable[Place]) -> Proposal | None:
        """See Reader."""
        self._try()
        return super().propose(picture, places)

    def read_as(self, picture: Picture, document_id: str, page: int) -> ReadPage:
        """See Reader."""
        self._try()
        return super().read_as(picture, document_id, page)

    def _try(self) -> None:
        if self.failing:
            raise DocserviceError("engine_busy", "The engine is busy.", retryable=True)


@pytest.fixture
def reader() -> Unlucky:
    return Unlucky()


@pytest.fixture
def unlucky(tmp_path: Path, reader: Unlucky) -> Iterator[tuple[ScanOffice, StatedClock]]:
    """An office whose reader fails, and the clock by which it tries again."""
    clock = StatedClock()
    office = ScanOffice(tmp_path, reader=reader, clock=clock)
    yield office, clock
    office.database.close()


def try_for_long(office: ScanOffice, clock: StatedClock) -> None:
    for _ in range(4):
        office.work()
        clock.advance(timedelta(minutes=6))


def test_an_upload_that_cannot_be_judged_says_so_and_is_tried_again(
    unlucky: tuple[ScanOffice, StatedClock], reader: Unlucky
) -> None:
    office, clock = unlucky
    pages = both_pages(office.printed(office.case()), hidden=True)
    upload_id = office.upload(pages).upload_id
    try_for_long(office, clock)
    failed = office.scans.get(SOMEBODY, upload_id)
    assert (failed.state, failed.error and failed.error.code, failed.final) == (UploadState.FAILED, "gave_up", True)
    review = the_review(office)
    assert (review.kind, review.reason) == (ReviewKind.FILE, "upload_failed")

    reader.failing = False
    assert office.upload(pages).upload_id == upload_id  # the same bytes again: another try
    office.work()
    assert office.scans.get(SOMEBODY, upload_id).state is UploadState.DONE
    assert office.reviews.get(SOMEBODY, review.review_id).state is ReviewState.WITHDRAWN
    with pytest.raises(Conflict):
        office.scans.retry(SOMEBODY, upload_id)


def test_a_failed_upload_is_tried_again_from_the_review_queue(
    unlucky: tuple[ScanOffice, StatedClock], reader: Unlucky
) -> None:
    office, clock = unlucky
    upload_id = office.upload(both_pages(office.printed(office.case()), hidden=True)).upload_id
    try_for_long(office, clock)
    reader.failing = False
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("retry"))
    office.work()
    assert office.scans.get(SOMEBODY, upload_id).state is UploadState.DONE


def test_a_page_that_cannot_be_read_again_counts_and_its_zones_are_asked_about(
    unlucky: tuple[ScanOffice, StatedClock], reader: Unlucky
) -> None:
    office, clock = unlucky
    reader.failing = False
    upload = office.scan(both_pages(office.printed(office.case()), hidden=True))
    reader.failing = True
    office.reviews.decide(person("Kim"), the_review(office).review_id, Decision("confirm_proposal"))
    try_for_long(office, clock)
    assert office.scans.whole(SOMEBODY, upload.upload_id).pages[1].verdict is PageVerdict.MATCHED
    assert {(review.kind, review.reason) for review in open_reviews(office)} == {(ReviewKind.ZONE, "not_read")}


def test_an_upload_that_everybody_forgot_is_found_and_finished(tmp_path: Path) -> None:
    clock = StatedClock()
    office = ScanOffice(tmp_path, clock=clock)
    upload_id = office.upload(both_pages(office.printed(office.case()))).upload_id
    for job in office.jobs.due():  # as when a backup without its jobs is restored
        claimed = office.jobs.claim(job.id, "nobody", 1)
        assert claimed is not None
        office.jobs.complete(claimed)
    office.scans.schedule_rescue()
    office.scans.schedule_rescue()
    clock.advance(timedelta(minutes=25))
    office.work()
    assert office.scans.get(SOMEBODY, upload_id).state is UploadState.DONE
    with office.database.reading() as tx:
        assert len(tx.jobs.unfinished([f"rescue-{int(clock.now().timestamp() // 600) + 1}"])) == 1
    office.database.close()


def test_nothing_personal_is_in_jobs_and_events(office: ScanOffice, document_id: str) -> None:
    upload = office.upload(
        both_pages(document_id), {"refused": "broken"}, names=["Wilhelmine Canary.pdf", "Canary Brief.pdf"]
    )
    office.work()
    with office.database.reading() as tx:
        events = tx.events.after(SubjectKind.UPLOAD, upload.upload_id)
        files = tx.scan_files.of_upload(upload.upload_id)
    assert "Canary" not in str(events)
    assert [file.name for file in files] == ["Wilhelmine Canary.pdf", "Canary Brief.pdf"]
    assert "Canary" not in "".join(file.blob_key + str(file.error_detail) + str(file.error_detail_de) for file in files)
