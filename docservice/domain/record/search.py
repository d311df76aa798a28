"""What the cases of an office are searched by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from docservice.domain.cases import K0, K2, classed
from docservice.domain.errors import Fault
from docservice.domain.forms import Between, Line
from docservice.domain.record.subjects import CONCLUDED, GONE, IN_PREPARATION, EntryState
from docservice.domain.text.search_words import asked_words

MOST_WORDS: Final = 8
"""Words of a name that is asked for."""


class CaseStage(StrEnum):
    """How far a case is: where its newest agreement stands that was neither refused nor a misprint."""

    IN_PREPARATION = "in_preparation"  # not signed by all yet
    CONCLUDED = "concluded"
    ENDED = "ended"
    GIVEN_UP = "given_up"  # all of them refused or void


ENTRY_STATES: Final[Mapping[CaseStage, tuple[EntryState, ...]]] = MappingProxyType(
    {
        CaseStage.IN_PREPARATION: IN_PREPARATION,
        CaseStage.CONCLUDED: CONCLUDED,
        CaseStage.ENDED: (EntryState.ENDED,),
        CaseStage.GIVEN_UP: GONE,
    }
)
"""The states of an agreement that a state of its case stands for."""


class PaperState(StrEnum):
    """What has become of at least one of a case's documents, as the return statistics count it (`figures.returns`)."""

    PRINTED = "printed"  # made to be printed, whatever became of it since
    RETURNED = "returned"
    IN_REVIEW = "in_review"
    INCOMPLETE = "incomplete"
    OUTSTANDING = "outstanding"
    OVERDUE = "overdue"  # incomplete or outstanding for too long


@dataclass(frozen=True, slots=True)
class CaseSearch:
    """What a case must be to be found; what is left out is not asked. Name and birth year are those of one person.

    `number` is how the case number begins. `name` is any words of a name, or their beginnings, in any order and in
    Latin, Cyrillic, Arabic or Hebrew letters; former names count. `caseworker` is the id of whoever handed the case in
    or changed its file. `appointment_from` and `appointment_to` are days, both included, with an appointment that was
    not cancelled.
    """

    number: Line | None = classed(K0, None)
    name: Line | None = classed(K0, None)
    birth_year: Annotated[int, Between(1850, 2199)] | None = classed(K0, None)
    state: CaseStage | None = classed(K2, None)
    caseworker: Line | None = classed(K2, None)
    appointment_from: date | None = classed(K2, None)
    appointment_to: date | None = classed(K2, None)
    papers: PaperState | None = classed(K2, None)


def search_faults(asked: CaseSearch) -> Iterator[Fault]:
    """What makes no sense of what is asked."""
    begin, end = asked.appointment_from, asked.appointment_to
    if begin is not None and end is not None and end < begin:
        yield Fault.told("appointment_to", "search.ends_before_it_begins", example=begin.isoformat())
    if asked.name is None:
        return
    words = asked_words(asked.name)
    if not words:
        yield Fault.told("name", "search.no_letter", example="Miller Anna")
    if len(words) > MOST_WORDS:
        yield Fault.told("name", "search.too_many_words", most=MOST_WORDS, example="Miller Anna")
