"""An office that has printed documents and gets them back: the scan service on stand-in files, with its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from docservice.db.bundles import RenderedFiles
from docservice.db.unit_of_work import Database
from docservice.domain.kinds import Kind
from docservice.domain.returned.return_verdict import SignaturePolicy
from docservice.domain.sources import Clock, RandomIds, SystemClock
from docservice.jobs.runner import JobRunner
from docservice.jobs.service import JobService
from docservice.jobs.tasks import PACKAGE
from docservice.own_pages.service import OwnPages
from docservice.reviews.effects import by_kind
from docservice.reviews.questions import Questions
from docservice.reviews.service import ReviewService
from docservice.scans.intake.part_reader import PartReader
from docservice.scans.intake.ports import Opener, Reader
from docservice.scans.intake.service import Intake
from docservice.scans.intake.upload_workflow import UploadWorkflow
from docservice.scans.matching.service import Matching
from docservice.scans.service import ScanService
from docservice.scans.views import UploadView, WholeUploadView
from docservice.storage.service import BlobStore, open_store
from docservice.tools.untrusted.page_streams import PageStreams
from tests.support.actors import SOMEBODY
from tests.support.documents_to_do import a_bundle, a_case, a_document
from tests.support.plain_scans import Page, PlainFiles, PlainReader, plain_file
from tests.support.programs import short_folder
from tests.support.tiny_worker import FILES

PARTY, CITY = "party-1", "city-1"


class ScanOffice:
    """The parts, the printed documents, and a runner that does every job that waits."""

    def __init__(
        self,
        folder: Path,
        database: Database | None = None,
        *,
        policy: SignaturePolicy = SignaturePolicy.PERSON,
        blobs: BlobStore | None = None,
        files: Opener | None = None,
        reader: Reader | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.folder = folder
        if database is None:
            (folder / "docservice.sqlite").write_bytes(_empty_database())
            database = Database(f"sqlite:///{folder / 'docservice.sqlite'}")
        self.database = database
        self.clock, self.ids = clock or SystemClock(), RandomIds()
        self.jobs = JobService(self.database, self.clock.now, self.ids.new)
        self.blobs = blobs or open_store((folder / "blobs").as_uri())
        self.own_pages = OwnPages(self.database, self.blobs, PageStreams(), self.jobs)
        questions = Questions(self.clock, self.ids)
        part_reader = PartReader(self.blobs, files or PlainFiles(), reader or PlainReader(), self.clock, self.own_pages)
        workflow = UploadWorkflow(self.jobs, self.clock, self.ids, questions)
        self.scans = ScanService(
            database=self.database,
            blobs=self.blobs,
            workflow=workflow,
            intake=Intake(self.database, part_reader, workflow),
            matching=Matching(
                self.database, part_reader, workflow, questions, self.jobs, self.clock, self.ids, policy=policy
            ),
            jobs=self.jobs,
            clock=self.clock,
            device=None,
        )
        self.reviews = ReviewService(self.database, self.clock, by_kind(self.scans.effects()))
        self.archived: list[str] = []

    def case(self) -> str:
        """A new case."""
        case = a_case(self.ids.new())
        with self.database.transaction() as tx:
            tx.cases.add(case)
        return case.id

    def printed(
        self, case_id: str, pages: int = 2, *, revision: int = 1, kind: Kind = Kind.AGREEMENT, number: int = 1
    ) -> str:
        """A document of the case that was printed, its signature zones on the last page."""
        bundle_id, document_id = self.ids.new(), self.ids.new()
        zones = tuple(
            {
                "zone_id": zone_id,
                "role": zone_id.partition("-")[0],
                "signer": "Ana Példa",
                "required": zone_id != "interpreter-1",
                "page": pages,
                "rect": [72.0, 100.0, 260.0, 140.0],
            }
            for zone_id in (PARTY, CITY, "interpreter-1")
        )
        with self.database.transaction() as tx:
            tx.bundles.add(a_bundle(bundle_id, case_id))
            tx.documents.add_all(
                [replace(a_document(document_id, bundle_id, case_id, 1), kind=kind, number=number, revision=revision)]
            )
            tx.documents.start(document_id)
            files: RenderedFiles = replace(FILES, pages=pages, zones=zones)
            tx.documents.complete(document_id, files, self.clock.now())
        return document_id

    def upload(self, *files: Sequence[Page] | Page, names: Sequence[str] = ()) -> UploadView:
        """Hand in files."""
        received = [
            plain_file(self.folder, names[number] if names else f"stack-{number}.pdf", pages)
            for number, pages in enumerate(files)
        ]
        return self.scans.receive(SOMEBODY, received, "operator")

    def scan(self, *files: Sequence[Page] | Page) -> WholeUploadView:
        """Hand in files and do all work that follows."""
        upload = self.upload(*files)
        self.work()
        return self.scans.whole(SOMEBODY, upload.upload_id)

    def work(self) -> None:
        """Do every job that is due, until none is left; jobs of the archive are noted."""
        runner = JobRunner(self.jobs, (*self.scans.tasks(), *self.own_pages.tasks()), "office")
        while due := self.jobs.due():
            for job in due:
                if job.task == PACKAGE.name:
                    self.archived.append(job.subject_id)
                    claimed = self.jobs.claim(job.id, "archive", 60)
                    assert claimed is not None
                    self.jobs.complete(claimed)
                else:
                    runner.run(job.id)


def both_pages(document_id: str, **last: object) -> list[Page]:
    """The two pages of a document, signed by all unless `last` says otherwise."""
    return [
        {"document": document_id, "page": 1},
        {"document": document_id, "page": 2, "signed": [PARTY, CITY], **last},
    ]


@cache
def _empty_database() -> bytes:
    """An SQLite file with the newest tables, made once: migrating takes longer than most of the tests."""
    with short_folder() as folder:
        database = Database(f"sqlite:///{folder / 'empty.sqlite'}")
        database.upgrade()
        database.close()
        return (folder / "empty.sqlite").read_bytes()
