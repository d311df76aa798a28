"""Birth dates as registers hold them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.dates.partial_date import PartialDate


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1984-03-09", date(1984, 3, 9), date(1984, 3, 9)),
        ("2004-02", date(2004, 2, 1), date(2004, 2, 29)),
        ("1990-12", date(1990, 12, 1), date(1990, 12, 31)),
        ("1938", date(1938, 1, 1), date(1938, 12, 31)),
    ],
)
def test_an_unknown_day_or_month_is_a_span_of_days(text: str, earliest: date, latest: date) -> None:
    born = PartialDate.parse(text)
    assert (born.earliest, born.latest) == (earliest, latest)
    assert str(born) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [("00.00.1975", "1975"), ("1975-00-00", "1975"), ("1975-00", "1975"), ("00.05.1975", "1975-05")],
)
def test_zeros_of_a_register_are_parts_that_are_not_known(text: str, kept: str) -> None:
    assert str(PartialDate.parse(text)) == kept


def test_a_part_that_is_not_known_is_never_nought() -> None:
    with pytest.raises(ValueError, match="month"):
        PartialDate(1975, 0)
    with pytest.raises(ValueError, match="day"):
        PartialDate(1975, None, 1)


@pytest.mark.parametrize(
    "text", ["", "84", "1975-00-12", "09.03.1984", "1984-3-9", "1981-02-31", "1984-13", "0000", "1984-03-09 "]
)
def test_other_forms_and_days_that_do_not_exist_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PartialDate.parse(text)


def test_the_age_is_the_one_that_is_certain() -> None:
    assert PartialDate.parse("2008-12-03").age_on(date(2026, 12, 3)) == 18
    assert PartialDate.parse("2008-12-04").age_on(date(2026, 12, 3)) == 17
    assert PartialDate.parse("2008-12").age_on(date(2026, 12, 3)) == 17
    assert PartialDate.parse("2008").age_on(date(2026, 12, 31)) == 18


def test_somebody_born_on_a_leap_day_comes_of_age_on_the_first_of_march() -> None:
    born = PartialDate.parse("2004-02-29")
    assert born.age_on(date(2022, 2, 28)) == 17
    assert born.age_on(date(2022, 3, 1)) == 18


@given(st.dates(date(1000, 1, 1)))
def test_every_day_is_read_back_as_it_was_written(day: date) -> None:
    born = PartialDate.parse(day.isoformat())
    assert born.earliest == born.latest == day
    assert str(born) == day.isoformat()
