"""The figures of the interim report by name: how each is called, written, and computed from others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from docservice.domain.figures.interim import ratio
from docservice.reports.sheets import Fact, Form, Number, german_day


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: its key in reports, its German name, what exactly is counted ({last} is the last day of the period),
    how it is written. A ratio is that of its two `parts`."""

    key: str
    name: str
    meaning: str
    form: Form = Form.WHOLE
    parts: tuple[str, str] | None = None

    def value_of(self, figures: Mapping[str, Any]) -> float | None:
        """The figure, where the counts stand under their keys; None when it is not there or not told."""
        if self.parts is None:
            count: int | None = figures[self.key]
            return count
        digits = {Form.HUNDREDTHS: 2, Form.TENTHS: 1}.get(self.form, 3)
        return ratio(figures[self.parts[0]], figures[self.parts[1]], digits)


MEASURES: Final = (
    Measure("contacts", "Einzelkontakte", "Kontakte mit Tag im Zeitraum, ohne gestrichene"),
    Measure(
        "agreements",
        "Abgeschlossene Vereinbarungen",
        "im Zeitraum erstmals von allen unterschrieben; eine Berichtigung zählt nicht noch einmal",
    ),
    Measure("persons", "Erfasste Personen", "Parteien dieser Vereinbarungen, jede Person einmal"),
    Measure(
        "in_preparation",
        "Vereinbarungen in Vorbereitung",
        "am {last} entworfen, gedruckt oder teils unterschrieben",
    ),
    Measure(
        "off_benefit",
        "Nicht mehr ausschließlich im Leistungsbezug",
        "von den erfassten Personen: am {last} ohne Leistung oder mit ergänzender, nach vollem Bezug",
    ),
    Measure(
        "persons_per_agreement",
        "Personen je Vereinbarung",
        "erfasste Personen durch abgeschlossene Vereinbarungen",
        Form.HUNDREDTHS,
        ("persons", "agreements"),
    ),
    Measure(
        "contacts_per_agreement",
        "Kontakte je Vereinbarung",
        "Einzelkontakte durch abgeschlossene Vereinbarungen",
        Form.TENTHS,
        ("contacts", "agreements"),
    ),
    Measure(
        "off_benefit_share",
        "Anteil aus vollem Bezug",
        "an den erfassten Personen",
        Form.SHARE,
        ("off_benefit", "persons"),
    ),
)
COUNTS: Final = tuple(measure.key for measure in MEASURES if measure.parts is None)


def facts(figures: Mapping[str, Any], last: date) -> tuple[Fact, ...]:
    """All of them, from a report whose last day is `last`."""
    return tuple(
        Fact(
            measure.name,
            Number(measure.value_of(figures), measure.form),
            measure.meaning.format(last=german_day(last)),
        )
        for measure in MEASURES
    )
