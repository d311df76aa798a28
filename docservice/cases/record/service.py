"""The record of a case over time: what was agreed, planned, talked about and found, and what follows from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docservice.cases.intake import case_to_json, parse_record, refuse_oversize
from docservice.cases.partners.naming import names_partners, plan_day, with_partners
from docservice.cases.patch import merge_patch
from docservice.cases.record.composing import CaseState, Changed, Choice, composed, following_number
from docservice.cases.record.drafting import changes_of, next_annex, next_plan
from docservice.cases.record.filing import file_appointment
from docservice.cases.record.forms import Entry, read_entry
from docservice.cases.record.keeping import Keeper
from docservice.cases.record.reading import Surroundings, read_entry_as, read_new
from docservice.cases.record.views import ChangesView, DraftView, EntryView
from docservice.cases.snapshots import CURRENT, load
from docservice.db.cases import CaseRecord
from docservice.db.events import EventName
from docservice.db.idempotency import Idempotency, known_subject, subject_of_key
from docservice.db.record.entries import EntryRecord
from docservice.db.unit_of_work import Database, Transaction
from docservice.domain.actors import Actor
from docservice.domain.cases import AgreementTerms, Annex, Case, HelpPlan
from docservice.domain.cursors import ListPart, numbers_cursor, numbers_of
from docservice.domain.errors import Conflict, Fault, InvalidInput, NotFound, no_such
from docservice.domain.record.entries import StateChange
from docservice.domain.record.faults import past_faults, state_faults
from docservice.domain.record.subjects import PAPERS, EntryState, Subject, may_change
from docservice.domain.sources import Clock, IdSource, office_day


@dataclass(frozen=True, slots=True)
class _Open:
    """A case that nobody else changes until this transaction ends."""

    keeper: Keeper
    case: CaseRecord
    around: Surroundings

    def entry(self, subject: Subject, number: int) -> EntryRecord:
        """The entry with this number; NotFound."""
        for each in self.around.of(subject):
            if each.number == number:
                return each
        raise _no_such_entry()


class RecordService:
    """Keeps the record of each case. What it adds to the papers is what the case file shows from then on."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids

    def entries(
        self, actor: Actor, case_id: str, subject: Subject, limit: int, cursor: str | None = None
    ) -> ListPart[EntryView]:
        """The entries of a subject, the highest number first. NotFound for an unknown case; InvalidInput for a cursor
        that was not given out here."""
        below = numbers_of(cursor, 1)
        with self._database.reading() as tx:
            if tx.cases.get(case_id) is None:
                raise no_such("case")
            found = tx.entries.some(case_id, subject, limit + 1, None if below is None else below[0])
        more = numbers_cursor([found[limit - 1].number]) if len(found) > limit else None
        return ListPart(tuple(map(EntryView.of, found[:limit])), more)

    def get(self, actor: Actor, case_id: str, subject: Subject, number: int) -> EntryView:
        """The entry with this number; NotFound."""
        with self._database.reading() as tx:
            record = tx.entries.get(case_id, subject, number)
        if record is None:
            raise _no_such_entry()
        return EntryView.of(record)

    def add(
        self, actor: Actor, case_id: str, subject: Subject, payload: object, idempotency: Idempotency | None = None
    ) -> EntryView:
        """Another entry, with the next number of its subject.

        NotFound for an unknown case; InvalidInput with every fault. The same idempotency key and body again give the
        first entry; Conflict when the key was used for another body.
        """
        refuse_oversize(payload)
        with self._opened(actor, case_id) as opened:
            record = _first(opened, idempotency)
            if record is None:
                entry, agreement = read_new(subject, payload, opened.around)
                entry = _with_partners(opened, entry)
                record = _added(opened, subject, entry, agreement, idempotency)
            return EntryView.of(record)

    def draft_annex(
        self, actor: Actor, case_id: str, payload: object, idempotency: Idempotency | None = None
    ) -> DraftView:
        """The next annex of an agreement: open steps are carried over, done ones told, the next talk proposed on a
        working day. NotFound, InvalidInput and Conflict as for `add`."""
        refuse_oversize(payload)
        with self._opened(actor, case_id) as opened:
            record = _first(opened, idempotency)
            if record is None:
                annex, agreement = next_annex(payload, opened.around)
                record = _added(opened, Subject.ANNEX, annex, agreement, idempotency)
            return _draft(opened, record)

    def draft_plan(
        self, actor: Actor, case_id: str, payload: object, idempotency: Idempotency | None = None
    ) -> DraftView:
        """The help plan carried forward: what is unfinished is carried over with its origin, results are asked for.
        NotFound, InvalidInput and Conflict as for `add`."""
        refuse_oversize(payload)
        with self._opened(actor, case_id) as opened:
            record = _first(opened, idempotency)
            if record is None:
                plan = _with_partners(opened, next_plan(payload, opened.around))
                record = _added(opened, Subject.HELP_PLAN, plan, None, idempotency)
            return _draft(opened, record)

    def change(
        self,
        actor: Actor,
        case_id: str,
        subject: Subject,
        number: int,
        payload: object,
        expected_revision: int,
        *,
        kept: bool = True,
    ) -> Changed[EntryView]:
        """Change what an entry says (`entry`: a JSON merge patch), or its state (`state`, `on`, `reason`). A paper of
        which something was printed stays as it is; with `correction` its next edition says the other thing. With `kept`
        False nothing is changed, and the answer is what it would be.

        NotFound; Conflict "stale_revision" when the entry is not at `expected_revision` (any more), "entry_frozen" when
        something was printed of it; InvalidInput with every fault.
        """
        refuse_oversize(payload)
        patch, change = _what_changes(payload)
        with self._opened(actor, case_id, subject, number, kept=kept) as opened:
            record = opened.entry(subject, number)
            if record.revision != expected_revision:
                raise Conflict.told("cases.stale_revision.case")
            if patch is not None:
                record = _changed(opened, record, patch, correction=change.correction)
            if change.state is not None:
                record = _moved(opened, record, change, change.state)
            file = _refile(opened)
            papers = opened.keeper.tx.entries.of_case(case_id, PAPERS)
        return Changed(EntryView.of(record), opened.around.state, CaseState(file, papers))

    def compose(self, actor: Actor, case_id: str, choice: Choice) -> Case:
        """The case file that documents of the chosen papers are made of; NotFound."""
        with self._database.reading() as tx:
            record = tx.cases.get(case_id)
            if record is None:
                raise no_such("case")
            papers = tx.entries.of_case(case_id, PAPERS)
        try:
            return composed(load(record.snapshot_version, record.data), papers, choice)
        except KeyError:
            raise _no_such_entry() from None

    @contextmanager
    def _opened(
        self,
        actor: Actor,
        case_id: str,
        subject: Subject | None = None,
        number: int | None = None,
        *,
        kept: bool = True,
    ) -> Iterator[_Open]:
        now = self._clock.now()
        with self._database.transaction(kept=kept) as tx:
            case = tx.cases.lock(case_id)
            if case is None:
                raise no_such("case")
            entries = tx.entries.of_case(case_id)
            if subject is not Subject.AGREEMENT or number is None:
                number = following_number(entries, Subject.AGREEMENT)
            around = Surroundings(
                file=load(case.snapshot_version, case.data),
                entries=entries,
                bound=_bound(tx, case_id, number),
                now=now,
            )
            yield _Open(Keeper(tx, self._ids.new, actor, case_id, now), case, around)


def _first(opened: _Open, idempotency: Idempotency | None) -> EntryRecord | None:
    """The entry that was made under the key before, if there is one."""
    tx = opened.keeper.tx
    earlier = None if idempotency is None else known_subject(tx, idempotency)
    return None if earlier is None else tx.entries.with_id(earlier)


def _added(
    opened: _Open, subject: Subject, entry: Entry, agreement: int | None, idempotency: Idempotency | None
) -> EntryRecord:
    keeper, tx = opened.keeper, opened.keeper.tx
    following = following_number(opened.around.entries, subject)
    record = keeper.add(subject, following, entry, agreement=agreement)
    subject_of_key(tx, idempotency, record.id, keeper.at)
    _follow(opened, following, entry)
    _refile(opened)
    return record


def _draft(opened: _Open, record: EntryRecord) -> DraftView:
    papers = opened.keeper.tx.entries.of_case(record.case_id, [record.subject])
    return DraftView(EntryView.of(record), ChangesView.of(changes_of(record, papers)))


def _changed(opened: _Open, record: EntryRecord, patch: Mapping[str, Any], *, correction: bool) -> EntryRecord:
    frozen = not may_change(record.subject, record.state)
    if frozen and not (correction and record.subject in PAPERS):
        raise Conflict.told("record.entry_frozen")
    said = read_entry_as(record.subject, merge_patch(record.data, patch), opened.around, record.agreement_number)
    said = _with_partners(opened, said, read_entry(record))
    changed = _corrected(opened, record, said) if frozen else opened.keeper.change(record, said)
    if changed is None:
        raise Conflict.told("cases.stale_revision.case")
    _follow(opened, record.number, said)
    return changed


def _with_partners(opened: _Open, entry: Entry, before: Entry | None = None) -> Entry:
    """The entry, in which measures call the partners they name as the directory does."""
    if not isinstance(entry, HelpPlan) or not names_partners(entry):
        return entry
    around = opened.around
    known = before if isinstance(before, HelpPlan) else around.file.help_plan
    day = plan_day(entry, around.file.agreement, office_day(around.now))
    return with_partners(opened.keeper.tx, entry, day, known)


def _corrected(opened: _Open, record: EntryRecord, said: Entry) -> EntryRecord:
    """The next edition, which says something else."""
    if said == read_entry(record):
        return record
    return opened.keeper.add(record.subject, record.number, said, corrects=record, agreement=record.agreement_number)


def _what_changes(payload: object) -> tuple[Mapping[str, Any] | None, StateChange]:
    if not isinstance(payload, Mapping):
        raise InvalidInput([Fault.told("body", "record.change_empty")])
    patch = payload.get("entry")
    change = parse_record(StateChange, {name: value for name, value in payload.items() if name != "entry"})
    if patch is not None and not isinstance(patch, Mapping):
        raise InvalidInput([Fault.told("entry", "record.change_empty")])
    if patch is None and change.state is None:
        raise InvalidInput([Fault.told("state", "record.change_empty")])
    return patch, change


def _moved(opened: _Open, record: EntryRecord, change: StateChange, state: EntryState) -> EntryRecord:
    faults = [
        *state_faults(record.subject, record.state, state, change.reason),
        *past_faults("on", change.on, opened.keeper.at),
    ]
    if faults:
        raise InvalidInput(faults)
    moved = opened.keeper.move(record, state, change.on, change.reason)
    if moved is None:
        raise Conflict.told("cases.stale_revision.case")
    return moved


def _follow(opened: _Open, number: int, entry: Entry) -> None:
    """What follows from a paper: who is bound by an agreement and its first annex, the talk that an annex announces."""
    keeper, tx = opened.keeper, opened.keeper.tx
    if isinstance(entry, AgreementTerms):
        members = {member.name: member.person_id for member in tx.persons.members(keeper.case_id)}
        agreement = tx.entries.get(keeper.case_id, Subject.AGREEMENT, number)
        assert agreement is not None
        tx.entries.set_parties(agreement.id, [members[party] for party in entry.parties])
        if opened.around.newest(Subject.ANNEX, number) is None:
            following = following_number(opened.around.entries, Subject.ANNEX)
            keeper.add(Subject.ANNEX, following, Annex(number=following), agreement=number)
    if isinstance(entry, Annex):
        file_appointment(keeper, entry, tuple(opened.around.of(Subject.APPOINTMENT)))


def _refile(opened: _Open) -> Case:
    """The case file shows the newest papers; it gets its next revision when they are others than before."""
    keeper, file = opened.keeper, opened.around.file
    case = composed(file, keeper.tx.entries.of_case(keeper.case_id, PAPERS), Choice())
    if case == file:
        return file
    changed = dataclasses.replace(
        opened.case,
        revision=opened.case.revision + 1,
        snapshot_version=CURRENT,
        data=case_to_json(case),
        updated_at=keeper.at,
    )
    if not keeper.tx.cases.replace(changed, expected_revision=opened.case.revision):
        raise Conflict.told("cases.stale_revision.case")
    about = {"revision": changed.revision}
    keeper.tx.events.add(keeper.actor, EventName.CASE_CHANGED, keeper.case_id, keeper.at, about, case_id=keeper.case_id)
    return case


def _bound(tx: Transaction, case_id: str, number: int) -> frozenset[str]:
    """The names of those who are party to another agreement that stands."""
    members = tx.persons.members(case_id)
    bound = tx.entries.bound_elsewhere(case_id, number, [member.person_id for member in members])
    return frozenset(member.name for member in members if member.person_id in bound)


def _no_such_entry() -> NotFound:
    return NotFound.told("record.not_found")
