"""Who acts in tests."""

from __future__ import annotations

from docservice.domain.actors import Actor, ActorKind


def person(name: str) -> Actor:
    """Somebody of this name; the same name is the same person."""
    return Actor(f"user:{name}", name, ActorKind.PERSON)


SOMEBODY = person("Somebody")
