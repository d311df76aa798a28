"""A report as PDF/A-2a and PDF/UA-1: the same sheets, with the picture and its description."""

from __future__ import annotations

from pathlib import Path

from docservice.bundles.finish import finish
from docservice.reports.sheets import Presentation, Sheet, said
from docservice.tools.typst import Typesetter


def as_pdf(report: Presentation, layout: Path, typesetter: Typesetter) -> bytes:
    """The report on pages; the same report gives the same bytes. Raises what the typesetter raises."""
    picture = report.picture
    data = {
        "title": report.title,
        "subtitle": report.subtitle,
        "office": report.office,
        "date": [report.day.year, report.day.month, report.day.day],
        "facts": [[fact.name, said(fact.value), fact.meaning] for fact in report.facts],
        "picture": None if picture is None else {"svg": picture.svg, "alt": picture.alt},
        "sheets": [_sheet(sheet) for sheet in report.sheets],
        "note": report.note,
    }
    return finish(typesetter.typeset(layout, data))


def _sheet(sheet: Sheet) -> dict[str, object]:
    texts = next((sum(isinstance(cell, str) for cell in row) for row in sheet.rows), len(sheet.columns))
    return {
        "title": sheet.title,
        "columns": list(sheet.columns),
        "texts": texts,
        "rows": [[said(cell) for cell in row] for row in sheet.rows],
    }
