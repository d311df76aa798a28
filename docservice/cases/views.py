"""What a kept case looks like from outside: these are the answers of the API, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docservice.cases.intake import case_to_json
from docservice.cases.notices import notices
from docservice.cases.snapshots import load
from docservice.db.cases import CaseRecord, CaseSummary
from docservice.domain.notices import Notice


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as kept; `case` has the form in which cases are handed in today. `revision` starts at 1 and grows with
    every change. `warnings` stand in the way of nothing, and are told until the case names their codes in
    `confirmed_warnings`."""

    case_id: str
    revision: int
    created_at: datetime
    updated_at: datetime
    case: dict[str, Any]
    warnings: tuple[Notice, ...]

    @classmethod
    def of(cls, record: CaseRecord) -> CaseView:
        case = load(record.snapshot_version, record.data)
        return cls(
            case_id=record.id,
            revision=record.revision,
            created_at=record.created_at,
            updated_at=record.updated_at,
            case=case_to_json(case),
            warnings=notices(case),
        )


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A case in a list; `case` is its address."""

    case_id: str
    revision: int
    case_number: str
    created_at: datetime
    updated_at: datetime
    case: str

    @classmethod
    def of(cls, row: CaseSummary) -> CaseEntry:
        return cls(row.id, row.revision, row.case_number, row.created_at, row.updated_at, row.id)
