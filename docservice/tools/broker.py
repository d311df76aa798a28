"""The message broker, Redis or Valkey, as far as this side of it goes: does it answer?"""

from __future__ import annotations

from redis import Redis

_SOCKET_SCHEME = "redis+socket://"  # what Celery calls the unix:// of the Redis client


def ping(url: str) -> None:
    """Ask the broker at a Celery address for a sign of life, within a second; raises when there is none."""
    address = url.replace(_SOCKET_SCHEME, "unix://", 1)
    with Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1) as client:
        client.ping()
