"""What holds of a person for a time: benefits, legal status, names; and that no two of a kind hold on one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from docservice.domain.cases import K2, K3, classed
from docservice.domain.forms import FreeText, Line, Name, StatusCode
from docservice.domain.record.entries import Source


class Topic(StrEnum):
    """What a period is about."""

    BENEFIT = "benefit"
    LEGAL_STATUS = "legal_status"
    NAME = "name"


class BenefitStatus(StrEnum):
    """Whether somebody lives on benefits: not at all, besides an income, or on them alone."""

    NONE = "none"
    SUPPLEMENTARY = "supplementary"
    FULL = "full"


class NameReason(StrEnum):
    """Why a name was another one before."""

    MARRIAGE = "marriage"
    BVFG_94 = "bvfg_94"  # declaration, § 94 BVFG
    EGBGB_47 = "egbgb_47"  # declaration, Art. 47 EGBGB
    TYPING_ERROR = "typing_error"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BenefitPeriod:
    """A time on, or off, benefits."""

    code: BenefitStatus = classed(K2)
    valid_from: date = classed(K2)
    valid_to: date | None = classed(K2, None)
    source: Source | None = classed(K2, None)
    note: FreeText | None = classed(K3, None)


@dataclass(frozen=True, slots=True)
class LegalStatusPeriod:
    """A residence or admission status, and the paper that shows it."""

    code: StatusCode = classed(K2)
    valid_from: date | None = classed(K2, None)
    valid_to: date | None = classed(K2, None)
    evidence: Line | None = classed(K2, None)
    source: Source | None = classed(K2, None)


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name that somebody bore until a day."""

    code: NameReason = classed(K2)
    family_name: Name | None = classed(K2, None)
    given_names: Name | None = classed(K2, None)
    valid_from: date | None = classed(K2, None)
    valid_to: date | None = classed(K2, None)
    evidence: Line | None = classed(K2, None)


PersonPeriod = BenefitPeriod | LegalStatusPeriod | FormerName


def overlapping(period: PersonPeriod, others: Iterable[PersonPeriod]) -> bool:
    """Whether some day lies in the period and in another of them; a begin or an end that is not known is open."""
    return any(_begin(period) <= _end(other) and _begin(other) <= _end(period) for other in others)


def _begin(period: PersonPeriod) -> date:
    return period.valid_from or date.min


def _end(period: PersonPeriod) -> date:
    return period.valid_to or date.max
