"""The message broker, Redis or Valkey, as far as this side of it goes: does it answer, and who wakes the relay?"""

from __future__ import annotations

import time
from functools import cached_property

from redis import Redis
from redis.exceptions import RedisError

_SOCKET_SCHEME = "redis+socket://"  # what Celery calls the unix:// of the Redis client
_BELL = "docservice:bell"
_SILENT_SECONDS = 5.0


def ping(url: str) -> None:
    """Ask the broker at a Celery address for a sign of life, within a second; raises when there is none."""
    with Redis.from_url(_address(url), socket_connect_timeout=1, socket_timeout=1) as client:
        client.ping()


class Bell:
    """Tells the relays, through the broker at a Celery address, that a job was written, so that they need not look all
    the time. Nothing hangs on it: a relay looks by itself once a second. Not to be shared across a fork once used."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._silent_until = 0.0

    def ring(self) -> None:
        """Wake one relay. Never raises; a broker that did not answer is left in peace for some seconds."""
        if not self._url or time.monotonic() < self._silent_until:
            return
        try:
            with self._ringing.pipeline(transaction=False) as commands:
                commands.lpush(_BELL, b"")
                commands.ltrim(_BELL, 0, 0)
                commands.execute()
        except (RedisError, OSError):
            self._silent_until = time.monotonic() + _SILENT_SECONDS

    def wait(self, seconds: float) -> None:
        """Wait for a ring, or so many seconds; raises RedisError or OSError when the broker does not answer."""
        self._waiting.blpop([_BELL], timeout=seconds)

    def close(self) -> None:
        """Drop the connection; the next call makes a new one."""
        for name in ("_ringing", "_waiting"):
            client = self.__dict__.pop(name, None)
            if client is not None:
                client.close()

    @cached_property
    def _ringing(self) -> Redis:
        """Whoever rings has people waiting."""
        return Redis.from_url(_address(self._url), socket_connect_timeout=0.3, socket_timeout=0.3)

    @cached_property
    def _waiting(self) -> Redis:
        return Redis.from_url(_address(self._url), socket_connect_timeout=1, socket_timeout=5)


def _address(url: str) -> str:
    return url.replace(_SOCKET_SCHEME, "unix://", 1)
