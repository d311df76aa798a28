"""Builds the service from its settings: the one place where parts are chosen and put together."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta

from docservice.accounts.service import AccountService
from docservice.archive.service import ArchiveService
from docservice.bundles.calendar import Calendars
from docservice.bundles.papers import Papers
from docservice.bundles.printed.touched import PrintedDocuments
from docservice.bundles.rendering import Rendering
from docservice.bundles.service import BundleService
from docservice.bundles.word import PLACEHOLDERS
from docservice.cases.partners.service import PartnerService
from docservice.cases.record.persons import PersonService
from docservice.cases.record.service import RecordService
from docservice.cases.search.service import SearchService
from docservice.cases.service import CaseService
from docservice.db.unit_of_work import Database
from docservice.domain.sources import Clock, IdSource, RandomIds, SystemClock
from docservice.jobs.pruning import Ages, Pruning
from docservice.jobs.service import JobService
from docservice.jobs.tasks import Task
from docservice.own_pages.service import OwnPages
from docservice.reports.service import ReportService
from docservice.reviews.effects import by_kind
from docservice.reviews.questions import Questions
from docservice.reviews.service import ReviewService
from docservice.scans.intake.leftovers import Leftovers
from docservice.scans.intake.part_reader import PartReader
from docservice.scans.intake.ports import Opener, Reader
from docservice.scans.intake.reception import Incoming, UploadLimits
from docservice.scans.intake.service import Intake
from docservice.scans.intake.upload_workflow import UploadWorkflow
from docservice.scans.matching.service import Matching
from docservice.scans.reading.page_reader import PageReader
from docservice.scans.reading.printed_documents import KnownDocuments
from docservice.scans.reading.reference_pages import ReferencePages
from docservice.scans.service import ScanService
from docservice.settings import Settings
from docservice.storage.local_copies import LocalCopies
from docservice.storage.service import BlobStore, open_store
from docservice.templates.service import TemplateLibrary
from docservice.tools.broker import Bell
from docservice.tools.codes import CodeDrawer, CodeReader
from docservice.tools.process import Limits
from docservice.tools.tesseract import Tesseract
from docservice.tools.typst import SupervisedTypst, Typesetter, fast_allocator
from docservice.tools.untrusted.page_streams import PageStreams
from docservice.tools.untrusted.pictures import FileLimits, PictureFiles


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the API, the command line and the workers use. Built once per process; never shared across a fork."""

    settings: Settings
    clock: Clock
    ids: IdSource
    database: Database
    blobs: BlobStore  # what may be deleted
    vault: BlobStore  # what must last: closed packages
    templates: TemplateLibrary
    typesetter: Typesetter
    accounts: AccountService
    cases: CaseService
    search: SearchService
    records: RecordService
    partners: PartnerService
    persons: PersonService
    jobs: JobService
    pruning: Pruning
    bundles: BundleService
    printed: PrintedDocuments
    calendars: Calendars
    incoming: Incoming
    own_pages: OwnPages
    scans: ScanService
    reviews: ReviewService
    leftovers: Leftovers
    archive: ArchiveService
    reports: ReportService

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All that is done by jobs."""
        rooms = (self.bundles, self.scans, self.own_pages, self.leftovers, self.archive, self.pruning)
        return tuple(task for room in rooms for task in room.tasks())

    def schedule(self) -> None:
        """Make sure that what is done again and again is due: looking for forgotten uploads and for leftovers, fixity,
        erasing what is too old.

        Once is enough, more often does no harm.
        """
        self.scans.schedule_rescue()
        self.leftovers.schedule()
        self.archive.schedule_fixity()
        self.pruning.schedule()

    def close(self) -> None:
        """End the typesetter's process and close idle database connections."""
        self.typesetter.close()
        self.database.close()


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the rooms share."""

    settings: Settings
    clock: Clock
    ids: IdSource
    database: Database
    blobs: BlobStore
    vault: BlobStore
    templates: TemplateLibrary
    typesetter: Typesetter
    jobs: JobService
    questions: Questions
    own_pages: OwnPages
    pictures: PictureFiles
    overrun: type[Exception]


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    typesetter: Typesetter | None = None,
    blobs: BlobStore | None = None,
    vault: BlobStore | None = None,
    templates: TemplateLibrary | None = None,
    picture_files: Opener | None = None,
    page_reader: Reader | None = None,
    overrun: type[Exception] = TimeoutError,
) -> Services:
    """Put the parts together; callers may hand in parts of their own. Opens no connection, starts no process and
    no thread.

    `overrun` is what the surroundings raise into work that takes too long.
    """
    clock, ids = clock or SystemClock(), ids or RandomIds()
    bell = Bell(settings.broker_url)
    database = Database(settings.database_url, pool_size=settings.pool_size, job_written=bell.ring)
    jobs = JobService(database, clock.now, ids.new)
    blobs = blobs or _blobs(settings)
    parts = _Shared(
        settings=settings,
        clock=clock,
        ids=ids,
        database=database,
        blobs=blobs,
        vault=vault or _vault(settings),
        templates=templates or TemplateLibrary(settings.templates_dir, PLACEHOLDERS),
        typesetter=typesetter or _typesetter(settings),
        jobs=jobs,
        questions=Questions(clock, ids),
        own_pages=OwnPages(database, blobs, PageStreams(), jobs),
        pictures=PictureFiles(FileLimits(pages=settings.scan_pages)),
        overrun=overrun,
    )
    return _services(parts, _scans(parts, picture_files, page_reader))


def _services(parts: _Shared, scans: ScanService) -> Services:
    """The rooms, on what they share."""
    settings, clock, ids, database = parts.settings, parts.clock, parts.ids, parts.database
    asking = (scans,)
    return Services(
        settings=settings,
        clock=clock,
        ids=ids,
        database=database,
        blobs=parts.blobs,
        vault=parts.vault,
        templates=parts.templates,
        typesetter=parts.typesetter,
        accounts=AccountService(database, clock, ids),
        cases=CaseService(database, clock, ids),
        search=SearchService(database, clock, settings.overdue_days),
        records=RecordService(database, clock, ids),
        partners=PartnerService(database, clock, ids),
        persons=PersonService(database, clock, ids),
        jobs=parts.jobs,
        pruning=_pruning(parts),
        bundles=_bundles(parts),
        printed=PrintedDocuments(database, _papers(parts)),
        calendars=Calendars(database, parts.templates, clock),
        incoming=_incoming(settings),
        own_pages=parts.own_pages,
        scans=scans,
        reviews=ReviewService(database, clock, by_kind(effect for room in asking for effect in room.effects())),
        leftovers=Leftovers(database, parts.blobs, parts.jobs, clock),
        archive=_archive(parts),
        reports=_reports(parts),
    )


def _blobs(settings: Settings) -> BlobStore:
    copies = LocalCopies(settings.data_dir / "copies" / "blobs", settings.cache_mebibytes << 20)
    return open_store(settings.blob_url, copies)


def _vault(settings: Settings) -> BlobStore:
    never_an_old_copy = LocalCopies(settings.data_dir / "copies" / "vault", most_bytes=0)
    return open_store(settings.vault_url, never_an_old_copy)


def _typesetter(settings: Settings) -> Typesetter:
    return SupervisedTypst(
        root=settings.templates_dir / "pdf",
        fonts=settings.templates_dir / "fonts",
        limits=Limits(seconds=settings.typeset_seconds, memory_bytes=settings.typeset_mebibytes << 20),
        allocator=fast_allocator(),
    )


def _papers(parts: _Shared) -> Papers:
    return Papers(parts.templates, parts.typesetter, CodeDrawer(), CodeReader(), parts.settings.authority)


def _bundles(parts: _Shared) -> BundleService:
    papers = _papers(parts)
    rendering = Rendering(parts.database, parts.blobs, papers, parts.clock, parts.ids, parts.overrun)
    return BundleService(parts.database, parts.templates, papers, rendering, parts.jobs, parts.clock, parts.ids)


def _scans(parts: _Shared, picture_files: Opener | None, page_reader: Reader | None) -> ScanService:
    references = ReferencePages(KnownDocuments(parts.database, parts.blobs), CodeReader())
    workflow = UploadWorkflow(parts.jobs, parts.clock, parts.ids, parts.questions)
    part_reader = PartReader(
        blobs=parts.blobs,
        files=picture_files or parts.pictures,
        reader=page_reader or PageReader(CodeReader(), references),
        clock=parts.clock,
        own_pages=parts.own_pages,
        overrun=parts.overrun,
    )
    matching = Matching(
        database=parts.database,
        reader=part_reader,
        workflow=workflow,
        questions=parts.questions,
        jobs=parts.jobs,
        clock=parts.clock,
        ids=parts.ids,
        policy=parts.settings.signature_policy,
    )
    return ScanService(
        database=parts.database,
        blobs=parts.blobs,
        workflow=workflow,
        intake=Intake(parts.database, part_reader, workflow),
        matching=matching,
        jobs=parts.jobs,
        clock=parts.clock,
        device=parts.settings.scan_device,
    )


def _archive(parts: _Shared) -> ArchiveService:
    return ArchiveService(
        database=parts.database,
        blobs=parts.blobs,
        vault=parts.vault,
        templates=parts.templates,
        typesetter=parts.typesetter,
        files=parts.pictures,
        own_pages=parts.own_pages,
        recogniser=Tesseract(shutil.which("tesseract")),
        jobs=parts.jobs,
        clock=parts.clock,
        ids=parts.ids,
        scratch=parts.settings.data_dir / "archiving",
    )


def _reports(parts: _Shared) -> ReportService:
    return ReportService(
        database=parts.database,
        templates=parts.templates,
        typesetter=parts.typesetter,
        clock=parts.clock,
        ids=parts.ids,
        authority=parts.settings.authority,
        overdue_days=parts.settings.overdue_days,
    )


def _pruning(parts: _Shared) -> Pruning:
    ages = Ages(
        jobs=timedelta(days=parts.settings.keep_jobs_days),
        idempotency_keys=timedelta(days=parts.settings.keep_keys_days),
        fixity_passes=timedelta(days=parts.settings.keep_checks_days),
    )
    return Pruning(parts.database, parts.jobs, parts.clock, ages)


def _incoming(settings: Settings) -> Incoming:
    size = settings.scan_mebibytes << 20
    limits = UploadLimits(total_bytes=size, file_bytes=size, files=settings.scan_files)
    return Incoming(settings.data_dir / "incoming", limits)
