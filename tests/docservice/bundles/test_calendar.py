"""A talk as a file for calendars: what the annex prints of it in both languages, and nobody's name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar, Event

from docservice.bootstrap import Services, build
from docservice.domain.errors import NotFound
from docservice.domain.languages import LANGUAGES, SECOND
from docservice.domain.record.subjects import Subject
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.fixtures import load_case
from tests.support.live_api import settings_in
from tests.support.sources import StatedClock

SECRET = "Kanarienvogel"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(settings_in(tmp_path), templates=library(), clock=StatedClock())
    services.database.upgrade()
    yield services
    services.close()


def event_of(file: bytes) -> Event:
    """The one event of a file."""
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def add(services: Services, case_id: str, **more: Any) -> int:
    entry = services.records.add(SOMEBODY, case_id, Subject.APPOINTMENT, {"start": "2027-01-11T10:00+01:00"} | more)
    return entry.number


@pytest.mark.parametrize("code", SECOND)
def test_a_talk_is_said_in_german_and_the_second_language(services: Services, code: str) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    event = event_of(services.calendars.file(SOMEBODY, case_id, 1, LANGUAGES[code]))
    german, second = str(event["summary"]).split(" / ")
    assert german == "Nächster Gesprächstermin"
    assert second != german
    assert event.start == datetime(2026, 12, 10, 13, 30, tzinfo=UTC)
    assert event.duration == timedelta(hours=1)
    assert "Zechenweg 7 a" in str(event["location"])
    assert ("кабинет" in str(event["location"])) is (code == "ru")
    assert "Bitte mitbringen / " in str(event["description"])
    assert "0231 50-12345" in str(event["description"])


def test_nobody_and_nothing_internal_is_named(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    number = add(services, case_id, persons=["anna"], staff=SECRET, note=SECRET, language="ru", needs_interpreter=True)
    for each in (1, number):
        file = services.calendars.file(SOMEBODY, case_id, each).decode("utf-8").replace("\r\n ", "")
        for word in (SECRET, "Miller", "Anna", "Миллер", "anna", "2026-0815", "ATTENDEE", "ORGANIZER", case_id):
            assert word not in file
    assert "CLASS:PRIVATE" in file


def test_a_talk_that_was_moved_or_cancelled_replaces_the_one_in_the_calendar(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("06-sommer")).case_id
    number = add(services, case_id)
    first = event_of(services.calendars.file(SOMEBODY, case_id, number))
    moved = {"entry": {"start": "2027-10-31T10:00+01:00", "minutes": 30}}
    services.records.change(SOMEBODY, case_id, Subject.APPOINTMENT, number, moved, 1)
    second = event_of(services.calendars.file(SOMEBODY, case_id, number))
    services.records.change(SOMEBODY, case_id, Subject.APPOINTMENT, number, {"state": "cancelled"}, 2)
    third = event_of(services.calendars.file(SOMEBODY, case_id, number))
    assert first["uid"] == second["uid"] == third["uid"]
    assert [each["sequence"] for each in (first, second, third)] == [0, 1, 2]
    assert [str(each["status"]) for each in (first, second, third)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert second.start == datetime(2027, 10, 31, 9, 0, tzinfo=UTC)
    with pytest.raises(NotFound):
        services.calendars.file(SOMEBODY, case_id, 99)
