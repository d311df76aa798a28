"""`python -m workers.worker`: a Celery worker for all queues, by the settings of the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from billiard.exceptions import SoftTimeLimitExceeded
from celery import Celery

from docservice import bootstrap
from docservice.bundles.word import PLACEHOLDERS
from docservice.domain.sources import SystemClock, office_day
from docservice.jobs.runner import JobRunner
from docservice.jobs.tasks import by_name
from docservice.settings import Settings
from docservice.templates.service import TemplateLibrary
from docservice.tools.own_process import identity
from workers.alive import AliveFile
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
    AliveFile(settings.alive_file).follow_worker()
    app = create_app(settings.broker_url)
    register_tasks(app, task_names(settings, templates), process.run)
    return serve(app, settings.workers)


def task_names(settings: Settings, templates: TemplateLibrary) -> tuple[str, ...]:
    """The names of all that the service does by jobs. Its parts are built for that, and not kept over the fork."""
    services = bootstrap.build(settings, templates=templates)
    services.close()
    return tuple(by_name(services.tasks))


def register_tasks(app: Celery, names: Iterable[str], run: Callable[[str], None]) -> None:
    """Make the tasks known to `app`; `run` does the job whose id a message carries."""
    for name in names:
        app.task(name=name)(run)


@contextmanager
def service_runner(settings: Settings, templates: TemplateLibrary) -> Iterator[JobRunner]:
    """The runner of all jobs of the service, on the parts `settings` name; the first job finds its engines warm."""
    services = bootstrap.build(settings, templates=templates, overrun=SoftTimeLimitExceeded)
    try:
        services.bundles.warm_up()
        services.schedule()
        yield JobRunner(services.jobs, services.tasks, identity(), overrun=SoftTimeLimitExceeded)
    finally:
        services.close()


if __name__ == "__main__":
    sys.exit(main())
