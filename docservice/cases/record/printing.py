"""What is printed does not change any more, and what comes back signed is signed: documents and their entries."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Final

from docservice.cases.record.forms import Entry, read_entry
from docservice.cases.record.keeping import Keeper
from docservice.cases.snapshots import load
from docservice.db.bundles import DocumentRecord
from docservice.db.record.entries import EntryRecord
from docservice.domain.cases import Case
from docservice.domain.kinds import Kind
from docservice.domain.record.subjects import PAPERS, EntryState, Subject
from docservice.domain.sources import office_day

_OUT: Final = (EntryState.GENERATED, EntryState.PRINTED, EntryState.PARTIALLY_SIGNED)
"""Documents are out, and may come back."""


def note_order(keeper: Keeper, documents: Iterable[tuple[Kind, Case]]) -> None:
    """Documents of these kinds are made of these case files: the drafts that say what they say are drafts no more.

    A paper that the record does not hold as it is printed (a row of which nobody knows) is left alone.
    """
    printed = [(kind.value, _papers(case).get(kind.value)) for kind, case in documents]
    for record in keeper.tx.entries.of_case(keeper.case_id, PAPERS):
        if record.state is EntryState.DRAFT and (record.subject.value, read_entry(record)) in printed:
            keeper.move(record, EntryState.GENERATED)


def note_printed(keeper: Keeper, document: DocumentRecord, case: Case) -> None:
    """A document of this case file is made: the edition that says the same is printed."""
    for record in _saying(case, _editions(keeper, document, (EntryState.GENERATED,))):
        keeper.move(record, EntryState.PRINTED)


def note_partly_signed(keeper: Keeper, document: DocumentRecord) -> None:
    """A document is back with some of its signatures."""
    for record in _made_of(keeper, document, (EntryState.GENERATED, EntryState.PRINTED)):
        keeper.move(record, EntryState.PARTIALLY_SIGNED)


def note_signed(keeper: Keeper, document: DocumentRecord) -> None:
    """A document is back with all its signatures: the edition that it was made of is signed, since the day on the paper
    (today, where that was left blank or is still to come)."""
    today = office_day(keeper.at)
    for record in _made_of(keeper, document, _OUT):
        keeper.move(record, EntryState.SIGNED, min(record.day or today, today))


def _made_of(keeper: Keeper, document: DocumentRecord, states: Container[EntryState]) -> Sequence[EntryRecord]:
    """The editions in one of these states that say what the document says."""
    found = _editions(keeper, document, states)
    bundle = keeper.tx.bundles.get(document.bundle_id) if found else None
    if bundle is None:
        return ()
    return _saying(load(bundle.snapshot_version, document.snapshot(bundle)), found)


def _editions(keeper: Keeper, document: DocumentRecord, states: Container[EntryState]) -> Sequence[EntryRecord]:
    """The editions in one of these states of what a document is of; none of a document that is no paper."""
    if document.kind.value not in set(PAPERS):
        return ()
    editions = keeper.tx.entries.editions(keeper.case_id, Subject(document.kind.value), document.number)
    return [record for record in editions if record.state in states]


def _saying(case: Case, records: Sequence[EntryRecord]) -> Sequence[EntryRecord]:
    papers = _papers(case)
    return [record for record in records if read_entry(record) == papers[record.subject.value]]


def _papers(case: Case) -> dict[str, Entry]:
    return {Subject.AGREEMENT: case.agreement, Subject.ANNEX: case.annex, Subject.HELP_PLAN: case.help_plan}
