"""One click, one bundle: on every database, however many arrive at the same moment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder
from docservice.db.events import SubjectKind
from docservice.db.idempotency import Idempotency
from docservice.domain.errors import Conflict
from tests.support.actors import SOMEBODY
from tests.support.fixtures import load_case
from tests.support.live_api import settings_in

CLICKS = 12
ORDER = BundleOrder(("de", "ru"))


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    services = build(dataclasses.replace(settings_in(tmp_path), database_url=database_url))
    yield services
    services.close()


def test_the_same_key_at_the_same_moment_is_one_bundle(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    at_once = Barrier(CLICKS)

    def click(_: int) -> str:
        at_once.wait(timeout=30)
        return services.bundles.request(SOMEBODY, case_id, ORDER, Idempotency("desk", case_id, "a" * 64)).bundle_id

    with ThreadPoolExecutor(CLICKS) as pool:
        (bundle_id,) = set(pool.map(click, range(CLICKS)))
    with services.database.reading() as tx:
        assert [bundle.id for bundle in tx.bundles.list_unfinished() if bundle.case_id == case_id] == [bundle_id]
        assert len(tx.documents.of_bundle(bundle_id)) == 3
        assert [event.name for event in tx.events.after(SubjectKind.BUNDLE, bundle_id)] == ["bundle.queued"]


def test_the_same_key_for_two_orders_at_the_same_moment_is_one_bundle_and_refusals(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    at_once = Barrier(CLICKS)

    def click(number: int) -> str:
        at_once.wait(timeout=30)
        try:
            body = ("a" if number % 2 else "b") * 64
            return services.bundles.request(SOMEBODY, case_id, ORDER, Idempotency("desk", case_id, body)).bundle_id
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(CLICKS) as pool:
        made = list(pool.map(click, range(CLICKS)))
    assert made.count("idempotency_key_reused") == CLICKS // 2
    assert len(set(made)) == 2


def test_orders_of_a_case_at_the_same_moment_are_numbered_without_gap_or_double(services: Services) -> None:
    case_id = services.cases.create(SOMEBODY, load_case("01-miller")).case_id
    with ThreadPoolExecutor(CLICKS) as pool:
        made = list(pool.map(lambda _: services.bundles.request(SOMEBODY, case_id, ORDER), range(CLICKS)))
    assert sorted(view.documents[0].revision for view in made) == list(range(1, CLICKS + 1))
