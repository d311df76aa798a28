"""What the room says when it cannot do what was asked: one sentence each, in both languages of the office."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docservice.domain.errors import Conflict, Fault, InvalidInput


def already_decided() -> Conflict:
    """Somebody else has answered this review in another way."""
    return Conflict(
        "already_decided",
        "This review has been decided otherwise; load it again to see by whom.",
        detail_de="Diese Prüfung ist schon anders entschieden; bitte neu laden, um zu sehen, von wem.",
    )


def withdrawn() -> Conflict:
    """The question of the review does not stand any more."""
    return Conflict(
        "withdrawn",
        "This review has settled itself, such as by a better scan; nothing needs to be decided.",
        detail_de="Diese Prüfung hat sich erledigt, etwa durch einen besseren Scan; es ist nichts zu entscheiden.",
    )


def not_a_choice(choices: Sequence[str]) -> InvalidInput:
    """A decision that this review does not offer."""
    offered = ", ".join(choices)
    return InvalidInput(
        [
            Fault(
                "decision",
                "not_a_choice",
                f"Diese Prüfung bietet an: {offered}.",
                f"This review offers: {offered}.",
                choices[0],
            )
        ]
    )


def unknown_kind(kinds: Iterable[str]) -> InvalidInput:
    """A list of reviews of a kind that there is not."""
    known = sorted(kinds)
    example = next(iter(known), None)
    return InvalidInput([Fault.told("kind", "reviews.unknown_kind", example=example, kinds=", ".join(known))])
