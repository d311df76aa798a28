"""What the directory of partners looks like from outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from docservice.cases.intake import record_to_json
from docservice.cases.structure import read_kept
from docservice.db.record.partners import PartnerRecord
from docservice.domain.record.partners import KIND_NAMES, Partner, PartnerKind

FORM = 1
"""The version of the stored form that is written today; every change of `Partner` makes the next one."""


@dataclass(frozen=True, slots=True)
class PartnerView:
    """A partner as it stands; `revision` starts at 1 and grows with every change. `partner` is what is said of it, in
    the form in which it is handed in."""

    partner_id: str
    revision: int
    created_at: datetime
    updated_at: datetime
    partner: dict[str, Any]

    @classmethod
    def of(cls, record: PartnerRecord) -> PartnerView:
        said = record_to_json(partner_of(record))
        return cls(record.id, record.revision, record.created_at, record.updated_at, said)


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of partner and what it is called from one day to another; no end when `valid_to` is null."""

    kind: PartnerKind
    name: str
    name_en: str
    valid_from: date
    valid_to: date | None


def partner_of(record: PartnerRecord) -> Partner:
    """What a kept row says; DocserviceError when a later release wrote it, or when it is damaged."""
    return read_kept(Partner, record.form, record.data, FORM)


def kind_views() -> tuple[KindView, ...]:
    """All kinds with all their names, in the order of the model's report."""
    return tuple(
        KindView(kind, name.de, name.en, name.period.valid_from, name.period.valid_to)
        for kind, names in KIND_NAMES.items()
        for name in names
    )
