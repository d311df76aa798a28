"""The case file as it is handed in, field by field; each model turns itself into the record of the domain."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from docservice.cases import fields
from docservice.domain import cases
from docservice.domain.cases import Confidentiality, GoalArea, GuardianKind, Responsible, Salutation

PERSONS = 50
PARTIES = 20
GOALS = 50
MEASURES = 20
WORK_STEPS = 50
FINDINGS = 200
WARNINGS = 20


WarningCode = Literal[
    "appointment_on_sunday",
    "appointment_on_holiday",
    "appointment_outside_office_hours",
    "appointment_in_doubled_hour",
]


class Record(BaseModel):
    """Unknown fields are faults, nothing is converted silently, and no error shows what was sent."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class OriginalScriptName(Record):
    """A name in the script of the home country."""

    script: Literal["Cyrl", "Arab", "Hebr"]
    language: fields.SpokenLanguage
    family_name: fields.OriginalName | None = None
    given_names: fields.OriginalName | None = None
    patronymic: fields.OriginalName | None = None

    @field_validator("family_name", "given_names", "patronymic")
    @classmethod
    def _of_its_script(cls, name: str | None, info: ValidationInfo) -> str | None:
        script = info.data.get("script")
        found = fields.original_name_findings(name, script) if name is not None and script else []
        if found:
            raise fields.findings_error(found)
        return name

    def to_domain(self) -> cases.OriginalScriptName:
        return cases.OriginalScriptName(self.script, self.language, self.family_name, self.given_names, self.patronymic)


class LegalStatus(Record):
    """A residence or admission status with its validity."""

    code: fields.StatusCode
    valid_from: fields.Day | None = None
    valid_to: fields.Day | None = None

    def to_domain(self) -> cases.LegalStatus:
        return cases.LegalStatus(self.code, self.valid_from, self.valid_to)


class Person(Record):
    """Someone of the case; `id` is what other fields refer to.

    Who has one name only has it in one of the two legal names; the other is left out ("-" and "XXX" are no names).
    `guardian` names who signs for a minor or a ward; `guardian_kind` in which capacity; `guardian_scope` the tasks of
    a Betreuung (Aufgabenkreis). `of_age` is the office's finding where the birth date leaves the age open.
    """

    id: fields.PersonId
    legal_family_name: fields.Name | None = None
    legal_given_names: fields.Name | None = None
    name_prefix: fields.Name | None = None
    academic_title: fields.Name | None = None
    name_suffix: fields.Name | None = None
    birth_name: fields.Name | None = None
    salutation: Literal["frau", "herr"] | None = None
    birth_date: fields.BirthDate | None = None
    birth_place: fields.Line | None = None
    original_script_names: Annotated[list[OriginalScriptName], Field(max_length=5)] = []
    guardian: fields.Guardians = ()
    guardian_kind: Literal["parents", "guardian", "betreuung"] | None = None
    guardian_scope: fields.Line | None = None
    of_age: bool | None = None
    languages: Annotated[list[fields.SpokenLanguage], Field(max_length=10)] = []
    needs_interpreter: bool = False
    address: fields.Line | None = None
    phone: fields.Line | None = None
    legal_status: Annotated[list[LegalStatus], Field(max_length=20)] = []
    notes: fields.FreeText | None = None
    health: fields.FreeText | None = None

    def to_domain(self) -> cases.Person:
        return cases.Person(
            id=self.id,
            legal_family_name=self.legal_family_name,
            legal_given_names=self.legal_given_names,
            name_prefix=self.name_prefix,
            academic_title=self.academic_title,
            name_suffix=self.name_suffix,
            birth_name=self.birth_name,
            salutation=Salutation(self.salutation) if self.salutation else None,
            birth_date=self.birth_date,
            birth_place=self.birth_place,
            original_script_names=tuple(name.to_domain() for name in self.original_script_names),
            guardian=self.guardian,
            guardian_kind=GuardianKind(self.guardian_kind) if self.guardian_kind else None,
            guardian_scope=self.guardian_scope,
            of_age=self.of_age,
            languages=tuple(self.languages),
            needs_interpreter=self.needs_interpreter,
            address=self.address,
            phone=self.phone,
            legal_status=tuple(status.to_domain() for status in self.legal_status),
            notes=self.notes,
            health=self.health,
        )


class Representative(Record):
    """A member of staff who signs for the city."""

    family_name: fields.Name
    given_names: fields.Name | None = None
    salutation: Literal["frau", "herr"] | None = None
    academic_title: fields.Name | None = None
    name_prefix: fields.Name | None = None

    def to_domain(self) -> cases.Representative:
        return cases.Representative(
            family_name=self.family_name,
            given_names=self.given_names,
            salutation=Salutation(self.salutation) if self.salutation else None,
            academic_title=self.academic_title,
            name_prefix=self.name_prefix,
        )


class BilingualText(Record):
    """Free text in German, and the caseworker's own translations by language code."""

    de: fields.FreeText
    translations: dict[fields.TranslationLanguage, fields.FreeText] | None = None

    def to_domain(self) -> cases.BilingualText:
        return cases.BilingualText(self.de, self.translations)


class AgreementTerms(Record):
    """What the agreement says beyond its fixed clauses; a `date` of null is left blank for handwriting."""

    parties: Annotated[list[fields.PersonId], Field(min_length=1, max_length=PARTIES)]
    representatives: Annotated[list[Representative], Field(min_length=1, max_length=2)]
    date: fields.Day | None = None
    place: fields.Line = "Dortmund"
    goals: Annotated[list[BilingualText], Field(max_length=GOALS)] = []
    city_signatures_required: Annotated[int, Field(ge=1, le=2)] = 1

    def to_domain(self) -> cases.AgreementTerms:
        return cases.AgreementTerms(
            parties=tuple(self.parties),
            representatives=tuple(person.to_domain() for person in self.representatives),
            date=self.date,
            place=self.place,
            goals=tuple(goal.to_domain() for goal in self.goals),
            city_signatures_required=self.city_signatures_required,
        )


class WorkStep(Record):
    """One step of the annex."""

    what: BilingualText
    who: BilingualText | None = None
    by: fields.Day | None = None

    def to_domain(self) -> cases.WorkStep:
        return cases.WorkStep(self.what.to_domain(), _optional(self.who), self.by)


class Appointment(Record):
    """The next talk."""

    start: fields.Moment
    place: BilingualText | None = None
    documents_to_bring: BilingualText | None = None
    phone: fields.Line | None = None

    def to_domain(self) -> cases.Appointment:
        return cases.Appointment(self.start, _optional(self.place), _optional(self.documents_to_bring), self.phone)


class Annex(Record):
    """Annex with work steps and the next appointment."""

    number: Annotated[int, Field(ge=1, le=999)] = 1
    date: fields.Day | None = None
    work_steps: Annotated[list[WorkStep], Field(max_length=WORK_STEPS)] = []
    next_appointment: Appointment | None = None

    def to_domain(self) -> cases.Annex:
        return cases.Annex(
            number=self.number,
            date=self.date,
            work_steps=tuple(step.to_domain() for step in self.work_steps),
            next_appointment=self.next_appointment.to_domain() if self.next_appointment else None,
        )


class Measure(Record):
    """A measure of the help plan; somebody answers for it, and it has a deadline."""

    description: BilingualText
    provider: fields.Line | None = None
    responsible: Literal["client", "city", "partner"]
    responsible_person: fields.PersonId | None = None
    start: fields.Day | None = None
    deadline: fields.Day

    def to_domain(self) -> cases.Measure:
        return cases.Measure(
            description=self.description.to_domain(),
            provider=self.provider,
            responsible=Responsible(self.responsible),
            responsible_person=self.responsible_person,
            start=self.start,
            deadline=self.deadline,
        )


class PlanGoal(Record):
    """A goal of the help plan in one goal area."""

    area: Literal["wohnen", "sprache_bildung", "arbeit", "teilhabe"]
    title: BilingualText
    situation: BilingualText | None = None
    indicator: BilingualText | None = None
    target_date: fields.Day | None = None
    own_words: BilingualText | None = None
    measures: Annotated[list[Measure], Field(max_length=MEASURES)] = []

    def to_domain(self) -> cases.PlanGoal:
        return cases.PlanGoal(
            area=GoalArea(self.area),
            title=self.title.to_domain(),
            situation=_optional(self.situation),
            indicator=_optional(self.indicator),
            target_date=self.target_date,
            own_words=_optional(self.own_words),
            measures=tuple(measure.to_domain() for measure in self.measures),
        )


class HelpPlan(Record):
    """Help plan; from version 2 on it names the date of its predecessor."""

    version: Annotated[int, Field(ge=1, le=999)] = 1
    created_jointly_on: fields.Day | None = None
    review_date: fields.Day | None = None
    basis_assessment_date: fields.Day | None = None
    goals: Annotated[list[PlanGoal], Field(max_length=GOALS)] = []
    client_statement: BilingualText | None = None
    predecessor_date: fields.Day | None = None

    def to_domain(self) -> cases.HelpPlan:
        return cases.HelpPlan(
            version=self.version,
            created_jointly_on=self.created_jointly_on,
            review_date=self.review_date,
            basis_assessment_date=self.basis_assessment_date,
            goals=tuple(goal.to_domain() for goal in self.goals),
            client_statement=_optional(self.client_statement),
            predecessor_date=self.predecessor_date,
        )


class Finding(Record):
    """A finding of the social and competence analysis; never printed."""

    block: fields.Line
    text: fields.FreeText
    confidentiality: Literal["K0", "K1", "K2", "K3"] = "K2"

    def to_domain(self) -> cases.Finding:
        return cases.Finding(self.block, self.text, Confidentiality(self.confidentiality))


class Interpreter(Record):
    """Who interpreted at the table."""

    family_name: fields.Name
    given_names: fields.Name | None = None
    salutation: Literal["frau", "herr"] | None = None

    def to_domain(self) -> cases.Interpreter:
        return cases.Interpreter(
            self.family_name, self.given_names, Salutation(self.salutation) if self.salutation else None
        )


class Case(Record):
    """A case file: persons, the agreement to conclude, its annex and help plan."""

    case_number: fields.CaseNumber
    persons: Annotated[list[Person], Field(min_length=1, max_length=PERSONS)]
    agreement: AgreementTerms
    annex: Annex
    help_plan: HelpPlan
    interpreter: Interpreter | None = None
    assessment: Annotated[list[Finding], Field(max_length=FINDINGS)] = []
    notes: fields.FreeText | None = None
    confirmed_warnings: Annotated[
        list[WarningCode],
        Field(max_length=WARNINGS, description="codes of `warnings` that are meant as they stand; not told again"),
    ] = []

    def to_domain(self) -> cases.Case:
        return cases.Case(
            case_number=self.case_number,
            persons=tuple(person.to_domain() for person in self.persons),
            agreement=self.agreement.to_domain(),
            annex=self.annex.to_domain(),
            help_plan=self.help_plan.to_domain(),
            interpreter=self.interpreter.to_domain() if self.interpreter else None,
            assessment=tuple(finding.to_domain() for finding in self.assessment),
            notes=self.notes,
            confirmed_warnings=tuple(self.confirmed_warnings),
        )


def _optional(text: BilingualText | None) -> cases.BilingualText | None:
    return text.to_domain() if text else None
