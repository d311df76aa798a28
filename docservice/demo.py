"""The main job from nothing, once: start everything, make one family's bundle through the API, show what was made."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docservice.client import ApiClient
from docservice.domain.errors import DocserviceError
from docservice.embedded import EmbeddedStack
from docservice.settings import PROJECT, Settings

_CASE = PROJECT / "fixtures" / "cases" / "01-miller.json"
_LANGUAGES = ["de", "ru"]


@dataclass
class _Demo:
    """Where the files go, and how long each step took."""

    out: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        print(f"{name} ...", file=sys.stderr, flush=True)
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def run(keep: Path | None = None) -> int:
    """Run the demo; its files stay in `keep` or in a new folder for temporary files. 0 when all of it was made."""
    folder = Path(tempfile.mkdtemp(prefix="docservice-demo-"))
    demo = _Demo(keep.absolute() if keep else folder / "files")
    try:
        demo.out.mkdir(parents=True, exist_ok=True)
        settings = Settings.from_environment({"DOCSERVICE_DATA_DIR": str(folder / "data"), "DOCSERVICE_PORT": "0"})
        stack = EmbeddedStack(settings)
        with demo.step("start API, relay, worker and broker"):
            stack.start()
        try:
            bundle = _make(demo, stack)
        finally:
            with demo.step("stop all of it"):
                stack.stop()
    finally:
        shutil.rmtree(folder / "data", ignore_errors=True)
        if keep:
            shutil.rmtree(folder, ignore_errors=True)
    _show(demo, bundle)
    return 0


def _make(demo: _Demo, stack: EmbeddedStack) -> Mapping[str, Any]:
    client = ApiClient(stack.url, stack.token_file.read_text("ascii").strip())
    with demo.step("hand in the case of an invented family"):
        case = client.post("/api/v1/cases", json.loads(_CASE.read_text("utf-8"))).json
    with demo.step("order its bundle and follow it until it is ready"):
        accepted = client.post(f"/api/v1/cases/{case['case_id']}/bundles", {"languages": _LANGUAGES}).json
        for event in client.events(accepted["events"]):
            print(f"  {event.name} {event.data.get('kind', '')}".rstrip(), file=sys.stderr, flush=True)
        bundle: Mapping[str, Any] = client.get(accepted["bundle"]).json
    if bundle["state"] != "ready":
        raise _not_ready(bundle)
    with demo.step("download Word, PDF and print set"):
        for document in bundle["documents"]:
            for ending in ("docx", "pdf"):
                data = _checked(client.get(document[ending]).body, document["sha256"][ending])
                (demo.out / f"{document['kind']}.{ending}").write_bytes(data)
        print_set = bundle["print_set"]
        (demo.out / "bundle.pdf").write_bytes(_checked(client.get(print_set["href"]).body, print_set["sha256"]))
    return bundle


def _checked(data: bytes, sha256: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DocserviceError(
            "digest_mismatch", "A downloaded file is not the one that was made; this must not happen."
        )
    return data


def _show(demo: _Demo, bundle: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    made = Table("file", "pages", "bytes", "sha256", "to be signed by", title="What was made (German and Russian)")
    for document in bundle["documents"]:
        for ending in ("docx", "pdf"):
            name = f"{document['kind']}.{ending}"
            pages, signers = "", ""
            if ending == "pdf":
                pages = str(document["pages"])
                signers = "\n".join(f"{zone['signer']} (p. {zone['page']})" for zone in document["signature_zones"])
            size = (demo.out / name).stat().st_size
            made.add_row(name, pages, f"{size:,}", document["sha256"][ending][:12], signers)
    size = (demo.out / "bundle.pdf").stat().st_size
    made.add_row("bundle.pdf", "", f"{size:,}", bundle["print_set"]["sha256"][:12], "print set: city, family")
    times = Table("step", "seconds", title="How long it took")
    for name, seconds in demo.seconds.items():
        times.add_row(name, f"{seconds:.2f}")
    console = Console()
    console.print(made)
    console.print(times)
    console.print(f"The files are in {demo.out}", soft_wrap=True)


def _not_ready(bundle: Mapping[str, Any]) -> DocserviceError:
    failed = next((document for document in bundle["documents"] if document["error"]), None)
    detail = failed["error"]["detail"] if failed else f"its state is {bundle['state']}"
    detail_de = failed["error"]["detail_de"] if failed else f"der Stand ist {bundle['state']}"
    return DocserviceError(
        "demo_failed", f"The bundle was not made: {detail}", detail_de=f"Das Bündel wurde nicht fertig: {detail_de}"
    )
