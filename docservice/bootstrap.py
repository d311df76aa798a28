"""Builds the service from its settings: the one place where parts are chosen and put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docservice.accounts.service import AccountService
from docservice.bundles.job import RenderBundle
from docservice.bundles.service import RENDER_TASK, BundleService
from docservice.cases.service import CaseService
from docservice.db.unit_of_work import Database
from docservice.domain.sources import Clock, IdSource, RandomIds, SystemClock
from docservice.jobs.runner import Handler
from docservice.jobs.service import JobService
from docservice.settings import Settings
from docservice.storage.service import BlobStore, open_store
from docservice.templates.service import TemplateLibrary
from docservice.tools.codes import CodeDrawer, CodeReader
from docservice.tools.process import Limits
from docservice.tools.typst import SupervisedTypst, Typesetter, fast_allocator


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the API, the command line and the workers use. Built once per process; never shared across a fork."""

    settings: Settings
    clock: Clock
    ids: IdSource
    database: Database
    blobs: BlobStore
    templates: TemplateLibrary
    typesetter: Typesetter
    accounts: AccountService
    cases: CaseService
    jobs: JobService
    bundles: BundleService

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """The work behind each task name."""
        return {RENDER_TASK: RenderBundle(self.bundles)}

    def close(self) -> None:
        """End the typesetter's process and close idle database connections."""
        self.typesetter.close()
        self.database.close()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    typesetter: Typesetter | None = None,
    blobs: BlobStore | None = None,
    templates: TemplateLibrary | None = None,
) -> Services:
    """Put the parts together; callers may hand in parts of their own. Opens no connection and starts no process."""
    clock = clock or SystemClock()
    ids = ids or RandomIds()
    database = Database(settings.database_url)
    blobs = blobs or open_store(settings.blob_url)
    templates = templates or TemplateLibrary(settings.templates_dir)
    typesetter = typesetter or SupervisedTypst(
        root=settings.templates_dir / "pdf",
        fonts=settings.templates_dir / "fonts",
        limits=Limits(seconds=settings.typeset_seconds, memory_bytes=settings.typeset_mebibytes << 20),
        allocator=fast_allocator(),
    )
    jobs = JobService(database, clock.now, ids.new)
    bundles = BundleService(
        database=database,
        blobs=blobs,
        templates=templates,
        typesetter=typesetter,
        code_drawer=CodeDrawer(),
        code_reader=CodeReader(),
        jobs=jobs,
        clock=clock,
        ids=ids,
        authority=settings.authority,
    )
    return Services(
        settings=settings,
        clock=clock,
        ids=ids,
        database=database,
        blobs=blobs,
        templates=templates,
        typesetter=typesetter,
        accounts=AccountService(database, clock, ids),
        cases=CaseService(database, clock, ids),
        jobs=jobs,
        bundles=bundles,
    )
