"""What is printed does not change any more, and what comes back signed is signed: documents and their entries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from docservice.cases.record.forms import Entry, read_entry
from docservice.cases.record.keeping import Keeper
from docservice.cases.snapshots import load
from docservice.db.bundles import DocumentRecord
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


def note_signed(keeper: Keeper, document: DocumentRecord) -> None:
    """A document is back with all its signatures: the edition that it was made of is signed, since the day on the paper
    (today, where that was left blank or is still to come)."""
    if document.kind.value not in set(PAPERS):
        return
    tx, subject = keeper.tx, Subject(document.kind.value)
    out = [record for record in tx.entries.editions(keeper.case_id, subject, document.number) if record.state in _OUT]
    bundle = tx.bundles.get(document.bundle_id) if out else None
    if bundle is None:
        return
    said = _papers(load(bundle.snapshot_version, document.snapshot(bundle)))[subject.value]
    today = office_day(keeper.at)
    for record in out:
        if read_entry(record) == said:
            keeper.move(record, EntryState.SIGNED, min(record.day or today, today))


def _papers(case: Case) -> dict[str, Entry]:
    return {Subject.AGREEMENT: case.agreement, Subject.ANNEX: case.annex, Subject.HELP_PLAN: case.help_plan}
