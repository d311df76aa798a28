"""What of a kept case is possible but seldom meant: an appointment on a day or at an hour when the office is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final

from docservice.domain.cases import Case, WarningCode
from docservice.domain.notices import Notice
from docservice.domain.sources import OFFICE_ZONE

SUNDAY: Final = "appointment_on_sunday"
HOLIDAY: Final = "appointment_on_holiday"
OUTSIDE_HOURS: Final = "appointment_outside_office_hours"
DOUBLED_HOUR: Final = "appointment_in_doubled_hour"

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
        yield _notice(SUNDAY, "Der nächste Termin liegt an einem Sonntag.", "The next appointment is on a Sunday.")
    german, english = _holiday(start.date(), "de"), _holiday(start.date(), "en_US")
    if german and english:
        yield _notice(
            HOLIDAY,
            f"Der nächste Termin liegt an einem Feiertag in Nordrhein-Westfalen ({german}).",
            f"The next appointment is on a public holiday of North Rhine-Westphalia ({english}, {german}).",
        )
    if not _FIRST <= start.time() < _LAST:
        yield _notice(
            OUTSIDE_HOURS,
            f"Der nächste Termin beginnt um {start:%H:%M} Uhr, also nicht zwischen 7 und 20 Uhr.",
            f"The next appointment starts at {start:%H:%M}, which is not between 07:00 and 20:00.",
        )
    if start.replace(fold=0).utcoffset() != start.replace(fold=1).utcoffset():
        yield _notice(
            DOUBLED_HOUR,
            "Der nächste Termin liegt in der Stunde, die es bei der Zeitumstellung zweimal gibt.",
            "The next appointment is in the hour that comes twice when the clocks change.",
        )


def _notice(code: WarningCode, german: str, english: str) -> Notice:
    return Notice(
        _PATH,
        code,
        f"{german} Bitte ändern oder mit {code} in confirmed_warnings bestätigen.",
        f"{english} Please change it, or confirm it with {code} in confirmed_warnings.",
    )


def _holiday(day: date, language: str) -> str | None:
    """The name of the public holiday of North Rhine-Westphalia on a day, if it is one."""
    from holidays import country_holidays  # costs half a second: only what looks at an appointment pays for it

    name: str | None = country_holidays("DE", subdiv="NW", years=day.year, language=language).get(day)
    return name
