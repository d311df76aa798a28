"""What somebody who searches is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from docservice.cases.views import CaseEntry
from docservice.db.cases import CaseSummary
from docservice.db.record.search import FoundPerson


@dataclass(frozen=True, slots=True)
class PersonHit:
    """Somebody of a case that was found, as its file names them now; `left_on` is the day on which it no longer did."""

    name: str
    person_id: str
    family_name: str | None
    given_names: str | None
    birth_date: str | None
    left_on: date | None

    @classmethod
    def of(cls, found: FoundPerson) -> PersonHit:
        return cls(
            name=found.name,
            person_id=found.person_id,
            family_name=found.family_name,
            given_names=found.given_names,
            birth_date=found.birth_date,
            left_on=found.left_on,
        )


@dataclass(frozen=True, slots=True)
class CaseHit(CaseEntry):
    """A case that was found, and who belongs or belonged to it, in the order of its file."""

    persons: tuple[PersonHit, ...]

    @classmethod
    def found(cls, case: CaseSummary, persons: tuple[PersonHit, ...]) -> CaseHit:
        return cls(case.id, case.revision, case.case_number, case.created_at, case.updated_at, case.id, persons)
