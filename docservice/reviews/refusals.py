"""What the room says when it cannot do what was asked: one sentence each, in both languages of the office."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docservice.domain.errors import Conflict, Fault, InvalidInput


def already_decided() -> Conflict:
    """Somebody else has answered this review in another way."""
    return Conflict.told("reviews.already_decided")


def withdrawn() -> Conflict:
    """The question of the review does not stand any more."""
    return Conflict.told("reviews.withdrawn")


def not_a_choice(choices: Sequence[str]) -> InvalidInput:
    """A decision that this review does not offer."""
    offered = ", ".join(choices)
    return InvalidInput([Fault.told("decision", "reviews.not_a_choice", example=choices[0], offered=offered)])


def unknown_kind(kinds: Iterable[str]) -> InvalidInput:
    """A list of reviews of a kind that there is not."""
    known = sorted(kinds)
    example = next(iter(known), None)
    return InvalidInput([Fault.told("kind", "reviews.unknown_kind", example=example, kinds=", ".join(known))])
