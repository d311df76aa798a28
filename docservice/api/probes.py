"""Can what the service needs be reached? Each probe takes about a second at most and raises when it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import uuid4

from docservice.bootstrap import Services
from docservice.storage.service import BlobStore
from docservice.tools.broker import ping

Probe = Callable[[], object]


def probes_of(services: Services, broker_url: str) -> Mapping[str, Probe]:
    """The probes of an installation: database, blobs (both stores), broker."""
    return {
        "database": services.database.version,
        "blobs": lambda: _takes_files(services.blobs) and services.vault.exists("health"),
        "broker": lambda: ping(broker_url),
    }


def _takes_files(store: BlobStore) -> bool:
    """A store that is full still reads. The vault is only read: what is put there may have to stay."""
    key = f"health/{uuid4()}"
    store.put(key, b"ready?")
    store.delete(key)
    return True


def failed(probe: Probe) -> bool:
    """Whether the probe raised. What it raised is not told: addresses and drivers' words are nobody's business."""
    try:
        probe()
    except Exception:  # noqa: BLE001 - every failure means: not reachable
        return True
    return False
