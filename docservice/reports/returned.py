"""The return statistics as people read them."""

from __future__ import annotations

from docservice.domain.figures.returns import AGES, Age, ReturnCounts, ReturnFigures, Standing
from docservice.domain.kinds import KINDS, SIGNED, Kind
from docservice.reports.sheets import Cell, Fact, Number, Presentation, Sheet, german_day, whole

_COLUMNS = {
    Standing.RETURNED: "Zurück",
    Standing.IN_REVIEW: "In Prüfung",
    Standing.INCOMPLETE: "Unvollständig",
    Standing.OUTSTANDING: "Ausstehend",
    Standing.REPLACED: "Ersetzt",
}


def present_returns(figures: ReturnFigures, office: str, days: str) -> Presentation:
    """The return statistics of an office: all documents, by kind, by age, by both; `days` says the period."""
    return Presentation(
        title="Rücklaufstatistik",
        subtitle=f"Dokumente vom {days}, Stand {german_day(figures.period.today)}",
        office=office,
        day=figures.period.today,
        facts=_facts(figures),
        sheets=(_by_kind(figures), _by_age(figures), _by_both(figures)),
        note="Alter: Tage seit der Herstellung des Dokuments.",
    )


def _facts(figures: ReturnFigures) -> tuple[Fact, ...]:
    counts, days = figures.together(), figures.overdue_after
    standing = counts.standing
    return (
        Fact("Gedruckt", Number(counts.printed), "im Zeitraum fertig zum Druck bereitgestellt"),
        Fact("Zurück", Number(standing[Standing.RETURNED]), "vollständig zurück und als unterschrieben angenommen"),
        Fact("In Prüfung", Number(standing[Standing.IN_REVIEW]), "vollständig zurück; eine Person muss noch prüfen"),
        Fact("Unvollständig", Number(standing[Standing.INCOMPLETE]), "einzelne Seiten fehlen"),
        Fact("Ausstehend", Number(standing[Standing.OUTSTANDING]), "noch nichts zurück"),
        Fact("Ersetzt", Number(standing[Standing.REPLACED]), "durch eine spätere Fassung; wird nicht erwartet"),
        Fact("Überfällig", Number(counts.overdue), f"unvollständig oder ausstehend, älter als {days} Tage"),
    )


def _by_kind(figures: ReturnFigures) -> Sheet:
    rows = [(_name(kind), *_cells(figures.together(kind))) for kind in SIGNED]
    return _sheet("Nach Art", ("Art",), [*rows, ("Zusammen", *_cells(figures.together()))])


def _by_age(figures: ReturnFigures) -> Sheet:
    rows = [(_days(age), *_cells(figures.together(age=age))) for age in AGES]
    return _sheet("Nach Alter", ("Alter",), [*rows, ("Zusammen", *_cells(figures.together()))])


def _by_both(figures: ReturnFigures) -> Sheet:
    rows = [(_name(kind), _days(age), *_cells(figures.together(kind, age))) for kind in SIGNED for age in AGES]
    return _sheet("Nach Art und Alter", ("Art", "Alter"), rows)


def _sheet(title: str, names: tuple[str, ...], rows: list[tuple[Cell, ...]]) -> Sheet:
    return Sheet(title, (*names, "Gedruckt", *_COLUMNS.values(), "Überfällig"), tuple(rows))


def _cells(counts: ReturnCounts) -> tuple[Cell, ...]:
    return whole((counts.printed, *(counts.standing[name] for name in _COLUMNS), counts.overdue))


def _days(age: Age) -> str:
    return f"ab {age.least} Tagen" if age.most is None else f"{age.least} bis {age.most} Tage"


def _name(kind: Kind) -> str:
    """As the feet of its pages have it, without its number."""
    return KINDS[kind].footer.format(number="").strip()
