"""Cases as they are kept: what was accepted once is read for ever, whatever the intake asks for today.

Each row says in which version of the stored form its case stands. A case of an older version is brought forward one
version at a time; then the record of the domain is built by its form alone, without a rule of the intake. Kept rows
are never rewritten: a bundle's snapshot stays byte for byte what its hash is of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from docservice.cases.structure import read_kept
from docservice.domain.cases import Case

CURRENT: Final = 4
"""The version that is written today: what `intake.case_to_json` makes of the `Case` of this release.

Every change of that form makes the next version and an entry in `_UPCASTERS` (see docs/decisions/0025)."""

Json = Mapping[str, Any]


def load(version: int, data: Json) -> Case:
    """The case of a stored form of any version up to `CURRENT`.

    Fields that no longer exist are passed over, fields that did not exist yet are empty. DocserviceError
    "stored_case_newer" for a version that a later release wrote, "stored_case_unreadable" for what is no case.
    """
    return read_kept(Case, version, data, CURRENT, _UPCASTERS)


def _to_2(case: Json) -> Json:
    """Unknown parts of a birth date were kept as zeros ("1984-00-00", even "1984-00-15"), if they came so."""
    persons = case.get("persons")
    if not isinstance(persons, list):
        return case
    return {**case, "persons": [_with_known_birth(person) for person in persons]}


def _with_known_birth(person: Any) -> Any:
    born = person.get("birth_date") if isinstance(person, Mapping) else None
    if not isinstance(born, str):
        return person
    known, _, _ = born.partition("-00")
    return {**person, "birth_date": known}


def _to_3(case: Json) -> Json:
    """Steps, goals and measures did not say where they come from and how far they are."""
    return case


def _to_4(case: Json) -> Json:
    """No plan was compared with the one before it, and no measure named a partner."""
    return case


_UPCASTERS: Final[Mapping[int, Callable[[Json], Json]]] = {1: _to_2, 2: _to_3, 3: _to_4}
"""By version: what makes the next version of it. An entry never changes once it is released."""
