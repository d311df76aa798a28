"""What the worker program offers."""

from __future__ import annotations

from pathlib import Path

from docservice.bootstrap import build
from docservice.settings import Settings
from workers import archive, bundles, scans
from workers.app import create_app


def test_every_task_of_the_service_has_a_name_at_the_broker(tmp_path: Path) -> None:
    """A job whose name no worker knows would wait for ever."""

    def run(job_id: str) -> None:
        raise AssertionError("nothing is sent")

    services = build(Settings.from_environment({"DOCSERVICE_DATA_DIR": str(tmp_path)}))
    app = create_app("memory://")
    for room in (archive, bundles, scans):
        room.register(app, run)
    assert set(services.handlers) <= set(app.tasks)
    services.close()
