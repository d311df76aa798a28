"""Live says that the process answers; ready says which part it cannot reach."""

from __future__ import annotations

from pathlib import Path

from docservice.api.probes import probes_of
from docservice.bootstrap import build
from tests.support.live_api import live_api, settings_in
from tests.support.services import valkey_server


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
