"""The Celery application: queues and limits. It carries a task name and a job id, never data; it keeps no results."""

from __future__ import annotations

import os
import socket

from celery import Celery
from kombu import Queue
from kombu.utils.scheduling import priority_cycle

from docservice.jobs.tasks import INTERACTIVE, QUEUES
from workers import transport

SOFT_LIMIT_SECONDS = 120
HARD_LIMIT_SECONDS = 150
VISIBILITY_SECONDS = 600
"""When a lost message would come back by the broker alone; must exceed the hard limit. The relay is far quicker."""
START_SECONDS = 60
"""How long a worker process may take until it is ready; Celery would kill it after 4 s, too soon on a busy machine."""
MOST_MEMORY_KIB = 400 * 1024
"""A worker process that has grown beyond this is replaced after its task."""


class InteractiveFirst(priority_cycle):  # type: ignore[misc]
    """The order in which a worker empties its queues.

    The transport's own order "priority" takes them from a set, so which one goes ahead would be left to chance.
    """

    def consume(self, n: int) -> list[str]:
        """The queues in the order of `QUEUES`."""
        return sorted(self.items[:n], key=QUEUES.index)


def create_app(broker_url: str) -> Celery:
    """The application on that broker, without tasks. Opens no connection."""
    transport.install()
    app = Celery("docservice", broker=broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,  # for ever: something else decides whether the worker is worth its place
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "socket_connect_timeout": 1,
            "socket_timeout": 30,
            "health_check_interval": 25,
            "visibility_timeout": VISIBILITY_SECONDS,
            "queue_order_strategy": f"{__name__}:{InteractiveFirst.__name__}",
        },
        enable_utc=True,
        task_acks_late=True,
        task_create_missing_queues=False,
        task_default_queue=INTERACTIVE,
        task_ignore_result=True,
        task_publish_retry=False,
        task_queues=[Queue(name, routing_key=name) for name in QUEUES],
        task_reject_on_worker_lost=True,
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        task_time_limit=HARD_LIMIT_SECONDS,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # True makes the worker crash instead
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_max_memory_per_child=MOST_MEMORY_KIB,
        worker_prefetch_multiplier=1,
        worker_proc_alive_timeout=START_SECONDS,
        worker_redirect_stdouts=False,
    )
    return app


def serve(app: Celery, processes: int) -> int:
    """Work until a signal ends it: SIGTERM finishes the tasks at hand, SIGQUIT leaves them to others; exit status.

    The worker is made directly: Celery's command line would add half a second of imports to every start.
    """
    worker = app.Worker(
        concurrency=processes,
        hostname=f"{os.getpid()}@{socket.gethostname()}",
        loglevel="WARNING",
        pool_cls="prefork",
        quiet=True,
        without_gossip=True,
        without_heartbeat=True,
        without_mingle=True,
    )
    worker.start()
    return int(worker.exitcode or 0)
