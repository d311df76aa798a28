"""What is printed does not change any more: the entries of the record that documents were ordered of."""

from __future__ import annotations

from collections.abc import Iterable

from docservice.cases.record.forms import Entry, read_entry
from docservice.cases.record.keeping import Keeper
from docservice.domain.cases import Case
from docservice.domain.kinds import Kind
from docservice.domain.record.subjects import PAPERS, EntryState, Subject


def note_order(keeper: Keeper, documents: Iterable[tuple[Kind, Case]]) -> None:
    """Documents of these kinds are made of these case files: the drafts that say what they say are drafts no more.

    A paper that the record does not hold as it is printed (a row of which nobody knows) is left alone.
    """
    printed = [(kind.value, _papers(case).get(kind.value)) for kind, case in documents]
    for record in keeper.tx.entries.of_case(keeper.case_id, PAPERS):
        if record.state is EntryState.DRAFT and (record.subject.value, read_entry(record)) in printed:
            keeper.move(record, EntryState.GENERATED)


def _papers(case: Case) -> dict[str, Entry]:
    return {Subject.AGREEMENT: case.agreement, Subject.ANNEX: case.annex, Subject.HELP_PLAN: case.help_plan}
