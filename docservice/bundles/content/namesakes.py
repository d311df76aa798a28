"""Puts to the names that several people of one document share what tells these people apart."""

from __future__ import annotations

from dataclasses import fields, replace

from docservice.bundles.content.words import Words
from docservice.domain.cases import Case, Person
from docservice.domain.dates.partial_date import PartialDate
from docservice.domain.text.grammar import Namesake
from docservice.domain.text.namesakes import told_apart_by


def told_apart(case: Case, words: Words) -> Case:
    """The case in which every namesake carries the part of the birth date that tells them apart, where one does."""
    found = told_apart_by(case)
    return replace(case, persons=tuple(_marked(person, found.get(person.id), words) for person in case.persons))


def _marked(person: Person, told_by: PartialDate | None, words: Words) -> Person:
    if told_by is None:
        return person
    known = {field.name: getattr(person, field.name) for field in fields(person)}
    return Namesake(**known, told_by=told_by, addition=f"(geb. {words.known_date(told_by).de})")
