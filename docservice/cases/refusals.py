"""Why a case or an entry of its record is not changed."""

from __future__ import annotations

from docservice.domain.errors import Conflict


def stale() -> Conflict:
    """Somebody else was faster."""
    return Conflict(
        "stale_revision",
        "Somebody has changed this case since you read it. Read it again and repeat your change.",
        detail_de="Der Fall wurde inzwischen geändert. Bitte neu laden und die Änderung wiederholen.",
    )
