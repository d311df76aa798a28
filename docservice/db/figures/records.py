"""What the figures of the office are counted from: a fixed number of statements, however long the period is.

Each statement names the columns it reads; none reads what an entry says (`data`), nor anybody's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Row, Select, Subquery, and_, func, select

from docservice.db.base import Repository
from docservice.db.record.entries import agreement_party_table, case_entry_table
from docservice.db.record.persons import person_period_table, person_table
from docservice.domain.figures.benefits import BenefitSpan, is_off_benefit
from docservice.domain.figures.evaluation import CoveredPerson
from docservice.domain.figures.interim import Covered, Preparation
from docservice.domain.figures.periods import Period
from docservice.domain.record.periods import BenefitStatus, Topic
from docservice.domain.record.subjects import CONCLUDED, GONE, EntryState, Subject
from docservice.domain.sources import office_day

_ONCE_SIGNED: Final = (*CONCLUDED, EntryState.ENDED)
_AT_ONCE: Final = {"yield_per": 2000}
"""Rows that are in memory at a time."""


class RecordFigures(Repository):
    """Counts over the records of all cases."""

    def contacts(self, period: Period) -> Mapping[date, int]:
        """How many contacts are recorded of each day of the period."""
        table = case_entry_table
        query = (
            select(table.c.day, func.count())
            .where(table.c.subject == Subject.CONTACT, table.c.state == EntryState.RECORDED)
            .where(table.c.day.between(period.begin, period.until))
            .group_by(table.c.day)
        )
        return {day: int(number) for day, number in self._connection.execute(query)}

    def agreements(self, period: Period) -> Mapping[date, int]:
        """How many agreements were concluded on each day of the period."""
        signed = _concluded(period)
        query = select(signed.c.signed_on, func.count()).group_by(signed.c.signed_on)
        return {day: int(number) for day, number in self._connection.execute(query)}

    def preparations(self, period: Period) -> Iterator[Preparation]:
        """The agreements that were begun before the end of the period, whatever became of them."""
        table = case_entry_table
        columns = ("case_id", "number", "edition", "state", "created_at", "updated_at", "effective_on")
        query = select(*(table.c[name] for name in columns)).where(table.c.subject == Subject.AGREEMENT)
        query = query.order_by(table.c.case_id, table.c.number, table.c.edition)
        for _, editions in groupby(self._streamed(query), key=lambda row: (row.case_id, row.number)):
            preparation = _preparation(list(editions))
            if preparation.begun <= period.until:
                yield preparation

    def covered(self, period: Period) -> Iterator[Covered]:
        """The persons who are party to an agreement that was concluded in the period, with what they lived on."""
        parties, spans = _first_agreements(period), person_period_table
        query = (
            select(parties.c.person_id, parties.c.since, spans.c.code, spans.c.valid_from, spans.c.valid_to)
            .outerjoin(spans, and_(spans.c.person_id == parties.c.person_id, spans.c.topic == Topic.BENEFIT))
            .order_by(parties.c.person_id)
        )
        for (person_id, since), rows in groupby(self._streamed(query), key=lambda row: (row.person_id, row.since)):
            yield Covered(person_id, since, tuple(map(_span, (row for row in rows if row.code is not None))))

    def covered_persons(self, period: Period) -> Iterator[CoveredPerson]:
        """The same persons as the evaluation sees them."""
        off = {each.person_id for each in self.covered(period) if is_off_benefit(each.benefits, period.until)}
        seen = ""
        for row in self._streamed(_agreements_of_persons(period)):
            if row.person_id != seen:
                yield CoveredPerson(
                    person_id=row.person_id,
                    since=row.signed_on,
                    birth_year=row.birth_year,
                    parties=row.parties,
                    contacts=row.contacts or 0,
                    off_benefit=row.person_id in off,
                )
            seen = row.person_id

    def _streamed(self, query: Select[Any]) -> Iterator[Row[Any]]:
        yield from self._connection.execute(query, execution_options=_AT_ONCE)


def _concluded(period: Period) -> Subquery:
    """The agreements that were concluded in the period: the day they were signed for the first time, and the edition
    that counted at its end."""
    table = case_entry_table
    signed_on = func.min(table.c.effective_on)
    return (
        select(
            table.c.case_id,
            table.c.number,
            signed_on.label("signed_on"),
            func.max(table.c.edition).label("edition"),
        )
        .where(table.c.subject == Subject.AGREEMENT, table.c.state.in_(_ONCE_SIGNED))
        .where(table.c.effective_on <= period.until)
        .group_by(table.c.case_id, table.c.number)
        .having(signed_on >= period.begin)
        .subquery("concluded")
    )


def _parties(period: Period) -> Subquery:
    """Who is party to which of the agreements concluded in the period."""
    signed, table, parties = _concluded(period), case_entry_table, agreement_party_table
    counted = and_(
        table.c.subject == Subject.AGREEMENT,
        *(table.c[name] == signed.c[name] for name in ("case_id", "number", "edition")),
    )
    return (
        select(parties.c.entry_id, parties.c.person_id, signed.c.case_id, signed.c.signed_on)
        .select_from(signed)
        .join(table, counted)
        .join(parties, parties.c.entry_id == table.c.id)
        .subquery("parties")
    )


def _first_agreements(period: Period) -> Subquery:
    parties = _parties(period)
    query = select(parties.c.person_id, func.min(parties.c.signed_on).label("since"))
    return query.group_by(parties.c.person_id).subquery("first")


def _agreements_of_persons(period: Period) -> Select[Any]:
    """Each agreement of each person, the first one first."""
    parties, table = _parties(period), case_entry_table
    together = select(parties.c.entry_id, func.count().label("parties")).group_by(parties.c.entry_id).subquery("size")
    contacts = (
        select(table.c.case_id, func.count().label("contacts"))
        .where(table.c.subject == Subject.CONTACT, table.c.state == EntryState.RECORDED)
        .where(table.c.day.between(period.begin, period.until))
        .group_by(table.c.case_id)
        .subquery("contacts")
    )
    return (
        select(
            parties.c.person_id,
            parties.c.signed_on,
            person_table.c.birth_year,
            together.c.parties,
            contacts.c.contacts,
        )
        .join(together, together.c.entry_id == parties.c.entry_id)
        .join(person_table, person_table.c.id == parties.c.person_id)
        .outerjoin(contacts, contacts.c.case_id == parties.c.case_id)
        .order_by(parties.c.person_id, parties.c.signed_on, parties.c.entry_id)
    )


def _preparation(editions: list[Row[Any]]) -> Preparation:
    last = editions[-1]
    signed = [row.effective_on for row in editions if row.state in _ONCE_SIGNED and row.effective_on is not None]
    given_up = office_day(last.updated_at) if last.state in GONE else None
    return Preparation(office_day(editions[0].created_at), min(signed, default=given_up))


def _span(row: Row[Any]) -> BenefitSpan:
    return BenefitSpan(BenefitStatus(row.code), row.valid_from, row.valid_to)
