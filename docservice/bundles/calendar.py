"""A talk for the calendars of the family: what the annex prints of it, in both languages, and nobody's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from docservice.bundles.content.words import Words
from docservice.cases.record.forms import read_entry
from docservice.db.record.entries import EntryRecord
from docservice.db.unit_of_work import Database
from docservice.domain.actors import Actor
from docservice.domain.cases import BilingualText
from docservice.domain.documents import Pair
from docservice.domain.errors import NotFound
from docservice.domain.languages import USUAL, Language
from docservice.domain.record.entries import PlannedAppointment
from docservice.domain.record.subjects import EntryState, Subject
from docservice.domain.sources import OFFICE_ZONE, Clock, office_day
from docservice.templates.service import TemplateLibrary
from docservice.tools.calendars import CalendarEvent, calendar_file

_HEADING = "appointment.heading"


@dataclass(frozen=True, slots=True)
class Calendars:
    """Makes files for calendars of the appointments in the record."""

    database: Database
    templates: TemplateLibrary
    clock: Clock

    def file(self, actor: Actor, case_id: str, number: int, language: Language = USUAL) -> bytes:
        """An appointment of a case as iCalendar, in German and `language`, in the words of the papers that are valid
        today; NotFound. The language is left out where they are not translated into it."""
        with self.database.reading() as tx:
            record = tx.entries.get(case_id, Subject.APPOINTMENT, number)
        if record is None:
            raise NotFound.told("record.not_found")
        return calendar_file(_event(record, _words(self.templates, language, office_day(self.clock.now()))))


def _event(record: EntryRecord, words: Words | None) -> CalendarEvent:
    talk = read_entry(record)
    assert isinstance(talk, PlannedAppointment)
    start = talk.start.astimezone(OFFICE_ZONE)
    return CalendarEvent(
        uid=record.id,
        sequence=record.revision - 1,
        stamp=record.updated_at,
        start=start,
        minutes=talk.minutes,
        summary="Gesprächstermin" if words is None else _line(words(_HEADING)),
        location=_location(words, talk),
        description="\n".join(_description(words, talk)) or None,
        cancelled=record.state is EntryState.CANCELLED,
    )


def _words(templates: TemplateLibrary, language: Language, today: date) -> Words | None:
    """The words in which a paper of today speaks of the next talk; None when no paper does."""
    for kind in templates.kinds(today):
        version = templates.select(kind, today)
        offered = language if language in templates.languages(version) else None
        texts = templates.texts(version, offered)
        if _HEADING in texts:
            return Words(texts, offered)
    return None


def _location(words: Words | None, talk: PlannedAppointment) -> str | None:
    place = _free(words, talk.place)
    return ", ".join(part for part in (place, talk.room) if part) or None


def _description(words: Words | None, talk: PlannedAppointment) -> Iterator[str]:
    """What to bring and whom to call, a line each."""
    for unit, said in (("appointment.bring", _free(words, talk.documents_to_bring)), ("appointment.phone", talk.phone)):
        if said is not None:
            yield said if words is None else f"{_line(words(unit))}: {said}"


def _free(words: Words | None, text: BilingualText | None) -> str | None:
    """The office's own words, and their translation where there is one."""
    if text is None:
        return None
    translation = None if words is None or words.language is None else text.in_language(words.language.code)
    return text.de if translation is None or translation == text.de else f"{text.de} / {translation}"


def _line(pair: Pair) -> str:
    return pair.de if pair.tr is None else f"{pair.de} / {pair.tr}"
