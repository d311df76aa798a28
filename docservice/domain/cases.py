"""The case (Fall) as the office knows it: persons, the agreement to conclude, its annex and help plan.

Every field carries a confidentiality class (domain rule R11): K0 may appear in any document, K1 in the help plan as
well, K2 is internal, K3 is health and other data of Art. 9 GDPR. `KINDS` in `kinds.py` says which classes a document
may show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.forms import (
    Between,
    CaseNumber,
    Entries,
    FreeText,
    Guardians,
    Line,
    Name,
    OneOf,
    Origin,
    OriginalName,
    PartnerId,
    PersonId,
    Script,
    SecondLanguage,
    SpokenLanguage,
    StatusCode,
)

OF_AGE = 18  # completed years, § 2 BGB


class Confidentiality(StrEnum):
    """K0 any document; K1 help plan only; K2 internal; K3 Art. 9 GDPR."""

    K0 = "K0"
    K1 = "K1"
    K2 = "K2"
    K3 = "K3"


def classed(
    level: Confidentiality,
    default: Any = ...,
    *,
    one_alone: bool = False,
    asked: bool = False,
    blank: Any = ...,
    handed_in: bool = True,
) -> Any:
    """A dataclass field of the given confidentiality class. With `one_alone`, a list of one is written as JSON
    without its brackets. A field that is `asked` must be handed in, whatever its default. `blank` is what a document
    sees that must not see a field without a default. What is not `handed_in` is put there by the service alone."""
    metadata = {"confidentiality": level, "one_alone": one_alone, "asked": asked, "handed_in": handed_in}
    if blank is not ...:
        metadata["blank"] = blank
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


K0, K1, K2, K3 = Confidentiality.K0, Confidentiality.K1, Confidentiality.K2, Confidentiality.K3


WarningCode = Literal[
    "appointment_on_sunday",
    "appointment_on_holiday",
    "appointment_outside_office_hours",
    "appointment_in_doubled_hour",
]
"""What the office may confirm: that a case is meant as it stands."""


class Salutation(StrEnum):
    """Form of address; a person may have none (neutral)."""

    FRAU = "frau"
    HERR = "herr"


class GuardianKind(StrEnum):
    """In which capacity somebody signs in another person's place."""

    PARENTS = "parents"  # Eltern: both together or one alone, § 1629 BGB
    GUARDIAN = "guardian"  # Vormund or Pfleger of a minor, §§ 1773, 1809 BGB
    BETREUUNG = "betreuung"  # rechtliche Betreuung of an adult, § 1814 BGB


class GoalArea(StrEnum):
    """The four goal areas of the model's help plan."""

    HOUSING = "wohnen"
    LANGUAGE_EDUCATION = "sprache_bildung"
    WORK = "arbeit"
    PARTICIPATION = "teilhabe"


class Responsible(StrEnum):
    """Who answers for a measure."""

    CLIENT = "client"
    CITY = "city"
    PARTNER = "partner"


class GoalState(StrEnum):
    """How far a goal is."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    ACHIEVED = "achieved"
    PARTLY = "partly"
    NOT_ACHIEVED = "not_achieved"
    DROPPED = "dropped"


class MeasureState(StrEnum):
    """How far a measure is."""

    PLANNED = "planned"
    AGREED = "agreed"
    RUNNING = "running"
    COMPLETED = "completed"
    ABORTED = "aborted"


class AbortReason(StrEnum):
    """Why a measure was broken off; nobody is to blame by this word."""

    CLIENT = "client"
    PROVIDER = "provider"
    HEALTH = "health"
    MOVED = "moved"
    OTHER = "other"


def minority(born: PartialDate | None, of_age: bool | None, day: date) -> bool | None:
    """Whether somebody is under age on a day; None when neither the birth date nor the office's finding tells."""
    if born is not None and born.greatest_age_on(day) < OF_AGE:
        return True
    if born is not None and born.age_on(day) >= OF_AGE:
        return False
    return None if of_age is None else not of_age


@dataclass(frozen=True, slots=True)
class OriginalScriptName:
    """A name in the script of the home country."""

    script: Script = classed(K0)  # ISO 15924; a name is checked by its script, not by DIN 91379
    language: SpokenLanguage = classed(K0)  # BCP 47
    family_name: OriginalName | None = classed(K0, None)  # one of the two may be missing, as in the legal name
    given_names: OriginalName | None = classed(K0, None)
    patronymic: OriginalName | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class LegalStatus:
    """A residence or admission status with its validity."""

    code: StatusCode = classed(K2)  # recorded, not printed
    valid_from: date | None = classed(K2, None)
    valid_to: date | None = classed(K2, None)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the case; `id` is what other fields refer to.

    Who has one name only has it in one of the two legal names; the other is left out ("-" and "XXX" are no names).
    `guardian` names who signs for a minor or a ward; `guardian_kind` in which capacity; `guardian_scope` the tasks of
    a Betreuung (Aufgabenkreis). `of_age` is the office's finding where the birth date leaves the age open.
    """

    id: PersonId = classed(K0)
    # Names are printed exactly as stored (NFC), never harmonised or transliterated; what is missing is None.
    legal_family_name: Name | None = classed(K0, None)
    legal_given_names: Name | None = classed(K0, None)
    name_prefix: Name | None = classed(K0, None)
    academic_title: Name | None = classed(K0, None)
    name_suffix: Name | None = classed(K0, None)
    birth_name: Name | None = classed(K1, None)
    salutation: Salutation | None = classed(K0, None)
    birth_date: PartialDate | None = classed(K0, None)
    birth_place: Line | None = classed(K1, None)
    original_script_names: Annotated[tuple[OriginalScriptName, ...], Entries(5)] = classed(K0, ())
    guardian: Guardians = classed(K0, (), one_alone=True)  # ids of the one or two who sign
    guardian_kind: GuardianKind | None = classed(K0, None)
    guardian_scope: Line | None = classed(K2, None)  # shows who may sign, never printed
    of_age: bool | None = classed(K0, None)
    languages: Annotated[tuple[SpokenLanguage, ...], Entries(10)] = classed(K1, ())
    needs_interpreter: bool = classed(K1, False)
    address: Line | None = classed(K2, None)
    phone: Line | None = classed(K2, None)
    legal_status: Annotated[tuple[LegalStatus, ...], Entries(20)] = classed(K2, ())
    notes: FreeText | None = classed(K2, None)
    health: FreeText | None = classed(K3, None)

    def is_minor_on(self, day: date) -> bool:
        """Whether the person is under age; where the birth date leaves it open and the office has found nothing, yes.
        Without a birth date only the office's finding counts."""
        found = minority(self.birth_date, self.of_age, day)
        return self.birth_date is not None if found is None else found


@dataclass(frozen=True, slots=True)
class Representative:
    """A member of staff who signs for the city."""

    family_name: Name = classed(K0)
    given_names: Name | None = classed(K0, None)
    salutation: Salutation | None = classed(K0, None)
    academic_title: Name | None = classed(K0, None)
    name_prefix: Name | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class BilingualText:
    """Free text in German, and the caseworker's own translations by language code."""

    de: FreeText = classed(K0)
    # Where one is missing the second column says that it was translated orally; never by machine.
    translations: dict[SecondLanguage, FreeText] | None = classed(K0, None)

    def in_language(self, language: str) -> str | None:
        """The caseworker's translation into `language`, or None."""
        return (self.translations or {}).get(language)


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What the agreement says beyond its fixed clauses; a `date` of null is left blank for handwriting."""

    parties: Annotated[tuple[PersonId, ...], Entries(20, least=1)] = classed(K0)  # in the order of their signatures
    representatives: Annotated[tuple[Representative, ...], Entries(2, least=1)] = classed(K0)
    date: date | None = classed(K0, None)
    place: Line = classed(K0, "Dortmund")
    goals: Annotated[tuple[BilingualText, ...], Entries(50)] = classed(K0, ())  # in addition to the two standard goals
    city_signatures_required: Annotated[int, Between(1, 2)] = classed(K0, 1)
    number: Annotated[int, Between(1, 999)] = classed(K0, 1)


@dataclass(frozen=True, slots=True)
class WorkStep:
    """One step of the annex."""

    what: BilingualText = classed(K0)
    who: BilingualText | None = classed(K0, None)
    by: date | None = classed(K0, None)
    origin: Origin | None = classed(K0, None)  # where it was first agreed: "1-2", the second step of annex 1
    done_on: date | None = classed(K0, None)
    dropped_on: date | None = classed(K0, None)  # since then nobody needs it any more
    result: FreeText | None = classed(K2, None)


@dataclass(frozen=True, slots=True)
class Appointment:
    """The next talk."""

    start: datetime = classed(K0)  # Europe/Berlin, with offset
    place: BilingualText | None = classed(K0, None)
    documents_to_bring: BilingualText | None = classed(K0, None)
    phone: Line | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class Annex:
    """Annex with work steps and the next appointment."""

    number: Annotated[int, Between(1, 999)] = classed(K0, 1)
    date: date | None = classed(K0, None)
    work_steps: Annotated[tuple[WorkStep, ...], Entries(50)] = classed(K0, ())
    finished: Annotated[tuple[WorkStep, ...], Entries(50)] = classed(K0, ())  # steps of earlier annexes, told here
    next_appointment: Appointment | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of the help plan; somebody answers for it, and it has a deadline."""

    description: BilingualText = classed(K1)
    provider: Line | None = classed(K1, None)  # Träger
    responsible: Responsible = classed(K1, Responsible.CLIENT, asked=True)
    responsible_person: PersonId | None = classed(K1, None)  # when responsible is one named client
    start: date | None = classed(K1, None)
    deadline: date = classed(K1, date.max, asked=True)  # Zeitvorgabe
    origin: Origin | None = classed(K1, None)  # "1-2-1": the first measure of the second goal of version 1
    state: MeasureState = classed(K1, MeasureState.PLANNED)
    abort_reason: AbortReason | None = classed(K3, None)  # it may be health
    result: BilingualText | None = classed(K1, None)
    partner: PartnerId | None = classed(K1, None)  # of the directory; `provider` is what it was called then


@dataclass(frozen=True, slots=True)
class PlanGoal:
    """A goal of the help plan in one goal area."""

    area: GoalArea = classed(K1)
    title: BilingualText = classed(K1)
    situation: BilingualText | None = classed(K1, None)  # Ausgangslage
    indicator: BilingualText | None = classed(K1, None)  # how both sides see that it is reached
    target_date: date | None = classed(K1, None)
    own_words: BilingualText | None = classed(K1, None)
    origin: Origin | None = classed(K1, None)  # "1-2": the second goal of version 1
    state: GoalState = classed(K1, GoalState.OPEN)
    result: BilingualText | None = classed(K1, None)
    measures: Annotated[tuple[Measure, ...], Entries(20)] = classed(K1, ())
    finished: Annotated[tuple[Measure, ...], Entries(50)] = classed(K1, ())  # measures of earlier versions, told here


@dataclass(frozen=True, slots=True)
class HelpPlan:
    """Help plan; from version 2 on it names the date of its predecessor."""

    version: Annotated[int, Between(1, 999)] = classed(K1, 1)
    created_jointly_on: date | None = classed(K1, None)
    review_date: date | None = classed(K1, None)
    basis_assessment_date: date | None = classed(K1, None)
    goals: Annotated[tuple[PlanGoal, ...], Entries(50)] = classed(K1, ())
    client_statement: BilingualText | None = classed(K1, None)
    predecessor_date: date | None = classed(K1, None)  # set on a Fortschreibung
    finished: Annotated[tuple[PlanGoal, ...], Entries(50)] = classed(K1, ())  # goals of earlier versions, told here


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of the social and competence analysis; never printed."""

    block: Line = classed(K2)
    text: FreeText = classed(K2)
    confidentiality: Confidentiality = classed(K2, Confidentiality.K2)  # each has its own class


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Who interpreted at the table."""

    family_name: Name = classed(K0)
    given_names: Name | None = classed(K0, None)
    salutation: Salutation | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class NameChange:
    """A legal name that somebody bore when the agreement was concluded; the present one stands with the person."""

    person: PersonId = classed(K0)
    family_name: Name | None = classed(K0, None)
    given_names: Name | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class Supplement:
    """A supplement (Nachtrag) to the agreement: whose legal name has changed since it was concluded."""

    number: Annotated[int, Between(1, 999)] = classed(K0)
    date: date | None = classed(K0, None)
    name_changes: Annotated[tuple[NameChange, ...], Entries(50, least=1)] = classed(K0, ())


@dataclass(frozen=True, slots=True)
class Case:
    """A case file: persons, the agreement to conclude, its annex and help plan."""

    case_number: CaseNumber = classed(K0)  # Aktenzeichen
    persons: Annotated[tuple[Person, ...], Entries(50, least=1)] = classed(K0)
    agreement: AgreementTerms = classed(K0)
    annex: Annex = classed(K0)
    help_plan: HelpPlan = classed(K1, blank=HelpPlan())
    interpreter: Interpreter | None = classed(K0, None)  # gets an optional signature zone
    assessment: Annotated[tuple[Finding, ...], Entries(200)] = classed(K2, ())
    notes: FreeText | None = classed(K2, None)
    supplement: Supplement | None = classed(K0, None, handed_in=False)
    plan_before: HelpPlan | None = classed(K1, None, handed_in=False)  # what the help plan is compared with
    confirmed_warnings: Annotated[
        tuple[Annotated[str, OneOf(get_args(WarningCode))], ...],
        Entries(20, about="codes of `warnings` that are meant as they stand; not told again"),
    ] = classed(K2, ())

    def person(self, person_id: str) -> Person:
        """The person with this id; KeyError when there is none (the intake has checked all references)."""
        for person in self.persons:
            if person.id == person_id:
                return person
        raise KeyError(person_id)

    @property
    def reference(self) -> str:
        """The number the documents go by: "IV-2026-0815" (IV: Integrationsvereinbarung)."""
        return f"IV-{self.case_number}"

    @property
    def parties(self) -> tuple[Person, ...]:
        """The client side's persons in the order of their signatures."""
        return tuple(self.person(person_id) for person_id in self.agreement.parties)
