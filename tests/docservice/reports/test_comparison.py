"""Reports of several municipalities side by side; the files are strangers' files."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from docservice.domain.errors import DocserviceError
from docservice.reports.comparison import comparison_answer, present_comparison, read_report
from docservice.reports.workbook import as_csv, as_xlsx

INTERIM: dict[str, Any] = {
    **{"from": "2003-01-01", "to": "2003-12-31", "contacts": 1550, "agreements": 430, "persons": 650},
    **{"in_preparation": 130, "off_benefit": 196, "persons_per_agreement": 9.9, "by_month": []},
}
EXPORT: dict[str, Any] = {
    **{"form": "docservice.evaluation", "municipality": "Stadt Hamm", "from": "2003-01-01", "to": "2003-12-31"},
    "figures": {"contacts": 90, "agreements": 20, "persons": 30, "in_preparation": None, "off_benefit": None},
}


def read(payload: object, name: str = "dortmund.json") -> Any:
    return read_report(name, json.dumps(payload).encode())


def test_reports_and_exports_stand_side_by_side() -> None:
    answer = comparison_answer([read(INTERIM), read(EXPORT)])
    assert answer["same_period"] is True
    assert [column["name"] for column in answer["columns"]] == ["dortmund.json", "Stadt Hamm"]
    values = {row["measure"]: row["values"] for row in answer["rows"]}
    assert values["contacts"] == [1550, 90]
    assert values["persons_per_agreement"] == [1.51, 1.5]  # computed here, whatever a file says
    assert values["off_benefit_share"] == [0.302, None]
    assert values["in_preparation"] == [130, None]


def test_other_days_are_told() -> None:
    found = [read(INTERIM), read({**EXPORT, "to": "2003-06-30"})]
    assert comparison_answer(found)["same_period"] is False
    presentation = present_comparison(found, date(2004, 1, 15))
    assert presentation.sheets[1].rows[1] == ("Stadt Hamm", "01.01.2003 bis 30.06.2003")
    assert as_xlsx(presentation).startswith(b"PK")


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        {**INTERIM, "contacts": "1550"},
        {**INTERIM, "contacts": -1},
        {**INTERIM, "contacts": True},
        {**INTERIM, "contacts": 1.5},
        {**INTERIM, "from": "2003-02-30"},
        {**INTERIM, "from": None},
        {**EXPORT, "figures": []},
        {**EXPORT, "figures": {"contacts": 1}},
    ],
)
def test_what_is_no_report_is_refused_by_its_name(payload: object) -> None:
    with pytest.raises(DocserviceError) as refused:
        read(payload, "other.json")
    assert refused.value.code == "not_a_report"
    assert "other.json" in refused.value.detail


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "", "a" * 100, "-1+1", "x\ny", 7, "\u202eevil"])
def test_a_name_that_is_none_gives_way_to_that_of_the_file(name: object) -> None:
    assert read({**EXPORT, "municipality": name}).name == "dortmund.json"


def test_a_csv_cell_is_never_a_formula() -> None:
    told = as_csv(["=a", "b"], [["+1", "-1"], ["@x", "1.5"]]).decode("utf-8-sig")
    assert told == "'=a;b\r\n'+1;'-1\r\n'@x;1.5\r\n"
