"""An office with a year behind it, whose figures are known beforehand; and a larger one, to measure with.

Cases, persons and drafts are written as many rows at once. Whatever an agreement of the year becomes, it becomes by the
steps that the office works in, one after the other, each with its event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, create_engine, insert

from docservice.cases.intake import record_to_json
from docservice.cases.record.forms import CURRENT
from docservice.cases.record.keeping import Keeper
from docservice.cases.snapshots import CURRENT as SNAPSHOT
from docservice.db.base import columns_of
from docservice.db.cases import CaseRecord, case_record_table
from docservice.db.record.entries import EntryRecord, agreement_party_table, case_entry_table
from docservice.db.record.persons import (
    MemberRecord,
    PeriodRecord,
    PersonRecord,
    case_person_table,
    person_period_table,
    person_table,
)
from docservice.db.unit_of_work import Database
from docservice.domain.record.entries import Contact, ContactKind
from docservice.domain.record.faults import period_faults
from docservice.domain.record.periods import BenefitPeriod, BenefitStatus, Topic
from docservice.domain.record.subjects import EndReason, EntryState, Subject, first_state, may_follow
from docservice.domain.sources import IdSource
from tests.support.actors import SOMEBODY
from tests.support.sources import CountedIds

YEAR: Final = ("2003-01-01", "2003-12-31")
AFTERWARDS: Final = datetime(2004, 1, 15, 9, 0, tzinfo=UTC)
"""A moment at which the year can be reported on."""
FIGURES: Final = {
    "contacts": 1550,
    "agreements": 430,
    "persons": 650,
    "in_preparation": 130,
    "off_benefit": 196,
    "persons_per_agreement": 1.51,
    "contacts_per_agreement": 3.6,
    "off_benefit_share": 0.302,
}
"""Those of the year."""

_S = EntryState
SIGNED: Final = (_S.GENERATED, _S.PRINTED, _S.PARTIALLY_SIGNED, _S.SIGNED)
_FULL, _SOME, _NONE = BenefitStatus.FULL, BenefitStatus.SUPPLEMENTARY, BenefitStatus.NONE
_BEFORE, _JUNE, _NEXT = date(2002, 3, 1), date(2003, 6, 15), date(2003, 6, 16)

Benefits = Sequence[tuple[BenefitStatus, date, date | None]]
OFF: Final[tuple[Benefits, ...]] = (
    [(_FULL, _BEFORE, _JUNE), (_NONE, _NEXT, None)],
    [(_FULL, _BEFORE, _JUNE), (_SOME, _NEXT, None)],
    [(_FULL, _BEFORE, date(2002, 8, 31)), (_SOME, date(2002, 9, 1), _JUNE), (_NONE, _NEXT, None)],
)
"""What people live on who are off full benefit at the end of the year."""
NOT_OFF: Final[tuple[Benefits, ...]] = (
    [(_FULL, _BEFORE, None)],
    [(_NONE, _BEFORE, None)],  # never had it
    [(_NONE, _BEFORE, _JUNE), (_FULL, _NEXT, None)],  # the other way round
    [(_FULL, _BEFORE, _JUNE), (_NONE, _NEXT, date(2003, 9, 30)), (_FULL, date(2003, 10, 1), None)],
    [(_FULL, _BEFORE, date(2003, 12, 31)), (_NONE, date(2004, 1, 1), None)],  # a day too late
    [],
)
"""And of people who are not."""


@dataclass(frozen=True, slots=True)
class Family:
    """A case: its agreement, and who is party to it."""

    case_id: str
    agreement: EntryRecord
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of an office, kept until they are written all at once."""

    ids: IdSource
    kept: dict[Table, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def family(self, number: int, parties: int, at: datetime) -> Family:
        """A case of so many grown-ups, all of them party to the draft of an agreement, and a child who is not."""
        case_id, year = self.ids.new(), (1950, 1960, 1975, 1982)[number % 4]
        case = CaseRecord(case_id, 1, f"2003-{number:05d}", SNAPSHOT, {}, at, at)
        self._keep(case_record_table, case)
        persons = [self.ids.new() for _ in range(parties + 1)]
        for position, person_id in enumerate(persons, start=1):
            born = year if position <= parties else 1998
            self._keep(person_table, PersonRecord(person_id, at, at, "Beispiel", "Ana", f"{born}-05-06", born))
            self._keep(case_person_table, MemberRecord(case_id, f"p{position}", person_id, position))
        agreement = self._entry(case_id, Subject.AGREEMENT, 1, at, {})
        for position, person_id in enumerate(persons[:-1], start=1):
            party = {"entry_id": agreement.id, "person_id": person_id, "position": position}
            self.kept[agreement_party_table].append(party)
        return Family(case_id, agreement, tuple(persons[:-1]))

    def contact(self, case_id: str, number: int, day: date, **says: Any) -> EntryRecord:
        """The contact of this number of a case."""
        at = datetime(day.year, day.month, day.day, 14, tzinfo=UTC)
        data = record_to_json(Contact(at, ContactKind.VISIT, **says))
        return self._entry(case_id, Subject.CONTACT, number, at, data, day=day)

    def benefits(self, case_id: str, person_id: str, benefits: Benefits, at: datetime = AFTERWARDS) -> None:
        """What a person lived on, one time after the other."""
        known: list[BenefitPeriod] = []
        for number, (status, begin, end) in enumerate(benefits, start=1):
            period = BenefitPeriod(status, begin, end)
            assert not list(period_faults(period, known))
            known.append(period)
            data, topic = record_to_json(period), Topic.BENEFIT
            row = (self.ids.new(), person_id, case_id, topic, number, status.value, begin, end, False, CURRENT, data)
            self._keep(person_period_table, PeriodRecord(*row, created_at=at, updated_at=at))

    def signed_at_once(self, family: Family, day: date) -> None:
        """Where only the reading is measured: the agreement was signed that day, without its steps."""
        rows = self.kept[case_entry_table]
        place = next(place for place in reversed(range(len(rows))) if rows[place]["id"] == family.agreement.id)
        rows[place] |= {"state": EntryState.SIGNED, "effective_on": day}

    def write(self, url: str) -> None:
        """Into the database at this address; foreign keys first."""
        engine = create_engine(url)
        with engine.begin() as connection:
            for table in (case_record_table, person_table, case_person_table, case_entry_table):
                if self.kept[table]:
                    connection.execute(insert(table), self.kept[table])
            for table in (agreement_party_table, person_period_table):
                if self.kept[table]:
                    connection.execute(insert(table), self.kept[table])
        engine.dispose()

    def _entry(
        self, case_id: str, subject: Subject, number: int, at: datetime, data: dict[str, Any], day: date | None = None
    ) -> EntryRecord:
        row = (self.ids.new(), case_id, subject, number, 1, first_state(subject), CURRENT, data)
        record = EntryRecord(*row, created_at=at, updated_at=at, day=day)
        self._keep(case_entry_table, record)
        return record

    def _keep(self, table: Table, record: object) -> None:
        self.kept[table].append(columns_of(record))


def moved(
    keeper: Keeper, record: EntryRecord, states: Sequence[EntryState], on: date, reason: EndReason | None = None
) -> EntryRecord:
    """The entry after it has gone through these states, one after the other, all on one day."""
    for state in states:
        assert may_follow(record.subject, record.state, state), f"{record.state} is not followed by {state}"
        after = keeper.move(record, state, on, reason if state is EntryState.ENDED else None)
        assert after is not None
        record = after
    return record


def a_year(database: Database, url: str) -> None:
    """Fill the database with a year that comes to FIGURES, and with what must not count beside it."""
    rows, begin = Rows(CountedIds()), datetime(2002, 12, 2, 11, tzinfo=UTC)
    families = [rows.family(number, 2 if number < 221 else 1, begin) for number in range(429)]
    waiting = [rows.family(1000 + number, 1, begin) for number in range(129)]
    beside = [rows.family(2000 + number, 1, begin) for number in range(4)]
    struck_out = _meet(rows, families)
    _live(rows, families)
    for each in waiting:  # and of nobody who is covered
        rows.benefits(each.case_id, each.parties[0], OFF[0])
    rows.write(url)
    with database.transaction() as tx:

        def keeper(case_id: str, at: datetime = AFTERWARDS) -> Keeper:
            return Keeper(tx, rows.ids.new, SOMEBODY, case_id, at)

        for place, each in enumerate(families):
            _conclude(keeper(each.case_id), each, place)
        for place, each in enumerate(waiting):
            moved(keeper(each.case_id), each.agreement, SIGNED[: place % 4], date(2003, 9, 9))
        moved(keeper(struck_out.case_id), struck_out, [_S.VOID], _JUNE)
        refused, given_up, before, after = beside
        may = datetime(2003, 5, 5, 11, tzinfo=UTC)
        moved(keeper(refused.case_id, may), refused.agreement, [_S.GENERATED, _S.REFUSED], may.date())
        moved(keeper(given_up.case_id, may), given_up.agreement, [_S.VOID], may.date())
        moved(keeper(before.case_id), before.agreement, SIGNED, date(2002, 12, 31))
        moved(keeper(after.case_id), after.agreement, SIGNED, date(2004, 1, 2))  # in preparation at the year's end


def _conclude(keeper: Keeper, family: Family, place: int) -> None:
    """429 agreements of 650 persons, from the first day of the year to the last; one ends, and a second one follows."""
    day = date(2003, 1, 1) + timedelta(days=place * 364 // 428)
    record = moved(keeper, family.agreement, SIGNED, day)
    if place % 3 == 0:
        record = moved(keeper, record, [_S.ACTIVE], day)
    if place == 99:
        moved(keeper, record, [_S.ENDED], date(2003, 10, 1), EndReason.FULFILLED)
        second = EntryRecord(
            *(keeper.new_id(), family.case_id, Subject.AGREEMENT, 2, 1, first_state(Subject.AGREEMENT), CURRENT, {}),
            created_at=datetime(2003, 10, 1, 11, tzinfo=UTC),
            updated_at=keeper.at,
        )
        keeper.tx.entries.add(second)
        keeper.tx.entries.set_parties(second.id, family.parties)
        moved(keeper, second, SIGNED, date(2003, 10, 2))


def _meet(rows: Rows, families: Sequence[Family]) -> EntryRecord:
    """1,550 contacts, none of them in August; one lies on each side of the year, and one more has to be struck out."""
    days = [day for each in range(365) if (day := date(2003, 1, 1) + timedelta(days=each)).month != 8]
    for place in range(1550):
        number, whose = divmod(place, len(families))
        rows.contact(families[whose].case_id, 1 + number, days[place * (len(days) - 1) // 1549])
    for number, day in ((101, date(2002, 12, 31)), (102, date(2004, 1, 1))):
        rows.contact(families[0].case_id, number, day)
    return rows.contact(families[0].case_id, 103, _JUNE)


def _live(rows: Rows, families: Sequence[Family]) -> None:
    """196 of the persons who are party come off full benefit; of the others some never had it or have it again."""
    parties = [(each.case_id, person_id) for each in families for person_id in each.parties]
    assert len(parties) == 650
    for place, (case_id, person_id) in enumerate(parties):
        kinds = OFF if place % 3 == 0 and place < 3 * 196 else NOT_OFF
        rows.benefits(case_id, person_id, kinds[place // 3 % len(kinds)])


def a_large_office(url: str, cases: int, contacts: int) -> None:
    """So many cases, each with a signed agreement of one or two persons with benefits, and contacts, over three years:
    rows as the steps would leave them, to measure with."""
    rows, begin = Rows(CountedIds()), datetime(2001, 6, 1, 11, tzinfo=UTC)
    families = []
    for number in range(cases):
        each = rows.family(number, 1 + number % 2, begin)
        if number % 5:
            rows.signed_at_once(each, date(2001, 7, 1) + timedelta(days=number * 1094 // cases))
        for place, person_id in enumerate(each.parties):
            kinds = (*OFF, *NOT_OFF)
            rows.benefits(each.case_id, person_id, kinds[(number + place) % len(kinds)])
        families.append(each)
    for place in range(contacts):
        number, whose = divmod(place, cases)
        rows.contact(families[whose].case_id, 1 + number, date(2001, 7, 1) + timedelta(days=place * 1094 // contacts))
    rows.write(url)
