"""What the record of a case (Fallakte) is made of, and the states each part goes through."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Subject(StrEnum):
    """What an entry of the record is. Entries of one subject are numbered within their case."""

    AGREEMENT = "agreement"
    ANNEX = "annex"  # belongs to one agreement
    HELP_PLAN = "help_plan"  # its number is the plan's version
    ASSESSMENT = "assessment"  # Sozial- und Kompetenzanalyse; its number is its version
    APPOINTMENT = "appointment"
    CONTACT = "contact"  # Einzelkontakt
    BREACH = "breach"  # recorded, never acted upon


PAPERS: Final = (Subject.AGREEMENT, Subject.ANNEX, Subject.HELP_PLAN)
"""What is printed and signed."""


class EntryState(StrEnum):
    """How far an entry is; `TRANSITIONS` says which of these a subject has."""

    DRAFT = "draft"
    GENERATED = "generated"  # documents were made of it: what it says never changes again
    PRINTED = "printed"
    PARTIALLY_SIGNED = "partially_signed"
    SIGNED = "signed"
    ACTIVE = "active"
    ENDED = "ended"
    REFUSED = "refused"  # the client does not sign
    VOID = "void"  # a misprint or a slip, replaced
    PLANNED = "planned"
    KEPT = "kept"
    MISSED = "missed"
    CANCELLED = "cancelled"
    RECORDED = "recorded"


class EndReason(StrEnum):
    """Why an agreement, an annex or a plan ended."""

    FULFILLED = "fulfilled"
    TERMINATED_BY_CLIENT = "terminated_by_client"
    TERMINATED_BY_CITY = "terminated_by_city"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"
    SUPERSEDED = "superseded"


_S = EntryState
_PAPER: Final = {
    _S.DRAFT: {_S.GENERATED, _S.VOID},
    _S.GENERATED: {_S.PRINTED, _S.PARTIALLY_SIGNED, _S.SIGNED, _S.REFUSED, _S.VOID},
    _S.PRINTED: {_S.PARTIALLY_SIGNED, _S.SIGNED, _S.REFUSED, _S.VOID},
    _S.PARTIALLY_SIGNED: {_S.SIGNED, _S.REFUSED, _S.VOID},
    _S.SIGNED: {_S.ACTIVE, _S.ENDED},
    _S.ACTIVE: {_S.ENDED},
    _S.ENDED: set(),
    _S.REFUSED: {_S.VOID},
    _S.VOID: set(),
}
_NOTED: Final = {_S.RECORDED: {_S.VOID}, _S.VOID: set()}
_MEETING: Final = {
    _S.PLANNED: {_S.KEPT, _S.MISSED, _S.CANCELLED},
    _S.KEPT: {_S.MISSED},  # a slip of the hand is mended
    _S.MISSED: {_S.KEPT},
    _S.CANCELLED: set(),
}
TRANSITIONS: Final[Mapping[Subject, Mapping[EntryState, set[EntryState]]]] = MappingProxyType(
    {
        Subject.AGREEMENT: _PAPER,
        Subject.ANNEX: _PAPER,
        Subject.HELP_PLAN: _PAPER,
        Subject.ASSESSMENT: _NOTED,
        Subject.APPOINTMENT: _MEETING,
        Subject.CONTACT: _NOTED,
        Subject.BREACH: _NOTED,
    }
)
"""By subject and state: the states that may follow. The first state is the one an entry begins in."""

IN_PREPARATION: Final = (_S.DRAFT, _S.GENERATED, _S.PRINTED, _S.PARTIALLY_SIGNED)
CONCLUDED: Final = (_S.SIGNED, _S.ACTIVE)
GONE: Final = (_S.REFUSED, _S.VOID)
"""What is in one of these was never agreed: nothing follows from it."""
STANDING: Final = (*IN_PREPARATION, *CONCLUDED)
"""An agreement in one of these binds its parties, or is about to."""


def first_state(subject: Subject) -> EntryState:
    """The state in which an entry begins."""
    return next(iter(TRANSITIONS[subject]))


def may_follow(subject: Subject, state: EntryState, following: EntryState) -> bool:
    """Whether an entry of that state may go over into the other."""
    return following in TRANSITIONS[subject].get(state, ())


def may_change(subject: Subject, state: EntryState) -> bool:
    """Whether what an entry says may still be changed: of a paper, as long as no document was made of it."""
    return state is first_state(subject)
