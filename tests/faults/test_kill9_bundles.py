"""Sixty bundles while worker, relay and broker are killed -9 at random moments: each is made once, and stays so."""

from __future__ import annotations

import hashlib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder
from docservice.domain.states import BundleState
from docservice.settings import Settings
from tests.support.actors import SOMEBODY
from tests.support.fixtures import load_case
from tests.support.parts import Broker, Part
from tests.support.programs import short_folder
from tests.support.wait import wait_until

BUNDLES = 60


@pytest.fixture
def stack() -> Iterator[tuple[Services, Broker, Part, Part]]:
    """The embedded installation as parts that can be killed: broker, relay, worker."""
    with short_folder() as folder:
        broker = Broker(folder)
        environment = {
            "DOCSERVICE_DATA_DIR": str(folder),
            "DOCSERVICE_BROKER_URL": broker.url,
            "DOCSERVICE_WARM_UP": "no",
        }
        relay = Part("relay", [sys.executable, "-m", "workers.relay"], folder, environment)
        worker = Part("worker", [sys.executable, "-m", "workers.worker"], folder, environment)
        services = build(Settings.from_environment(environment))
        services.database.upgrade()
        try:
            for part in (broker, relay, worker):
                part.start()
            yield services, broker, relay, worker
        finally:
            for part in (worker, relay, broker):
                part.kill()
            services.close()


@pytest.mark.extra
@pytest.mark.timeout(240)
def test_sixty_bundles_survive_kill_9_of_everything(stack: tuple[Services, Broker, Part, Part]) -> None:
    services, broker, relay, worker = stack
    chance = random.Random(20261203)
    faults: list[Callable[[], None]] = [
        lambda: _again(worker),
        lambda: _again(relay),
        lambda: _again(broker),
        lambda: _empty(broker),
        lambda: _again(worker, relay),
    ]
    case = services.cases.create(SOMEBODY, load_case("06-sommer"))
    first = services.bundles.request(SOMEBODY, case.case_id, BundleOrder(("de",))).bundle_id
    wait_until(
        lambda: services.bundles.get(SOMEBODY, first).state is BundleState.READY,
        60,
        "the worker making its first bundle",
    )

    ordered = [first]
    for fault in chance.sample(faults, len(faults)):
        ordered += [services.bundles.request(SOMEBODY, case.case_id, BundleOrder(("de",))).bundle_id for _ in range(12)]
        time.sleep(chance.uniform(0.0, 1.0))
        fault()

    wait_until(lambda: not _unfinished(services), 180, "all bundles being finished", pause=0.2)
    _all_made_once(services, ordered)
    before = _stored_bytes(services, ordered)
    assert before == _stored_bytes(services, ordered)
    assert relay.runs
    assert worker.runs


def _again(*parts: Part) -> None:
    for part in parts:
        part.kill()
    for part in parts:
        part.start()


def _empty(broker: Broker) -> None:
    broker.kill()
    broker.delete_data()
    broker.start()


def _unfinished(services: Services) -> bool:
    with services.database.reading() as tx:
        return bool(tx.bundles.list_unfinished())


def _all_made_once(services: Services, ordered: list[str]) -> None:
    assert len(set(ordered)) == BUNDLES + 1
    for bundle_id in ordered:
        view = services.bundles.get(SOMEBODY, bundle_id)
        assert view.state is BundleState.READY, [document.error for document in view.documents]
        told = Counter(event.name for event in services.bundles.events(SOMEBODY, bundle_id))
        assert (told["document.ready"], told["bundle.ready"]) == (3, 1)


def _stored_bytes(services: Services, ordered: list[str]) -> dict[str, str]:
    """The hash of every stored file as read now, each checked against the hash that was recorded when it was made."""
    found = {}
    for bundle_id in ordered:
        view = services.bundles.get(SOMEBODY, bundle_id)
        files = [
            services.bundles.content(SOMEBODY, document.document_id, file_format)
            for document in view.documents
            for file_format in ("docx", "pdf")
        ]
        for file in (*files, services.bundles.print_set(SOMEBODY, bundle_id)):
            found[file.key] = hashlib.sha256(services.blobs.get(file.key)).hexdigest()
            assert found[file.key] == file.sha256
    return found
