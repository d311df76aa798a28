"""What a kept case looks like from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from docservice.cases.intake import case_to_json
from docservice.cases.notices import notices
from docservice.cases.snapshots import load
from docservice.db.cases import CaseRecord
from docservice.domain.cases import Case
from docservice.domain.notices import Notice


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as it stands; `revision` starts at 1 and grows with every change."""

    id: str
    revision: int
    case: Case
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, record: CaseRecord) -> CaseView:
        return cls(
            id=record.id,
            revision=record.revision,
            case=load(record.snapshot_version, record.data),
            created_at=record.created_at,
            updated_at=record.updated_at,
        )

    @property
    def data(self) -> dict[str, object]:
        """The case in the form in which cases are handed in today, whenever it was."""
        return case_to_json(self.case)

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What of the case the office should look at."""
        return notices(self.case)
