"""The figures of the interim report, rule by rule."""

from __future__ import annotations

from datetime import date

import pytest

from docservice.domain.errors import InvalidInput
from docservice.domain.figures.benefits import BenefitSpan, is_off_benefit
from docservice.domain.figures.interim import Covered, InterimFigures, Preparation, interim_figures
from docservice.domain.figures.periods import Period, read_period
from docservice.domain.record.periods import BenefitStatus

FULL, SOME, NONE = BenefitStatus.FULL, BenefitStatus.SUPPLEMENTARY, BenefitStatus.NONE
TODAY = date(2004, 1, 15)


def day(text: str) -> date:
    return date.fromisoformat(f"2003-{text}")


def period(begin: str = "01-01", end: str = "12-31") -> Period:
    return Period(day(begin), day(end), TODAY)


def counted(whole: Period, prepared: tuple[Preparation, ...] = (), covered: tuple[Covered, ...] = ()) -> InterimFigures:
    return interim_figures(whole, {}, {}, prepared, covered)


@pytest.mark.parametrize(
    ("begin", "end", "months"),
    [
        ("01-01", "12-31", ["2003-01", "2003-02", "2003-12"]),
        ("02-28", "03-01", ["2003-02", "2003-03"]),
        ("05-05", "05-05", ["2003-05"]),
    ],
)
def test_every_month_of_a_period_is_there(begin: str, end: str, months: list[str]) -> None:
    found = period(begin, end).months()
    assert (found[0].begin, found[-1].end) == (day(begin), day(end))
    assert set(months) <= {str(month) for month in found}
    assert len(found) == int(end[:2]) - int(begin[:2]) + 1


def test_what_is_not_over_is_counted_up_to_today() -> None:
    whole = Period(date(2003, 11, 20), date(2005, 6, 30), TODAY)
    assert whole.until == TODAY
    assert [str(month) for month in whole.months()] == ["2003-11", "2003-12", "2004-01"]


@pytest.mark.parametrize(
    ("begin", "end", "faults"),
    [
        ("2003-02-29", "2003-04-31", [("from", "no_such_day"), ("to", "no_such_day")]),
        ("01.01.2003", "", [("from", "invalid_date"), ("to", "invalid_date")]),
        ("2003-01-01T00:00", "2003-12-31", [("from", "invalid_date")]),
        ("٢٠٠٣-01-01", "2003-12-31", [("from", "invalid_date")]),
        ("2003-12-31", "2003-12-30", [("to", "ends_before_it_begins")]),
        ("2004-01-16", "2004-02-01", [("from", "in_the_future")]),
        ("1903-01-01", "2003-01-01", [("to", "period_too_long")]),
        ("0000-01-01", "2003-01-01", [("from", "no_such_day")]),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_its_place(begin: str, end: str, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_period(begin, end, TODAY)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == faults
    assert all(fault.de != fault.en for fault in refused.value.faults)


def test_the_last_days_there_are_can_be_asked_for() -> None:
    end = date(9999, 12, 31)
    assert Period(end, end, end).months()[-1].end == end
    figures = interim_figures(Period(end, end, end), {end: 1}, {}, [Preparation(end, None)], ())
    assert (figures.contacts, figures.in_preparation) == (1, 1)


def spans(*told: tuple[BenefitStatus, str | None, str | None]) -> tuple[BenefitSpan, ...]:
    return tuple(
        BenefitSpan(status, None if begin is None else day(begin), None if end is None else day(end))
        for status, begin, end in told
    )


@pytest.mark.parametrize(
    ("told", "off"),
    [
        ((), False),
        (((FULL, "01-01", None),), False),
        (((NONE, "01-01", None),), False),  # never had it
        (((FULL, "01-01", "05-31"), (NONE, "06-01", None)), True),
        (((FULL, "01-01", "05-31"), (SOME, "06-01", None)), True),
        (((FULL, None, "05-31"), (SOME, "06-01", None)), True),  # since before anybody knows
        (((FULL, "01-01", "05-31"), (SOME, "06-01", "07-01"), (NONE, "07-02", None)), True),
        (((NONE, "06-01", None), (FULL, "01-01", "05-31")), True),  # in whatever order they come
        (((NONE, "01-01", "05-31"), (FULL, "06-01", None)), False),  # the other way round
        (((FULL, "01-01", "05-31"), (NONE, "06-01", "07-01"), (FULL, "07-02", None)), False),  # again on it
        (((FULL, "01-01", "05-31"), (NONE, "06-01", "12-30")), False),  # of the last day nothing is known
        (((FULL, "01-01", "05-31"), (NONE, "06-01", "12-31")), True),
        (((FULL, "01-01", "12-30"), (NONE, "12-31", None)), True),
    ],
)
def test_who_is_off_full_benefit_on_the_last_day(
    told: tuple[tuple[BenefitStatus, str | None, str | None], ...], off: bool
) -> None:
    known = spans(*told)
    assert is_off_benefit(known, day("12-31")) is off
    figures = counted(period(), covered=(Covered("a", day("02-03"), known),))
    assert (figures.persons, figures.off_benefit) == (1, off)


def test_stocks_are_those_of_the_last_day_of_each_month() -> None:
    known = spans((FULL, "01-01", "03-31"), (NONE, "04-01", "06-29"), (FULL, "06-30", "08-30"), (SOME, "08-31", None))
    covered = Covered("a", day("05-02"), known)
    prepared = (Preparation(day("02-28"), day("04-30")), Preparation(day("04-30"), None))
    by_month = counted(period(), prepared, (covered,)).by_month
    assert [month.persons for month in by_month] == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert [month.off_benefit for month in by_month] == [0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1]
    assert [month.in_preparation for month in by_month] == [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]


def test_who_was_off_before_the_agreement_is_off_from_it_on() -> None:
    known = spans((FULL, "01-01", "01-31"), (NONE, "02-01", None))
    figures = counted(period(), covered=(Covered("a", day("11-30"), known),))
    assert [month.off_benefit for month in figures.by_month][9:] == [0, 1, 1]


def test_times_that_overlap_count_a_person_once() -> None:
    known = spans((FULL, "01-01", "02-01"), (SOME, "03-01", None), (NONE, "04-01", None))
    assert counted(period(), covered=(Covered("a", day("02-02"), known),)).off_benefit == 1


def test_what_begins_and_ends_within_a_month_is_no_stock_of_it() -> None:
    figures = counted(period("03-01", "03-31"), (Preparation(day("03-02"), day("03-30")),))
    assert figures.in_preparation == 0
    assert counted(period("03-01", "03-15"), (Preparation(day("03-02"), day("03-30")),)).in_preparation == 1


def test_flows_lie_in_their_month_and_add_up() -> None:
    contacts = {day("01-31"): 2, day("02-01"): 3, day("12-31"): 1}
    figures = interim_figures(period(), contacts, {day("02-01"): 4}, (), ())
    assert [month.contacts for month in figures.by_month] == [2, 3, *[0] * 9, 1]
    assert (figures.contacts, figures.agreements) == (6, 4)
    assert (figures.contacts_per_agreement, figures.persons_per_agreement) == (1.5, 0.0)


def test_without_agreements_there_are_no_ratios() -> None:
    figures = counted(period())
    assert (figures.persons_per_agreement, figures.contacts_per_agreement, figures.off_benefit_share) == (None,) * 3
