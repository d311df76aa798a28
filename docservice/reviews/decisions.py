"""What a person says to a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docservice.db.columns.types import JsonObject
from docservice.domain.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True)
class Decision:
    """One of the choices of a review. `assign` names the document and the page."""

    choice: str
    document_id: str | None = None
    page: int | None = None


def choose(decision: Decision, offered: Sequence[str]) -> JsonObject:
    """The decision as it is kept when its choice says it all; InvalidInput when it is not offered."""
    if decision.choice not in offered:
        known = ", ".join(offered)
        raise InvalidInput([Fault.told("decision", "reviews.not_a_choice", example=offered[0], offered=known)])
    return {"choice": decision.choice}
