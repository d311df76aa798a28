"""The evaluation export as people read it: its figures, counts over its rows, its code book."""

from __future__ import annotations

from collections import Counter

from docservice.domain.figures.evaluation import VARIABLES, EvaluationRow, Variable
from docservice.domain.figures.periods import Period
from docservice.domain.figures.small_cells import HIDDEN, SMALLEST_CELL
from docservice.reports.answers import EvaluationAnswer, codebook
from docservice.reports.measures import facts
from docservice.reports.sheets import Cell, Number, Presentation, Sheet, whole

_OUTCOMES = {"yes": "ja", "no": "nein", HIDDEN: "nicht gezeigt"}


def present_evaluation(
    answer: EvaluationAnswer, rows: tuple[EvaluationRow, ...], period: Period, days: str
) -> Presentation:
    """The export with a table for each variable. Its counts are those of the rows as they are shown, so that no table
    says more than they do; `days` says the period."""
    return Presentation(
        title="Auszug für die wissenschaftliche Begleitung",
        subtitle=days,
        office=answer["municipality"],
        day=period.today,
        facts=facts(answer["figures"], period.until),
        sheets=(
            *(_counts(place, variable, rows) for place, variable in enumerate(VARIABLES) if place),
            _codebook(),
        ),
        note=f"„–“ und „*“: nicht gezeigt, weil weniger als {SMALLEST_CELL} oder weil sich sonst eine solche Zahl "
        f"errechnen ließe. Kennung des Auszugs: {answer['export_id']}.",
    )


def records_sheet(rows: tuple[EvaluationRow, ...]) -> Sheet:
    """The rows themselves."""
    return Sheet(
        "Personen",
        ("pseudonym", *(variable.name for variable in VARIABLES)),
        tuple((row.pseudonym, *row.codes) for row in rows),
    )


def _counts(place: int, variable: Variable, rows: tuple[EvaluationRow, ...]) -> Sheet:
    counts = Counter((row.codes[place], row.codes[0]) for row in rows)
    outcomes = sorted({outcome for _, outcome in counts}, reverse=True)
    cells: list[tuple[Cell, ...]] = [
        (code, *whole([counts[code, outcome] for outcome in outcomes]), Number(_sum(counts, code)))
        for code in sorted({code for code, _ in counts})
    ]
    names = tuple(f"{VARIABLES[0].heading}: {_OUTCOMES[outcome]}" for outcome in outcomes)
    return Sheet(variable.heading, (variable.name, *names, "Personen"), tuple(cells))


def _sum(counts: Counter[tuple[str, str]], code: str) -> int:
    return sum(number for (each, _), number in counts.items() if each == code)


def _codebook() -> Sheet:
    rows = [
        (each["name"], code, meaning["de"], meaning["en"])
        for each in codebook()
        for code, meaning in ({"": {"de": each["de"], "en": each["en"]}} | each["codes"]).items()
    ]
    return Sheet("Codebuch", ("Spalte", "Code", "Bedeutung", "Meaning"), tuple(rows))
