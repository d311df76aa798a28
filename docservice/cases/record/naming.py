"""By which words of their names the persons of a case are found."""

from __future__ import annotations

from docservice.cases.record.forms import read_period
from docservice.db.record.search import Said
from docservice.db.unit_of_work import Transaction
from docservice.domain.cases import Person
from docservice.domain.record.periods import FormerName, Topic
from docservice.domain.text.search_words import name_words


def words_of_person(person: Person) -> frozenset[str]:
    """The words of all names that the case file has for somebody: legal, of birth, and in the original script."""
    names = [person.legal_family_name, person.legal_given_names, person.name_prefix, person.birth_name]
    for each in person.original_script_names:
        names += [each.family_name, each.given_names, each.patronymic]
    return name_words(filter(None, names))


def file_former_names(tx: Transaction, case_id: str, person_id: str) -> None:
    """Somebody is found by the names they bore before, too, as far as they were told in this case."""
    periods = (read_period(each) for each in tx.persons.periods([person_id], Topic.NAME) if each.case_id == case_id)
    former = [period for period in periods if isinstance(period, FormerName)]
    words = name_words(name for each in former for name in (each.family_name, each.given_names) if name)
    tx.finder.put_names(case_id, Said.FORMER, {person_id: words})
