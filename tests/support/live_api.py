"""The real API on a loopback port with real parts in a private folder; jobs run when the test says so."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docservice.api.app import create_app
from docservice.api.events import Pace
from docservice.api.probes import Probe
from docservice.api.server import ApiServer
from docservice.bootstrap import Services, build
from docservice.client import ApiClient
from docservice.jobs.runner import JobRunner
from docservice.settings import PROJECT, Settings
from docservice.tools.logs import json_logger
from tests.support.actors import SOMEBODY
from tests.support.content import library
from tests.support.wait import wait_until

CASES = PROJECT / "fixtures" / "cases"
QUICK = Pace(look_seconds=0.02, heartbeat_seconds=0.3, longest_seconds=20)


@dataclass(frozen=True, slots=True)
class LiveApi:
    """A running API: its parts, a client with a valid token, and what it has logged so far."""

    services: Services
    url: str
    client: ApiClient
    token: str
    log: io.StringIO
    runner: JobRunner

    @property
    def stranger(self) -> ApiClient:
        """A client without a token."""
        return ApiClient(self.url, None)

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def run_jobs(self) -> int:
        """Do all jobs that are due, as a worker would; how many there were."""
        done = 0
        while jobs := self.services.jobs.due():
            for job in jobs:
                self.runner.run(job.id)
                done += 1
        return done

    def new_case(self, payload: object | None = None) -> str:
        """Hand in a case (the Miller family by default); its id."""
        return str(self.client.post("/api/v1/cases", miller() if payload is None else payload).json["case_id"])

    def new_bundle(self, case_id: str, order: object | None = None, key: str | None = None) -> str:
        """Order a bundle (German and Russian by default); its id."""
        headers = {"Idempotency-Key": key} if key else {}
        order = {"languages": ["de", "ru"]} if order is None else order
        return str(self.client.post(f"/api/v1/cases/{case_id}/bundles", order, headers).json["bundle_id"])

    def finished(self, bundle_id: str) -> dict[str, Any]:
        """The bundle once it is finished; its jobs are done as they fall due."""

        def look() -> dict[str, Any] | None:
            self.run_jobs()
            bundle: dict[str, Any] = self.client.get(f"/api/v1/bundles/{bundle_id}").json
            return bundle if bundle["finished_at"] else None

        bundle = wait_until(look, 60, "the bundle being finished", pause=0.1)
        assert bundle is not None
        return bundle


@contextmanager
def live_api(
    folder: Path, services: Services | None = None, probes: Mapping[str, Probe] | None = None, pace: Pace = QUICK
) -> Iterator[LiveApi]:
    """Serve `services` (by default all real parts on `folder`) until the block ends."""
    services = services or build(settings_in(folder), templates=library())
    services.database.upgrade()
    log = io.StringIO()
    token = services.accounts.create(SOMEBODY, "test")
    app = create_app(services, probes or {"database": services.database.version}, json_logger(log), pace)
    try:
        with ApiServer(app, "127.0.0.1", 0) as server:
            runner = JobRunner(services.jobs, services.tasks, "test")  # one for all jobs, as a worker has
            yield LiveApi(services, server.url, ApiClient(server.url, token), token, log, runner)
    finally:
        services.close()


def settings_in(folder: Path) -> Settings:
    """The default settings, with all data in `folder`."""
    return replace(Settings.from_environment({"DOCSERVICE_DATA_DIR": str(folder)}), port=0)


def miller() -> dict[str, Any]:
    """The case file of the Miller family."""
    payload: dict[str, Any] = json.loads((CASES / "01-miller.json").read_text("utf-8"))
    return payload


def whole_scan(client: ApiClient, address: str) -> dict[str, Any]:
    """What the service says of an upload, with all its pages."""
    told: dict[str, Any] = client.get(address).json
    return told | {"pages": client.listed(f"{address}/pages", "pages")}
