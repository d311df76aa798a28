"""Persons of one document whose printed names are equal, and what part of a birth date tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from docservice.domain.cases import Case, Person
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.text.grammar import name_alone
from docservice.domain.text.names import search_form


def told_apart_by(case: Case) -> Mapping[str, PartialDate | None]:
    """Id of each namesake -> the year of birth, or all that is known of the birth date where years are equal; None
    where that tells nothing.

    Looked at are the parties, who represents them, and who answers for a measure; names are equal when their Latin or
    their original spelling is. Who bears the name of a member of staff is told apart too, and names that differ in
    accents or signs alone ("José", "Jose"; "Müller", "Mueller") are where birth dates can. Ids that nobody has are
    passed over.
    """
    people = _named(case)
    interpreters = (case.interpreter,) if case.interpreter else ()
    staff = {name_alone(named) for named in (*case.agreement.representatives, *interpreters)}
    found: dict[str, PartialDate | None] = {}
    for spelt, needed in ((_alike, False), (str.casefold, True)):
        names = {person.id: _names(person, spelt) for person in people}
        of_staff = set(map(spelt, staff))
        for person in people:
            own = names[person.id]
            rivals = [other for other in people if other.id != person.id and names[other.id] & own]
            if person.id not in found and (rivals or own & of_staff):
                told_by = _distinction(person.birth_date, [rival.birth_date for rival in rivals])
                if told_by is not None or needed:
                    found[person.id] = told_by
    return found


def _named(case: Case) -> Sequence[Person]:
    measures = (measure for goal in case.help_plan.goals for measure in goal.measures)
    ids = {*case.agreement.parties, *(measure.responsible_person for measure in measures)}
    guardians = {guardian for person in case.persons if person.id in ids for guardian in person.guardian}
    return [person for person in case.persons if person.id in ids | guardians]


def _names(person: Person, spelt: Callable[[str], str]) -> set[str]:
    originals = (" ".join(filter(None, (name.given_names, name.family_name))) for name in person.original_script_names)
    return {spelt(name) for name in (name_alone(person), *originals)}


def _alike(name: str) -> str:
    return search_form(name).replace("-", " ")


def _distinction(born: PartialDate | None, others: Iterable[PartialDate | None]) -> PartialDate | None:
    if born is None:
        return None
    smallest = PartialDate(born.year)
    for other in others:
        if other is None or not _differ(born, other):
            return None
        if other.year == born.year:
            smallest = born
    return smallest


def _differ(one: PartialDate, other: PartialDate) -> bool:
    """Whether a part that both know is not the same."""
    parts = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return any(mine is not None and theirs is not None and mine != theirs for mine, theirs in parts)
