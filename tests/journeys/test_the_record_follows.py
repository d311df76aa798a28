"""The record says how far a paper is: ordered, back with its signatures, corrected and signed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from docservice.archive.verify import State, verify_package
from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder, read_order
from docservice.domain.kinds import Kind
from docservice.domain.record.subjects import Subject
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.fixtures import load_case
from tests.support.live_api import settings_in
from tests.support.release_fixture import accept, hand_in, work
from tests.support.sources import StatedClock

pytestmark = pytest.mark.timeout(240)

GERMAN = BundleOrder(languages=("de",))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    clock = StatedClock(datetime(2026, 12, 10, 9, 0, tzinfo=UTC))
    services = build(settings_in(tmp_path), templates=library(), clock=clock)
    services.database.upgrade()
    yield services
    services.close()


def states(services: Services, case_id: str) -> list[tuple[str, int, int, str]]:
    """All papers with all their editions."""
    with services.database.reading() as tx:
        entries = tx.entries.of_case(case_id, (Subject.AGREEMENT, Subject.ANNEX), editions=True)
    return [(each.subject.value, each.number, each.edition, each.state.value) for each in entries]


def sign(services: Services, case_id: str) -> None:
    """Order the bundle; its agreement is signed, scanned, and accepted."""
    bundle_id = services.bundles.request(SOMEBODY, case_id, GERMAN).bundle_id
    work(services)
    documents = services.bundles.get(SOMEBODY, bundle_id).documents
    hand_in(services, next(document for document in documents if document.kind is Kind.AGREEMENT))
    accept(services)


def test_what_comes_back_signed_is_signed_and_so_is_its_correction(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("06-sommer")).case_id
    assert states(services, case_id) == [("agreement", 1, 1, "draft"), ("annex", 1, 1, "draft")]
    sign(services, case_id)
    assert states(services, case_id) == [("agreement", 1, 1, "signed"), ("annex", 1, 1, "printed")]
    signed = services.records.get(SOMEBODY, case_id, Subject.AGREEMENT, 1)
    assert signed.effective_on == signed.day

    revision = services.cases.get(SOMEBODY, case_id).revision
    services.cases.change(SOMEBODY, case_id, {"agreement": {"place": "Lünen"}}, revision)
    sign(services, case_id)
    assert states(services, case_id) == [
        ("agreement", 1, 1, "ended"),
        ("agreement", 1, 2, "signed"),
        ("annex", 1, 1, "printed"),
    ]
    with services.database.reading() as tx:
        moved = [
            (each.data["edition"], each.data["before"], each.data["state"], each.actor_id is not None)
            for each in tx.events.of_case(case_id)
            if each.name == "entry.moved" and each.data["subject"] == "agreement"
        ]
    assert moved == [
        (1, "draft", "generated", True),
        (1, "generated", "printed", True),
        (1, "printed", "signed", True),
        (2, "draft", "generated", True),
        (2, "generated", "printed", True),
        (2, "printed", "signed", True),
        (1, "signed", "ended", True),
    ]


def test_what_one_of_two_has_signed_is_partly_signed_until_the_other_has(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("06-sommer")).case_id
    bundle_id = services.bundles.request(SOMEBODY, case_id, GERMAN).bundle_id
    work(services)
    documents = services.bundles.get(SOMEBODY, bundle_id).documents
    agreement = next(document for document in documents if document.kind is Kind.AGREEMENT)
    hand_in(services, replace(agreement, signature_zones=agreement.signature_zones[:1]))
    assert states(services, case_id)[0] == ("agreement", 1, 1, "partially_signed")
    hand_in(services, agreement)
    accept(services)
    assert states(services, case_id)[0] == ("agreement", 1, 1, "signed")


def test_a_page_that_nobody_signs_is_known_kept_and_archived_and_nobody_is_asked(
    services: Services, tmp_path: Path
) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    services.records.draft_plan(SOMEBODY, case_id, {"created_jointly_on": "2027-06-03"})
    order = read_order({"documents": [{"kind": "plan_changes"}], "languages": ["de", "ru"]})
    bundle_id = services.bundles.request(SOMEBODY, case_id, order).bundle_id
    work(services)
    (page,) = services.bundles.get(SOMEBODY, bundle_id).documents
    hand_in(services, page)
    with services.database.reading() as tx:
        returned = tx.scan_documents.get(page.document_id)
        (attached,) = tx.attachments.some_of_case(case_id, 10)
        archive_id = tx.archive.ids_of([attached.id])[attached.id]
    assert returned is not None
    assert (returned.state.value, returned.zones) == ("accepted", ())
    assert services.reviews.list(SOMEBODY, 10).reviews == ()
    package = tmp_path / "package.zip"
    package.write_bytes(services.vault.get(services.archive.package_file(SOMEBODY, archive_id).key))
    assert verify_package(package).state is State.INTACT
