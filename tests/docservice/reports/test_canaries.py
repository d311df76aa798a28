"""Whatever is known of a family and is nobody's business stays out of every report, in whatever it is written."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pytest

from docservice.bootstrap import Services, build
from docservice.db.cases import case_record_table
from docservice.db.record.entries import case_entry_table
from docservice.db.record.persons import person_period_table, person_table
from docservice.domain.record.search import CaseSearch
from docservice.reports.evaluation import records_sheet
from docservice.reports.sheets import Presentation, plain
from docservice.reports.workbook import as_csv
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.live_api import settings_in
from tests.support.report_office import OFF, Rows
from tests.support.sources import CountedIds, StatedClock

CANARY = "Zilpzalp"
YEAR = ("2003-01-01", "2003-12-31")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Six families; every text in every one of their rows is a canary, and so is every value of their entries."""
    settings = settings_in(tmp_path)
    services = build(settings, clock=StatedClock(datetime(2004, 1, 15, 9, 0, tzinfo=UTC)), templates=library())
    services.database.upgrade()
    rows = Rows(CountedIds())
    for number in range(6):
        family = rows.family(number, 1, datetime(2003, 1, 2, 9, tzinfo=UTC))
        rows.signed_at_once(family, date(2003, 2, 3))
        rows.contact(family.case_id, 1, date(2003, 3, 4), topic=f"{CANARY} topic", note=f"{CANARY} note")
        rows.benefits(family.case_id, family.parties[0], OFF[0])
    for row in rows.kept[person_table]:
        row |= {"family_name": f"{CANARY} family", "given_names": f"{CANARY} given", "birth_date": CANARY}
    for row in rows.kept[case_record_table]:
        row |= {"case_number": f"{CANARY} number", "data": {"notes": CANARY}}
    for table in (case_entry_table, person_period_table):
        for row in rows.kept[table]:
            row["data"] = {**row["data"], "facts": f"{CANARY} facts", "note": f"{CANARY} note", "evidence": CANARY}
    rows.write(settings.database_url)
    yield services
    services.close()


def test_no_report_says_anything_of_anybody(services: Services, process_log: io.StringIO, tmp_path: Path) -> None:
    reports = services.reports
    interim, returns = reports.interim(SOMEBODY, *YEAR), reports.returns(SOMEBODY, *YEAR)
    export = reports.evaluation(SOMEBODY, *YEAR)
    assert (interim.answer["contacts"], interim.answer["persons"], interim.answer["off_benefit"]) == (6, 6, 6)
    assert len(export.rows) == 6
    told = [json.dumps(each, default=str) for each in (interim.answer, returns.answer, export.report.answer)]
    told.append(as_csv(("pseudonym",), [map(plain, row) for row in records_sheet(export.rows).rows]).decode())
    for presentation in (interim.presentation, returns.presentation, export.report.presentation):
        told += files_of(services, presentation)
    told.append(process_log.getvalue())
    with services.database.reading() as tx:
        found = tx.finder.some(CaseSearch(), date(2003, 12, 31), 10)
        case_ids = [each.id for each in found]
        assert CANARY in found[0].case_number  # the search itself works
        persons = [member.person_id for case_id in case_ids for member in tx.persons.members(case_id)]
    assert len(persons) == 12
    for each in told:
        assert CANARY not in each
        assert not [secret for secret in (*case_ids, *persons) if secret in each]
        assert not {"supplementary", "2003-02-03", "03.02.2003", "1950-05-06"} & set(each.split('"'))


def files_of(services: Services, presentation: Presentation) -> list[str]:
    """The workbook's parts, the text of the PDF and its bytes, the picture."""
    book = zipfile.ZipFile(io.BytesIO(services.reports.xlsx(SOMEBODY, presentation)))
    pdf = services.reports.pdf(SOMEBODY, presentation)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    drawn = "" if presentation.picture is None else presentation.picture.svg
    return [*(book.read(name).decode() for name in book.namelist()), text, pdf.decode("latin-1"), drawn]
