"""What the scientific evaluation (wissenschaftliche Begleitung) is told of each person covered: classes, no values.

Who a person is cannot be told from it: no name, no number, no day, no free text, and no combination of classes that
fewer than five persons share.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from docservice.domain.figures.small_cells import shown

KEY_BYTES: Final = 32
"""Of the key that pseudonyms are made with."""
_PSEUDONYM_LETTERS = 20  # of hexadecimal: 80 bits


@dataclass(frozen=True, slots=True)
class CoveredPerson:
    """What is counted of a person who is party to an agreement of the period: the first one. `parties` is how many are
    party to it, `contacts` how many contacts its case had in the period."""

    person_id: str
    since: date
    birth_year: int | None
    parties: int
    contacts: int
    off_benefit: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of the export: what it says in short (in German), what exactly, and what its codes mean (both in German
    and English)."""

    name: str
    heading: str
    label: tuple[str, str]
    code_of: Callable[[CoveredPerson], str]
    codes: Mapping[str, tuple[str, str]]


def _classed(value: int, bounds: Sequence[tuple[int, str]]) -> str:
    return next(code for least, code in bounds if value >= least)


def _off_benefit(person: CoveredPerson) -> str:
    return "yes" if person.off_benefit else "no"


_AGES = ((60, "60+"), (45, "45-59"), (30, "30-44"), (18, "18-29"), (-999, "0-17"))
_PARTIES = ((3, "3+"), (2, "2"), (0, "1"))
_CONTACTS = ((6, "6+"), (3, "3-5"), (1, "1-2"), (0, "0"))


def _age(person: CoveredPerson) -> str:
    return "unknown" if person.birth_year is None else _classed(person.since.year - person.birth_year, _AGES)


def _parties(person: CoveredPerson) -> str:
    return _classed(person.parties, _PARTIES)


def _contacts(person: CoveredPerson) -> str:
    return _classed(person.contacts, _CONTACTS)


def _half_year(person: CoveredPerson) -> str:
    return f"{person.since.year}-{1 if person.since.month <= 6 else 2}"


_SELF = MappingProxyType(dict[str, tuple[str, str]]())
VARIABLES: Final = (
    Variable(
        "off_benefit",
        "Aus vollem Bezug",
        (
            "am letzten Tag nicht mehr ausschließlich im Leistungsbezug, nachdem es so war",
            "on the last day no longer on benefits alone, after having been so",
        ),
        _off_benefit,
        {"yes": ("ja", "yes"), "no": ("nein, oder nicht festgehalten", "no, or not recorded")},
    ),
    Variable(
        "age",
        "Alter",
        (
            "Alter im Jahr der ersten Vereinbarung, in Jahren",
            "age in the year of the first agreement, in years",
        ),
        _age,
        {"unknown": ("nicht festgehalten", "not recorded")},
    ),
    Variable(
        "parties",
        "Personen in der Vereinbarung",
        ("Personen in der Vereinbarung", "persons in the agreement"),
        _parties,
        _SELF,
    ),
    Variable(
        "contacts", "Einzelkontakte des Falles", ("Einzelkontakte des Falles", "contacts of the case"), _contacts, _SELF
    ),
    Variable(
        "concluded",
        "Halbjahr des Abschlusses",
        ("Halbjahr der ersten Vereinbarung (Jahr-Halbjahr)", "half-year of the first agreement (year-half)"),
        _half_year,
        _SELF,
    ),
)
"""The columns, those first that matter most: they are hidden last."""


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """A person by a pseudonym, with a code or HIDDEN for each of VARIABLES."""

    pseudonym: str
    codes: tuple[str, ...]


def evaluation_rows(persons: Sequence[CoveredPerson], key: bytes) -> tuple[EvaluationRow, ...]:
    """The rows in the order of their pseudonyms, which says nothing; none when there are fewer than five persons.

    A pseudonym is made of the person's id and the key (HMAC-SHA-256): without the key nobody can tell the person, nor
    that two exports speak of the same one.
    """
    codes = shown([tuple(variable.code_of(person) for variable in VARIABLES) for person in persons])
    rows = (
        EvaluationRow(_pseudonym(person.person_id, key), told) for person, told in zip(persons, codes, strict=False)
    )
    return tuple(sorted(rows, key=lambda row: row.pseudonym))


def _pseudonym(person_id: str, key: bytes) -> str:
    return hmac.new(key, person_id.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM_LETTERS]
