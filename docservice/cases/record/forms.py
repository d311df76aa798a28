"""Entries and periods as they are kept: like cases, what was kept once is read for ever (see `cases/snapshots`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from docservice.cases.structure import Unfit, record_of
from docservice.db.record.entries import EntryRecord
from docservice.db.record.persons import PeriodRecord
from docservice.domain.cases import AgreementTerms, Annex, HelpPlan
from docservice.domain.errors import DocserviceError
from docservice.domain.record.entries import Assessment, Breach, Contact, PlannedAppointment
from docservice.domain.record.periods import BenefitPeriod, FormerName, LegalStatusPeriod, PersonPeriod, Topic
from docservice.domain.record.subjects import Subject

CURRENT: Final = 1
"""The version that is written today; every change of one of these records makes the next one."""

Entry = AgreementTerms | Annex | HelpPlan | Assessment | PlannedAppointment | Contact | Breach
Json = Mapping[str, Any]

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
_UPCASTERS: Final[Mapping[int, Callable[[Json], Json]]] = {}
"""By version: what makes the next version of it."""


def read_entry(record: EntryRecord) -> Entry:
    """What a kept entry says; DocserviceError when a later release wrote it, or when it is damaged."""
    return cast(Entry, _read(ENTRIES[record.subject], record.form, record.data))


def read_period(record: PeriodRecord) -> PersonPeriod:
    """What a kept period says; DocserviceError when a later release wrote it, or when it is damaged."""
    return cast(PersonPeriod, _read(PERIODS[record.topic], record.form, record.data))


def _read(kind: type[Any], form: int, data: Json) -> Any:
    if not 1 <= form <= CURRENT:
        raise DocserviceError.told("cases.stored_case_newer")
    for step in range(form, CURRENT):
        data = _UPCASTERS[step](data)
    try:
        return record_of(kind, data)
    except Unfit as unfit:
        raise DocserviceError.told("cases.stored_case_unreadable", path=unfit.path) from None
