"""Several municipalities side by side: what their reports and exports say, column by column.

The files come from elsewhere: they are read strictly, nothing is taken from them but numbers, days and a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypedDict

from docservice.domain.errors import DocserviceError
from docservice.reports.measures import COUNTS, MEASURES
from docservice.reports.sheets import Cell, Number, Presentation, Sheet, german_day
from docservice.tools.strict_json import parse_json

MOST_BYTES: Final = 64 << 20
"""Of one file."""
_NAME: Final = re.compile(r"[^\W_][\w .,()/-]{0,79}")


@dataclass(frozen=True, slots=True)
class Municipality:
    """What one of them says. `name` is that of an export, or what its file is called."""

    name: str
    begin: date
    end: date
    figures: Mapping[str, int | None]


class ColumnAnswer(TypedDict):
    """A municipality of the comparison, and the days its figures are of."""

    name: str
    begin: date
    end: date


class RowAnswer(TypedDict):
    """A figure of each of them, in the order of the columns; None is not told."""

    measure: str
    values: list[float | None]


class ComparisonAnswer(TypedDict):
    """Municipalities side by side. `same_period`: all figures are of the same days."""

    same_period: bool
    columns: list[ColumnAnswer]
    rows: list[RowAnswer]


def read_report(file: str, data: bytes) -> Municipality:
    """What a file says that `report interim --json` or `report evaluation --json` wrote; `file` is what to call it.

    DocserviceError "not_a_report" for anything else, "malformed_json" for no JSON.
    """
    if len(data) > MOST_BYTES:
        raise DocserviceError.told("reports.not_a_report", file=file)
    payload = parse_json(data).payload
    if not isinstance(payload, dict):
        raise DocserviceError.told("reports.not_a_report", file=file)
    name = payload.get("municipality")
    try:
        return Municipality(
            name=name if isinstance(name, str) and _NAME.fullmatch(name) else file,
            begin=date.fromisoformat(payload["from"]),
            end=date.fromisoformat(payload["to"]),
            figures=_figures(payload.get("figures", payload)),
        )
    except (KeyError, TypeError, ValueError):
        raise DocserviceError.told("reports.not_a_report", file=file) from None


def comparison_answer(municipalities: Sequence[Municipality]) -> ComparisonAnswer:
    """The comparison as JSON."""
    return {
        "same_period": len({(each.begin, each.end) for each in municipalities}) == 1,
        "columns": [{"name": each.name, "begin": each.begin, "end": each.end} for each in municipalities],
        "rows": [
            {"measure": measure.key, "values": [measure.value_of(each.figures) for each in municipalities]}
            for measure in MEASURES
        ],
    }


def present_comparison(municipalities: Sequence[Municipality], day: date) -> Presentation:
    """The comparison as people read it."""
    same = comparison_answer(municipalities)["same_period"]
    rows: list[tuple[Cell, ...]] = [
        (measure.name, *(Number(measure.value_of(each.figures), measure.form) for each in municipalities))
        for measure in MEASURES
    ]
    return Presentation(
        title="Kommunen im Vergleich",
        subtitle=_days(municipalities[0]) if same else "über verschiedene Zeiträume",
        office="Vergleich",
        day=day,
        sheets=(
            Sheet("Kennzahlen", ("Kennzahl", *(each.name for each in municipalities)), tuple(rows)),
            Sheet("Zeiträume", ("Kommune", "Zeitraum"), tuple((each.name, _days(each)) for each in municipalities)),
        ),
        note="„–“: nicht mitgeteilt, oder ohne Bezug.",
    )


def _figures(said: Any) -> Mapping[str, int | None]:
    figures = {name: said[name] for name in COUNTS}
    for value in figures.values():
        if value is not None and (type(value) is not int or value < 0):
            raise ValueError
    return figures


def _days(municipality: Municipality) -> str:
    return f"{german_day(municipality.begin)} bis {german_day(municipality.end)}"
