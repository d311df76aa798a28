"""What of a kept case is possible but seldom meant: an appointment on a day or at an hour when the office is closed."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date, datetime, time

from docservice.domain.cases import Case
from docservice.domain.notices import Notice
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.text.messages import Sentence

_IN_A_CASE = "annex.next_appointment.start"
_FIRST, _LAST = time(7), time(20)
_SUNDAY = 6


def notices(case: Case) -> tuple[Notice, ...]:
    """What of a case the office should look at; without what its `confirmed_warnings` name."""
    appointment = case.annex.next_appointment
    if appointment is None:
        return ()
    return appointment_notices(appointment.start, _IN_A_CASE, case.confirmed_warnings)


def appointment_notices(start: datetime, path: str, confirmed: Container[str] = ()) -> tuple[Notice, ...]:
    """What of the begin of a talk the office should look at, without what it has confirmed; `path` leads to it."""
    found = _of_appointment(start.astimezone(OFFICE_ZONE), path)
    return tuple(notice for notice in found if notice.code not in confirmed)


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday of North Rhine-Westphalia."""
    return _holiday(day, "de") is not None


def _of_appointment(start: datetime, path: str) -> Iterator[Notice]:
    if start.weekday() == _SUNDAY:
        yield Notice.told(path, "cases.appointment_on_sunday")
    german, english = _holiday(start.date(), "de"), _holiday(start.date(), "en_US")
    if german and english:
        holiday = Sentence("holiday", german, f"{english}, {german}")
        yield Notice.told(path, "cases.appointment_on_holiday", holiday=holiday)
    if not _FIRST <= start.time() < _LAST:
        yield Notice.told(path, "cases.appointment_outside_office_hours", start=start)
    if start.replace(fold=0).utcoffset() != start.replace(fold=1).utcoffset():
        yield Notice.told(path, "cases.appointment_in_doubled_hour")


def _holiday(day: date, language: str) -> str | None:
    """The name of the public holiday of North Rhine-Westphalia on a day, if it is one."""
    from holidays import country_holidays  # costs half a second: only what looks at an appointment pays for it

    name: str | None = country_holidays("DE", subdiv="NW", years=day.year, language=language).get(day)
    return name
