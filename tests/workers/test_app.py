"""The settings that keep work from being lost or doubled."""

from __future__ import annotations

from docservice.jobs.tasks import BATCH, INTERACTIVE
from workers.app import InteractiveFirst, create_app


def test_the_worker_looks_into_the_interactive_queue_first_in_whatever_order_it_is_told_of_them() -> None:
    order = InteractiveFirst()
    for queues in ([BATCH, INTERACTIVE], [INTERACTIVE, BATCH]):
        order.update(queues)
        assert order.consume(2) == [INTERACTIVE, BATCH]
        order.rotate(INTERACTIVE)
        assert order.consume(2) == [INTERACTIVE, BATCH]


def test_a_task_is_stopped_before_the_broker_could_give_it_to_another_worker() -> None:
    conf = create_app("redis+socket:///nowhere").conf
    visibility = conf.broker_transport_options["visibility_timeout"]
    assert conf.task_soft_time_limit < conf.task_time_limit < visibility


def test_tasks_keep_their_message_until_they_are_done_and_no_result() -> None:
    conf = create_app("redis+socket:///nowhere").conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert conf.result_backend is None
    assert conf.worker_prefetch_multiplier == 1
    assert not conf.task_publish_retry
    assert not conf.worker_cancel_long_running_tasks_on_connection_loss
