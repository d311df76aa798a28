"""`docservice report`: the office's own figures, and those of several municipalities side by side."""

from __future__ import annotations

import json as json_text
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from docservice.commands.files import make_folder, write_file
from docservice.commands.installation import opened, operator
from docservice.domain.errors import DocserviceError

if TYPE_CHECKING:
    from docservice.bootstrap import Services
    from docservice.reports.service import Export
    from docservice.reports.sheets import Presentation, Sheet

app = App(name="report", help="Count the office's own figures; compare municipalities.")

Begin = Annotated[str, Parameter(name="--from", help="The first day, as 2003-01-31.")]
End = Annotated[str, Parameter(name="--to", help="The last day; it is counted.")]
Xlsx = Annotated[Path | None, Parameter(name="--xlsx", help="Write it as a workbook, too.")]
Pdf = Annotated[Path | None, Parameter(name="--pdf", help="Write it as a PDF, too.")]
Json = Annotated[bool, Parameter(name="--json", help="Print one JSON document.")]


@app.command
def interim(
    *,
    begin: Begin,
    end: End,
    json: Json = False,
    xlsx: Xlsx = None,
    pdf: Pdf = None,
    svg: Annotated[Path | None, Parameter(name="--svg", help="Write its picture.")] = None,
) -> int:
    """Contacts, agreements, persons covered, in preparation, off full benefit; by month."""
    with opened() as services:
        report = services.reports.interim(operator(), begin, end)
        _write(services, report.presentation, xlsx, pdf)
    if svg is not None and report.presentation.picture is not None:
        write_file(svg, report.presentation.picture.svg.encode())
    _tell(report.answer, report.presentation, json)
    return 0


@app.command
def returns(*, begin: Begin, end: End, json: Json = False, xlsx: Xlsx = None, pdf: Pdf = None) -> int:
    """Documents printed, returned, incomplete and overdue, by kind and age."""
    with opened() as services:
        report = services.reports.returns(operator(), begin, end)
        _write(services, report.presentation, xlsx, pdf)
    _tell(report.answer, report.presentation, json)
    return 0


@app.command
def evaluation(
    *,
    begin: Begin,
    end: End,
    json: Json = False,
    xlsx: Xlsx = None,
    pdf: Pdf = None,
    csv: Annotated[Path | None, Parameter(name="--csv", help="Write its tables into this folder.")] = None,
    key: Annotated[
        Path | None,
        Parameter(name="--key", help="Keep the key of its pseudonyms in this new file; otherwise nobody keeps it."),
    ] = None,
) -> int:
    """The export for the scientific evaluation: pseudonyms and classes, nothing that fewer than five persons share."""
    if key is not None and key.exists():
        raise DocserviceError.told("reports.key_exists", path=key)
    with opened() as services:
        export = services.reports.evaluation(operator(), begin, end)
        _write(services, export.report.presentation, xlsx, pdf)
    if key is not None:
        _keep(key, export.key)
    if csv is not None:
        _write_tables(csv, export)
    _tell(export.report.answer, export.report.presentation, json)
    return 0


@app.command
def compare(*files: Path, json: Json = False, xlsx: Xlsx = None) -> int:
    """Lay reports or exports of several municipalities side by side.

    Parameters
    ----------
    files
        What `report interim --json` or `report evaluation --json` wrote, one file each.
    """
    from docservice.reports.comparison import MOST_BYTES, comparison_answer, present_comparison, read_report

    if len(files) < 2:
        raise DocserviceError.told("reports.too_few")
    found = []
    for file in files:
        with file.open("rb") as data:
            found.append(read_report(file.name, data.read(MOST_BYTES + 1)))
    presentation = present_comparison(found, date.today())  # noqa: DTZ011 - the day of whoever compares
    if xlsx is not None:
        from docservice.reports.workbook import as_xlsx

        write_file(xlsx, as_xlsx(presentation))
    _tell(comparison_answer(found), presentation, json)
    return 0


def _write(services: Services, report: Presentation, xlsx: Path | None, pdf: Path | None) -> None:
    if xlsx is not None:
        write_file(xlsx, services.reports.xlsx(operator(), report))
    if pdf is not None:
        write_file(pdf, services.reports.pdf(operator(), report))


def _write_tables(folder: Path, export: Export) -> None:
    """The rows, the counts over them and the code book, a file each."""
    from docservice.reports.evaluation import records_sheet
    from docservice.reports.sheets import plain
    from docservice.reports.workbook import as_csv

    make_folder(folder)
    for sheet in (records_sheet(export.rows), *export.report.presentation.sheets):
        rows = [[plain(cell) for cell in row] for row in sheet.rows]
        write_file(folder / f"{sheet.title.lower().replace(' ', '-')}.csv", as_csv(sheet.columns, rows))


def _keep(path: Path, key: bytes) -> None:
    """For this user only, and never in the place of another one."""
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(key.hex().encode() + b"\n")
    except FileExistsError:
        raise DocserviceError.told("reports.key_exists", path=path) from None


def _tell(answer: Any, report: Presentation, json: bool) -> None:
    if json:
        print(json_text.dumps(answer, ensure_ascii=False, indent=1, default=date.isoformat))
        return
    from rich.console import Console
    from rich.table import Table

    from docservice.reports.sheets import said

    console = Console(markup=False, highlight=False)
    console.print(f"{report.office}: {report.title}, {report.subtitle}")
    if report.facts:
        table = Table("", "", "", show_header=False, box=None, pad_edge=False)
        table.columns[1].justify = "right"
        for fact in report.facts:
            table.add_row(fact.name, said(fact.value), fact.meaning)
        console.print(table)
    for sheet in report.sheets:
        console.print(_table(sheet))
    if report.note:
        console.print(report.note)


def _table(sheet: Sheet) -> Any:
    from rich.box import SIMPLE
    from rich.table import Column, Table

    from docservice.reports.sheets import said

    texts = [all(isinstance(row[place], str) for row in sheet.rows) for place in range(len(sheet.columns))]
    columns = [
        Column(name, justify="left" if text else "right") for name, text in zip(sheet.columns, texts, strict=True)
    ]
    table = Table(*columns, title=sheet.title, title_justify="left", box=SIMPLE, pad_edge=False)
    for row in sheet.rows:
        table.add_row(*map(said, row))
    return table
