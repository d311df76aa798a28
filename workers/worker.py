"""`python -m workers.worker`: a Celery worker for both queues, by the settings of the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from billiard.exceptions import SoftTimeLimitExceeded

from docservice import bootstrap
from docservice.bundles.word import PLACEHOLDERS
from docservice.domain.sources import SystemClock, office_day
from docservice.jobs.runner import JobRunner
from docservice.settings import Settings
from docservice.templates.service import TemplateLibrary
from docservice.tools.own_process import identity
from workers import archive, bundles, scans
from workers.app import create_app, serve
from workers.log import configure_log
from workers.process import WorkerProcess


def main() -> int:
    configure_log()
    settings = Settings.from_environment(os.environ)
    templates = TemplateLibrary(settings.templates_dir, PLACEHOLDERS)
    if settings.warm_up:  # before the fork: the processes share what was compiled
        templates.warm_up(office_day(SystemClock().now()))
    process = WorkerProcess(lambda: service_runner(settings, templates))
    process.connect()
    app = create_app(settings.broker_url)
    bundles.register(app, process.run)
    scans.register(app, process.run)
    archive.register(app, process.run)
    return serve(app, settings.workers)


@contextmanager
def service_runner(settings: Settings, templates: TemplateLibrary) -> Iterator[JobRunner]:
    """The runner of all jobs of the service, on the parts `settings` name; the first job finds its engines warm."""
    services = bootstrap.build(settings, templates=templates, overrun=SoftTimeLimitExceeded)
    try:
        services.bundles.warm_up()
        services.schedule()
        yield JobRunner(services.jobs, services.handlers, identity(), overrun=SoftTimeLimitExceeded)
    finally:
        services.close()


if __name__ == "__main__":
    sys.exit(main())
