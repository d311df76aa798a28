"""A file store that is away for long: what was ordered waits, is told, and is made when the store is back."""

from __future__ import annotations

import io
import json
import socket
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from docservice.bootstrap import Services, build
from docservice.bundles.orders import BundleOrder
from docservice.db.unit_of_work import Database
from docservice.domain.errors import Outage
from docservice.domain.sources import RandomIds, SystemClock
from docservice.domain.states import BundleState
from docservice.jobs.runner import JobRunner, Outcome
from docservice.jobs.service import JobService
from docservice.storage.service import open_store
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.failing_store import FailingStore
from tests.support.fixtures import load_case
from tests.support.live_api import settings_in
from tests.support.sources import StatedClock
from workers.process import WorkerProcess


@pytest.fixture
def clock() -> StatedClock:
    return StatedClock()


@pytest.fixture
def store(tmp_path: Path) -> FailingStore:
    return FailingStore(open_store((tmp_path / "blobs").as_uri()))


@pytest.fixture
def services(tmp_path: Path, store: FailingStore, clock: StatedClock) -> Iterator[Services]:
    services = build(settings_in(tmp_path), templates=library(), blobs=store, clock=clock)
    services.database.upgrade()
    yield services
    services.close()


@pytest.mark.parametrize("code", ["storage_unavailable", "disk_full", "storage_read_only"])
def test_a_bundle_waits_for_as_long_as_its_files_cannot_be_kept(
    services: Services, store: FailingStore, clock: StatedClock, code: str
) -> None:
    case = services.cases.create(SOMEBODY, load_case("01-miller"))
    bundle_id = services.bundles.request(SOMEBODY, case.case_id, BundleOrder(("de",))).bundle_id
    (job,) = services.jobs.due()
    runner = JobRunner(services.jobs, services.tasks, "me")
    store.code = code
    for _ in range(6):  # twice as often as a job or a document is tried
        assert runner.run(job.id) is Outcome.WAITING
        assert services.bundles.get(SOMEBODY, bundle_id).state is BundleState.RENDERING
        clock.advance(timedelta(minutes=1))
    store.code = None
    assert runner.run(job.id) is Outcome.DONE
    bundle = services.bundles.get(SOMEBODY, bundle_id)
    assert (bundle.state, {document.error for document in bundle.documents}) == (BundleState.READY, {None})
    told = [(event.name, event.data) for event in services.bundles.events(SOMEBODY, bundle_id)]
    assert [data for name, data in told if name == "bundle.waiting"] == [{"code": code}]


def test_a_bucket_nobody_answers_for_is_told_before_others_have_waited_long(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        keys = {"endpoint": f"http://127.0.0.1:{unused.getsockname()[1]}", "region": "us-east-1"}
        away = open_store("s3://docservice", options=keys | {"access_key_id": "a", "secret_access_key": "b"})
        start = time.monotonic()
        with pytest.raises(Outage) as told:
            away.put("bundles/a/b.pdf", b"%PDF")
    assert told.value.code == "storage_unavailable"
    assert time.monotonic() - start < 15  # the client's own habit is three minutes


def test_a_worker_says_in_one_line_that_the_database_is_away(tmp_path: Path, process_log: io.StringIO) -> None:
    database = Database(f"sqlite:///{tmp_path / 'missing' / 'docservice.sqlite'}")
    jobs = JobService(database, SystemClock().now, RandomIds().new)
    WorkerProcess(lambda: nullcontext(JobRunner(jobs, [], "me"))).run("some-job")
    database.close()
    (line,) = [json.loads(line) for line in process_log.getvalue().splitlines()]
    assert (line["event"], line["job"], line["code"]) == ("job_left", "some-job", "database_read_only")
