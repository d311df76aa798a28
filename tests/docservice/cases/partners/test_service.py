"""The directory of partners: what may stand in it, who changed it, and what the kinds were called when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from docservice.cases.partners.service import PartnerService
from docservice.db.events import SubjectKind
from docservice.db.idempotency import Idempotency
from docservice.db.unit_of_work import Database
from docservice.domain.dates.validity import coverage_faults
from docservice.domain.errors import Conflict, InvalidInput, NotFound
from docservice.domain.record.partners import KIND_NAMES, PartnerKind, kind_name
from tests.support.actors import SOMEBODY
from tests.support.sources import CountedIds, StatedClock

SCHOOL: dict[str, Any] = {"kind": "language_school", "name": "Sprachschule Beispiel", "languages": ["ru", "uk"]}


@pytest.fixture
def partners(tmp_path: Path) -> PartnerService:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    database.upgrade()
    return PartnerService(database, StatedClock(), CountedIds())


def test_the_directory_begins_with_the_thirteen_kinds_and_no_firm(partners: PartnerService) -> None:
    kinds = partners.kinds(SOMEBODY)
    assert list(dict.fromkeys(view.kind for view in kinds)) == list(PartnerKind)
    assert len(PartnerKind) == 13
    assert partners.partners(SOMEBODY, 10).items == ()


def test_a_kind_is_called_as_it_was_called_on_the_day() -> None:
    office = PartnerKind.EMPLOYMENT_OFFICE
    days = (date(1999, 1, 1), date(2003, 12, 31), date(2004, 1, 1), date(2004, 12, 31), date(2005, 1, 1))
    assert [kind_name(office, day).de for day in days] == [
        "Arbeitsamt",
        "Arbeitsamt",
        "Agentur für Arbeit",
        "Agentur für Arbeit",
        "Agentur für Arbeit / Jobcenter",
    ]
    for names in KIND_NAMES.values():
        assert coverage_faults(name.period for name in names) == ()
        assert names[-1].period.valid_to is None


def test_partners_are_added_found_by_kind_and_day_and_changed_with_who_did_it(partners: PartnerService) -> None:
    school = partners.add(SOMEBODY, SCHOOL)
    house = {
        "kind": "housing_company",
        "name": "Wohnbau Beispiel",
        "valid_from": "2010-01-01",
        "valid_to": "2020-12-31",
    }
    partners.add(SOMEBODY, house)
    assert [view.partner["name"] for view in partners.partners(SOMEBODY, 10).items] == [SCHOOL["name"], house["name"]]
    assert [view.partner for view in partners.partners(SOMEBODY, 10, kind=PartnerKind.HOUSING_COMPANY).items] == [house]
    assert [view.partner for view in partners.partners(SOMEBODY, 10, on=date(2021, 1, 1)).items] == [SCHOOL]
    first = partners.partners(SOMEBODY, 1)
    assert len(partners.partners(SOMEBODY, 1, first.next_cursor).items) == 1
    changed = partners.change(SOMEBODY, school.partner_id, {"phone": "0231 123"}, 1)
    assert (changed.revision, changed.partner) == (2, {**SCHOOL, "phone": "0231 123"})
    with partners.database.reading() as tx:
        told = tx.events.after(SubjectKind.PARTNER, school.partner_id)
    assert [(event.name, event.actor_id) for event in told] == [
        ("partner.added", SOMEBODY.id),
        ("partner.changed", SOMEBODY.id),
    ]


def test_nobody_overwrites_what_they_have_not_seen_and_a_key_adds_once(partners: PartnerService) -> None:
    key = Idempotency("somebody /partners", "1", "0" * 64)
    school = partners.add(SOMEBODY, SCHOOL, key)
    assert partners.add(SOMEBODY, SCHOOL, key) == school
    partners.change(SOMEBODY, school.partner_id, {"phone": "1"}, 1)
    with pytest.raises(Conflict) as stale:
        partners.change(SOMEBODY, school.partner_id, {"phone": "2"}, 1)
    assert stale.value.code == "stale_revision"
    with pytest.raises(NotFound):
        partners.get(SOMEBODY, "0" * 20)


@pytest.mark.parametrize(
    ("payload", "faults"),
    [
        ({}, {"kind", "name"}),
        ({**SCHOOL, "kind": "bank", "languages": ["??"], "Adresse": "x"}, {"case", "kind", "languages[0]"}),
        ({**SCHOOL, "valid_from": "2027-02-30"}, {"valid_from"}),
        ({**SCHOOL, "valid_from": "2027-02-01", "valid_to": "2027-01-31"}, {"valid_to"}),
        ([], {"case"}),
    ],
)
def test_every_fault_of_a_partner_is_told_at_once(partners: PartnerService, payload: object, faults: set[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        partners.add(SOMEBODY, payload)
    assert {fault.path for fault in refused.value.faults} == faults
    assert all(fault.de and fault.en for fault in refused.value.faults)
