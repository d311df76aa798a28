"""What is printed does not change any more: the entries of the record that documents were ordered of."""

from __future__ import annotations

from collections.abc import Iterable

from docservice.cases.record.forms import read_entry
from docservice.cases.record.keeping import Keeper
from docservice.domain.cases import Case
from docservice.domain.kinds import Kind
from docservice.domain.record.subjects import PAPERS, EntryState, Subject


def note_order(keeper: Keeper, case: Case, kinds: Iterable[Kind]) -> None:
    """Documents of these kinds are made of the case: the drafts that say what it says are drafts no more.

    A paper that the record does not hold as it is printed (a row of which nobody knows) is left alone.
    """
    printed = {Subject(kind.value) for kind in kinds if kind.value in set(Subject)}
    for record in keeper.tx.entries.of_case(keeper.case_id, PAPERS):
        said = {Subject.AGREEMENT: case.agreement, Subject.ANNEX: case.annex, Subject.HELP_PLAN: case.help_plan}
        if (
            record.subject in printed
            and record.state is EntryState.DRAFT
            and read_entry(record) == said[record.subject]
        ):
            keeper.move(record, EntryState.GENERATED)
