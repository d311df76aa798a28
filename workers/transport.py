"""Redis as the broker, with a mend: a message that could not be acknowledged no longer takes a place in the worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kombu.transport import TRANSPORT_ALIASES, redis


class QoS(redis.QoS):  # type: ignore[misc]
    """Counts what the worker holds, and gives a place back even when the broker cannot be told.

    kombu keeps the place then: a worker whose processes all finish while the broker is away is full for ever, reads its
    connection no more, does not see that it is lost, and turns idle at full speed. The message itself does no harm when
    it comes again: the job table knows that its job is done.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge, or raise the broker's error."""
        with self._place_given_back(delivery_tag):
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Hand back, or raise the broker's error."""
        with self._place_given_back(delivery_tag):
            super().reject(delivery_tag, requeue)

    @contextmanager
    def _place_given_back(self, delivery_tag: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._quick_ack(delivery_tag)
            raise


class Channel(redis.Channel):  # type: ignore[misc]
    """A channel that counts so."""

    QoS = QoS


class Transport(redis.Transport):  # type: ignore[misc]
    """The transport of kombu with such channels."""

    Channel = Channel


def install() -> None:
    """Let URLs of `redis` and `rediss`, which includes unix sockets, be opened with this transport."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:{Transport.__name__}"))
