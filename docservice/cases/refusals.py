"""Why a case or an entry of its record is not read or changed."""

from __future__ import annotations

from docservice.domain.errors import Conflict, NotFound


def no_such_case() -> NotFound:
    """No case has this id."""
    return NotFound(
        "not_found",
        "There is no case with this id. Check the address.",
        detail_de="Es gibt keinen Fall mit dieser Kennung. Bitte die Adresse prüfen.",
    )


def stale() -> Conflict:
    """Somebody else was faster."""
    return Conflict(
        "stale_revision",
        "Somebody has changed this case since you read it. Read it again and repeat your change.",
        detail_de="Der Fall wurde inzwischen geändert. Bitte neu laden und die Änderung wiederholen.",
    )
