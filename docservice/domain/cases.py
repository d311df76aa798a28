"""The case (Fall) as the office knows it: persons, the agreement to conclude, its annex and help plan.

Every field carries a confidentiality class (domain rule R11): K0 may appear in any document, K1 in the help plan as
well, K2 is internal, K3 is health and other data of Art. 9 GDPR. `KINDS` in `kinds.py` says which classes a document
may show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from docservice.domain.partial_date import PartialDate

OF_AGE = 18  # completed years, § 2 BGB


class Confidentiality(StrEnum):
    """K0 any document; K1 help plan only; K2 internal; K3 Art. 9 GDPR."""

    K0 = "K0"
    K1 = "K1"
    K2 = "K2"
    K3 = "K3"


def classed(level: Confidentiality, default: Any = ..., *, one_alone: bool = False, blank: Any = ...) -> Any:
    """A dataclass field of the given confidentiality class. With `one_alone`, a list of one is written as JSON
    without its brackets. `blank` is what a document sees that must not see a field without a default."""
    metadata = {"confidentiality": level, "one_alone": one_alone, **({} if blank is ... else {"blank": blank})}
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


K0, K1, K2, K3 = Confidentiality.K0, Confidentiality.K1, Confidentiality.K2, Confidentiality.K3


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


def minority(born: PartialDate | None, of_age: bool | None, day: date) -> bool | None:
    """Whether somebody is under age on a day; None when neither the birth date nor the office's finding tells."""
    if born is not None and born.greatest_age_on(day) < OF_AGE:
        return True
    if born is not None and born.age_on(day) >= OF_AGE:
        return False
    return None if of_age is None else not of_age


@dataclass(frozen=True, slots=True)
class OriginalScriptName:
    """A name in the script of the home country; validated by Unicode script, not by DIN 91379."""

    script: str = classed(K0)  # ISO 15924: Cyrl, Arab, Hebr
    language: str = classed(K0)  # BCP 47
    family_name: str | None = classed(K0, None)  # one of the two may be missing, as in the legal name
    given_names: str | None = classed(K0, None)
    patronymic: str | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class LegalStatus:
    """A residence or admission status with its validity; recorded, not printed."""

    code: str = classed(K2)
    valid_from: date | None = classed(K2, None)
    valid_to: date | None = classed(K2, None)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the case. Names are printed exactly as stored (NFC), never harmonised or transliterated.

    Who has one name only has it as family name or as given names, and the other is None; never both.
    """

    id: str = classed(K0)
    legal_family_name: str | None = classed(K0, None)
    legal_given_names: str | None = classed(K0, None)
    name_prefix: str | None = classed(K0, None)
    academic_title: str | None = classed(K0, None)
    name_suffix: str | None = classed(K0, None)
    birth_name: str | None = classed(K1, None)
    salutation: Salutation | None = classed(K0, None)
    birth_date: PartialDate | None = classed(K0, None)
    birth_place: str | None = classed(K1, None)
    original_script_names: tuple[OriginalScriptName, ...] = classed(K0, ())
    guardian: tuple[str, ...] = classed(K0, (), one_alone=True)  # ids of the one or two who sign for a minor or ward
    guardian_kind: GuardianKind | None = classed(K0, None)
    guardian_scope: str | None = classed(K2, None)  # Aufgabenkreis of a Betreuung; shows who may sign, never printed
    of_age: bool | None = classed(K0, None)  # the office's finding where the birth date leaves the age open
    languages: tuple[str, ...] = classed(K1, ())
    needs_interpreter: bool = classed(K1, False)
    address: str | None = classed(K2, None)
    phone: str | None = classed(K2, None)
    legal_status: tuple[LegalStatus, ...] = classed(K2, ())
    notes: str | None = classed(K2, None)
    health: str | None = classed(K3, None)

    def is_minor_on(self, day: date) -> bool:
        """Whether the person is under age; where the birth date leaves it open and the office has found nothing, yes.
        Without a birth date only the office's finding counts."""
        found = minority(self.birth_date, self.of_age, day)
        return self.birth_date is not None if found is None else found


@dataclass(frozen=True, slots=True)
class Representative:
    """A member of staff who signs for the city."""

    family_name: str = classed(K0)
    given_names: str | None = classed(K0, None)
    salutation: Salutation | None = classed(K0, None)
    academic_title: str | None = classed(K0, None)
    name_prefix: str | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class BilingualText:
    """Free text of the caseworker. `translations` maps a language code to the caseworker's own translation;
    where it is missing the second column says that it was translated orally (never by machine)."""

    de: str = classed(K0)
    translations: dict[str, str] | None = classed(K0, None)

    def in_language(self, language: str) -> str | None:
        """The caseworker's translation into `language`, or None."""
        return (self.translations or {}).get(language)


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """What the agreement (Integrationsvereinbarung) says beyond its fixed clauses."""

    parties: tuple[str, ...] = classed(K0)  # person ids, in the order of their signatures
    representatives: tuple[Representative, ...] = classed(K0)  # one or two
    date: date | None = classed(K0, None)  # None: left blank for handwriting
    place: str = classed(K0, "Dortmund")
    goals: tuple[BilingualText, ...] = classed(K0, ())  # in addition to the two standard goals
    city_signatures_required: int = classed(K0, 1)


@dataclass(frozen=True, slots=True)
class WorkStep:
    """One step of the annex (Arbeitsschritt)."""

    what: BilingualText = classed(K0)
    who: BilingualText | None = classed(K0, None)
    by: date | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class Appointment:
    """The next talk (nächster Gesprächstermin), Europe/Berlin, with offset."""

    start: datetime = classed(K0)
    place: BilingualText | None = classed(K0, None)
    documents_to_bring: BilingualText | None = classed(K0, None)
    phone: str | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class Annex:
    """Annex with work steps (Anlage zur Integrationsvereinbarung)."""

    number: int = classed(K0, 1)
    date: date | None = classed(K0, None)
    work_steps: tuple[WorkStep, ...] = classed(K0, ())
    next_appointment: Appointment | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure (Maßnahme) of the help plan: who provides it, who answers for it, until when (Zeitvorgabe)."""

    description: BilingualText = classed(K1)
    provider: str | None = classed(K1, None)  # Träger
    responsible: Responsible = classed(K1, Responsible.CLIENT)
    responsible_person: str | None = classed(K1, None)  # person id, when responsible is one named client
    start: date | None = classed(K1, None)
    deadline: date = classed(K1, date.max)


@dataclass(frozen=True, slots=True)
class PlanGoal:
    """A goal (Ziel) of the help plan in one goal area."""

    area: GoalArea = classed(K1)
    title: BilingualText = classed(K1)
    situation: BilingualText | None = classed(K1, None)  # Ausgangslage
    indicator: BilingualText | None = classed(K1, None)  # how both sides see that it is reached
    target_date: date | None = classed(K1, None)
    own_words: BilingualText | None = classed(K1, None)
    measures: tuple[Measure, ...] = classed(K1, ())


@dataclass(frozen=True, slots=True)
class HelpPlan:
    """Help plan (Hilfeplan): goal areas, goals, measures with deadlines, review date."""

    version: int = classed(K1, 1)
    created_jointly_on: date | None = classed(K1, None)
    review_date: date | None = classed(K1, None)
    basis_assessment_date: date | None = classed(K1, None)
    goals: tuple[PlanGoal, ...] = classed(K1, ())
    client_statement: BilingualText | None = classed(K1, None)
    predecessor_date: date | None = classed(K1, None)  # set on a Fortschreibung


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of the social and competence analysis; each one has its own class and none is printed."""

    block: str = classed(K2)
    text: str = classed(K2)
    confidentiality: Confidentiality = classed(K2, Confidentiality.K2)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Who interpreted at the table; gets an optional signature zone."""

    family_name: str = classed(K0)
    given_names: str | None = classed(K0, None)
    salutation: Salutation | None = classed(K0, None)


@dataclass(frozen=True, slots=True)
class Case:
    """A case record (Fallakte) as handed in and kept."""

    case_number: str = classed(K0)  # Aktenzeichen; "2026-0815"
    persons: tuple[Person, ...] = classed(K0)
    agreement: AgreementTerms = classed(K0)
    annex: Annex = classed(K0)
    help_plan: HelpPlan = classed(K1, blank=HelpPlan())
    interpreter: Interpreter | None = classed(K0, None)
    assessment: tuple[Finding, ...] = classed(K2, ())
    notes: str | None = classed(K2, None)
    confirmed_warnings: tuple[str, ...] = classed(K2, ())  # codes of what is meant as it stands

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
