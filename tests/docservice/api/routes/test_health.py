"""Live says that the process answers; ready says which part it cannot reach."""

from __future__ import annotations

from pathlib import Path

from docservice.api.probes import probes_of
from docservice.bootstrap import build
from docservice.storage.service import open_store
from tests.support.failing_store import FailingStore
from tests.support.live_api import live_api, settings_in
from tests.support.services import valkey_server


def test_a_store_that_is_full_is_not_ready_and_one_that_is_ready_keeps_nothing_of_the_question(tmp_path: Path) -> None:
    store = FailingStore(open_store((tmp_path / "blobs").as_uri()))
    services = build(settings_in(tmp_path), blobs=store)
    with valkey_server() as broker, live_api(tmp_path, services, probes_of(services, broker)) as api:
        assert api.stranger.request("GET", "/api/v1/health/ready").status == 200
        assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
        store.code = "disk_full"
        ready = api.stranger.request("GET", "/api/v1/health/ready")
    assert (ready.status, ready.json["parts"]) == (503, {"database": "ok", "blobs": "unreachable", "broker": "ok"})


def test_ready_follows_the_broker_and_live_does_not(tmp_path: Path) -> None:
    services = build(settings_in(tmp_path))
    with valkey_server() as broker, live_api(tmp_path, services, probes_of(services, broker)) as api:
        ready = api.stranger.request("GET", "/api/v1/health/ready")
        assert (ready.status, ready.json["status"]) == (200, "ok")
        assert ready.json["parts"] == {"database": "ok", "blobs": "ok", "broker": "ok"}

    services = build(settings_in(tmp_path / "second"))
    (tmp_path / "second").mkdir(exist_ok=True)
    with live_api(tmp_path / "second", services, probes_of(services, broker)) as api:
        ready = api.stranger.request("GET", "/api/v1/health/ready")
        assert (ready.status, ready.json["status"]) == (503, "unavailable")
        assert ready.json["parts"] == {"database": "ok", "blobs": "ok", "broker": "unreachable"}
        assert ready.headers["retry-after"]
        live = api.stranger.request("GET", "/api/v1/health/live")
        assert (live.status, live.json) == (200, {"status": "ok"})
