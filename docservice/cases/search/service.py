"""The office's search: cases by number, persons, state, appointments and what has become of their paper."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from docservice.cases.intake import parse_body
from docservice.cases.search.views import CaseHit, PersonHit
from docservice.cases.views import CaseEntry
from docservice.db.cases import CaseSummary
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor
from docservice.domain.cursors import ListPart, next_cursor, position_of
from docservice.domain.errors import InvalidInput
from docservice.domain.record.search import CaseSearch, search_faults
from docservice.domain.sources import Clock, office_day


@dataclass(frozen=True, slots=True)
class SearchService:
    """Finds cases that are all that is asked (`domain/record/search`), newest first, with two statements at
    most. Documents are overdue as the return statistics have it: not back after more than `overdue_days`."""

    database: Database
    clock: Clock
    overdue_days: int

    def list(self, actor: Actor, payload: object, limit: int, cursor: str | None = None) -> ListPart[CaseEntry]:
        """The cases alone: nothing is read of their persons. InvalidInput as for `find`."""
        with self.database.reading() as tx:
            found = self._found(tx, payload, limit, cursor)
        return ListPart(tuple(map(CaseEntry.of, found[:limit])), next_cursor(found, limit))

    def find(self, actor: Actor, payload: object, limit: int, cursor: str | None = None) -> ListPart[CaseHit]:
        """The cases, with everybody who belongs or belonged to them. InvalidInput with every fault of what is asked, or
        for a cursor that was not given out here."""
        with self.database.reading() as tx:
            found = self._found(tx, payload, limit, cursor)
            hits = _with_persons(tx, found[:limit])
        return ListPart(hits, next_cursor(found, limit))

    def _found(self, tx: Transaction, payload: object, limit: int, cursor: str | None) -> tuple[CaseSummary, ...]:
        """The cases, and the first that follows."""
        asked, after = _read(payload), position_of(cursor)
        late_before = office_day(self.clock.now()) - timedelta(days=self.overdue_days)
        return tx.finder.some(asked, late_before, limit + 1, after)


def _with_persons(tx: Transaction, found: tuple[CaseSummary, ...]) -> tuple[CaseHit, ...]:
    persons = defaultdict[str, list[PersonHit]](list)
    for each in tx.finder.persons(case.id for case in found):
        persons[each.case_id].append(PersonHit.of(each))
    return tuple(CaseHit.found(case, tuple(persons[case.id])) for case in found)


def _read(payload: object) -> CaseSearch:
    asked = parse_body(CaseSearch, payload)
    if faults := tuple(search_faults(asked)):
        raise InvalidInput(faults)
    return asked
