"""Who acts: every service is told first in whose name it does something, and keeps it with what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """`SERVICE`: docservice itself, at a task that nobody is waiting for by name."""

    PERSON = "person"
    PROGRAM = "program"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts. `id` stays the same for ever; `name` is what evidence shows, as it was when something was done."""

    id: str
    name: str
    kind: ActorKind


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever acted, as it was kept. There is no id where a release acted that kept names only."""

    id: str | None
    name: str


def at_task(task: str) -> Actor:
    """docservice itself, at this task: what nobody else has decided is done in its name."""
    return Actor(f"task:{task}", "docservice", ActorKind.SERVICE)
