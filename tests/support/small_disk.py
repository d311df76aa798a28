"""A program for a mount namespace of its own: the API while its disk fills up, or after it became read-only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from docservice.client import ApiClient
from tests.support.live_api import live_api, miller


def while_full(folder: Path) -> dict[str, object]:
    """What the API answers while its disk is full and once there is room again; how a bundle that waited has ended."""
    with live_api(folder) as api:
        case_id, bundle_id = api.new_case(), api.new_bundle(api.new_case())
        fill(folder / "ballast")
        told: dict[str, object] = {"full": _answers(api.client, case_id)}
        (folder / "ballast").unlink()
        told["freed"] = _answers(api.client, case_id)
        api.run_jobs()
        bundle = api.client.get(f"/api/v1/bundles/{bundle_id}").json
        return {**told, "bundle": bundle["state"]}


def once_read_only(folder: Path) -> dict[str, object]:
    """What the API answers before its disk became read-only, and after the next start."""
    with live_api(folder) as api:
        case_id = api.new_case()
        before = _answers(api.client, case_id)
        for command in (["--bind", str(folder), str(folder)], ["-o", "remount,ro,bind", str(folder)]):
            subprocess.run(["mount", *command], check=True, timeout=10)
        api.services.database.close()  # files that are open stay writable; a start opens them anew
        return {"before": before, "read-only": _answers(api.client, case_id)}


def _answers(client: ApiClient, case_id: str) -> dict[str, object]:
    """Status and, of a problem, its code and details, by what was asked for."""
    requests = {
        "case": ("POST", "/api/v1/cases", miller()),
        "bundle": ("POST", f"/api/v1/cases/{case_id}/bundles", {"languages": ["de"]}),
        "look": ("GET", f"/api/v1/cases/{case_id}", None),
    }
    found: dict[str, object] = {}
    for name, (method, address, body) in requests.items():
        answer = client.request(method, address, body)
        problem = answer.headers["content-type"] == "application/problem+json"
        found[name] = [answer.status, *([answer.json["code"], answer.json["en"]["detail"]] if problem else [])]
    return found


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1 << 9, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


if __name__ == "__main__":
    print(json.dumps({"full": while_full, "read-only": once_read_only}[sys.argv[1]](Path(sys.argv[2]))))
