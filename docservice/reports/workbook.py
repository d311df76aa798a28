"""A report as a workbook (XLSX) and as plain tables (CSV). A text is a text in both, whatever sign it begins with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell as BookCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from docservice.reports.sheets import Cell, Form, Presentation, Sheet, german_day

_HEAD_FONT: Final = Font(name="Calibri", bold=True, color="123F6D")
_HEAD_FILL: Final = PatternFill("solid", fgColor="E8EDF3")
_LINE: Final = Border(bottom=Side("thin", color="AAB4C0"))
_WIDEST: Final = 70
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


def as_xlsx(report: Presentation) -> bytes:
    """The facts on the first sheet, each table on one of its own. No cell is a formula."""
    book = Workbook()
    book.properties.title = f"{report.title}, {report.subtitle}"
    book.properties.creator = report.office
    first = book.active
    assert isinstance(first, Worksheet)
    _overview(first, report)
    for sheet in report.sheets:
        _table(book.create_sheet(sheet.title[:31]), sheet, report)
    with io.BytesIO() as file:
        book.save(file)
        return file.getvalue()


def as_csv(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A table in UTF-8, with semicolons as the spreadsheets of German offices expect them. A text that a spreadsheet
    would take for a formula has an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([_plain(cell) for cell in row] for row in (columns, *rows))
    return text.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def _overview(sheet: Worksheet, report: Presentation) -> None:
    sheet.title = "Überblick"
    _write(sheet, 1, 1, report.title).font = Font(name="Calibri", size=16, bold=True, color="123F6D")
    _write(sheet, 2, 1, report.subtitle)
    _write(sheet, 3, 1, f"{report.office}, erstellt am {german_day(report.day)}")
    for column, name in enumerate(("Kennzahl", "Wert", "Was gezählt wird"), start=1):
        _head(_write(sheet, 5, column, name))
    row = 5
    for row, fact in enumerate(report.facts, start=6):
        _write(sheet, row, 1, fact.name).alignment = Alignment(wrap_text=True, vertical="top")
        _write(sheet, row, 2, fact.value).alignment = Alignment(vertical="top")
        _write(sheet, row, 3, fact.meaning).alignment = Alignment(wrap_text=True, vertical="top")
        for column in (1, 2, 3):
            sheet.cell(row, column).border = _LINE
    if report.note:
        note = _write(sheet, row + 2, 1, report.note)
        note.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=row + 2, start_column=1, end_row=row + 2, end_column=3)
        sheet.row_dimensions[row + 2].height = 15 * (1 + len(report.note) // 100)
    for letter, width in (("A", 34), ("B", 12), ("C", 62)):
        sheet.column_dimensions[letter].width = width
    _on_paper(sheet, report)


def _table(sheet: Worksheet, table: Sheet, report: Presentation) -> None:
    for column, name in enumerate(table.columns, start=1):
        _head(_write(sheet, 1, column, name))
    for row, cells in enumerate(table.rows, start=2):
        for column, cell in enumerate(cells, start=1):
            _write(sheet, row, column, cell).border = _LINE
    for column, name in enumerate(table.columns, start=1):
        texts = [cells[column - 1] for cells in table.rows]
        longest = max([len(name), *(len(text) for text in texts if isinstance(text, str))])
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, longest + 3)
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    _on_paper(sheet, report)


def _on_paper(sheet: Worksheet, report: Presentation) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = HeaderFooterItem()
    footer.left.text, footer.right.text = f"{report.title}, {report.subtitle}", "&P / &N"
    sheet.HeaderFooter.oddFooter = footer


def _head(cell: BookCell) -> None:
    cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="bottom")


def _write(sheet: Worksheet, row: int, column: int, value: Cell) -> BookCell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, BookCell)
    if isinstance(value, str):
        cell.value = value
        cell.data_type = "s"  # whatever the library has made of it
        cell.quotePrefix = value.startswith(_FORMULA_SIGNS)  # and it stays a text when somebody edits it
    elif value.value is None:
        cell.value = "–"
        cell.alignment = Alignment(horizontal="right")
    else:
        cell.value, cell.number_format = value.value, value.form.value
        if value.form is Form.SHARE:
            cell.alignment = Alignment(horizontal="right")
    return cell
