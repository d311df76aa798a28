"""What of a kept case is possible but seldom meant: an appointment on a day or at an hour when the office is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from docservice.domain.cases import Case
from docservice.domain.notices import Notice
from docservice.domain.sources import OFFICE_ZONE
from docservice.domain.text.messages import Sentence

_PATH = "annex.next_appointment.start"
_FIRST, _LAST = time(7), time(20)
_SUNDAY = 6


def notices(case: Case) -> tuple[Notice, ...]:
    """What of a case the office should look at; without what its `confirmed_warnings` name."""
    appointment = case.annex.next_appointment
    if appointment is None:
        return ()
    found = _of_appointment(appointment.start.astimezone(OFFICE_ZONE))
    return tuple(notice for notice in found if notice.code not in case.confirmed_warnings)


def _of_appointment(start: datetime) -> Iterator[Notice]:
    if start.weekday() == _SUNDAY:
        yield Notice.told(_PATH, "cases.appointment_on_sunday")
    german, english = _holiday(start.date(), "de"), _holiday(start.date(), "en_US")
    if german and english:
        holiday = Sentence("holiday", german, f"{english}, {german}")
        yield Notice.told(_PATH, "cases.appointment_on_holiday", holiday=holiday)
    if not _FIRST <= start.time() < _LAST:
        yield Notice.told(_PATH, "cases.appointment_outside_office_hours", start=start)
    if start.replace(fold=0).utcoffset() != start.replace(fold=1).utcoffset():
        yield Notice.told(_PATH, "cases.appointment_in_doubled_hour")


def _holiday(day: date, language: str) -> str | None:
    """The name of the public holiday of North Rhine-Westphalia on a day, if it is one."""
    from holidays import country_holidays  # costs half a second: only what looks at an appointment pays for it

    name: str | None = country_holidays("DE", subdiv="NW", years=day.year, language=language).get(day)
    return name
