"""What the entries of the record say that are no papers: assessments, appointments, contacts, breaches.

Every field has its confidentiality class, as those of `domain/cases` do. None of these records is part of a case file,
which is all that a document is made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, get_args

from docservice.domain.cases import K0, K2, K3, BilingualText, Confidentiality, WarningCode, classed
from docservice.domain.forms import Between, Entries, FreeText, Line, OneOf, PersonId, SpokenLanguage
from docservice.domain.record.subjects import EndReason, EntryState


class Block(StrEnum):
    """The parts of the social and competence analysis."""

    FAMILY = "family"
    HOUSING = "housing"
    HEALTH = "health"  # only what limits a goal
    LANGUAGE = "language"
    SCHOOL_AND_VOCATION = "school_and_vocation"
    WORK_HISTORY = "work_history"
    MOBILITY = "mobility"
    FINANCES = "finances"
    CHILDCARE = "childcare"
    PARTICIPATION = "participation"
    STRENGTHS_AND_WISHES = "strengths_and_wishes"
    BARRIERS = "barriers"
    RESULT = "result"


class Source(StrEnum):
    """How the office knows something."""

    TOLD = "told"
    DOCUMENT_SEEN = "document_seen"
    OBSERVED = "observed"
    EARLIER_OFFICE = "earlier_office"


class ContactKind(StrEnum):
    """How an Einzelkontakt came about."""

    VISIT = "visit"
    HOME_VISIT = "home_visit"
    PHONE = "phone"
    MAIL = "mail"
    ACCOMPANIMENT = "accompaniment"
    PARTNER = "partner"


class Consequence(StrEnum):
    """What the office did after a breach; it never cuts a benefit itself."""

    TALK = "talk"
    NEW_DEADLINE = "new_deadline"
    PLAN_CHANGED = "plan_changed"
    REFERRED = "referred"  # to the benefit authority, which has a procedure of its own


@dataclass(frozen=True, slots=True)
class AssessmentFinding:
    """One thing that was found; each has a class of its own."""

    text: FreeText = classed(K3)
    block: Block | None = classed(K2, None)  # not yet sorted into one
    heading: Line | None = classed(K3, None)
    source: Source | None = classed(K2, None)
    found_on: date | None = classed(K2, None)
    confidentiality: Confidentiality = classed(K2, Confidentiality.K2)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A version of the social and competence analysis (Sozial- und Kompetenzanalyse)."""

    day: date | None = classed(K2, None)
    findings: Annotated[tuple[AssessmentFinding, ...], Entries(400)] = classed(K2, ())


@dataclass(frozen=True, slots=True)
class PlannedAppointment:
    """A talk that is planned, was held or was missed."""

    start: datetime = classed(K0)  # Europe/Berlin, with offset
    minutes: Annotated[int, Between(5, 600)] = classed(K0, 60)
    place: BilingualText | None = classed(K0, None)
    room: Line | None = classed(K0, None)
    documents_to_bring: BilingualText | None = classed(K0, None)
    phone: Line | None = classed(K0, None)
    persons: Annotated[tuple[PersonId, ...], Entries(20)] = classed(K2, ())
    staff: Line | None = classed(K2, None)
    language: SpokenLanguage | None = classed(K2, None)
    needs_interpreter: bool = classed(K2, False)
    annex: Annotated[int, Between(1, 999)] | None = classed(K2, None)  # that announces it
    note: FreeText | None = classed(K3, None)
    confirmed_warnings: Annotated[tuple[Annotated[str, OneOf(get_args(WarningCode))], ...], Entries(20)] = classed(
        K2, ()
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """A single contact (Einzelkontakt), as the interim report counts them."""

    at: datetime = classed(K2)
    kind: ContactKind = classed(K2)
    minutes: Annotated[int, Between(1, 1440)] | None = classed(K2, None)
    persons: Annotated[tuple[PersonId, ...], Entries(20)] = classed(K2, ())
    topic: Line | None = classed(K2, None)
    note: FreeText | None = classed(K3, None)


@dataclass(frozen=True, slots=True)
class Breach:
    """A duty that was not kept (Verletzung der Mitwirkungspflicht): what happened, and that the client was heard."""

    day: date = classed(K2)
    clause: Line = classed(K2)
    facts: FreeText = classed(K3)
    agreement: Annotated[int, Between(1, 999)] | None = classed(K2, None)
    heard_on: date | None = classed(K2, None)
    reason: FreeText | None = classed(K3, None)  # wichtiger Grund, as the client gave it
    consequence: Consequence | None = classed(K2, None)
    referred_on: date | None = classed(K2, None)
    legal_frame: Line | None = classed(K2, None)


@dataclass(frozen=True, slots=True)
class StateChange:
    """The state an entry goes over into: since which day, and, when it ends, why. With `correction`, what is said of an
    entry that was printed makes its next edition (Fassung)."""

    state: EntryState | None = classed(K2, None)
    on: date | None = classed(K2, None)
    reason: EndReason | None = classed(K2, None)
    correction: bool = classed(K2, False)
