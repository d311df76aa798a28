"""Periods of validity, and the seams between them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docservice.domain.dates.validity import Period, coverage_faults


def test_both_ends_belong_to_a_period() -> None:
    project = Period(date(2001, 7, 1), date(2004, 6, 30))
    assert date(2001, 7, 1) in project
    assert date(2004, 6, 30) in project
    assert date(2001, 6, 30) not in project
    assert date(2004, 7, 1) not in project
    assert "2003-05-12" not in project


def test_a_period_without_end_holds_every_later_day() -> None:
    assert date.max in Period(date(2026, 1, 1))


def test_a_period_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="ends"):
        Period(date(2004, 7, 1), date(2004, 6, 30))


def test_a_row_without_gap_or_overlap_is_fine_in_any_order() -> None:
    assert coverage_faults([Period(date(2026, 7, 1)), Period(date(2023, 7, 1), date(2026, 6, 30))]) == ()
    assert coverage_faults([]) == ()


def test_gaps_and_overlaps_are_named_day_by_day() -> None:
    faults = coverage_faults(
        [
            Period(date(2001, 7, 1), date(2004, 6, 30)),
            Period(date(2005, 1, 1), date(2023, 7, 1)),
            Period(date(2023, 7, 1), None),
        ]
    )
    assert faults == ("gap from 2004-07-01 to 2004-12-31", "overlap from 2023-07-01 to 2023-07-01")


def test_nothing_may_follow_a_period_without_end() -> None:
    assert coverage_faults([Period(date(2001, 1, 1)), Period(date(2026, 1, 1))]) == ("overlap from 2026-01-01 on",)


def test_a_short_period_inside_a_long_one_hides_no_later_gap() -> None:
    faults = coverage_faults(
        [
            Period(date(2020, 1, 1), date(2020, 12, 31)),
            Period(date(2020, 3, 1), date(2020, 3, 31)),
            Period(date(2021, 1, 1), date(2021, 12, 31)),
        ]
    )
    assert faults == ("overlap from 2020-03-01 to 2020-03-31",)


_DAYS = st.dates(date(2000, 1, 1), date(2000, 3, 1))


@given(st.lists(st.tuples(_DAYS, st.none() | st.integers(0, 20)), max_size=5))
def test_no_fault_means_that_each_day_lies_in_exactly_one_period(rows: list[tuple[date, int | None]]) -> None:
    periods = [Period(begin, None if days is None else begin + timedelta(days)) for begin, days in rows]
    if not periods:
        return
    first = min(period.valid_from for period in periods)
    last = max(period.valid_to or date(2000, 6, 1) for period in periods)
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    exactly_one = all(sum(day in period for period in periods) == 1 for day in days)
    assert (coverage_faults(periods) == ()) == exactly_one
