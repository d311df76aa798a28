"""The kinds of documents a bundle may have: one row each, with all that the rest of the program asks of a kind.

A new kind is a member and a row here, its file in `bundles/content`, what a case says for it in `domain/cases.py`,
and its templates (see docs/decisions/0029).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from docservice.domain.cases import Case, Confidentiality
from docservice.domain.record.subjects import Subject


class Kind(StrEnum):
    """The kinds of documents, in stapling order; the word stands in the database, in addresses and in file names."""

    AGREEMENT = "agreement"
    ANNEX = "annex"
    HELP_PLAN = "help_plan"
    PLAN_CHANGES = "plan_changes"
    SUPPLEMENT = "supplement"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """What is true of all documents of a kind.

    `footer` is how pages name it in their foot, with the document's {number}; `number` is the one it has in its case.
    `shows` are the classes of the case it may print, `day` is the date it is signed on (None when left blank). `usual`
    kinds are in every bundle whose day has a template of them; of another kind is made what an order names. `paper` is
    what of the record it is of. One kind `supplements` agreements whose names have changed; one `compares` its paper
    with the one before. What is not `signed` is not waited for.
    """

    name: str  # in German, for the office
    footer: str
    number: Callable[[Case], int]
    shows: frozenset[Confidentiality]
    day: Callable[[Case], date | None]
    paper: Subject | None = None
    usual: bool = False
    supplements: bool = False
    compares: bool = False
    signed: bool = True


_K0, _K1 = Confidentiality.K0, Confidentiality.K1

KINDS: Final[Mapping[Kind, KindSpec]] = MappingProxyType(
    {
        Kind.AGREEMENT: KindSpec(
            name="Integrationsvereinbarung",
            footer="Vereinbarung",
            number=lambda case: case.agreement.number,
            shows=frozenset({_K0}),
            day=lambda case: case.agreement.date,
            paper=Subject.AGREEMENT,
            usual=True,
        ),
        Kind.ANNEX: KindSpec(
            name="Anlage zur Integrationsvereinbarung",
            footer="Anlage {number}",
            number=lambda case: case.annex.number,
            shows=frozenset({_K0}),
            day=lambda case: case.annex.date,
            paper=Subject.ANNEX,
            usual=True,
        ),
        Kind.HELP_PLAN: KindSpec(
            name="Hilfeplan",
            footer="Hilfeplan {number}",
            number=lambda case: case.help_plan.version,
            shows=frozenset({_K0, _K1}),
            day=lambda case: case.help_plan.created_jointly_on,
            paper=Subject.HELP_PLAN,
            usual=True,
        ),
        Kind.PLAN_CHANGES: KindSpec(
            name="Planvergleich",
            footer="Planvergleich {number}",
            number=lambda case: case.help_plan.version,
            shows=frozenset({_K0, _K1}),
            day=lambda case: case.help_plan.created_jointly_on,
            paper=Subject.HELP_PLAN,
            compares=True,
            signed=False,
        ),
        Kind.SUPPLEMENT: KindSpec(
            name="Nachtrag zur Integrationsvereinbarung",
            footer="Nachtrag {number}",
            number=lambda case: 0 if case.supplement is None else case.supplement.number,
            shows=frozenset({_K0}),
            day=lambda case: None if case.supplement is None else case.supplement.date,
            supplements=True,
        ),
    }
)
USUAL: Final[tuple[Kind, ...]] = tuple(kind for kind in Kind if KINDS[kind].usual)
"""The kinds of a bundle, in stapling order."""
SIGNED: Final[tuple[Kind, ...]] = tuple(kind for kind in Kind if KINDS[kind].signed)
"""The kinds that come back."""
