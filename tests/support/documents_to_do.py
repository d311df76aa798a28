"""Jobs whose effect can be counted, for the small tasks of `tiny_worker`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from docservice.cases.snapshots import CURRENT
from docservice.db.bundles import BundleRecord, DocumentRecord
from docservice.db.cases import CaseRecord
from docservice.db.events import EventName, SubjectKind
from docservice.db.jobs import Job
from docservice.db.unit_of_work import Database
from docservice.domain.kinds import Kind
from docservice.domain.sources import RandomIds, SystemClock
from docservice.domain.states import BundleState, DocumentState
from docservice.jobs.service import JobService
from docservice.jobs.tasks import INTERACTIVE, TaskName


class DocumentsToDo:
    """One bundle with as many documents as jobs are asked for."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SystemClock()
        self.ids = RandomIds()
        self.jobs = JobService(database, self.clock.now, self.ids.new)
        self.bundle_id, self.case_id = self.ids.new(), self.ids.new()
        self._position = 0
        with database.transaction() as tx:
            case = a_case(self.case_id)
            tx.cases.add(case)
            tx.bundles.add(a_bundle(self.bundle_id, case.id))

    def ask(self, task: str = "tests.work", queue: str = INTERACTIVE, max_attempts: int = 3) -> tuple[str, str]:
        """One more document and its job; the ids of both."""
        document_id = self.ids.new()
        self._position += 1
        with self.database.transaction() as tx:
            tx.documents.add_all([a_document(document_id, self.bundle_id, self.case_id, self._position)])
            job_id = self.jobs.enqueue(tx, TaskName(task, queue), document_id, max_attempts=max_attempts)
        return document_id, job_id

    def job(self, job_id: str) -> Job:
        with self.database.reading() as tx:
            job = tx.jobs.get(job_id)
        assert job is not None
        return job

    def document(self, document_id: str) -> DocumentRecord:
        with self.database.reading() as tx:
            document = tx.documents.get(document_id)
        assert document is not None
        return document

    def states(self) -> Mapping[DocumentState, int]:
        """How many documents stand in which state."""
        with self.database.reading() as tx:
            return Counter(document.state for document in tx.documents.of_bundle(self.bundle_id))

    def order(self, name: EventName) -> list[str]:
        """The documents for which the event `name` was written, in the order of the events."""
        with self.database.reading() as tx:
            events = tx.events.after(SubjectKind.BUNDLE, self.bundle_id, limit=100_000)
        return [str(event.data["document_id"]) for event in events if event.name == name]

    def count(self, name: EventName) -> Mapping[str, int]:
        """How often the event `name` was written for each document."""
        return Counter(self.order(name))


def a_case(case_id: str) -> CaseRecord:
    now = SystemClock().now()
    return CaseRecord(case_id, 1, "IV-2026-0815", CURRENT, {"persons": ["Ana Példa"], "größe": 1}, now, now)


def a_bundle(bundle_id: str, case_id: str) -> BundleRecord:
    return BundleRecord(
        id=bundle_id,
        case_id=case_id,
        case_revision=1,
        state=BundleState.QUEUED,
        languages=("de", "ru"),
        template_date=date(2026, 12, 3),
        options={"copies": ["city", "family"], "duplex": True},
        snapshot_version=CURRENT,
        snapshot={"case": 1},
        snapshot_sha256="0" * 64,
        job_id="job",
        created_at=SystemClock().now(),
    )


def a_document(document_id: str, bundle_id: str, case_id: str, position: int) -> DocumentRecord:
    return DocumentRecord(document_id, bundle_id, case_id, position, Kind.AGREEMENT, 1, 1, "agreement/2026-01")
