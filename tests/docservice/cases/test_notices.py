"""Appointments that are possible and seldom meant are told, each in both languages, until the case confirms them."""

from __future__ import annotations

from typing import Any

import pytest

from docservice.cases.intake import parse_case
from docservice.cases.notices import notices
from docservice.domain.cases import Case
from tests.support.fixtures import load_case

SUNDAY, HOLIDAY = "appointment_on_sunday", "appointment_on_holiday"
HOURS, TWICE = "appointment_outside_office_hours", "appointment_in_doubled_hour"
MEANT_TO_BE_ODD = "11-hostile-text"


def kept(start: str, *confirmed: str) -> Case:
    payload: dict[str, Any] = load_case("01-miller")
    payload["annex"]["next_appointment"]["start"] = start
    return parse_case(payload | {"confirmed_warnings": list(confirmed)})


@pytest.mark.parametrize(
    ("start", "codes"),
    [
        ("2026-12-13T10:00+01:00", [SUNDAY]),
        ("2027-05-27T10:00+02:00", [HOLIDAY]),  # Fronleichnam, which moves with Easter
        ("2028-06-15T10:00+02:00", [HOLIDAY]),  # and the year after
        ("2027-11-01T10:00+01:00", [HOLIDAY]),  # Allerheiligen, no holiday in Berlin
        ("2027-10-03T10:00+02:00", [SUNDAY, HOLIDAY]),
        ("2027-06-10T00:00+02:00", [HOURS]),
        ("2027-06-10T06:59+02:00", [HOURS]),
        ("2027-06-10T20:00+02:00", [HOURS]),
        ("2027-06-10T07:00+02:00", []),
        ("2027-06-10T19:59+02:00", []),
        ("2027-10-31T02:30+01:00", [SUNDAY, HOURS, TWICE]),
        ("2027-10-31T02:30+02:00", [SUNDAY, HOURS, TWICE]),
        ("2027-03-08T10:00+01:00", []),  # a holiday in Berlin alone
        ("2027-12-24T10:00+01:00", []),  # no holiday by law
    ],
)
def test_what_the_calendar_finds(start: str, codes: list[str]) -> None:
    told = notices(kept(start))
    assert [notice.code for notice in told] == codes
    for notice in told:
        assert notice.path == "annex.next_appointment.start"
        assert notice.code in notice.detail
        assert notice.code in notice.detail_de
    assert not notices(kept(start, *codes))


def test_a_holiday_is_named_and_a_confirmation_covers_its_own_code_alone() -> None:
    told, second = notices(kept("2027-10-03T10:00+02:00"))
    assert "Tag der Deutschen Einheit" in second.detail_de
    assert "German Unity Day" in second.detail
    assert "Fronleichnam" in notices(kept("2027-05-27T10:00+02:00"))[0].detail_de
    assert notices(kept("2027-10-03T10:00+02:00", HOLIDAY)) == (told,)


@pytest.mark.parametrize("name", ["01-miller", "04-levin", "08-lea", "10-big-family", "12-hard-names", MEANT_TO_BE_ODD])
def test_families_with_ordinary_appointments_are_told_nothing(name: str) -> None:
    assert bool(notices(parse_case(load_case(name)))) == (name == MEANT_TO_BE_ODD)


def test_a_case_without_an_appointment_is_told_nothing() -> None:
    payload: dict[str, Any] = load_case("01-miller")
    del payload["annex"]["next_appointment"]
    assert notices(parse_case(payload)) == ()
