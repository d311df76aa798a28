"""The reports of an office whose year is known: the figures, in whatever they are written, and nothing beside them."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pypdf
import pytest
from openpyxl import load_workbook

from docservice.bootstrap import Services, build
from docservice.db.events import SubjectKind
from docservice.domain.figures.small_cells import HIDDEN, SMALLEST_CELL
from docservice.reports.service import ReportService
from docservice.settings import Settings
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.report_office import AFTERWARDS, FIGURES, YEAR, a_year
from tests.support.sources import StatedClock
from tests.support.statements import counted
from tests.support.verapdf import validate

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An office with a year behind it."""
    settings = Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    services = build(settings, clock=StatedClock(AFTERWARDS), templates=library())
    services.database.upgrade()
    a_year(services.database, settings.database_url)
    yield services
    services.close()


@pytest.fixture(scope="module")
def reports(services: Services) -> ReportService:
    return services.reports


def test_the_year_comes_to_its_figures(reports: ReportService) -> None:
    answer = reports.interim(SOMEBODY, *YEAR).answer
    assert {name: value for name, value in answer.items() if name in FIGURES} == FIGURES
    assert answer["agreements"] + answer["in_preparation"] == 560
    assert list(answer) == ["from", "to", *FIGURES, "by_month"]
    assert (answer["from"], answer["to"]) == (date(2003, 1, 1), date(2003, 12, 31))


def test_months_add_up_and_the_last_one_tells_how_things_stand(reports: ReportService) -> None:
    answer = reports.interim(SOMEBODY, *YEAR).answer
    months = answer["by_month"]
    assert [month["month"] for month in months] == [f"2003-{number:02d}" for number in range(1, 13)]
    for flow in ("contacts", "agreements", "persons"):
        assert sum(month[flow] for month in months) == FIGURES[flow]
    assert months[7]["contacts"] == 0
    assert (months[-1]["in_preparation"], months[-1]["off_benefit"]) == (130, 196)
    assert months[5]["off_benefit"] > 2 * months[4]["off_benefit"]  # most come off in the middle of June


def test_parts_of_the_year_come_to_the_whole(reports: ReportService) -> None:
    first = reports.interim(SOMEBODY, "2003-01-01", "2003-06-30").answer
    second = reports.interim(SOMEBODY, "2003-07-01", "2003-12-31").answer
    assert first["contacts"] + second["contacts"] == 1550
    assert first["agreements"] + second["agreements"] == 430
    # the party to the second agreement of a case is covered in both halves
    assert first["persons"] + second["persons"] == 652
    assert second["in_preparation"] == 130


def test_before_anything_happened_all_is_there_with_zeros(reports: ReportService) -> None:
    answer = reports.interim(SOMEBODY, "2001-07-01", "2002-11-30").answer
    assert [answer[name] for name in FIGURES] == [0, 0, 0, 0, 0, None, None, None]  # type: ignore[literal-required]
    assert len(answer["by_month"]) == 17


@pytest.mark.parametrize("period", [YEAR, ("2003-03-03", "2003-03-03"), ("1990-01-01", "2004-01-15")])
def test_a_report_costs_four_statements(reports: ReportService, period: tuple[str, str]) -> None:
    with counted() as statements:
        reports.interim(SOMEBODY, *period)
    assert len([each for each in statements if each.startswith("SELECT")]) == 4


def test_nothing_is_read_that_says_who_somebody_is_or_what_was_written(reports: ReportService) -> None:
    with counted() as statements:
        reports.interim(SOMEBODY, *YEAR)
        reports.returns(SOMEBODY, *YEAR)
        reports.evaluation(SOMEBODY, *YEAR)
    read = set(re.findall(r"\w+", " ".join(each for each in statements if each.startswith("SELECT"))))
    assert {"case_entry", "person_period", "document", "birth_year"} <= read
    assert not read & {"data", "family_name", "given_names", "birth_date", "case_number", "snapshot", "reason", "zones"}


# -- as files ---------------------------------------------------------------------------------------------------------


def test_the_workbook_says_the_same_and_has_no_formula(reports: ReportService) -> None:
    report = reports.interim(SOMEBODY, *YEAR)
    book = load_workbook(io.BytesIO(reports.xlsx(SOMEBODY, report.presentation)))
    assert book.sheetnames == ["Überblick", "Nach Monaten"]
    overview, months = book.worksheets
    told = {row[0]: row[1] for row in overview.iter_rows(min_row=6, max_row=13, max_col=2, values_only=True)}
    assert list(told.values()) == list(FIGURES.values())
    assert months.max_row == 1 + 12 + 1
    assert [cell.value for cell in months[14]] == ["Zeitraum", 1550, 430, 650, 130, 196]
    assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"n", "s"}
    assert overview["B13"].number_format == "0.0%"


def test_the_picture_draws_every_month_and_says_itself_in_words(reports: ReportService) -> None:
    picture = reports.interim(SOMEBODY, *YEAR).presentation.picture
    assert picture is not None
    drawing = ElementTree.fromstring(picture.svg)
    space = "{http://www.w3.org/2000/svg}"
    texts = [str(each.text) for each in drawing.iter(f"{space}text")]
    assert [text for text in texts if text in ("Jan.", "Aug.", "Dez.", "2003")] == ["Jan.", "Aug.", "Dez.", "2003"]
    assert {"145", "0", "196"} <= set(texts)
    columns = [each for each in drawing.iter(f"{space}rect") if each.get("fill") != "#ffffff"]
    assert len(columns) == 5 * 12 - 1  # no contact in August
    assert drawing.get("role") == "img"
    assert drawing.find(f"{space}desc").text == picture.alt  # type: ignore[union-attr]
    assert "Einzelkontakte im Monat: höchstens 145" in picture.alt


@pytest.mark.parametrize("years", [1, 3, 50])
def test_pictures_of_long_times_keep_their_labels_apart(reports: ReportService, years: int) -> None:
    picture = reports.interim(SOMEBODY, f"{2004 - years}-01-01", "2003-12-31").presentation.picture
    assert picture is not None
    drawing = ElementTree.fromstring(picture.svg)
    names = [each for each in drawing.iter("{http://www.w3.org/2000/svg}text") if each.get("font-size") == "9"]
    for height in {each.get("y") for each in names}:
        places = sorted(float(str(each.get("x"))) for each in names if each.get("y") == height)
        assert all(after - before >= 30 for before, after in pairwise(places))


@pytest.mark.needs("verapdf")
def test_every_report_is_an_accessible_pdf_with_the_figures(reports: ReportService, tmp_path: Path) -> None:
    presentations = {
        "interim": reports.interim(SOMEBODY, *YEAR).presentation,
        "long": reports.interim(SOMEBODY, "2001-07-01", "2003-12-31").presentation,
        "empty": reports.interim(SOMEBODY, "1991-01-01", "1991-01-01").presentation,
        "returns": reports.returns(SOMEBODY, *YEAR).presentation,
        "evaluation": reports.evaluation(SOMEBODY, *YEAR).report.presentation,
    }
    files = []
    for name, presentation in presentations.items():
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(reports.pdf(SOMEBODY, presentation))
    assert {verdict.faults for verdict in validate(files)} == {()}
    reader = pypdf.PdfReader(files[0])
    text = "".join(page.extract_text() for page in reader.pages)
    for said in ("1.550", "430", "650", "130", "196", "1,51", "3,6", "30,2", "Aug. 2003", "Zwischenbericht"):
        assert said in text
    assert len(reader.pages) == 1
    again = reports.pdf(SOMEBODY, reports.interim(SOMEBODY, *YEAR).presentation)
    assert again == files[0].read_bytes()


# -- the evaluation ---------------------------------------------------------------------------------------------------


def test_the_export_has_a_row_for_each_person_and_no_small_cell(reports: ReportService) -> None:
    export = reports.evaluation(SOMEBODY, *YEAR)
    answer = export.report.answer
    assert answer["figures"] == FIGURES
    assert len(answer["records"]) == 650
    assert set(answer["records"][0]) == {each["name"] for each in answer["codebook"]}
    assert min(Counter(row.codes for row in export.rows).values()) >= SMALLEST_CELL
    for sheet in export.report.presentation.sheets[:-1]:
        cells = [cell.value for row in sheet.rows for cell in row if not isinstance(cell, str)]
        assert cells
        assert not [cell for cell in cells if cell is not None and 0 < cell < SMALLEST_CELL]
    for variable in answer["codebook"][1:]:
        told = {record[variable["name"]] for record in answer["records"]}
        assert told <= {*variable["codes"], *(code for code in told if re.fullmatch(r"[\d+-]+", code))}


def test_two_exports_cannot_be_laid_over_each_other(reports: ReportService) -> None:
    first, second = (reports.evaluation(SOMEBODY, *YEAR) for _ in range(2))
    assert first.key != second.key
    assert not {row.pseudonym for row in first.rows} & {row.pseudonym for row in second.rows}
    assert first.report.answer["export_id"] != second.report.answer["export_id"]
    assert first.key.hex() not in str(first)
    assert repr(first.key) not in repr(first)


def test_with_the_same_key_a_person_has_the_same_pseudonym(services: Services) -> None:
    keyed = replace(services.reports, new_key=bytes)
    first, second = (keyed.evaluation(SOMEBODY, *YEAR) for _ in range(2))
    assert first.rows == second.rows
    assert len({row.pseudonym for row in first.rows}) == 650


def test_of_a_few_days_almost_nothing_is_told(reports: ReportService) -> None:
    """Three agreements of six persons; then one of two."""
    few = reports.evaluation(SOMEBODY, "2003-01-01", "2003-01-02").report.answer
    assert few["figures"]["persons"] == 6
    assert few["figures"]["agreements"] is None
    assert few["figures"]["persons_per_agreement"] is None
    assert {record["age"] for record in few["records"]} == {HIDDEN}
    fewer = reports.evaluation(SOMEBODY, "2003-01-01", "2003-01-01").report.answer
    assert fewer["records"] == []
    assert {fewer["figures"][name] for name in ("agreements", "persons", "off_benefit")} == {None}


def test_that_an_export_was_made_is_kept(services: Services) -> None:
    export_id = services.reports.evaluation(SOMEBODY, *YEAR).report.answer["export_id"]
    with services.database.reading() as tx:
        (event,) = tx.events.after(SubjectKind.REPORT, export_id)
    assert (event.name, event.actor_id) == ("evaluation.exported", SOMEBODY.id)
    assert event.data == {"from": "2003-01-01", "to": "2003-12-31"}


def test_texts_that_begin_like_formulas_stay_texts(reports: ReportService) -> None:
    signs = ("=1+1", "+1", "-1", "@x", "\t=1")
    presentation = reports.interim(SOMEBODY, *YEAR).presentation
    sheet = replace(presentation.sheets[0], columns=signs, rows=(signs,))
    book = reports.xlsx(SOMEBODY, replace(presentation, sheets=(sheet,), title="=1+1"))
    read = load_workbook(io.BytesIO(book))
    assert {cell.data_type for row in read.worksheets[1] for cell in row} == {"s"}
    assert [cell.quotePrefix for cell in read.worksheets[1][2]] == [True] * 5
    parts = zipfile.ZipFile(io.BytesIO(book))
    assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]
