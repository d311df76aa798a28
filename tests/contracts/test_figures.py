"""The figures of the office are counted alike by both databases, through the very steps of cases and scans."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from docservice.cases.record.service import RecordService
from docservice.cases.service import CaseService
from docservice.db.unit_of_work import Database
from docservice.domain.kinds import KINDS, Kind
from docservice.domain.record.periods import BenefitStatus
from docservice.domain.record.subjects import EntryState, Subject
from docservice.domain.sources import RandomIds
from docservice.reports.answers import InterimAnswer
from docservice.reports.service import ReportService
from docservice.reviews.decisions import Decision
from docservice.tools.typst import SupervisedTypst
from tests.support.actors import SOMEBODY
from tests.support.content import TEMPLATES, library
from tests.support.fixtures import load_case
from tests.support.report_office import SIGNED, Rows
from tests.support.scan_office import ScanOffice, both_pages
from tests.support.sources import CountedIds, StatedClock


def reports_of(database: Database, clock: StatedClock) -> ReportService:
    typst = SupervisedTypst(TEMPLATES / "pdf", TEMPLATES / "fonts")  # starts nothing until it is asked
    return ReportService(database, library(), typst, clock, CountedIds(), "dortmund", 28)


def test_a_family_is_counted_by_what_happens_to_it(database: Database, database_url: str) -> None:
    clock, ids = StatedClock(datetime(2026, 12, 3, 9, 0, tzinfo=UTC)), RandomIds()
    cases, records = CaseService(database, clock, ids), RecordService(database, clock, ids)
    reports = reports_of(database, clock)

    def report() -> InterimAnswer:
        return reports.interim(SOMEBODY, "2026-12-01", "2026-12-31").answer

    def move(subject: Subject, number: int, state: EntryState) -> None:
        present = records.get(SOMEBODY, case_id, subject, number)
        records.change(SOMEBODY, case_id, subject, number, {"state": state.value}, present.revision)

    case_id = cases.create(SOMEBODY, load_case("01-miller")).case_id
    assert (report()["in_preparation"], report()["agreements"], report()["persons"]) == (1, 0, 0)

    for number in (1, 2):
        contact = {"at": f"2026-12-0{number}T10:00+01:00", "kind": "visit"}
        assert records.add(SOMEBODY, case_id, Subject.CONTACT, contact).number == number
    move(Subject.CONTACT, 2, EntryState.VOID)
    for state in SIGNED:
        assert report()["in_preparation"] == 1
        move(Subject.AGREEMENT, 1, state)
    told = report()
    assert (told["contacts"], told["agreements"], told["persons"], told["in_preparation"]) == (1, 1, 2, 0)
    assert (told["persons_per_agreement"], told["off_benefit_share"]) == (2.0, 0.0)

    with database.reading() as tx:
        anna = tx.persons.members(case_id)[0].person_id
    full, none = BenefitStatus.FULL, BenefitStatus.NONE
    rows = Rows(ids)
    rows.benefits(case_id, anna, [(full, date(2026, 1, 1), date(2026, 12, 1)), (none, date(2026, 12, 2), None)])
    rows.write(database_url)
    assert (report()["off_benefit"], report()["off_benefit_share"]) == (1, 0.5)

    # a typing error is mended: the next edition is a draft, and what was concluded stays so
    revision = cases.get(SOMEBODY, case_id).revision
    cases.change(SOMEBODY, case_id, {"agreement": {"goals": [{"de": "Ein anderes Ziel."}]}}, revision)
    assert records.get(SOMEBODY, case_id, Subject.AGREEMENT, 1).edition == 2
    clock.advance(timedelta(days=40))
    assert report() == told | {"off_benefit": 1, "off_benefit_share": 0.5} | {"by_month": report()["by_month"]}
    for state in SIGNED:
        move(Subject.AGREEMENT, 1, state)
    assert (report()["agreements"], report()["persons"]) == (1, 2)
    january = reports.interim(SOMEBODY, "2027-01-01", "2027-01-12").answer
    assert (january["agreements"], january["in_preparation"]) == (0, 0)


def test_documents_are_counted_by_what_came_back(database: Database, tmp_path: Path) -> None:
    clock = StatedClock(datetime(2025, 2, 3, 9, 0, tzinfo=UTC))
    office, reports = ScanOffice(tmp_path, database, clock=clock), reports_of(database, clock)
    case_id = office.case()
    signed, torn = office.printed(case_id), office.printed(case_id, kind=Kind.HELP_PLAN)
    office.printed(case_id, kind=Kind.ANNEX, number=1)
    office.printed(case_id, kind=Kind.ANNEX, number=2)
    office.printed(case_id, kind=Kind.ANNEX, number=2, revision=2)  # in the place of the one before
    office.scan(both_pages(signed), both_pages(torn)[:1])
    (review,) = office.reviews.list(SOMEBODY, 10).reviews
    before = reports.returns(SOMEBODY, "2025-02-01", "2025-02-28").answer
    assert (before["printed"], before["in_review"], before["overdue"]) == (5, 1, 0)
    office.reviews.decide(SOMEBODY, review.review_id, Decision("accept"))
    office.work()

    clock.advance(timedelta(days=29))
    answer = reports.returns(SOMEBODY, "2025-02-01", "2025-02-28").answer
    told = {
        name: answer[name] for name in ("printed", "returned", "in_review", "incomplete", "outstanding", "replaced")
    }
    assert told == {"printed": 5, "returned": 1, "in_review": 0, "incomplete": 1, "outstanding": 2, "replaced": 1}
    assert (answer["overdue"], answer["as_of"]) == (3, date(2025, 3, 4))
    kinds = {row["kind"]: (row["printed"], row["returned"], row["overdue"]) for row in answer["by_kind"]}
    printed = {Kind.AGREEMENT: (1, 1, 0), Kind.ANNEX: (3, 0, 2), Kind.HELP_PLAN: (1, 0, 1)}
    assert kinds == {kind: (0, 0, 0) for kind in Kind if KINDS[kind].signed} | printed, (
        "what nobody signs is not waited for"
    )
    assert [(row["days"], row["printed"]) for row in answer["by_age"]][1:3] == [("8-28", 0), ("29-84", 5)]
    assert reports.returns(SOMEBODY, "2025-02-04", "2025-02-28").answer["printed"] == 0
    assert reports.returns(SOMEBODY, "2025-02-03", "2025-02-03").answer["printed"] == 5
