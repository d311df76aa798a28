"""Writes into the record of a case: each entry, each change of one and each new state with its event."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from docservice.cases.intake import record_to_json
from docservice.cases.record.forms import CURRENT, Entry
from docservice.db.events import EventName
from docservice.db.record.entries import EntryRecord
from docservice.db.unit_of_work import Transaction
from docservice.domain.actors import Actor
from docservice.domain.cases import AgreementTerms, Annex, HelpPlan
from docservice.domain.record.entries import Assessment, Contact, PlannedAppointment
from docservice.domain.record.subjects import CONCLUDED, STANDING, EndReason, EntryState, Subject, first_state
from docservice.domain.sources import office_day


@dataclass(frozen=True, slots=True)
class Keeper:
    """Writes entries of one case in one transaction, in the name of one actor. Whether an entry may be written, changed
    or moved has been asked before."""

    tx: Transaction
    new_id: Callable[[], str]
    actor: Actor
    case_id: str
    at: datetime

    def add(
        self,
        subject: Subject,
        number: int,
        entry: Entry,
        *,
        corrects: EntryRecord | None = None,
        agreement: int | None = None,
    ) -> EntryRecord:
        """Another entry, or the next edition of the one that it corrects."""
        record = EntryRecord(
            id=self.new_id(),
            case_id=self.case_id,
            subject=subject,
            number=number,
            edition=1 if corrects is None else corrects.edition + 1,
            revision=1 if corrects is None else corrects.revision + 1,  # no tag of an edition is one of another
            state=first_state(subject),
            form=CURRENT,
            data=record_to_json(entry),
            created_at=self.at,
            updated_at=self.at,
            agreement_number=agreement,
            day=day_of(entry),
            until=entry.review_date if isinstance(entry, HelpPlan) else None,
        )
        self.tx.entries.add(record)
        self._tell(EventName.ENTRY_ADDED, record, state=record.state.value)
        return record

    def change(self, record: EntryRecord, entry: Entry) -> EntryRecord | None:
        """The entry says this from now on; None when somebody has changed it meanwhile."""
        changed = dataclasses.replace(
            record,
            form=CURRENT,
            data=record_to_json(entry),
            revision=record.revision + 1,
            updated_at=self.at,
            day=day_of(entry),
            until=entry.review_date if isinstance(entry, HelpPlan) else None,
        )
        if not self.tx.entries.replace(changed, expected_revision=record.revision):
            return None
        self._tell(EventName.ENTRY_CHANGED, changed, revision=changed.revision)
        return changed

    def move(
        self, record: EntryRecord, state: EntryState, on: date | None = None, reason: EndReason | None = None
    ) -> EntryRecord | None:
        """The entry has this state from now on, and has had it since that day; None when somebody has changed it
        meanwhile. When a correction is signed, what it corrects ends."""
        day = on or office_day(self.at)
        moved = dataclasses.replace(record, state=state, revision=record.revision + 1, updated_at=self.at)
        if state in CONCLUDED and record.state not in CONCLUDED:
            moved = dataclasses.replace(moved, effective_on=day)
        if state is EntryState.ENDED:
            moved = dataclasses.replace(moved, ended_on=day, reason=None if reason is None else reason.value)
        if not self.tx.entries.replace(moved, expected_revision=record.revision):
            return None
        self._tell(EventName.ENTRY_MOVED, moved, state=state.value, before=record.state.value)
        if state is EntryState.SIGNED and record.edition > 1:
            self._supersede(record, day)
        return moved

    def _supersede(self, record: EntryRecord, day: date) -> None:
        for earlier in self.tx.entries.editions(self.case_id, record.subject, record.number):
            if earlier.edition < record.edition and earlier.state in STANDING:
                if earlier.state in CONCLUDED:
                    self.move(earlier, EntryState.ENDED, day, EndReason.SUPERSEDED)
                else:
                    self.move(earlier, EntryState.VOID)

    def _tell(self, name: EventName, record: EntryRecord, **about: object) -> None:
        data = {"subject": record.subject.value, "number": record.number, "edition": record.edition, **about}
        self.tx.events.add(self.actor, name, record.id, self.at, data, case_id=self.case_id)


def day_of(entry: Entry) -> date | None:
    """The day an entry is of."""
    match entry:
        case AgreementTerms() | Annex():
            return entry.date
        case HelpPlan():
            return entry.created_jointly_on
        case PlannedAppointment():
            return office_day(entry.start)
        case Contact():
            return office_day(entry.at)
        case Assessment():
            return entry.day
        case _:
            return entry.day
