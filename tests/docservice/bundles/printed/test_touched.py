"""Which printed documents a change of a case contradicts: told before it and after it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder, read_order
from docservice.bundles.printed.touched import TouchedDocument
from docservice.cases.intake import parse_case
from docservice.domain.errors import Conflict
from docservice.domain.kinds import Kind
from docservice.domain.record.periods import NameReason, Topic
from docservice.domain.record.reissue import Reason
from docservice.domain.record.subjects import Subject
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.fixtures import load_case
from tests.support.live_api import settings_in
from tests.support.sources import CountedIds, StatedClock

TYPING_ERROR, NAME_CHANGE = Reason.TYPING_ERROR, Reason.NAME_CHANGE


@pytest.fixture
def clock() -> StatedClock:
    return StatedClock()


@pytest.fixture
def services(tmp_path: Path, clock: StatedClock) -> Iterator[Services]:
    services = build(settings_in(tmp_path), templates=library(), clock=clock, ids=CountedIds())
    services.database.upgrade()
    yield services
    services.close()


def printed(services: Services, order: Mapping[str, Any] | None = None, case_id: str | None = None) -> str:
    """A case with its documents printed; its id."""
    case_id = case_id or services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    wanted = read_order(order) if order else BundleOrder(("de", "ru"))
    services.bundles.render(services.bundles.request(SOMEBODY, case_id, wanted).bundle_id)
    return case_id


def touched(
    services: Services, case_id: str, patch: Mapping[str, Any], why: NameReason | None = None, *, kept: bool = True
) -> dict[tuple[Kind, int], TouchedDocument]:
    """The documents that the change of the case file contradicts, by kind and number."""
    revision = services.cases.get(SOMEBODY, case_id).revision
    changed = services.cases.change(SOMEBODY, case_id, patch, revision, why, kept=kept)
    found = services.printed.touched(SOMEBODY, case_id, changed.before, changed.after, why)
    return {(each.kind, each.number): each for each in found}


def persons(**first: object) -> dict[str, Any]:
    """A patch of the family's first person."""
    return persons_of(load_case("01-miller"), **first)


def persons_of(file: Mapping[str, Any], **first: object) -> dict[str, Any]:
    """A patch of the first person of a case file."""
    one, *others = file["persons"]
    return {"persons": [{**one, **first}, *others]}


def test_a_name_is_in_every_document_and_what_nobody_prints_is_in_none(services: Services) -> None:
    case_id = printed(services)
    assert touched(services, case_id, persons(phone="0231 50-11111", address="Am Förderturm 12", notes="x")) == {}
    found = touched(services, case_id, persons(legal_family_name="Bergmann"), kept=False)
    assert {kind for kind, _ in found} == {Kind.AGREEMENT, Kind.ANNEX, Kind.HELP_PLAN}
    for each in found.values():
        assert each.fields == ("persons[0].legal_family_name",)
        assert each.reissue == (NAME_CHANGE, TYPING_ERROR), "nobody has said why"
        assert each.returned is None


@pytest.mark.parametrize(
    ("why", "way"), [(NameReason.TYPING_ERROR, (TYPING_ERROR,)), (NameReason.MARRIAGE, (NAME_CHANGE,))]
)
def test_the_reason_of_a_name_says_how_it_is_mended_and_is_kept_with_the_name_before(
    services: Services, why: NameReason, way: tuple[Reason, ...]
) -> None:
    case_id = printed(services)
    found = touched(services, case_id, persons(legal_family_name="Bergmann"), why)
    assert {each.reissue for each in found.values()} == {way}
    (period,) = services.persons.periods(SOMEBODY, case_id, "anna", Topic.NAME)
    assert (period.code, period.period["family_name"], period.filed) == (why.value, "Miller", False)
    assert period.valid_to is not None
    again = touched(services, case_id, persons(legal_family_name="Berger"), NameReason.TYPING_ERROR)
    assert len(again) == 3
    assert len(services.persons.periods(SOMEBODY, case_id, "anna", Topic.NAME)) == 1, "a name of no whole day is none"


def test_before_and_after_a_change_the_same_is_told_and_before_it_nothing_is_changed(services: Services) -> None:
    case_id = printed(services)
    patch = {"annex": {"next_appointment": {"phone": "0231 50-99999"}}, "agreement": {"date": "2026-12-02"}}
    with services.database.reading() as tx:
        events = len(tx.events.of_case(case_id))
    before = touched(services, case_id, patch, kept=False)
    with services.database.reading() as tx:
        assert len(tx.events.of_case(case_id)) == events
    assert services.cases.get(SOMEBODY, case_id).revision == 1
    assert touched(services, case_id, patch) == before
    assert before[Kind.ANNEX, 1].fields == ("agreement.date", "annex.next_appointment.phone")
    assert before[Kind.AGREEMENT, 1].fields == before[Kind.HELP_PLAN, 1].fields == ("agreement.date",)


def test_a_change_back_to_what_is_printed_touches_nothing(services: Services) -> None:
    case_id = printed(services)
    assert touched(services, case_id, {"annex": {"next_appointment": {"phone": "0231 50-99999"}}})
    first = load_case("01-miller")["annex"]["next_appointment"]
    assert touched(services, case_id, {"annex": {"next_appointment": {"phone": first.get("phone")}}}) == {}


def test_another_annex_leaves_the_first_one_alone(services: Services) -> None:
    case_id = printed(services)
    assert touched(services, case_id, {"annex": {"number": 2}}) == {}


def test_an_older_printed_annex_is_mended_through_the_record(services: Services) -> None:
    case_id = printed(services)
    services.records.draft_annex(SOMEBODY, case_id, {"date": "2027-01-14"})
    printed(services, {"documents": [{"kind": "annex", "number": 2}]}, case_id)
    entry = services.records.get(SOMEBODY, case_id, Subject.ANNEX, 1)
    patch = {"entry": {"next_appointment": {"phone": "0231 50-99999"}}}
    with pytest.raises(Conflict) as refused:
        services.records.change(SOMEBODY, case_id, Subject.ANNEX, 1, patch, entry.revision)
    assert refused.value.code == "entry_frozen"
    changed = services.records.change(
        SOMEBODY, case_id, Subject.ANNEX, 1, {**patch, "correction": True}, entry.revision
    )
    assert (changed.view.edition, changed.view.state.value) == (2, "draft")
    assert parse_case(services.cases.get(SOMEBODY, case_id).case).annex.number == 2
    (document,) = services.printed.touched(SOMEBODY, case_id, changed.before, changed.after)
    assert (document.kind, document.number, document.reissue) == (Kind.ANNEX, 1, (TYPING_ERROR,))
    assert document.fields == ("annex.next_appointment.phone",)
    again = services.bundles.reissue(SOMEBODY, document.document_id, TYPING_ERROR)
    services.bundles.render(again.bundle_id)
    (made,) = services.bundles.get(SOMEBODY, again.bundle_id).documents
    assert (made.kind, made.number, made.revision) == (Kind.ANNEX, 1, 2)
    assert services.records.get(SOMEBODY, case_id, Subject.ANNEX, 1).state.value == "printed"
    with services.database.reading() as tx:
        states = [each.state.value for each in tx.entries.editions(case_id, Subject.ANNEX, 1)]
    assert sorted(states) == ["printed", "printed"]


def test_a_contact_has_no_correction_and_a_correction_that_says_the_same_is_none(services: Services) -> None:
    case_id = printed(services)
    entry = services.records.get(SOMEBODY, case_id, Subject.ANNEX, 1)
    same = {"entry": {"number": 1}, "correction": True}
    assert services.records.change(SOMEBODY, case_id, Subject.ANNEX, 1, same, entry.revision).view.edition == 1
    contact = {"at": "2026-12-01T10:00+01:00", "kind": "phone"}
    services.records.add(SOMEBODY, case_id, Subject.CONTACT, contact)
    services.records.change(SOMEBODY, case_id, Subject.CONTACT, 1, {"state": "void"}, 1)
    wrong = {"entry": {"topic": "Termin"}, "correction": True}
    with pytest.raises(Conflict):
        services.records.change(SOMEBODY, case_id, Subject.CONTACT, 1, wrong, 2)


def test_a_name_that_another_case_has_changed_is_no_former_one_when_this_file_is_saved(
    services: Services, clock: StatedClock
) -> None:
    first, second = (
        services.cases.create(SOMEBODY, load_case("01-miller") | {"case_number": number}).case_id
        for number in ("2026-0001", "2026-0002")
    )
    lena = next(each for each in services.persons.members(SOMEBODY, first) if each.name == "lena")
    services.persons.identify(SOMEBODY, second, "lena", lena.person_id)
    clock.advance(timedelta(days=9))
    family = load_case("01-miller")["persons"]
    renamed = [{**each, "legal_family_name": "Sander"} if each["id"] == "lena" else each for each in family]
    touched(services, first, {"persons": renamed}, NameReason.MARRIAGE)
    clock.advance(timedelta(days=9))
    noted = [{**each, "notes": "x"} if each["id"] == "lena" else each for each in family]
    touched(services, second, {"persons": noted})
    (former,) = services.persons.periods(SOMEBODY, first, "lena", Topic.NAME)
    assert former.period["family_name"] == "Miller"
    with services.database.reading() as tx:
        known = tx.persons.get(lena.person_id)
    assert known is not None
    assert known.family_name == "Sander"


def test_a_document_that_names_somebody_who_has_left_the_case_stops_no_change(services: Services) -> None:
    case_id = printed(services)
    file = json.loads(
        json.dumps(load_case("01-miller")).replace('"responsible_person": "igor"', '"responsible_person": "anna"')
    )
    file["persons"] = [each for each in file["persons"] if each["id"] != "igor"]
    file["agreement"]["parties"] = ["anna"]
    patch = {name: file[name] for name in ("persons", "agreement", "help_plan")}
    found = touched(services, case_id, patch)
    assert (Kind.AGREEMENT, 1) in found
    assert touched(services, case_id, persons_of(file, phone="0231 50-11111")) == {}
