"""What is printed again because something was wrong or has changed: of which papers, with whose names.

A typing error is mended by the same document in its next revision (Fassung), with the clauses of the day it was made
for. A legal name that has changed needs no new agreement: a supplement (Nachtrag) says both names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum

from docservice.domain.cases import Case, NameChange, Person, Supplement


class Reason(StrEnum):
    """Why a document is issued again."""

    TYPING_ERROR = "typing_error"
    NAME_CHANGE = "name_change"


def with_supplement(present: Case, printed: Case, number: int, day: date) -> Case | None:
    """The present case file with the agreement as it was printed and a supplement of that number about every legal
    name that has changed since; None when none has."""
    changes = tuple(_name_changes(present, printed))
    if not changes:
        return None
    return replace(present, agreement=printed.agreement, supplement=Supplement(number, day, changes))


def named_otherwise(present: Case, printed: Case) -> bool:
    """Whether somebody who is party to the agreement, or signs for one, bears another legal name than is printed."""
    return any(_name_changes(present, printed))


def _name_changes(present: Case, printed: Case) -> Iterator[NameChange]:
    """Of the parties and of who signs for them, in the order of the case file."""
    named = _signing(printed)
    before = {person.id: person for person in printed.persons}
    for person in present.persons:
        earlier = before.get(person.id)
        if earlier is not None and person.id in named and _legal_name(earlier) != _legal_name(person):
            yield NameChange(person.id, earlier.legal_family_name, earlier.legal_given_names)


def _signing(case: Case) -> frozenset[str]:
    parties = [case.person(person_id) for person_id in case.agreement.parties]
    return frozenset(case.agreement.parties).union(*(party.guardian for party in parties))


def _legal_name(person: Person) -> tuple[str | None, str | None]:
    return person.legal_family_name, person.legal_given_names
