"""Can what the service needs be reached? Each probe takes about a second at most and raises when it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from redis import Redis

from docservice.bootstrap import Services

Probe = Callable[[], object]
_SOCKET_SCHEME = "redis+socket://"


def probes_of(services: Services, broker_url: str) -> Mapping[str, Probe]:
    """The probes of an installation: database, blobs, broker."""
    return {
        "database": services.database.version,
        "blobs": lambda: services.blobs.exists("health"),
        "broker": lambda: ping_broker(broker_url),
    }


def ping_broker(url: str) -> None:
    """Ask the broker for a sign of life, within a second."""
    address = url.replace(_SOCKET_SCHEME, "unix://", 1)
    with Redis.from_url(address, socket_connect_timeout=1, socket_timeout=1) as client:
        client.ping()


def failed(probe: Probe) -> bool:
    """Whether the probe raised. What it raised is not told: addresses and drivers' words are nobody's business."""
    try:
        probe()
    except Exception:
        return True
    return False
