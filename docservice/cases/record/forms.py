"""Entries and periods as they are kept: like cases, what was kept once is read for ever (see `cases/snapshots`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from docservice.cases.structure import read_kept
from docservice.db.record.entries import EntryRecord
from docservice.db.record.persons import PeriodRecord
from docservice.domain.cases import AgreementTerms, Annex, HelpPlan
from docservice.domain.record.entries import Assessment, Breach, Contact, PlannedAppointment
from docservice.domain.record.periods import BenefitPeriod, FormerName, LegalStatusPeriod, PersonPeriod, Topic
from docservice.domain.record.subjects import Subject

CURRENT: Final = 2
"""The version that is written today; every change of one of these records makes the next one."""

Json = Mapping[str, Any]
Entry = AgreementTerms | Annex | HelpPlan | Assessment | PlannedAppointment | Contact | Breach

ENTRIES: Final[Mapping[Subject, type[Entry]]] = MappingProxyType(
    {
        Subject.AGREEMENT: AgreementTerms,
        Subject.ANNEX: Annex,
        Subject.HELP_PLAN: HelpPlan,
        Subject.ASSESSMENT: Assessment,
        Subject.APPOINTMENT: PlannedAppointment,
        Subject.CONTACT: Contact,
        Subject.BREACH: Breach,
    }
)
"""What the entries of each subject say."""
PERIODS: Final[Mapping[Topic, type[PersonPeriod]]] = MappingProxyType(
    {Topic.BENEFIT: BenefitPeriod, Topic.LEGAL_STATUS: LegalStatusPeriod, Topic.NAME: FormerName}
)
"""What the periods of each topic say."""


def _to_2(entry: Json) -> Json:
    """No measure named a partner."""
    return entry


_UPCASTERS: Final[Mapping[int, Callable[[Json], Json]]] = {1: _to_2}
"""By version: what makes the next version of it. An entry never changes once it is released."""


def read_entry(record: EntryRecord) -> Entry:
    """What a kept entry says; DocserviceError when a later release wrote it, or when it is damaged."""
    return read_kept(ENTRIES[record.subject], record.form, record.data, CURRENT, _UPCASTERS)


def read_period(record: PeriodRecord) -> PersonPeriod:
    """What a kept period says; DocserviceError when a later release wrote it, or when it is damaged."""
    return read_kept(PERIODS[record.topic], record.form, record.data, CURRENT, _UPCASTERS)
