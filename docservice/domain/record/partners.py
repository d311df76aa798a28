"""Whom the office works with (Netzwerkpartner): thirteen kinds, each called as the law called it at the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from docservice.domain.cases import K0, K2, classed
from docservice.domain.dates.validity import Period
from docservice.domain.forms import Entries, FreeText, Line, SpokenLanguage


class PartnerKind(StrEnum):
    """The kinds of partners of the model, in the order of its report."""

    RECEPTION_CENTRE = "reception_centre"
    HOUSING_COMPANY = "housing_company"
    JEWISH_COMMUNITY = "jewish_community"
    WELFARE_ASSOCIATION = "welfare_association"
    EMPLOYMENT_OFFICE = "employment_office"
    CHAMBER = "chamber"
    SELF_HELP = "self_help"
    LANGUAGE_SCHOOL = "language_school"
    TRAINING_PROVIDER = "training_provider"
    UNIVERSITY = "university"
    UNIVERSITY_OF_APPLIED_SCIENCES = "university_of_applied_sciences"
    SCHOOL = "school"
    MUNICIPAL_OFFICE = "municipal_office"


@dataclass(frozen=True, slots=True)
class KindName:
    """What a kind is called for a time, in the two languages of the office."""

    period: Period
    de: str
    en: str


_ALWAYS = Period(date(2001, 7, 1))  # the model's first day
_BEFORE_2004, _IN_2004 = Period(date(2001, 7, 1), date(2003, 12, 31)), Period(date(2004, 1, 1), date(2004, 12, 31))
_SINCE_2005 = Period(date(2005, 1, 1))


def _named(de: str, en: str) -> tuple[KindName, ...]:
    return (KindName(_ALWAYS, de, en),)


KIND_NAMES: Final[Mapping[PartnerKind, tuple[KindName, ...]]] = MappingProxyType(
    {
        PartnerKind.RECEPTION_CENTRE: _named("Landesstelle für Aufnahme", "reception centre of the state"),
        PartnerKind.HOUSING_COMPANY: _named("Wohnungsgesellschaft", "housing company"),
        PartnerKind.JEWISH_COMMUNITY: _named("Jüdische Kultusgemeinde", "Jewish community"),
        PartnerKind.WELFARE_ASSOCIATION: _named("Wohlfahrtsverband", "welfare association"),
        PartnerKind.EMPLOYMENT_OFFICE: (
            KindName(_BEFORE_2004, "Arbeitsamt", "employment office"),
            KindName(_IN_2004, "Agentur für Arbeit", "employment agency"),
            KindName(_SINCE_2005, "Agentur für Arbeit / Jobcenter", "employment agency / job centre"),
        ),
        PartnerKind.CHAMBER: _named(
            "Industrie- und Handelskammer, Kreishandwerkerschaft", "chamber of commerce, guild of crafts"
        ),
        PartnerKind.SELF_HELP: _named("Selbsthilfeorganisation", "self-help organisation"),
        PartnerKind.LANGUAGE_SCHOOL: _named("Sprachschule", "language school"),
        PartnerKind.TRAINING_PROVIDER: _named(
            "Träger von Qualifizierungs- und Beschäftigungsmaßnahmen", "provider of training and employment measures"
        ),
        PartnerKind.UNIVERSITY: _named("Universität", "university"),
        PartnerKind.UNIVERSITY_OF_APPLIED_SCIENCES: _named("Fachhochschule", "university of applied sciences"),
        PartnerKind.SCHOOL: _named("Berufskolleg oder andere Schule", "vocational college or other school"),
        PartnerKind.MUNICIPAL_OFFICE: _named("städtische Dienststelle", "office of the city"),
    }
)
"""The periods of each kind's names cover time without gap or overlap from the model's first day."""


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner of the directory, as the office knows it. No person: who is asked for stands in `note`."""

    kind: PartnerKind = classed(K0)
    name: Line = classed(K0)
    languages: Annotated[tuple[SpokenLanguage, ...], Entries(20)] = classed(K0, ())
    address: Line | None = classed(K0, None)
    phone: Line | None = classed(K0, None)
    email: Line | None = classed(K0, None)
    website: Line | None = classed(K0, None)
    valid_from: date | None = classed(K0, None)
    valid_to: date | None = classed(K0, None)
    note: FreeText | None = classed(K2, None)


def kind_name(kind: PartnerKind, day: date) -> KindName:
    """What the kind is called on a day; before the model began, as on its first day."""
    names = KIND_NAMES[kind]
    return next((name for name in names if day in name.period), names[0])
