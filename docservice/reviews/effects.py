"""What a room does about the questions it asks. Handed in by `bootstrap`, as the tasks of the rooms are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from docservice.db.columns.types import JsonObject
from docservice.db.reviews import ReviewRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.actors import Actor
from docservice.domain.errors import Conflict
from docservice.reviews.decisions import Decision
from docservice.reviews.views import ReviewView


def decided_for_good(tx: Transaction, actor: Actor, review: ReviewRecord, decision: JsonObject) -> None:
    """Another answer is not taken: Conflict."""
    raise Conflict.told("reviews.already_decided")


@dataclass(frozen=True, slots=True)
class Effect:
    """What follows from the answers to questions of one kind. All of it happens in one transaction.

    `show` makes the views of some of them, in the given order; it may be the same for several kinds, which are then
    shown together. `check` turns a decision into what is kept of it and raises InvalidInput with every fault. `apply`
    lets it take effect. `correct` is called before another decision takes the place of an earlier one, and is then
    applied: it takes back what the earlier one did, or raises a Conflict. Both act in the name of who decided.
    """

    kind: str
    show: Callable[[Transaction, Sequence[ReviewRecord]], Sequence[ReviewView]]
    check: Callable[[Transaction, ReviewRecord, Decision], JsonObject]
    apply: Callable[[Transaction, Actor, ReviewRecord, JsonObject], None]
    correct: Callable[[Transaction, Actor, ReviewRecord, JsonObject], None] = decided_for_good


def by_kind(effects: Iterable[Effect]) -> Mapping[str, Effect]:
    """The effects by kind of question. A kind that two rooms claim is a ValueError."""
    found: dict[str, Effect] = {}
    for effect in effects:
        if found.setdefault(effect.kind, effect) is not effect:
            raise ValueError(f"two effects of one kind: {effect.kind}")
    return found
