"""`python -m workers.relay`: carries due jobs from the database to the broker, and brings back what got lost.

Any number of relays may run. A relay that dies between taking a job and sending it costs that job a few seconds.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol

import structlog
from celery import Celery
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from docservice.db.jobs import Job
from docservice.db.unit_of_work import Database
from docservice.domain.errors import DocserviceError
from docservice.domain.sources import RandomIds, SystemClock
from docservice.jobs.service import JobService
from docservice.settings import Settings
from docservice.tools.broker import Bell
from workers.alive import AliveFile
from workers.app import create_app
from workers.log import configure_log

LOOK_SECONDS = 1.0
"""A relay that nobody wakes looks by itself so often: for jobs that were put off, and for those whose ring was lost."""
GATHER_SECONDS = 0.03
"""After something was sent: what is ordered one after the other goes on its way together, with one commit for many."""
SWEEP_SECONDS = 1.0
PAUSE_SECONDS = 0.25
"""After a failure of broker or database."""
LOST_AFTER = timedelta(seconds=2)
"""A job sent longer ago whose queue at the broker is empty: its message is gone."""
SURELY_LOST_AFTER = timedelta(minutes=10)
"""A job sent longer ago is sent again even while others wait; a spare message does no harm."""

_log = structlog.get_logger(__name__)

BrokerFailed = (KombuError, RedisError, OSError)


class Publisher(Protocol):
    """The broker as the relay sees it. Each method raises one of `BrokerFailed` when it cannot do its work."""

    def send(self, job: Job) -> None:
        """Hand over the name of the task and the id of the job."""

    def waiting(self, queue: str) -> int:
        """How many messages wait in the queue."""

    def close(self) -> None:
        """Drop the connection, whatever state it is in; the next call makes a new one."""


class CeleryPublisher:
    """A Publisher over one connection of a Celery application."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._connection: Any = None
        self._producer: Any = None

    def send(self, job: Job) -> None:
        """See Publisher. The message goes by the name of its queue: it needs no binding a broker could lose."""
        self._connect()
        self._app.send_task(job.task, args=(job.id,), queue=job.queue, producer=self._producer)

    def waiting(self, queue: str) -> int:
        """See Publisher."""
        self._connect()
        return int(self._connection.default_channel.queue_declare(queue).message_count)

    def close(self) -> None:
        """See Publisher."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            with suppress(*BrokerFailed):
                connection.release()

    def _connect(self) -> None:
        if self._connection is None:
            self._connection = self._app.connection_for_write()
            self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)


class Relay:
    """One round of it is `step`."""

    def __init__(
        self, jobs: JobService, publisher: Publisher, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._jobs = jobs
        self._publisher = publisher
        self._monotonic = monotonic
        self._sweep_at = 0.0

    def step(self) -> int:
        """Send what is due, and now and then look for what got lost; how many were sent. One statement at rest."""
        if self._jobs.idle():
            return 0
        if self._monotonic() >= self._sweep_at:
            self._sweep_at = self._monotonic() + SWEEP_SECONDS
            self._bring_back()
        return self._send_due()

    def _send_due(self) -> int:
        unsent = list(self._jobs.due())
        sent = len(unsent)
        try:
            while unsent:
                self._publisher.send(unsent[0])
                unsent.pop(0)
        finally:
            if unsent:
                self._jobs.not_sent(*(job.id for job in unsent))
        return sent

    def _bring_back(self) -> None:
        for job in self._jobs.sweep():
            _log.warning("lease_expired", job=job.id, attempts=job.attempts)
        for queue, count in self._jobs.unclaimed(LOST_AFTER).items():
            if self._publisher.waiting(queue) == 0:
                self._resend(queue, LOST_AFTER, count)
            else:
                self._resend(queue, SURELY_LOST_AFTER, 0)

    def _resend(self, queue: str, older_than: timedelta, expected: int) -> None:
        resent = self._jobs.resend(queue, older_than)
        if resent:
            _log.warning("messages_lost", queue=queue, jobs=resent, expected=expected)


def run(
    relay: Relay,
    publisher: Publisher,
    wait: Callable[[float], object],
    stop: threading.Event,
    goes_on: Callable[[], object] = lambda: None,
) -> None:
    """Relay until `stop`. `wait` waits so many seconds, or until there is work, and raises one of `BrokerFailed`;
    `goes_on` is called after each round that went well.

    A failing broker or database is waited for; it is told once, not at every round.
    """
    failing = ""
    while not stop.is_set():
        try:
            if relay.step():
                stop.wait(GATHER_SECONDS)
            else:
                wait(LOOK_SECONDS)
            if failing:
                _log.info("relay_recovered")
                failing = ""
            goes_on()
        except (*BrokerFailed, DocserviceError) as error:
            publisher.close()
            failure = error.code if isinstance(error, DocserviceError) else "broker_unavailable"
            if failure != failing:
                _log.warning("relay_waits", reason=failure, error=type(error).__name__)
                failing = failure
            stop.wait(PAUSE_SECONDS)


def main() -> None:
    configure_log()
    settings = Settings.from_environment(os.environ)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    clock, ids = SystemClock(), RandomIds()
    database = Database(settings.database_url)
    publisher, bell = CeleryPublisher(create_app(settings.broker_url)), Bell(settings.broker_url)
    try:
        relay = Relay(JobService(database, clock.now, ids.new), publisher)
        run(relay, publisher, bell.wait, stop, AliveFile(settings.alive_file).touch)
    finally:
        bell.close()
        publisher.close()
        database.close()


if __name__ == "__main__":
    main()
