"""The interim report as people read it."""

from __future__ import annotations

from docservice.domain.figures.interim import InterimFigures, MonthFigures
from docservice.domain.figures.periods import Period
from docservice.reports.measures import COUNTS, facts
from docservice.reports.picture import Panel, drawn
from docservice.reports.sheets import Cell, Number, Picture, Presentation, Sheet, german_day, said, whole

_MONTHS = ("Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")
_NAMES = {
    "contacts": "Einzelkontakte",
    "agreements": "Vereinbarungen",
    "persons": "Personen",
    "in_preparation": "In Vorbereitung",
    "off_benefit": "Aus vollem Bezug",
}


def present_interim(figures: InterimFigures, office: str) -> Presentation:
    """The interim report of an office: its figures, the months as a picture and as a table."""
    counts = {name: getattr(figures, name) for name in COUNTS}
    return Presentation(
        title="Zwischenbericht",
        subtitle=told_period(figures.period),
        office=office,
        day=figures.period.today,
        facts=facts(counts, figures.period.until),
        sheets=(_by_month(figures),),
        picture=_picture(figures),
        note="Einzelkontakte, Vereinbarungen und Personen sind die des Monats, „in Vorbereitung“ und „aus vollem "
        "Bezug“ der Stand am letzten Tag des Monats.",
    )


def told_period(period: Period) -> str:
    """The days, and up to which of them was counted when the last one is still to come."""
    days = f"{german_day(period.begin)} bis {german_day(period.end)}"
    return days if period.until == period.end else f"{days}, gezählt bis {german_day(period.until)}"


def _by_month(figures: InterimFigures) -> Sheet:
    rows: list[tuple[Cell, ...]] = [(_month(each), *whole(_values(each))) for each in figures.by_month]
    total = whole([getattr(figures, name) for name in _NAMES])
    return Sheet("Nach Monaten", ("Monat", *_NAMES.values()), (*rows, ("Zeitraum", *total)))


def _values(month: MonthFigures) -> tuple[int, ...]:
    return tuple(getattr(month, name) for name in _NAMES)


def _month(figures: MonthFigures) -> str:
    return f"{_MONTHS[figures.month.begin.month - 1]} {figures.month.begin.year}"


def _picture(figures: InterimFigures) -> Picture:
    titles = {
        "contacts": "Einzelkontakte im Monat",
        "agreements": "Im Monat abgeschlossene Vereinbarungen",
        "persons": "Im Monat erfasste Personen",
        "in_preparation": "Vereinbarungen in Vorbereitung am Monatsende",
        "off_benefit": "Personen aus vollem Leistungsbezug am Monatsende",
    }
    panels = [Panel(title, tuple(getattr(each, name) for each in figures.by_month)) for name, title in titles.items()]
    months = [(each.month.begin.year, _MONTHS[each.month.begin.month - 1]) for each in figures.by_month]
    most = ", ".join(f"{panel.title}: höchstens {said(Number(max(panel.values)))}" for panel in panels)
    alt = f"Säulen je Monat, {told_period(figures.period)}. {most}. Alle Zahlen stehen in der Tabelle."
    return Picture(drawn(panels, months, f"Zwischenbericht {told_period(figures.period)}", alt), alt)
