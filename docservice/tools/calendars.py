"""One event as an iCalendar file (RFC 5545), which every calendar program reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MEDIA_TYPE = "text/calendar"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event. `uid` stays the same for ever, `sequence` grows with every change; moments have their zone."""

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    minutes: int
    summary: str
    location: str | None = None
    description: str | None = None
    cancelled: bool = False


def calendar_file(event: CalendarEvent) -> bytes:
    """The file, with the rules of its time zone; nobody is invited and nobody is named by it."""
    from icalendar import Calendar, Event  # costs a fifth of a second: only who wants a calendar pays for it

    calendar, entry = Calendar(), Event()
    calendar.add("prodid", "-//docservice//DE")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if event.cancelled else "PUBLISH")
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.stamp)
    entry.add("dtstart", event.start)
    entry.add("dtend", event.start + timedelta(minutes=event.minutes))
    entry.add("summary", event.summary)
    entry.add("class", "PRIVATE")
    entry.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    if event.location is not None:
        entry.add("location", event.location)
    if event.description is not None:
        entry.add("description", event.description)
    calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
