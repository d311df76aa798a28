"""The reports as JSON: what the command line prints and the API answers with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from typing_extensions import TypedDict  # of typing, pydantic reads it from Python 3.12 on

from docservice.domain.figures.evaluation import VARIABLES, EvaluationRow
from docservice.domain.figures.interim import InterimFigures, ratio
from docservice.domain.figures.returns import AGES, ReturnCounts, ReturnFigures, Standing
from docservice.domain.figures.small_cells import HIDDEN, SMALLEST_CELL, small_hidden
from docservice.domain.kinds import SIGNED, Kind

EVALUATION_FORM = "docservice.evaluation"


class MonthAnswer(TypedDict):
    """A month of the interim report. `in_preparation` and `off_benefit` are how things stood at its end."""

    month: str
    contacts: int
    agreements: int
    persons: int
    in_preparation: int
    off_benefit: int


class CountsAnswer(TypedDict):
    """How many documents there are, and how many of them stand how."""

    printed: int
    returned: int
    in_review: int
    incomplete: int
    outstanding: int
    replaced: int
    overdue: int


class AgeAnswer(CountsAnswer):
    """The documents that were made so many days ago ("8-28", "85+")."""

    days: str


class KindAnswer(CountsAnswer):
    """The documents of a kind."""

    kind: Kind
    by_age: list[AgeAnswer]


class PublishedFigures(TypedDict):
    """The figures of an evaluation export; None is a number that is too small to be told, or that would tell one."""

    contacts: int | None
    agreements: int | None
    persons: int | None
    in_preparation: int | None
    off_benefit: int | None
    persons_per_agreement: float | None
    contacts_per_agreement: float | None
    off_benefit_share: float | None


# `from` is a word of Python and no name for a field.
_Days = TypedDict("_Days", {"from": date, "to": date})


class InterimAnswer(_Days):
    """The interim report of a period. Ratios are None where there is nothing to divide by."""

    contacts: int
    agreements: int
    persons: int
    in_preparation: int
    off_benefit: int
    persons_per_agreement: float | None
    contacts_per_agreement: float | None
    off_benefit_share: float | None
    by_month: list[MonthAnswer]


class ReturnsAnswer(_Days, CountsAnswer):
    """The documents made in a period, as they stand on the day `as_of`."""

    as_of: date
    overdue_after_days: int
    by_kind: list[KindAnswer]
    by_age: list[AgeAnswer]


class EvaluationAnswer(_Days):
    """The export for the scientific evaluation. `records` has a row for each person covered; "*" is not shown."""

    form: str
    version: int
    export_id: str
    municipality: str
    smallest_cell: int
    figures: PublishedFigures
    codebook: list[dict[str, Any]]
    records: list[dict[str, str]]


def interim_answer(figures: InterimFigures) -> InterimAnswer:
    """The interim report as JSON."""
    return {
        "from": figures.period.begin,
        "to": figures.period.end,
        "contacts": figures.contacts,
        "agreements": figures.agreements,
        "persons": figures.persons,
        "in_preparation": figures.in_preparation,
        "off_benefit": figures.off_benefit,
        "persons_per_agreement": figures.persons_per_agreement,
        "contacts_per_agreement": figures.contacts_per_agreement,
        "off_benefit_share": figures.off_benefit_share,
        "by_month": [
            {
                "month": str(each.month),
                "contacts": each.contacts,
                "agreements": each.agreements,
                "persons": each.persons,
                "in_preparation": each.in_preparation,
                "off_benefit": each.off_benefit,
            }
            for each in figures.by_month
        ],
    }


def returns_answer(figures: ReturnFigures) -> ReturnsAnswer:
    """The return statistics as JSON."""
    return {
        "from": figures.period.begin,
        "to": figures.period.end,
        "as_of": figures.period.today,
        "overdue_after_days": figures.overdue_after,
        **_counts(figures.together()),
        "by_kind": [
            {"kind": kind, **_counts(figures.together(kind)), "by_age": _ages(figures, kind)} for kind in SIGNED
        ],
        "by_age": _ages(figures, None),
    }


def evaluation_answer(
    export_id: str, municipality: str, figures: InterimFigures, rows: Sequence[EvaluationRow]
) -> EvaluationAnswer:
    """The evaluation export as JSON; its numbers of persons are those of its rows."""
    return {
        "form": EVALUATION_FORM,
        "version": 1,
        "export_id": export_id,
        "municipality": municipality,
        "from": figures.period.begin,
        "to": figures.period.end,
        "smallest_cell": SMALLEST_CELL,
        "figures": _published(figures, rows),
        "codebook": codebook(),
        "records": [
            {"pseudonym": row.pseudonym}
            | {variable.name: code for variable, code in zip(VARIABLES, row.codes, strict=True)}
            for row in rows
        ],
    }


def codebook() -> list[dict[str, Any]]:
    """What the columns of the records say, and what their codes mean; codes that are numbers speak for themselves."""
    hidden = f"nicht gezeigt: weniger als {SMALLEST_CELL}", f"not shown: fewer than {SMALLEST_CELL}"
    pseudonym = "Person, unter einem Schlüssel nur dieses Auszugs", "person, by a key of this export alone"
    return [{"name": "pseudonym", "de": pseudonym[0], "en": pseudonym[1], "codes": {}}] + [
        {
            "name": variable.name,
            "de": variable.label[0],
            "en": variable.label[1],
            "codes": {
                code: {"de": german, "en": english}
                for code, (german, english) in {**variable.codes, HIDDEN: hidden}.items()
            },
        }
        for variable in VARIABLES
    ]


def _counts(counts: ReturnCounts) -> CountsAnswer:
    standing = counts.standing
    return {
        "printed": counts.printed,
        "returned": standing[Standing.RETURNED],
        "in_review": standing[Standing.IN_REVIEW],
        "incomplete": standing[Standing.INCOMPLETE],
        "outstanding": standing[Standing.OUTSTANDING],
        "replaced": standing[Standing.REPLACED],
        "overdue": counts.overdue,
    }


def _ages(figures: ReturnFigures, kind: Kind | None) -> list[AgeAnswer]:
    return [{"days": str(age), **_counts(figures.together(kind, age))} for age in AGES]


def _published(figures: InterimFigures, rows: Sequence[EvaluationRow]) -> PublishedFigures:
    contacts, agreements = small_hidden(figures.contacts), small_hidden(figures.agreements)
    persons = len(rows) if rows or not figures.persons else None
    off_benefit = _off_benefit(rows)
    return {
        "contacts": contacts,
        "agreements": agreements,
        "persons": persons,
        "in_preparation": small_hidden(figures.in_preparation),
        "off_benefit": off_benefit,
        "persons_per_agreement": ratio(persons, agreements, 2),
        "contacts_per_agreement": ratio(contacts, agreements, 1),
        "off_benefit_share": ratio(off_benefit, persons, 3),
    }


def _off_benefit(rows: Sequence[EvaluationRow]) -> int | None:
    """The number of those off benefit, unless it or that of the others is hidden."""
    codes = [row.codes[0] for row in rows]
    return None if not rows or HIDDEN in codes else codes.count("yes")
